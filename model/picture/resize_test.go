package picture

import (
	"bytes"
	"image"
	"runtime"
	"testing"

	"github.com/disintegration/imaging"
)

// noise returns a picture without any pattern that could hide an error.
func noise(w, h int) *Picture {
	p := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h), Format: PNG, Notes: []Note{Rotated}}
	state := uint32(1)
	for i := range p.Pix {
		state = state*1664525 + 1013904223 // Numerical Recipes' generator.
		p.Pix[i] = uint8(state >> 24)
	}
	return p
}

func nrgba(p *Picture) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		copy(img.Pix[4*i:], p.Pix[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	return img
}

func TestResizeIsThatOfImaging(t *testing.T) {
	for _, c := range []struct{ w, h, width, height int }{
		{1024, 768, 224, 224}, {640, 480, 224, 224}, {257, 333, 224, 224}, {100, 90, 224, 224},
		{224, 500, 224, 224}, {500, 224, 224, 224}, {223, 225, 224, 224}, {1, 1, 3, 2},
		{1, 70, 5, 5}, {70, 1, 5, 5}, {37, 41, 1, 1}, {300, 200, 299, 201}, {3000, 5, 7, 6},
	} {
		p := noise(c.w, c.h)
		got := p.Resize(c.width, c.height)
		want := rgbOf(imaging.Resize(nrgba(p), c.width, c.height, imaging.Linear))
		if got.Width != c.width || got.Height != c.height || got.Format != p.Format || !got.Has(Rotated) {
			t.Errorf("%v: %d x %d, %s, %q", c, got.Width, got.Height, got.Format, got.Notes)
		}
		if bytes.Equal(got.Pix, want) {
			continue
		}
		// Where the compiler fuses products and sums, imaging rounds otherwise.
		if runtime.GOARCH == "amd64" || runtime.GOARCH == "wasm" {
			t.Errorf("%v: not the pixels of imaging.Resize", c)
			continue
		}
		for i := range want {
			if d := int(want[i]) - int(got.Pix[i]); d < -1 || d > 1 {
				t.Fatalf("%v: byte %d is %d, expected %d", c, i, got.Pix[i], want[i])
			}
		}
	}
}

func TestAPictureOfTheSizeAskedForIsItself(t *testing.T) {
	p := noise(224, 224)
	if p.Resize(224, 224) != p {
		t.Error("it was copied")
	}
}

func TestResizeLeavesThePictureAsItWas(t *testing.T) {
	p := noise(60, 50)
	before := bytes.Clone(p.Pix)
	p.Resize(20, 20)
	if p.Width != 60 || p.Height != 50 || !bytes.Equal(p.Pix, before) {
		t.Error("it was changed")
	}
}

func TestHalvingTakesTheMeanOfTwoByTwo(t *testing.T) {
	for _, size := range [][2]int{{2, 2}, {8, 6}, {9, 7}, {101, 2}} {
		p := noise(size[0], size[1])
		before := bytes.Clone(p.Pix)
		q := p.Halved()
		if q.Width != p.Width/2 || q.Height != p.Height/2 || len(q.Pix) != 3*q.Width*q.Height || q.Format != p.Format || !q.Has(Rotated) {
			t.Fatalf("%v: %d x %d, %d bytes, %s, %q", size, q.Width, q.Height, len(q.Pix), q.Format, q.Notes)
		}
		for i, got := range q.Pix {
			x, y, c := i/3%q.Width, i/3/q.Width, i%3
			at := func(dx, dy int) float64 { return float64(p.Pix[3*((2*y+dy)*p.Width+2*x+dx)+c]) }
			if want := clamp((at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4); got != want {
				t.Fatalf("%v: channel %d at %d, %d is %d, expected %d", size, c, x, y, got, want)
			}
		}
		if !bytes.Equal(p.Pix, before) {
			t.Error("the picture was changed")
		}
	}
	if p := noise(1, 9); p.Halved() != p {
		t.Error("a picture of one column was changed")
	}
}
