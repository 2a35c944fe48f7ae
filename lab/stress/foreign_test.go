package stress

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestKindsAreFunctionsOfTheirNumberAndPicture(t *testing.T) {
	p := drawn(t, 0)
	uses := make(map[Use]int)
	for _, kind := range Kinds() {
		uses[kind.Use]++
		first, err := kind.Make(0, p)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := kind.Make(0, p)
		if !bytes.Equal(first, again) {
			t.Errorf("%s: another picture the second time", kind.Name)
		}
		if _, err := input(first); err != nil || len(first) != 3*side*side {
			t.Errorf("%s: %d bytes, %v", kind.Name, len(first), err)
		}
		if bytes.Equal(first, p.RGB) {
			t.Errorf("%s: the picture itself", kind.Name)
		}
		if kind.NeedsPicture {
			if _, err := kind.Make(0, nil); err == nil || !strings.Contains(err.Error(), kind.Name) {
				t.Errorf("%s: without a picture, error %v", kind.Name, err)
			}
		} else if other, _ := kind.Make(1, nil); bytes.Equal(first, other) {
			t.Errorf("%s: picture 1 is picture 0", kind.Name)
		}
	}
	if uses[Fit] < 5 || uses[Report] < 5 || len(uses) != 2 {
		t.Errorf("uses %v", uses)
	}
}

func TestKindsMadeOfASmearAreWhatTheirNamesSay(t *testing.T) {
	p, _ := slide()
	made := func(name string) []uint8 {
		kind := Kinds()[slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Name == name })]
		rgb, err := kind.Make(0, p)
		if err != nil {
			t.Fatal(err)
		}
		return rgb
	}
	negative := made("inverted smear")
	shades := made("grey smear")
	for i, v := range p.RGB {
		if negative[i] != 255-v {
			t.Fatalf("inverted: byte %d is %d of %d", i, negative[i], v)
		}
		if shades[i] != shades[i-i%3] {
			t.Fatalf("grey: byte %d has a colour", i)
		}
	}
	// Equal tiles, and the average of the picture.
	tiles := made("four by four")
	for i := range tiles {
		x, y := i/3%side, i/3/side
		if tiles[i] != tiles[3*(y%56*side+x%56)+i%3] {
			t.Fatalf("mosaic: (%d,%d) differs from its tile", x, y)
		}
	}
	// One of the two stained cells in the middle, four times as large: its area is about 16
	// times that of a disc of radius 13 or 14, or what of it fits.
	cell := made("single cell")
	stained := 0
	for i := range side * side {
		if [3]uint8(cell[3*i:3*i+3]) == nucleus || [3]uint8(cell[3*i:3*i+3]) == pale {
			stained++
		}
	}
	if centre := [3]uint8(cell[3*(112*side+112):][:3]); (centre != nucleus && centre != pale) || stained < 7000 || stained > 10000 {
		t.Errorf("the middle is %v, %d pixels are stained", centre, stained)
	}
}
