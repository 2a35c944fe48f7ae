package standard

import (
	"fmt"
	"image"
	"math"

	"allnet/lime/detmath"
	"allnet/model/picture"
)

// Side is the width and height of a field in pixels: what a network looks at.
const Side = 224

// Diameter is that of a red cell in the pictures that the networks learned from, in
// pixels, as MagnificationOf measures it: the median over the data set's pictures of
// each class lies between 15.8 (Pro) and 18.1 (Pre).
const Diameter = 16.5

// tolerance is by how much a red cell of a picture of one field's size may differ from
// Diameter for the picture to stay as it is: about as far as the networks' training
// enlarges and shrinks pictures (lab/train/robust.py).
const tolerance = 0.3

// Options are what a reader knows better than the program, and what is not to be done.
// The zero value leaves everything to the program.
type Options struct {
	// Crop is the part of the picture to be read; empty: all of it, or the bright field
	// of a photograph through an eyepiece.
	Crop image.Rectangle
	// Diameter of a red cell in pixels of the picture, as the reader measured it; 0: it
	// is measured here.
	Diameter float64
	// Ground is the colour of empty ground, as the reader picked it; nil: it is looked
	// for.
	Ground *[3]uint8
	// KeepSize leaves the magnification as it is, KeepLight the light.
	KeepSize, KeepLight bool
	// BySize leaves the magnification as it is, too, and says that it is told by the picture's size and
	// its nuclei, for a program that has looked at these; its red cells are not asked.
	BySize bool
	// MostFields limits the number of fields; 0: DefaultFields.
	MostFields int
	// Pad reads a picture that holds less than a field, too: what is missing is empty
	// ground, as in what is left of a picture of which nothing but cells is shown.
	Pad bool
}

// DefaultFields is how many fields of a picture are read at most.
const DefaultFields = 24

// Field is a part of a picture at the networks' magnification.
type Field struct {
	// Source is where it lies, in pixels of the picture.
	Source image.Rectangle
	// RGB is [Side][Side][3].
	RGB []uint8
}

// Step is what was done to a picture, or why it was not needed.
type Step struct {
	Name StepName `json:"name"`
	// Changed tells whether the step changed anything; Told, whether it did what the
	// reader said rather than what was found.
	Changed bool `json:"changed"`
	Told    bool `json:"told"`
	// Sentence says it in words.
	Sentence string `json:"sentence"`
}

// StepName is the name of a step; steps are done in this order.
type StepName string

// The steps.
const (
	StepCrop          StepName = "crop"
	StepMagnification StepName = "magnification"
	StepLight         StepName = "light"
	StepFields        StepName = "fields"
)

// Result is a picture brought to what the networks learned from.
type Result struct {
	Steps []Step
	// Aperture is the bright field of a photograph through an eyepiece; nil: there is none.
	Aperture *Aperture
	// Magnification as it was measured; not known where a reader gave it.
	Magnification Magnification
	// Scale is what the picture's pixels were multiplied by; Width and Height are those of
	// the part that was read, after that. Scaled says that the fields have the networks'
	// magnification: it was measured or told.
	Scale         float64
	Scaled        bool
	Width, Height int
	// Fields are the parts that can be read, row by row; LeftOut counts those beyond the limit.
	Fields  []Field
	LeftOut int
	// RedCells is the colour of the red cells that lie free, in optical densities of red, green
	// and blue: of each the median, and of these that of the cells; zero where there are fewer than five.
	RedCells [3]float64

	circles []circle
}

// TooSmall is the error of a picture that holds less than a field at the networks'
// magnification.
type TooSmall struct {
	// Width and Height are those of what was read; NeedWidth and NeedHeight would do.
	Width, Height, NeedWidth, NeedHeight int
	// Diameter of a red cell in it, in pixels.
	Diameter float64
}

// Error says what is wrong, what is expected and what to do.
func (e *TooSmall) Error() string {
	return fmt.Sprintf("The picture shows too little: at its magnification, a red cell being about %.0f pixels wide, it would have to be at least %d x %d pixels, and it is %d x %d. Take one with a lower objective, or a larger part of the slide.",
		e.Diameter, e.NeedWidth, e.NeedHeight, e.Width, e.Height)
}

// What a side may fall short of a field by, as a share, is missing: there it is empty
// ground. slack is what fields may leave out at the rim of a larger picture.
const (
	missing = 0.4
	slack   = 0.1
)

// leastWithin is the share of a field that must lie within the aperture.
const leastWithin = 0.9

