package lime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// testSegmentation has k superpixels of one pixel each.
func testSegmentation(k int) *Segmentation {
	s := &Segmentation{Width: k, Height: 1, Count: k, Labels: make([]uint16, k)}
	for i := range s.Labels {
		s.Labels[i] = uint16(i)
	}
	return s
}

// evaluatorFunc answers row by row with logits.
type evaluatorFunc struct {
	classes int
	f       func(mask []uint8, out []float64)
}

func (e evaluatorFunc) Classes() int { return e.classes }

func (e evaluatorFunc) Logits(_ context.Context, m Masks, out []float64) error {
	for i := range m.N {
		e.f(m.Row(i), out[i*e.classes:][:e.classes])
	}
	return nil
}

// linear answers with the logit bias + sum of coefficients of the shown superpixels for class 0, and 0 for class 1.
func linear(bias float64, coefficients ...float64) Evaluator {
	return evaluatorFunc{2, func(mask []uint8, out []float64) {
		out[0], out[1] = bias, 0
		for i, c := range coefficients {
			out[0] += c * float64(mask[i])
		}
	}}
}

func mustExplain(t testing.TB, ev Evaluator, k int, s Settings) *Explanation {
	t.Helper()
	e, err := Explain(context.Background(), testSegmentation(k), ev, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Fatalf("explanation does not become JSON: %v", err)
	}
	return e
}

func codes(c ClassExplanation) (s []WarningCode) {
	for _, w := range c.Warnings {
		s = append(s, w.Code)
	}
	return s
}

// The whole pipeline on the fixtures' pictures with the fixtures' model must give Python's numbers for every class.
func TestExplainGivesPythonsNumbers(t *testing.T) {
	model := fixtureJSON[toyModel](t, "model.json")
	for _, e := range explained {
		for _, h := range []Hide{HideBlack, HideMean} {
			t.Run(e.name+" "+h.String(), func(t *testing.T) {
				rgb, w, hgt := fixturePicture(t, e.name)
				seg, err := Quickshift(context.Background(), rgb, w, hgt, e.quick)
				if err != nil {
					t.Fatal(err)
				}
				ev := evaluatorFunc{4, model.bySuperpixel(rgb, seg, HiddenColours(rgb, seg, h))}
				s := Settings{Hide: h, Target: TargetProbability, Samples: 1000, Features: 5, Seed: fixtureSeed, Segmentation: e.quick}
				got, err := Explain(context.Background(), seg, ev, s, nil)
				if err != nil {
					t.Fatal(err)
				}
				want := fixtureJSON[explanationFixture](t, e.name+"."+h.String()+".json")
				if got.Superpixels != want.K || !slices.Equal(TopLabels(got.Probabilities, 4), want.Top) {
					t.Errorf("%d superpixels, top labels %v; want %d, %v", got.Superpixels, TopLabels(got.Probabilities, 4), want.K, want.Top)
				}
				for i, p := range want.Prob {
					closeTo(t, fmt.Sprint("probability ", i), got.Probabilities[i], p, 1e-10)
				}
				for label, c := range got.Classes {
					wantClass := want.PerLabel[fmt.Sprint(label)]
					all := LocalModel{Columns: newDesign(Perturb(1, 1, want.K), []float64{1}, 0, 1).all(), Coefficients: c.Coefficients,
						Intercept: c.Intercept, Score: c.R2, LocalPrediction: c.LocalPrediction}
					checkModel(t, all, wantClass)
					if !slices.Equal(c.Order, superpixels(wantClass.LocalExp)) {
						t.Error("order", c.Order)
					}
					closeTo(t, "target value", c.TargetValue, want.Prob[label], 1e-10)
				}
				top := got.Classes[want.Top[0]]
				if p := topPositive(top.Order, top.Coefficients, 5); !slices.Equal(p, want.Positive) {
					t.Errorf("top five positive %v, want %v", p, want.Positive)
				}
				if !slices.Equal(top.Order[:5], want.Absolute) {
					t.Errorf("top five %v, want %v", top.Order[:5], want.Absolute)
				}
			})
		}
	}
}

