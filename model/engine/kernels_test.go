package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Tolerances are relative to the largest output. Rounding errors of a float32
// sum of n terms grow at most as n * 2^-24; 1152 terms give 7e-5, and typical
// errors are far below that.
const kernelTolerance = 1e-5

// convShapes are height, width, input channels, filters: the smallest, odd and
// even, numbers of input channels that leave remainders in unrolled loops and
// those that do not, and those of ALL-Net.
var convShapes = [][4]int{
	{4, 4, 3, 8}, {5, 5, 3, 8}, {4, 7, 1, 16}, {6, 4, 2, 8}, {7, 9, 8, 24}, {12, 5, 5, 8},
	{9, 9, 16, 8}, {10, 11, 32, 64}, {8, 8, 64, 128}, {6, 7, 128, 256}, {31, 17, 3, 32}, {20, 22, 3, 64},
}

func TestConvReLUPool(t *testing.T) {
	for _, s := range convShapes {
		t.Run(shapeName(s[:]...), func(t *testing.T) {
			h, w := s[0], s[1]
			r := rand.New(rand.NewPCG(1, 1))
			l := randomSpec(3, h, w, s[2], []int{s[3]}, []int{1}).Convs[0]
			in := guardedCopy(randomValues(r, h*w*l.In, 1))
			want, ph, pw := referenceConv(l, float64s(in), h, w)
			out := newGuarded(ph * pw * l.Out)
			convReLUPool(out.values, in, h, w, l.In, guardedWeight(convWeights(l)), guardedCopy(l.Bias))
			out.check(t)
			checkClose(t, out.values, want, kernelTolerance)
		})
	}
}

// productShapes are rows, terms, columns.
var productShapes = [][3]int{
	{1, 8, 8}, {5, 0, 8}, {1, 3, 16}, {2, 5, 8}, {3, 16, 24}, {4, 8, 8}, {5, 33, 16}, {7, 3, 288}, {8, 64, 40},
	{31, 32, 64}, {33, 9, 72}, {66, 24, 16}, {1, 512, 1024}, {6, 128, 256},
}

func TestProduct(t *testing.T) {
	for _, s := range productShapes {
		t.Run(shapeName(s[:]...), func(t *testing.T) {
			for _, relu := range []bool{false, true} {
				rows, k, cols := s[0], s[1], s[2]
				r := rand.New(rand.NewPCG(2, 1))
				l := Dense{In: k, Out: cols, ReLU: relu, Weight: randomValues(r, k*cols, 1), Bias: randomValues(r, cols, 1)}
				weight := pack(cols, k, func(o, i int) float32 { return l.Weight[o*k+i] })
				in := guardedCopy(randomValues(r, rows*k, 1))
				var want []float64
				for i := range rows {
					want = append(want, referenceDense(l, float64s(in[i*k:][:k]))...)
				}
				out := newGuarded(rows * cols)
				product(out.values, in, rows, k, guardedWeight(weight), guardedCopy(l.Bias), relu)
				out.check(t)
				checkClose(t, out.values, want, kernelTolerance)
			}
		})
	}
}

// A sample's logits must not depend on which samples stand beside it.
func TestProductRowsAreIndependent(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	const rows, k, cols = 37, 40, 24
	in, bias := randomValues(r, rows*k, 1), randomValues(r, cols, 1)
	weight := pack(cols, k, func(int, int) float32 { return float32(r.NormFloat64()) })
	together := make([]float32, rows*cols)
	product(together, in, rows, k, weight, bias, true)
	for i := range rows {
		alone := make([]float32, cols)
		product(alone, in[i*k:][:k], 1, k, weight, bias, true)
		checkSameBits(t, alone, together[i*cols:][:cols])
	}
}

// Convolving and assembling tap products are two ways to the same numbers.
func TestAssembleIsConvolution(t *testing.T) {
	for _, s := range convShapes {
		t.Run(shapeName(s[:]...), func(t *testing.T) {
			h, w := s[0], s[1]
			r := rand.New(rand.NewPCG(4, 1))
			l := randomSpec(5, h, w, s[2], []int{s[3]}, []int{1}).Convs[0]
			in := randomValues(r, h*w*l.In, 1)
			want, ph, pw := referenceConv(l, float64s(in), h, w)

			products := newGuarded(h * w * 9 * l.Out)
			for v := range h * w {
				for tap := range 9 {
					for o := range l.Out {
						var p float64
						for c := range l.In {
							p += float64(in[v*l.In+c]) * float64(l.Weight[(o*l.In+c)*9+tap])
						}
						products.values[(v*9+tap)*l.Out+o] = float32(p)
					}
				}
			}
			out := newGuarded(ph * pw * l.Out)
			assemble(out.values, products.values, windowsOf(h, w), guardedCopy(l.Bias))
			out.check(t)
			checkClose(t, out.values, want, kernelTolerance)
		})
	}
}

func TestAverageRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for _, width := range []int{8, 16, 40, 128, 256} {
		for _, n := range []int{0, 1, 5, sumGroup, sumGroup + 1, 50} {
			table, rows := guardedCopy(randomValues(r, 9*width, 1)), make([]int32, n)
			want := make([]float64, width)
			for i := range rows {
				rows[i] = r.Int32N(9)
				for o := range want {
					want[o] += float64(table[int(rows[i])*width+o]) / 7
				}
			}
			out := newGuarded(width)
			averageRows(out.values, table, rows, 7)
			out.check(t)
			checkClose(t, out.values, want, kernelTolerance)
		}
	}
}

// Equal values, as on empty background, are averaged to almost all digits.
func TestAverageRowsOfEqualValues(t *testing.T) {
	table, out := make([]float32, block), make([]float32, block)
	rows := make([]int32, 676)
	for i := range table {
		table[i] = 0.1 * float32(i+1)
	}
	averageRows(out, table, rows, float32(len(rows)))
	checkClose(t, out, float64s(table), 1e-6)
}

// guardedWeight copies packed weights to a place between NaNs.
func guardedWeight(w [][block]float32) [][block]float32 {
	g := newGuarded((len(w) + 2) * block)
	all := make([][block]float32, len(w)+2)
	for i := range all {
		copy(all[i][:], g.values[i*block:])
	}
	copy(all[1:], w)
	return all[1 : len(w)+1 : len(w)+1]
}

// checkSameBits takes all NaNs for the same: processors differ in their bits.
func checkSameBits(t *testing.T, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
			t.Fatalf("value %d: got %v, want the same bits as %v", i, got[i], want[i])
		}
	}
}

// reportSpeed adds the rate of floating-point operations, a multiplication and
// an addition counted as two.
func reportSpeed(b *testing.B, multiplyAdds int64) {
	b.ReportMetric(2*float64(multiplyAdds)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkConvReLUPool(b *testing.B) {
	for _, filters := range [][]int{{32, 64, 128}, {64, 128, 256}} {
		for _, l := range allNet(b, filters...).convs {
			b.Run(shapeName(l.h, l.w, l.in, l.out), func(b *testing.B) {
				in, out := make([]float32, l.h*l.w*l.in), make([]float32, l.ph*l.pw*l.out)
				scratch := make([]float32, winogradScratch(l.in))
				for b.Loop() {
					l.run(out, in, scratch)
				}
				reportSpeed(b, int64(4*l.ph*l.pw)*int64(9*l.in*l.out))
			})
		}
	}
}

func BenchmarkProduct(b *testing.B) {
	// A dense layer for one picture and for a batch; tap products of two rows
	// of a feature map.
	for _, s := range [][3]int{{1, 512, 1024}, {32, 512, 1024}, {500, 3, 288}, {330, 32, 576}, {300, 64, 1152}} {
		b.Run(shapeName(s[:]...), func(b *testing.B) {
			rows, k, cols := s[0], s[1], s[2]
			in, out, bias := make([]float32, rows*k), make([]float32, rows*cols), make([]float32, cols)
			weight := make([][block]float32, cols/block*k)
			for b.Loop() {
				product(out, in, rows, k, weight, bias, true)
			}
			reportSpeed(b, int64(rows*k*cols))
		})
	}
}

func BenchmarkAssemble(b *testing.B) {
	for _, cout := range []int{32, 64, 128, 256} {
		b.Run(shapeName(cout), func(b *testing.B) {
			const n, vectors = 256, 500
			products, out, bias := make([]float32, vectors*9*cout), make([]float32, n*cout), make([]float32, cout)
			windows := make([]int32, n*window*window)
			for i := range windows {
				windows[i] = int32(i % vectors)
			}
			for b.Loop() {
				assemble(out, products, windows, bias)
			}
			b.ReportMetric(float64(n*36*cout)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gadd/s")
		})
	}
}

func BenchmarkAverageRows(b *testing.B) {
	const rows, width = 45, 128
	table, out := make([]float32, 2000*width), make([]float32, width)
	index := make([]int32, rows)
	for i := range index {
		index[i] = int32(i * 37)
	}
	for b.Loop() {
		averageRows(out, table, index, 676)
	}
}
