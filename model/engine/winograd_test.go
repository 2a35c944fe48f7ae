package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// winogradShapes are height, width, input channels, filters: the smallest, odd and even, numbers of
// pooled positions that leave remainders of the SIMD twin's sixteen and four, and those of ALL-Net.
var winogradShapes = [][4]int{
	{4, 4, 16, 8}, {5, 5, 4, 16}, {4, 7, 12, 8}, {6, 12, 20, 24}, {9, 9, 16, 8}, {10, 10, 16, 16}, {12, 11, 8, 8},
	{11, 14, 32, 64}, {8, 8, 64, 128}, {6, 7, 128, 256}, {20, 23, 24, 8},
}

// winogradCase makes up a block and an input, between NaNs.
func winogradCase(seed uint64, shape [4]int) (l Conv, in, bias []float32, weight [][block]float32) {
	r := rand.New(rand.NewPCG(seed, 1))
	l = randomSpec(seed, shape[0], shape[1], shape[2], []int{shape[3]}, []int{1}).Convs[0]
	return l, guardedCopy(randomValues(r, shape[0]*shape[1]*shape[2], 1)), guardedCopy(l.Bias), guardedWeight(winogradWeights(l))
}

// The second way to convolve gives what the definition of a convolution gives.
func TestWinograd(t *testing.T) {
	for _, s := range winogradShapes {
		t.Run(shapeName(s[:]...), func(t *testing.T) {
			h, w, cin := s[0], s[1], s[2]
			l, in, bias, weight := winogradCase(6, s)
			want, ph, pw := referenceConv(l, float64s(in), h, w)
			out, scratch := newGuarded(ph*pw*l.Out), newGuarded(winogradScratch(cin))
			winograd(out.values, in, h, w, cin, weight, bias, scratch.values)
			out.check(t)
			scratch.check(t)
			checkClose(t, out.values, want, kernelTolerance)
		})
	}
}

// windowsOf are the windows of all pooled positions of a map.
func windowsOf(h, w int) (windows []int32) {
	for y := range (h - 2) / 2 {
		for x := range (w - 2) / 2 {
			for i := range window * window {
				windows = append(windows, int32((2*y+i/window)*w+2*x+i%window))
			}
		}
	}
	return windows
}

// Positions of a map and windows that name the same inputs have the same bits.
func TestWinogradOfWindows(t *testing.T) {
	for _, s := range winogradShapes {
		h, w, cin := s[0], s[1], s[2]
		l, in, bias, weight := winogradCase(9, s)
		want, scratch := make([]float32, (h-2)/2*((w-2)/2)*l.Out), newGuarded(winogradScratch(cin))
		winograd(want, in, h, w, cin, weight, bias, scratch.values)
		out := newGuarded(len(want))
		winogradWindows(out.values, in, windowsOf(h, w), cin, weight, bias, scratch.values)
		out.check(t)
		scratch.check(t)
		checkSameBits(t, out.values, want)
	}
}

// What stands in the scratch memory from before changes no bits.
func TestWinogradStartsAfresh(t *testing.T) {
	_, in, bias, weight := winogradCase(8, [4]int{10, 14, 16, 8})
	scratch := make([]float32, winogradScratch(16))
	var out [2][4 * 6 * 8]float32
	for i := range out {
		winograd(out[i][:], in, 10, 14, 16, weight, bias, scratch)
		for j := range scratch {
			scratch[j] = float32(j)
		}
	}
	checkSameBits(t, out[1][:], out[0][:])
}

// Which blocks take the second way: not the first, whose weights the tables use, nor those with so
// few channels that it does not pay.
func TestBlocksByWinograd(t *testing.T) {
	n := mustNew(t, randomSpec(1, 46, 46, 16, []int{8, 16, 8}, []int{4}))
	for i, want := range []bool{false, false, true} {
		l := &n.convs[i]
		if got := l.transformed != nil; got != want || (l.weight == nil) != want {
			t.Errorf("block %d with %d channels by Winograd: %v, want %v", i+1, l.in, got, want)
		}
	}
}

// Tables convolve windows anew where positions have few values, and add up tap products where they have many; both
// ways give what forward passes give.
func TestTablesTakeTheWayOfFewerMultiplications(t *testing.T) {
	const side = 96
	n := mustNew(t, randomSpec(10, side, side, 3, []int{16, 32, 16}, []int{24, 4}))
	few := discs(2, side, side, 3, 9)
	many, k := tiles(side, side, 16, 16)
	for _, c := range []struct {
		labels    []uint16
		k         int
		byWindows []bool // of the second and the third block
	}{{few, 3, []bool{true, true}}, {many, k, []bool{false, false}}} {
		input, hidden := picture(3, side, side, 3), slices.Repeat([]float32{0.5}, 3*c.k)
		plan, err := n.planTables(maskedInput{input, c.labels, hidden}, defaultMaxBytes)
		if err != nil {
			t.Fatal(err)
		}
		if got := []bool{plan.levels[2].byWindows, plan.levels[3].byWindows}; !slices.Equal(got, c.byWindows) {
			t.Errorf("%d superpixels: blocks by windows %v, want %v", c.k, got, c.byWindows)
		}
		p, err := n.Perturb(context.Background(), input, c.labels, c.k, hidden, PerturbOptions{})
		if err != nil {
			t.Fatal(err)
		}
		const masks = 8
		bits, got := randomMasks(4, masks, c.k), make([]float64, masks*4)
		if err := p.Logits(context.Background(), masks, bits, got); err != nil {
			t.Fatal(err)
		}
		checkMasks(t, got, bruteForce(t, n, input, c.labels, hidden, bits))
	}
}
