package lime

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// fixtureClass returns the explanation of the top class as Python gave it.
func fixtureClass(t testing.TB, name string, h Hide) *ClassExplanation {
	t.Helper()
	e := fixtureJSON[explanationFixture](t, name+"."+h.String()+".json")
	l := e.PerLabel[fmt.Sprint(e.Top[0])]
	return &ClassExplanation{Class: e.Top[0], Coefficients: l.Coef, Order: superpixels(l.LocalExp)}
}

var maskKinds = map[string]MaskOptions{
	"pos5_hide":  {PositiveOnly: true, HideRest: true, NumFeatures: 5},
	"pos5_show":  {PositiveOnly: true, NumFeatures: 5},
	"both5_show": {NumFeatures: 5},
	"both5_hide": {HideRest: true, NumFeatures: 5},
	"neg5_hide":  {NegativeOnly: true, HideRest: true, NumFeatures: 5},
}

func TestImageAndMask(t *testing.T) {
	for _, e := range explained {
		for _, h := range []Hide{HideBlack, HideMean} {
			for kind, o := range maskKinds {
				name := fmt.Sprintf("%s.%s.%s", e.name, h, kind)
				t.Run(name, func(t *testing.T) {
					rgb, w, hgt := fixturePicture(t, e.name)
					seg := &Segmentation{w, hgt, e.count, fixtureUint16(t, e.name+".labels.u16")}
					temp, mask, err := ImageAndMask(rgb, seg, fixtureClass(t, e.name, h), o)
					if err != nil {
						t.Fatal(err)
					}
					if !slices.Equal(mask, fixtureInt8(t, name+".mask.i8")) {
						t.Error("mask differs")
					}
					want, _, _ := fixturePNG(t, name+".png")
					checkPixels(t, temp, want)
				})
			}
		}
	}
}

func checkPixels(t *testing.T, got, want []uint8) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d bytes, want %d", len(got), len(want))
	}
	for i := range got {
		if d := int(got[i]) - int(want[i]); d < -1 || d > 1 {
			t.Fatalf("byte %d is %d, want %d", i, got[i], want[i])
		}
	}
}

func TestMaskOptions(t *testing.T) {
	seg := testSegmentation(5)
	c := &ClassExplanation{Coefficients: []float64{0.1, -0.5, 0.3, 0, -0.2}, Order: []int{1, 2, 4, 0, 3}}
	for _, k := range []struct {
		o    MaskOptions
		want []int8
	}{
		{MaskOptions{NumFeatures: 9}, []int8{1, -1, 1, 1, -1}}, // 0 counts as positive
		{MaskOptions{NumFeatures: 2, MinWeight: 0.4}, []int8{0, -1, 0, 0, 0}},
		{MaskOptions{NumFeatures: 2, MinWeight: 0.3}, []int8{0, -1, 1, 0, 0}},
		{MaskOptions{PositiveOnly: true, NumFeatures: 9}, []int8{1, 0, 1, 0, 0}},
		{MaskOptions{PositiveOnly: true, NumFeatures: 9, MinWeight: 0.1}, []int8{0, 0, 1, 0, 0}},
		{MaskOptions{PositiveOnly: true, NumFeatures: 1}, []int8{0, 0, 1, 0, 0}},
		{MaskOptions{NegativeOnly: true, NumFeatures: 9, MinWeight: 0.3}, []int8{0, 1, 0, 0, 0}},
		{MaskOptions{PositiveOnly: true}, []int8{0, 0, 0, 0, 0}},
	} {
		if _, mask, err := ImageAndMask(make([]uint8, 15), seg, c, k.o); err != nil || !slices.Equal(mask, k.want) {
			t.Errorf("%+v: %v, %v; want %v", k.o, mask, err, k.want)
		}
	}
}

func TestImageAndMaskRefusesWhatDoesNotFit(t *testing.T) {
	c := &ClassExplanation{Coefficients: []float64{1, 2}, Order: []int{1, 0}}
	for _, k := range []struct {
		n    int
		seg  *Segmentation
		c    *ClassExplanation
		o    MaskOptions
		want string
	}{
		{6, testSegmentation(2), c, MaskOptions{PositiveOnly: true, NegativeOnly: true}, "at once"},
		{5, testSegmentation(2), c, MaskOptions{}, "needs 6 RGB bytes, got 5"},
		{9, testSegmentation(3), c, MaskOptions{}, "explanation of 2 superpixels"},
		{6, testSegmentation(2), &ClassExplanation{Coefficients: []float64{1, 2}, Order: []int{2}}, MaskOptions{}, "names superpixel 2"},
		{6, &Segmentation{2, 1, 2, []uint16{1, 2}}, c, MaskOptions{}, "has label 2"},
	} {
		if _, _, err := ImageAndMask(make([]uint8, k.n), k.seg, k.c, k.o); err == nil || !strings.Contains(err.Error(), k.want) {
			t.Errorf("error %v, want it to say %q", err, k.want)
		}
	}
}
