package engine

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// blobs is a segmentation into k irregular regions: each pixel belongs to the
// nearest of k random points, with borders that waver.
func blobs(seed uint64, h, w, k int) []uint16 {
	r := rand.New(rand.NewPCG(seed, 3))
	at := make([][2]float64, k)
	for i := range at {
		at[i] = [2]float64{r.Float64() * float64(h), r.Float64() * float64(w)}
	}
	labels := make([]uint16, h*w)
	for i := range labels {
		y, x := float64(i/w), float64(i%w)
		y, x = y+2*math.Sin(x/3), x+2*math.Cos(y/4)
		nearest := math.Inf(1)
		for j, p := range at {
			if d := (y-p[0])*(y-p[0]) + (x-p[1])*(x-p[1]); d < nearest {
				nearest, labels[i] = d, uint16(j)
			}
		}
	}
	return labels
}

// tiles is a segmentation into rectangles of th x tw pixels.
func tiles(h, w, th, tw int) (labels []uint16, k int) {
	across := (w + tw - 1) / tw
	labels = make([]uint16, h*w)
	for i := range labels {
		labels[i] = uint16(i/w/th*across + i%w/tw)
	}
	return labels, (h + th - 1) / th * across
}

// noise is a segmentation without any coherence.
func noise(seed uint64, h, w, k int) []uint16 {
	r := rand.New(rand.NewPCG(seed, 4))
	labels := make([]uint16, h*w)
	for i := range labels {
		labels[i] = uint16(r.IntN(k))
	}
	return labels
}

// means are the superpixels' mean colours, [k][3].
func means(input []float32, labels []uint16, k int) []float32 {
	sum, count := make([]float64, 3*k), make([]float64, k)
	for i, l := range labels {
		count[l]++
		for c := range 3 {
			sum[3*int(l)+c] += float64(input[3*i+c])
		}
	}
	out := make([]float32, 3*k)
	for i := range out {
		out[i] = float32(sum[i] / max(count[i/3], 1))
	}
	return out
}

// randomMasks are n masks: the first shows all, the second none, the others
// each superpixel with a chance of their own.
func randomMasks(seed uint64, n, k int) []uint8 {
	r := rand.New(rand.NewPCG(seed, 5))
	bits := make([]uint8, n*k)
	for i := range n {
		chance := []float64{0.5, 0.9, 0.1}[i%3]
		switch i {
		case 0:
			chance = 1
		case 1:
			chance = 0
		}
		for j := range k {
			if r.Float64() < chance {
				bits[i*k+j] = 1
			}
		}
	}
	return bits
}

// bruteForce draws each masked picture and runs the network on it.
func bruteForce(t *testing.T, n *Network, input []float32, labels []uint16, hidden []float32, bits []uint8) [][]float64 {
	t.Helper()
	k := len(hidden) / 3
	var all [][]float64
	for ; len(bits) > 0; bits = bits[k:] {
		masked := append([]float32(nil), input...)
		for i, l := range labels {
			if int(l) < k && bits[l] == 0 {
				masked[3*i], masked[3*i+1], masked[3*i+2] = hidden[3*l], hidden[3*l+1], hidden[3*l+2]
			}
		}
		logits := make([]float32, n.Classes())
		if err := n.NewSession().Logits(masked, logits); err != nil {
			t.Fatal(err)
		}
		all = append(all, float64s(logits))
	}
	return all
}

// checkMasks fails the test unless each mask's probabilities are within 1e-5 of
// brute force's, and so are its logits, relative to the largest; and unless
// masks make a difference at all.
func checkMasks(t *testing.T, got []float64, want [][]float64) {
	t.Helper()
	low, high := math.Inf(1), math.Inf(-1)
	for i, logits := range want {
		low, high = min(low, logits[0]), max(high, logits[0])
		p, q := softmax(got[i*len(logits):][:len(logits)]), softmax(logits)
		scale := 1.0
		for _, v := range logits {
			scale = max(scale, math.Abs(v))
		}
		for c := range q {
			if d := math.Abs(p[c] - q[c]); !(d <= 1e-5) {
				t.Fatalf("mask %d: probabilities %v, brute force %v: they differ by %.2g", i, p, q, d)
			}
			if d := math.Abs(got[i*len(logits)+c] - logits[c]); !(d <= 1e-5*scale) {
				t.Fatalf("mask %d: logits %v, brute force %v: they differ by %.2g", i, got[i*len(logits):][:len(logits)], logits, d)
			}
		}
	}
	if high-low < 1e-3 {
		t.Fatalf("masks change nothing: the first logit is always near %v", low)
	}
}

