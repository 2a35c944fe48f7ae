package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

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
	j := judge(left)
	if !j.Gains() {
		return nil, &Refusal{"A correction would gain nothing on pictures that it was not fitted to, so there is none.", j}
	}
	c := fit(left, choose(left))
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

// Examples are the pictures of cases that the reader named a class for, other than doubtfully, and
// that one network read; that network is returned, too. A case is a slide where it has a label.
func Examples(all []*cases.Case) ([]Example, cases.Network, error) {
	var examples []Example
	var network cases.Network
	seen := make(map[string]bool)
	for i, c := range all {
		slide := c.Label
		if slide == "" {
			slide = fmt.Sprintf("case %d", i)
		}
		for k := range c.Pictures {
			p := &c.Pictures[k]
			a, d := &p.Answer, p.Decision
			if d == nil || d.Class == nil || d.Certainty == cases.Doubtful || a.Logits == nil || seen[a.Source.SHA256] {
				continue
			}
			seen[a.Source.SHA256] = true
			of := cases.Network{Name: a.Network, Weights: a.Weights, Calibration: a.Calibration}
			if network == (cases.Network{}) {
				network = of
			}
			if of != network {
				return nil, network, errors.New("the pictures were read by several networks; expected those of one")
			}
			if len(a.Logits) != classes {
				return nil, network, fmt.Errorf("%s has %d logits; expected %d", p.File(), len(a.Logits), classes)
			}
			e := Example{Class: *d.Class, Slide: slide}
			for c, z := range a.Logits {
				e.Logits[c] = float64(z) * a.Scale
			}
			examples = append(examples, e)
		}
	}
	return examples, network, nil
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
	p := new(Profile)
	if err := json.Unmarshal(file, p); err != nil || p.Format != Format {
		return nil, fmt.Errorf("this is not a profile that can be read here; expected a file that `allnet profile` or the page wrote, of the format %q", Format)
	}
	if p.Network.Weights != m.Hash() || p.Network.Calibration != m.CalibrationHash() {
		return nil, fmt.Errorf("the profile belongs to the network %s with weights of SHA-256 %s; expected one for %s, %s, with the same calibration", p.Network.Name, p.Network.Weights, m.Name(), m.Hash())
	}
	sum := sha256.Sum256(file)
	c := &model.Correction{Profile: hex.EncodeToString(sum[:]), Matrix: p.Matrix, Bias: p.Bias}
	return c, c.Validate()
}
