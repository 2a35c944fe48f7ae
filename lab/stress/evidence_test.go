package stress

import (
	"math"
	"math/rand/v2"
	"testing"

	"allnet/lime"
)

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(math.Abs(got-want) <= within) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Four superpixels of 4, 2, 1 and 1 pixels.
func TestPositiveWeightIsSpreadEvenlyOverItsSuperpixel(t *testing.T) {
	seg := &lime.Segmentation{Width: 4, Height: 2, Count: 4, Labels: []uint16{0, 0, 1, 2, 0, 0, 1, 3}}
	nuclei := []bool{true, false, true, false, false, false, true, true} // 1/4 of 0, all of 1 and 3
	for _, c := range []struct {
		weights []float64
		want    float64
	}{
		{[]float64{1, 0, 0, 0}, 0.25},
		{[]float64{0, 3, 0, 0}, 1},
		{[]float64{-5, 1, 1, -7}, 0.5},             // negative weights do not count
		{[]float64{2, 1, 1, 0}, (2*0.25 + 1) / 4.}, // of 4
	} {
		e, ok := weigh(seg, c.weights, nuclei)
		if !ok {
			t.Fatal("no evidence")
		}
		near(t, "share", e.share, c.want, 1e-12)
		near(t, "area", e.area, 0.5, 1e-12)
		near(t, "even", e.even, (0.25+1+0+1)/4, 1e-12)
	}
	if _, ok := weigh(seg, []float64{-1, 0, 0, 0}, nuclei); ok {
		t.Error("evidence without a positive weight")
	}
	if _, ok := weigh(seg, []float64{1, 1, 1, 1}, make([]bool, 8)); ok {
		t.Error("evidence without a nucleus")
	}
}

func TestEvidenceRowsLeaveOutWhatHasNone(t *testing.T) {
	of := func(share, area float64, ok bool) finding {
		return finding{"LIME", "segmentation", evidence{share, area, 0.2}, ok}
	}
	rows := evidenceRows([][]finding{
		{of(0.1, 0.1, true)}, {of(0.6, 0.2, true)}, {of(9, 9, false)}, {of(0.5, 0.3, true)},
	})
	r := rows[0]
	if len(rows) != 1 || r.N != 3 || r.LeftOut != 1 || r.Method != "LIME" {
		t.Errorf("got %+v", rows)
	}
	near(t, "share", r.Share.Value, 0.4, 1e-12)
	near(t, "area", r.Area.Value, 0.2, 1e-12)
	near(t, "ratio", r.Ratio.Value, 2, 1e-12)
	near(t, "median ratio", r.MedianRatio.Value, 5./3, 1e-12) // of 1, 3 and 5/3
	near(t, "even", r.Even.Value, 0.2, 1e-12)
	near(t, "least even", r.Even.Interval[0], 0.2, 1e-12)
	if evidenceRows(nil) != nil {
		t.Error("rows of nothing")
	}
}

// For a mean of many values the bootstrap gives the normal interval.
func TestTheBootstrapGivesAMeanItsNormalInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	values := make([]float64, 400)
	for i := range values {
		values[i] = random.NormFloat64()
	}
	average := func(list []float64) float64 {
		sum := 0.0
		for _, v := range list {
			sum += v
		}
		return sum / float64(len(list))
	}
	e := estimate(values, average)
	squares := 0.0
	for _, v := range values {
		squares += (v - e.Value) * (v - e.Value)
	}
	half := 1.96 * math.Sqrt(squares) / 400
	near(t, "lower end", e.Interval[0], e.Value-half, 0.1*half)
	near(t, "upper end", e.Interval[1], e.Value+half, 0.1*half)
}
