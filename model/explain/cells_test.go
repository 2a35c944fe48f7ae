package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/engine"
	"allnet/model/explain"
	"allnet/model/picture"
)

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

// blanked is a field of which nothing but its cells is left, as the network sees it.
func blanked(in *model.Input, c *cells.Cells) model.Field {
	out := &model.Input{RGB: cells.Blanked(in.RGB, c, model.Ground)}
	for _, v := range out.RGB {
		out.Tensor = append(out.Tensor, model.Levels[v])
	}
	return model.Field{Input: out, Picture: in.RGB, Cells: c}
}

// only is a field of some of its cells: those with bit 1.
func only(f model.Field, shown []uint8) model.Field {
	some := *f.Cells
	some.Labels = slices.Clone(f.Cells.Labels)
	for i, label := range some.Labels {
		if label != 0 && shown[label-1] == 0 {
			some.Labels[i] = 0
		}
	}
	return blanked(f.Input, &some)
}

// scale stands for that of an answer.
const scale = 0.6

func newCells(t testing.TB, m *model.Model, f model.Field) *explain.Session {
	t.Helper()
	s, err := explain.NewCells(m, f, scale)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// probabilities runs the network on a field.
func probabilities(t *testing.T, m *model.Model, f model.Field) []float64 {
	t.Helper()
	o, err := m.NewSession().Observe(model.AsIs(f.Input))
	if err != nil {
		t.Fatal(err)
	}
	z := make([]float64, len(o.Logits))
	for class, logit := range o.Logits {
		z[class] = scale * float64(logit)
	}
	return softmax(z)
}

// evaluator is what a session asks, without its memory of what was asked before.
func evaluator(t *testing.T, m *model.Model, f model.Field) lime.Evaluator {
	t.Helper()
	seg, err := explain.Segment(f.Cells)
	if err != nil {
		t.Fatal(err)
	}
	e, info, err := explain.Evaluator(t.Context(), m, f.Input, seg, lime.HideRemoved, nil)
	if err != nil {
		t.Fatal(err)
	}
	if info.Method != engine.Tables {
		t.Errorf("evaluated by %s, want tables", info.Method)
	}
	o, err := m.NewSession().Observe(model.AsIs(f.Input))
	if err != nil {
		t.Fatal(err)
	}
	return rescaled{e, scale / m.Temper(o.Features, 0)}
}

// rescaled multiplies another evaluator's logits.
type rescaled struct {
	lime.Evaluator
	by float64
}

func (r rescaled) Logits(ctx context.Context, m lime.Masks, out []float64) error {
	err := r.Evaluator.Logits(ctx, m, out)
	for i := range out {
		out[i] *= r.by
	}
	return err
}

// Removing a cell is what the tables compute: what remains is a picture of the others. Cells are those
// that are found in the real pictures, where there are any, one of them for each network, and discs in a
// drawing for all. In WebAssembly, where it takes long, the first network alone has a real picture.
func TestSamplesOfCellsEqualForwardPassesOnPicturesOfTheOthers(t *testing.T) {
	all := pictures(t)
	for n, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		sampledAsOthers(t, m, all[0].name, blanked(all[0].in, discs(7)))
		for i, p := range all[drawings:] {
			if (runtime.GOOS != "js" || i == 0) && i%len(model.Shipped()) == n && len(p.cells().List) > 0 {
				sampledAsOthers(t, m, p.name, blanked(p.in, p.cells()))
			}
		}
	}
}

func sampledAsOthers(t *testing.T, m *model.Model, name string, field model.Field) {
	t.Helper()
	masks := telling(len(field.Cells.List))
	got := make([]float64, masks.N*len(model.Classes))
	if err := evaluator(t, m, field).Logits(t.Context(), masks, got); err != nil {
		t.Fatal(err)
	}
	for i := range masks.N {
		want := probabilities(t, m, only(field, masks.Row(i)))
		for class, p := range softmax(got[4*i:][:4]) {
			if math.Abs(p-want[class]) > 1e-5 {
				t.Errorf("%s, %s, sample %d: probability of %s is %v, want %v", m.Name(), name, i, model.Class(class), p, want[class])
			}
		}
	}
}