func TestLogOddsOfALinearNetworkAreReadable(t *testing.T) {
	truth := []float64{3, -2, 1.5, 1, 0.5, 0.25, 2, -0.1}
	e := mustExplain(t, linear(-1, truth...), len(truth), FaithfulPreset())
	c := e.Classes[0]
	// Two classes: the log-odds are the logit itself, so only the ridge penalty, 1 against about 100 of weighted variance, is between.
	for i, v := range c.Coefficients {
		closeTo(t, fmt.Sprint("coefficient ", i), v, truth[i], 0.05)
		closeTo(t, "the other class's", e.Classes[1].Coefficients[i], -v, 1e-9)
	}
	if !c.Readable || len(c.Warnings) != 0 || c.R2 < 0.99 || c.Agreement != 1 {
		t.Errorf("readable %v, warnings %v, R² %v, agreement %v", c.Readable, c.Warnings, c.R2, c.Agreement)
	}
	closeTo(t, "target value", c.TargetValue, 5.15, 1e-12)
	if !slices.Equal(c.Order, []int{0, 1, 6, 2, 3, 4, 5, 7}) {
		t.Error("order", c.Order)
	}
}

func TestLogOddsAreStableAtTheExtremes(t *testing.T) {
	for _, c := range []struct{ z, want []float64 }{
		{[]float64{0, 0}, []float64{0, 0}},
		{[]float64{1000, 0}, []float64{1000, -1000}},
		{[]float64{800, 0, 0}, []float64{800 - math.Ln2, -800, -800}},
		{[]float64{1, 1, 1, 1}, slices.Repeat([]float64{-math.Log(3)}, 4)},
		{[]float64{-1e6, 40, -1e6}, []float64{-1e6 - 40, 1e6 + 40 - math.Ln2, -1e6 - 40}},
	} {
		got := make([]float64, len(c.z))
		logOdds(got, c.z)
		for k := range got {
			closeTo(t, fmt.Sprint(c.z, " class ", k), got[k], c.want[k], 1e-12*max(1, math.Abs(c.want[k])))
		}
	}
}

func TestConstantNetworkIsNeverPresentedAsExplained(t *testing.T) {
	for _, s := range []Settings{ArticlePreset(), FaithfulPreset()} {
		e := mustExplain(t, linear(0.3, 0, 0, 0), 3, s)
		for _, c := range e.Classes {
			if c.R2 != 0 || c.Agreement != 0 || c.Readable || !slices.Contains(codes(c), WarnConstantTarget) || !slices.Contains(codes(c), WarnNoPositive) {
				t.Errorf("%s: R² %v, agreement %v, readable %v, %v", s.Target, c.R2, c.Agreement, c.Readable, c.Warnings)
			}
		}
	}
	// Differences of the size of float32 rounding are no evidence either, however well they fit.
	c := mustExplain(t, linear(0.3, 2e-6, 1e-6, -1e-6), 3, ArticlePreset()).Classes[0]
	if c.R2 < 0.9 || c.Readable || !slices.Contains(codes(c), WarnConstantTarget) {
		t.Errorf("R² %v, readable %v, %v", c.R2, c.Readable, c.Warnings)
	}
}

// The article's case: as soon as a few regions are hidden the class is lost.
func TestPicturesOutOfTheirClassAreNotReadable(t *testing.T) {
	fragile := evaluatorFunc{2, func(mask []uint8, out []float64) {
		hidden := 0
		for _, b := range mask {
			hidden += 1 - int(b)
		}
		out[0], out[1] = 8-3*float64(hidden), 0
	}}
	c := mustExplain(t, fragile, 40, ArticlePreset()).Classes[0]
	if c.Readable || !slices.Contains(codes(c), WarnOutOfClass) || c.Samples.Probability.Mean > 0.01 {
		t.Errorf("readable %v, %v, %+v", c.Readable, c.Warnings, c.Samples)
	}
	// With log-odds the same network is linear: the remark stays, the weights can be read.
	s := ArticlePreset()
	s.Target = TargetLogOdds
	c = mustExplain(t, fragile, 40, s).Classes[0]
	if !slices.Contains(codes(c), WarnOutOfClass) || slices.Contains(codes(c), WarnPoorFit) {
		t.Errorf("log-odds: %v, R² %v", c.Warnings, c.R2)
	}
}

// A class that the picture does not have keeps its explanation, with a note.
func TestAbsentClassIsNoted(t *testing.T) {
	for _, target := range []Target{TargetProbability, TargetLogOdds} {
		s := FaithfulPreset()
		s.Target = target
		c := mustExplain(t, linear(-6, 0.2, 0.1, -0.3, 0.1, 0.2, 0.1), 6, s).Classes[0]
		if !slices.Equal(codes(c), []WarningCode{WarnClassAbsent}) || !c.Readable {
			t.Errorf("%s: %v, readable %v", target, c.Warnings, c.Readable)
		}
	}
}

