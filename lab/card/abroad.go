package card

import (
	"fmt"
	"strings"

	"allnet/lab/abroad"
	"allnet/lab/evaluation"
	"allnet/model"
)

// The kinds of sets of lab/abroad, as their details tell them apart.
const (
	toRefuse = "to be refused"      // begins the detail of what is no field of the right size
	healthy  = "no malignant cells" // ends that of other laboratories' smears
	asTaken  = "own"                // names our own pictures as they are
)

func refusing(r *abroad.Row) bool  { return strings.HasPrefix(r.Detail, toRefuse) }
func isHealthy(r *abroad.Row) bool { return strings.HasSuffix(r.Detail, healthy) }

// simulated tells whether a set is our own pictures as another camera or laboratory would have
// taken them.
func simulated(r *abroad.Row) bool { return r.Set != asTaken && !refusing(r) && !isHealthy(r) }

// abroadRow returns a network's row of a set; nil where it was not measured.
func (n *network) abroadRow(set string) *abroad.Row {
	if n.abroad != nil {
		for i := range n.abroad.Sets {
			if n.abroad.Sets[i].Set == set {
				return &n.abroad.Sets[i]
			}
		}
	}
	return nil
}

// abroadTable is what became of each set of pictures.
func abroadTable(networks []*network) *table {
	t := &table{caption: "Pictures of other laboratories, real and simulated", head: []string{"pictures", "what they are", "number"}}
	var sets []*abroad.Row // of any network
	seen := make(map[string]bool)
	for _, n := range networks {
		t.head = append(t.head, columnHead(networks, n, "answered (95 % interval)"), columnHead(networks, n, "of these on the right side (95 % interval)"), columnHead(networks, n, "called malignant"), columnHead(networks, n, "no answer because"))
		if n.abroad == nil {
			continue
		}
		for i := range n.abroad.Sets {
			if r := &n.abroad.Sets[i]; !seen[r.Set] {
				seen[r.Set] = true
				sets = append(sets, r)
			}
		}
	}
	if len(sets) == 0 {
		row := make([]string, len(t.head))
		row[0] = notMeasured
		t.add(row...)
		return t
	}
	for _, set := range sets {
		row := []string{set.Set, set.Detail, fmt.Sprint(set.N)}
		for _, n := range networks {
			row = append(row, abroadCells(n.abroadRow(set.Set))...)
		}
		t.add(row...)
	}
	return t
}

// abroadCells are the cells of one set and network. Whether the answer for what is to be refused
// is right is not asked.
func abroadCells(r *abroad.Row) []string {
	if r == nil {
		return []string{notMeasured, "", "", ""}
	}
	side := ""
	switch {
	case refusing(r):
	case r.Answered == 0:
		side = "none answered"
	default:
		side = withInterval(share(r.Side, r.Answered), r.SideInterval)
	}
	return []string{withInterval(share(r.Answered, r.N), r.Interval), side, fmt.Sprintf("%d of %d", r.Malignant, r.N), reasons(r.Refused)}
}

// ranksTable is how well pictures with malignant cells are told from those without.
func ranksTable(networks []*network) *table {
	t := &table{caption: "Area under the curve, malignant above benign", head: []string{"malignant cells in", "none in"}}
	type pair struct{ malignant, benign string }
	var pairs []pair
	areas := make([]map[pair]float64, len(networks))
	for k, n := range networks {
		t.head = append(t.head, columnHead(networks, n, "area under the curve"))
		areas[k] = make(map[pair]float64)
		if n.abroad == nil {
			continue
		}
		for _, r := range n.abroad.Ranks {
			p := pair{r.Malignant, r.Benign}
			areas[k][p] = r.AUROC
			known := false
			for _, other := range pairs {
				known = known || other == p
			}
			if !known {
				pairs = append(pairs, p)
			}
		}
	}
	if len(pairs) == 0 {
		row := make([]string, len(t.head))
		row[0] = notMeasured
		t.add(row...)
		return t
	}
	for _, p := range pairs {
		row := []string{p.malignant, p.benign}
		for k := range networks {
			cell := notMeasured
			if v, ok := areas[k][p]; ok {
				cell = fmt.Sprintf("%.3f", v)
			}
			row = append(row, cell)
		}
		t.add(row...)
	}
	return t
}

