package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"

	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
	"allnet/model/synthetic"
)

// passes is an evaluator that runs the network on each picture with regions hidden, and
// remembers what it said: bit i of a coalition's number says whether region i is shown.
type passes struct {
	logits func(shown []uint8) []float64
	known  map[int][]float64
}

func (passes) Classes() int { return len(model.Classes) }

func (p passes) Logits(_ context.Context, m lime.Masks, out []float64) error {
	for i := range m.N {
		number := 0
		for j, bit := range m.Row(i) {
			number |= int(bit) << j
		}
		copy(out[len(model.Classes)*i:], p.of(number, m.K))
	}
	return nil
}

func (p passes) of(number, k int) []float64 {
	if p.known[number] == nil {
		shown := make([]uint8, k)
		for i := range shown {
			shown[i] = uint8(number >> i & 1)
		}
		p.known[number] = p.logits(shown)
	}
	return p.known[number]
}

// tested is a picture of k regions with the session that explains it and the brute force.
type tested struct {
	k        int
	session  *explain.Session
	settings lime.Settings
	brute    passes
}

// testedOf is a picture for one of the shipped networks: of four cells where it reads cells,
// else of three regions of a drawing whose borders are oblique.
func testedOf(t *testing.T, m *model.Model) tested {
	run := m.NewSession()
	logits := func(in *model.Input, scale float64) []float64 {
		o, err := run.Observe(model.AsIs(in))
		if err != nil {
			t.Fatal(err)
		}
		z := make([]float64, len(o.Logits))
		for class, logit := range o.Logits {
			z[class] = scale * float64(logit)
		}
		return z
	}
	in, known := drawn(t, "synthetic-2"), map[int][]float64{}
	if m.Reads() == model.Cells {
		field := blanked(in, discs(4))
		return tested{4, newCells(t, m, field), lime.CellsPreset(), passes{func(shown []uint8) []float64 {
			return logits(only(field, shown).Input, scale)
		}, known}}
	}
	seg := &lime.Segmentation{Width: model.Side, Height: model.Side, Count: 3, Labels: make([]uint16, model.Side*model.Side)}
	for i := range seg.Labels {
		x, y := i%model.Side, i/model.Side
		if x+y/3 > 120 {
			seg.Labels[i]++
		}
		if y-x/4 > 110 {
			seg.Labels[i] = 2
		}
	}
	settings := lime.FaithfulPreset()
	colours := lime.HiddenColours(in.RGB, seg, settings.Hide)
	o, err := run.Observe(model.AsIs(in))
	if err != nil {
		t.Fatal(err)
	}
	return tested{3, explain.NewRegions(m, in, seg, settings.Segmentation), settings, passes{func(shown []uint8) []float64 {
		masked := &model.Input{RGB: in.RGB, Tensor: slices.Clone(in.Tensor)}
		for i, label := range seg.Labels {
			for c := range 3 {
				if shown[label] == 0 {
					masked.Tensor[3*i+c] = float32(colours[label][c])
				}
			}
		}
		return logits(masked, m.Temper(o.Features, 0))
	}, known}}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-5 }

func allNear(a, b []float64) bool { return slices.EqualFunc(a, b, near) }

