package card

import (
	"fmt"
	"strings"

	"allnet/lab/cells"
)

// foundTable says how well the nuclei of the data set's own masks are found, for each class.
func (d *document) foundTable() *table {
	t := &table{
		caption: "Cells found in the data set's pictures",
		head:    []string{"class", "pictures", "pictures with cells", "cells found", "nuclei of the masks", "of these found", "found cells that are nuclei by the masks"},
	}
	if d.Cells == nil || len(d.Cells.Classes) == 0 {
		t.add(notMeasured, "", "", "", "", "", "")
		return t
	}
	for _, c := range d.Cells.Classes {
		t.add(c.Class, fmt.Sprint(c.Pictures), fmt.Sprint(c.WithCells), fmt.Sprint(c.Cells), fmt.Sprint(c.MaskNuclei),
			percentOf(c.MaskFound, c.MaskNuclei), percentOf(c.CellsInMask, c.Cells))
	}
	return t
}

// boxesTable says how well the white cells are found that people drew boxes around.
func (d *document) boxesTable() *table {
	t := &table{
		caption: "White cells found in other laboratories",
		head:    []string{"set", "half", "pictures", "white cells with a box", "a nucleus covers the centre", "nuclei cover a fifth", "taken for several", "cells outside all boxes", "parts without a boxed white cell", "cells found there"},
	}
	if d.Cells == nil || len(d.Cells.Foreign) == 0 {
		t.add(notMeasured, "", "", "", "", "", "", "", "", "")
		return t
	}
	for _, b := range d.Cells.Foreign {
		t.add(b.Set, b.Half, fmt.Sprint(b.Pictures), fmt.Sprint(b.White), percentOf(b.Hit, b.White), percentOf(b.Covered, b.White),
			percentOf(b.Divided, b.White), fmt.Sprint(b.Outside), fmt.Sprint(b.Empty), fmt.Sprint(b.EmptyWithCells))
	}
	return t
}

// percentOf writes a count's share of a whole.
func percentOf(n, whole int) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%d (%.0f %%)", n, 100*share(n, whole))
}

// foundText says how well stained cells are found.
func (d *document) foundText() string {
	f := d.Cells
	if f == nil {
		return "How well stained cells are found was not measured."
	}
	var parts []string
	classes, pro := newSpread(), (*cells.ClassRow)(nil)
	for i, c := range f.Classes {
		if c.MaskNuclei > 0 {
			classes.add(share(c.MaskFound, c.MaskNuclei))
		}
		if c.Class == "Pro" {
			pro = &f.Classes[i]
		}
	}
	if classes.n > 0 {
		text := fmt.Sprintf("Of the nuclei of the data set's own masks, %s are found, depending on the class", wholeSpan(classes))
		if pro != nil {
			text += fmt.Sprintf("; the masks themselves are empty in %d of %d pictures of class Pro, so that they cannot say what is found too much there", pro.Pictures-pro.WithMask, pro.Pictures)
		}
		parts = append(parts, text+".")
	}
	var boxes []string
	for _, b := range f.Foreign {
		if b.Half == "second" {
			boxes = append(boxes, fmt.Sprintf("of the %d white cells in %d pictures of %s a nucleus covers the centre of %d and nuclei cover a fifth of %d; %d are taken for several cells, and outside all boxes the finder found %s",
				b.White, b.Pictures, b.Set, b.Hit, b.Covered, b.Divided, count(b.Outside, "cell")))
		}
	}
	if len(boxes) > 0 {
		parts = append(parts, "In the second halves, by name, of two other laboratories' pictures, in which people drew boxes around white cells: "+strings.Join(boxes, "; ")+" (not every white cell has a box).")
	}
	kept := newSpread()
	var worst, most *cells.Stable // of the single changes: that loses most cells, that has most new ones
	for i := range f.Changes {
		c := &f.Changes[i]
		if strings.HasPrefix(c.Change, "another laboratory/") {
			kept.add(share(c.Kept, c.Cells))
			continue
		}
		if worst == nil || share(c.Kept, c.Cells) < share(worst.Kept, worst.Cells) {
			worst = c
		}
		if most == nil || c.New > most.New {
			most = c
		}
	}
	if kept.n > 0 {
		parts = append(parts, fmt.Sprintf("When stain vectors, lamp, focus, noise and file are changed together as in another laboratory, %s of the cells are found again.", wholeSpan(kept)))
	}
	if worst != nil {
		parts = append(parts, fmt.Sprintf("Of the single changes “%s” loses most (%.0f %% are found again), and under “%s” most is found that was not there (%s beside %d).",
			worst.Change, 100*share(worst.Kept, worst.Cells), most.Change, count(most.New, "cell"), most.Cells))
	}
	return strings.Join(parts, " ")
}

// wholeSpan writes a range of shares in whole per cent.
func wholeSpan(s *spread) string {
	a, b := fmt.Sprintf("%.0f", 100*s.least), fmt.Sprintf("%.0f", 100*s.most)
	if a == b {
		return b + " %"
	}
	return a + " to " + b + " %"
}
