package explain_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
)

// direct leaves the tables out, where no mask is asked about.
var direct = engine.PerturbOptions{MaxBytes: -1}

// A map of one warm place is drawn as red there, paler towards its neighbours and white from where they lie, and its
// regions' weights are the sums of what is drawn.
func TestGradCAMIsDrawnOverWhatItsPlacesSee(t *testing.T) {
	m := explain.GradCAMMap{Width: 3, Height: 2, Offset: 10, Stride: 8, Values: []float32{0, 4, 0, 0, -2, 0}}
	layer, err := m.Layer(40, 40)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		x, y int
		pale uint8 // green and blue; red is full
	}{
		{18, 10, 0}, {18, 0, 0}, // beyond the first row is at it
		{14, 10, 128}, {22, 10, 128}, // half way to 0
		{10, 10, 255}, {26, 10, 255},
		{18, 14, 191},                // half way from 4 to -2
		{18, 18, 255}, {18, 39, 255}, // against the class
	} {
		at := layer.Pix[layer.PixOffset(c.x, c.y):][:4]
		if !bytes.Equal(at, []uint8{255, c.pale, c.pale, 255}) {
			t.Errorf("pixel (%d,%d) is %v, want red with %d", c.x, c.y, at, c.pale)
		}
	}
	if l := m.Legend(); l.Limit != 4 || len(l.Ticks) != 3 || l.Ticks[0] != 0 {
		t.Errorf("legend %+v", l)
	}
	for _, bad := range []explain.GradCAMMap{
		{Width: 3, Height: 2, Stride: 8, Values: make([]float32, 5)},
		{Width: 1 << 32, Height: 1 << 32, Stride: 8},
		{Width: 1, Height: 1, Values: make([]float32, 1)},
		{Width: 1, Height: 1, Stride: 8, Values: []float32{float32(math.NaN())}},
	} {
		if _, err := bad.Layer(40, 40); err == nil {
			t.Errorf("%+v was drawn", bad)
		}
	}
}

// The values of a map add up to what the features make of the logit, and regions that cover the picture divide them:
// each value counts once, spread over the pixels that are drawn by it, as bilinear interpolation does and beyond the
// outermost values too. Pixels of no region count for none.
func TestGradCAMDividesTheLogitAmongPlacesAndRegions(t *testing.T) {
	m, in := shipped(t), drawn(t, "synthetic-2")
	covered := &lime.Segmentation{Width: model.Side, Height: model.Side, Count: 4, Labels: make([]uint16, model.Side*model.Side)}
	for i := range covered.Labels {
		x, y := i%model.Side, i/model.Side
		switch {
		case y > 200:
			covered.Labels[i] = 3
		case x > 60:
			covered.Labels[i] = uint16(1 + y/90%2)
		}
	}
	seg := *covered
	seg.Count, seg.Labels = 3, slices.Clone(covered.Labels)
	for i, label := range seg.Labels {
		if label == 3 {
			seg.Labels[i] = lime.NoRegion
		}
	}
	p, err := m.Network().Perturb(t.Context(), in.Tensor, seg.Labels, 3, make([]float32, 9), direct)
	if err != nil {
		t.Fatal(err)
	}
	cams, err := explain.GradCAMs(m, p, &seg)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := explain.GradCAMs(m, p, covered)
	if err != nil {
		t.Fatal(err)
	}
	features, err := p.Features()
	if err != nil {
		t.Fatal(err)
	}
	gradients, err := m.Network().Gradients(features)
	if err != nil {
		t.Fatal(err)
	}
	columns, rows := tents(cams[0].Map, cams[0].Map.Width), tents(cams[0].Map, cams[0].Map.Height)
	for class, c := range cams {
		sum, all, divided := 0.0, 0.0, 0.0
		for _, v := range c.Map.Values {
			sum += float64(v)
		}
		for k, v := range features {
			all += gradients[class][k] * float64(v)
		}
		for _, w := range whole[class].Weights {
			divided += w
		}
		if math.Abs(sum-all) > 1e-4*max(1, math.Abs(all)) {
			t.Errorf("%s: the map adds up to %v, the features to %v", c.Class, sum, all)
		}
		if math.Abs(divided-sum) > 1e-9*max(1, math.Abs(sum)) {
			t.Errorf("%s: regions that cover the picture weigh %v together, the map adds up to %v", c.Class, divided, sum)
		}
		want := make([]float64, 4)
		for i, label := range covered.Labels {
			for y, row := range rows[i/model.Side] {
				if row == 0 {
					continue
				}
				for x, column := range columns[i%model.Side] {
					want[label] += row * column * float64(c.Map.Values[y*c.Map.Width+x])
				}
			}
		}
		for i, w := range want {
			if math.Abs(whole[class].Weights[i]-w) > 1e-6*max(1, math.Abs(w)) || i < 3 && c.Weights[i] != whole[class].Weights[i] {
				t.Errorf("%s: region %d weighs %v, and %v where pixels are of no region; want %v", c.Class, i, whole[class].Weights[i], c.Weights, w)
			}
		}
	}
}