func TestReadingsAreWhatTheNetworkSaysOfPicturesOfSomeCells(t *testing.T) {
	const k = 4
	m, field := shipped(t), blanked(drawn(t, "synthetic-2"), discs(k))
	session := newCells(t, m, field)
	r, err := session.Readings(t.Context(), explain.DefaultThreshold, nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got explain.Reading, shown []uint8) {
		want := probabilities(t, m, only(field, shown))
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
	answer, err := m.NewSession().Classify(field.Input)
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
	for n, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"synthetic-1", "synthetic-2", "synthetic-3", "synthetic-4"} {
			if runtime.GOOS == "js" && i%len(model.Shipped()) != n {
				continue // it takes long there
			}
			field := blanked(drawn(t, name), c)
			r, err := newCells(t, m, field).Readings(t.Context(), 0.5, nil)
			if err != nil {
				t.Fatal(err)
			}
			z := coalitions(t, evaluator(t, m, field), k)
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
				set  explain.CellSet
				size int
			}{{"decisive", r.Readings.Decisive, decisive}, {"sufficient", r.Readings.Sufficient, sufficient}} {
				if s.set.Found != (s.size <= k) || !s.set.Proven || (s.set.Found && len(s.set.Superpixels) != s.size) {
					t.Errorf("%s, %s: %s set %+v; the smallest has %d cells", b.Name, name, s.what, s.set, s.size)
				}
				if !s.set.Found {
					kinds["no "+s.what]++
					continue
				}
				kinds[s.what]++
				shown := 0
				for _, cell := range s.set.Superpixels {
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
	m, field := shipped(t), blanked(drawn(t, "synthetic-2"), discs(k))
	settings := lime.CellsPreset().ShapleySettings(lime.DefaultPermutations)
	settings.Target = lime.TargetProbability
	r, err := newCells(t, m, field).Shapley(t.Context(), settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	var p [][]float64
	for _, z := range coalitions(t, evaluator(t, m, field), k) {
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
	if r, err = newCells(t, m, blanked(drawn(t, "synthetic-2"), many)).Shapley(t.Context(), settings, nil); err != nil || r.Shapley.Exact {
		t.Errorf("of %d cells: %v", len(many.List), err)
	}
}

// What a session remembers changes no bit of what it answers later.
func TestASessionOfCellsAnswersAsANewOneDoes(t *testing.T) {
	for _, k := range []int{6, explain.MaxExactCells + 2} {
		m, field := small(t), blanked(drawn(t, "synthetic-4"), discs(k))
		session, settings := newCells(t, m, field), lime.CellsPreset()
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
			want, err := questions[i](newCells(t, m, field))
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
	m, field := shipped(t), blanked(drawn(t, "synthetic-4"), discs(9))
	answer, err := m.NewSession().Classify(field.Input)
	if err != nil {
		t.Fatal(err)
	}
	session, err := explain.NewCells(m, field, answer.Scale)
	if err != nil {
		t.Fatal(err)
	}
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
	fresh, err := lime.Quickshift(t.Context(), field.Input.RGB, model.Side, model.Side, other.Segmentation)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(q.Segmentation, fresh) {
		t.Error("a session of cells finds other superpixels than one without")
	}
	for class, want := range answer.Probabilities {
		if got := q.Explanation.Probabilities[class]; math.Abs(got-want) > 1e-5 {
			t.Errorf("by superpixels the probability of %s is %v, in the answer %v", model.Class(class), got, want)
		}
	}
}

func TestOneCellIsReadButNotExplained(t *testing.T) {
	session := newCells(t, shipped(t), blanked(drawn(t, "synthetic-2"), discs(1)))
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
	field := blanked(whole, c)
	none := &cells.Cells{Width: model.Side, Height: model.Side, Labels: make([]uint16, len(c.Labels))}
	small := &cells.Cells{Width: 10, Height: 10, Labels: slices.Repeat([]uint16{1}, 100), List: make([]cells.Cell, 1)}
	unblanked := &model.Input{RGB: field.RGB, Tensor: whole.Tensor}
	for _, c := range []struct {
		want  string
		field model.Field
		scale float64
	}{
		{"no cells were found", model.Field{Input: field.Input}, scale},
		{"no cells were found", model.Field{Input: field.Input, Cells: none}, scale},
		{"pixel (0,0) belongs to no cell and is", model.Field{Input: whole, Cells: c}, scale},
		{"is [250 250 250]; expected 250", model.Field{Input: unblanked, Cells: c}, scale},
		{"10 x 10 pixels; expected 224", model.Field{Input: field.Input, Cells: small}, scale},
		{"multiplied by 0", field, 0},
		{"multiplied by NaN", field, math.NaN()},
		{"multiplied by +Inf", field, math.Inf(1)},
	} {
		if _, err := explain.NewCells(m, c.field, c.scale); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to say %q", err, c.want)
		}
	}
	without := explain.NewSession(m, field.Input)
	if _, err := without.Explain(t.Context(), lime.CellsPreset(), nil); err == nil || !strings.Contains(err.Error(), "cells of this picture are not known") {
		t.Error(err)
	}
	if _, err := without.Readings(t.Context(), 0.5, nil); err == nil {
		t.Error("cells were read that are not known")
	}
	session := newCells(t, m, field)
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
	fresh, err := newCells(t, m, field).Readings(t.Context(), 0.5, nil)
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
	noise := &model.Input{RGB: make([]uint8, 3*len(c.Labels))}
	for i := range noise.RGB {
		noise.RGB[i] = uint8(i * i)
	}
	field := blanked(noise, c)
	settings := lime.CellsPreset()
	b.Run("forward", func(b *testing.B) {
		s := m.NewSession()
		for b.Loop() {
			if _, err := s.Observe(model.AsIs(field.Input)); err != nil {
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
			if _, info, err = explain.Evaluator(b.Context(), m, field.Input, seg, lime.HideRemoved, nil); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(info.Passes, "passes")
	})
	b.Run("all", func(b *testing.B) {
		for b.Loop() {
			s := newCells(b, m, field)
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

// A field as the reading pipeline hands it on can be explained, and its probabilities
// are those that the answer gives for it.
func TestAFieldThatWasMadeReadyIsExplainedByItsCells(t *testing.T) {
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	file, err := os.ReadFile(filepath.Join(dir, "data", "pbs", "Early", "WBC-Malignant-Early-358.jpg"))
	if err != nil {
		t.Skip("left out: a real picture is needed, and ALLNET_SHARED has none")
	}
	p, err := picture.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := model.Load(model.Shipped()[0].Weights())
	if err != nil {
		t.Fatal(err)
	}
	m := plain.ReadingCells()
	specimen, err := m.Prepare(p, model.Options{})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := m.NewSession().Read(specimen)
	if err != nil {
		t.Fatal(err)
	}
	for i, field := range specimen.Fields {
		s, err := explain.NewCells(m, field, answer.Scale)
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Readings(t.Context(), explain.DefaultThreshold, nil)
		if err != nil {
			t.Fatal(err)
		}
		z := make([]float64, len(model.Classes))
		for class, logit := range answer.Fields[i].Logits {
			z[class] = answer.Scale * float64(logit)
		}
		for class, want := range softmax(z) {
			if got := r.Readings.Whole.Probabilities[class]; math.Abs(got-want) > 1e-5 {
				t.Errorf("field %d: probability of %s is %v, in the answer %v", i, model.Class(class), got, want)
			}
		}
		if len(r.Readings.Cells) != len(field.Cells.List) {
			t.Errorf("field %d: %d cells are read of %d", i, len(r.Readings.Cells), len(field.Cells.List))
		}
	}
}
