package ask

import (
	"reflect"
	"testing"

	"allnet/lime"
	"allnet/model/cells"
	"allnet/model/synthetic"
)

// What is explained are the cells that were read, not cells found anew.
func TestCellsComeBackAsTheyWereFound(t *testing.T) {
	p, err := synthetic.Draw("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	found := cells.Find(p.Pix, p.Width, p.Height, cells.RedCells{})
	if len(found.List) < 2 {
		t.Fatalf("%d cells in the drawing", len(found.List))
	}
	back, err := Cells(CellLabels(found), p.Width)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back.Labels, found.Labels) || len(back.List) != len(found.List) || back.Share() != found.Share() {
		t.Errorf("%d cells of share %g came back as %d of share %g", len(found.List), found.Share(), len(back.List), back.Share())
	}
	for i, c := range back.List {
		if c.Area != found.List[i].Area {
			t.Errorf("cell %d has area %d, came back with %d", i, found.List[i].Area, c.Area)
		}
	}
}

func TestLabelsThatAreNoCellsAreRefused(t *testing.T) {
	none := uint16(lime.NoRegion)
	for what, labels := range map[string][]uint16{
		"a number that no pixel has": {none, 1, none, 2},
		"a number beyond the field":  {0, 1, 2, 4},
		"another size":               {none, none, 0},
	} {
		if _, err := Cells(Labels(labels), 2); err == nil {
			t.Errorf("%s is accepted", what)
		} else {
			sentence(t, err)
		}
	}
	if c, err := Cells(Labels([]uint16{none, none, none, none}), 2); err != nil || len(c.List) != 0 {
		t.Errorf("a field without cells: %v, %v", c, err)
	}
}