// abroadSentence says what was measured of other laboratories, and of what stands for them.
func (n *network) abroadSentence() string {
	if n.abroad == nil || len(n.abroad.Sets) == 0 {
		return "How it does on pictures of other laboratories was not measured."
	}
	return sentences(n.simulatedSentence(), n.healthySentence(), n.cutsSentence())
}

func (n *network) simulatedSentence() string {
	answered, side := newSpread(), newSpread()
	var names []string
	set := make(map[string]bool)
	for i := range n.abroad.Sets {
		if r := &n.abroad.Sets[i]; simulated(r) {
			names, set[r.Set] = append(names, "“"+r.Set+"”"), true
			answered.add(share(r.Answered, r.N))
			if r.Answered > 0 {
				side.add(share(r.Side, r.Answered))
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	text := fmt.Sprintf("On our own test pictures, changed by a program as if another camera or laboratory had taken them (%s), it gives an answer on %s", list(names), span(answered.least, answered.most))
	if side.n > 0 {
		text += fmt.Sprintf(", and of these answers %s are on the right side of malignant and benign", span(side.least, side.most))
	}
	within, across := newSpread(), newSpread()
	for _, r := range n.abroad.Ranks {
		switch {
		case !set[r.Malignant]:
		case r.Malignant == r.Benign:
			within.add(r.AUROC)
		default:
			across.add(r.AUROC)
		}
	}
	if within.n > 0 {
		text += fmt.Sprintf("; refused or not, it ranks those with malignant cells above the others with an area under the curve of %s within one kind of change", spanOf(within, "%.3f"))
		if across.n > 0 {
			text += fmt.Sprintf(" and of %s between two kinds of pictures", spanOf(across, "%.3f"))
		}
	}
	return text + "."
}

func (n *network) healthySentence() string {
	total, answered, malignant := 0, 0, 0
	refused := make(map[model.Code]int)
	var names []string
	for i := range n.abroad.Sets {
		if r := &n.abroad.Sets[i]; isHealthy(r) && !refusing(r) {
			names = append(names, r.Set)
			total, answered, malignant = total+r.N, answered+r.Answered, malignant+r.Malignant
			for code, k := range r.Refused {
				refused[code] += k
			}
		}
	}
	if total == 0 {
		return ""
	}
	interval := [2]float64{}
	interval[0], interval[1] = evaluation.Wilson(malignant, total)
	text := fmt.Sprintf("Of %s of other laboratories without malignant cells (%s; the second halves, by name) it answered %s and called %s malignant (95 %% interval %.1f to %.1f %%)",
		count(total, "smear"), list(names), none(answered), none(malignant), 100*interval[0], 100*interval[1])
	if why := reasons(refused); why != "" {
		text += "; the others got no answer (" + why + ")"
	}
	if firstHalves := n.learnedAbroad(); firstHalves != "" {
		text += "; " + firstHalves
	}
	return text + "."
}

func (n *network) cutsSentence() string {
	total, answered := 0, 0
	for i := range n.abroad.Sets {
		if r := &n.abroad.Sets[i]; refusing(r) {
			total, answered = total+r.N, answered+r.Answered
		}
	}
	if total == 0 {
		return ""
	}
	var interval [2]float64
	interval[0], interval[1] = evaluation.Wilson(total-answered, total)
	return fmt.Sprintf("Of %s that are no field at the right magnification (single cells, cuts) it refused %.1f %% (95 %% interval %.1f to %.1f %%).",
		count(total, "picture"), 100*share(total-answered, total), 100*interval[0], 100*interval[1])
}

// spanOf writes a range in a format.
func spanOf(s *spread, format string) string {
	a, b := fmt.Sprintf(format, s.least), fmt.Sprintf(format, s.most)
	if a == b {
		return a
	}
	return a + " to " + b
}

// noLymphoblasts is what every figure of other laboratories has to be read with.
const noLymphoblasts = "No picture of lymphoblasts of another laboratory was available: other laboratories with malignant cells are simulated, which says nothing certain of real ones."

// abroadTables are those of the network's card; none where nothing was measured.
func (n *network) abroadTables(d *document) []*table {
	if n.abroad == nil || len(n.abroad.Sets) == 0 {
		return nil
	}
	tables := []*table{abroadTable(d.networks)}
	if len(n.abroad.Ranks) > 0 {
		tables = append(tables, ranksTable(d.networks))
	}
	return tables
}
