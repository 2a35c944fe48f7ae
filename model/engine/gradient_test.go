package engine

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// Gradients are slopes of the logits as the reference computes them from pooled features.
func TestGradientsAreSlopesOfTheLogits(t *testing.T) {
	for _, widths := range [][]int{{4}, {32, 4}, {40, 24, 64, 4}} {
		spec := randomSpec(5, 64, 64, 3, []int{8, 16}, widths)
		n := mustNew(t, spec)
		features := randomValues(rand.New(rand.NewPCG(9, 1)), n.Features(), 1)
		got, err := n.Gradients(features)
		if err != nil {
			t.Fatal(err)
		}
		logits := func(features []float64) []float64 {
			for _, l := range spec.Dense {
				features = referenceDense(l, features)
			}
			return features
		}
		const step = 1e-6
		for i := range features {
			more, less := float64s(features), float64s(features)
			more[i] += step
			less[i] -= step
			above, below := logits(more), logits(less)
			for class := range above {
				want := (above[class] - below[class]) / (2 * step)
				if math.Abs(got[class][i]-want) > 1e-6*max(1, math.Abs(want)) {
					t.Errorf("dense layers %v: logit %d rises by %v with feature %d, want %v", widths, class, got[class][i], i, want)
				}
			}
		}
	}
	if _, err := mustNew(t, randomSpec(5, 64, 64, 3, []int{8}, []int{4})).Gradients(make([]float32, 7)); err == nil {
		t.Error("gradients at 7 features of 8")
	}
}

// The last map is that of a forward pass by both methods, also where much of the picture is
// of one hiding colour.
func TestLastMapIsThatOfTheWholePicture(t *testing.T) {
	const h, w = 96, 80
	spec := randomSpec(21, h, w, 3, []int{8, 16, 32}, []int{32, 4})
	n, input := mustNew(t, spec), picture(3, h, w, 3)
	labels := make([]uint16, h*w)
	for i := range labels {
		if x := i % w; x < w/2 {
			labels[i] = NeverHidden
			copy(input[3*i:], []float32{0, 0, 0})
		} else {
			labels[i] = uint16(x / 20 % 2)
		}
	}
	want := float64s(input)
	height, width := h, w
	for _, l := range spec.Convs {
		want, height, width = referenceConv(l, want, height, width)
	}
	for _, limit := range []int64{0, -1} {
		p, err := n.Perturb(context.Background(), input, labels, 2, make([]float32, 6), PerturbOptions{MaxBytes: limit})
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.LastMap()
		if err != nil {
			t.Fatal(err)
		}
		if m.Height != height || m.Width != width || m.Channels != 32 || len(m.Values) != len(want) {
			t.Fatalf("%s: a map of %d x %d x %d with %d values, want %d x %d x 32", p.Info().Method, m.Height, m.Width, m.Channels, len(m.Values), height, width)
		}
		for i, v := range m.Values {
			if math.Abs(float64(v)-want[i]) > 1e-4*max(1, math.Abs(want[i])) {
				t.Fatalf("%s: value %d is %v, want %v", p.Info().Method, i, v, want[i])
			}
		}
	}
}

// A position lies in the middle of the columns of pixels that it depends on.
func TestPositionsOfTheLastMapLieInTheMiddleOfWhatTheySee(t *testing.T) {
	const side, at = 64, 3
	n := mustNew(t, randomSpec(4, side, side, 3, []int{16, 16}, []int{4}))
	seen := func(input []float32) *FeatureMap {
		p, err := n.Perturb(context.Background(), input, make([]uint16, side*side), 1, make([]float32, 3), PerturbOptions{MaxBytes: -1})
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.LastMap()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	input := picture(3, side, side, 3)
	whole := seen(input)
	first, last := -1, -1
	for x := range side {
		changed := append([]float32(nil), input...)
		for y := range side {
			for c := range 3 {
				changed[3*(y*side+x)+c] += 50
			}
		}
		m, differs := seen(changed), false
		for y := range m.Height {
			for c := range m.Channels {
				i := (y*m.Width+at)*m.Channels + c
				differs = differs || m.Values[i] != whole.Values[i]
			}
		}
		if differs {
			if first < 0 {
				first = x
			}
			last = x
		}
	}
	if middle := float64(first+last) / 2; first < 0 || middle != whole.Offset+at*whole.Stride {
		t.Errorf("position %d depends on columns %d to %d, whose middle is %v; it is said to lie at %v", at, first, last, middle, whole.Offset+at*whole.Stride)
	}
}
