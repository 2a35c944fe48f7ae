package card

import (
	"fmt"
	"slices"
	"strings"

	"allnet/lab/compare"
	"allnet/model"
)

// comparisonTable is the article's Table 6 with what was measured here.
func (d *document) comparisonTable() *table {
	t := &table{caption: "Classifiers side by side", head: []string{"classifier", "parameters", "multiply-adds (million)", "ms a picture, one core", "run by"}}
	c := d.Comparison
	if c == nil {
		t.add(notMeasured, "", "", "", "")
		return t
	}
	for _, column := range c.Columns {
		for _, shift := range c.Shifts {
			t.head = append(t.head, comparisonHead(column.Name, shift))
		}
	}
	for _, r := range c.Rows {
		row := []string{r.Name, "", "", fmt.Sprintf("%.2f", r.Milliseconds), r.RunBy}
		if r.Parameters > 0 {
			row[1] = grouped(r.Parameters)
		}
		if r.MultiplyAdds > 0 {
			row[2] = fmt.Sprintf("%.0f", float64(r.MultiplyAdds)/1e6)
		}
		for _, column := range c.Columns {
			for _, shift := range c.Shifts {
				row = append(row, comparisonCell(&r, column.Name, shift))
			}
		}
		t.add(row...)
	}
	return t
}

func comparisonHead(column, shift string) string {
	if shift == compare.Unshifted {
		return column
	}
	return column + ", " + shift
}

// mayHaveSeen marks accuracies of classifiers that may have learned from what they
// are judged on.
const mayHaveSeen = " *"

func comparisonCell(r *compare.Row, column, shift string) string {
	i := slices.IndexFunc(r.Results, func(r compare.Result) bool { return r.Column == column && r.Shift == shift })
	if i < 0 {
		return notMeasured
	}
	cell := withInterval(r.Results[i].Accuracy, r.Results[i].Interval)
	if !r.Results[i].TrainingKnown {
		cell += mayHaveSeen
	}
	return cell
}

// rivals are the networks that lab/train trains to compare with.
var rivals = [...]string{"mobilenet", "resnet", "densenet"}

// comparisonNotes explains the table.
func (d *document) comparisonNotes() string {
	if d.Comparison == nil {
		return ""
	}
	var names []string
	for _, side := range d.Comparison.Sides {
		names = append(names, string(side))
	}
	notes := []string{fmt.Sprintf("- Judged on the %s side of each split; the column's name says which split, and how the stain was changed. What counts is the most probable class; nothing is refused here.", list(names))}
	for _, r := range d.Comparison.Rows {
		if r.Sees != "" {
			notes = append(notes, fmt.Sprintf("- %s: a forest of decision trees that sees of each picture only %s.", r.Name, r.Sees))
		}
	}
	var small []string
	for _, r := range d.Comparison.Rows {
		if slices.Contains(rivals[:], r.Name) {
			small = append(small, r.Name)
		}
	}
	if len(small) > 0 {
		notes = append(notes, fmt.Sprintf("- %s: small networks in the style of the families of those names, trained here from scratch by the recipe `fast` (`lab/train/rivals.py`); not the article's large ones.", list(small)))
	}
	for _, r := range d.Comparison.Rows {
		if slices.ContainsFunc(r.Results, func(r compare.Result) bool { return !r.TrainingKnown }) {
			notes = append(notes, "- An accuracy with * may be too good: what that network learned from is not known, and may include pictures that it is judged on.")
			break
		}
	}
	for _, n := range d.networks {
		if n.Reads() == model.Cells && !slices.ContainsFunc(d.Comparison.Rows, func(r compare.Row) bool { return r.Name == n.Name() }) {
			notes = append(notes, fmt.Sprintf("- `%s` is not in the table: all classifiers of the table are given the whole picture.", n.Name()))
		}
	}
	return strings.Join(append(notes, "- Times of unlike programs (“run by”) say little about the networks."), "\n") + "\n"
}
