package profile

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/cases"
	"allnet/model"
)

// laboratory draws examples of which the network knows the class with logits of this margin; the
// laboratory adds shift to the logits of each.
func laboratory(seed uint64, perClass int, margin float64, shift [classes]float64) (all []Example) {
	r := rand.New(rand.NewPCG(seed, 1))
	for c := range classes {
		for i := range perClass {
			e := Example{Class: model.Class(c), Slide: fmt.Sprintf("%d-%d", c, i/4)}
			for k := range e.Logits {
				e.Logits[k] = r.NormFloat64() + shift[k]
			}
			e.Logits[c] += margin
			all = append(all, e)
		}
	}
	return all
}

// lost is the mean loss of examples, and the share that is right.
func lost(all []Example, c *model.Correction) (mean, right float64) {
	for i := range all {
		l, ok := loss(&all[i], c)
		mean += l / float64(len(all))
		if ok {
			right += 1 / float64(len(all))
		}
	}
	return mean, right
}

var network = cases.Network{Name: "cells", Weights: strings.Repeat("1", 64), Calibration: strings.Repeat("2", 64)}

// A laboratory whose stain moves the threshold of a network whose order is right: 20 pictures win
// back at least half of what is lost, measured on others.
func TestTwentyPicturesWinBackAMovedThreshold(t *testing.T) {
	shift := [classes]float64{-3, 0, 3, 0}
	others := laboratory(99, 200, 5, shift)
	best, _ := lost(laboratory(99, 200, 5, [classes]float64{}), nil)
	before, wasRight := lost(others, nil)
	for seed := range uint64(5) {
		p, err := Fit(network, cases.Program{}, laboratory(seed, 5, 5, shift))
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		after, isRight := lost(others, &model.Correction{Matrix: p.Matrix, Bias: p.Bias})
		t.Logf("seed %d: loss %.3f, corrected %.3f, of the network's own laboratory %.3f; right %.3f, corrected %.3f", seed, before, after, best, wasRight, isRight)
		if after > (before+best)/2 || isRight < wasRight {
			t.Errorf("seed %d: loss %.3f, corrected %.3f; of the network's own laboratory %.3f", seed, before, after, best)
		}
		if p.Judgement.Slides != 8 || p.Judgement.Pictures != 20 {
			t.Errorf("seed %d: %+v", seed, p.Judgement)
		}
	}
}

// Where the network needs nothing, what is learned from chance is refused, and what little is not
// refused does no harm.
func TestWhatGainsNothingIsRefused(t *testing.T) {
	refused := 0
	others := laboratory(99, 200, 7, [classes]float64{})
	before, wasRight := lost(others, nil)
	for seed := range uint64(10) {
		p, err := Fit(network, cases.Program{}, laboratory(seed, 6, 7, [classes]float64{}))
		var r *Refusal
		if errors.As(err, &r) {
			refused++
			if r.Judgement == nil || !strings.Contains(err.Error(), "would gain nothing") || !strings.Contains(err.Error(), "Cross-validated on 24 pictures of 8 slides") {
				t.Errorf("seed %d: %v", seed, err)
			}
			continue
		}
		if after, isRight := lost(others, &model.Correction{Matrix: p.Matrix, Bias: p.Bias}); isRight < wasRight-0.01 || after > before+0.02 {
			t.Errorf("seed %d: right %.4f, corrected %.4f; loss %.4f, %.4f", seed, wasRight, isRight, before, after)
		}
	}
	t.Logf("%d of 10 refused", refused)
	if refused < 8 {
		t.Errorf("%d of 10 refused", refused)
	}
	// Labels that have nothing to do with the pictures teach nothing.
	r := rand.New(rand.NewPCG(5, 5))
	noise := laboratory(1, 10, 0, [classes]float64{})
	r.Shuffle(len(noise), func(i, j int) { noise[i].Class, noise[j].Class = noise[j].Class, noise[i].Class })
	for i := range noise {
		noise[i].Slide = ""
	}
	left, err := chosen(noise)
	if err != nil {
		t.Fatal(err)
	}
	// A quarter of 40 is right by chance; 17 or more are in one of a hundred cases.
	if j := judge(left); j.CorrectedRight > 16 || j.CorrectedLogLoss < math.Log(float64(classes))-0.05 {
		t.Errorf("of noise: %+v", j)
	} else {
		t.Logf("of noise: %+v", j)
	}
}

