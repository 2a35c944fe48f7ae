package lime

import (
	"errors"
	"image"
	"slices"
	"strings"
	"testing"
)

func TestSegmentationsThatAreNone(t *testing.T) {
	for want, s := range map[string]*Segmentation{
		"one label for each":           {2, 2, 1, make([]uint16, 3)},
		"has 0 superpixels":            {1, 1, 0, make([]uint16, 1)},
		"pixel (1,0) has label 1":      {2, 1, 1, []uint16{0, 1}},
		"no pixel has label 0":         {2, 1, 2, []uint16{1, 1}}, // what SLIC with start_label 1 gives
		"has 65537 superpixels; 1 to ": {1, 1, 65537, make([]uint16, 1)},
		"pixel (1,0) has label 65534":  {2, 1, 1, []uint16{0, NoRegion - 1}},
		"no pixel has label 1":         {2, 1, 2, []uint16{0, NoRegion}},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	if err := testSegmentation(3).Validate(); err != nil {
		t.Error(err)
	}
}

// onGround is a segmentation of a ground with two regions that touch.
func onGround() *Segmentation {
	const n = NoRegion
	return &Segmentation{Width: 6, Height: 5, Count: 2, Labels: []uint16{
		n, n, n, n, n, n,
		n, 0, 0, 1, 1, n,
		n, 0, 0, 1, 1, n,
		n, 0, 0, n, n, n,
		n, n, n, n, n, n,
	}}
}

// speckled is a picture of as many pixels, no two of one colour.
func speckled(pixels int) []uint8 {
	rgb := make([]uint8, 3*pixels)
	for i := range rgb {
		rgb[i] = uint8(7 * i)
	}
	return rgb
}

func TestPixelsOfNoRegionAreNeitherHiddenNorMeasured(t *testing.T) {
	seg := onGround()
	if err := seg.Validate(); err != nil {
		t.Fatal(err)
	}
	rgb := speckled(30)
	for _, h := range []Hide{HideBlack, HideMean, HideRemoved} {
		colours := HiddenColours(rgb, seg, h)
		for c := range 3 {
			want := map[Hide]float64{HideRemoved: float64(rgb[c]) / 255}[h]
			if h == HideMean {
				for _, i := range []int{9, 10, 15, 16} {
					want += float64(rgb[3*i+c]) / (4 * 255)
				}
			}
			closeTo(t, h.String(), colours[1][c], want, 1e-12)
		}
		picture := make([]float64, 90)
		Perturbed(picture, rgb, seg, colours, []uint8{1, 0})
		for i, v := range picture {
			want := float64(rgb[i]) / 255
			if seg.Labels[i/3] == 1 {
				want = colours[1][i%3]
			}
			if v != want {
				t.Errorf("%s: pixel %d is %v with region 1 hidden, want %v", h, i/3, v, want)
			}
		}
	}
	if got := HiddenColours(rgb[:9], testSegmentation(3), HideRemoved)[2]; got != [3]float64{1, 1, 1} {
		t.Errorf("without a ground what is removed turns %v, want white", got)
	}
	regions, err := Regions(seg, &ClassExplanation{Coefficients: []float64{1, -3}, Order: []int{1, 0}})
	if err != nil {
		t.Fatal(err)
	}
	want := []Region{
		{Superpixel: 1, Weight: -3, Area: 4, Share: 4.0 / 30, X: 3, Y: 1, MinX: 3, MinY: 1, MaxX: 4, MaxY: 2},
		{Superpixel: 0, Weight: 1, Area: 6, Share: 6.0 / 30, X: 1, Y: 2, MinX: 1, MinY: 1, MaxX: 2, MaxY: 3},
	}
	if !slices.Equal(regions, want) {
		t.Errorf("%+v", regions)
	}
}

func TestNothingIsDrawnOnPixelsOfNoRegion(t *testing.T) {
	seg, rgb := onGround(), speckled(30)
	c := &ClassExplanation{Coefficients: []float64{2, 1}, Order: []int{0, 1}}
	outline, err1 := OutlineLayer(seg, c, 1)
	separate, err2 := SeparateOutlines(seg, c, 2, 1)
	heat, err3 := HeatMap(seg, c)
	alone, err4 := RegionsAlone(rgb, seg, c, 1)
	temp, mask, err5 := ImageAndMask(rgb, seg, c, MaskOptions{NumFeatures: 2})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		t.Fatal(err)
	}
	for i, l := range seg.Labels {
		at := func(img *image.NRGBA) [4]uint8 { return pixel(img, i) }
		black, own := [4]uint8{3: 255}, [4]uint8{rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255}
		switch l {
		case NoRegion:
			if at(outline) != [4]uint8{} || at(separate) != [4]uint8{} || at(heat) != [4]uint8{} || at(alone) != black || mask[i] != 0 || !slices.Equal(temp[3*i:][:3], rgb[3*i:][:3]) {
				t.Errorf("pixel %d of no region: outline %v, separate %v, heat map %v, alone %v, mask %d", i, at(outline), at(separate), at(heat), at(alone), mask[i])
			}
		case 0:
			if at(outline) != black || at(separate)[3] != 255 || at(heat) != [4]uint8{255, 0, 0, 255} || at(alone) != own || mask[i] != 1 {
				t.Errorf("pixel %d of region 0: outline %v, separate %v, heat map %v, alone %v, mask %d", i, at(outline), at(separate), at(heat), at(alone), mask[i])
			}
		case 1:
			if at(heat) != [4]uint8{255, 128, 128, 255} || at(alone) != black || mask[i] != 1 {
				t.Errorf("pixel %d of region 1: heat map %v, alone %v, mask %d", i, at(heat), at(alone), mask[i])
			}
		}
	}
}

func TestAWidthAndHeightWhoseProductOverflowsAreNoSegmentation(t *testing.T) {
	height := int64(7905747460161236407) // times 7 it is 1 in 64 bits
	s := &Segmentation{Width: 7, Height: int(height), Count: 1, Labels: make([]uint16, 1)}
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "one label for each") {
		t.Errorf("%d x %d with one label: error %v", s.Width, s.Height, err)
	}
}
