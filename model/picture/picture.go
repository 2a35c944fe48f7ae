// Package picture turns the bytes of a picture file, or the pixels of a canvas,
// into plain RGB. It is the only decoder of the project: the page, the command
// line and the preparation of training data all go through it, so that what a
// network is trained on and what it is shown cannot differ.
//
// Decode reads JPEG, PNG, GIF, BMP, TIFF and WebP and tells them by their first
// bytes. What was changed on the way is said by Notes; what cannot be read is
// refused with an *Error, one plain sentence.
package picture

import (
	"fmt"
	"image"
	"slices"

	"github.com/disintegration/imaging"
)

// Picture is an opaque 8-bit RGB picture.
type Picture struct {
	// Width and Height are in pixels, after EXIF orientation was applied.
	Width, Height int
	// Pix holds the colours: [Height][Width][3], R, G, B.
	Pix []uint8
	// Format is what the picture was read from.
	Format Format
	// Notes say what was changed or lost in reading, in a fixed order.
	Notes []Note
}

// Clip copies a part of the picture, in its pixels, as far as it lies within the picture.
// The whole is the picture itself.
func (p *Picture) Clip(part image.Rectangle) *Picture {
	whole := image.Rect(0, 0, p.Width, p.Height)
	if part = part.Intersect(whole); part == whole {
		return p
	}
	q := *p
	q.Width, q.Height = part.Dx(), part.Dy()
	q.Pix = make([]uint8, 3*q.Width*q.Height)
	for y := range q.Height {
		copy(q.Pix[3*q.Width*y:3*q.Width*(y+1)], p.Pix[3*((part.Min.Y+y)*p.Width+part.Min.X):])
	}
	return &q
}

// FromRGBA copies canvas pixels, pix [h][w][4], whose colours are not multiplied
// by their alpha: the data of an ImageData. Decode is to be preferred where there
// is a file, for some browsers add noise to what they let a page read.
func FromRGBA(pix []uint8, w, h int) (*Picture, error) {
	if err := checkSize(Canvas, w, h, MaxPixels); err != nil {
		return nil, err
	}
	if len(pix) != 4*w*h {
		return nil, &Error{Code: Damaged, Format: Canvas,
			Cause: fmt.Errorf("%d bytes of pixels, expected 4 x %d x %d", len(pix), w, h)}
	}
	p := &Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h), Format: Canvas}
	opaque := layOverWhite(p.Pix, pix)
	p.note(Transparent, !opaque)
	p.note(Grey, p.grey())
	p.note(FromCanvas, true)
	return p, nil
}

// bandRows is the number of rows converted at once: few, so that a photograph
// is never in memory twice at four bytes a pixel.
const bandRows = 64

// fromImage lays img over white and reports whether it was opaque. A transparent
// pixel of a slide is empty glass.
func fromImage(img image.Image) (p *Picture, opaque bool) {
	b := img.Bounds()
	p = &Picture{Width: b.Dx(), Height: b.Dy(), Pix: make([]uint8, 3*b.Dx()*b.Dy())}
	opaque = true
	for y := 0; y < p.Height; y += bandRows {
		end := min(y+bandRows, p.Height)
		band := imaging.Crop(img, image.Rect(b.Min.X, b.Min.Y+y, b.Max.X, b.Min.Y+end))
		if !layOverWhite(p.Pix[3*p.Width*y:3*p.Width*end], band.Pix) {
			opaque = false
		}
	}
	return p, opaque
}

// layOverWhite writes the colours of rgba, [n][4] with plain alpha, laid over
// white, to rgb, [n][3], and reports whether every pixel was opaque.
func layOverWhite(rgb, rgba []uint8) (opaque bool) {
	opaque = true
	for len(rgb) >= 3 {
		if a := uint32(rgba[3]); a == 255 {
			copy(rgb[:3], rgba[:3])
		} else {
			opaque = false
			for c, v := range rgba[:3] {
				rgb[c] = uint8((uint32(v)*a + 255*(255-a) + 127) / 255)
			}
		}
		rgb, rgba = rgb[3:], rgba[4:]
	}
	return opaque
}

// grey reports whether no pixel has any colour.
func (p *Picture) grey() bool {
	for i := 0; i < len(p.Pix); i += 3 {
		if p.Pix[i] != p.Pix[i+1] || p.Pix[i] != p.Pix[i+2] {
			return false
		}
	}
	return true
}

// note adds n where applies holds.
func (p *Picture) note(n Note, applies bool) {
	if applies {
		p.Notes = append(p.Notes, n)
	}
}

// Has reports whether n is among the notes.
func (p *Picture) Has(n Note) bool {
	return slices.Contains(p.Notes, n)
}
