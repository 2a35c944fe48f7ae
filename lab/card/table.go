package card

import (
	"fmt"
	"html"
	"strings"
)

// table is a table of text; the first column names the rows.
type table struct {
	// caption is shown where the table stands in a page.
	caption string
	head    []string
	rows    [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// markdown writes the table as GitHub reads it.
func (t *table) markdown() string {
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("|")
		for _, cell := range cells {
			if cell != "" {
				cell += " "
			}
			fmt.Fprintf(&b, " %s|", strings.ReplaceAll(cell, "|", `\|`))
		}
		b.WriteString("\n")
	}
	line(t.head)
	fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(t.head)))
	for _, row := range t.rows {
		line(row)
	}
	return b.String()
}

// html writes the table for the page; a narrow screen may scroll it sideways.
func (t *table) html() string {
	var b strings.Builder
	fmt.Fprintf(&b, `<div class="card-table" role="region" tabindex="0" aria-label="%s"><table><caption>%s</caption><thead><tr>`, html.EscapeString(t.caption), html.EscapeString(t.caption))
	for _, cell := range t.head {
		fmt.Fprintf(&b, `<th scope="col">%s</th>`, html.EscapeString(cell))
	}
	b.WriteString("</tr></thead><tbody>\n")
	for _, row := range t.rows {
		for i, cell := range row {
			switch i {
			case 0:
				fmt.Fprintf(&b, `<tr><th scope="row">%s</th>`, html.EscapeString(cell))
			default:
				fmt.Fprintf(&b, `<td>%s</td>`, html.EscapeString(cell))
			}
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table></div>\n")
	return b.String()
}

// notMeasured stands where a result is missing.
const notMeasured = "not measured"

// percent writes a share in per cent, to a hundredth.
func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }

// withInterval adds a share's 95 % interval.
func withInterval(share float64, interval [2]float64) string {
	return fmt.Sprintf("%s (%.2f to %.2f)", percent(share), 100*interval[0], 100*interval[1])
}

// list joins words: "a, b and c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// count writes a number with its noun: "1 picture", "no pictures", "3 pictures".
func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// columnHead names a column of one of several networks; the network is named where
// there are several.
func columnHead(networks []*network, n *network, what string) string {
	if len(networks) == 1 {
		return what
	}
	return n.Name() + ": " + what
}
