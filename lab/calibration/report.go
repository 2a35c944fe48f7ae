package calibration

import (
	"math"

	"allnet/lab/evaluation"
	"allnet/model"
)

// Report is what `allnet calibrate -json` writes: what was fitted, and what it
// does on pictures that it was not fitted to.
type Report struct {
	evaluation.Origin

	Temperature float64      `json:"temperature"`
	Reach       float64      `json:"reach"`
	Growth      float64      `json:"growth"`
	Limits      model.Limits `json:"limits"`
	// Cells are the limits of cells, of a network that reads cells.
	Cells *model.CellLimits `json:"cells,omitempty"`
	// Levels are the pictures of the test side: as they are, with their stain changed,
	// and as a camera changes them.
	Levels []Level `json:"levels"`
	// Foreign are the kinds of pictures that are to be refused.
	Foreign []Kind `json:"foreign"`
	// Refused sums Foreign up, for the kinds that the limits were fitted to and for
	// those that they were not.
	Refused struct {
		Fitted   Share `json:"fitted"`
		Reported Share `json:"reported"`
	} `json:"refused"`
}

// Level is how the pictures of the test side fare at one strength of a change.
type Level struct {
	Name string `json:"name"`
	// Before are the answers of the network alone, Calibrated those with calibrated
	// probabilities, none refused, and Answered those with refusals, as shipped.
	Before     evaluation.Summary `json:"before"`
	Calibrated evaluation.Summary `json:"calibrated"`
	Answered   evaluation.Summary `json:"answered"`
}

// Kind is how a kind of foreign pictures fares.
type Kind struct {
	Name string `json:"name"`
	// Fitted is set where the limits were fitted to this kind, or to other pictures
	// of it.
	Fitted bool `json:"fitted"`
	Share
	// Confidence is the mean of the top probabilities that the network would give.
	Confidence float64            `json:"confidence"`
	Refusals   map[model.Code]int `json:"refusals"`
}

// Share is a proportion with its 95 % Wilson interval.
type Share struct {
	Count    int        `json:"count"`
	N        int        `json:"n"`
	Share    float64    `json:"share"`
	Interval [2]float64 `json:"interval"`
}

func shareOf(count, n int) Share {
	s := Share{Count: count, N: n, Share: float64(count) / float64(max(1, n))}
	s.Interval[0], s.Interval[1] = evaluation.Wilson(count, n)
	return s
}

// ReportLevel sums up a labelled set.
func ReportLevel(c *model.Calibration, set Set) Level {
	open := *c
	open.Limits = model.Limits{Sharpness: math.Inf(-1), Colours: math.Inf(1), Strangeness: math.Inf(1)}
	if c.Cells != nil {
		open.Cells = &model.CellLimits{Count: math.Inf(-1), Nucleus: [2]float64{math.Inf(-1), math.Inf(1)}, Restaining: math.Inf(1)}
	}
	judge := func(c *model.Calibration) (records []model.Record) {
		for _, s := range set.Samples {
			var answer *model.Result
			var err error = model.Unassessable("")
			if s.Observation != nil {
				answer, err = c.Judge(s.Observation), nil
			}
			r := model.NewRecord("", answer, err)
			r.Label = &s.Label
			records = append(records, r)
		}
		return records
	}
	return Level{
		Name:   set.Name,
		Before: evaluation.Summarise(judge(nil)), Calibrated: evaluation.Summarise(judge(&open)), Answered: evaluation.Summarise(judge(c)),
	}
}

// ReportKind sums up a set of foreign pictures.
func ReportKind(c *model.Calibration, set Set, fitted bool) Kind {
	k := Kind{Name: set.Name, Fitted: fitted, Refusals: make(map[model.Code]int)}
	refused, seen := 0, 0
	for _, s := range set.Samples {
		if s.Observation == nil {
			k.Refusals[model.Unreadable]++
			refused++
			continue
		}
		r := c.Judge(s.Observation)
		k.Confidence += r.Probabilities[r.Predicted]
		seen++
		if r.Abstained {
			k.Refusals[r.Code]++
			refused++
		}
	}
	k.Confidence /= float64(max(1, seen))
	k.Share = shareOf(refused, len(set.Samples))
	return k
}

// NewReport tells what a calibration does on pictures that it was not fitted to.
// Where it comes from is left to the caller.
func NewReport(c *model.Calibration, h Held) *Report {
	r := &Report{Origin: evaluation.Origin{Model: c.Weights, Split: c.Split}, Temperature: c.Temperature, Reach: c.Reach, Growth: c.Growth, Limits: c.Limits, Cells: c.Cells}
	for _, set := range h.Levels {
		r.Levels = append(r.Levels, ReportLevel(c, set))
	}
	var count, n [2]int
	for i, set := range h.Foreign {
		k := ReportKind(c, set, h.Fitted[i])
		r.Foreign = append(r.Foreign, k)
		of := 0
		if k.Fitted {
			of = 1
		}
		count[of] += k.Count
		n[of] += k.N
	}
	r.Refused.Reported, r.Refused.Fitted = shareOf(count[0], n[0]), shareOf(count[1], n[1])
	return r
}
