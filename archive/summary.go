package main

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// Part is a folder's pictures of one month; the month is empty where it is not known.
type Part struct {
	Folder string `json:"folder"`
	Month  string `json:"month"`
	Tally
}

// Summary is what summary.json holds.
type Summary struct {
	// Weights, Calibration and Profile are SHA-256 sums of what the answers rest on.
	Weights     string `json:"weights"`
	Calibration string `json:"calibration"`
	Profile     string `json:"profile,omitempty"`
	// Bins are how wide the bins of the measures are.
	Bins map[Measure]float64 `json:"bins"`
	// Parts are ordered by folder and month.
	Parts []Part `json:"parts"`
}

// writeSummary writes summary.json.
func (c *Config) writeSummary(ctx context.Context, parts []Part) error {
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Folder, b.Folder), cmp.Compare(a.Month, b.Month)) })
	text, err := json.MarshalIndent(Summary{c.Weights, c.Calibration, c.Profile, bins, parts}, "", " ")
	if err != nil {
		return err
	}
	return writeFile(ctx, c.in(summaryFile), append(text, '\n'))
}

// Spread is how a measure is spread over pictures.
type Spread struct {
	N int64 `json:"n"`
	// Low, Median and High are the quantiles of 5, 50 and 95 %.
	Low    float64 `json:"low"`
	Median float64 `json:"median"`
	High   float64 `json:"high"`
}

// spread is that of a histogram; false of no values.
func (h Histogram) spread(bin float64) (Spread, bool) {
	n := h.count()
	return Spread{n, h.quantile(0.05, bin), h.quantile(0.5, bin), h.quantile(0.95, bin)}, n > 0
}

// Reference is how measures are spread over the pictures that the networks learned from, or over others that are compared with.
type Reference struct {
	// Of says which pictures they are, and Command how the figures were made.
	Of      string             `json:"of"`
	Command string             `json:"command"`
	Spreads map[Measure]Spread `json:"spreads"`
}

// trainingFile holds the figures of the training pictures of the network cells.
//
//go:embed training.json
var trainingFile []byte

// readReference reads a reference: a file that -reference wrote, or the training pictures for an empty name.
func readReference(name string) (*Reference, error) {
	text := trainingFile
	if name != "" {
		var err error
		if text, err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	r := new(Reference)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("%s is no reference: %w; expected a file that -write-reference made", name, err)
	}
	if len(r.Spreads) == 0 {
		return nil, fmt.Errorf("%s is no reference: it tells of no measure; expected a file that -write-reference made", name)
	}
	return r, nil
}

// reference makes one of all pictures of a summary.
func (s *Summary) reference(of, command string) *Reference {
	r := &Reference{of, command, make(map[Measure]Spread)}
	all := s.total()
	for _, d := range described {
		if spread, some := all.Measures[d.Measure].spread(d.bin); some {
			r.Spreads[d.Measure] = spread.rounded()
		}
	}
	return r
}

func (s Spread) rounded() Spread {
	round := func(v float64) float64 { return math.Round(v*1e4) / 1e4 }
	return Spread{s.N, round(s.Low), round(s.Median), round(s.High)}
}

// total is the tally of all parts.
func (s *Summary) total() *Tally {
	all := newTally()
	for i := range s.Parts {
		all.join(&s.Parts[i].Tally)
	}
	return all
}

// by joins the parts that have the same key, in the order of the keys.
func (s *Summary) by(key func(*Part) string) (keys []string, tallies map[string]*Tally) {
	tallies = make(map[string]*Tally)
	for i := range s.Parts {
		k := key(&s.Parts[i])
		if tallies[k] == nil {
			tallies[k] = newTally()
			keys = append(keys, k)
		}
		tallies[k].join(&s.Parts[i].Tally)
	}
	slices.Sort(keys)
	return keys, tallies
}

// leastMoved is of how many pictures it is said that they have moved: of fewer the median is chance.
const leastMoved = 20

// moved tells which way a measure has moved: -1 or 1 where the median lies below or above the middle nine tenths of the reference,
// else 0.
func moved(s Spread, r *Reference, m Measure) int {
	of, known := r.Spreads[m]
	switch {
	case !known || s.N < leastMoved:
		return 0
	case s.Median < of.Low:
		return -1
	case s.Median > of.High:
		return 1
	}
	return 0
}

// readSummary reads summary.json.
func (c *Config) readSummary(ctx context.Context) (*Summary, error) {
	text, err := readFile(ctx, c.in(summaryFile))
	if err != nil {
		return nil, err
	}
	s := new(Summary)
	return s, json.NewDecoder(bytes.NewReader(text)).Decode(s)
}

// writeReference writes a reference to a file of this machine.
func writeReference(name string, r *Reference) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o644)
}
