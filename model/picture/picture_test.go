package picture

import (
	"errors"
	"image"
	"math"
	"slices"
	"testing"
)

func TestCanvasPixelsAreLaidOverWhite(t *testing.T) {
	p, err := FromRGBA([]uint8{
		10, 20, 30, 255, 10, 20, 30, 0,
		0, 255, 0, 51, 200, 0, 100, 128,
	}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []uint8{
		10, 20, 30, 255, 255, 255,
		204, 255, 204, 227, 127, 177, // 255 - 51, and (200, 0, 100) * 128/255 + 127, rounded
	}
	if !slices.Equal(p.Pix, want) || p.Width != 2 || p.Height != 2 || p.Format != Canvas {
		t.Errorf("%+v", p)
	}
	if !slices.Equal(p.Notes, []Note{Transparent, FromCanvas}) {
		t.Errorf("notes %q", p.Notes)
	}
}

func TestCanvasPixelsThatDoNotFitAreRefused(t *testing.T) {
	for _, c := range []struct {
		bytes, w, h int
		want        Code
	}{
		{0, 0, 0, NoPixels},
		{16, -2, -2, NoPixels},
		{15, 2, 2, Damaged},
		{20, 2, 2, Damaged},
		{4, 20000, 20000, TooManyPixels},
		{0, math.MaxInt, math.MaxInt, TooManyPixels},
	} {
		_, err := FromRGBA(make([]uint8, c.bytes), c.w, c.h)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.want {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		isSentence(t, e.Error())
	}
}

// A picture of more than one band of rows, of which the last is not full.
func TestBandsJoin(t *testing.T) {
	want := noise(5, 2*bandRows+3)
	got, opaque := fromImage(nrgba(want))
	if !opaque || got.Width != want.Width || got.Height != want.Height || !slices.Equal(got.Pix, want.Pix) {
		t.Error("the pixels differ")
	}
	pierced := nrgba(want)
	pierced.Pix[3] = 254 // In the first band only.
	if _, opaque := fromImage(pierced); opaque {
		t.Error("the transparent pixel was not seen")
	}
}

func TestAPartIsClippedAsFarAsItLiesWithin(t *testing.T) {
	p := noise(7, 5)
	for _, c := range []struct {
		part image.Rectangle
		want image.Rectangle
	}{
		{image.Rect(2, 1, 5, 4), image.Rect(2, 1, 5, 4)},
		{image.Rect(5, 3, 99, 99), image.Rect(5, 3, 7, 5)},
		{image.Rect(0, 0, 7, 5), image.Rect(0, 0, 7, 5)},
		{image.Rect(8, 0, 9, 1), image.Rectangle{}},
	} {
		got := p.Clip(c.part)
		if got.Width != c.want.Dx() || got.Height != c.want.Dy() || got.Format != p.Format || !got.Has(Rotated) {
			t.Errorf("%v: %d x %d, %s, %q", c.part, got.Width, got.Height, got.Format, got.Notes)
		}
		for y := range got.Height {
			i := 3 * ((c.want.Min.Y+y)*p.Width + c.want.Min.X)
			if !slices.Equal(got.Pix[3*y*got.Width:3*(y+1)*got.Width], p.Pix[i:i+3*got.Width]) {
				t.Errorf("%v: row %d holds other pixels", c.part, y)
			}
		}
	}
}
