package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

// pageText is the report's markup.
//
//go:embed report.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("report").Parse(pageText))

// mostFolders is how many folders the report shows; summary.json holds all.
const mostFolders = 60

// page is what the report tells.
type page struct {
	Summary  *Summary
	Of       string
	Total    *Tally
	Answered int64
	Refused  []counted
	Answers  []counted
	Folders  []row
	LeftOut  int
	Months   []row
	Plots    []plot
	Columns  []string
}

type counted struct {
	Name  string
	Count int64
	Share string
}

// row is a folder or a month in the table.
type row struct {
	Name              string
	Pictures, Without int64
	Copies            int64
	Reasons           string
	Cells             []cell
	anywhere          int
}

// cell is the median of one measure.
type cell struct {
	Text  string
	Moved string
}

// plot is two drawings of one measure.
type plot struct {
	Title, Note      string
	Months, Folders  template.HTML
	HasMonth, HasAny bool
}

// report is the report as a page that loads nothing.
func (s *Summary) report(of *Reference) ([]byte, error) {
	p := page{Summary: s, Of: of.Of, Total: s.total()}
	p.Answered = p.Total.answered()
	for _, name := range slices.Sorted(maps.Keys(p.Total.Answers)) {
		p.Answers = append(p.Answers, share(name, p.Total.Answers[name], p.Total.Pictures))
	}
	for _, code := range slices.Sorted(maps.Keys(p.Total.Refused)) {
		p.Refused = append(p.Refused, share(string(code), p.Total.Refused[code], p.Total.Pictures))
	}
	for _, d := range described {
		p.Columns = append(p.Columns, d.what)
	}
	folders, byFolder := s.by(func(p *Part) string { return p.Folder })
	months, byMonth := s.by(func(p *Part) string { return p.Month })
	for _, name := range folders {
		p.Folders = append(p.Folders, rowOf(name, byFolder[name], of))
	}
	slices.SortStableFunc(p.Folders, func(a, b row) int { return cmp.Compare(b.anywhere, a.anywhere) })
	if p.LeftOut = max(0, len(p.Folders)-mostFolders); p.LeftOut > 0 {
		p.Folders = p.Folders[:mostFolders]
	}
	for _, name := range months {
		p.Months = append(p.Months, rowOf(name, byMonth[name], of))
	}
	var shownFolders []string
	for _, f := range p.Folders {
		shownFolders = append(shownFolders, f.Name)
	}
	for _, d := range described {
		reference, known := of.Spreads[d.Measure]
		if d.Measure == Certainty {
			known = false
		}
		note := "Of these pictures there is no figure to compare with."
		if known {
			note = fmt.Sprintf("Grey: the middle nine tenths of %s, %s to %s; their median %s.", of.Of, number(reference.Low, d.bin), number(reference.High, d.bin), number(reference.Median, d.bin))
		} else if d.Measure == Certainty {
			note = "The probability of the answers; it is no property of a scanner or a stain."
		}
		title := d.what
		if d.unit != "" {
			title += ", " + d.unit
		}
		c := chart{bin: d.bin, reference: reference, known: known}
		byMonths, anyMonth := c.draw(months, byMonth, d.Measure, of)
		byFolders, anyFolder := c.draw(shownFolders, byFolder, d.Measure, of)
		p.Plots = append(p.Plots, plot{title, note, byMonths, byFolders, anyMonth, anyFolder})
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, p)
	return b.Bytes(), err
}

func share(name string, n, of int64) counted {
	return counted{name, n, fmt.Sprintf("%.2f %%", 100*float64(n)/float64(of))}
}

