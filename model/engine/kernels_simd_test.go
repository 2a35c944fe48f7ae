//go:build js && wasm && simd

package engine

import (
	"math"
	"math/rand/v2"
	"testing"
)

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
	for _, s := range winogradShapes {
		h, w, cin, cout := s[0], s[1], s[2], s[3]
		_, in, bias, weight := winogradCase(31, s)
		plain, out, scratch := make([]float32, (h-2)/2*((w-2)/2)*cout), newGuarded((h-2)/2*((w-2)/2)*cout), newGuarded(winogradScratch(cin))
		winogradGo(plain, in, h, w, cin, weight, bias, make([]float32, winogradScratch(cin)))
		winograd(out.values, in, h, w, cin, weight, bias, scratch.values)
		out.check(t)
		scratch.check(t)
		checkSameBits(t, out.values, plain)
		of := newGuarded(len(plain))
		winogradWindows(of.values, in, windowsOf(h, w), cin, weight, bias, scratch.values)
		of.check(t)
		scratch.check(t)
		checkSameBits(t, of.values, plain)
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
	for _, n := range []int{1, 5, 40} {
		const rows, stride = 3, 40
		index, in := make([]int32, n), guardedCopy(randomValues(r, rows*stride, 1))
		for i := range index {
			index[i] = r.Int32N(stride)
		}
		plain, out := make([]float32, rows*n), newGuarded(rows*n)
		gatherGo(plain, in, index, rows, stride)
		gather(out.values, in, index, rows, stride)
		out.check(t)
		checkSameBits(t, out.values, plain)
		blocks := pack(rows*block, stride, func(int, int) float32 { return float32(r.NormFloat64()) })
		plainBlocks, gathered := make([][block]float32, rows*n), guardedWeight(make([][block]float32, rows*n))
		gatherGo(plainBlocks, blocks, index, rows, stride)
		gatherBlocks(gathered, blocks, index, rows, stride)
		for i := range plainBlocks {
			checkSameBits(t, gathered[i][:], plainBlocks[i][:])
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

// Infinities and what is not a number come out where the plain kernels give
// them, so that an overflow is never mistaken for a result.
func TestSIMDKeepsWhatIsNotFinite(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 1))
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	windows := make([]int32, window*window)
	for i := range windows {
		windows[i] = int32(i)
	}
	for _, special := range []float32{nan, inf, -inf} {
		for at := range window * window {
			in, bias := randomValues(r, window*window, 1), randomValues(r, block, 1)
			weight := pack(block, 9, func(int, int) float32 { return float32(r.NormFloat64()) })
			in[at] = special
			plain, out := make([]float32, block), newGuarded(block)
			convReLUPoolGo(plain, in, window, window, 1, weight, bias)
			convReLUPool(out.values, in, window, window, 1, weight, bias)
			out.check(t)
			checkSameBits(t, out.values, plain)

			const channels = 4
			deep, transformed := randomValues(r, window*window*channels, 1), winogradWeights(randomSpec(32, window, window, channels, []int{block}, []int{1}).Convs[0])
			deep[at*channels+at%channels] = special
			scratch := make([]float32, winogradScratch(channels))
			winogradGo(plain, deep, window, window, channels, transformed, bias, scratch)
			winograd(out.values, deep, window, window, channels, transformed, bias, scratch)
			out.check(t)
			checkSameBits(t, out.values, plain)

			products := randomValues(r, window*window*9*block, 1)
			for i := range 9 * block {
				products[at*9*block+i] = special
			}
			assembleGo(plain, products, windows, bias)
			assemble(out.values, products, windows, bias)
			out.check(t)
			checkSameBits(t, out.values, plain)
		}
		for _, relu := range []bool{false, true} {
			in, bias := randomValues(r, 5*7, 1), randomValues(r, block, 1)
			in[3], in[2*7+6], in[4*7] = special, special, special
			weight := pack(block, 7, func(int, int) float32 { return float32(r.NormFloat64()) })
			plain, out := make([]float32, 5*block), newGuarded(5*block)
			productGo(plain, in, 5, 7, weight, bias, relu)
			product(out.values, in, 5, 7, weight, bias, relu)
			out.check(t)
			checkSameBits(t, out.values, plain)
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