// A network that answers at random has no explanation, at any number of samples, few ones included, where R² alone is flattered.
func TestNoiseIsNotReadable(t *testing.T) {
	for _, samples := range []int{20, 40, 100, 1000} {
		s := FaithfulPreset()
		s.Samples = samples
		g := newPCG64(4)
		noise := evaluatorFunc{2, func(_ []uint8, out []float64) { out[0], out[1] = g.normal(), g.normal() }}
		c := mustExplain(t, noise, 35, s).Classes[0]
		if c.Readable {
			t.Errorf("%d samples: readable with R² %v, agreement %v", samples, c.R2, c.Agreement)
		}
		if few := slices.Contains(codes(c), WarnFewSamples); few != (samples <= 36) {
			if samples != 40 { // 40 draws are worth about 37 equally weighted ones: either verdict is right
				t.Errorf("%d samples: %v", samples, c.Warnings)
			}
		}
	}
}

func TestNotesOnPositiveRegions(t *testing.T) {
	for want, coefficients := range map[WarningCode][]float64{
		WarnNoPositive:  {-1, -2, -1, -1, -3, -1, -1},
		WarnFewPositive: {-1, 2, -1, 1, -3, 2, -1},
	} {
		c := mustExplain(t, linear(0, coefficients...), 7, FaithfulPreset()).Classes[0]
		if !slices.Equal(codes(c), []WarningCode{want}) || !c.Readable {
			t.Errorf("%v, readable %v; want the note %s alone", c.Warnings, c.Readable, want)
		}
	}
	if c := mustExplain(t, linear(0, 2), 1, FaithfulPreset()).Classes[0]; c.Readable || !slices.Contains(codes(c), WarnOneSuperpixel) {
		t.Error("one superpixel:", c.Warnings)
	}
}

// Few regions, as a smear with few cells has: one is refused in words, and of two or three the weights are right.
func TestOneCellCannotBeExplainedAndAFewCan(t *testing.T) {
	for _, target := range []Target{TargetLogOdds, TargetProbability} {
		s := CellsPreset()
		s.Target = target
		c := mustExplain(t, linear(-1, 2), 1, s).Classes[0]
		if c.Readable || !slices.Contains(codes(c), WarnOneCell) || slices.Contains(codes(c), WarnOneSuperpixel) {
			t.Errorf("%s, one cell: readable %v, %v", target, c.Readable, c.Warnings)
		}
	}
	for _, truth := range [][]float64{{2, 0.5, 1, 0.25, 1}, {2, -1}, {2, 0.5}, {3, -1, 0.5}} {
		c := mustExplain(t, linear(-1, truth...), len(truth), CellsPreset()).Classes[0]
		for i, v := range c.Coefficients {
			closeTo(t, fmt.Sprintf("of %d cells, weight %d", len(truth), i), v, truth[i], 0.06)
		}
		few := slices.Contains(codes(c), WarnFewPositive)
		if !c.Readable || c.R2 < 0.99 || c.Agreement != 1 || few != (slices.Min(truth) < 0) {
			t.Errorf("%d cells: readable %v, R² %v, agreement %v, %v", len(truth), c.Readable, c.R2, c.Agreement, c.Warnings)
		}
	}
}

func TestEveryWarningHasASentence(t *testing.T) {
	for _, code := range []WarningCode{WarnConstantTarget, WarnOutOfClass, WarnClassAbsent, WarnFewSamples, WarnPoorFit, WarnUnstable, WarnOneSuperpixel, WarnOneCell, WarnNoPositive, WarnFewPositive} {
		if s := (Warning{Code: code, Value: 0.5}).Sentence(); s == string(code) || !strings.HasSuffix(s, ".") || strings.Contains(s, "%!") {
			t.Errorf("%s: %q", code, s)
		}
	}
}

func TestSmallFiguresAreWrittenWithoutAnExponent(t *testing.T) {
	for _, c := range []struct {
		warning Warning
		want    string
	}{
		{Warning{Code: WarnConstantTarget, Value: 4.2e-5}, "(standard deviation 0.00004)"},
		{Warning{Code: WarnConstantTarget, Value: 0}, "(standard deviation 0)"},
		{Warning{Code: WarnClassAbsent, Value: 0.0123}, "of 1% in"},
		{Warning{Code: WarnClassAbsent, Value: 3.6e-7}, "of 0.00004% in"},
		{Warning{Code: WarnClassAbsent, Value: 1e-12}, "of under 0.000001% in"},
		{Warning{Code: WarnOutOfClass, Value: 0.97}, "In 97% of"},
	} {
		if s := c.warning.Sentence(); !strings.Contains(s, c.want) {
			t.Errorf("%q lacks %q", s, c.want)
		}
	}
}

