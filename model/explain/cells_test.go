package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/bits"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/engine"
	"allnet/model/explain"
)

// level is the ground's of these tests.
const level = 250

// discs are so many cells, of radius 11, in rows; those of neighbouring columns touch.
func discs(n int) *cells.Cells {
	c := &cells.Cells{Width: model.Side, Height: model.Side, Labels: make([]uint16, model.Side*model.Side), List: make([]cells.Cell, n)}
	for i := range c.Labels {
		y, x := i/model.Side, i%model.Side
		for cell := range n {
			cy, cx := 30+55*(cell/5), 25+21*(cell%5)+40*(cell%5/2)
			if (y-cy)*(y-cy)+(x-cx)*(x-cx) < 121 {
				c.Labels[i] = uint16(cell + 1)
			}
		}
	}
	return c
}

// blanked is a picture of which nothing but its cells is left, as the network sees it.
func blanked(in *model.Input, c *cells.Cells) *model.Input {
	out := &model.Input{RGB: cells.Blanked(in.RGB, c, level)}
	for _, v := range out.RGB {
		out.Tensor = append(out.Tensor, model.Levels[v])
	}
	return out
}

// only is a picture of some of its cells: those with bit 1.
func only(in *model.Input, c *cells.Cells, shown []uint8) *model.Input {
	some := *c
	some.Labels = slices.Clone(c.Labels)
	for i, label := range some.Labels {
		if label != 0 && shown[label-1] == 0 {
			some.Labels[i] = 0
		}
	}
	return blanked(in, &some)
}

func newCells(t testing.TB, m *model.Model, in *model.Input, c *cells.Cells) *explain.Session {
	t.Helper()
	s, err := explain.NewCells(m, in, c, level)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readingOf returns a function that runs the network on a picture and gives its
// probabilities, calibrated as those of the whole picture are.
func readingOf(t *testing.T, m *model.Model, whole *model.Input) func(in *model.Input) []float64 {
	t.Helper()
	session := m.NewSession()
	o, err := session.Observe(whole)
	if err != nil {
		t.Fatal(err)
	}
	scale := m.Calibration().Scale(o.Features)
	return func(in *model.Input) []float64 {
		o, err := session.Observe(in)
		if err != nil {
			t.Fatal(err)
		}
		z := make([]float64, len(o.Logits))
		for class, logit := range o.Logits {
			z[class] = scale * float64(logit)
		}
		return softmax(z)
	}
}

// picturesOfCells have the cells that are found in real pictures, where there are
// any, and discs in a drawing.
func picturesOfCells(t *testing.T) map[string]*cells.Cells {
	all := map[string]*cells.Cells{}
	for name, in := range pictures(t) {
		if c := cells.Find(in.RGB, model.Side, model.Side); len(c.List) > 0 && !strings.HasPrefix(name, "synthetic") {
			all[name] = c
		}
	}
	all["synthetic-2"] = discs(7)
	return all
}

// Removing a cell is what the tables compute: what remains is a picture of the others.
func TestSamplesOfCellsEqualForwardPassesOnPicturesOfTheOthers(t *testing.T) {
	all := pictures(t)
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range picturesOfCells(t) {
			in := blanked(all[name], c)
			seg, err := explain.Segment(c)
			if err != nil {
				t.Fatal(err)
			}
			evaluator, info, err := explain.Evaluator(t.Context(), m, in, seg, lime.HideRemoved, nil)
			if err != nil {
				t.Fatal(err)
			}
			if info.Method != engine.Tables {
				t.Errorf("%s, %s: evaluated by %s, want tables", b.Name, name, info.Method)
			}
			masks := lime.Perturb(1, 5, seg.Count)
			clear(masks.Row(1)) // no cell at all
			got := make([]float64, masks.N*len(model.Classes))
			if err := evaluator.Logits(t.Context(), masks, got); err != nil {
				t.Fatal(err)
			}
			network := readingOf(t, m, in)
			for i := range masks.N {
				want := network(only(in, c, masks.Row(i)))
				for class, p := range softmax(got[4*i:][:4]) {
					if math.Abs(p-want[class]) > 1e-5 {
						t.Errorf("%s, %s, sample %d: probability of %s is %v, want %v", b.Name, name, i, model.Class(class), p, want[class])
					}
				}
			}
		}
	}
}

