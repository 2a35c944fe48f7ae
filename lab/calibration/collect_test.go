package calibration

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/dataset"
	"allnet/lab/stress"
	"allnet/model"
	"allnet/model/synthetic"
)

// small is a quick network with made-up weights.
func small(t *testing.T) *model.Model {
	t.Helper()
	m, err := model.Load(golden.Encode(golden.Graph(golden.Weights(8, 8, 8))))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// smears writes the drawings as a labelled folder.
func smears(t *testing.T) (dir string, items []dataset.Item) {
	t.Helper()
	dir = t.TempDir()
	for i, example := range synthetic.Examples() {
		item := dataset.Item{File: example.Name + ".png", Label: model.Classes[i%len(model.Classes)]}
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, item.File), data, 0o644); err != nil {
			t.Fatal(err)
		}
		items = append(items, item)
	}
	return dir, items
}

func TestCollectObservesEverySetInItsPlace(t *testing.T) {
	dir, items := smears(t)
	m := small(t)
	foreign := []string{filepath.Join(dir, items[0].File), filepath.Join(dir, items[1].File), filepath.Join(dir, items[2].File)}
	last := 0
	d, h, err := Collect(t.Context(), m, Source{Dir: dir, Training: items, Validation: items, Test: items[1:], Foreign: foreign}, func(done, total int) {
		if done != last+1 || done > total {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	names := func(sets []Set) (names []string) {
		for _, set := range sets {
			names = append(names, set.Name)
		}
		return names
	}
	want := "unchanged, stain/mild, stain/moderate, stain/strong, camera/moderate"
	for _, levels := range [][]Set{d.Levels, h.Levels} {
		if got := strings.Join(names(levels), ", "); got != want {
			t.Errorf("levels %s, want %s", got, want)
		}
	}
	if len(d.Colours) == 0 || len(d.Blurred) != 3 {
		t.Errorf("%d colours, %d blurs", len(d.Colours), len(d.Blurred))
	}
	// What is seen for a picture is what a session sees, in the order of the items.
	in, err := dataset.ReadInput(filepath.Join(dir, items[2].File))
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.NewSession().Observe(model.AsIs(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Levels[0].Samples[2]; got.Logits != o.Logits || got.Label != items[2].Label {
		t.Errorf("picture 2 has logits %v and label %s, want %v and %s", got.Logits, got.Label, o.Logits, items[2].Label)
	}
	if got := h.Levels[0].Samples[1]; got.Logits != o.Logits {
		t.Errorf("picture 1 of the test side has logits %v, want %v", got.Logits, o.Logits)
	}
	if d.Levels[3].Samples[1].Logits == o.Logits { // of every second picture, this one
		t.Error("the stain was not changed")
	}
	// Kinds that are only reported on are not among those fitted to.
	fitted := make(map[string]bool)
	for _, set := range d.Foreign {
		fitted[set.Name] = true
	}
	reported := 0
	for i, set := range h.Foreign {
		if fitted[set.Name] != h.Fitted[i] {
			t.Errorf("%s: fitted to %v, told %v", set.Name, fitted[set.Name], h.Fitted[i])
		}
		if !h.Fitted[i] {
			reported++
		}
	}
	for _, kind := range stress.Kinds() {
		if fitted[kind.Name] != (kind.Use == stress.Fit) {
			t.Errorf("%s, which is for %s: fitted to %v", kind.Name, kind.Use, fitted[kind.Name])
		}
	}
	if reported == 0 || !fitted[otherSmears] {
		t.Errorf("%d kinds are reported on only; other smears fitted to: %v", reported, fitted[otherSmears])
	}
	if other := h.Foreign[len(h.Foreign)-1]; other.Name != otherSmears || len(other.Samples) != 1 {
		t.Errorf("%s has %d pictures, want 1 of %s", other.Name, len(other.Samples), otherSmears)
	}
}

func TestCollectEndsWithItsContextAndItsFirstError(t *testing.T) {
	dir, items := smears(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := Source{Dir: dir, Training: items, Validation: items, Test: items}
	if _, _, err := Collect(ctx, small(t), s, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	s.Test = append(s.Test[:1:1], dataset.Item{File: "missing.png"})
	if _, _, err := Collect(t.Context(), small(t), s, nil); err == nil || !strings.Contains(err.Error(), "missing.png") {
		t.Errorf("got error %v, want one about missing.png", err)
	}
}

// A network that gives one logit for all pictures, so that nothing is certain.
func TestTheReportCountsEveryReasonForNoAnswer(t *testing.T) {
	c := &model.Calibration{
		Temperature: 1, Reach: 1, Features: model.Space{Centres: [][]float64{{0}}, Whitening: [][]float64{{1}}},
		Colours: new(identity(9)), Strangeness: [3]float64{0, 1, 0}, Limits: model.Limits{Sharpness: -1, Colours: 1, Strangeness: 5. / 6, Ordinary: 4, Confidence: 0.6},
	}
	sample := func(label model.Class, feature float32, sharpness float64, logits ...float32) Sample {
		return Sample{&model.Observation{Logits: [4]float32(logits), Features: []float32{feature}, Sharpness: sharpness}, label}
	}
	set := Set{"mixed", []Sample{
		sample(model.Pre, 0, 0, 0, 0, 9, 0), sample(model.Pro, 0, 0, 0, 0, 9, 0),
		sample(model.Pre, 9, 0, 0, 0, 9, 0), sample(model.Pre, 0, -2, 0, 0, 9, 0), sample(model.Pre, 0, 0, 1, 1, 1, 1), {},
	}}
	level := ReportLevel(c, set)
	if level.Before.Correct != 3 || level.Before.Abstained != 1 || level.Calibrated.Abstained != 1 || level.Answered.Correct != 1 || level.Answered.Abstained != 4 {
		t.Errorf("before %d right, calibrated %d abstained, answered %d right and %d abstained", level.Before.Correct, level.Calibrated.Abstained, level.Answered.Correct, level.Answered.Abstained)
	}
	k := ReportKind(c, set, true)
	for code, n := range map[model.Code]int{model.Foreign: 1, model.Blurred: 1, model.Close: 1, model.Unreadable: 1} {
		if k.Refusals[code] != n {
			t.Errorf("%d refused as %s, want %d", k.Refusals[code], code, n)
		}
	}
	if k.Count != 4 || k.N != 6 {
		t.Errorf("%d of %d refused, want 4 of 6", k.Count, k.N)
	}
}

// identity is a space around the origin in which every coordinate counts alike.
func identity(dimensions int) model.Space {
	s := model.Space{Centres: [][]float64{make([]float64, dimensions)}, Whitening: triangle(dimensions)}
	for i, row := range s.Whitening {
		row[i] = 1
	}
	return s
}