// Standardise brings a picture to the magnification, and if asked for to the light, of
// those that the networks learned from, and cuts it into fields. A picture of Side x
// Side pixels whose red cells are as large as in those is one field, and no bit of it
// changes unless its light is to be evened. The error is a *TooSmall.
func Standardise(p *picture.Picture, o Options) (*Result, error) {
	r := &Result{Scale: 1}
	halves, at := r.cropped(p, o)
	r.magnified(halves, o)
	part := halves.levels[0]

	w, h := int(math.Round(float64(part.Width)*r.Scale)), int(math.Round(float64(part.Height)*r.Scale))
	least := int(math.Ceil(Side * (1 - missing)))
	if (w < least || h < least) && !o.Pad {
		e := &TooSmall{Width: part.Width, Height: part.Height, NeedWidth: int(math.Ceil(float64(least) / r.Scale)), NeedHeight: int(math.Ceil(float64(least) / r.Scale)), Diameter: Diameter / r.Scale}
		return r, e
	}
	r.Width, r.Height = w, h
	rgb := r.lit(halves, part.Resize(w, h), o)
	r.colour(rgb)
	r.cut(rgb, at, o)
	return r, nil
}

func (r *Result) say(name StepName, changed, told bool, format string, values ...any) {
	r.Steps = append(r.Steps, Step{Name: name, Changed: changed, Told: told, Sentence: fmt.Sprintf(format, values...)})
}

// cropped is the part of the picture that is read, and where it begins.
func (r *Result) cropped(p *picture.Picture, o Options) (*pyramid, image.Point) {
	whole := image.Rect(0, 0, p.Width, p.Height)
	if crop := o.Crop.Intersect(whole); !o.Crop.Empty() && !crop.Empty() {
		if crop == whole {
			r.say(StepCrop, false, true, "All of the picture is read, as you asked.")
			return newPyramid(p), image.Point{}
		}
		r.say(StepCrop, true, true, "Only the part that you drew is read: %d x %d pixels.", crop.Dx(), crop.Dy())
		return newPyramid(p.Clip(crop)), crop.Min
	}
	halves := newPyramid(p)
	if a, found := apertureOf(halves); found {
		r.Aperture = &a
		box := image.Rect(int(math.Ceil(a.X-a.Radius)), int(math.Ceil(a.Y-a.Radius)), int(a.X+a.Radius), int(a.Y+a.Radius)).Intersect(whole)
		r.say(StepCrop, box != whole, false, "The picture was taken through an eyepiece: what lies outside its round field, %.0f pixels across, is left out.", 2*a.Radius)
		return newPyramid(p.Clip(box)), box.Min
	}
	return halves, image.Point{}
}

// magnified decides the scale.
func (r *Result) magnified(halves *pyramid, o Options) {
	r.Scaled = true
	told := o.Diameter
	if o.KeepSize || o.BySize {
		told = 0
	}
	r.circles = redCells(halves, told)
	part := halves.levels[0]
	switch {
	case o.KeepSize:
		r.say(StepMagnification, false, true, "The magnification is left as it is.")
	case o.BySize:
		r.say(StepMagnification, false, false, "Too few red cells lie free to measure the magnification. The picture has the size of those that the networks learned from, and so have its nuclei, so it is read as it is.")
	case o.Diameter > 0:
		r.Scale = Diameter / o.Diameter
		r.say(StepMagnification, r.Scale != 1, true, "A red cell is %.0f pixels wide, as you measured; the picture is scaled by %.2f, so that it is as large as in the pictures that the networks learned from.", o.Diameter, r.Scale)
	default:
		r.Magnification = magnificationOf(r.circles)
		m := r.Magnification
		switch {
		case !m.Known():
			r.Scaled = false
			r.say(StepMagnification, false, false, "The magnification could not be found: too few red cells lie free. Draw a line across a red cell to tell it.")
		case part.Width == Side && part.Height == Side && math.Abs(m.Diameter/Diameter-1) <= tolerance:
			r.say(StepMagnification, false, false, "A red cell is about %.0f pixels wide, as in the pictures that the networks learned from.", m.Diameter)
		default:
			r.Scale = Diameter / m.Diameter
			r.say(StepMagnification, true, false, "A red cell is about %.0f pixels wide (within %.0f%%, from %d cells); the picture is scaled by %.2f, so that it is as large as in the pictures that the networks learned from.", m.Diameter, 200*m.Error, m.Cells, r.Scale)
		}
	}
}

// lit evens the light of the scaled picture.
func (r *Result) lit(halves *pyramid, scaled *picture.Picture, o Options) []uint8 {
	if o.KeepLight {
		r.say(StepLight, false, true, "The light is left as it is.")
		return scaled.Pix
	}
	if o.Ground != nil {
		b := new(Background)
		for c, level := range o.Ground {
			for i := range b[c] {
				b[c][i] = float64(densities[level])
			}
		}
		r.say(StepLight, true, true, "The colour that you picked is made white.")
		return evened(scaled.Pix, r.Width, r.Height, b)
	}
	r.say(StepLight, true, false, "Uneven light and a cast of colour are taken away: empty ground is white.")
	return evened(scaled.Pix, r.Width, r.Height, halves.background(scaled))
}

