package engine

import (
	"math/rand/v2"
	"testing"
)

// Leaving out units that are zero in all samples changes no bits, however many
// of them there are.
func TestDenseRunKeepsBitsWithoutInactiveUnits(t *testing.T) {
	for _, c := range []struct {
		name    string
		bias    float32 // of the second layer's units; the lower, the fewer are active
		compact bool
	}{
		{"all active", 20, false}, {"few active", -2, true}, {"none active", -20, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := randomSpec(51, 4, 4, 3, []int{16}, []int{40, 37, 4})
			for i := range spec.Dense[1].Bias {
				spec.Dense[1].Bias[i] += c.bias
			}
			n := mustNew(t, spec)
			const samples = 20
			r := rand.New(rand.NewPCG(52, 1))
			in := randomValues(r, samples*16, 1)
			together, alone := n.newDenseRun(samples), n.newDenseRun(1)
			for i := range samples {
				copy(together.input(i), in[i*16:])
			}
			got := together.run(samples)
			for i := range samples {
				copy(alone.input(0), in[i*16:])
				checkSameBits(t, got[i*8:][:4], alone.run(1)[:4])
			}
			last := n.dense[2]
			if compact := together.compact(together.vectors[0], samples, last); compact != c.compact {
				t.Errorf("%d of %d inputs of the last layer are active, compacted: %v, want %v", len(together.active), last.in, compact, c.compact)
			}
		})
	}
}
