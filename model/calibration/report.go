package calibration

import (
	"math"

	"allnet/model"
	"allnet/model/evaluation"
)

// Report is what `allnet calibrate -json` writes: what was fitted, and what it
// does on pictures that it was not fitted to.
type Report struct {
	// Command is what was called, with DIR for the folder of pictures.
	Command string `json:"command"`
	// Name is the shipped network's name; empty for any other ONNX file.
	Name string `json:"name,omitempty"`
	// Model and Split are the SHA-256 of the ONNX file and of the split file.
	Model string `json:"model"`
	Split string `json:"split"`
	// Go is the release of Go that ran it, and Platform the system and processor.
	Go       string `json:"go"`
	Platform string `json:"platform"`

	Temperature float64      `json:"temperature"`
	Growth      float64      `json:"growth"`
	Limits      model.Limits `json:"limits"`
	// Levels are the pictures of the test side, as they are and with their stain
	// changed.
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
	// Refusals counts the reasons.
	Refusals map[model.Code]int `json:"refusals"`
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
	open.Limits = model.Limits{Sharpness: math.Inf(-1), Colours: math.Inf(1), Distance: math.Inf(1)}
	judge := func(c *model.Calibration) (records []model.Record) {
		for _, s := range set.Samples {
			r := model.NewRecord("", c.Judge(s.Observation), nil)
			r.Label = &s.Label
			records = append(records, r)
		}
		return records
	}
	answers := judge(c)
	return Level{
		Name:   set.Name,
		Before: evaluation.Summarise(judge(nil)), Calibrated: evaluation.Summarise(judge(&open)), Answered: evaluation.Summarise(answers),
		Refusals: refusals(answers),
	}
}

// ReportKind sums up a set of foreign pictures.
func ReportKind(c *model.Calibration, set Set, fitted bool) Kind {
	var records []model.Record
	confidence := 0.0
	for _, s := range set.Samples {
		r := c.Judge(s.Observation)
		records = append(records, model.NewRecord("", r, nil))
		confidence += r.Probabilities[r.Predicted] / float64(len(set.Samples))
	}
	k := Kind{Name: set.Name, Fitted: fitted, Confidence: confidence, Refusals: refusals(records)}
	refused := 0
	for _, n := range k.Refusals {
		refused += n
	}
	k.Share = shareOf(refused, len(set.Samples))
	return k
}

// Sum adds up the kinds in Foreign.
func (r *Report) Sum() {
	var count, n [2]int
	for _, k := range r.Foreign {
		i := 0
		if k.Fitted {
			i = 1
		}
		count[i] += k.Count
		n[i] += k.N
	}
	r.Refused.Reported, r.Refused.Fitted = shareOf(count[0], n[0]), shareOf(count[1], n[1])
}

// refusals counts the reasons of the records without an answer.
func refusals(records []model.Record) map[model.Code]int {
	counts := make(map[model.Code]int)
	for _, r := range records {
		if r.Abstained {
			counts[r.Code]++
		}
	}
	return counts
}
