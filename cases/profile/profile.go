// Package profile fits what a laboratory teaches a network: from pictures that a reader judged, a
// correction of the network's calibrated logits, linear in these and shrunk to none. It is judged by
// cross-validation before it is given out, and refused where it gains nothing there.
package profile

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"allnet/lime/detmath"
	"allnet/model"
)

// What a profile needs.
const (
	// LeastPictures are needed in all, LeastOfAClass of each of at least two classes. Classes
	// of which there are fewer are left as they are.
	LeastPictures = 20
	LeastOfAClass = 3
	// LeastSlides are needed: of fewer, what is learned is mostly these slides.
	LeastSlides = 5
	// MostPictures bounds the time that it takes.
	MostPictures = 2000
)

// Example is a picture that a reader judged.
type Example struct {
	// Logits are the calibrated ones of the shipped network: its own, times the picture's scale.
	Logits [classes]float64
	Class  model.Class
	// Slide names pictures that are not independent of each other; empty: of a slide of its
	// own.
	Slide string
	// Choices are what the reader told of it; nil: nothing.
	Choices *model.Choices
}

// Judgement is how a correction did on pictures that it was not fitted on: those of one fifth,
// fitted on the others, by turns. Its strength was chosen by leaving out each fifth of these others
// in turn. Pictures of one slide are in one part.
type Judgement struct {
	Pictures int `json:"pictures"`
	Slides   int `json:"slides"`
	// LogLoss is the mean of -log(probability of the reader's class), as shipped and
	// corrected; Right how many have the reader's class as the most probable one.
	LogLoss          float64 `json:"logLoss"`
	CorrectedLogLoss float64 `json:"correctedLogLoss"`
	Right            int     `json:"right"`
	CorrectedRight   int     `json:"correctedRight"`
	// StandardError is that of the difference of both losses: the greater of what it is where
	// pictures are taken as independent, and where slides are. It does not reckon with the parts
	// sharing most of the pictures that they were fitted on, and it is uncertain itself where
	// slides are few.
	StandardError float64 `json:"standardError"`
}

// LeastGain is by how much, at least, a correction must lower the log loss: what changes a
// probability of 90 % by less than two points is not worth another network.
const LeastGain = 0.02

// Gains tells whether the correction is worth having: its loss is lower by more than LeastGain and
// than one standard error, and no fewer pictures are right. That is no proof: some corrections pass by
// chance, the more the fewer slides there are. Two standard errors would refuse
// all of TestTwentyPicturesWinBackAMovedThreshold, too.
func (j *Judgement) Gains() bool {
	return j.LogLoss-j.CorrectedLogLoss > max(LeastGain, j.StandardError) && j.CorrectedRight >= j.Right
}

// Sentence says how it did.
func (j *Judgement) Sentence() string {
	return fmt.Sprintf("Cross-validated on %d pictures of %d slides, those of one slide left out together: log loss %.3f as shipped, %.3f corrected (standard error of the difference %.3f); most probable class right on %d, corrected on %d.",
		j.Pictures, j.Slides, j.LogLoss, j.CorrectedLogLoss, j.StandardError, j.Right, j.CorrectedRight)
}

// Refusal is why there is no profile: a sentence, with the judgement where it came to that.
type Refusal struct {
	Why       string
	Judgement *Judgement
}

// Error returns the sentence.
func (r *Refusal) Error() string {
	if r.Judgement != nil {
		return r.Why + " " + r.Judgement.Sentence()
	}
	return r.Why
}

// usable leaves out what is too rare, and says how many classes are left. The order in which examples
// come does not matter.
func usable(examples []Example) (left []*Example, kinds int) {
	var counts [classes]int
	for _, e := range examples {
		counts[e.Class]++
	}
	for i := range examples {
		if counts[examples[i].Class] >= LeastOfAClass {
			left = append(left, &examples[i])
		}
	}
	for _, n := range counts {
		if n >= LeastOfAClass {
			kinds++
		}
	}
	slices.SortStableFunc(left, func(a, b *Example) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Slide, b.Slide), slices.Compare(a.Logits[:], b.Logits[:]))
	})
	return left, kinds
}

// chosen are the usable examples, or a *Refusal where these are too few or too many.
func chosen(examples []Example) ([]*Example, error) {
	left, kinds := usable(examples)
	switch n := slides(left); {
	case len(left) < LeastPictures || kinds < 2:
		return nil, &Refusal{Why: fmt.Sprintf("There are too few confirmed pictures: %d, of %d classes with at least %d. Expected at least %d, of at least two such classes.", len(left), kinds, LeastOfAClass, LeastPictures)}
	case n < LeastSlides:
		return nil, &Refusal{Why: fmt.Sprintf("The confirmed pictures are of too few slides: %d. Expected at least %d, each of them a case: of fewer, a correction learns these slides rather than the laboratory.", n, LeastSlides)}
	case len(left) > MostPictures:
		return nil, &Refusal{Why: fmt.Sprintf("There are too many confirmed pictures: %d. Expected at most %d.", len(left), MostPictures)}
	}
	return left, nil
}

