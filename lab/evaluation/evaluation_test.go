package evaluation

import (
	"math"
	"testing"

	"allnet/model"
)

// The article's confusion matrix (lab/ARTICLE.md, "Confusion matrix"): 737 of 742 right, with the
// interval and the per-class figures that are published for it.
var article = [4][4]int{{207, 1, 0, 0}, {0, 201, 0, 0}, {0, 3, 178, 1}, {0, 0, 0, 151}}

func records(confusion [4][4]int, abstained int) []model.Record {
	var all []model.Record
	for t, row := range confusion {
		for p, count := range row {
			for range count {
				label, predicted := model.Class(t), model.Class(p)
				all = append(all, model.Record{Label: &label, Predicted: &predicted})
			}
		}
	}
	for range abstained {
		label := model.Pre
		all = append(all, model.Record{Label: &label, Abstained: true, Code: model.Blurred})
	}
	return all
}

func TestSummariseReproducesTheArticlesTable(t *testing.T) {
	s := Summarise(records(article, 0))
	if s.Confusion != article {
		t.Errorf("confusion matrix %v, want %v", s.Confusion, article)
	}
	if s.N != 742 || s.Correct != 737 || math.Abs(s.Accuracy-0.9933) > 5e-5 {
		t.Errorf("%d of %d right (%.4f), want 737 of 742 (0.9933)", s.Correct, s.N, s.Accuracy)
	}
	if math.Abs(s.Interval[0]-0.984) > 5e-4 || math.Abs(s.Interval[1]-0.997) > 5e-4 {
		t.Errorf("interval %.4f to %.4f, want 0.984 to 0.997", s.Interval[0], s.Interval[1])
	}
	want := [4][3]int{{100, 100, 100}, {98, 100, 99}, {100, 98, 99}, {99, 100, 100}} // Table 5, in %
	for i, c := range s.Classes {
		for j, v := range []float64{c.Precision, c.Recall, c.F1} {
			if int(math.Round(100*v)) != want[i][j] {
				t.Errorf("%s: figure %d is %.4f, want %d %%", c.Class, j, v, want[i][j])
			}
		}
	}
}

func TestAbstentionsCountAsErrors(t *testing.T) {
	s := Summarise(records(article, 10))
	if s.N != 752 || s.Correct != 737 || s.Abstained != 10 || s.Classes[model.Pre].Support != 192 || s.Reasons[model.Blurred] != 10 {
		t.Errorf("got %+v", s)
	}
}

// Of 148 pictures of Pre 15 are found, and of 263 answers Early 81 are right: the
// proportions of Newcombe's table below. Nothing is or is called Pro.
func TestPrecisionAndRecallCarryTheirIntervals(t *testing.T) {
	s := Summarise(records([4][4]int{model.Benign: {0, 49, 0, 0}, model.Early: {0, 81, 0, 0}, model.Pre: {0, 133, 15, 0}}, 0))
	for _, c := range []struct {
		what      string
		got, want [2]float64
	}{
		{"precision of Early", s.Classes[model.Early].PrecisionInterval, [2]float64{0.2553, 0.3662}},
		{"recall of Pre", s.Classes[model.Pre].RecallInterval, [2]float64{0.0624, 0.1605}},
		{"precision of Pro", s.Classes[model.Pro].PrecisionInterval, [2]float64{0, 1}},
		{"recall of Pro", s.Classes[model.Pro].RecallInterval, [2]float64{0, 1}},
	} {
		if math.Abs(c.got[0]-c.want[0]) > 5e-5 || math.Abs(c.got[1]-c.want[1]) > 5e-5 {
			t.Errorf("%s: interval %.4f, want %.4f", c.what, c.got, c.want)
		}
	}
}

// Newcombe 1998, Statistics in Medicine 17:857, Table I, method 3.
func TestWilsonReproducesPublishedIntervals(t *testing.T) {
	for _, c := range []struct {
		count, n  int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		low, high := Wilson(c.count, c.n)
		if math.Abs(low-c.low) > 5e-5 || math.Abs(high-c.high) > 5e-5 {
			t.Errorf("Wilson(%d, %d) = %.4f, %.4f, want %.4f, %.4f", c.count, c.n, low, high, c.low, c.high)
		}
	}
	if low, high := Wilson(0, 0); low != 0 || high != 1 {
		t.Errorf("Wilson(0, 0) = %g, %g, want 0, 1", low, high)
	}
}