// tents says of each pixel of a row or column how much of each of count values lies at it, [model.Side][count]: a tent around
// the value's place, the outermost ones flat beyond it, each 1 in all.
func tents(m explain.GradCAMMap, count int) [][]float64 {
	all := make([][]float64, model.Side)
	for pixel := range all {
		all[pixel] = make([]float64, count)
		at := max(0, min((float64(pixel)-m.Offset)/m.Stride, float64(count-1)))
		for value := range all[pixel] {
			all[pixel][value] = max(0, 1-math.Abs(at-float64(value)))
		}
	}
	for value := range count {
		sum := 0.0
		for pixel := range all {
			sum += all[pixel][value]
		}
		for pixel := range all {
			all[pixel][value] /= sum
		}
	}
	return all
}

// Of a model that a laboratory taught, Grad-CAM is of the corrected logits, as the other opinions are. A correction is a matrix
// times the logits plus a bias, so that at each position the maps are corrected as logits are, but for the bias.
func TestGradCAMIsOfTheCorrectedLogits(t *testing.T) {
	plain := shipped(t)
	correction := &model.Correction{
		Matrix: [4][4]float64{{0.5, -0.25, 0, 1}, {0, -0.75, 2, 0}, {1, 0, 0, -1.5}, {0, 0.125, 0.25, 0}},
		Bias:   [4]float64{-3, 1, 2, -1},
	}
	field := blanked(drawn(t, "synthetic-2"), discs(3))
	tested := func(m *model.Model) []explain.GradCAM {
		session := newCells(t, m, field)
		r, err := session.Explain(t.Context(), lime.CellsPreset(), nil)
		if err != nil {
			t.Fatal(err)
		}
		f, err := session.Faithfulness(t.Context(), r.Explanation, nil)
		if err != nil {
			t.Fatal(err)
		}
		return f.GradCAM
	}
	before, after := tested(plain), tested(plain.Corrected(correction))
	// applied is what the correction makes of a value of each class, without the bias.
	applied := func(value func(class int) float64) (z [4]float64) {
		for class := range z {
			z[class] = value(class)
		}
		correction.Apply(&z)
		for class := range z {
			z[class] -= correction.Bias[class]
		}
		return z
	}
	changed := false
	for place := range before[0].Map.Values {
		want := applied(func(class int) float64 { return float64(before[class].Map.Values[place]) })
		for class, w := range want {
			got := float64(after[class].Map.Values[place])
			if math.Abs(got-w) > 1e-5*max(1, math.Abs(w)) {
				t.Fatalf("%s: the map at position %d is %v, want %v", model.Class(class), place, got, w)
			}
			changed = changed || math.Abs(got-float64(before[class].Map.Values[place])) > 1e-3
		}
	}
	if !changed {
		t.Error("the correction changes no map, so that nothing was compared")
	}
	for region := range before[0].Weights {
		want := applied(func(class int) float64 { return before[class].Weights[region] })
		for class, w := range want {
			if got := after[class].Weights[region]; math.Abs(got-w) > 1e-5*max(1, math.Abs(w)) {
				t.Errorf("%s: region %d weighs %v, want %v", model.Class(class), region, got, w)
			}
		}
	}
}