// Standing is what there is to fit a profile to.
type Standing struct {
	Pictures int `json:"pictures"`
	Slides   int `json:"slides"`
	// Why is the sentence for that it is not enough; empty: it is.
	Why string `json:"why"`
}

// Stand counts judged pictures.
func Stand(examples []Example) Standing {
	s := Standing{Pictures: len(examples)}
	all := make([]*Example, len(examples))
	for i := range examples {
		all[i] = &examples[i]
	}
	s.Slides = slides(all)
	if _, err := chosen(examples); err != nil {
		s.Why = err.Error()
	}
	return s
}

// slides is how many slides examples are of.
func slides(examples []*Example) (n int) {
	known := make(map[string]bool)
	for _, e := range examples {
		if e.Slide == "" || !known[e.Slide] {
			n++
		}
		known[e.Slide] = true
	}
	return n
}

// parts is how many parts cross-validation makes.
const parts = LeastSlides

// divided deals examples, in the order of their classes, into parts, those of a slide together.
func divided(examples []*Example) []int {
	part := make([]int, len(examples))
	dealt := make(map[string]int)
	next := 0
	for i, e := range examples {
		to, known := dealt[e.Slide]
		if !known || e.Slide == "" {
			to = next % parts
			dealt[e.Slide] = to
			next++
		}
		part[i] = to
	}
	return part
}

// without are the examples of a part and those of the others, with the parts that these are in.
func without(examples []*Example, part []int, out int) (of, others []*Example, rest []int) {
	for i, e := range examples {
		if part[i] == out {
			of = append(of, e)
		} else {
			others, rest = append(others, e), append(rest, part[i])
		}
	}
	return of, others, rest
}

// leastProbability keeps one picture from deciding alone.
const leastProbability = 1e-3

var all = [classes]bool{true, true, true, true}

// loss is -log(probability of the example's class), corrected or, with nil, as shipped, and
// whether that class is the most probable one.
func loss(e *Example, c *model.Correction) (float64, bool) {
	logits := e.Logits
	c.Apply(&logits)
	p := softmax(logits, all)
	right := true
	for k := range p {
		right = right && (k == int(e.Class) || logits[k] < logits[e.Class])
	}
	return -detmath.Log(max(p[e.Class], leastProbability)), right
}

// choose is the strength with the least loss where each part of the examples is left out in turn, the
// more cautious of equals.
func choose(examples []*Example, part []int) strength {
	best, least := strengths[0], math.Inf(1)
	for _, s := range strengths {
		sum := 0.0
		for out := range parts {
			of, others, _ := without(examples, part, out)
			if len(of) == 0 || len(others) == 0 {
				continue
			}
			c := fit(others, s)
			for _, e := range of {
				l, _ := loss(e, c)
				sum += l
			}
		}
		if sum < least {
			best, least = s, sum
		}
	}
	return best
}

// judge is the cross-validation of the whole procedure, choice of strength and all: what it chooses by
// are the same parts without the one that it is judged on, so that no slide is divided there either.
func judge(examples []*Example) *Judgement {
	part := divided(examples)
	j := &Judgement{Pictures: len(examples), Slides: slides(examples)}
	gains := make([]gain, 0, len(examples))
	n := float64(len(examples))
	for out := range parts {
		of, others, rest := without(examples, part, out)
		if len(of) == 0 || len(others) == 0 {
			continue
		}
		c := fit(others, choose(others, rest))
		for _, e := range of {
			before, was := loss(e, nil)
			after, is := loss(e, c)
			j.LogLoss += before / n
			j.CorrectedLogLoss += after / n
			gains = append(gains, gain{before - after, e.Slide})
			if was {
				j.Right++
			}
			if is {
				j.CorrectedRight++
			}
		}
	}
	j.StandardError = standardError(gains)
	return j
}

// gain is by how much a picture's loss is lower.
type gain struct {
	by    float64
	slide string
}

// standardError is that of the mean of gains: the greater of that of independent pictures and that of
// independent slides (of G slides, the squared sums of what their pictures differ from the mean by,
// times G / (G - 1), by the square of the number of pictures; Liang and Zeger 1986, Biometrika 73:13).
// The latter is none of one slide.
func standardError(gains []gain) float64 {
	n, mean := float64(len(gains)), 0.0
	for _, g := range gains {
		mean += g.by / n
	}
	var sums []float64 // of slides
	place := make(map[string]int)
	single := 0.0
	for _, g := range gains {
		d := g.by - mean
		single += float64(d * d)
		i, known := place[g.slide]
		if !known || g.slide == "" {
			i = len(sums)
			place[g.slide] = i
			sums = append(sums, 0)
		}
		sums[i] += d
	}
	slides := float64(len(sums))
	together := 0.0
	for _, d := range sums {
		together += float64(d * d)
	}
	variance := single / max(1, n-1) / n
	if slides > 1 {
		variance = max(variance, together*slides/(slides-1)/(n*n))
	}
	return math.Sqrt(variance)
}
