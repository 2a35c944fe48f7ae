package explain_test

import (
	"bytes"
	"math"
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

// The values of a map add up to what the features make of the logit. A region's weight is
// the sum over its pixels, so that twice the area of one value weighs twice, and pixels of
// no region count for none.
func TestGradCAMDividesTheLogitAmongPlacesAndRegions(t *testing.T) {
	m, in := shipped(t), drawn(t, "synthetic-2")
	seg := &lime.Segmentation{Width: model.Side, Height: model.Side, Count: 3, Labels: make([]uint16, model.Side*model.Side)}
	for i := range seg.Labels {
		x, y := i%model.Side, i/model.Side
		switch {
		case y > 200:
			seg.Labels[i] = lime.NoRegion
		case x > 60:
			seg.Labels[i] = uint16(1 + y/90%2)
		}
	}
	p, err := m.Network().Perturb(t.Context(), in.Tensor, seg.Labels, 3, make([]float32, 9), direct)
	if err != nil {
		t.Fatal(err)
	}
	cams, err := explain.GradCAMs(m.Network(), p, seg)
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
	for class, c := range cams {
		sum, all := 0.0, 0.0
		for _, v := range c.Map.Values {
			sum += float64(v)
		}
		for k, v := range features {
			all += gradients[class][k] * float64(v)
		}
		if math.Abs(sum-all) > 1e-4*max(1, math.Abs(all)) {
			t.Errorf("%s: the map adds up to %v, the features to %v", c.Class, sum, all)
		}
		if class > 1 {
			continue // it takes long
		}
		// Bilinear interpolation, written out.
		want := make([]float64, 3)
		for i, label := range seg.Labels {
			if label == lime.NoRegion {
				continue
			}
			for y := range c.Map.Height {
				for x := range c.Map.Width {
					want[label] += share(i%model.Side, x, c.Map.Width, c.Map) * share(i/model.Side, y, c.Map.Height, c.Map) * float64(c.Map.Values[y*c.Map.Width+x]) / (c.Map.Stride * c.Map.Stride)
				}
			}
		}
		for i, w := range want {
			if math.Abs(c.Weights[i]-w) > 1e-6*max(1, math.Abs(w)) {
				t.Errorf("%s: region %d weighs %v, want %v", c.Class, i, c.Weights[i], w)
			}
		}
	}
}

// share is how much a value counts at a pixel of its row or column of so many: a tent around where it lies.
func share(pixel, value, count int, m explain.GradCAMMap) float64 {
	at := max(0, min((float64(pixel)-m.Offset)/m.Stride, float64(count-1)))
	return max(0, 1-math.Abs(at-float64(value)))
}
