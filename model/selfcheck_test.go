package model

import (
	"math"
	"testing"
)

func TestSelfCheckFindsAWrongLogit(t *testing.T) {
	good, err := Verify("article", 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := check(good); err != nil {
		t.Error(err)
	}
	for _, wrong := range []float32{good[1].Logits[3] + 2e-4, float32(math.NaN()), float32(math.Inf(1))} {
		bad := []Verification{good[0], good[1]}
		bad[1].Logits[3] = wrong
		if check(bad) == nil {
			t.Errorf("a logit of %v passed, where %v is right", wrong, bad[1].Want[3])
		}
	}
}