// The figures of an explanation's test are those of forward passes on pictures with the
// regions hidden, for all shipped networks.
func TestFaithfulnessIsWhatForwardPassesSay(t *testing.T) {
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		of := testedOf(t, m)
		r, err := of.session.Explain(t.Context(), of.settings, nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := of.session.Faithfulness(t.Context(), r.Explanation, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkCurves(t, b.Name, f, r.Explanation, of.brute)
		checkRemoval(t, b.Name, f, r.Explanation, of.brute)

		for class, cam := range f.GradCAM {
			if want, err := r.Explanation.Classes[class].AgreesWith(cam.Weights); err != nil || cam.Agreement != want || int(cam.Class) != class {
				t.Errorf("%s: Grad-CAM of %s agrees by %+v, want %+v, %v", b.Name, cam.Class, cam.Agreement, want, err)
			}
		}

		// Random orders, by the same draws.
		want, err := lime.MeasureFaithfulness(t.Context(), r.Explanation, of.brute, []int{0, 1, 2, 3}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for class, w := range want.Classes {
			got := f.Classes[class]
			if !allNear(got.Random.Probabilities, w.Random.Probabilities) || !near(got.Random.Area, w.Random.Area) || !near(got.Random.StandardError, w.Random.StandardError) {
				t.Errorf("%s, %s: random orders %+v, forward passes give %+v", b.Name, model.Class(class), got.Random, w.Random)
			}
			if got.Shapley != w.Shapley || !near(got.RelativeError, w.RelativeError) {
				t.Errorf("%s, %s: agreement with Shapley values %+v ± %v, forward passes give %+v ± %v", b.Name, model.Class(class), got.Shapley, got.RelativeError, w.Shapley, w.RelativeError)
			}
		}
		if len(of.brute.known) != 1<<of.k {
			t.Errorf("%s: %d of %d coalitions were asked about", b.Name, len(of.brute.known), 1<<of.k)
		}
	}
}

// checkCurves hides and shows the regions by their weights, one after another.
func checkCurves(t *testing.T, name string, f *explain.Faithfulness, e *lime.Explanation, brute passes) {
	t.Helper()
	k := e.Superpixels
	for class, c := range f.Classes {
		order := make([]int, k)
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int {
			if e.Classes[class].Coefficients[i] > e.Classes[class].Coefficients[j] {
				return -1
			}
			return 1
		})
		shown, hidden := 0, 1<<k-1
		insertion, deletion := []float64{softmax(brute.of(shown, k))[class]}, []float64{softmax(brute.of(hidden, k))[class]}
		for _, region := range order {
			shown |= 1 << region
			hidden &^= 1 << region
			insertion = append(insertion, softmax(brute.of(shown, k))[class])
			deletion = append(deletion, softmax(brute.of(hidden, k))[class])
		}
		for what, curve := range map[string]struct {
			got  lime.OrderCurve
			want []float64
		}{"shown": {c.Insertion, insertion}, "hidden": {c.Deletion, deletion}} {
			area := 0.0
			for i := range k {
				area += (curve.want[i] + curve.want[i+1]) / float64(2*k)
			}
			if !allNear(curve.got.Probabilities, curve.want) || !near(curve.got.Area, area) {
				t.Errorf("%s, %s, %s by weight: %+v, forward passes give %v and the area %v", name, model.Class(class), what, curve.got, curve.want, area)
			}
		}
	}
}

// checkRemoval hides regions until another class is the most probable one.
func checkRemoval(t *testing.T, name string, f *explain.Faithfulness, e *lime.Explanation, brute passes) {
	t.Helper()
	k, all := e.Superpixels, 1<<e.Superpixels-1
	predicted := func(shown int) int {
		z := brute.of(shown, k)
		return slices.Index(z, slices.Max(z))
	}
	class := predicted(all)
	if f.Removal.Class != class {
		t.Fatalf("%s: the most probable class is %d, want %d", name, f.Removal.Class, class)
	}
	shown, byWeight, positive := all, 0, 0
	for n, region := range e.Classes[class].Descending() {
		shown &^= 1 << region
		if e.Classes[class].Coefficients[region] > 0 && n < k-1 {
			positive++
			if top := f.Removal.Top; len(top) <= n || top[n].Class != predicted(shown) {
				t.Errorf("%s: without %d regions %+v, want class %d", name, n+1, top, predicted(shown))
			}
		}
		if byWeight == 0 && predicted(shown) != class {
			byWeight = n + 1
			if f.Removal.Then != predicted(shown) {
				t.Errorf("%s: then the most probable class is %d, want %d", name, f.Removal.Then, predicted(shown))
			}
		}
	}
	if f.Removal.ByWeight != byWeight || len(f.Removal.Top) != min(positive, lime.AgreementTop) {
		t.Errorf("%s: %+v; another class is the most probable one without %d regions, and %d that speak for it are hidden", name, f.Removal, byWeight, positive)
	}
	smallest := k + 1
	for set := range all + 1 {
		if predicted(all&^set) != class {
			smallest = min(smallest, bits.OnesCount(uint(set)))
		}
	}
	d := f.Decisive
	if d.Found != (smallest <= k) || d.Found && len(d.Superpixels) != smallest || !d.Proven {
		t.Errorf("%s: %+v; the smallest set has %d regions", name, d, smallest)
	}
	if d.Found {
		rest := all
		for _, region := range d.Superpixels {
			rest &^= 1 << region
		}
		if int(d.Reading.Class) != predicted(rest) || predicted(rest) == class {
			t.Errorf("%s: without %v the most probable class is %d, said to be %s", name, d.Superpixels, predicted(rest), d.Reading.Class)
		}
	}
	t.Logf("%s: %s", name, strings.Join(f.Sentences(model.Class(class), e.Settings.Regions), " "))
}

// The smallest set is told once: of cells that of Readings, whichever is asked first.
func TestFaithfulnessAndReadingsTellOneSmallestSet(t *testing.T) {
	m := shipped(t)
	field := blanked(drawn(t, "synthetic-2"), discs(5))
	for _, readingsFirst := range []bool{true, false} {
		session := newCells(t, m, field)
		var readings *explain.ReadingsResult
		read := func() {
			var err error
			if readings, err = session.Readings(t.Context(), explain.DefaultThreshold, nil); err != nil {
				t.Fatal(err)
			}
		}
		if readingsFirst {
			read()
		}
		r, err := session.Explain(t.Context(), lime.CellsPreset(), nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := session.Faithfulness(t.Context(), r.Explanation, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !readingsFirst {
			read()
		}
		got, err := json.Marshal(f.Decisive)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(explain.Set(readings.Readings.Decisive))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("readings first: %v: %s, the readings say %s", readingsFirst, got, want)
		}
	}
}

func TestFaithfulnessEndsWithItsContextAndRefusesOtherPictures(t *testing.T) {
	m := shipped(t)
	session := newCells(t, m, blanked(drawn(t, "synthetic-2"), discs(5)))
	r, err := session.Explain(t.Context(), lime.CellsPreset(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := session.Faithfulness(ctx, r.Explanation, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	other := newCells(t, m, blanked(drawn(t, "synthetic-2"), discs(4)))
	if _, err := other.Faithfulness(t.Context(), r.Explanation, nil); err == nil || !strings.Contains(err.Error(), "5 superpixels") {
		t.Errorf("another picture: %v", err)
	}
	same := newCells(t, m, blanked(drawn(t, "synthetic-4"), discs(5)))
	if _, err := same.Faithfulness(t.Context(), r.Explanation, nil); err == nil || !strings.Contains(err.Error(), "probability") {
		t.Errorf("another picture of as many cells: %v", err)
	}
}

// An explanation from the picture on, readings of cells included, and its test, in turns. What the test
// takes is told as a part of what the explanation takes, medians of both.
func BenchmarkFaithfulness(b *testing.B) {
	for _, shipped := range model.Shipped() {
		m, err := model.Named(shipped.Name)
		if err != nil {
			b.Fatal(err)
		}
		p, err := synthetic.Draw("synthetic-2")
		if err != nil {
			b.Fatal(err)
		}
		in, err := model.Preprocess(p)
		if err != nil {
			b.Fatal(err)
		}
		field := blanked(in, discs(20))
		b.Run(shipped.Name, func(b *testing.B) {
			var explained, tested []time.Duration
			for b.Loop() {
				begun := time.Now()
				session, settings := explain.NewSession(m, in), lime.FaithfulPreset()
				if m.Reads() == model.Cells {
					session, settings = newCells(b, m, field), lime.CellsPreset()
				}
				r, err := session.Explain(b.Context(), settings, nil)
				if err != nil {
					b.Fatal(err)
				}
				if m.Reads() == model.Cells {
					if _, err := session.Readings(b.Context(), explain.DefaultThreshold, nil); err != nil {
						b.Fatal(err)
					}
				}
				half := time.Now()
				if _, err := session.Faithfulness(b.Context(), r.Explanation, nil); err != nil {
					b.Fatal(err)
				}
				explained, tested = append(explained, half.Sub(begun)), append(tested, time.Since(half))
			}
			slices.Sort(explained)
			slices.Sort(tested)
			b.ReportMetric(100*tested[len(tested)/2].Seconds()/explained[len(explained)/2].Seconds(), "%-of-explanation")
		})
	}
}
