package lime

import (
	"image"
	"image/color"
	"slices"
	"testing"
)

func TestLegendIsSymmetricRedForBlueAgainst(t *testing.T) {
	l := LegendFor(&ClassExplanation{Coefficients: []float64{0.25, -2, 1}})
	if l.Limit != 2 || !slices.Equal(l.Ticks, []float64{-2, -1, 0, 1, 2}) {
		t.Errorf("%+v", l)
	}
	for weight, want := range map[float64][3]uint8{
		2: {255, 0, 0}, 1: {255, 128, 128}, 0: {255, 255, 255}, -0.5: {191, 191, 255}, -2: {0, 0, 255}, 9: {255, 0, 0}, -9: {0, 0, 255},
	} {
		if got := l.Colour(weight); got != want {
			t.Errorf("%v: %v, want %v", weight, got, want)
		}
	}
	l = LegendFor(&ClassExplanation{Coefficients: []float64{0, 0}})
	if l.Limit != 0 || !slices.Equal(l.Ticks, []float64{0}) || l.Colour(0) != [3]uint8{255, 255, 255} {
		t.Errorf("all weights 0: %+v", l)
	}
}

// Two regions that touch, one at the corner of the picture, and a third that is not among the strongest.
func TestEveryRegionHasAClosedOutlineOfItsOwnWithinItself(t *testing.T) {
	const width, height, scale = 20, 12, 3
	seg := &Segmentation{width, height, 3, make([]uint16, width*height)}
	for i := range seg.Labels {
		switch x, y := i%width, i/width; {
		case x < 8 && y < 8:
			seg.Labels[i] = 0
		case x < 16 && y < 8:
			seg.Labels[i] = 1
		default:
			seg.Labels[i] = 2
		}
	}
	c := &ClassExplanation{Coefficients: []float64{3, 2, 1}, Order: []int{0, 1, 2}}
	layer, err := SeparateOutlines(seg, c, 2, scale)
	if err != nil {
		t.Fatal(err)
	}
	if layer.Rect.Dx() != scale*width || layer.Rect.Dy() != scale*height {
		t.Fatalf("the layer is %v", layer.Rect)
	}
	black, white, clear := color.NRGBA{A: 255}, color.NRGBA{255, 255, 255, 255}, color.NRGBA{}
	for y := range layer.Rect.Dy() {
		for x := range layer.Rect.Dx() {
			// How many points the rim of the region 0 to 24, or 24 to 48 across, 0 to 24 down, is away.
			want, away := clear, min(x%24, 23-x%24, y, 23-y)
			switch {
			case x >= 48 || y >= 24: // the third
			case away < 2:
				want = white
			case away < 4:
				want = black
			}
			if got := layer.NRGBAAt(x, y); got != want {
				t.Fatalf("(%d, %d) is %v; want %v", x, y, got, want)
			}
		}
	}
	if _, err := SeparateOutlines(seg, c, 2, 0); err == nil {
		t.Error("a layer of no size was made")
	}
}

// The layers are other renderings of what get_image_and_mask and mark_boundaries give.
func TestLayersShowWhatPythonShows(t *testing.T) {
	for _, h := range []Hide{HideBlack, HideMean} {
		rgb, w, hgt := fixturePicture(t, "tiles64")
		seg := &Segmentation{w, hgt, 25, fixtureUint16(t, "tiles64.labels.u16")}
		c := fixtureClass(t, "tiles64", h)
		outline, err := OutlineLayer(seg, c, 5)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := RegionsAlone(rgb, seg, c, 5)
		if err != nil {
			t.Fatal(err)
		}
		heat, err := HeatMap(seg, c)
		if err != nil {
			t.Fatal(err)
		}
		legend := LegendFor(c)
		boundary := fixture(t, "tiles64."+h.String()+".pos5_show.boundary.u8")
		mask := fixtureInt8(t, "tiles64."+h.String()+".pos5_hide.mask.i8")
		for i := range boundary {
			if want := [4]uint8{3: 255 * boundary[i]}; pixel(outline, i) != want {
				t.Fatalf("outline at %d: %v, want %v", i, pixel(outline, i), want)
			}
			want := [4]uint8{3: 255}
			if mask[i] == 1 {
				copy(want[:3], rgb[3*i:])
			}
			if pixel(alone, i) != want {
				t.Fatalf("regions alone at %d: %v, want %v", i, pixel(alone, i), want)
			}
			colour := legend.Colour(c.Coefficients[seg.Labels[i]])
			if want := [4]uint8{colour[0], colour[1], colour[2], 255}; pixel(heat, i) != want {
				t.Fatalf("heat map at %d: %v, want %v", i, pixel(heat, i), want)
			}
		}
	}
}

func pixel(img *image.NRGBA, i int) [4]uint8 { return [4]uint8(img.Pix[4*i:][:4]) }

func TestLayersRefuseWhatDoesNotFit(t *testing.T) {
	c := &ClassExplanation{Coefficients: []float64{1}, Order: []int{0}}
	for _, seg := range []*Segmentation{nil, testSegmentation(2)} {
		if _, err := OutlineLayer(seg, c, 5); err == nil {
			t.Error("outline")
		}
		if _, err := RegionsAlone(make([]uint8, 6), seg, c, 5); err == nil {
			t.Error("regions alone")
		}
		if _, err := HeatMap(seg, c); err == nil {
			t.Error("heat map")
		}
		if _, err := Regions(seg, c); err == nil {
			t.Error("regions")
		}
	}
	if _, err := RegionsAlone(nil, testSegmentation(1), c, 5); err == nil {
		t.Error("regions alone without a picture")
	}
}
