package card

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"allnet/lab/stress"
	"allnet/model"
)

// strengths are the columns of the tables of changes.
var strengths = []stress.Strength{stress.Mild, stress.Moderate, stress.Strong}

// graded are the families of changes that come in strengths, in the order of the
// tables, and whole those that do not but should leave the answer as it is.
var (
	graded = []stress.Family{stress.Stain, stress.Brightness, stress.Contrast, stress.Gamma, stress.Blur, stress.Noise, stress.JPEG, stress.Zoom}
	whole  = []stress.Family{stress.ScaleBar, stress.Background}
)

// row returns the row of a change; nil where it was not measured.
func (n *network) row(family stress.Family, variant string, strength stress.Strength) *stress.Row {
	if n.stress == nil {
		return nil
	}
	for i, r := range n.stress.Changes {
		if r.Family == family && r.Variant == variant && r.Strength == strength {
			return &n.stress.Changes[i]
		}
	}
	return nil
}

// variants lists the variants of a family that any of the networks was tried with.
func variants(networks []*network, family stress.Family) (all []string) {
	for _, n := range networks {
		if n.stress == nil {
			continue
		}
		for _, r := range n.stress.Changes {
			if r.Family == family && !slices.Contains(all, r.Variant) {
				all = append(all, r.Variant)
			}
		}
	}
	return all
}

// rowName names a family's variant.
func rowName(family stress.Family, variant string) string {
	if variant == "" {
		return string(family)
	}
	return fmt.Sprintf("%s (%s)", family, variant)
}

// stressTable is how often the answer is right under each change and strength.
func stressTable(networks []*network) *table {
	t := &table{caption: "Right answers on changed test pictures; no answer counts as an error", head: []string{"change"}}
	for _, n := range networks {
		for _, s := range strengths {
			t.head = append(t.head, columnHead(networks, n, string(s)))
		}
	}
	row := []string{"none"}
	for _, n := range networks {
		cell := notMeasured
		if n.stress != nil {
			cell = percent(n.stress.Unchanged.Accuracy)
		}
		row = append(row, cell, cell, cell)
	}
	t.add(row...)
	for _, family := range graded {
		for _, variant := range variants(networks, family) {
			row := []string{rowName(family, variant)}
			for _, n := range networks {
				for _, s := range strengths {
					cell := notMeasured
					if r := n.row(family, variant, s); r != nil {
						cell = percent(r.Accuracy)
					}
					row = append(row, cell)
				}
			}
			t.add(row...)
		}
	}
	return t
}

// wholeTable is about the changes that have no strengths but should not matter.
func wholeTable(networks []*network) *table {
	t := &table{caption: "Scale bar and background changed, cells left as they are", head: []string{"change"}}
	for _, n := range networks {
		t.head = append(t.head, columnHead(networks, n, "right (95 % interval)"), columnHead(networks, n, "answers that changed"), columnHead(networks, n, "no answer"))
	}
	for _, family := range whole {
		for _, variant := range variants(networks, family) {
			row := []string{rowName(family, variant)}
			for _, n := range networks {
				if r := n.row(family, variant, stress.Whole); r != nil {
					row = append(row, withInterval(r.Accuracy, r.Interval), fmt.Sprintf("%d of %d", r.Changed, r.N), fmt.Sprint(r.Abstained))
				} else {
					row = append(row, notMeasured, "", "")
				}
			}
			t.add(row...)
		}
	}
	return t
}

// erasedTable is about pictures from which the cells were taken.
func erasedTable(networks []*network) *table {
	t := &table{caption: "Pictures without their cells", head: []string{"what was erased"}}
	for _, n := range networks {
		t.head = append(t.head, columnHead(networks, n, "mean top probability"), columnHead(networks, n, "no answer, or less than 60 %"), columnHead(networks, n, "no answer"))
		if n.Reads() == model.Cells {
			t.head = append(t.head, columnHead(networks, n, "no answer because no cell was found"))
		}
	}
	for _, variant := range variants(networks, stress.Erased) {
		row := []string{variant}
		for _, n := range networks {
			if r := n.row(stress.Erased, variant, stress.Whole); r != nil {
				row = append(row, percent(r.Top), percent(share(r.Unsure, r.N)), percent(share(r.Abstained, r.N)))
				if n.Reads() == model.Cells {
					row = append(row, percent(share(r.Reasons[model.NoCells], r.N)))
				}
			} else {
				row = append(row, notMeasured, "", "")
				if n.Reads() == model.Cells {
					row = append(row, "")
				}
			}
		}
		t.add(row...)
	}
	return t
}