func TestReadingsAreWhatTheNetworkSaysOfPicturesOfSomeCells(t *testing.T) {
	const k = 4
	c := discs(k)
	m, in := shipped(t), blanked(drawn(t, "synthetic-2"), c)
	session := newCells(t, m, in, c)
	r, err := session.Readings(t.Context(), explain.DefaultThreshold, nil)
	if err != nil {
		t.Fatal(err)
	}
	network := readingOf(t, m, in)
	check := func(what string, got explain.Reading, shown []uint8) {
		want := network(only(in, c, shown))
		for class, p := range want {
			if math.Abs(got.Probabilities[class]-p) > 1e-5 {
				t.Errorf("%s: probability of %s is %v, the network gives %v", what, model.Class(class), got.Probabilities[class], p)
			}
			if p > want[got.Class] {
				t.Errorf("%s reads as %s; %s is more probable", what, got.Class, model.Class(class))
			}
		}
		if got.Neither != (got.Probabilities[got.Class] < 0.5) {
			t.Errorf("%s: %+v", what, got)
		}
	}
	check("the whole picture", r.Readings.Whole, []uint8{1, 1, 1, 1})
	check("no cell", r.Readings.Empty, make([]uint8, k))
	tally := explain.Tally{Cells: k}
	for i, cell := range r.Readings.Cells {
		alone, without := make([]uint8, k), []uint8{1, 1, 1, 1}
		alone[i], without[i] = 1, 0
		check("a cell alone", cell.Alone, alone)
		check("all but one", cell.Without, without)
		if cell.Cell != i {
			t.Errorf("cell %d has the number %d", i, cell.Cell)
		}
		if cell.Alone.Neither {
			tally.Neither++
		} else {
			tally.Classes[cell.Alone.Class]++
		}
	}
	if r.Readings.Tally != tally {
		t.Errorf("tally %+v, want %+v", r.Readings.Tally, tally)
	}
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	if r.Readings.Whole.Class != answer.Predicted {
		t.Errorf("the readings are about %s, the answer is %s", r.Readings.Whole.Class, answer.Predicted)
	}
	for threshold, neither := range map[float64]int{0: 0, 1: k} {
		r, err := session.Readings(t.Context(), threshold, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Readings.Tally.Neither != neither || r.Readings.Threshold != threshold {
			t.Errorf("at the threshold %v: %+v", threshold, r.Readings.Tally)
		}
	}
}

// coalitions asks an evaluator about all sets of k cells: bit i of a set's number
// says whether cell i is shown.
func coalitions(t *testing.T, e lime.Evaluator, k int) [][]float64 {
	t.Helper()
	masks := lime.Masks{N: 1 << k, K: k}
	for set := range masks.N {
		for i := range k {
			masks.Bits = append(masks.Bits, uint8(set>>i&1))
		}
	}
	z := make([]float64, e.Classes()<<k)
	if err := e.Logits(t.Context(), masks, z); err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(z, e.Classes()))
}

