package model

import (
	"fmt"
	"image"
	"math"
	"slices"

	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Reads says what a network looks at.
type Reads string

const (
	// WholePictures: the picture stretched to Side x Side, as the article has it.
	WholePictures Reads = "whole pictures"
	// Cells: fields of a standardised picture in which all but the stained cells is one
	// constant.
	Cells Reads = "cells"
)

// Ground is the level, in each channel, of all that belongs to no cell where a network
// reads cells: that of empty ground once the light is even (lab/train/cells.py).
const Ground = 250

// Specimen is a picture made ready for a network.
type Specimen struct {
	// Fields are the parts that are read, one for a network that reads whole pictures;
	// there may be none where the picture is to be refused (see Steps).
	Fields []Field
	// Steps tell what was done to the picture, in order; none for whole pictures.
	Steps []standard.Step
	// Standard is what the steps found; nil for whole pictures.
	Standard *standard.Result
	// Stain is the optical density of the nuclei in red, green and blue before it was brought
	// to the reference; 0 without nuclei, and for whole pictures.
	Stain [3]float64
	// Notes say what was changed or lost when the picture was decoded.
	Notes []picture.Note
}

// Field is a part of a picture as it is read.
type Field struct {
	*Input
	// Picture is the field before all but its cells was taken away, [Side][Side][3].
	Picture []uint8
	// Source is where it lies in the picture, in pixels of that.
	Source image.Rectangle
	// Cells are what was found in it; nil for whole pictures.
	Cells *cells.Cells
}

// Count is the number of cells of all fields.
func (s *Specimen) Count() (n int) {
	for _, f := range s.Fields {
		if f.Cells != nil {
			n += len(f.Cells.List)
		}
	}
	return n
}

// Fullest is the number of the field with the most cells, the first of several.
func (s *Specimen) Fullest() (fullest int) {
	for i, f := range s.Fields {
		if f.Cells != nil && len(f.Cells.List) > len(s.Fields[fullest].Cells.List) {
			fullest = i
		}
	}
	return fullest
}

// AsIs is a specimen whose one field is a network's input as it is.
func AsIs(in *Input) *Specimen {
	return &Specimen{Fields: []Field{{Input: in, Picture: in.RGB}}, Notes: in.Notes}
}

// Options are what a reader knows better than the program about one picture.
type Options struct {
	standard.Options
	// KeepStain leaves the stain of the nuclei as it is.
	KeepStain bool
}

// Prepare makes a picture ready for the network. Its errors are sentences for the person
// who chose the picture: Unassessable, or *standard.TooSmall, with which the specimen
// holds the steps that were done.
func (m *Model) Prepare(p *picture.Picture, o Options) (*Specimen, error) {
	if m.Reads() != Cells {
		in, err := Preprocess(p)
		if err != nil {
			return nil, err
		}
		return &Specimen{Fields: []Field{{Input: in, Picture: in.RGB, Source: image.Rect(0, 0, p.Width, p.Height)}}, Notes: p.Notes}, nil
	}
	if err := assessable(p); err != nil {
		return nil, err
	}
	r, err := standard.Standardise(p, o.Options)
	s := &Specimen{Steps: r.Steps, Standard: r, Notes: p.Notes}
	if found := o.Diameter == 0 && !o.KeepSize && o.Crop.Empty(); found && p.Width == Side && p.Height == Side && r.Aperture == nil && (err != nil || !r.Scaled) {
		if other := bySize(p, o); other != nil {
			s, err = other, nil
		}
	}
	if err != nil {
		return s, err
	}
	if s.Fields == nil {
		s.find(r)
	}
	s.restain(o)
	for i := range s.Fields {
		f := &s.Fields[i]
		f.Input = inputOf(cells.Blanked(f.Picture, f.Cells, Ground), p.Notes)
	}
	return s, nil
}

// What the nuclei of a picture of a field's size are like whose red cells cannot be measured, or are measured
// wrongly, because nuclei leave them no room: many, of a nucleus's median width, none much wider. (Widths
// are those of discs as large, in pixels.) Chosen on the data set's pictures, of all
// sides, of which those without a usable measure have 8 to 25 cells with medians of mostly 21 to 26, and on the first halves, by name, of two other laboratories' pictures, of which single cells and cuts
// at five times the magnification fall into up to 19 parts with medians of mostly 10 to 18.
const (
	manyNuclei                   = 8
	leastNucleus, greatestMedian = 19.5, 30
	greatestNucleus              = 36
)

// bySize is a picture of a field's size with its cells, as it is, where these say that it has the
// training's magnification; else nil.
func bySize(p *picture.Picture, o Options) *Specimen {
	o.BySize = true
	r, err := standard.Standardise(p, o.Options)
	if err != nil {
		return nil
	}
	s := &Specimen{Steps: r.Steps, Standard: r, Notes: p.Notes}
	s.find(r)
	if middle := s.nucleusDiameter(); s.Count() < manyNuclei || middle < leastNucleus || middle > greatestMedian {
		return nil
	}
	for _, f := range s.Fields {
		for _, c := range f.Cells.List {
			if diameterOf(c) > greatestNucleus {
				return nil
			}
		}
	}
	return s
}

// diameterOf is the width of a disc as large as a cell's nucleus, in pixels.
func diameterOf(c cells.Cell) float64 { return 2 * math.Sqrt(float64(c.NucleusArea)/math.Pi) }

// find finds the cells of the standardised fields.
func (s *Specimen) find(r *standard.Result) {
	for _, f := range r.Fields {
		s.Fields = append(s.Fields, Field{Picture: f.RGB, Source: f.Source, Cells: cells.Find(f.RGB, Side, Side, r.RedCells)})
	}
	n := s.Count()
	sentence := fmt.Sprintf("%d stained cells were found.", n)
	switch n {
	case 0:
		sentence = "No stained cell was found."
	case 1:
		sentence = "1 stained cell was found."
	}
	s.Steps = append(s.Steps, standard.Step{Name: StepCells, Changed: n > 0, Sentence: sentence})
}

// The steps that need the cells; they follow those of package standard.
const (
	StepCells standard.StepName = "cells"
	StepStain standard.StepName = "stain"
)

// restain brings the stain of the nuclei of all fields together to the reference.
func (s *Specimen) restain(o Options) {
	step := standard.Step{Name: StepStain}
	defer func() { s.Steps = append(s.Steps, step) }()
	if o.KeepStain {
		step.Told, step.Sentence = true, "The stain is left as it is."
	}
	if s.Count() == 0 {
		step.Sentence = "Without nuclei there is no stain to go by."
		return
	}
	var pictures [][]uint8
	var nuclei [][]bool
	for _, f := range s.Fields {
		pictures = append(pictures, f.Picture)
		nuclei = append(nuclei, f.Cells.Nucleus)
	}
	s.Stain = standard.StainOf(pictures, nuclei)
	if o.KeepStain {
		return
	}
	r := standard.ToReference(s.Stain)
	for i := range s.Fields {
		s.Fields[i].Picture = r.RGB(s.Fields[i].Picture)
	}
	step.Changed = true
	step.Sentence = fmt.Sprintf("The stain of the nuclei is brought to that of the pictures that the network learned from: red light × %.2f, green × %.2f in optical density.", r.Gain[0], r.Gain[1])
}

// nucleusDiameter is the median over the cells of the width of a disc as large as the nucleus,
// in pixels of the fields; cells that a field's rim cuts count only where there are no others.
func (s *Specimen) nucleusDiameter() float64 {
	var whole, all []float64
	for _, f := range s.Fields {
		for _, c := range f.Cells.List {
			d := diameterOf(c)
			all = append(all, d)
			if !c.AtRim {
				whole = append(whole, d)
			}
		}
	}
	if len(whole) == 0 {
		whole = all
	}
	return median(whole)
}

// median of values, the greater of both in the middle; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[len(values)/2]
}