func TestPerturbEqualsBruteForce(t *testing.T) {
	grid, kGrid := tiles(96, 80, 13, 14)
	fine, kFine := tiles(96, 80, 4, 5)
	stripes, kStripes := tiles(96, 80, 5, 80)
	columns, kColumns := tiles(64, 64, 64, 9)
	for _, c := range []struct {
		name    string
		h, w    int
		labels  []uint16
		k       int
		filters []int
		method  Method
	}{
		{"blobs", 96, 80, blobs(1, 96, 80, 20), 20, []int{32, 64, 128}, Tables},
		{"blobs, wide", 64, 64, blobs(2, 64, 64, 12), 12, []int{64, 128, 256}, Tables},
		{"blobs, odd size", 67, 75, blobs(3, 67, 75, 15), 15, []int{8, 16, 24}, Tables},
		{"two blocks", 41, 38, blobs(4, 41, 38, 15), 15, []int{16, 8}, Tables},
		{"one block", 17, 18, blobs(4, 17, 18, 15), 15, []int{8}, Tables},
		{"four blocks", 64, 60, blobs(5, 64, 60, 7), 7, []int{8, 8, 8, 16}, Tables},
		{"grid", 96, 80, grid, kGrid, []int{8, 16, 32}, Tables},
		{"fine grid", 96, 80, fine, kFine, []int{8, 8, 8}, Direct},
		{"stripes", 96, 80, stripes, kStripes, []int{16, 16, 16}, Tables},
		{"columns", 64, 64, columns, kColumns, []int{32, 64, 128}, Tables},
		{"one superpixel", 64, 64, make([]uint16, 64*64), 1, []int{32, 64, 128}, Tables},
		{"a superpixel without pixels", 64, 64, make([]uint16, 64*64), 3, []int{8, 8, 8}, Tables},
		{"noise of 4", 64, 64, noise(6, 64, 64, 4), 4, []int{8, 8, 8}, Tables},
		{"noise of 60", 64, 64, noise(7, 64, 64, 60), 60, []int{8, 8, 8}, Direct},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := mustNew(t, randomSpec(21, c.h, c.w, 3, c.filters, []int{32, 64, 4}))
			input := picture(3, c.h, c.w, 3)
			masks := 8
			bits := randomMasks(1, masks, c.k)
			for name, hidden := range map[string][]float32{
				"black": make([]float32, 3*c.k), "means": means(input, c.labels, c.k),
			} {
				p, err := n.Perturb(context.Background(), input, c.labels, c.k, hidden, PerturbOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if p.Info().Method != c.method {
					t.Fatalf("%s: method %+v, want %s", name, p.Info(), c.method)
				}
				got := make([]float64, masks*p.Classes())
				if err := p.Logits(context.Background(), masks, bits, got); err != nil {
					t.Fatal(err)
				}
				checkMasks(t, got, bruteForce(t, n, input, c.labels, hidden, bits))

				// All shown is the picture itself.
				logits, session := make([]float32, n.Classes()), n.NewSession()
				if err := session.Logits(input, logits); err != nil {
					t.Fatal(err)
				}
				features, err := p.Features()
				if err != nil {
					t.Fatal(err)
				}
				for i, v := range session.Features() {
					if d := math.Abs(float64(features[i] - v)); d > 1e-5*max(1, math.Abs(float64(v))) {
						t.Errorf("%s: all shown gives feature %d as %v, the picture gives %v", name, i, features[i], v)
					}
				}
				for i, v := range logits {
					if d := math.Abs(got[i] - float64(v)); d > 1e-5*max(1, math.Abs(float64(v))) {
						t.Errorf("%s: all shown gives logit %v, the picture gives %v", name, got[i], v)
					}
				}
			}
		})
	}
}