// Of few cells all sets are gone through here too, one by one.
func TestSetsOfCellsAreTheSmallest(t *testing.T) {
	const k = 6
	c, all := discs(k), 1<<k-1
	kinds := map[string]int{}
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"synthetic-1", "synthetic-2", "synthetic-3", "synthetic-4"} {
			in := blanked(drawn(t, name), c)
			r, err := newCells(t, m, in, c).Readings(t.Context(), 0.5, nil)
			if err != nil {
				t.Fatal(err)
			}
			seg, err := explain.Segment(c)
			if err != nil {
				t.Fatal(err)
			}
			e, _, err := explain.Evaluator(t.Context(), m, in, seg, lime.HideRemoved, nil)
			if err != nil {
				t.Fatal(err)
			}
			z := coalitions(t, e, k)
			predicted := func(set int) (class int) {
				for i, v := range z[set] {
					if v > z[set][class] {
						class = i
					}
				}
				return class
			}
			decisive, sufficient := k+1, k+1 // sizes
			for set := range z {
				n := bits.OnesCount(uint(set))
				if predicted(set) == predicted(all) {
					sufficient = min(sufficient, n)
				} else {
					decisive = min(decisive, k-n)
				}
			}
			for _, s := range []struct {
				what string
				set  explain.Set
				size int
			}{{"decisive", r.Readings.Decisive, decisive}, {"sufficient", r.Readings.Sufficient, sufficient}} {
				if s.set.Found != (s.size <= k) || !s.set.Proven || (s.set.Found && len(s.set.Cells) != s.size) {
					t.Errorf("%s, %s: %s set %+v; the smallest has %d cells", b.Name, name, s.what, s.set, s.size)
				}
				if !s.set.Found {
					kinds["no "+s.what]++
					continue
				}
				kinds[s.what]++
				shown := 0
				for _, cell := range s.set.Cells {
					shown |= 1 << cell
				}
				if s.what == "decisive" {
					shown = all &^ shown
				}
				if (predicted(shown) == predicted(all)) != (s.what == "sufficient") || int(s.set.Reading.Class) != predicted(shown) {
					t.Errorf("%s, %s: %s set %+v makes the picture read as %s, of %s", b.Name, name, s.what, s.set, model.Class(predicted(shown)), model.Class(predicted(all)))
				}
			}
		}
	}
	if kinds["decisive"] == 0 || kinds["sufficient"] == 0 {
		t.Errorf("what was seen: %v", kinds)
	}
}

func TestShapleyValuesOfFewCellsAreExact(t *testing.T) {
	const k = 5
	c := discs(k)
	m, in := shipped(t), blanked(drawn(t, "synthetic-2"), c)
	settings := lime.CellsPreset().ShapleySettings(lime.DefaultPermutations)
	settings.Target = lime.TargetProbability
	r, err := newCells(t, m, in, c).Shapley(t.Context(), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	seg, err := explain.Segment(c)
	if err != nil {
		t.Fatal(err)
	}
	e, _, err := explain.Evaluator(t.Context(), m, in, seg, lime.HideRemoved, nil)
	if err != nil {
		t.Fatal(err)
	}
	var p [][]float64
	for _, z := range coalitions(t, e, k) {
		p = append(p, softmax(z))
	}
	orders := []float64{1. / 5, 1. / 20, 1. / 30, 1. / 20, 1. / 5} // n! (4-n)! / 5!
	for class, got := range r.Shapley.Classes {
		sum := 0.0
		for i, value := range got.Values {
			want := 0.0
			for set := range p {
				if set>>i&1 == 0 {
					want += orders[bits.OnesCount(uint(set))] * (p[set|1<<i][class] - p[set][class])
				}
			}
			if math.Abs(value-want) > 1e-12 || got.StandardErrors[i] != 0 {
				t.Errorf("%s, cell %d: %v ± %v, by the definition %v", model.Class(class), i, value, got.StandardErrors[i], want)
			}
			sum += value
		}
		if math.Abs(sum-(got.Full-got.Base)) > 1e-12 {
			t.Errorf("%s: the values add up to %v, not %v", model.Class(class), sum, got.Full-got.Base)
		}
	}
	if !r.Shapley.Exact {
		t.Error("they are not said to be exact")
	}
	many := discs(explain.MaxExactCells + 1)
	settings.Permutations = lime.MinPermutations
	if r, err = newCells(t, m, blanked(drawn(t, "synthetic-2"), many), many).Shapley(t.Context(), settings, nil); err != nil || r.Shapley.Exact {
		t.Errorf("of %d cells: %v", len(many.List), err)
	}
}

// What a session remembers changes no bit of what it answers later.
func TestASessionOfCellsAnswersAsANewOneDoes(t *testing.T) {
	for _, k := range []int{6, explain.MaxExactCells + 2} {
		c := discs(k)
		m, in := shipped(t), blanked(drawn(t, "synthetic-4"), c)
		session, settings := newCells(t, m, in, c), lime.CellsPreset()
		settings.Samples = 200
		questions := []func(s *explain.Session) (any, error){
			func(s *explain.Session) (any, error) { return s.Explain(t.Context(), settings, nil) },
			func(s *explain.Session) (any, error) { return s.Readings(t.Context(), 0.5, nil) },
			func(s *explain.Session) (any, error) {
				return s.Shapley(t.Context(), settings.ShapleySettings(lime.MinPermutations), nil)
			},
		}
		for _, i := range []int{0, 1, 2, 1, 0} {
			got, err := questions[i](session)
			if err != nil {
				t.Fatal(err)
			}
			want, err := questions[i](newCells(t, m, in, c))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d cells, question %d: the session's answer is not that of a new one", k, i)
			}
		}
	}
}