// colour takes the colour of the red cells of the scaled picture: of the circles that are as large as red cells are.
func (r *Result) colour(rgb []uint8) {
	diameter := Diameter / r.Scale
	if r.Magnification.Known() {
		diameter = r.Magnification.Diameter
	}
	var cells [3][]uint8
	for _, c := range r.circles {
		if math.Abs(detmath.Log(float64(2*c.radius)/diameter)) > alike {
			continue
		}
		var levels [3][]uint8
		x, y, radius := float64(c.x*r.Scale), float64(c.y*r.Scale), float64(0.8*c.radius)*r.Scale
		for v := max(0, int(y-radius)); v <= min(r.Height-1, int(y+radius)); v++ {
			for u := max(0, int(x-radius)); u <= min(r.Width-1, int(x+radius)); u++ {
				for k := range levels {
					levels[k] = append(levels[k], rgb[3*(v*r.Width+u)+k])
				}
			}
		}
		if len(levels[0]) == 0 {
			continue
		}
		for k := range levels {
			cells[k] = append(cells[k], middleOf(levels[k]))
		}
	}
	if len(cells[0]) < leastCells {
		return
	}
	for k := range cells {
		r.RedCells[k] = wide[middleOf(cells[k])]
	}
}

// middleOf is the median of levels, the greater of both in the middle.
func middleOf(levels []uint8) uint8 {
	var counts levelCounts
	for _, level := range levels {
		counts[level]++
	}
	left, level := int32(len(levels)/2), 0
	for ; left >= counts[level]; level++ {
		left -= counts[level]
	}
	return uint8(level)
}

// cut divides the scaled picture into fields that cover it; where they do not fit
// evenly they overlap.
func (r *Result) cut(rgb []uint8, at image.Point, o Options) {
	limit := o.MostFields
	if limit == 0 {
		limit = DefaultFields
	}
	columns, rows := starts(r.Width), starts(r.Height)
	var places []image.Point
	for _, y := range rows {
		for _, x := range columns {
			if r.Aperture == nil || r.within(x, y, at) >= leastWithin {
				places = append(places, image.Pt(x, y))
			}
		}
	}
	if len(places) == 0 { // a small round field: its middle
		places = append(places, image.Pt(max(0, (r.Width-Side)/2), max(0, (r.Height-Side)/2)))
	}
	if len(places) > limit {
		r.LeftOut = len(places) - limit
		kept := make([]image.Point, limit)
		for i := range kept {
			kept[i] = places[(2*i+1)*len(places)/(2*limit)] // evenly spread
		}
		places = kept
	}
	for _, p := range places {
		f := Field{RGB: make([]uint8, 3*Side*Side)}
		if r.Width < Side || r.Height < Side {
			for i := range f.RGB {
				f.RGB[i] = white
			}
		}
		for y := range min(Side, r.Height-p.Y) {
			i := (p.Y+y)*r.Width + p.X
			copy(f.RGB[3*y*Side:], rgb[3*i:3*(i+min(Side, r.Width-p.X))])
		}
		f.Source = image.Rect(r.source(p.X), r.source(p.Y), r.source(min(p.X+Side, r.Width)), r.source(min(p.Y+Side, r.Height))).Add(at)
		r.Fields = append(r.Fields, f)
	}
	switch {
	case len(r.Fields) == 1 && r.Width == Side && r.Height == Side:
	case r.LeftOut > 0:
		r.say(StepFields, true, false, "The picture holds %d fields, of which %d, evenly spread, are read.", len(r.Fields)+r.LeftOut, len(r.Fields))
	case len(r.Fields) == 1:
		r.say(StepFields, true, false, "One field of the picture is read.")
	default:
		r.say(StepFields, true, false, "The picture is read in %d fields.", len(r.Fields))
	}
}

// source is a place of the scaled picture in pixels of the part that was read.
func (r *Result) source(at int) int { return int(math.Round(float64(at) / r.Scale)) }

// within is how much of the field at a place lies within the aperture.
func (r *Result) within(x, y int, at image.Point) float64 {
	side := Side / r.Scale
	return r.Aperture.holds(float64(at.X)+float64(x)/r.Scale, float64(at.Y)+float64(y)/r.Scale, side, side)
}

// starts are where fields begin along a side: as few as leave out less than slack of a field,
// evenly spread.
func starts(side int) []int {
	if side <= Side {
		return []int{0}
	}
	n := int(math.Ceil(float64(side)/Side - slack))
	if n < 2 {
		return []int{(side - Side) / 2}
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i * (side - Side) / (n - 1)
	}
	return all
}

// white is the level of empty ground once the light is even.
const white = 255
