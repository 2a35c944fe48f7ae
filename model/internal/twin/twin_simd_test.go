//go:build js && wasm && simd

package twin

import (
	"os"
	"testing"
)

// Without this the tests that hold twins against plain loops would hold these against themselves.
func TestSIMDIsUsed(t *testing.T) {
	if want := os.Getenv("ALLNET_NO_SIMD") == ""; Used != want {
		t.Errorf("SIMD in use: %v, want %v", Used, want)
	}
}

func TestSIMDChecksItsSlices(t *testing.T) {
	s := []int32{7, 8, 9}
	if p := (*int32)(First(s[1:], 2)); *p != 8 {
		t.Errorf("the first element is %d, want 8", *p)
	}
	defer func() {
		if recover() == nil {
			t.Error("four elements of three were given away")
		}
	}()
	First(s, 4)
}
