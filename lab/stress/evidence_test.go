package stress

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"allnet/internal/golden"
	"allnet/lime"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/standard"
	"allnet/model/synthetic"
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
		return finding{method: "LIME", mask: SegmentationMask, evidence: evidence{share, area, 0.2}, ok: ok}
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

// readsCells is a network with made-up weights that reads cells, and a drawing that has some.
func readsCells(t *testing.T) (*model.Model, *picture.Picture) {
	t.Helper()
	m, err := model.Load(golden.Encode(golden.Graph(golden.Weights(8, 8, 8))))
	if err != nil {
		t.Fatal(err)
	}
	drawn, err := synthetic.Draw("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	return m.ReadingCells(), drawn
}

// The weight of a network that reads cells lies on the cells it is given, and on those that
// another rule finds only as far as they are the same.
func TestTheEvidenceOfANetworkOfCellsIsHeldAgainstMasksThatItDoesNotKnow(t *testing.T) {
	m, drawn := readsCells(t)
	specimen, err := m.Prepare(drawn, model.Options{})
	if err != nil || specimen.Count() < 4 || len(specimen.Fields) != 1 {
		t.Fatalf("%v, %d cells", err, specimen.Count())
	}
	// A mask that holds every second cell.
	p := &Picture{RGB: drawn.Pix, Nuclei: make([]bool, side*side)}
	c := specimen.Fields[0].Cells
	for i, label := range c.Labels {
		p.Nuclei[i] = label%2 == 1
	}
	findings, err := explained(t.Context(), m, p)
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) != 6 {
		t.Fatalf("%d findings", len(findings))
	}
	for _, f := range findings {
		switch {
		case !f.ok || f.positive == 0 || f.positive > len(c.List):
			t.Errorf("%s on %s: %+v", f.method, f.mask, f)
		case f.mask == FoundMask:
			near(t, "share on the cells themselves", f.share, 1, 1e-12)
			near(t, "area of the cells", f.area, c.Share(), 1e-12)
			near(t, "weight of the cells that were found", f.weight, 1, 1e-12)
			if f.marked != f.positive {
				t.Errorf("%d of %d cells are those that were found", f.marked, f.positive)
			}
		case f.mask == SegmentationMask:
			near(t, "share of even weights", f.even, float64((len(c.List)+1)/2)/float64(len(c.List)), 1e-12)
			near(t, "weight of every second cell", f.weight, f.share, 1e-12) // the mask has their rims, too
			if f.share >= 1 || f.share <= 0 || f.marked >= f.positive || f.marked == 0 {
				t.Errorf("%s on every second cell: %+v", f.method, f)
			}
		case f.share >= 1: // the rule of colour marks no rims
			t.Errorf("%s on %s: %+v", f.method, f.mask, f)
		}
	}
}

func TestMasksFollowTheFieldsOfAScaledPicture(t *testing.T) {
	m, drawn := readsCells(t)
	specimen, err := m.Prepare(drawn, model.Options{Options: standard.Options{Diameter: standard.Diameter / 2}})
	if err != nil || len(specimen.Fields) != 4 {
		t.Fatalf("%v, %d fields", err, len(specimen.Fields))
	}
	mask := foundIn(specimen)
	back := 0
	for i := range specimen.Fields {
		f := &specimen.Fields[i]
		inside := inField(mask, f, specimen.Standard.Scale)
		missing, all := 0, 0
		for pixel, label := range f.Cells.Labels {
			if label > 0 {
				all++
				if !inside[pixel] {
					missing++
				}
			}
		}
		back += all
		if missing > all/10 { // half a pixel of the picture at the edges
			t.Errorf("field %d: %d of %d pixels of cells are not where the picture has them", i, missing, all)
		}
	}
	if back == 0 {
		t.Error("no cells")
	}
}

func TestAPictureWithoutCellsIsNoEvidence(t *testing.T) {
	m, _ := readsCells(t)
	p := &Picture{RGB: slices.Repeat([]uint8{240, 238, 236}, side*side), Nuclei: rectangle(0, 0, 50, 50)}
	copy(p.RGB[3*5000:], []uint8{90, 90, 90}) // not one single colour
	findings, err := explained(t.Context(), m, p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.ok || f.positive > 0 {
			t.Errorf("%+v", f)
		}
	}
	for _, r := range evidenceRows([][]finding{findings}) {
		if r.N != 0 || r.LeftOut != 1 || r.Cells != nil {
			t.Errorf("%+v", r)
		}
	}
}

func TestCellsThatSpeakForTheAnswerAreCountedOverAllPictures(t *testing.T) {
	of := func(positive, marked int, ok bool) finding {
		return finding{method: "LIME", mask: StainedMask, evidence: evidence{0.5, 0.1, 0.5}, ok: ok, positive: positive, marked: marked, weight: float64(marked) / float64(positive)}
	}
	rows := evidenceRows([][]finding{{of(10, 9, true)}, {of(2, 0, true)}, {of(7, 0, false)}})
	if c := rows[0].Cells; c == nil || c.Positive != 12 || c.Marked != 9 {
		t.Fatalf("%+v", c)
	}
	near(t, "share", rows[0].Cells.Share.Value, 0.75, 1e-12)
	near(t, "weight", rows[0].Cells.Weight.Value, 0.45, 1e-12)
	near(t, "least share", rows[0].Cells.Share.Interval[0], 0, 1e-12)
	near(t, "greatest share", rows[0].Cells.Share.Interval[1], 0.9, 1e-12)
}
