package engine

import (
	"math"
	"strings"
	"sync"
	"testing"
)

// The counts that the article's notebooks print (32/64/128 filters) and that
// follow from its text (64/128/256).
func TestParametersOfALLNet(t *testing.T) {
	for _, c := range []struct {
		filters    []int
		parameters int
	}{{[]int{32, 64, 128}, 787268}, {[]int{64, 128, 256}, 1097604}} {
		n := allNet(t, c.filters...)
		if got := n.Parameters(); got != c.parameters {
			t.Errorf("filters %v: %d parameters, want %d", c.filters, got, c.parameters)
		}
		logits := make([]float32, n.Classes())
		if err := n.NewSession().Logits(picture(1, 224, 224, 3), logits); err != nil {
			t.Fatal(err)
		}
		for _, v := range logits {
			if v == 0 || math.IsNaN(float64(v)) {
				t.Errorf("filters %v: logits %v", c.filters, logits)
			}
		}
	}
}

// Counted by hand from the sizes of the feature maps; the notebooks' network
// takes "462 M" an image. A session multiplies less: in the first block 36 for each place
// that pooling keeps, in the others Winograd's 16.
func TestMultiplyAdds(t *testing.T) {
	const dense = 128*256 + 256*512 + 512*1024 + 1024*4
	const want = 222*222*27*32 + 109*109*288*64 + 52*52*576*128 + dense
	const work = 111*111*36*3*32 + 54*54*16*32*64 + 26*26*16*64*128 + dense
	n := allNet(t, 32, 64, 128)
	if got := n.MultiplyAdds(); got != want || got/1e6 != 461 {
		t.Errorf("%d multiply-adds, want %d, about 462 million", got, want)
	}
	if got := n.passWork(); got != work {
		t.Errorf("a session multiplies %d times, want %d", got, work)
	}
}

func TestLogitsAgreeWithReference(t *testing.T) {
	for _, c := range []struct {
		height, width, channels int
		filters, dense          []int
	}{
		{4, 4, 3, []int{8}, []int{4}},
		{5, 5, 1, []int{8}, []int{1}},
		{7, 12, 3, []int{16}, []int{5, 3}},
		{17, 14, 4, []int{8, 16}, []int{9, 4}},
		{22, 22, 3, []int{8, 8, 8}, []int{16, 4}},
		{40, 46, 3, []int{32, 64, 128}, []int{256, 512, 1024, 4}},
		{31, 25, 3, []int{64, 128, 256}, []int{256, 512, 1024, 4}},
		{46, 50, 3, []int{8, 8, 16, 8}, []int{12, 7}},
	} {
		t.Run(shapeName(append([]int{c.height, c.width, c.channels}, c.filters...)...), func(t *testing.T) {
			spec := randomSpec(11, c.height, c.width, c.channels, c.filters, c.dense)
			n := mustNew(t, spec)
			session, logits := n.NewSession(), make([]float32, n.Classes())
			for seed := range uint64(3) {
				input := picture(seed, c.height, c.width, c.channels)
				if err := session.Logits(input, logits); err != nil {
					t.Fatal(err)
				}
				features := referenceFeatures(spec, input)
				checkClose(t, session.Features(), features, kernelTolerance)
				checkClose(t, logits, referenceLogits(spec, features), kernelTolerance)
			}
		})
	}
}

