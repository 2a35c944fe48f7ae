package model

import "allnet/model/picture"

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
}

// Probabilities are the probabilities of the four classes; they sum to 1.
type Probabilities struct {
	Benign, Early, Pre, Pro float64
}

// NewRecord writes down the answer r for a picture, or err, which says why there
// is none.
func NewRecord(file string, r *Result, err error) Record {
	if err != nil {
		return Record{File: file, Abstained: true, Reason: err.Error(), Code: Unreadable}
	}
	if r.Abstained {
		return Record{File: file, Abstained: true, Reason: r.Reason, Code: r.Code, Checks: r.Checks}
	}
	p := r.Probabilities
	return Record{File: file, Predicted: &r.Predicted, Probabilities: &Probabilities{p[Benign], p[Early], p[Pre], p[Pro]}, Checks: r.Checks}
}
