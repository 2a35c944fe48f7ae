// Package stress puts a model to tests that its own test pictures cannot: the
// same pictures stained, lit, focused, stored and magnified otherwise; with the
// scale bar gone; without their cells, or with nothing but them; pictures that are
// no smears of this kind at all; and the question whether an explanation's weight
// lies on cells. A network that reads cells keeps its answers under the first
// group and loses its confidence without cells; one that reads the colour of the
// empty glass does neither.
//
// Everything random is a function of a picture's name and the change's.
package stress

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"allnet/model"
)

// Strength says how much a picture is changed.
type Strength string

// Strengths. Mild is what one expects between two days in one laboratory, moderate
// between laboratories, strong what a person would remark on. Changes that have no
// degree are Whole.
const (
	Mild     Strength = "mild"
	Moderate Strength = "moderate"
	Strong   Strength = "strong"
	Whole    Strength = "whole"
)

// Family groups changes that differ only in strength, direction or manner.
type Family string

// Families. Answers should not change under the first group. In the second they
// must lose their confidence, for there is nothing left to assess.
const (
	Stain      Family = "stain"
	Brightness Family = "brightness"
	Contrast   Family = "contrast"
	Gamma      Family = "gamma"
	Blur       Family = "blur"
	Noise      Family = "noise"
	JPEG       Family = "jpeg"
	Zoom       Family = "zoom"
	ScaleBar   Family = "scale bar"
	Background Family = "background replaced"

	Erased Family = "cells erased"
)

// Picture is a picture of a data set with what changes need to know of it.
type Picture struct {
	// File names the picture; with a change's name it seeds all that is random.
	File string
	// RGB holds the pixels, [Side][Side][3]; see model.Input. No change writes to it.
	RGB []uint8
	// Nuclei marks pixels of stained nuclei, [Side][Side], such as the data set's own
	// segmentation; nil where there is none. It need not be complete: changes of cells
	// add what nuclei.Stained finds.
	Nuclei []bool
	// Other is another picture, whose background some changes take.
	Other *Picture
}

// Change is one way of changing a picture.
type Change struct {
	Family Family
	// Variant is the direction or the manner; empty where the family has one only.
	Variant string
	Strength
	// Detail says exactly what is done, for a table.
	Detail string
	// NeedsOther says whether Picture.Other must be there.
	NeedsOther bool

	apply func(p *Picture, random *rand.Rand) ([]uint8, error)
}

// Name is the family, the variant and the strength, joined by slashes; no two
// changes share it.
func (c *Change) Name() string {
	name := string(c.Family)
	if c.Variant != "" {
		name += "/" + c.Variant
	}
	if c.Strength != Whole {
		name += "/" + string(c.Strength)
	}
	return name
}

// Apply returns the changed pixels, [Side][Side][3]. The same picture is always
// changed in the same way.
func (c *Change) Apply(p *Picture) ([]uint8, error) {
	if err := c.check(p); err != nil {
		return nil, fmt.Errorf("stress: %s: %w", c.Name(), err)
	}
	return c.apply(p, random(p.File, c.Name()))
}

func (c *Change) check(p *Picture) error {
	if err := p.check(); err != nil {
		return err
	}
	if !c.NeedsOther {
		return nil
	}
	if p.Other == nil {
		return fmt.Errorf("%s comes without another picture; expected one", p.File)
	}
	return p.Other.check()
}

// check tells whether the parts have the size that is expected.
func (p *Picture) check() error {
	const pixels = model.Side * model.Side
	if len(p.RGB) != 3*pixels || (p.Nuclei != nil && len(p.Nuclei) != pixels) {
		return fmt.Errorf("%s has %d bytes of pixels and a mask of %d; expected %d and %d", p.File, len(p.RGB), len(p.Nuclei), 3*pixels, pixels)
	}
	return nil
}

// random is a source seeded by names.
func random(names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, name := range names {
		h.Write([]byte(name))
		h.Write([]byte{0})
	}
	return rand.New(rand.NewPCG(h.Sum64(), 0))
}

// Changes lists all changes, the families in the order of the constants.
func Changes() []Change {
	return slices.Concat(stains(), tones(), optics(), scaleBars(), backgrounds(), erasures())
}

// Family returns the changes of one family; none where it is unknown.
func (f Family) Changes() []Change {
	return slices.DeleteFunc(Changes(), func(c Change) bool { return c.Family != f })
}
