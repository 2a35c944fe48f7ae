package evaluation

import (
	"math"
	"testing"

	"allnet/model"
)

// record is an answer of the given top probability, the rest of it shared by the
// other classes.
func record(label, predicted model.Class, top float64) model.Record {
	p := [4]float64{}
	for class := range p {
		p[class] = (1 - top) / 3
	}
	p[predicted] = top
	return model.Record{Label: &label, Predicted: &predicted, Probabilities: &model.Probabilities{Benign: p[0], Early: p[1], Pre: p[2], Pro: p[3]}}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// By hand: ten answers of 0.9, of which eight are right, and ten of 0.6, of which
// six are.
func TestTheErrorsOfProbabilitiesAreThoseCountedByHand(t *testing.T) {
	var records []model.Record
	for i := range 10 {
		high, low := model.Pro, model.Pro
		if i >= 8 {
			high = model.Pre
		}
		if i >= 6 {
			low = model.Early
		}
		records = append(records, record(high, model.Pro, 0.9), record(low, model.Pro, 0.6))
	}
	label := model.Pre
	records = append(records, model.Record{Label: &label, Abstained: true})
	s := Summarise(records)
	c := s.Calibration
	if c.N != 20 || s.N != 21 {
		t.Errorf("%d answers of %d pictures, want 20 of 21", c.N, s.N)
	}
	near(t, "expected calibration error", c.ECE, 0.5*0.1)
	// right: 0.1² + 3·(0.1/3)²; wrong: 0.9² + (1-0.1/3)² + 2·(0.1/3)²; and so for 0.6.
	right9, wrong9 := 0.01+0.01/3, 0.81+math.Pow(1-0.1/3, 2)+2*math.Pow(0.1/3, 2)
	right6, wrong6 := 0.16+0.16/3, 0.36+math.Pow(1-0.4/3, 2)+2*math.Pow(0.4/3, 2)
	near(t, "Brier score", c.Brier, (8*right9+2*wrong9+6*right6+4*wrong6)/20)
	near(t, "negative log-likelihood", c.NLL, -(8*math.Log(0.9)+2*math.Log(0.1/3)+6*math.Log(0.6)+4*math.Log(0.4/3))/20)
	for i, b := range c.Bins {
		want := Bin{Low: float64(i) / 15, High: float64(i+1) / 15}
		switch i {
		case 8: // 0.533 to 0.6
			want.N, want.Confidence, want.Accuracy = 10, 0.6, 0.6
		case 13: // 0.867 to 0.933
			want.N, want.Confidence, want.Accuracy = 10, 0.9, 0.8
		}
		if b.N != want.N {
			t.Errorf("bin %d holds %d answers, want %d", i, b.N, want.N)
		}
		near(t, "low", b.Low, want.Low)
		near(t, "high", b.High, want.High)
		near(t, "confidence", b.Confidence, want.Confidence)
		near(t, "accuracy", b.Accuracy, want.Accuracy)
	}
	for _, a := range s.Acceptance {
		accepted, right := 20, 14
		if a.Threshold > 0.9 {
			accepted, right = 0, 0
		} else if a.Threshold > 0.6 {
			accepted, right = 10, 8
		}
		if a.Accepted != accepted || a.Right != right {
			t.Errorf("from %g on %d are accepted and %d right, want %d and %d", a.Threshold, a.Accepted, a.Right, accepted, right)
		}
		near(t, "coverage", a.Coverage, float64(accepted)/21)
		near(t, "accuracy", a.Accuracy, float64(right)/float64(max(1, accepted)))
	}
}

// Thirty answers, two to a bin of the adaptive error: 0.70 wrong and 0.71 right,
// 0.72 wrong and 0.73 right, and so on. Each pair is right half of the time.
func TestTheAdaptiveErrorHasBinsOfEquallyManyPictures(t *testing.T) {
	var records []model.Record
	want := 0.0
	for i := range 30 {
		top := 0.7 + float64(29-i)/100 // not in order
		label := model.Benign
		if i%2 == 1 {
			label = model.Early
		}
		records = append(records, record(label, model.Benign, top))
		want += (top - 0.5) / 30
	}
	near(t, "adaptive error", Summarise(records).Calibration.AdaptiveECE, want)
}

func TestWithoutAnswersEveryFigureIsFinite(t *testing.T) {
	label := model.Pre
	s := Summarise([]model.Record{{Label: &label, Abstained: true}})
	if c := s.Calibration; c.N != 0 || c.ECE != 0 || c.NLL != 0 {
		t.Errorf("got %+v", c)
	}
	sure := record(model.Pre, model.Pro, 1)
	if nll := Summarise([]model.Record{sure}).Calibration.NLL; math.IsInf(nll, 0) || nll < 700 {
		t.Errorf("negative log-likelihood %v, want a large finite one", nll)
	}
}