// One network serves many goroutines, and neither earlier pictures nor other
// sessions change a picture's bits.
func TestLogitsAreDeterministic(t *testing.T) {
	n := mustNew(t, randomSpec(13, 40, 44, 3, []int{16, 24}, []int{33, 4}))
	inputs := [][]float32{picture(1, 40, 44, 3), picture(2, 40, 44, 3)}
	var want [2][4]float32
	for i, input := range inputs {
		if err := n.NewSession().Logits(input, want[i][:]); err != nil {
			t.Fatal(err)
		}
	}
	if want[0] == want[1] {
		t.Fatal("two pictures gave the same logits")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s := n.NewSession()
			for i := range 6 {
				var got [4]float32
				if err := s.Logits(inputs[i%2], got[:]); err != nil || got != want[i%2] {
					t.Errorf("got %v, %v, want %v", got, err, want[i%2])
				}
			}
		})
	}
	wg.Wait()
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name, message string
		change        func(*Spec)
	}{
		{"no blocks", "0 convolution blocks", func(s *Spec) { s.Convs = nil }},
		{"no dense layers", "0 dense layers", func(s *Spec) { s.Dense = nil }},
		{"no pixels", "positive sizes", func(s *Spec) { s.Height = 0 }},
		{"huge", "at most", func(s *Spec) { s.Height, s.Width = 1<<20, 1<<20 }},
		{"channels", "takes 3 channels, but is given 1", func(s *Spec) { s.Channels = 1 }},
		{"filters", "has 12 filters", func(s *Spec) { s.Convs[1].Out = 12 }},
		{"small", "want at least 4x4", func(s *Spec) { s.Height = 9 }},
		{"weights", "convolution 2: has 1151 weights, want 1152", func(s *Spec) { s.Convs[1].Weight = s.Convs[1].Weight[1:] }},
		{"biases", "has 0 biases, want 8", func(s *Spec) { s.Convs[0].Bias = nil }},
		{"dense input", "dense layer 1: takes 15 values, but is given 16", func(s *Spec) { s.Dense[0].In = 15 }},
		{"dense outputs", "has 0 outputs", func(s *Spec) { s.Dense[1].Out = 0 }},
		{"dense weights", "dense layer 2: has 19 weights, want 20", func(s *Spec) { s.Dense[1].Weight = s.Dense[1].Weight[1:] }},
		{"not a number", "not a finite number", func(s *Spec) { s.Dense[0].Bias[2] = float32(math.NaN()) }},
		{"infinite", "not a finite number", func(s *Spec) { s.Convs[0].Weight[5] = float32(math.Inf(-1)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec := randomSpec(1, 10, 12, 3, []int{8, 16}, []int{5, 4})
			if _, err := New(spec); err != nil {
				t.Fatal(err)
			}
			c.change(&spec)
			if _, err := New(spec); err == nil || !strings.Contains(err.Error(), c.message) {
				t.Errorf("got error %v, want one with %q", err, c.message)
			}
		})
	}
}

func TestLogitsRefuses(t *testing.T) {
	n := mustNew(t, randomSpec(1, 10, 12, 3, []int{8, 16}, []int{5, 4}))
	s := n.NewSession()
	if err := s.Logits(make([]float32, 10*12*3-1), make([]float32, 4)); err == nil || !strings.Contains(err.Error(), "359 values, want 360 (10x12x3)") {
		t.Errorf("short input: got error %v", err)
	}
	if err := s.Logits(make([]float32, 10*12*3), make([]float32, 5)); err == nil || !strings.Contains(err.Error(), "want 4") {
		t.Errorf("too many logits: got error %v", err)
	}
}

// New copies the weights: changing the caller's does not change the network.
func TestNetworkIsImmutable(t *testing.T) {
	spec := randomSpec(1, 10, 12, 3, []int{8, 16}, []int{5, 4})
	n := mustNew(t, spec)
	input := picture(1, 10, 12, 3)
	var before, after [4]float32
	if err := n.NewSession().Logits(input, before[:]); err != nil {
		t.Fatal(err)
	}
	for _, l := range spec.Convs {
		clear(l.Weight)
		clear(l.Bias)
	}
	for _, l := range spec.Dense {
		clear(l.Weight)
		clear(l.Bias)
	}
	if err := n.NewSession().Logits(input, after[:]); err != nil {
		t.Fatal(err)
	}
	if before != after {
		t.Errorf("logits changed from %v to %v", before, after)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, filters := range [][]int{{32, 64, 128}, {64, 128, 256}} {
		b.Run(shapeName(filters...), func(b *testing.B) {
			n := allNet(b, filters...)
			s, input, logits := n.NewSession(), picture(1, 224, 224, 3), make([]float32, 4)
			for b.Loop() {
				if err := s.Logits(input, logits); err != nil {
					b.Fatal(err)
				}
			}
			reportSpeed(b, n.MultiplyAdds())
		})
	}
}
