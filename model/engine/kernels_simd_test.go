//go:build js && wasm && simd

package engine

import (
	"math/rand/v2"
	"os"
	"testing"
)

func TestSIMDIsUsed(t *testing.T) {
	if want := os.Getenv("ALLNET_NO_SIMD") == ""; simd != want {
		t.Errorf("SIMD kernels in use: %v, want %v", simd, want)
	}
}

// For all shapes the SIMD kernels give the same bits as the plain ones.
func TestSIMDGivesTheSameBits(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 1))
	for _, s := range convShapes {
		h, w, cin, cout := s[0], s[1], s[2], s[3]
		in, bias := guardedCopy(randomValues(r, h*w*cin, 1)), guardedCopy(randomValues(r, cout, 1))
		weight := guardedWeight(pack(cout, 9*cin, func(int, int) float32 { return float32(r.NormFloat64()) }))
		plain, out := make([]float32, (h-2)/2*((w-2)/2)*cout), newGuarded((h-2)/2*((w-2)/2)*cout)
		convReLUPoolGo(plain, in, h, w, cin, weight, bias)
		convReLUPool(out.values, in, h, w, cin, weight, bias)
		out.check(t)
		checkSameBits(t, out.values, plain)
	}
	for _, s := range productShapes {
		rows, k, cols := s[0], s[1], s[2]
		in, bias := guardedCopy(randomValues(r, rows*k, 1)), guardedCopy(randomValues(r, cols, 1))
		weight := guardedWeight(pack(cols, k, func(int, int) float32 { return float32(r.NormFloat64()) }))
		for _, relu := range []bool{false, true} {
			plain, out := make([]float32, rows*cols), newGuarded(rows*cols)
			productGo(plain, in, rows, k, weight, bias, relu)
			product(out.values, in, rows, k, weight, bias, relu)
			out.check(t)
			checkSameBits(t, out.values, plain)
		}
	}
	for _, cout := range []int{8, 16, 24, 32, 64, 128, 256} {
		for _, n := range []int{1, 2, 7} {
			const vectors = 20
			products, bias := guardedCopy(randomValues(r, vectors*9*cout, 1)), guardedCopy(randomValues(r, cout, 1))
			windows := make([]int32, n*window*window)
			for i := range windows {
				windows[i] = r.Int32N(vectors)
			}
			plain, out := make([]float32, n*cout), newGuarded(n*cout)
			assembleGo(plain, products, windows, bias)
			assemble(out.values, products, windows, bias)
			out.check(t)
			checkSameBits(t, out.values, plain)

			for _, rows := range [][]int32{nil, windows[:1], windows[:15], windows} {
				averageRowsGo(plain[:cout], products, rows, 7)
				average := newGuarded(cout)
				averageRows(average.values, products, rows, 7)
				average.check(t)
				checkSameBits(t, average.values, plain[:cout])
			}
		}
	}
}

// The memory may grow while the kernels hold it.
func TestSIMDSurvivesGrowth(t *testing.T) {
	n := mustNew(t, randomSpec(32, 40, 44, 3, []int{16, 24}, []int{33, 4}))
	s, input := n.NewSession(), picture(1, 40, 44, 3)
	var before, after [4]float32
	if err := s.Logits(input, before[:]); err != nil {
		t.Fatal(err)
	}
	ballast := make([]byte, 300<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	if err := n.NewSession().Logits(input, after[:]); err != nil {
		t.Fatal(err)
	}
	if before != after || ballast[4096] != 1 {
		t.Errorf("logits changed from %v to %v as the memory grew", before, after)
	}
}