// The answer's probabilities are those that the readings and the explanation begin with.
func TestExplanationsByCellsBelongToTheAnswer(t *testing.T) {
	c := discs(9)
	m, in := shipped(t), blanked(drawn(t, "synthetic-4"), c)
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	session := newCells(t, m, in, c)
	var seen []explain.Stage
	r, err := session.Explain(t.Context(), lime.CellsPreset(), stages(&seen))
	if err != nil {
		t.Fatal(err)
	}
	if want := []explain.Stage{explain.Tables, explain.Samples}; !slices.Equal(seen, want) {
		t.Errorf("stages %v, want %v", seen, want)
	}
	readings, err := session.Readings(t.Context(), 0.5, stages(&seen))
	if err != nil {
		t.Fatal(err)
	}
	if want := []explain.Stage{explain.Coalitions}; !slices.Equal(seen, want) {
		t.Errorf("then the readings take the stages %v, want %v", seen, want)
	}
	for class, want := range answer.Probabilities {
		if got := r.Explanation.Probabilities[class]; math.Abs(got-want) > 1e-5 {
			t.Errorf("probability of %s in the explanation is %v, in the answer %v", model.Class(class), got, want)
		}
		if got := readings.Readings.Whole.Probabilities[class]; math.Abs(got-want) > 1e-5 {
			t.Errorf("probability of %s in the readings is %v, in the answer %v", model.Class(class), got, want)
		}
		positive, negative := 0.0, 0.0
		for _, w := range r.Explanation.Classes[class].Coefficients {
			positive, negative = positive+max(w, 0), negative+min(w, 0)
		}
		n := r.Nuclei[class]
		if math.Abs(n.For-positive)+math.Abs(n.Against-negative) > 1e-9 || n.Found != 9 || n.Holding != n.Shown {
			t.Errorf("%s: %+v; all weight, %v and %v, lies on cells", n.Class, n, positive, negative)
		}
	}
	// The same picture's superpixels can be asked for as well.
	other := lime.FaithfulPreset()
	other.Samples = 100
	q, err := session.Explain(t.Context(), other, nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := explain.Explain(t.Context(), m, in, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(q, fresh) {
		t.Error("by superpixels, a session of cells answers otherwise than one without")
	}
}

func TestOneCellIsReadButNotExplained(t *testing.T) {
	c := discs(1)
	session := newCells(t, shipped(t), blanked(drawn(t, "synthetic-2"), c), c)
	r, err := session.Explain(t.Context(), lime.CellsPreset(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range r.Explanation.Classes {
		if class.Readable || !slices.ContainsFunc(class.Warnings, func(w lime.Warning) bool { return w.Code == lime.WarnOneCell && w.Severe }) {
			t.Errorf("%s is readable: %v, %v", model.Class(class.Class), class.Readable, class.Warnings)
		}
	}
	if _, err := json.Marshal(r.Explanation); err != nil { // refuses what is not finite
		t.Error(err)
	}
	readings, err := session.Readings(t.Context(), 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if one := readings.Readings; !reflect.DeepEqual(one.Cells[0].Alone, one.Whole) || !reflect.DeepEqual(one.Cells[0].Without, one.Empty) || one.Tally.Cells != 1 {
		t.Errorf("%+v", one)
	}
	second, err := session.Shapley(t.Context(), lime.CellsPreset().ShapleySettings(20), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range second.Shapley.Classes {
		if math.Abs(class.Values[0]-(class.Full-class.Base)) > 1e-12 {
			t.Errorf("%+v", class)
		}
	}
}

func TestCellsAreRefusedThatDoNotFitThePicture(t *testing.T) {
	m, whole, c := shipped(t), drawn(t, "synthetic-2"), discs(3)
	in := blanked(whole, c)
	small := &cells.Cells{Width: 10, Height: 10, Labels: slices.Repeat([]uint16{1}, 100), List: make([]cells.Cell, 1)}
	unscaled := blanked(whole, c)
	unscaled.Tensor = whole.Tensor
	for want, try := range map[string]func() (*explain.Session, error){
		"no cells were found": func() (*explain.Session, error) {
			return explain.NewCells(m, in, &cells.Cells{Width: model.Side, Height: model.Side, Labels: make([]uint16, len(c.Labels))}, level)
		},
		"pixel (0,0) belongs to no cell and is": func() (*explain.Session, error) { return explain.NewCells(m, whole, c, level) },
		"is [250 250 250]; expected 249":        func() (*explain.Session, error) { return explain.NewCells(m, in, c, 249) },
		"is [250 250 250]; expected 250":        func() (*explain.Session, error) { return explain.NewCells(m, unscaled, c, level) },
		"10 x 10 pixels; expected 224":          func() (*explain.Session, error) { return explain.NewCells(m, in, small, level) },
	} {
		if _, err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	without := explain.NewSession(m, in)
	if _, err := without.Explain(t.Context(), lime.CellsPreset(), nil); err == nil || !strings.Contains(err.Error(), "cells of this picture are not known") {
		t.Error(err)
	}
	if _, err := without.Readings(t.Context(), 0.5, nil); err == nil {
		t.Error("cells were read that are not known")
	}
	session := newCells(t, m, in, c)
	for _, threshold := range []float64{-0.1, 1.1, math.NaN()} {
		if _, err := session.Readings(t.Context(), threshold, nil); err == nil {
			t.Errorf("the threshold %v was accepted", threshold)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := session.Readings(ctx, 0.5, func(stage explain.Stage, done, _ int) {
		if stage == explain.Coalitions && done == 1 {
			cancel()
		}
	})
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	after, err := session.Readings(t.Context(), 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := newCells(t, m, in, c).Readings(t.Context(), 0.5, nil)
	if err != nil || !reflect.DeepEqual(after, fresh) {
		t.Errorf("the answer after an interruption is another one; %v", err)
	}
}

func TestTheTallyIsSaidInWords(t *testing.T) {
	for want, tally := range map[string]explain.Tally{
		"Of 14 cells, each shown alone, 12 read as Pre, 1 as Benign, 1 as neither class.": {Cells: 14, Classes: [4]int{1, 0, 12, 0}, Neither: 1},
		"Of 2 cells, each shown alone, 1 reads as Benign, 1 as Early.":                    {Cells: 2, Classes: [4]int{1, 1, 0, 0}},
		"Of 3 cells, each shown alone, 3 read as neither class.":                          {Cells: 3, Neither: 3},
		"The one cell reads as Pro.":                                                      {Cells: 1, Classes: [4]int{0, 0, 0, 1}},
		"The one cell reads as neither class.":                                            {Cells: 1, Neither: 1},
		"There are no cells.":                                                             {},
	} {
		if got := tally.Sentence(); got != want {
			t.Errorf("%+v: %q, want %q", tally, got, want)
		}
	}
}

// What the page does by default with twelve cells, after the network's answer.
func BenchmarkCells(b *testing.B) {
	m, err := model.Default()
	if err != nil {
		b.Fatal(err)
	}
	c := discs(12)
	in := &model.Input{RGB: make([]uint8, 3*len(c.Labels))}
	for i := range in.RGB {
		in.RGB[i] = uint8(i * i)
	}
	in = blanked(in, c)
	settings := lime.CellsPreset()
	b.Run("forward", func(b *testing.B) {
		s := m.NewSession()
		for b.Loop() {
			if _, err := s.Observe(in); err != nil {
				b.Fatal(err)
			}
		}
	})
	seg, err := explain.Segment(c)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("tables", func(b *testing.B) {
		var info engine.PerturbInfo
		for b.Loop() {
			if _, info, err = explain.Evaluator(b.Context(), m, in, seg, lime.HideRemoved, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(info.Passes, "passes")
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			s := newCells(b, m, in, c)
			if _, err := s.Explain(b.Context(), settings, nil); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Readings(b.Context(), explain.DefaultThreshold, nil); err != nil {
				b.Fatal(err)
			}
			if _, err := s.Shapley(b.Context(), settings.ShapleySettings(lime.DefaultPermutations), nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}