// The article's networks on a picture of the size that they take, with as many
// superpixels as quickshift finds and with a grid of 196.
func TestPerturbALLNet(t *testing.T) {
	if testing.Short() {
		t.Skip("left out with -short: three pictures of full size")
	}
	grid, kGrid := tiles(224, 224, 16, 16)
	for _, c := range []struct {
		filters []int
		labels  []uint16
		k       int
		passes  float64
		peak    int64
	}{
		{[]int{32, 64, 128}, blobs(9, 224, 224, 40), 40, 4.1, 16 << 20},
		{[]int{64, 128, 256}, blobs(9, 224, 224, 40), 40, 4.3, 32 << 20},
		{[]int{32, 64, 128}, grid, kGrid, 7.4, 128 << 20},
	} {
		n := allNet(t, c.filters...)
		input, hidden := picture(4, 224, 224, 3), make([]float32, 3*c.k)
		plan, err := n.planTables(maskedInput{input, c.labels, hidden}, defaultMaxBytes)
		if err != nil {
			t.Fatal(err)
		}
		info := plan.info()
		t.Logf("%v, %d superpixels: %+v", c.filters, c.k, info)
		if info.Method != Tables || info.Passes > c.passes || info.PeakBytes > c.peak {
			t.Errorf("%v, %d superpixels: %+v, want tables in at most %v forward passes and %d bytes", c.filters, c.k, info, c.passes, c.peak)
		}
		if c.filters[0] > 32 {
			continue // built as the others are, and four times as long
		}
		p, err := n.Perturb(context.Background(), input, c.labels, c.k, hidden, PerturbOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if p.Info() != info {
			t.Errorf("%v, %d superpixels: built as %+v, planned as %+v", c.filters, c.k, p.Info(), info)
		}
		const masks = 3
		bits, got := randomMasks(2, masks, c.k), make([]float64, masks*4)
		if err := p.Logits(context.Background(), masks, bits, got); err != nil {
			t.Fatal(err)
		}
		checkMasks(t, got, bruteForce(t, n, input, c.labels, hidden, bits))
	}
}

// A mask's logits are the same bits alone, among others, and in any order.
func TestPerturbMasksAreIndependent(t *testing.T) {
	n := mustNew(t, randomSpec(22, 40, 44, 3, []int{8, 16}, []int{24, 4}))
	input, labels, k := picture(5, 40, 44, 3), blobs(6, 40, 44, 9), 9
	for _, limit := range []int64{0, -1} {
		p, err := n.Perturb(context.Background(), input, labels, k, make([]float32, 3*k), PerturbOptions{MaxBytes: limit})
		if err != nil {
			t.Fatal(err)
		}
		const masks = batch + 5
		bits, together := randomMasks(3, masks, k), make([]float64, masks*4)
		if err := p.Logits(context.Background(), masks, bits, together); err != nil {
			t.Fatal(err)
		}
		for i := masks - 1; i >= 0; i-- {
			var alone [4]float64
			if err := p.Logits(context.Background(), 1, bits[i*k:][:k], alone[:]); err != nil {
				t.Fatal(err)
			}
			if alone != [4]float64(together[4*i:]) {
				t.Fatalf("%s: mask %d: alone %v, among others %v", p.Info().Method, i, alone, together[4*i:][:4])
			}
		}
	}
}

// discs is a segmentation into k discs of a radius, on pixels that are never
// hidden; where discs overlap the later one has the pixel.
func discs(seed uint64, h, w, k, radius int) []uint16 {
	r := rand.New(rand.NewPCG(seed, 6))
	labels := make([]uint16, h*w)
	for i := range labels {
		labels[i] = NeverHidden
	}
	for disc := range k {
		cy, cx := r.IntN(h), r.IntN(w)
		for y := max(0, cy-radius); y < min(h, cy+radius); y++ {
			for x := max(0, cx-radius); x < min(w, cx+radius); x++ {
				if (y-cy)*(y-cy)+(x-cx)*(x-cx) < radius*radius {
					labels[y*w+x] = uint16(disc)
				}
			}
		}
	}
	return labels
}

// blanked returns input with one colour, or in the right half another, where no
// superpixel is.
func blanked(input []float32, labels []uint16, w int, left, right float32) []float32 {
	out := slices.Clone(input)
	for i, l := range labels {
		if l == NeverHidden {
			colour := left
			if i%w >= w/2 {
				colour = right
			}
			out[3*i], out[3*i+1], out[3*i+2] = colour, colour, colour
		}
	}
	return out
}

// Masks leave pixels as they are that belong to no superpixel, whatever these show,
// with tables as with forward passes.
func TestPixelsThatBelongToNoSuperpixelAreNeverHidden(t *testing.T) {
	const h, w, k = 96, 80, 9
	const ground = float32(250) / 255
	input, labels := picture(3, h, w, 3), discs(8, h, w, k, 9)
	one := slices.Repeat([]float32{ground}, 3*k)
	two := slices.Clone(one) // every other superpixel behind another colour
	for i := range two {
		if i/3%2 == 1 {
			two[i] = 0.25
		}
	}
	speckled := slices.Clone(blanked(input, labels, w, ground, ground))
	for i := 7; i < len(labels); i += 97 {
		speckled[3*i+1] = 0.5
	}
	for _, c := range []struct {
		name          string
		input, hidden []float32
	}{
		{"a picture behind black", input, make([]float32, 3*k)},
		{"a ground behind itself", blanked(input, labels, w, ground, ground), one},
		{"a ground behind another colour", blanked(input, labels, w, ground, ground), make([]float32, 3*k)},
		{"two grounds behind both", blanked(input, labels, w, ground, 0.25), two},
		{"a ground with specks", speckled, one},
	} {
		for _, filters := range [][]int{{16, 32, 64}, {8, 16, 8, 24}, {8}} {
			n := mustNew(t, randomSpec(21, h, w, 3, filters, []int{32, 4}))
			const masks = 8
			bits := randomMasks(1, masks, k)
			want := bruteForce(t, n, c.input, labels, c.hidden, bits)
			for method, limit := range map[Method]int64{Tables: 0, Direct: -1} {
				var done, total int64
				p, err := n.Perturb(context.Background(), c.input, labels, k, c.hidden, PerturbOptions{MaxBytes: limit, Progress: func(d, all int64) {
					if d < done || d > all {
						t.Errorf("%s, %v: progress %d of %d after %d", c.name, filters, d, all, done)
					}
					done, total = d, all
				}})
				if err != nil {
					t.Fatal(err)
				}
				if p.Info().Method != method || done != total {
					t.Fatalf("%s, %v: %+v, want %s; progress ended at %d of %d", c.name, filters, p.Info(), method, done, total)
				}
				got := make([]float64, masks*4)
				if err := p.Logits(context.Background(), masks, bits, got); err != nil {
					t.Fatal(err)
				}
				checkMasks(t, got, want)
			}
		}
	}
}

// Where the ground has the colour behind which superpixels are hidden, the first block
// alone goes over it; of the further ones only what lies near superpixels is computed.
func TestAGroundOfTheHidingColourCostsTheFirstBlockOnly(t *testing.T) {
	const h, w, k = 128, 128, 4
	n := mustNew(t, randomSpec(21, h, w, 3, []int{16, 32, 64}, []int{32, 4}))
	labels := discs(2, h, w, k, 9)
	passes := func(ground float32, labels []uint16) float64 {
		p, err := n.Perturb(context.Background(), blanked(picture(3, h, w, 3), labels, w, ground, ground), labels, k, slices.Repeat([]float32{0.5}, 3*k), PerturbOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return p.Info().Passes
	}
	first := float64(63*63*36*3*16) / float64(n.passWork())
	if bare := passes(0.5, slices.Repeat([]uint16{NeverHidden}, h*w)); bare < first || bare > 1.01*first {
		t.Errorf("tables of a ground alone take %.3f passes, the first block %.3f", bare, first)
	}
	if same, other := passes(0.5, labels), passes(0.25, labels); same > first+0.18 || other < first+0.84 {
		t.Errorf("tables take %.3f passes on a ground of the hiding colour, %.3f on another; the first block %.3f", same, other, first)
	}
}

// A picture in which nothing can be hidden has one answer.
func TestAPictureOfNothingButGroundAnswersAsItself(t *testing.T) {
	n := mustNew(t, randomSpec(22, 40, 44, 3, []int{8, 16}, []int{24, 4}))
	labels := slices.Repeat([]uint16{NeverHidden}, 40*44)
	for name, input := range map[string][]float32{"a picture": picture(5, 40, 44, 3), "the hiding colour": make([]float32, 40*44*3)} {
		p, err := n.Perturb(context.Background(), input, labels, 2, make([]float32, 6), PerturbOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, want := make([]float64, 16), make([]float32, 4)
		if err := p.Logits(context.Background(), 4, []uint8{0, 0, 0, 1, 1, 0, 1, 1}, got); err != nil {
			t.Fatal(err)
		}
		if err := n.NewSession().Logits(input, want); err != nil {
			t.Fatal(err)
		}
		for i, v := range got {
			if d := math.Abs(v - float64(want[i%4])); !(d <= 1e-5) {
				t.Errorf("%s (%s): mask %d gives %v, the picture %v", name, p.Info().Method, i/4, got[i/4*4:][:4], want)
			}
		}
	}
}

// The label of pixels that are never hidden is an ordinary one where there are as
// many superpixels as labels.
func TestTheLastOfAllLabelsIsASuperpixelsOwn(t *testing.T) {
	n := mustNew(t, randomSpec(22, 10, 12, 3, []int{8, 8}, []int{4}))
	const k = 1 << 16
	input, labels, hidden := picture(5, 10, 12, 3), slices.Repeat([]uint16{k - 1}, 120), make([]float32, 3*k)
	p, err := n.Perturb(context.Background(), input, labels, k, hidden, PerturbOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bits, got := make([]uint8, 2*k), make([]float64, 8)
	bits[k-1] = 1
	if err := p.Logits(context.Background(), 2, bits, got); err != nil {
		t.Fatal(err)
	}
	checkMasks(t, got, bruteForce(t, n, input, labels, hidden, bits))
}

func TestPerturbFallsBackToDirect(t *testing.T) {
	n := mustNew(t, randomSpec(22, 40, 44, 3, []int{8, 16}, []int{24, 4}))
	input, labels, k := picture(5, 40, 44, 3), blobs(6, 40, 44, 9), 9
	for _, c := range []struct {
		reason string
		labels []uint16
		limit  int64
	}{
		{"asked for", labels, -1},
		{"limit of 0", labels, 100 << 10},
		{"distinct values", labels, 1 << 10},
		{"meets more than 12 superpixels", noise(1, 40, 44, k*9), 0},
	} {
		superpixels := k
		if c.limit == 0 {
			superpixels = 9 * k
		}
		p, err := n.Perturb(context.Background(), input, c.labels, superpixels, make([]float32, 3*superpixels), PerturbOptions{MaxBytes: c.limit})
		if err != nil {
			t.Fatal(err)
		}
		if info := p.Info(); info.Method != Direct || !strings.Contains(info.Reason, c.reason) {
			t.Errorf("limit %d: %+v, want direct evaluation because of %q", c.limit, info, c.reason)
		}
	}
}

func TestPerturbProgressAndCancel(t *testing.T) {
	n := mustNew(t, randomSpec(22, 40, 44, 3, []int{8, 16}, []int{24, 4}))
	input, labels, k := picture(5, 40, 44, 3), blobs(6, 40, 44, 9), 9
	hidden := make([]float32, 3*k)
	var done, total int64
	calls := 0
	p, err := n.Perturb(context.Background(), input, labels, k, hidden, PerturbOptions{Progress: func(d, all int64) {
		if d <= done || d > all {
			t.Errorf("progress %d of %d after %d", d, all, done)
		}
		done, total = d, all
		calls++
	}})
	if err != nil || done != total || calls < 20 {
		t.Errorf("error %v, progress ended at %d of %d after %d calls", err, done, total, calls)
	}

	ctx, cancel := context.WithCancel(context.Background())
	calls = 0
	_, err = n.Perturb(ctx, input, labels, k, hidden, PerturbOptions{Progress: func(int64, int64) {
		if calls++; calls == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("cancelled while building: error %v after %d steps", err, calls)
	}
	if err := p.Logits(ctx, 1, make([]uint8, k), make([]float64, 4)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before evaluating: error %v", err)
	}
}

func TestPerturbRefuses(t *testing.T) {
	n := mustNew(t, randomSpec(22, 10, 12, 3, []int{8, 8}, []int{4}))
	input, labels := picture(5, 10, 12, 3), make([]uint16, 120)
	wrong := make([]uint16, 120)
	wrong[7] = 2
	for _, c := range []struct {
		message string
		input   []float32
		labels  []uint16
		k       int
		hidden  []float32
	}{
		{"input has 359 values, want 360", input[1:], labels, 2, make([]float32, 6)},
		{"119 labels, want 120", input, labels[1:], 2, make([]float32, 6)},
		{"0 superpixels", input, labels, 0, nil},
		{"hiding colours have 5 values, want 6", input, labels, 2, make([]float32, 5)},
		{"label 2, want labels below 2", input, wrong, 2, make([]float32, 6)},
	} {
		_, err := n.Perturb(context.Background(), c.input, c.labels, c.k, c.hidden, PerturbOptions{})
		if err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("got error %v, want one with %q", err, c.message)
		}
	}
	p, err := n.Perturb(context.Background(), input, labels, 2, make([]float32, 6), PerturbOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		message string
		n       int
		bits    []uint8
		out     int
	}{
		{"3 mask bits for 2 masks, want 2 each", 2, make([]uint8, 3), 8},
		{"room for 7 logits, want 4 for each of 2 masks", 2, make([]uint8, 4), 7},
		{"mask 1 has 2 for superpixel 0", 2, []uint8{0, 1, 2, 0}, 8},
	} {
		if err := p.Logits(context.Background(), c.n, c.bits, make([]float64, c.out)); err == nil || !strings.Contains(err.Error(), c.message) {
			t.Errorf("got error %v, want one with %q", err, c.message)
		}
	}
	if err := p.Logits(context.Background(), 0, nil, nil); err != nil {
		t.Errorf("no masks: %v", err)
	}
}

func BenchmarkPerturb(b *testing.B) {
	for _, filters := range [][]int{{32, 64, 128}, {64, 128, 256}} {
		n := allNet(b, filters...)
		input, labels, k := picture(4, 224, 224, 3), blobs(9, 224, 224, 40), 40
		build := func() *Perturbation {
			p, err := n.Perturb(context.Background(), input, labels, k, make([]float32, 3*k), PerturbOptions{})
			if err != nil {
				b.Fatal(err)
			}
			return p
		}
		b.Run(shapeName(filters...)+"/plan", func(b *testing.B) {
			for b.Loop() {
				if _, err := n.planTables(maskedInput{input, labels, make([]float32, 3*k)}, defaultMaxBytes); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(shapeName(filters...)+"/tables", func(b *testing.B) {
			var p *Perturbation
			for b.Loop() {
				p = build()
			}
			reportSpeed(b, int64(p.Info().Passes*float64(n.passWork())))
		})
		p := build()
		for _, masks := range []int{1000, 10000} {
			b.Run(shapeName(filters...)+"/masks-"+shapeName(masks), func(b *testing.B) {
				bits, out := randomMasks(1, masks, k), make([]float64, masks*4)
				for b.Loop() {
					if err := p.Logits(context.Background(), masks, bits, out); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
