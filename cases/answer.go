package cases

import (
	"crypto/sha256"
	"encoding/hex"

	"allnet/model"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

// SourceKind says what a picture's bytes are.
type SourceKind string

const (
	// File: those of a picture file.
	File SourceKind = "file"
	// Pixels: those of a browser's canvas, RGBA row after row. Only the browser that decoded
	// them can be relied on to give them again.
	Pixels SourceKind = "pixels"
	// Drawing: those of a built-in drawing, RGB row after row.
	Drawing SourceKind = "drawing"
)

// Source says what a picture was read from.
type Source struct {
	Kind SourceKind `json:"kind"`
	// Drawing is the name of a built-in drawing.
	Drawing string `json:"drawing,omitempty"`
	// SHA256 is that of the bytes, in hexadecimal digits; empty where they could not be had.
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes"`
}

// SourceOf describes the bytes of a picture.
func SourceOf(kind SourceKind, drawing string, bytes []byte) Source {
	sum := sha256.Sum256(bytes)
	return Source{Kind: kind, Drawing: drawing, SHA256: hex.EncodeToString(sum[:]), Bytes: len(bytes)}
}

// Drawn is a built-in drawing.
func Drawn(name string) (Source, *picture.Picture, error) {
	p, err := synthetic.Draw(name)
	if err != nil {
		return Source{Kind: Drawing, Drawing: name}, nil, err
	}
	return SourceOf(Drawing, name, p.Pix), p, nil
}

// Described is a picture as it was decoded. Notes are sentences.
type Described struct {
	Width  int            `json:"width"`
	Height int            `json:"height"`
	Format picture.Format `json:"format"`
	Notes  []string       `json:"notes"`
}

// Answer is what is said of one picture, with all that it depends on.
type Answer struct {
	// Record is what `allnet classify -json` writes.
	Record model.Record `json:"record"`
	// Network is the name of the network whose answer it is, empty for one that is not
	// shipped; Weights and Calibration are the SHA-256 of its files.
	Network     string `json:"network"`
	Weights     string `json:"weights"`
	Calibration string `json:"calibration"`
	// Logits are the network's outputs before softmax; null where nothing could be
	// read. Where the record is of a refusal they stand here all the same, so that it
	// can be explained, and are no answer: they must not be given out as one.
	Logits []float32 `json:"logits"`
	// Scale is what the logits were multiplied by before softmax, one by the temperature; a
	// field is explained by that of the whole picture. It is 0 where there are no logits.
	Scale   float64        `json:"scale"`
	Source  Source         `json:"source"`
	Choices *model.Choices `json:"choices"`
	// Correction is what a laboratory taught the network, added to the scaled logits; null for
	// nothing.
	Correction *model.Correction `json:"correction"`
	// Picture describes what was read; null where nothing could be.
	Picture *Described `json:"picture"`
	// Field is the number of the field that is shown and explained, from 0: the one that was
	// asked for, else the one with the most cells. It is null where there is no field.
	Field *int `json:"field"`
	// Regions are the cells of that field; null where there are none, and for a network that
	// reads whole pictures.
	Regions *RegionMap `json:"regions"`
}

// By names the network whose answer it is.
func (a *Answer) By() Network {
	return Network{Name: a.Network, Weights: a.Weights, Calibration: a.Calibration}
}

// Reading is a picture as it was read.
type Reading struct {
	Answer Answer
	// Specimen is nil where nothing could be made ready.
	Specimen *model.Specimen
}

// Read has a network read a picture of which a reader told choices. err is why there is no
// picture; the answer then says so. file is the name that the picture goes by.
func Read(s *model.Session, file string, p *picture.Picture, err error, source Source, choices *model.Choices) *Reading {
	m := s.Model()
	r := &Reading{Answer: Answer{Network: m.Name(), Weights: m.Hash(), Calibration: m.CalibrationHash(), Source: source, Choices: choices, Correction: m.Correction()}}
	a := &r.Answer
	if err != nil {
		a.Record = model.NewRecord(file, nil, err)
		return r
	}
	a.Picture = &Described{Width: p.Width, Height: p.Height, Format: p.Format, Notes: []string{}}
	for _, note := range p.Notes {
		a.Picture.Notes = append(a.Picture.Notes, note.Sentence())
	}
	options, err := choices.For(p.Width, p.Height)
	if err != nil {
		a.Record = model.NewRecord(file, nil, err)
		return r
	}
	specimen, err := m.Prepare(p, options)
	var result *model.Result
	if err == nil {
		r.Specimen = specimen
		if result, err = s.Read(specimen); err == nil {
			a.Logits, a.Scale = result.Logits[:], result.Scale
		}
		if len(r.Fields()) > 0 {
			r.show(r.Fullest())
		}
	}
	a.Record = model.NewRecord(file, result, err)
	a.Record.Describe(specimen, result) // what was done to a picture that is refused, too
	return r
}

// Fields are the parts of the picture that were read; none where nothing could be.
func (r *Reading) Fields() []model.Field {
	if r.Specimen == nil {
		return nil
	}
	return r.Specimen.Fields
}

// Fullest is the number of the field with the most cells, the first of several.
func (r *Reading) Fullest() int {
	if r.Specimen == nil {
		return 0
	}
	return r.Specimen.Fullest()
}

// show chooses the field that is shown and explained.
func (r *Reading) show(field int) {
	r.Answer.Field, r.Answer.Regions = &field, nil
	if c := r.Specimen.Fields[field].Cells; c != nil {
		if seg, err := explain.Segment(c); err == nil { // else there are none
			r.Answer.Regions = NewRegionMap(seg)
		}
	}
}

// Show chooses another field, by its number from 0. Where there is no such field it chooses the
// one with the most cells and returns false: a saved case may ask for a field of a picture that is
// another one now.
func (r *Reading) Show(field int) bool {
	n := len(r.Fields())
	if n == 0 {
		return false
	}
	if field < 0 || field >= n {
		r.show(r.Fullest())
		return false
	}
	r.show(field)
	return true
}

// Shown is the field that is shown; nil where there is none.
func (r *Reading) Shown() *model.Field {
	if r.Specimen == nil || r.Answer.Field == nil {
		return nil
	}
	return &r.Specimen.Fields[*r.Answer.Field]
}