func TestAFigureThatMissesItsLimitIsNotWrittenLikeTheLimit(t *testing.T) {
	for _, c := range []struct {
		warning Warning
		want    string
	}{
		{Warning{Code: WarnPoorFit, Value: 0.4321}, "(R² 0.43 after allowing for the number of regions; at least 0.50 is needed)"},
		{Warning{Code: WarnPoorFit, Value: 0.4996}, "(R² 0.4996 after allowing for the number of regions; at least 0.5000 is needed)"},
		{Warning{Code: WarnPoorFit, Value: -0.001}, "(R² 0.00 after"},
		{Warning{Code: WarnUnstable, Value: 3. / 7}, "both have only 43% (at least 50% is needed)"},
		{Warning{Code: WarnUnstable, Value: 0.4996}, "both have only 49.96% (at least 50.00% is needed)"},
		{Warning{Code: WarnOutOfClass, Value: 0.9996}, "In 99.96% of the"},
		{Warning{Code: WarnOutOfClass, Value: 1}, "In 100% of the"},
	} {
		if s := c.warning.Sentence(); !strings.Contains(s, c.want) {
			t.Errorf("%q lacks %q", s, c.want)
		}
	}
}

func TestOneRegionIsOneRegionInWords(t *testing.T) {
	for value, want := range map[float64]string{1: "Only 1 region speaks for", 2: "Only 2 regions speak for"} {
		if s := (Warning{Code: WarnFewPositive, Value: value}).Sentence(); !strings.HasPrefix(s, want) {
			t.Errorf("%q; want %q", s, want)
		}
	}
}