// changeTable lists every change of one network with what it exactly was.
func (n *network) changeTable() *table {
	t := &table{
		caption: "All changes: " + n.Name(),
		head:    []string{"change", "strength", "what was done", "right (95 % interval)", "no answer", "most probable class right", "answers that changed", "most probable class changed", "mean top probability"},
	}
	for _, r := range append([]stress.Row{n.stress.Unchanged}, n.stress.Changes...) {
		strength := string(r.Strength)
		if r.Strength == stress.Whole {
			strength = ""
		}
		t.add(rowName(r.Family, r.Variant), strength, r.Detail, withInterval(r.Accuracy, r.Interval), abstained(&r.Counts),
			fmt.Sprintf("%d of %d", r.Nearest, r.N), fmt.Sprint(r.Changed), fmt.Sprint(r.Flipped), percent(r.Top))
	}
	return t
}

// abstained says how many got no answer, and why.
func abstained(c *stress.Counts) string {
	why := reasons(c.Reasons)
	if len(c.Reasons) == 1 {
		why = strings.TrimSuffix(why, fmt.Sprintf(" %d", c.Abstained))
	}
	if why != "" {
		return fmt.Sprintf("%d (%s)", c.Abstained, why)
	}
	return fmt.Sprint(c.Abstained)
}

// changes are the tables of all changes.
func (d *document) changes() string {
	var b strings.Builder
	for _, n := range d.networks {
		fmt.Fprintf(&b, "**`%s`**\n\n", n.Name())
		if n.stress == nil {
			b.WriteString(notMeasured + "\n\n")
		} else {
			b.WriteString(n.changeTable().markdown() + "\n")
		}
	}
	return b.String()
}

// otherTable is how foreign pictures fared in the stress tests.
func (d *document) otherTable() *table {
	t := &table{caption: "Foreign pictures of the stress tests", head: []string{"pictures", "what they are", "limits fitted to this kind"}}
	var rows []stress.ForeignRow // of any network
	for _, n := range d.networks {
		t.head = append(t.head, columnHead(d.networks, n, "no answer (95 % interval)"), columnHead(d.networks, n, "mean top probability"))
		if n.stress == nil {
			continue
		}
		for _, r := range n.stress.Foreign {
			if !slices.ContainsFunc(rows, func(other stress.ForeignRow) bool { return other.Name == r.Name }) {
				rows = append(rows, r)
			}
		}
	}
	for _, r := range rows {
		row := []string{r.Name, r.Detail, yes(r.Use == stress.Fit)}
		for _, n := range d.networks {
			row = append(row, n.other(r.Name)...)
		}
		t.add(row...)
	}
	return t
}

// other are the cells of one kind of the stress tests' foreign pictures.
func (n *network) other(name string) []string {
	if n.stress != nil {
		for _, r := range n.stress.Foreign {
			if r.Name == name {
				return []string{withInterval(share(r.Abstained, r.N), r.Interval) + fmt.Sprintf(" of %d", r.N), percent(r.Top)}
			}
		}
	}
	return []string{notMeasured, ""}
}

