package cells

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"allnet/lab/dataset"
	"allnet/lab/stress"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

func TestCellsArePairedOnceAndWithinFivePixels(t *testing.T) {
	at := func(points ...[2]float64) *cells.Cells {
		c := new(cells.Cells)
		for _, p := range points {
			c.List = append(c.List, cells.Cell{X: p[0], Y: p[1]})
		}
		return c
	}
	for name, test := range map[string]struct {
		before, after *cells.Cells
		kept, added   int
	}{
		"the same":          {at([2]float64{1, 1}, [2]float64{50, 50}), at([2]float64{50, 50}, [2]float64{1, 1}), 2, 0},
		"moved by five":     {at([2]float64{10, 10}), at([2]float64{13, 14}), 1, 0},
		"moved by six":      {at([2]float64{10, 10}), at([2]float64{10, 16}), 0, 1},
		"two become one":    {at([2]float64{10, 10}, [2]float64{14, 10}), at([2]float64{12, 10}), 1, 0},
		"one becomes two":   {at([2]float64{12, 10}), at([2]float64{10, 10}, [2]float64{14, 10}), 1, 1},
		"all are gone":      {at([2]float64{12, 10}), at(), 0, 0},
		"there was no cell": {at(), at([2]float64{12, 10}), 0, 1},
	} {
		var s Stable
		s.add(test.before, test.after)
		if s.Kept != test.kept || s.New != test.added || s.Cells != len(test.before.List) || s.Pictures != 1 {
			t.Errorf("%s: %+v, want %d kept, %d new", name, s, test.kept, test.added)
		}
	}
}

// drawn is 60 x 60 with nuclei, squares of side pixels, at the given corners.
func drawn(side int, corners ...[2]int) *cells.Cells {
	c := &cells.Cells{Width: 60, Height: 60, Labels: make([]uint16, 3600), Nucleus: make([]bool, 3600)}
	for k, at := range corners {
		for y := at[1]; y < at[1]+side; y++ {
			for x := at[0]; x < at[0]+side; x++ {
				c.Labels[y*60+x], c.Nucleus[y*60+x] = uint16(k+1), true
			}
		}
		c.List = append(c.List, cells.Cell{})
	}
	return c
}

func TestABoxIsHitWhereANucleusCoversItsCentre(t *testing.T) {
	for name, test := range map[string]struct {
		cells *cells.Cells
		box   box
		want  Boxes
	}{
		"in the middle":           {drawn(10, [2]int{20, 20}), box{15, 15, 35, 35}, Boxes{Hit: 1, Covered: 1}},
		"in a corner":             {drawn(10, [2]int{20, 20}), box{20, 20, 50, 50}, Boxes{}},
		"beside the middle":       {drawn(14, [2]int{20, 20}), box{20, 20, 49, 49}, Boxes{Covered: 1}},
		"lobes around the middle": {drawn(9, [2]int{20, 20}, [2]int{34, 20}), box{20, 16, 43, 33}, Boxes{Covered: 1, Divided: 1}},
		"nothing":                 {drawn(10), box{15, 15, 35, 35}, Boxes{}},
		"beyond the picture":      {drawn(10, [2]int{50, 50}), box{52, 52, 90, 90}, Boxes{Hit: 1, Covered: 1}},
	} {
		var got Boxes
		got.box(test.cells, test.box)
		if got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestTheEmptyPartHoldsNoBox(t *testing.T) {
	p := &picture.Picture{Width: 100, Height: 80, Pix: make([]uint8, 3*100*80)}
	for i := range p.Pix {
		p.Pix[i] = uint8(i / 3 % 100)
	}
	e := empty(p, []box{{70, 10, 90, 30}})
	if e == nil || e.Width != 67 || e.Height != 80 || e.Pix[0] != 0 || e.Pix[3*66] != 66 {
		t.Errorf("got %+v, want the 67 columns on the left", e)
	}
	if e := empty(p, []box{{40, 30, 60, 50}}); e != nil {
		t.Errorf("%d x %d is left about a box in the middle; want nothing", e.Width, e.Height)
	}
}

func TestRegionsEndAtTheRim(t *testing.T) {
	mask := make([]bool, 20*20)
	for y := range 8 {
		for x := range 20 {
			mask[y*20+x] = x < 8 || x >= 12
		}
	}
	mask[15*20+5] = true
	if r := regions(mask, 20); len(r) != 2 || len(r[0]) != 64 || len(r[1]) != 64 {
		t.Errorf("%d regions, want two of 64 pixels", len(r))
	}
}

func TestAnotherLaboratoryIsTheSameEachTimeAndDiffersByName(t *testing.T) {
	p, err := synthetic.Draw(synthetic.Examples()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range Laboratories() {
		take := func(file string) []uint8 {
			rgb, err := l.Apply(&stress.Picture{File: file, RGB: p.Pix})
			if err != nil {
				t.Fatal(err)
			}
			return rgb
		}
		a := take("a")
		if !slices.Equal(a, take("a")) || slices.Equal(a, take("b")) || slices.Equal(a, p.Pix) {
			t.Errorf("%s: not a function of picture and name", l.Name)
		}
	}
}

// On real pictures: cells in all, nearly all nuclei of the masks but in Pro, where they
// mark least, and cells that stay in another laboratory.
func TestCellsOfRealPicturesAreFound(t *testing.T) {
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	plan := Plan{Dir: filepath.Join(dir, "data", "pbs"), Masks: filepath.Join(dir, "data", "segmented"), Changed: 4}
	listing, err := dataset.List(plan.Dir)
	if err != nil {
		t.Log("left out: the real pictures, because ALLNET_SHARED has none")
		return
	}
	for i := 60; i < len(listing.Items); i += 120 {
		plan.Items = append(plan.Items, listing.Items[i])
	}
	f, err := Measure(context.Background(), plan, func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Classes) != len(model.Classes) {
		t.Fatalf("%d classes", len(f.Classes))
	}
	for _, r := range f.Classes {
		if r.WithCells < r.Pictures {
			t.Errorf("%s: cells in %d of %d pictures", r.Class, r.WithCells, r.Pictures)
		}
		if r.Class != model.Pro.String() && float64(r.MaskFound) < 0.8*float64(r.MaskNuclei) {
			t.Errorf("%s: %d of the masks' %d nuclei are found", r.Class, r.MaskFound, r.MaskNuclei)
		}
	}
	for _, s := range f.Changes {
		if s.Change == "another laboratory/moderate" && float64(s.Kept) < 0.8*float64(s.Cells) {
			t.Errorf("%s: %d of %d cells are kept", s.Change, s.Kept, s.Cells)
		}
	}
}
