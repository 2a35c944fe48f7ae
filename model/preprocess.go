package model

import (
	"fmt"

	"allnet/model/picture"
)

// Side is the width and height, in pixels, of what the network looks at.
const Side = 224

// MinSide is the shortest side, in pixels, of a picture that is accepted: below
// it a stretched picture shows interpolation, not cells.
const MinSide = 64

// Input is a picture as the network sees it.
type Input struct {
	// RGB holds the pixels, [Side][Side][3], before scaling; it is what is drawn
	// and what the superpixels are found in.
	RGB []uint8
	// Tensor holds Levels[pixel] for the same pixels, [Side][Side][3].
	Tensor []float32
	// Notes say what was changed or lost on the way.
	Notes []picture.Note
}

// Levels are the values that the 256 levels of a colour channel have in the
// network's input: level / 255 (lab/ARTICLE.md, "Data"), rounded to
// float32. They are written into the training tensors, so that the page and the
// recipe share them.
var Levels = func() (levels [256]float32) {
	for i := range levels {
		levels[i] = float32(i) / 255
	}
	return levels
}()

// Unassessable is why a picture cannot be assessed, in sentences for the person who
// chose it: what is wrong and what is expected.
type Unassessable string

// Error returns the sentences.
func (u Unassessable) Error() string { return string(u) }

// Preprocess stretches a picture to Side x Side pixels and scales it to [0,1],
// as the article's code does. It refuses, with Unassessable, pictures that cannot show cells: those
// smaller than MinSide, and those of one single colour.
func Preprocess(p *picture.Picture) (*Input, error) {
	if err := assessable(p); err != nil {
		return nil, err
	}
	in := inputOf(p.Resize(Side, Side).Pix, p.Notes)
	if oneColour(in.RGB) {
		return nil, errOneColour
	}
	return in, nil
}

// inputOf is the network's input for pixels, [Side][Side][3].
func inputOf(rgb []uint8, notes []picture.Note) *Input {
	in := &Input{RGB: rgb, Tensor: make([]float32, Side*Side*3), Notes: notes}
	for i, level := range in.RGB {
		in.Tensor[i] = Levels[level]
	}
	return in
}

// assessable refuses what cannot show cells.
func assessable(p *picture.Picture) error {
	if p.Width < MinSide || p.Height < MinSide {
		return Unassessable(fmt.Sprintf("The picture is %d x %d pixels. Expected at least %d x %d, with the cells recognisable.", p.Width, p.Height, MinSide, MinSide))
	}
	if oneColour(p.Pix) {
		return errOneColour
	}
	return nil
}

const errOneColour = Unassessable("The picture is one single colour. Expected a blood smear with cells on it.")

func oneColour(rgb []uint8) bool {
	for i := 3; i < len(rgb); i++ {
		if rgb[i] != rgb[i-3] {
			return false
		}
	}
	return true
}