// A picture that a correction is judged by must not have been fitted to: where the logits tell
// nothing, and classes are as frequent as the logits say, there is nothing to gain.
func TestNoPictureIsJudgedByWhatWasFittedToIt(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 9))
		var all []Example
		for i := range 40 {
			e := Example{Class: model.Class(i % classes), Slide: fmt.Sprint(r.IntN(8))}
			for k := range e.Logits {
				e.Logits[k] = 0.1 * r.NormFloat64()
			}
			all = append(all, e)
		}
		left, err := chosen(all)
		if err != nil {
			t.Fatal(err)
		}
		if j := judge(left); j.CorrectedLogLoss < j.LogLoss-0.01 {
			t.Errorf("seed %d: %+v", seed, j)
		}
	}
}

func TestPicturesOfOneSlideAreLeftOutTogether(t *testing.T) {
	all := laboratory(1, 8, 5, [classes]float64{}) // two slides of four a class
	examples, err := chosen(all)
	if err != nil {
		t.Fatal(err)
	}
	part := divided(examples)
	of := make(map[string]int)
	sizes := make(map[int]int)
	for i, e := range examples {
		if p, known := of[e.Slide]; known && p != part[i] {
			t.Errorf("slide %s is in two parts", e.Slide)
		}
		of[e.Slide] = part[i]
		sizes[part[i]]++
	}
	if len(of) != 8 || len(sizes) != parts {
		t.Errorf("%d slides, sizes %v", len(of), sizes)
	}
	for i := range all {
		all[i].Slide = fmt.Sprint(i % 3)
	}
	var r *Refusal
	if _, err := chosen(all); !errors.As(err, &r) || !strings.Contains(err.Error(), "The confirmed pictures are of too few slides: 3. Expected at least 5") {
		t.Errorf("of three slides: %v", err)
	}
	all[0].Slide, all[1].Slide = "", "" // each of its own
	if _, err := chosen(all); err != nil {
		t.Error(err)
	}
}

func TestTooFewPicturesAreRefused(t *testing.T) {
	shift := [classes]float64{-3, 0, 3, 0}
	for what, all := range map[string][]Example{
		"none":             nil,
		"19":               laboratory(1, 5, 5, shift)[:19],
		"of one class":     laboratory(1, 30, 5, shift)[:30],
		"of two rare ones": append(laboratory(1, 19, 5, shift)[:19], laboratory(2, 2, 5, shift)[6:]...),
	} {
		var r *Refusal
		if _, err := Fit(network, cases.Program{}, all); !errors.As(err, &r) || !strings.Contains(err.Error(), "too few confirmed pictures") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What no picture shows is not touched: the odds of its class beside the others as a whole stay.
func TestAClassWithoutPicturesIsLeftAsItIs(t *testing.T) {
	all := laboratory(3, 15, 5, [classes]float64{-3, 3, 0, 0})[:30] // Benign and Early
	p, err := Fit(network, cases.Program{}, append(all, laboratory(4, 2, 5, [classes]float64{})[6:]...))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Classes, []model.Class{model.Benign, model.Early}) {
		t.Errorf("fitted among %v", p.Classes)
	}
	if p.Bias[2] != 0 || p.Bias[3] != 0 || math.Abs(p.Bias[0]+p.Bias[1]) > 1e-6 || p.Matrix[2] != [classes]float64{} || p.Bias[0] < 0.5 {
		t.Errorf("bias %v, matrix %v", p.Bias, p.Matrix)
	}
}

func TestAProfileIsAFunctionOfItsPicturesAlone(t *testing.T) {
	all := laboratory(1, 8, 5, [classes]float64{-3, 0, 3, 0})
	want, err := Fit(network, cases.Program{}, all)
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(3) {
		other := slices.Clone(all)
		rand.New(rand.NewPCG(seed, 3)).Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		if got, err := Fit(network, cases.Program{}, other); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("in another order: %v, %v", got, err)
		}
	}
}

// The fit is where the gradient of the posterior vanishes.
func TestTheFitIsTheMaximum(t *testing.T) {
	all := laboratory(1, 8, 2, [classes]float64{-1, 0, 1, 0})
	var examples []*Example
	for i := range all {
		examples = append(examples, &all[i])
	}
	s := strength{0.6, 2}
	posterior := func(c *model.Correction) float64 {
		sum := 0.0
		for _, e := range examples {
			logits := e.Logits
			c.Apply(&logits)
			sum += math.Log(softmax(logits, [classes]bool{true, true, true, true})[e.Class])
		}
		for k := range classes {
			sum -= c.Bias[k] * c.Bias[k] / s.bias / s.bias / 2
			for _, v := range c.Matrix[k] {
				sum -= v * v / s.matrix / s.matrix / 2
			}
		}
		return sum
	}
	c := fit(examples, s)
	top := posterior(c)
	for k := range classes {
		for _, by := range []float64{-1e-3, 1e-3} {
			moved := *c
			moved.Bias[k] += by
			if posterior(&moved) > top {
				t.Errorf("bias %d by %g is better", k, by)
			}
			for j := range classes {
				moved := *c
				moved.Matrix[k][j] += by
				if posterior(&moved) > top {
					t.Errorf("matrix %d %d by %g is better", k, j, by)
				}
			}
		}
	}
}