// rowOf is what is told of some pictures.
func rowOf(name string, t *Tally, of *Reference) row {
	r := row{Name: named(name), Pictures: t.Pictures, Without: t.Pictures - t.answered(), Copies: t.Copies}
	var reasons []string
	for _, code := range slices.Sorted(maps.Keys(t.Refused)) {
		reasons = append(reasons, fmt.Sprintf("%s %d", code, t.Refused[code]))
	}
	r.Reasons = strings.Join(reasons, ", ")
	for _, d := range described {
		s, some := t.Measures[d.Measure].spread(d.bin)
		if !some {
			r.Cells = append(r.Cells, cell{Text: "none"})
			continue
		}
		c := cell{Text: number(s.Median, d.bin)}
		if d.Measure != Certainty {
			switch moved(s, of, d.Measure) {
			case -1:
				c.Moved, r.anywhere = "lower", r.anywhere+1
			case 1:
				c.Moved, r.anywhere = "higher", r.anywhere+1
			}
		}
		r.Cells = append(r.Cells, c)
	}
	return r
}

func named(name string) string {
	if name == "" {
		return "not known"
	}
	return name
}

// number writes a value with as many decimals as its bin tells.
func number(v, bin float64) string {
	decimals := 0
	for b := bin; b < 1 && decimals < 3; b *= 10 {
		decimals++
	}
	return fmt.Sprintf("%.*f", decimals, v)
}

// chart draws one measure.
type chart struct {
	bin       float64
	reference Spread
	known     bool
}

// The sizes of a chart's parts, in pixels of the drawing.
const (
	chartWidth  = 720
	chartLeft   = 300
	chartRight  = 60
	rowHeight   = 18
	chartTop    = 22
	chartBottom = 8
)

// draw draws for each key the median as a dot and the middle nine tenths as a bar, on one scale with the reference's, and tells
// whether there is anything to draw.
func (c *chart) draw(keys []string, tallies map[string]*Tally, m Measure, of *Reference) (template.HTML, bool) {
	type bar struct {
		name string
		Spread
	}
	var bars []bar
	low, high := c.reference.Low, c.reference.High
	began := c.known
	for _, key := range keys {
		s, some := tallies[key].Measures[m].spread(c.bin)
		if !some {
			continue
		}
		bars = append(bars, bar{named(key), s})
		if !began {
			low, high, began = s.Low, s.High, true
		}
		low, high = min(low, s.Low), max(high, s.High)
	}
	if len(bars) == 0 {
		return "", false
	}
	margin := max((high-low)*0.05, c.bin)
	low, high = low-margin, high+margin
	x := func(v float64) float64 { return chartLeft + (v-low)/(high-low)*(chartWidth-chartLeft-chartRight) }
	height := chartTop + rowHeight*len(bars) + chartBottom
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="medians and middle nine tenths, %d rows; the table has the figures">`, chartWidth, height, chartWidth, height, len(bars))
	if c.known {
		fmt.Fprintf(&b, `<rect class="reference" x="%.1f" y="%d" width="%.1f" height="%d"/>`, x(c.reference.Low), chartTop-4, x(c.reference.High)-x(c.reference.Low), height-chartTop)
		fmt.Fprintf(&b, `<line class="median" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/>`, x(c.reference.Median), x(c.reference.Median), chartTop-4, height-4)
	}
	for i := range 5 {
		v := low + (high-low)*float64(i)/4
		fmt.Fprintf(&b, `<text class="scale" x="%.1f" y="12" text-anchor="middle">%s</text>`, x(v), number(v, c.bin))
	}
	for i, s := range bars {
		y := chartTop + rowHeight*i + rowHeight/2
		class := ""
		if c.known && moved(s.Spread, of, m) != 0 {
			class = ` class="moved"`
		}
		name := s.name
		if r := []rune(name); len(r) > 42 {
			name = "…" + string(r[len(r)-41:])
		}
		fmt.Fprintf(&b, `<g%s><text x="%d" y="%d" text-anchor="end">%s</text><line x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><circle cx="%.1f" cy="%d" r="4"/><text class="n" x="%d" y="%d">%d</text></g>`,
			class, chartLeft-8, y+4, template.HTMLEscapeString(name), x(s.Low), x(s.High), y, y, x(s.Median), y, chartWidth-chartRight+6, y+4, s.N)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()), true
}
