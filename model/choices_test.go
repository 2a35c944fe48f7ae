package model

import (
	"encoding/json"
	"strings"
	"testing"

	"allnet/model/picture"
)

// sentence fails where an error has no words.
func sentence(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.TrimSpace(text) == "" || strings.Contains(text, "%!") {
		t.Errorf("no sentence: %q", text)
	}
}

// A slip of the hand must neither end the program for want of memory nor read something else.
func TestWhatCannotBeTrueOfAPictureIsRefusedInASentence(t *testing.T) {
	for text, want := range map[string]string{
		`{"diameter":4}`:    "cannot be 4 pixels wide",
		`{"diameter":-80}`:  "cannot be -80 pixels wide",
		`{"diameter":1e-9}`: "cannot be 1e-09 pixels wide",
		`{"crop":{"x":-1,"y":0,"width":10,"height":10}}`:                   "not lie within",
		`{"crop":{"x":0,"y":0,"width":10,"height":0}}`:                     "not lie within",
		`{"crop":{"x":3000,"y":0,"width":1001,"height":10}}`:               "not lie within",
		`{"crop":{"x":1,"y":0,"width":9223372036854775807,"height":10}}`:   "not lie within",
		`{"diameter":6.9,"crop":{"x":0,"y":0,"width":4000,"height":3000}}`: "Measure it again",
		`{"diameter":80,"crop":{"x":0,"y":0,"width":4000,"height":3000}}`:  "",
		`{"diameter":6,"crop":{"x":9,"y":9,"width":400,"height":300}}`:     "",
		`{}`: "",
	} {
		c, err := ReadChoices(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.For(4000, 3000)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

func TestChoicesAreThoseOfThePage(t *testing.T) {
	c, err := ReadChoices(`{"crop":{"x":1,"y":2,"width":30,"height":40},"diameter":21.5,"ground":[240,230,235],"keepSize":true,"keepLight":true,"keepStain":true}`)
	if err != nil {
		t.Fatal(err)
	}
	o, err := c.For(100, 100)
	if err != nil {
		t.Fatal(err)
	}
	if o.Crop.String() != "(1,2)-(31,42)" || o.Diameter != 21.5 || o.Ground == nil || *o.Ground != [3]uint8{240, 230, 235} || !o.KeepSize || !o.KeepLight || !o.KeepStain {
		t.Errorf("got %+v", o)
	}
}

// Choices are refused in a sentence, or bound the memory that reading a picture takes.
func FuzzChoices(f *testing.F) {
	f.Add(`{"crop":{"x":1,"y":2,"width":30,"height":40},"diameter":21.5,"ground":[240,230,235],"keepStain":true}`)
	f.Add(`{"diameter":1e308}`)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ReadChoices(text)
		if err != nil {
			sentence(t, err)
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%+v cannot be written: %v", c, err)
		}
		o, err := c.For(40, 30)
		if err != nil {
			sentence(t, err)
			return
		}
		p := &picture.Picture{Width: 40, Height: 30, Pix: make([]uint8, 3*40*30)}
		copy(p.Pix, []byte{9, 90, 200})
		m, err := Default()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.ReadingCells().Prepare(p, o); err != nil {
			sentence(t, err)
		}
	})
}