// stressFigure has a panel for each change that comes in strengths and a line for
// each network; nil where none was measured.
func stressFigure(shown []*network) *figure {
	f := &figure{
		title:       "Right answers on changed pictures",
		description: "From the picture as it is to the strongest change. No answer counts as an error; the faint line counts the most probable class whether or not it was given as the answer.",
		columns:     3,
	}
	least := 1.0
	for _, family := range graded {
		for _, variant := range variants(shown, family) {
			p := panel{title: rowName(family, variant), yLabel: "right", xTicks: []tick{{0, "none"}, {1, "mild"}, {2, "moderate"}, {3, "strong"}}}
			for _, n := range shown {
				if n.stress == nil {
					continue
				}
				style := place(networks, n.Name())
				u := n.stress.Unchanged
				given := series{name: n.Name(), style: style, points: [][2]float64{{0, u.Accuracy}}}
				nearest := series{style: style, faint: true, points: [][2]float64{{0, share(u.Nearest, u.N)}}}
				for i, s := range strengths {
					if r := n.row(family, variant, s); r != nil {
						given.points = append(given.points, [2]float64{float64(i + 1), r.Accuracy})
						nearest.points = append(nearest.points, [2]float64{float64(i + 1), share(r.Nearest, r.N)})
						least = min(least, r.Accuracy)
					}
				}
				p.series = append(p.series, nearest, given)
			}
			f.panels = append(f.panels, p)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	for i := range f.panels { // one scale, so that the panels can be compared
		f.panels[i].yTicks = percentTicks(least)
	}
	return f
}

// stressSentence says what disturbs the network, and how much.
func (n *network) stressSentence() string {
	if n.stress == nil {
		return "What disturbs it was not measured."
	}
	var stains, nearest []string
	for _, s := range strengths {
		if r := n.row(stress.Stain, "", s); r != nil {
			stains = append(stains, percent(r.Accuracy))
			nearest = append(nearest, percent(share(r.Nearest, r.N)))
		}
	}
	u := n.stress.Unchanged
	text := fmt.Sprintf("On %s of the test it is right on %s as they are", count(u.N, "picture"), percent(u.Accuracy))
	if len(stains) == len(strengths) {
		text += fmt.Sprintf(", and on %s when the stain and the white balance are changed mildly, moderately and strongly by arithmetic, where no answer counts as an error; its most probable class, given as an answer or not, is right on %s", list(stains), list(nearest))
	}
	return sentences(text+".", n.moderateSentence(), n.barSentence(), n.replacedSentence())
}

// moderateSentence says what the other changes cost at moderate strength.
func (n *network) moderateSentence() string {
	worst, cost := "", 0.0
	var names []string
	for _, family := range graded[1:] {
		for _, variant := range variants([]*network{n}, family) {
			if r := n.row(family, variant, stress.Moderate); r != nil {
				if !slices.Contains(names, string(family)) {
					names = append(names, string(family))
				}
				if lost := n.stress.Unchanged.Accuracy - r.Accuracy; worst == "" || lost > cost {
					worst, cost = rowName(family, variant), lost
				}
			}
		}
	}
	switch {
	case worst == "":
		return ""
	case cost <= 0:
		return fmt.Sprintf("None of the other changes at moderate strength (%s) costs anything.", list(names))
	}
	return fmt.Sprintf("Of the other changes at moderate strength (%s), the costliest is %s: %.1f points.", list(names), worst, 100*cost)
}

// barSentence says whether the scale bar matters.
func (n *network) barSentence() string {
	var changing []string
	measured := false
	for _, variant := range variants([]*network{n}, stress.ScaleBar) {
		if r := n.row(stress.ScaleBar, variant, stress.Whole); r != nil {
			measured = true
			if r.Changed > 0 {
				changing = append(changing, fmt.Sprintf("%s, %d of %d (%d of them to no answer)", variant, r.Changed, r.N, r.Withheld))
			}
		}
	}
	switch {
	case !measured:
		return ""
	case len(changing) == 0:
		return "Blanking or moving the burnt-in scale bar changes no answer."
	}
	return "Of the ways of blanking or moving the burnt-in scale bar, these change answers: " + strings.Join(changing, "; ") + "."
}

// replacedSentence says what is left of its accuracy where the cells stand on another
// background.
func (n *network) replacedSentence() string {
	right, withheld, nearest := newSpread(), newSpread(), newSpread()
	for _, variant := range variants([]*network{n}, stress.Background) {
		if r := n.row(stress.Background, variant, stress.Whole); r != nil {
			right.add(r.Accuracy)
			withheld.add(share(r.Abstained, r.N))
			nearest.add(share(r.Nearest, r.N))
		}
	}
	if right.n == 0 {
		return ""
	}
	only, rest := " only", "A network that goes by the cells alone would lose little."
	if n.Reads() == model.Cells {
		only, rest = "", "It is given nothing of the background: what it loses, it loses because light, stain and magnification are measured, and cells are found, anew in each changed picture."
	}
	return fmt.Sprintf("When the stained cells are cut out and put on another background (%s), it is right on %s of the pictures%s, where no answer counts as an error, and gives no answer on %s; its most probable class, given as an answer or not, is right on %s. %s",
		count(right.n, "way"), span(right.least, right.most), only, span(withheld.least, withheld.most), span(nearest.least, nearest.most), rest)
}

// spread is how far values reach.
type spread struct {
	n           int
	least, most float64
}

func newSpread() *spread { return &spread{least: math.Inf(1), most: math.Inf(-1)} }

func (s *spread) add(v float64) { s.n, s.least, s.most = s.n+1, min(s.least, v), max(s.most, v) }

// backgroundSentence says what is left of its confidence without cells.
func (n *network) backgroundSentence() string {
	least, most := 1.0, 0.0 // shares of pictures on which it is not sure
	low, high := 1.0, 0.0   // mean top probabilities
	empty := newSpread()    // shares of pictures in which no cell was found
	measured := false
	for _, variant := range variants([]*network{n}, stress.Erased) {
		if r := n.row(stress.Erased, variant, stress.Whole); r != nil {
			measured = true
			least, most = min(least, share(r.Unsure, r.N)), max(most, share(r.Unsure, r.N))
			empty.add(share(r.Reasons[model.NoCells], r.N))
			if r.Top > 0 { // it saw some of them
				low, high = min(low, r.Top), max(high, r.Top)
			}
		}
	}
	if !measured {
		return "Whether it loses its confidence when the cells are taken out of a picture was not measured."
	}
	text := fmt.Sprintf("When the cells are taken out of the pictures, a network that reads cells should have nothing left to say. This one gives no answer, or is less than %.0f %% sure, on %s of such pictures",
		100*stress.Confident, span(least, most))
	if high > 0 {
		text += fmt.Sprintf(", and claims %s on average", span(low, high))
		if n.Reads() == model.Cells {
			text += " (what it would say of empty ground counted in)"
		}
	}
	text += ", depending on how they are taken out."
	if n.Reads() == model.Cells {
		text += fmt.Sprintf(" On %s no cell was found in them, which is its reason for giving no answer; any cell found in the others is something left that was taken for one.", span(empty.least, empty.most))
	}
	return text
}

// span writes a range of shares in per cent.
func span(low, high float64) string {
	a, b := fmt.Sprintf("%.1f", 100*low), fmt.Sprintf("%.1f %%", 100*high)
	if a+" %" == b {
		return b
	}
	return a + " to " + b
}

// evidenceTable says how much of the explanations' weight lies on stained cells.
func evidenceTable(networks []*network) *table {
	t := &table{
		caption: "Where the positive weight of the explanations lies",
		head:    []string{"network", "method", "nuclei by", "pictures", "area of nuclei", "weight on nuclei (95 % interval)", "even weights would put there", "times as much", "cells that speak for it", "of these nuclei by the mask (95 % interval)", "their weight (95 % interval)"},
	}
	found := slices.ContainsFunc(networks, func(n *network) bool { return len(n.onMask(stress.FoundMask)) > 0 })
	for _, n := range networks {
		if n.stress == nil || len(n.stress.Evidence) == 0 {
			t.add(n.Name(), notMeasured, "", "", "", "", "", "", "", "", "")
			continue
		}
		for _, e := range n.stress.Evidence {
			cells, marked, weight := "", "", ""
			if c := e.Cells; c != nil {
				cells, marked, weight = fmt.Sprint(c.Positive), withInterval(c.Share.Value, c.Share.Interval), withInterval(c.Weight.Value, c.Weight.Interval)
			}
			t.add(n.Name(), e.Method, e.Mask, fmt.Sprint(e.N), percent(e.Area.Value), withInterval(e.Share.Value, e.Share.Interval), percent(e.Even.Value), fmt.Sprintf("%.2f", overEven(e)), cells, marked, weight)
		}
		if found && len(n.onMask(stress.FoundMask)) == 0 {
			t.add(n.Name(), "", stress.FoundMask, notMeasured, "", "", "", "", "", "", "")
		}
	}
	return t
}

// evidenceNotes explains the table's masks.
func (d *document) evidenceNotes() string {
	text := "`segmentation` is the data set's own masks; `stained cells` what a rule of colour finds, which knows neither the networks nor the finder of cells."
	if d.readsCells() {
		text += " `found cells` are those, nucleus and rim, that the finder of cells gives to a network that reads cells: all of such a network's weight lies there by construction, so that this line proves nothing of it, and the lines of the other masks say what it is worth. The weight of a cell is spread over nucleus and rim, and the other masks hold little of the rims; so the last columns say how many of the cells that speak for the answer have at least half of their nucleus in the mask, and how much of the weight is theirs."
	}
	return text + "\n"
}

// onMask are the rows of one mask.
func (n *network) onMask(mask string) (rows []stress.EvidenceRow) {
	if n.stress == nil {
		return nil
	}
	for _, e := range n.stress.Evidence {
		if e.Mask == mask {
			rows = append(rows, e)
		}
	}
	return rows
}

// overEven is how many times as much weight lies on nuclei as even weights of the same
// regions would put there: regions are smaller where there is detail, so even weights
// favour nuclei already.
func overEven(e stress.EvidenceRow) float64 {
	if e.Even.Value == 0 {
		return 0
	}
	return e.Share.Value / e.Even.Value
}

// evidence are the rows of one mask, the data set's own where there is one.
func (n *network) evidence() (rows []stress.EvidenceRow) {
	if n.stress == nil || len(n.stress.Evidence) == 0 {
		return nil
	}
	return n.onMask(n.stress.Evidence[0].Mask)
}

// evidenceSentence says whether the weight of the explanations lies on cells.
func (n *network) evidenceSentence() string {
	rows := n.evidence()
	if len(rows) == 0 {
		return "Whether its reasons lie on cells was not measured."
	}
	regions, weights := "regions of a picture", "of its weight in favour of the answer"
	text := ""
	if n.Reads() == model.Cells {
		text = "The regions of its explanations are the cells that were found, nucleus and rim, so that all of its weight lies on found cells by construction. Whether these are cells is asked of masks that the finder does not know. "
		regions, weights = "cells of a picture, each cell's over nucleus and rim,", "of its weight in favour of the answer, spread alike"
	}
	text += fmt.Sprintf("On %s, weights spread evenly over the %s would put %.0f %% of their sum on stained nuclei; %s, %s.",
		count(rows[0].N, "explained picture"), regions, 100*rows[0].Even.Value, weights, onNuclei(rows))
	if rows[0].Mask != stress.SegmentationMask {
		return sentences(text, "The nuclei are those that a rule of colour finds.", cellsSentence(rows))
	}
	text += " The nuclei are those of the data set's own masks, which miss most of the pale pro-B nuclei"
	others := n.onMask(stress.StainedMask)
	if len(others) > 0 {
		text += fmt.Sprintf("; on the stained cells that a rule of colour finds, pale ones among them, even weights would put %.0f %%, and %s", 100*others[0].Even.Value, onNuclei(others))
	}
	text += "."
	if found := n.onMask(stress.FoundMask); len(found) > 0 && n.Reads() == model.WholePictures {
		text += fmt.Sprintf(" On the cells, nucleus and rim, that the finder of cells finds, even weights would put %.0f %%, and %s.", 100*found[0].Even.Value, onNuclei(found))
	}
	if len(others) > 0 {
		rows = others
	}
	return sentences(text, cellsSentence(rows))
}

// cellsSentence says whether the cells that speak for the answer are cells by a mask, too; empty
// where the regions are no cells.
func cellsSentence(rows []stress.EvidenceRow) string {
	var parts []string
	for _, e := range rows {
		if c := e.Cells; c != nil {
			parts = append(parts, fmt.Sprintf("%d of %d by %s, with %.0f %% of the weight,", c.Marked, c.Positive, e.Method, 100*c.Weight.Value))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	by := "the data set's own masks"
	if rows[0].Mask == stress.StainedMask {
		by = "the rule of colour"
	}
	return fmt.Sprintf("Of the cells that speak for the answer, %s have at least half of their nucleus on nuclei by %s.", list(parts), by)
}

// onNuclei says how much weight lies on nuclei, by each method.
func onNuclei(rows []stress.EvidenceRow) string {
	var parts []string
	for i, e := range rows {
		as := ""
		if i == 0 {
			as = " as much"
		}
		parts = append(parts, fmt.Sprintf("%.0f %% by %s (%.1f times%s)", 100*e.Share.Value, e.Method, overEven(e), as))
	}
	return list(parts) + " lie there"
}

// evidenceCompared sets the networks' evidence on cells against the article's.
func (d *document) evidenceCompared() string {
	var article []stress.EvidenceRow
	for _, n := range d.networks {
		if n.Name() == "article" {
			article = n.evidence()
		}
	}
	var b strings.Builder
	for _, n := range d.networks {
		for _, e := range n.evidence() {
			for _, a := range article {
				if n.Name() != "article" && e.Method == a.Method && e.Mask == a.Mask && a.Share.Value > 0 {
					fmt.Fprintf(&b, "- By %s, `%s` lays %.1f times as much weight on nuclei as `article` does.\n", e.Method, n.Name(), e.Share.Value/a.Share.Value)
				}
			}
		}
	}
	return b.String()
}

// perNetwork lists a sentence for each network.
func (d *document) perNetwork(sentence func(*network) string) func() string {
	return func() string {
		var b strings.Builder
		for _, n := range d.networks {
			fmt.Fprintf(&b, "- `%s`: %s\n", n.Name(), sentence(n))
		}
		return b.String()
	}
}
