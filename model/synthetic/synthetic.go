// Package synthetic draws pictures that look like stained blood smears: examples
// to try the product with, and pictures for tests, that come from no patient. They
// follow the data set's pictures in scale, palette and the shapes of the cells,
// nothing more: no drawing has a right answer.
//
// Drawing is deterministic down to the byte on every platform. The only operations
// on floating-point numbers are + - * / and the square root, which IEEE 754 rounds
// exactly, and no product is fused with a sum: every product that is added to
// something stands in an explicit float64 conversion.
package synthetic

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"strings"

	"allnet/model/picture"
)

// Side is the width and the height of every drawing in pixels; the pictures of the
// data set have the same.
const Side = 224

// Example names a drawing.
type Example struct {
	// Name is what Draw and PNG take.
	Name string
	// Caption tells what is drawn, in one sentence; it foretells no answer.
	Caption string
}

// Examples lists the drawings.
func Examples() []Example {
	list := make([]Example, len(scenes))
	for i, s := range scenes {
		list[i] = s.Example
	}
	return list
}

// Draw draws the example of that name: Side x Side pixels. An unknown name is an
// error that lists the known ones.
func Draw(name string) (*picture.Picture, error) {
	var known []string
	for i := range scenes {
		if scenes[i].Name == name {
			return &picture.Picture{Width: Side, Height: Side, Pix: scenes[i].draw()}, nil
		}
		known = append(known, scenes[i].Name)
	}
	return nil, fmt.Errorf("synthetic: unknown example %q; expected one of %s", name, strings.Join(known, ", "))
}

// PNG returns the same drawing as a PNG file.
func PNG(name string) ([]byte, error) {
	p, err := Draw(name)
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, Side, Side))
	for i := range Side * Side {
		copy(img.Pix[4*i:4*i+3], p.Pix[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		return nil, fmt.Errorf("synthetic: %s as PNG: %w", name, err)
	}
	return file.Bytes(), nil
}
