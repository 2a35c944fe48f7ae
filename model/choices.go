package model

import (
	"encoding/json"
	"fmt"
	"image"

	"allnet/model/standard"
)

// Choices are what a reader told of a picture, and what is not to be done to it: Options in
// the form in which the page asks for them and a case keeps them.
// None is a choice of zero: all is left to the program.
type Choices struct {
	// Crop is the part to be read, in pixels of the picture.
	Crop *Part `json:"crop"`
	// Diameter of a red cell in pixels of the picture; 0: it is measured.
	Diameter float64 `json:"diameter"`
	// Ground is the colour of empty ground.
	Ground *[3]uint8 `json:"ground"`
	// KeepSize, KeepLight and KeepStain leave out a step.
	KeepSize  bool `json:"keepSize"`
	KeepLight bool `json:"keepLight"`
	KeepStain bool `json:"keepStain"`
}

// Part is a rectangle of a picture.
type Part struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// ReadChoices reads Choices.
func ReadChoices(text string) (*Choices, error) {
	c := new(Choices)
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, fmt.Errorf("reading what was told of the picture: %w", err)
	}
	return c, nil
}

// LeastDiameter is the narrowest that a red cell may be told to be, in pixels: of narrower
// ones nothing could be seen. MostScaled is how many pixels a picture may have once its red
// cells are as wide as the networks expect them.
const (
	LeastDiameter = 5
	MostScaled    = 50e6
)

// Untrue is the error of choices that cannot be true of a picture: a sentence for whoever made
// them.
type Untrue string

func (u Untrue) Error() string { return string(u) }

// Options are the choices as they are, whether or not they can be true of a picture.
func (c *Choices) Options() Options {
	o := Options{Options: standard.Options{Diameter: c.Diameter, Ground: c.Ground, KeepSize: c.KeepSize, KeepLight: c.KeepLight}, KeepStain: c.KeepStain}
	if p := c.Crop; p != nil {
		o.Crop = image.Rect(p.X, p.Y, p.X+p.Width, p.Y+p.Height)
	}
	return o
}

// For returns the choices as options for a picture of width x height pixels. Its error is
// Untrue.
func (c *Choices) For(width, height int) (Options, error) {
	o := c.Options()
	read := image.Rect(0, 0, width, height)
	if p := c.Crop; p != nil {
		if p.X < 0 || p.Y < 0 || p.Width < 1 || p.Height < 1 || p.Width > width-p.X || p.Height > height-p.Y {
			return o, Untrue(fmt.Sprintf("The part to be read does not lie within the picture, which is %d x %d pixels. Draw it again.", width, height))
		}
		read = o.Crop
	}
	if d := c.Diameter; d != 0 {
		scale := standard.Diameter / d
		if !(d >= LeastDiameter) || float64(read.Dx())*float64(read.Dy())*scale*scale > MostScaled {
			return o, Untrue(fmt.Sprintf("A red cell cannot be %.3g pixels wide in a picture of %d x %d pixels. Measure it again.", d, width, height))
		}
	}
	return o, nil
}
