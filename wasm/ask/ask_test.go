package ask

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"allnet/lime"
)

// sentence fails where an error has no words or a line of its own.
func sentence(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.TrimSpace(text) == "" || strings.Contains(text, "%!") {
		t.Errorf("no sentence: %q", text)
	}
}

func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// fourRegions is a class's explanation of quarters of a picture.
func fourRegions() lime.ClassExplanation {
	return lime.ClassExplanation{Coefficients: []float64{1, -3, 0, 2}, Order: []int{1, 3, 0, 2}, Warnings: []lime.Warning{}}
}

// quarters is a label map of side x side pixels, side even.
func quarters(side int) []uint16 {
	labels := make([]uint16, side*side)
	for i := range labels {
		labels[i] = uint16(i/side/(side/2)*2 + i%side/(side/2))
	}
	return labels
}

func TestADrawingIsReadAsThePageHoldsIt(t *testing.T) {
	labels := quarters(4)
	d, err := ReadDrawing(marshal(map[string]any{"class": fourRegions(), "features": 2}), Labels(labels), 4)
	if err != nil {
		t.Fatal(err)
	}
	want := &lime.Segmentation{Width: 4, Height: 4, Count: 4, Labels: labels}
	if !reflect.DeepEqual(d.Segmentation, want) || !reflect.DeepEqual(d.Class, fourRegions()) || d.Features != 2 {
		t.Errorf("got %+v of %+v", d, d.Segmentation)
	}
}

func TestALabelMapOfAnotherSizeIsRefused(t *testing.T) {
	text := marshal(map[string]any{"class": fourRegions(), "features": 2})
	whole := Labels(quarters(4))
	for _, labels := range [][]byte{nil, whole[:31], whole[:30], append(whole, 0), append(whole, 0, 0)} {
		if _, err := ReadDrawing(text, labels, 4); err == nil || !strings.Contains(err.Error(), "expected 2 x 4 x 4") {
			t.Errorf("%d bytes: error %v", len(labels), err)
		}
	}
}

// Anything that a message can hold is either refused, or drawn.
func FuzzDrawing(f *testing.F) {
	const side = 4
	f.Add(marshal(map[string]any{"class": fourRegions(), "features": 2}), Labels(quarters(side)))
	f.Add(`{"class":{"coefficients":[0],"order":[0]},"features":-1}`, Labels(make([]uint16, side*side)))
	f.Add(`{"class":{"coefficients":[1e308,-1e308],"order":[0,0,1]}}`, Labels(append(make([]uint16, side*side-1), 1)))
	rgb := make([]uint8, 3*side*side)
	for i := range rgb {
		rgb[i] = uint8(37 * i)
	}
	f.Fuzz(func(t *testing.T, text string, labels []byte) {
		d, err := ReadDrawing(text, labels, side)
		if err != nil {
			sentence(t, err)
			return
		}
		regions, err := lime.Regions(d.Segmentation, &d.Class)
		if err != nil {
			sentence(t, err)
			return
		}
		if len(regions) > d.Segmentation.Count {
			t.Errorf("%d regions of %d superpixels", len(regions), d.Segmentation.Count)
		}
		outline, err := lime.SeparateOutlines(d.Segmentation, &d.Class, d.Features, 2)
		if err != nil || len(outline.Pix) != 4*4*side*side {
			t.Errorf("regions, but no outline: %v", err)
		}
		alone, err := lime.RegionsAlone(rgb, d.Segmentation, &d.Class, d.Features)
		if err != nil || len(alone.Pix) != 4*side*side {
			t.Errorf("regions, but not alone: %v", err)
		}
		heat, err := lime.HeatMap(d.Segmentation, &d.Class)
		if err != nil || len(heat.Pix) != 4*side*side {
			t.Errorf("regions, but no heat map: %v", err)
		}
		if _, err := json.Marshal(map[string]any{"regions": regions, "legend": lime.LegendFor(&d.Class)}); err != nil {
			t.Errorf("what was drawn cannot be sent: %v", err)
		}
	})
}

// A second opinion is compared with whatever explanation came with the message.
func FuzzSecondOpinion(f *testing.F) {
	s := lime.FaithfulPreset()
	second := &lime.ShapleyValues{Settings: s.ShapleySettings(20), Superpixels: 4, Classes: []lime.ClassShapley{
		{Class: 0, Values: []float64{1, -2, 0, 3}, StandardErrors: make([]float64, 4), Order: []int{3, 1, 0, 2}},
	}}
	f.Add(marshal(SecondOpinion{lime.Explanation{Settings: s, Superpixels: 4, Classes: []lime.ClassExplanation{fourRegions()}}, 20}))
	f.Add(`{"permutations":1e9}`)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ReadSecondOpinion(text)
		if err != nil {
			sentence(t, err)
			return
		}
		if err := o.Explanation.Settings.ShapleySettings(o.Permutations).Validate(); err != nil {
			sentence(t, err)
		}
		agreements, err := lime.Agree(&o.Explanation, second)
		if err != nil {
			sentence(t, err)
			return
		}
		for _, a := range agreements {
			if !(a.Top >= 0 && a.Top <= 1) || !(a.RankCorrelation >= -1.000001 && a.RankCorrelation <= 1.000001) {
				t.Errorf("agreement %+v", a)
			}
		}
	})
}

// Settings that are accepted stay what they are when they are sent on.
func FuzzSettings(f *testing.F) {
	for _, p := range lime.Presets() {
		f.Add(marshal(p.Settings))
	}
	f.Add(`{"hide":"grey","samples":-1}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Explanation(text)
		if err != nil {
			sentence(t, err)
			return
		}
		if err := s.Validate(); err != nil {
			sentence(t, err)
			return
		}
		again, err := Explanation(marshal(s))
		if err != nil || again != s {
			t.Errorf("%+v came back as %+v, %v", s, again, err)
		}
	})
}

func TestLinksComeBackAsTheyWereFound(t *testing.T) {
	links := []int32{0, 3, 2, -1}
	back, err := ReadLinks(Links(links), 2)
	if err != nil || !reflect.DeepEqual(back, links) {
		t.Errorf("got %v, %v", back, err)
	}
	if _, err := ReadLinks(Links(links)[:15], 2); err == nil || !strings.Contains(err.Error(), "expected 4 x 2 x 2") {
		t.Errorf("error %v", err)
	}
	rows, err := ReadRows(`{"segmentation":{"kernelSize":4,"maxDist":200,"ratio":0.2,"seed":42},"from":0,"to":112}`)
	if err != nil || *rows != (Rows{Segmentation: lime.DefaultQuickshift(), To: 112}) {
		t.Errorf("got %+v, %v", rows, err)
	}
	if _, err := ReadRows("{"); err == nil {
		t.Error("half a text is read")
	}
}
