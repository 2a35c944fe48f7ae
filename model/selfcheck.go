package model

import (
	"errors"
	"fmt"
	"math"

	"allnet/internal/golden"
	"allnet/model/picture"
)

// tolerance is how far a logit may be from PyTorch's.
const tolerance = 1e-4

// Verification is one picture's logits beside those of PyTorch.
type Verification struct {
	Name string
	// Input is the generated picture.
	Input *Input
	// Logits are ours, Want those that PyTorch computed in float64 from the same
	// weights.
	Logits [len(Classes)]float32
	Want   [len(Classes)]float64
}

// Difference is the largest difference between the logits.
func (c *Verification) Difference() float64 {
	worst := 0.0
	for i, want := range c.Want {
		worst = max(worst, math.Abs(float64(c.Logits[i])-want))
	}
	return worst
}

// check fails where a picture's logits are not those of PyTorch.
func check(verifications []Verification) error {
	for _, c := range verifications {
		if !(c.Difference() <= tolerance) {
			return errors.New("the self-check failed: the network's answer for a built-in picture is not the known one, so this program or the machine cannot be relied on")
		}
	}
	return nil
}

// Verify runs a shipped network on its generated pictures, or on the first limit
// of them, and sets the logits beside PyTorch's. The pictures are listed from the
// most to the least like a smear.
func Verify(name string, limit int) ([]Verification, error) {
	b, err := BundleNamed(name)
	if err != nil {
		return nil, err
	}
	network, err := b.network()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	file, err := golden.Read(b.Golden)
	if err != nil {
		return nil, err
	}
	session := network.NewSession()
	var verifications []Verification
	for i := range min(limit, len(file.Cases)) {
		last := len(file.Cases) - 1 - i
		in, err := Preprocess(&picture.Picture{Width: golden.Side, Height: golden.Side, Pix: file.Draw(last)})
		if err != nil {
			return nil, err
		}
		c := file.Cases[last]
		v := Verification{Name: c.Name, Input: in, Want: c.Logits64}
		if err := session.Logits(in.Tensor, v.Logits[:]); err != nil {
			return nil, err
		}
		verifications = append(verifications, v)
	}
	return verifications, nil
}

// SelfCheck runs a shipped network on a generated picture and fails where the
// logits are not PyTorch's: the machine then computes wrongly or the weights are
// damaged, and no answer may be given.
func SelfCheck(name string) error {
	verifications, err := Verify(name, 1)
	if err != nil {
		return fmt.Errorf("the self-check could not run: %w", err)
	}
	return check(verifications)
}
