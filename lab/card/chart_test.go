package card

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

func TestFiguresAreWellFormedAndNameTheirLines(t *testing.T) {
	f := &figure{title: "A < B", description: "Said \"aloud\".", columns: 2}
	for range 3 {
		f.panels = append(f.panels, panel{
			title: "p & q", xTicks: countTicks(4), yTicks: percentTicks(0.5),
			series: []series{{name: "first", style: 0, points: [][2]float64{{0, 0.5}, {4, 1}}}, {name: "second", style: 1, points: [][2]float64{{2, 0.2}}}, {name: "none", style: 2, faint: true}},
		})
	}
	for _, standalone := range []bool{false, true} {
		svg := f.svg(standalone)
		for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := decoder.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(svg, "<style") != standalone || strings.Contains(svg, "prefers-color-scheme:dark") != standalone {
			t.Errorf("standalone %t: the style sheet is wrong", standalone)
		}
		for text, n := range map[string]int{">first<": 1, ">second<": 1, ">none<": 0, "p &amp; q": 3, `aria-label="A &lt; B. Said &#34;aloud&#34;."`: 1} {
			if got := strings.Count(svg, text); got != n {
				t.Errorf("%q stands there %d times, want %d", text, got, n)
			}
		}
		// From the lower left corner of the axes to the upper right, and a value below
		// the axis on its border.
		for _, path := range []string{"M52 178L276 30", `d="M164 178"`} {
			if strings.Count(svg, path) != 3 {
				t.Errorf("standalone %t: no path %s", standalone, path)
			}
		}
	}
}

func TestTicksOfAxes(t *testing.T) {
	labels := func(ticks []tick) string {
		var all []string
		for _, t := range ticks {
			all = append(all, t.label)
		}
		return strings.Join(all, " ")
	}
	for low, want := range map[float64]string{
		0:     "0 % 20 % 40 % 60 % 80 % 100 %",
		0.5:   "50 % 60 % 70 % 80 % 90 % 100 %",
		0.93:  "90 % 92 % 94 % 96 % 98 % 100 %",
		0.999: "95 % 96 % 97 % 98 % 99 % 100 %",
		1:     "95 % 96 % 97 % 98 % 99 % 100 %",
		0.77:  "75 % 80 % 85 % 90 % 95 % 100 %",
	} {
		if got := labels(percentTicks(low)); got != want {
			t.Errorf("from %g on: %s, want %s", low, got, want)
		}
	}
	for n, want := range map[int]string{1: "0 1", 4: "0 1 2 3 4", 24: "0 5 10 15 20 25", 50: "0 10 20 30 40 50"} {
		if got := labels(countTicks(n)); got != want {
			t.Errorf("to %d: %s, want %s", n, got, want)
		}
	}
}
