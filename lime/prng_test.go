package lime

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
)

type prngFixture struct {
	MT          []uint32  `json:"mt_u32_first8"`
	Below1000   uint32    `json:"randint_0_1000"`
	BitsAfter   []uint8   `json:"then_first64_bits"`
	Bits        []uint8   `json:"first64_bits_without_randint1000"`
	State       []string  `json:"seedsequence_state4_u64"`
	PCG         []string  `json:"pcg64_u64_first6"`
	Normal      []float64 `json:"pcg_normal_std_first12"`
	Normal49999 float64   `json:"pcg_normal_index_49999"`
}

func TestRandomStreamsAreNumpys(t *testing.T) {
	for name, want := range fixtureJSON[map[string]prngFixture](t, "prng.json") {
		t.Run("seed "+name, func(t *testing.T) {
			n, err := strconv.ParseUint(name, 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			seed := uint32(n)
			g := newMT19937(seed)
			for i, v := range want.MT {
				if got := g.uint32(); got != v {
					t.Errorf("MT19937 draw %d = %d, want %d", i, got, v)
				}
			}
			g = newMT19937(seed)
			if got := g.upTo(999); got != want.Below1000 {
				t.Errorf("randint(0,1000) = %d, want %d", got, want.Below1000)
			}
			for _, bits := range [][]uint8{want.BitsAfter, want.Bits} {
				for i, b := range bits {
					if got := g.bit(); got != b {
						t.Errorf("bit %d = %d, want %d", i, got, b)
					}
				}
				g = newMT19937(seed)
			}
			for i, w := range seedSequence(seed) {
				if fmt.Sprint(w) != want.State[i] {
					t.Errorf("SeedSequence word %d = %d, want %s", i, w, want.State[i])
				}
			}
			p := newPCG64(seed)
			for i, v := range want.PCG {
				if got := fmt.Sprint(p.uint64()); got != v {
					t.Errorf("PCG64 draw %d = %s, want %s", i, got, v)
				}
			}
			// The tables are made in float64, which leaves a few units in the last place; the noise is scaled by 1e-5 besides.
			p = newPCG64(seed)
			for i := range 50000 {
				got := p.normal()
				if i < len(want.Normal) {
					closeTo(t, fmt.Sprintf("normal %d", i), got, want.Normal[i], 6e-15*math.Abs(want.Normal[i]))
				}
				if i == 49999 {
					closeTo(t, "normal 49999", got, want.Normal49999, 6e-15*math.Abs(want.Normal49999))
				}
			}
		})
	}
}

func TestMersenneTwisterRegeneratesItsKey(t *testing.T) {
	// C++'s standard gives the 10,000th draw of mt19937 with the seed 5489 as 4123659995.
	g := newMT19937(5489)
	var v uint32
	for range 10000 {
		v = g.uint32()
	}
	if v != 4123659995 {
		t.Errorf("draw 10000 = %d", v)
	}
}

func TestZigguratTables(t *testing.T) {
	want := fixtureJSON[struct {
		K []string  `json:"ki"`
		W []float64 `json:"wi"`
		F []float64 `json:"fi"`
	}](t, "ziggurat_tables.json")
	for i, s := range want.K {
		k, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		closeTo(t, fmt.Sprint("ki ", i), float64(ziggurat.k[i]), k, 100)
		closeTo(t, fmt.Sprint("wi ", i), ziggurat.w[i]/want.W[i], 1, 1e-14)
		closeTo(t, fmt.Sprint("fi ", i), ziggurat.f[i]/want.F[i], 1, 1e-14)
	}
}

// About one draw in 3,700 falls into the tail, which the fixtures may not reach: its draws must lie beyond r on both sides, and the
// whole must have the moments of a normal distribution (standard errors 0.001 and 0.0014).
func TestNormalDistribution(t *testing.T) {
	g := newPCG64(1)
	const n = 1_000_000
	var sum, squares float64
	var beyond [2]int
	for range n {
		x := g.normal()
		sum += x
		squares += x * x
		if x < -zigguratR {
			beyond[0]++
		}
		if x > zigguratR {
			beyond[1]++
		}
	}
	closeTo(t, "mean", sum/n, 0, 0.005)
	closeTo(t, "variance", squares/n, 1, 0.007)
	// P(X > 3.6541528853610088) = 1.29e-4, so 129 are expected on each side, standard deviation 11.4.
	expected := n * math.Erfc(zigguratR/math.Sqrt2) / 2
	for _, k := range beyond {
		closeTo(t, "draws in a tail", float64(k), expected, 60)
	}
}

func TestSeedsGiveDifferentStreams(t *testing.T) {
	a, b := newPCG64(1), newPCG64(2)
	if slices.Equal([]uint64{a.uint64(), a.uint64()}, []uint64{b.uint64(), b.uint64()}) {
		t.Error("two seeds, one stream")
	}
}
