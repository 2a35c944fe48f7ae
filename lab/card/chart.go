package card

import (
	"cmp"
	"fmt"
	"html"
	"math"
	"strings"
)

// figure is one or more line charts side by side, with one legend.
type figure struct {
	// title is the heading, description the text for those who do not see it.
	title, description string
	panels             []panel
	columns            int
	// panelWidth and panelHeight are those of every panel, in units of its view box; 0
	// stands for the usual ones.
	panelWidth, panelHeight int
}

// panel is a line chart.
type panel struct {
	title, xLabel, yLabel string
	xTicks, yTicks        []tick // the first and the last are the axes' ends
	series                []series
	// width and height are set by the figure.
	width, height int
}

// tick is a marked place of an axis.
type tick struct {
	at    float64
	label string
}

// series is one line. Its style is a number from 0 on that stands for one colour
// and dash, and is the same for one name in all panels.
type series struct {
	name   string
	style  int
	points [][2]float64
	// sizes, where set, are the marks' shares of the largest mark's area.
	sizes []float64
	// faint lines are thin, without marks and without an entry in the legend.
	faint bool
	// labels, where set, are the points' names, which stand beside them; these points
	// are not joined by a line.
	labels []string
}

// Measures of a figure, in units of its view box.
const (
	usualWidth, usualHeight = 300, 220
	marginLeft, marginRight = 52, 24
	marginTop, marginBottom = 30, 42
	legendHeight, titleSpan = 22, 26
	mostMarks               = 12 // more would hide the line
)

// dashes tell the lines apart without colours.
var dashes = [...]string{"", "7 3", "2 3", "9 3 2 3", "4 2", "12 3"}

// standaloneStyle colours a figure that is a file of its own, for light and dark
// surroundings; the contrast of each line with its background is at least 4.5.
const standaloneStyle = `<style>
.bg{fill:#fff}.ink{fill:#1b1f24}.axis{stroke:#1b1f24}.grid{stroke:#d5d9de;stroke-opacity:1}
.s0{stroke:#0a58a8}.s1{stroke:#a8460b}.s2{stroke:#3f6f12}.s3{stroke:#7a3494}.s4{stroke:#5c5c5c}.s5{stroke:#9c1f4a}
.f0{fill:#0a58a8}.f1{fill:#a8460b}.f2{fill:#3f6f12}.f3{fill:#7a3494}.f4{fill:#5c5c5c}.f5{fill:#9c1f4a}
@media(prefers-color-scheme:dark){
.bg{fill:#12161b}.ink{fill:#e6e9ec}.axis{stroke:#e6e9ec}.grid{stroke:#3a4048}
.s0{stroke:#78b4f5}.s1{stroke:#f5a067}.s2{stroke:#a5d66f}.s3{stroke:#d7a1ee}.s4{stroke:#b4b4b4}.s5{stroke:#f58bb0}
.f0{fill:#78b4f5}.f1{fill:#f5a067}.f2{fill:#a5d66f}.f3{fill:#d7a1ee}.f4{fill:#b4b4b4}.f5{fill:#f58bb0}}
</style>
`