func TestSpreadLeavesTheUnhiddenPictureOut(t *testing.T) {
	// Class 0 has probability 1/2 while anything is hidden, more for the whole picture.
	ev := evaluatorFunc{2, func(mask []uint8, out []float64) {
		out[0], out[1] = 0, 0
		if !slices.Contains(mask, 0) {
			out[0] = 5
		}
	}}
	s := FaithfulPreset()
	s.Target = TargetProbability
	got := mustExplain(t, ev, 30, s).Classes[0].Samples.Probability
	if want := (Spread{0.5, 0, 0.5, 0.5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := spreadOf([]float64{1, 2, 3, 6}), (Spread{3, math.Sqrt(3.5), 1, 6}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestJaccard(t *testing.T) {
	for _, c := range []struct {
		a, b []int
		want float64
	}{
		{nil, nil, 1}, {nil, []int{1}, 0}, {[]int{1, 2, 3, 4, 5}, []int{5, 4, 3, 9, 8}, 3.0 / 7}, {[]int{2, 1}, []int{1, 2}, 1},
	} {
		if got := jaccard(c.a, c.b); got != c.want {
			t.Errorf("%v, %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestTopLabelsPreferTheHigherIndexOnTies(t *testing.T) {
	if got := TopLabels([]float64{0.2, 0.3, 0.2, 0.3}, 3); !slices.Equal(got, []int{3, 1, 2}) {
		t.Error(got)
	}
	if got := TopLabels([]float64{0.4, 0.6}, 9); !slices.Equal(got, []int{1, 0}) {
		t.Error(got)
	}
}

func TestExplanationDoesNotDependOnTheEvaluatorsPace(t *testing.T) {
	quick := linear(-1, 1, -2, 3, 0.5)
	slow := evaluatorFunc{2, func(mask []uint8, out []float64) {
		time.Sleep(2 * time.Millisecond)
		quick.Logits(context.Background(), Masks{1, 4, mask}, out)
	}}
	s := FaithfulPreset()
	s.Samples = 100
	a, err := json.Marshal(mustExplain(t, quick, 4, s))
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(mustExplain(t, slow, 4, s))
	if err != nil || !bytes.Equal(a, b) {
		t.Error("explanations differ", err)
	}
}

func TestProgressAndChunks(t *testing.T) {
	var seen []int
	s := FaithfulPreset()
	_, err := Explain(context.Background(), testSegmentation(3), linear(0, 1, 2, 3), s, func(done, total int) {
		if total != s.Samples {
			t.Error("total", total)
		}
		seen = append(seen, done)
	})
	if err != nil || seen[0] != 1 || seen[len(seen)-1] != s.Samples || !slices.IsSorted(seen) || len(seen) < 10 {
		t.Error(seen, err)
	}
	for _, c := range []struct {
		last int
		took time.Duration
		want int
	}{
		{1, 0, 4}, {64, time.Millisecond, 100}, // fast: grow to a tenth of all
		{1, 250 * time.Millisecond, 1}, {10, 2500 * time.Millisecond, 1}, // 250 ms a sample: one by one
		{10, 200 * time.Millisecond, 5}, {10, 50 * time.Millisecond, 20},
	} {
		if got := nextChunk(c.last, c.took, 1000); got != c.want {
			t.Errorf("after %d in %v: %d, want %d", c.last, c.took, got, c.want)
		}
	}
}

func TestExplainStopsWhenToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err := Explain(ctx, testSegmentation(3), linear(0, 1, 2, 3), FaithfulPreset(), func(done, _ int) {
		calls++
		cancel()
	})
	if !errors.Is(err, context.Canceled) || calls != 1 || !strings.Contains(err.Error(), "after 1 of 1000 samples") {
		t.Error(err, calls)
	}
}

func TestExplainRefusesWhatItCannotExplain(t *testing.T) {
	at := func(bad float64) Evaluator {
		n := 0
		return evaluatorFunc{2, func(_ []uint8, out []float64) {
			out[0], out[1] = 0, 1
			if n == 7 {
				out[1] = bad
			}
			n++
		}}
	}
	silent := evaluatorFunc{2, func([]uint8, []float64) {}}
	failing := FromProbabilities(2, func(context.Context, Masks, []float64) error { return errors.New("out of memory") })
	tooLikely := FromProbabilities(2, func(_ context.Context, _ Masks, out []float64) error { out[0], out[1] = 1, 1.5; return nil })
	gap := &Segmentation{2, 1, 3, []uint16{0, 2}}
	few := FaithfulPreset()
	few.Samples = 1
	many := FaithfulPreset()
	many.Samples = 20000
	for _, c := range []struct {
		seg  *Segmentation
		ev   Evaluator
		s    Settings
		want string
	}{
		{testSegmentation(3), at(math.NaN()), FaithfulPreset(), "NaN for class 1 of sample 7"},
		{testSegmentation(3), at(math.Inf(1)), ArticlePreset(), "+Inf for class 1 of sample 7"},
		{testSegmentation(3), at(math.Inf(-1)), FaithfulPreset(), "-Inf for class 1 of sample 7"},
		{testSegmentation(3), at(1e200), FaithfulPreset(), "1e+200 for class 1"},
		{testSegmentation(3), silent, FaithfulPreset(), "NaN for class 0 of sample 0"},
		{testSegmentation(3), failing, FaithfulPreset(), "samples 0 to 0: out of memory"},
		{testSegmentation(3), tooLikely, FaithfulPreset(), "probability of class 1 is 1.5"},
		{testSegmentation(3), evaluatorFunc{classes: 1}, FaithfulPreset(), "1 classes; at least 2"},
		{testSegmentation(1001), linear(0), FaithfulPreset(), "1001 superpixels; at most 1000"},
		{testSegmentation(3), evaluatorFunc{classes: 1 << 20}, FaithfulPreset(), "1048576 classes; at most 1000"},
		{testSegmentation(3), evaluatorFunc{classes: 1000}, many, "20000 samples are too many for 1000 classes"},
		{testSegmentation(3), linear(0), few, "1 samples asked for"},
		{gap, linear(0), FaithfulPreset(), "no pixel has label 1"},
		{nil, linear(0), FaithfulPreset(), "segmentation must hold"},
	} {
		if _, err := Explain(context.Background(), c.seg, c.ev, c.s, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to say %q", err, c.want)
		}
	}
}

func TestProbabilitiesOfZeroBecomeFiniteLogits(t *testing.T) {
	ev := FromProbabilities(2, func(_ context.Context, m Masks, out []float64) error {
		for i := range m.N {
			out[2*i] = float64(m.Row(i)[0])
			out[2*i+1] = 1 - out[2*i]
		}
		return nil
	})
	for _, s := range []Settings{ArticlePreset(), FaithfulPreset()} {
		e := mustExplain(t, ev, 6, s)
		if c := e.Classes[0]; e.Probabilities[0] != 1 || e.Probabilities[1] > 1e-300 || c.Order[0] != 0 || c.R2 < 0.98 {
			t.Errorf("%s: probabilities %v, order %v, R² %v", s.Target, e.Probabilities, c.Order, c.R2)
		}
	}
}

func BenchmarkExplain(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		b.Run(fmt.Sprint(n, " samples"), func(b *testing.B) {
			s := FaithfulPreset()
			s.Samples = n
			free := evaluatorFunc{4, func(mask []uint8, out []float64) {
				for k := range out {
					out[k] = float64(mask[k] + 2*mask[k+7])
				}
			}}
			seg := testSegmentation(40)
			for b.Loop() {
				if _, err := Explain(context.Background(), seg, free, s, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
