// Package picture turns the bytes of a picture file, or the pixels of a canvas,
// into plain RGB. It is the only decoder of the project: the page, the command
// line and the preparation of training data all go through it, so that what a
// network is trained on and what it is shown cannot differ.
package picture

import (
	"bytes"
	"fmt"
	"image"

	"github.com/disintegration/imaging"
)

// Picture is an opaque 8-bit RGB picture.
type Picture struct {
	// Width and Height are in pixels, after EXIF orientation was applied.
	Width, Height int
	// Pix holds the colours: [Height][Width][3], R, G, B.
	Pix []uint8
}

// Decode reads a picture file.
func Decode(data []byte) (*Picture, error) {
	img, err := imaging.Decode(bytes.NewReader(data), imaging.AutoOrientation(true))
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return fromImage(img), nil
}

// fromImage lays img over white: a transparent pixel of a slide is empty glass.
func fromImage(img image.Image) *Picture {
	n := imaging.Clone(img)
	w, h := n.Rect.Dx(), n.Rect.Dy()
	p := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h)}
	for y := range h {
		row := n.Pix[y*n.Stride:][:4*w]
		out := p.Pix[3*w*y:][:3*w]
		for x := range w {
			a := uint32(row[4*x+3])
			for c := range 3 {
				out[3*x+c] = uint8((uint32(row[4*x+c])*a + 255*(255-a) + 127) / 255)
			}
		}
	}
	return p
}

// Resize returns the whole picture stretched to width x height pixels by
// bilinear interpolation (averaging when it shrinks); the picture itself when
// it has that size already.
func (p *Picture) Resize(width, height int) *Picture {
	if p.Width == width && p.Height == height {
		return p
	}
	src := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
	for i := range p.Width * p.Height {
		copy(src.Pix[4*i:4*i+3], p.Pix[3*i:3*i+3])
		src.Pix[4*i+3] = 255
	}
	return fromImage(imaging.Resize(src, width, height, imaging.Linear))
}
