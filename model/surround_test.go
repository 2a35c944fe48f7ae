package model

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allnet/model/picture"
	"allnet/model/synthetic"
)

// eyepiece draws a field of a picture as it stands in an eyepiece: a circle of the
// given radius around (x, y), in parts of the width, black with noise outside.
func eyepiece(p *picture.Picture, x, y, radius float64, noise int) *picture.Picture {
	random := rand.New(rand.NewPCG(1, 2))
	q := &picture.Picture{Width: p.Width, Height: p.Height, Pix: slices.Clone(p.Pix)}
	for i := range p.Width * p.Height {
		dx, dy := (float64(i%p.Width)+0.5)/float64(p.Width)-x, ((float64(i/p.Width)+0.5)-float64(p.Height)/2)/float64(p.Width)+0.5-y
		if dx*dx+dy*dy > radius*radius {
			for c := range 3 {
				q.Pix[3*i+c] = uint8(random.IntN(noise + 1))
			}
		}
	}
	return q
}

// rgbOf returns the pixels that the network sees of a picture.
func rgbOf(t *testing.T, p *picture.Picture) []uint8 {
	t.Helper()
	in, err := Preprocess(p)
	if err != nil {
		t.Fatal(err)
	}
	return in.RGB
}

func TestADarkSurroundIsSeenWhereverTheFieldLies(t *testing.T) {
	for _, example := range synthetic.Examples() {
		p, err := synthetic.Draw(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		for name, q := range map[string]*picture.Picture{
			"inscribed":       eyepiece(p, 0.5, 0.5, 0.48, 0),
			"small":           eyepiece(p, 0.5, 0.5, 0.25, 20),
			"cut at the side": eyepiece(p, 0.7, 0.5, 0.5, 40),
			"in a corner":     eyepiece(p, 0.75, 0.75, 0.6, 10),
		} {
			if !hasDarkSurround(rgbOf(t, q)) {
				t.Errorf("%s, %s: the surround is not seen", example.Name, name)
			}
		}
	}
}

func TestNoDarkSurroundIsSeenInOtherPictures(t *testing.T) {
	others := map[string]*picture.Picture{}
	for _, example := range synthetic.Examples() {
		p, err := synthetic.Draw(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		others[example.Name] = p
		others[example.Name+", its corners dark"] = eyepiece(p, 0.5, 0.5, 0.65, 0)
		grey := &picture.Picture{Width: p.Width, Height: p.Height, Pix: slices.Clone(p.Pix)}
		negative := &picture.Picture{Width: p.Width, Height: p.Height, Pix: slices.Clone(p.Pix)}
		bar := &picture.Picture{Width: p.Width, Height: p.Height, Pix: slices.Clone(p.Pix)}
		for i := range p.Pix {
			grey.Pix[i] = p.Pix[i] / 5                      // a picture that is dark all over
			negative.Pix[i] = 255 - p.Pix[i]                // bright things on a dark background
			if y := i / (3 * p.Width); y > p.Height*19/20 { // a strip below, with the scale
				bar.Pix[i] = 0
			}
		}
		others[example.Name+", dark all over"] = grey
		others[example.Name+", negative"] = negative
		others[example.Name+", with a strip"] = bar
	}
	for name, p := range others {
		if hasDarkSurround(rgbOf(t, p)) {
			t.Errorf("%s: a surround is seen", name)
		}
	}
}

func TestARefusedPictureInAnEyepieceIsToldToBeCropped(t *testing.T) {
	p, err := synthetic.Draw(synthetic.Examples()[3].Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Shipped() {
		m, err := Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		if m.Reads() == Cells {
			continue // it finds the bright field itself
		}
		s := m.NewSession()
		for _, c := range []struct {
			p    *picture.Picture
			told bool
		}{{p, false}, {eyepiece(p, 0.5, 0.5, 0.48, 8), true}} {
			in, err := Preprocess(c.p)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Classify(in)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(r.Reason, "dark surround"); got != c.told || c.told && !r.Abstained {
				t.Errorf("%s: told %v, want %v: %q %q", b.Name, got, c.told, r.Code, r.Reason)
			}
		}
	}
}

func TestNoDarkSurroundIsSeenInRealPictures(t *testing.T) {
	shared := os.Getenv("ALLNET_SHARED")
	if shared == "" {
		shared = "../../shared"
	}
	files, _ := filepath.Glob(filepath.Join(shared, "data", "pbs", "*", "*"))
	if len(files) == 0 {
		t.Skip("left out: real pictures, because ALLNET_SHARED has none")
	}
	for i := 0; i < len(files); i += 40 {
		data, err := os.ReadFile(files[i])
		if err != nil {
			t.Fatal(err)
		}
		p, err := picture.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if hasDarkSurround(rgbOf(t, p)) {
			t.Errorf("%s: a surround is seen", files[i])
		}
	}
}
