package main

import (
	"math"
	"slices"

	"allnet/model"
	"allnet/model/picture"
)

// Measure is the name of a figure that is taken of each picture.
type Measure string

// The measures. The first three are of the picture as it was given, so that what standardising takes away is seen.
const (
	Red   Measure = "red"
	Green Measure = "green"
	Blue  Measure = "blue"
	// NucleiRed and NucleiGreen are the stain of the nuclei before it is brought to the reference.
	NucleiRed   Measure = "nuclei, red"
	NucleiGreen Measure = "nuclei, green"
	// Sharpness is model.Observation's; Diameter that of a red cell as it was measured.
	Sharpness Measure = "sharpness"
	Diameter  Measure = "red cell"
	// Certainty is the probability of the answer.
	Certainty Measure = "certainty"
)

// described says of each measure what it is, and how wide the bins are in which its values are counted: what is told of many
// values is right to within one.
var described = []struct {
	Measure
	what, unit string
	bin        float64
}{
	{Red, "Mean optical density in red light", "", 0.002},
	{Green, "Mean optical density in green light", "", 0.002},
	{Blue, "Mean optical density in blue light", "", 0.002},
	{NucleiRed, "Stain of the nuclei in red light", "optical density", 0.005},
	{NucleiGreen, "Stain of the nuclei in green light", "optical density", 0.005},
	{Sharpness, "Sharpness", "", 0.02},
	{Diameter, "Width of a red cell", "pixels", 0.1},
	{Certainty, "Certainty of the answers", "", 0.01},
}

// bins are the widths of the bins.
var bins = func() map[Measure]float64 {
	widths := make(map[Measure]float64)
	for _, d := range described {
		widths[d.Measure] = d.bin
	}
	return widths
}()

// measured are the measures of one picture as it was read, p being nil where nothing could be decoded. What could not be
// measured is not there.
func measured(p *picture.Picture, r *model.Reading) map[Measure]float64 {
	m := make(map[Measure]float64)
	if p != nil && p.Width >= model.MinSide && p.Height >= model.MinSide {
		c := model.ColoursOf(p.Resize(model.Side, model.Side).Pix)
		m[Red], m[Green], m[Blue] = c[0], c[1], c[2]
	}
	if s := r.Specimen; s != nil && s.Stain[0] > 0 {
		m[NucleiRed], m[NucleiGreen] = s.Stain[0], s.Stain[1]
	}
	for _, check := range r.Record.Checks {
		if check.Code == model.Blurred {
			m[Sharpness] = check.Value
		}
	}
	if s := r.Record.Standardised; s != nil && s.Diameter > 0 {
		m[Diameter] = s.Diameter
	}
	if q := r.Record.Probabilities; q != nil {
		m[Certainty] = max(q.Benign, q.Early, q.Pre, q.Pro)
	}
	return m
}

// Histogram counts values in bins of one width. It is made of whole numbers, so that it is the same in whatever order and parts
// the values come.
type Histogram map[int]int64

func (h Histogram) add(value, bin float64) { h[int(math.Floor(value/bin))]++ }

// count is the number of values.
func (h Histogram) count() (n int64) {
	for _, k := range h {
		n += k
	}
	return n
}

// quantile is the middle of the bin that holds the value of which a share lies below; NaN of no values.
func (h Histogram) quantile(share, bin float64) float64 {
	n := h.count()
	if n == 0 {
		return math.NaN()
	}
	at := min(int64(share*float64(n)), n-1)
	var below int64
	keys := make([]int, 0, len(h))
	for k := range h {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		if below += h[k]; below > at {
			return (float64(k) + 0.5) * bin
		}
	}
	return math.NaN() // not reached
}

// Tally counts what was said of pictures.
type Tally struct {
	// Pictures counts paths; Copies those of them whose bytes an earlier path has.
	Pictures int64 `json:"pictures"`
	Copies   int64 `json:"copies"`
	// Answers and Refused count the paths by class and by reason.
	Answers map[string]int64     `json:"answers"`
	Refused map[model.Code]int64 `json:"refused"`
	// Measures count values in bins of described's widths.
	Measures map[Measure]Histogram `json:"measures"`
}

func newTally() *Tally {
	return &Tally{Answers: make(map[string]int64), Refused: make(map[model.Code]int64), Measures: make(map[Measure]Histogram)}
}

// add counts a picture.
func (t *Tally) add(e *Entry, copied bool) {
	t.Pictures++
	if copied {
		t.Copies++
	}
	if c := e.Record.Predicted; c != nil {
		t.Answers[c.String()]++
	} else {
		t.Refused[e.Record.Code]++
	}
	for name, value := range e.Measures {
		if t.Measures[name] == nil {
			t.Measures[name] = make(Histogram)
		}
		t.Measures[name].add(value, bins[name])
	}
}

// join adds what another tally counts.
func (t *Tally) join(o *Tally) {
	t.Pictures += o.Pictures
	t.Copies += o.Copies
	for k, n := range o.Answers {
		t.Answers[k] += n
	}
	for k, n := range o.Refused {
		t.Refused[k] += n
	}
	for name, h := range o.Measures {
		if t.Measures[name] == nil {
			t.Measures[name] = make(Histogram)
		}
		for k, n := range h {
			t.Measures[name][k] += n
		}
	}
}

// answered is the number of pictures with an answer.
func (t *Tally) answered() (n int64) {
	for _, k := range t.Answers {
		n += k
	}
	return n
}
