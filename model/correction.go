package model

import (
	"fmt"
	"math"
)

// Correction is what a laboratory taught a network (package profile): it is added to the
// calibrated logits, the network's times the picture's scale, and is linear in them, so that
// explanations can hold it too.
type Correction struct {
	// Profile is the SHA-256 of the profile's file, which names it in every result.
	Profile string `json:"profile"`
	// Matrix says by how much of each centred logit, the logits less their mean, a class's
	// changes; Bias what is added besides.
	Matrix [len(Classes)][len(Classes)]float64 `json:"matrix"`
	Bias   [len(Classes)]float64               `json:"bias"`
}

// greatestCorrection bounds a correction's numbers, far beyond what is ever fitted.
const greatestCorrection = 100

// Validate says what is wrong with a correction that was made elsewhere.
func (c *Correction) Validate() error {
	for k := range Classes {
		for _, v := range append(c.Matrix[k][:], c.Bias[k]) {
			if !(math.Abs(v) <= greatestCorrection) {
				return fmt.Errorf("the profile holds the number %g; expected at most %d", v, greatestCorrection)
			}
		}
	}
	return nil
}

// Apply changes calibrated logits. A nil Correction leaves them as they are.
func (c *Correction) Apply(logits *[len(Classes)]float64) {
	if c == nil {
		return
	}
	mean := 0.0
	for _, z := range logits {
		mean += z / float64(len(logits))
	}
	corrected := *logits
	for k := range corrected {
		corrected[k] += c.Bias[k]
		for j, z := range logits {
			corrected[k] += float64(c.Matrix[k][j] * (z - mean))
		}
	}
	*logits = corrected
}

// Corrected is the model with what a laboratory taught it in the place of what it had; nil: as
// it is shipped.
func (m *Model) Corrected(c *Correction) *Model {
	n := *m
	n.correction = c
	return &n
}

// Correction is what a laboratory taught the model; nil for none.
func (m *Model) Correction() *Correction { return m.correction }

// Corrected is a session that corrects what it says; it shares this session's working memory.
func (s *Session) Corrected(c *Correction) *Session { return &Session{s.model.Corrected(c), s.session} }
