package synthetic

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"allnet/model/picture"
)

// hashes of the pixels. They state no truth about the drawings: they were taken once,
// on linux/amd64, so that every other platform and every later version can be held to
// the same bytes. Whoever changes a drawing on purpose changes them too.
var hashes = map[string]string{
	"synthetic-1": "de2e14254c5ebb949b14abb5c7191d41023143b49b7ecb492518d71a64bc58f1",
	"synthetic-2": "1b6b162697ea4501094c8d61c2d0ac773bc46a15f691d7d651e8983ad50fc9a4",
	"synthetic-3": "f75698b43301df96ff9e7aaabe99d2adff3752c9a193c5052de0b72ebdf409b8",
	"synthetic-4": "69ee98fc923c0767202243dcb8948c9d16321f91f3ae8825cd4e881d3a97f0ee",
}

func draw(t *testing.T, name string) *picture.Picture {
	t.Helper()
	p, err := Draw(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDrawingsAreTheSameBytesEverywhere(t *testing.T) {
	for _, e := range Examples() {
		p := draw(t, e.Name)
		sum := sha256.Sum256(p.Pix)
		if got := hex.EncodeToString(sum[:]); got != hashes[e.Name] {
			t.Errorf("%s: hash %s, expected %s", e.Name, got, hashes[e.Name])
		}
		if !bytes.Equal(p.Pix, draw(t, e.Name).Pix) {
			t.Errorf("%s: drawn twice, two pictures", e.Name)
		}
	}
}

func TestDrawingsHaveTheSizeOfTheDataSet(t *testing.T) {
	for _, e := range Examples() {
		p := draw(t, e.Name)
		if p.Width != 224 || p.Height != 224 || len(p.Pix) != 224*224*3 {
			t.Errorf("%s: %d x %d pixels, %d bytes", e.Name, p.Width, p.Height, len(p.Pix))
		}
	}
}

func TestExamplesDiffer(t *testing.T) {
	if n := len(Examples()); n != 4 {
		t.Fatalf("%d examples, expected 4", n)
	}
	names, captions, pictures := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range Examples() {
		names[e.Name], captions[e.Caption], pictures[string(draw(t, e.Name).Pix)] = true, true, true
	}
	if len(names) != 4 || len(captions) != 4 || len(pictures) != 4 {
		t.Errorf("%d names, %d captions, %d pictures, expected 4 of each", len(names), len(captions), len(pictures))
	}
}

// A caption says what is drawn; an answer, or a disease, must not be read out of it.
func TestCaptionsNameNoDiagnosis(t *testing.T) {
	for _, e := range Examples() {
		if !strings.HasPrefix(e.Caption, "Drawn: ") {
			t.Errorf("%s: caption %q does not say that it is drawn", e.Name, e.Caption)
		}
		for _, word := range []string{"benign", "malignant", "early", "pre-", "pro-", "leuk", "blast", "hematogone", "cancer"} {
			if strings.Contains(strings.ToLower(e.Caption), word) {
				t.Errorf("%s: caption %q contains %q", e.Name, e.Caption, word)
			}
		}
	}
}

func TestPNGHoldsTheDrawing(t *testing.T) {
	for _, e := range Examples() {
		file, err := PNG(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := picture.Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Pix, draw(t, e.Name).Pix) {
			t.Errorf("%s: the file decodes to other pixels", e.Name)
		}
	}
}

func TestUnknownNameTellsTheKnownOnes(t *testing.T) {
	for _, get := range []func() error{
		func() error { _, err := Draw("smear"); return err },
		func() error { _, err := PNG("smear"); return err },
	} {
		err := get()
		if err == nil {
			t.Fatal("no error")
		}
		for _, want := range []string{`"smear"`, "synthetic-1", "synthetic-4"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not mention %s", err, want)
			}
		}
	}
}

// nuclei is the share of the pixels that meet the criterion by which the data set's nuclei were
// measured (comment of scenes).
func nuclei(p *picture.Picture) float64 {
	n := 0
	for i := 0; i < len(p.Pix); i += 3 {
		r, g, b := int(p.Pix[i]), int(p.Pix[i+1]), int(p.Pix[i+2])
		if r-g > 8 && b-g > 70 {
			n++
		}
	}
	return float64(n) / float64(len(p.Pix)/3)
}

// The bounds are the 10 % and 90 % quantiles of that share over every third picture of
// the data set's folder whose style a drawing follows: Benign, Early, Pre, Pro.
func TestNucleiCoverAsMuchAsInTheDataSet(t *testing.T) {
	bounds := map[string][2]float64{
		"synthetic-1": {0.0173, 0.0816},
		"synthetic-2": {0.0372, 0.0934},
		"synthetic-3": {0.0354, 0.1857},
		"synthetic-4": {0.0104, 0.0414},
	}
	for _, e := range Examples() {
		if got, b := nuclei(draw(t, e.Name)), bounds[e.Name]; got < b[0] || got > b[1] {
			t.Errorf("%s: nuclei cover %.3f of the picture, expected %.3f to %.3f", e.Name, got, b[0], b[1])
		}
	}
}