// svg draws the figure: as a file of its own with its style sheet, or, for a page
// that forbids styles inside, in the colour of the text with classes to style.
func (f figure) svg(standalone bool) string {
	columns := max(1, min(f.columns, len(f.panels)))
	rows := (len(f.panels) + columns - 1) / columns
	legend := f.legend()
	step := 0 // from one entry of the legend to the next
	for _, s := range legend {
		step = max(step, 58+6*len(s.name))
	}
	panelWidth, panelHeight := cmp.Or(f.panelWidth, usualWidth), cmp.Or(f.panelHeight, usualHeight)
	perRow := max(1, columns*panelWidth/max(1, step))
	legendRows := (len(legend) + perRow - 1) / perRow
	top := 0 // a page shows the title below the figure
	if standalone {
		top = titleSpan
	}
	width, height := columns*panelWidth, top+rows*panelHeight+legendRows*legendHeight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" class="chart" role="img" aria-label="%s" font-family="sans-serif" font-size="11" fill="none">`+"\n",
		width, height, width, height, html.EscapeString(f.title+". "+f.description))
	fmt.Fprintf(&b, "<title>%s</title>\n", html.EscapeString(f.title))
	if standalone {
		b.WriteString(standaloneStyle)
		fmt.Fprintf(&b, `<rect class="bg" width="%d" height="%d"/>`+"\n", width, height)
		text(&b, 12, 18, "start", "13", f.title)
	}
	for i, p := range f.panels {
		fmt.Fprintf(&b, `<g transform="translate(%d %d)">`+"\n", i%columns*panelWidth, top+i/columns*panelHeight)
		p.width, p.height = panelWidth, panelHeight
		p.draw(&b)
		b.WriteString("</g>\n")
	}
	for i, s := range legend {
		x, y := 12+i%perRow*step, top+rows*panelHeight+i/perRow*legendHeight+12
		if s.labels == nil {
			s.line(&b, fmt.Sprintf("M%d %dh28", x, y))
		}
		s.mark(&b, float64(x+14), float64(y), 1)
		text(&b, float64(x+34), float64(y+4), "start", "", s.name)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// legend lists each name once, in the order of the styles.
func (f figure) legend() []series {
	var entries []series
	for style := range dashes {
	search:
		for _, p := range f.panels {
			for _, s := range p.series {
				if s.style == style && !s.faint {
					entries = append(entries, s)
					break search
				}
			}
		}
	}
	return entries
}

func (p panel) draw(b *strings.Builder) {
	text(b, marginLeft, 18, "start", "", p.title)
	for _, t := range p.yTicks {
		_, y := p.place(p.xTicks[0].at, t.at)
		fmt.Fprintf(b, `<path class="grid" stroke="currentColor" stroke-opacity=".25" d="M%d %sH%d"/>`+"\n", marginLeft, number(y), p.width-marginRight)
		text(b, marginLeft-6, y+4, "end", "", t.label)
	}
	for _, t := range p.xTicks {
		x, _ := p.place(t.at, p.yTicks[0].at)
		text(b, x, float64(p.height-marginBottom+15), "middle", "", t.label)
	}
	fmt.Fprintf(b, `<path class="axis" stroke="currentColor" d="M%d %dV%dH%d"/>`+"\n", marginLeft, marginTop, p.height-marginBottom, p.width-marginRight)
	text(b, float64(marginLeft+p.width-marginRight)/2, float64(p.height-marginBottom+31), "middle", "", p.xLabel)
	fmt.Fprintf(b, `<g transform="translate(12 %d) rotate(-90)">`, (marginTop+p.height-marginBottom)/2)
	text(b, 0, 0, "middle", "", p.yLabel)
	b.WriteString("</g>\n")
	for _, s := range p.series {
		var path strings.Builder
		for i, point := range s.points {
			x, y := p.place(point[0], point[1])
			fmt.Fprintf(&path, "%c%s %s", "ML"[min(i, 1)], number(x), number(y))
		}
		if s.labels == nil {
			s.line(b, path.String())
		}
		if !s.faint && len(s.points) <= mostMarks {
			for i, point := range s.points {
				x, y := p.place(point[0], point[1])
				size := 1.0
				if s.sizes != nil {
					size = 0.6 + 2.4*math.Sqrt(s.sizes[i])
				}
				s.mark(b, x, y, size)
			}
		}
	}
	p.label(b)
}

// place is where a value of the axes stands in the panel; what lies outside is
// drawn on the border.
func (p panel) place(x, y float64) (float64, float64) {
	share := func(v float64, ticks []tick) float64 {
		low, high := ticks[0].at, ticks[len(ticks)-1].at
		return max(0, min(1, (v-low)/(high-low)))
	}
	return marginLeft + share(x, p.xTicks)*float64(p.width-marginLeft-marginRight),
		float64(p.height-marginBottom) - share(y, p.yTicks)*float64(p.height-marginTop-marginBottom)
}

func (s series) line(b *strings.Builder, path string) {
	dash, width := "", "2"
	if d := dashes[s.style]; d != "" {
		dash = fmt.Sprintf(` stroke-dasharray="%s"`, d)
	}
	if s.faint {
		dash, width = "", "0.7"
	}
	fmt.Fprintf(b, `<path class="s%d" stroke="currentColor" stroke-width="%s"%s d="%s"/>`+"\n", s.style, width, dash, path)
}

// mark draws a point, of another form for each style, at size times the usual
// width.
func (s series) mark(b *strings.Builder, x, y, size float64) {
	if s.style%2 == 0 {
		fmt.Fprintf(b, `<circle class="f%d" fill="currentColor" cx="%s" cy="%s" r="%s"/>`+"\n", s.style, number(x), number(y), number(2.6*size))
	} else {
		r := 3.4 * size
		fmt.Fprintf(b, `<path class="f%d" fill="currentColor" d="M%s %sl%[4]s %[4]s -%[4]s %[4]s -%[4]s -%[4]sz"/>`+"\n", s.style, number(x), number(y-r), number(r))
	}
}

func text(b *strings.Builder, x, y float64, anchor, size, s string) {
	if size != "" {
		size = fmt.Sprintf(` font-size="%s" font-weight="bold"`, size)
	}
	fmt.Fprintf(b, `<text class="ink" fill="currentColor" x="%s" y="%s" text-anchor="%s"%s>%s</text>`+"\n", number(x), number(y), anchor, size, html.EscapeString(s))
}

// number writes a coordinate to a tenth.
func number(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", math.Round(10*v)/10+0), ".0")
}

// percentTicks divides an axis of shares from low, which is rounded down to a
// twentieth, to 1.
func percentTicks(low float64) []tick {
	low = max(0, min(0.95, math.Floor(low*20)/20))
	step := 0.01
	for _, s := range []float64{0.02, 0.05, 0.1, 0.2, 0.25} {
		if (1-low)/step > 5.5 {
			step = s
		}
	}
	low = 1 - math.Ceil((1-low)/step-1e-9)*step
	var ticks []tick
	for i := 0; ; i++ {
		at := low + float64(i)*step
		ticks = append(ticks, tick{at, fmt.Sprintf("%.0f %%", 100*at)})
		if at > 1-step/2 {
			return ticks
		}
	}
}
