package model

import (
	"encoding/json"
	"errors"

	"allnet/model/picture"
	"allnet/model/standard"
)

// Record is what is said of one picture, in the form in which the command line
// and the page write it as JSON.
type Record struct {
	File string `json:"file"`
	// Label is the true class, where it is known.
	Label *Class `json:"label,omitempty"`
	// Predicted and Probabilities are null where there is no answer.
	Predicted     *Class         `json:"predicted"`
	Probabilities *Probabilities `json:"probabilities"`
	// Abstained is set where there is no answer; Reason then says why, in a
	// sentence or two.
	Abstained bool   `json:"abstained"`
	Reason    string `json:"reason"`
	// Code names the reason; empty where there is an answer.
	Code Code `json:"code,omitempty"`
	// Checks are the numbers behind the decision to answer or not; none where the
	// picture could not be read, or the network has no calibration.
	Checks []Check `json:"checks,omitempty"`
	// Notes say what was changed or lost when the picture was read.
	Notes []picture.Note `json:"notes,omitempty"`
	// Standardised says how the picture was made ready for a network that reads cells; there
	// for no other.
	Standardised *Standardised `json:"standardised,omitempty"`
	// Profile is the SHA-256 of the laboratory's profile that corrected the network; empty for
	// none, and where nothing could be read.
	Profile string `json:"profile,omitempty"`
}

// Standardised says how a picture was brought to what the network learned from, and what
// was found in it.
type Standardised struct {
	Steps []standard.Step `json:"steps"`
	// Diameter is that of a red cell in pixels of the picture, as it was measured, with the
	// share that it may be wrong by; 0 where it was not measured. Scale is what the picture's
	// pixels were multiplied by.
	Diameter float64 `json:"diameter"`
	Error    float64 `json:"error"`
	Scale    float64 `json:"scale"`
	// Cells is the number of cells in all fields.
	Cells int `json:"cells"`
	// Fields are the parts that were read; LeftOut is how many others there were room for.
	Fields  []FieldRecord `json:"fields"`
	LeftOut int           `json:"leftOut"`
}

// FieldRecord is one field of a picture.
type FieldRecord struct {
	// X, Y, Width and Height say where it lies, in pixels of the picture.
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
	Cells  int `json:"cells"`
	// Weight is the part it has in the answer; Probabilities are those of the field alone, by
	// the picture's temperature, null where there is no answer or no cell.
	Weight        float64        `json:"weight"`
	Probabilities *Probabilities `json:"probabilities"`
}

// Describe writes down how a picture was made ready, with what the network says of each field
// where there is an answer: r may be nil.
func (record *Record) Describe(s *Specimen, r *Result) {
	if s == nil {
		return
	}
	record.Notes = s.Notes
	if s.Standard == nil {
		return
	}
	d := &Standardised{Steps: s.Steps, Scale: s.Standard.Scale, Cells: s.Count(), LeftOut: s.Standard.LeftOut, Fields: []FieldRecord{}}
	if m := s.Standard.Magnification; m.Known() {
		d.Diameter, d.Error = m.Diameter, m.Error
	}
	for i, f := range s.Fields {
		field := FieldRecord{X: f.Source.Min.X, Y: f.Source.Min.Y, Width: f.Source.Dx(), Height: f.Source.Dy(), Cells: len(f.Cells.List)}
		if r != nil {
			field.Weight = r.Fields[i].Weight
			if !r.Abstained && field.Weight > 0 {
				_, p := r.of(r.Fields[i].Logits)
				field.Probabilities = &Probabilities{p[Benign], p[Early], p[Pre], p[Pro]}
			}
		}
		d.Fields = append(d.Fields, field)
	}
	record.Standardised = d
}

// Probabilities are the probabilities of the four classes; they sum to 1.
type Probabilities struct {
	Benign, Early, Pre, Pro float64
}

// NewRecord writes down the answer r for a picture, or err, which says why there
// is none.
func NewRecord(file string, r *Result, err error) Record {
	if err != nil {
		code := Unreadable
		if errors.As(err, new(*standard.TooSmall)) {
			code = TooSmall
		}
		return Record{File: file, Abstained: true, Reason: err.Error(), Code: code}
	}
	record := Record{File: file, Checks: r.Checks}
	if r.Correction != nil {
		record.Profile = r.Correction.Profile
	}
	if r.Abstained {
		record.Abstained, record.Reason, record.Code = true, r.Reason, r.Code
		return record
	}
	p := r.Probabilities
	record.Predicted, record.Probabilities = &r.Predicted, &Probabilities{p[Benign], p[Early], p[Pre], p[Pro]}
	return record
}

// Line is the record as one line of JSON with its line break, as `allnet classify -json` and the archive write it.
func (record *Record) Line() ([]byte, error) {
	line, err := json.Marshal(record)
	return append(line, '\n'), err
}

// Reading is a picture as a network read it, with what its record rests on.
type Reading struct {
	Record Record
	// Specimen is nil where nothing could be made ready, and Result where the network was not asked.
	Specimen *Specimen
	Result   *Result
}

// Answer makes a picture ready, runs the network on it and writes down the answer. file is the name that the picture
// goes by; err is why there is no picture, nil where there is one.
func (s *Session) Answer(file string, p *picture.Picture, err error, o Options) *Reading {
	r := new(Reading)
	if err == nil {
		r.Specimen, err = s.model.Prepare(p, o)
	}
	if err == nil {
		r.Result, err = s.Read(r.Specimen)
	}
	r.Record = NewRecord(file, r.Result, err)
	r.Record.Describe(r.Specimen, r.Result)
	return r
}