func read(text []byte, m *model.Model) (*model.Correction, error) {
	p, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return p.For(m.Hash(), m.CalibrationHash())
}

func TestAProfileIsReadForItsNetworkAlone(t *testing.T) {
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	other, err := model.Named("article")
	if err != nil {
		t.Fatal(err)
	}
	p, err := Fit(cases.Network{Name: m.Name(), Weights: m.Hash(), Calibration: m.CalibrationHash()}, cases.Program{}, laboratory(1, 8, 5, [classes]float64{-3, 0, 3, 0}))
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	c, err := read(text, m)
	if err != nil || c.Matrix != p.Matrix || c.Bias != p.Bias || len(c.Profile) != 64 {
		t.Errorf("got %+v, %v", c, err)
	}
	if _, err := read(text, other); err == nil || !strings.Contains(err.Error(), "the profile belongs to the network cells") {
		t.Errorf("for another network: %v", err)
	}
	// short has other numbers in a list.
	short := func(key, numbers string) string {
		before, after, found := strings.Cut(string(text), key)
		end := strings.Index(after, "],\n \"") // of the list itself, as it is indented
		if !found || end < 0 {
			t.Fatalf("the profile holds no %s", key)
		}
		return before + key + numbers + after[end+1:]
	}
	for what, text := range map[string]string{
		"nothing": "", "another file": "{}", "of other weights": strings.Replace(string(text), m.Hash(), strings.Repeat("3", 64), 1), "of another calibration": strings.Replace(string(text), m.CalibrationHash(), strings.Repeat("3", 64), 1), "fewer numbers": short(`"bias": [`, `1]`), "more numbers": strings.Replace(string(text), `"bias": [`, `"bias": [0,`, 1), "a matrix of one number": short(`"matrix": [`, `[1]]`), "a matrix of a short row": short(`"matrix": [`, `[0,0,0,0],[0,0,0,0],[0,0,0],[0,0,0,0]]`), "a great number": strings.Replace(string(text), `"bias": [`, `"bias": [1e9,`, 1),
	} {
		if _, err := read([]byte(text), m); err == nil {
			t.Errorf("%s is a profile", what)
		}
	}
}

// What was told of all pictures alike goes with a profile; what was told of some is of these alone.
func TestWhatWasToldOfAllPicturesGoesWithAProfile(t *testing.T) {
	all := laboratory(1, 8, 5, [classes]float64{-3, 0, 3, 0})
	told := func(i int) *model.Choices {
		return &model.Choices{Crop: &model.Part{Width: 9, Height: 9}, Diameter: 90, Ground: &[3]uint8{240, 230, uint8(i)}, KeepSize: false, KeepLight: true, KeepStain: i > 0}
	}
	choices := func() *model.Choices {
		p, err := Fit(network, cases.Program{}, all)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if p, err = Parse(text); err != nil {
			t.Fatal(err)
		}
		return p.Choices
	}
	if c := choices(); c != nil {
		t.Errorf("nothing was told, and it says %+v", c)
	}
	for i := range all {
		all[i].Choices = told(i)
	}
	if c := choices(); !reflect.DeepEqual(c, &model.Choices{Diameter: 90, KeepLight: true}) {
		t.Errorf("got %+v", c)
	}
	for i := range all {
		all[i].Choices = told(7)
	}
	if c := choices(); !reflect.DeepEqual(c, &model.Choices{Diameter: 90, Ground: &[3]uint8{240, 230, 7}, KeepLight: true, KeepStain: true}) {
		t.Errorf("got %+v", c)
	}
	all[5].Choices = nil
	if c := choices(); c != nil {
		t.Errorf("of one picture nothing was told, and it says %+v", c)
	}
}

func TestWhatThereIsToFitToIsCounted(t *testing.T) {
	all := laboratory(1, 8, 5, [classes]float64{})
	if s := Stand(all); s != (Standing{Pictures: 32, Slides: 8}) {
		t.Errorf("got %+v", s)
	}
	if s := Stand(all[:9]); s.Pictures != 9 || s.Slides != 3 || !strings.Contains(s.Why, "too few confirmed pictures: 8, of 1 classes") {
		t.Errorf("got %+v", s)
	}
}
