package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
}

// Fit makes the profile of a network of judged pictures. Its error is a *Refusal where there are
// too few, or where it would gain nothing.
func Fit(network cases.Network, program cases.Program, examples []Example) (*Profile, error) {
	left, err := chosen(examples)
	if err != nil {
		return nil, err
	}
	part, _ := divided(left)
	j := judge(left)
	if !j.Gains() {
		return nil, &Refusal{"A correction would gain nothing on pictures that it was not fitted to, so there is none.", j}
	}
	c := fit(left, choose(left, part))
	p := &Profile{Format: Format, Disclaimer: cases.Disclaimer, Network: network, Program: program, Matrix: c.Matrix, Bias: c.Bias, Judgement: *j}
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

// Read reads a profile, for a model, whoever wrote it, and returns its correction.
func Read(file []byte, m *model.Model) (*model.Correction, error) {
	// Lists, since arrays are read whatever their length is.
	var p struct {
		Format  string        `json:"format"`
		Network cases.Network `json:"network"`
		Matrix  [][]float64   `json:"matrix"`
		Bias    []float64     `json:"bias"`
	}
	if err := json.Unmarshal(file, &p); err != nil || p.Format != Format {
		return nil, fmt.Errorf("this is not a profile that can be read here; expected a file that `allnet profile` or the page wrote, of the format %q", Format)
	}
	if p.Network.Weights != m.Hash() || p.Network.Calibration != m.CalibrationHash() {
		return nil, fmt.Errorf("the profile belongs to the network %s with weights of SHA-256 %s; expected one for %s, %s, with the same calibration", p.Network.Name, p.Network.Weights, m.Name(), m.Hash())
	}
	if len(p.Bias) != classes || len(p.Matrix) != classes || slices.ContainsFunc(p.Matrix, func(row []float64) bool { return len(row) != classes }) {
		return nil, fmt.Errorf("the profile is damaged: expected %d rows of %d numbers as its matrix and %d numbers as its bias, as `allnet profile` and the page write them", classes, classes, classes)
	}
	sum := sha256.Sum256(file)
	c := &model.Correction{Profile: hex.EncodeToString(sum[:]), Bias: [classes]float64(p.Bias)}
	for i, row := range p.Matrix {
		c.Matrix[i] = [classes]float64(row)
	}
	return c, c.Validate()
}
