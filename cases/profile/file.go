package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"allnet/cases"
	"allnet/model"
)

// Format names the form of a profile's file.
const Format = "allnet profile 1"

// Profile is a correction with where it comes from, as it is saved.
type Profile struct {
	Format     string `json:"format"`
	Disclaimer string `json:"disclaimer"`
	// Network is the one that it corrects, and no other; Program fitted it.
	Network cases.Network `json:"network"`
	Program cases.Program `json:"program"`
	// Classes are those that it was fitted among; others are left as they are.
	Classes []model.Class `json:"classes"`
	// Matrix and Bias are those of model.Correction.
	Matrix    [classes][classes]float64 `json:"matrix"`
	Bias      [classes]float64          `json:"bias"`
	Judgement Judgement                 `json:"judgement"`
	// Choices are what the reader told of all these pictures alike, such as how wide a red cell is:
	// it is told of others, too, unless their reader says otherwise. Null: nothing.
	Choices *model.Choices `json:"choices"`

	sum string // SHA-256 of the file that it was read from
}

// alike is what was told of all examples alike; nil: nothing. The part that is read is of one picture alone.
func alike(examples []*Example) *model.Choices {
	var c model.Choices
	for i, e := range examples {
		var of model.Choices
		if e.Choices != nil {
			of = *e.Choices
		}
		if i == 0 {
			c = of
			c.Crop = nil
			continue
		}
		if c.Diameter != of.Diameter {
			c.Diameter = 0
		}
		if c.Ground != nil && (of.Ground == nil || *c.Ground != *of.Ground) {
			c.Ground = nil
		}
		c.KeepSize, c.KeepLight, c.KeepStain = c.KeepSize && of.KeepSize, c.KeepLight && of.KeepLight, c.KeepStain && of.KeepStain
	}
	if c == (model.Choices{}) {
		return nil
	}
	return &c
}

// Fit makes the profile of a network of judged pictures. Its error is a *Refusal where there are
// too few, or where it would gain nothing.
func Fit(network cases.Network, program cases.Program, examples []Example) (*Profile, error) {
	left, err := chosen(examples)
	if err != nil {
		return nil, err
	}
	j := judge(left)
	if !j.Gains() {
		return nil, &Refusal{"A correction would gain nothing on pictures that it was not fitted to, so there is none.", j}
	}
	c := fit(left, choose(left, divided(left)))
	p := &Profile{Format: Format, Disclaimer: cases.Disclaimer, Network: network, Program: program, Matrix: c.Matrix, Bias: c.Bias, Judgement: *j, Choices: alike(left)}
	for _, class := range model.Classes {
		for _, e := range left {
			if e.Class == class {
				p.Classes = append(p.Classes, class)
				break
			}
		}
	}
	return p, nil
}

// JSON is what is saved.
func (p *Profile) JSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(p)
	return b.Bytes(), err
}

// Parse reads a profile, whoever wrote it.
func Parse(file []byte) (*Profile, error) {
	p := new(Profile)
	// Lists, since arrays are read whatever their length is.
	var lists struct {
		Matrix [][]float64 `json:"matrix"`
		Bias   []float64   `json:"bias"`
	}
	if err := errors.Join(json.Unmarshal(file, p), json.Unmarshal(file, &lists)); err != nil || p.Format != Format {
		return nil, fmt.Errorf("this is not a profile that can be read here; expected a file that `allnet profile` or the page wrote, of the format %q", Format)
	}
	if len(lists.Bias) != classes || len(lists.Matrix) != classes || slices.ContainsFunc(lists.Matrix, func(row []float64) bool { return len(row) != classes }) {
		return nil, fmt.Errorf("the profile is damaged: expected %d rows of %d numbers as its matrix and %d numbers as its bias, as `allnet profile` and the page write them", classes, classes, classes)
	}
	if p.Choices != nil {
		p.Choices.Crop = nil
	}
	sum := sha256.Sum256(file)
	p.sum = hex.EncodeToString(sum[:])
	return p, nil
}

// For is the correction of a profile that was parsed, for its network alone: that with these SHA-256 of its weights and of its
// calibration's file, in hexadecimal digits.
func (p *Profile) For(weights, calibration string) (*model.Correction, error) {
	if p.Network.Weights != weights || p.Network.Calibration != calibration {
		return nil, fmt.Errorf("the profile belongs to the network %s with weights of SHA-256 %s; expected one for weights of SHA-256 %s, with the same calibration", p.Network.Name, p.Network.Weights, weights)
	}
	c := &model.Correction{Profile: p.sum, Matrix: p.Matrix, Bias: p.Bias}
	return c, c.Validate()
}
