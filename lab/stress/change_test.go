package stress

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"allnet/model/synthetic"
)

// drawn is the nth built-in drawing, a smear with stained cells.
func drawn(t *testing.T, n int) *Picture {
	t.Helper()
	name := synthetic.Examples()[n].Name
	p, err := synthetic.Draw(name)
	if err != nil {
		t.Fatal(err)
	}
	return &Picture{File: name, RGB: p.Pix}
}

// plain is a picture of one colour.
func plain(r, g, b uint8) []uint8 { return slices.Repeat([]uint8{r, g, b}, side*side) }

func TestChangesAreFunctionsOfThePicturesAndTheirNames(t *testing.T) {
	p := drawn(t, 0)
	p.Other = drawn(t, 1)
	twin := *p
	twin.File = "another name"
	before := slices.Clone(p.RGB)
	names := make(map[string]bool)
	for _, c := range Changes() {
		if names[c.Name()] {
			t.Errorf("%s: two changes have this name", c.Name())
		}
		names[c.Name()] = true
		if strings.HasPrefix(c.Variant, "all cells") || c.Family == Background {
			continue // slow, and nothing random that others have not
		}
		first, err := c.Apply(p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Apply(p)
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("%s: changed in another way the second time (%v)", c.Name(), err)
		}
		if bytes.Equal(first, p.RGB) || len(first) != len(p.RGB) {
			t.Errorf("%s: nothing changed, or %d bytes", c.Name(), len(first))
		}
		if c.Family == Stain || c.Family == Noise {
			if other, _ := c.Apply(&twin); bytes.Equal(first, other) {
				t.Errorf("%s: a picture of another name is changed alike", c.Name())
			}
		}
	}
	if !bytes.Equal(p.RGB, before) {
		t.Error("a change wrote to its picture")
	}
}

func TestFamiliesHoldTheirChanges(t *testing.T) {
	for family, want := range map[Family]int{Stain: 3, Brightness: 6, JPEG: 3, ScaleBar: 4, "none": 0} {
		if got := len(family.Changes()); got != want {
			t.Errorf("%s: %d changes, want %d", family, got, want)
		}
	}
}

func TestChangesRefuseWhatTheyCannotChange(t *testing.T) {
	p := drawn(t, 0)
	for name, c := range map[string]struct {
		change Change
		p      *Picture
	}{
		"too few pixels":   {Stain.Changes()[0], &Picture{RGB: make([]uint8, 12)}},
		"a short mask":     {Stain.Changes()[0], &Picture{RGB: p.RGB, Nuclei: make([]bool, 3)}},
		"no other picture": {Background.Changes()[3], p},
		"a short other":    {Background.Changes()[3], &Picture{RGB: p.RGB, Other: &Picture{}}},
	} {
		if _, err := c.change.Apply(c.p); err == nil || !strings.Contains(err.Error(), "expected") {
			t.Errorf("%s: got error %v", name, err)
		}
	}
}
