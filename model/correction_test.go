package model

import (
	"math"
	"testing"
)

func TestACorrectionOfNothingChangesNothing(t *testing.T) {
	logits := [4]float64{3, -1, 0.5, 2}
	want := logits
	(*Correction)(nil).Apply(&logits)
	new(Correction).Apply(&logits)
	if logits != want {
		t.Errorf("got %v", logits)
	}
}

// What is added is the same wherever the logits lie, for softmax is.
func TestACorrectionDoesNotSeeWhatSoftmaxDoesNot(t *testing.T) {
	c := Correction{Matrix: [4][4]float64{{0.5, 0, 0, 0}, {0, 0.25, 0, -1}}, Bias: [4]float64{1, 0, -2, 0}}
	a := [4]float64{4, 0, 2, 2} // mean 2
	b := a
	for k := range b {
		b[k] += 8
	}
	c.Apply(&a)
	c.Apply(&b)
	if want := [4]float64{6, -0.5, 0, 2}; a != want {
		t.Errorf("got %v, want %v", a, want)
	}
	for k := range a {
		if math.Abs(b[k]-a[k]-8) > 1e-12 {
			t.Errorf("got %v and %v", a, b)
		}
	}
}

func TestACorrectionThatIsNoNumberIsRefused(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), -101} {
		c := Correction{}
		c.Matrix[2][3] = v
		if c.Validate() == nil {
			t.Errorf("%v in the matrix is accepted", v)
		}
		c = Correction{}
		c.Bias[3] = v
		if c.Validate() == nil {
			t.Errorf("%v in the bias is accepted", v)
		}
	}
	c := Correction{Bias: [4]float64{100, -100}}
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}
