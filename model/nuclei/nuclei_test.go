package nuclei_test

import (
	"slices"
	"testing"

	"allnet/model"
	"allnet/model/nuclei"
	"allnet/model/synthetic"
)

const side = model.Side

// Colours of the data set's pictures.
var (
	clear   = [3]uint8{248, 250, 250}
	dark    = [3]uint8{120, 70, 190}
	pale    = [3]uint8{238, 190, 240}
	redCell = [3]uint8{170, 190, 205}
	bar     = [3]uint8{220, 40, 40}
)

// slide is empty glass.
func slide() []uint8 {
	rgb := make([]uint8, 0, 3*side*side)
	for range side * side {
		rgb = append(rgb, clear[:]...)
	}
	return rgb
}

// paint draws a disc.
func paint(rgb []uint8, cx, cy, radius int, colour [3]uint8) {
	for i := range side * side {
		if dx, dy := i%side-cx, i/side-cy; dx*dx+dy*dy <= radius*radius {
			copy(rgb[3*i:], colour[:])
		}
	}
}

func TestDarkAndPaleNucleiAreFoundAndRedCellsAndTheScaleBarAreNot(t *testing.T) {
	rgb := slide()
	paint(rgb, 60, 60, 14, dark)
	paint(rgb, 140, 110, 13, pale)
	paint(rgb, 30, 150, 9, redCell)
	paint(rgb, 200, 205, 5, bar)
	paint(rgb, 110, 200, 3, dark) // a speck
	if got := nuclei.Glass(rgb); got != clear {
		t.Errorf("the glass is %v; want %v", got, clear)
	}
	stained := nuclei.Stained(rgb)
	for name, c := range map[string]struct {
		x, y int
		want bool
	}{
		"a dark nucleus": {60, 60, true}, "a pale nucleus": {140, 110, true}, "a red cell": {30, 150, false},
		"the scale bar": {200, 205, false}, "a speck": {110, 200, false}, "the glass": {100, 100, false},
	} {
		if stained[c.y*side+c.x] != c.want {
			t.Errorf("%s: stained %v; want %v", name, !c.want, c.want)
		}
	}
	if found := nuclei.Regions(stained); len(found) != 2 {
		t.Errorf("%d stained cells; want 2", len(found))
	}
}

func TestAnEmptySlideHasNoStainedNucleus(t *testing.T) {
	if slices.Contains(nuclei.Stained(slide()), true) {
		t.Error("empty glass is stained")
	}
}

func TestTheDrawnExamplesHaveStainedNuclei(t *testing.T) {
	for _, example := range synthetic.Examples() {
		p, err := synthetic.Draw(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		in, err := model.Preprocess(p)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(nuclei.Stained(in.RGB), true) {
			t.Errorf("%s: none", example.Name)
		}
	}
}

func TestARegionHoldsANucleusWhereItHoldsAsMuchAsTheLeastCellOrHalfOfItself(t *testing.T) {
	for _, c := range []struct {
		stained, area int
		want          bool
	}{{0, 500, false}, {59, 500, false}, {60, 500, true}, {19, 40, false}, {20, 40, true}, {40, 40, true}, {0, 0, false}} {
		if got := nuclei.Holds(c.stained, c.area); got != c.want {
			t.Errorf("%d of %d pixels: %v; want %v", c.stained, c.area, got, c.want)
		}
	}
	if got := nuclei.Within([]bool{true, false, true, true}, []uint16{2, 2, 0, 2}, 3); !slices.Equal(got, []int{1, 0, 2}) {
		t.Errorf("stained pixels of three regions: %v; want [1 0 2]", got)
	}
}
