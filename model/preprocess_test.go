package model_test

import (
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/picture"
)

// ramp is a picture in which every pixel differs from its neighbours.
func ramp(width, height int) *picture.Picture {
	p := &picture.Picture{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
	for i := range p.Pix {
		p.Pix[i] = uint8(i * 7)
	}
	return p
}

func TestPreprocessScalesLevelsToTheUnitInterval(t *testing.T) {
	p := ramp(model.Side, model.Side)
	in, err := model.Preprocess(p)
	if err != nil {
		t.Fatal(err)
	}
	for i, level := range p.Pix {
		if in.RGB[i] != level || in.Tensor[i] != float32(level)/255 {
			t.Fatalf("value %d: level %d became %d and %v", i, level, in.RGB[i], in.Tensor[i])
		}
	}
}

func TestPreprocessStretchesTheWholePicture(t *testing.T) {
	p := ramp(640, 300)
	for i := range p.Pix { // left half dark, right half bright
		p.Pix[i] = 20
		if i/3%640 >= 320 {
			p.Pix[i] = 220
		}
	}
	in, err := model.Preprocess(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(in.Tensor) != 224*224*3 {
		t.Fatalf("%d values", len(in.Tensor))
	}
	for y := range 224 {
		row := in.RGB[y*224*3:][:224*3]
		if row[0] != 20 || row[110*3] != 20 || row[114*3] != 220 || row[223*3] != 220 {
			t.Fatalf("row %d is not half dark and half bright", y)
		}
	}
}

func TestPreprocessRefusesWhatCannotShowCells(t *testing.T) {
	plain := ramp(300, 200)
	for i := range plain.Pix {
		plain.Pix[i] = 240
	}
	for name, c := range map[string]struct {
		p    *picture.Picture
		want string
	}{
		"one pixel":  {ramp(1, 1), "1 x 1 pixels. Expected at least 64 x 64"},
		"a thread":   {ramp(500, 63), "500 x 63 pixels"},
		"one colour": {plain, "one single colour"},
	} {
		if _, err := model.Preprocess(c.p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
}
