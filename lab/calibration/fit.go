// Package calibration fits what a network's answers are calibrated and withheld by
// (model.Calibration) to pictures on which the network was not trained, and
// reports what that does on others. It is no part of the page.
package calibration

import (
	"fmt"
	"math"
	"slices"

	"allnet/model"
)

// Sample is a picture that was observed.
type Sample struct {
	// Observation is nil where the picture was refused before the network saw it.
	*model.Observation
	// Label is the true class; it means nothing for a foreign picture.
	Label model.Class
}

// Set is a kind of pictures.
type Set struct {
	Name    string
	Samples []Sample
}

// Data is what a calibration is fitted to.
type Data struct {
	// Training are pictures on which the network was trained. They only say where
	// the network's features usually lie.
	Training []Sample
	// Abroad are those of other laboratories, without malignant cells, among them: their
	// features have a centre of their own. There may be none.
	Abroad []Sample
	// Levels are the pictures of the validation side: as they are first, then with
	// their stain changed, more and more, and as a camera changes them.
	Levels []Set
	// Colours are measured on the validation side with the stain changed as strongly
	// as the network is tried with; none of a network that reads cells.
	Colours [][9]float64
	// Blurred are pictures of the validation side, blurred more and more.
	Blurred []Blurred
	// Foreign are kinds of pictures that are to be refused.
	Foreign []Set
}

// Blurred are pictures with the same blur.
type Blurred struct {
	// Set are some of them.
	Set
	// Sharpness is that of all.
	Sharpness []float64
}

// Budgets: which share of the pictures that the network knows may be refused.
const (
	// asTheyAre is for the unchanged pictures of the validation side, withChange for
	// those whose stain was changed, or that a camera changed.
	asTheyAre  = 0.005
	withChange = 0.02
	// relied is the least share of right answers at which the network can be relied on
	// under a change. Below it, a picture changed in that way should be refused.
	relied = 0.85
	// outermost is the share of the pictures that may lie beyond the limits of colours
	// and sharpness.
	outermost = 0.003
	// ordinary is the share of known pictures that lie within Limits.Ordinary.
	ordinary = 0.9
)

// Fit returns the calibration, but for the hashes of what it belongs to. The same
// data give the same calibration.
func Fit(d Data) (*model.Calibration, error) {
	if len(d.Levels) == 0 || len(d.Levels[0].Samples) == 0 || len(d.Foreign) == 0 || len(d.Blurred) == 0 || len(d.Blurred[0].Sharpness) == 0 {
		return nil, fmt.Errorf("calibration: no validation pictures, or no foreign ones; expected both")
	}
	c := new(model.Calibration)
	var err error
	byClass := make([][][]float64, len(model.Classes)+1)
	for _, s := range d.Training {
		if s.Observation != nil {
			byClass[s.Label] = append(byClass[s.Label], wide(s.Features))
		}
	}
	for _, s := range d.Abroad {
		if s.Observation != nil && s.Cells.Count > 0 {
			byClass[len(model.Classes)] = append(byClass[len(model.Classes)], wide(s.Features))
		}
	}
	if c.Features, err = fitSpace(byClass); err != nil {
		return nil, fmt.Errorf("calibration: features: %w", err)
	}
	if len(d.Colours) > 0 {
		points := make([][]float64, len(d.Colours))
		for i := range points {
			points[i] = d.Colours[i][:]
		}
		colours, err := fitSpace([][][]float64{points})
		if err != nil {
			return nil, fmt.Errorf("calibration: colours: %w", err)
		}
		c.Colours = &colours
		c.Limits.Colours = up(quantile(apply(points, c.Colours.Distance), 1-outermost))
	} else if c.Cells = fitCells(d.Levels); c.Cells == nil {
		return nil, fmt.Errorf("calibration: neither colours nor cells were measured; expected one of both")
	}
	c.Limits.Sharpness = down(quantile(sharpness(d.Blurred), outermost))

	var levels [][]located
	for _, level := range d.Levels {
		levels = append(levels, locate(c, level))
	}
	fitTemperature(c, slices.Concat(levels...))
	var known [][]located
	for i, level := range levels {
		if right := answeredRight(level); i == 0 || float64(len(right)) >= relied*float64(len(level)) {
			known = append(known, right)
		}
	}
	if len(known[0]) == 0 {
		return nil, fmt.Errorf("calibration: the network is wrong on all %d pictures of the validation side; expected it to know them", len(levels[0]))
	}
	var foreign [][]located
	for _, kind := range d.Foreign {
		foreign = append(foreign, locate(c, kind))
	}
	if err := fitStrangeness(c, known, foreign); err != nil {
		return nil, err
	}
	fitLimits(c, known, foreign)
	return c, nil
}

// How far beyond those of the validation side nuclei may be larger or smaller, and beyond those
// with a changed stain the stain may have to be brought.
const (
	nucleusMargin    = 1.25
	restainingMargin = 1.1
)

// fitCells are the limits of what is measured of cells. One cell is enough to be read: how
// much it tells is the network's to say. It is nil where no cells were measured.
func fitCells(levels []Set) *model.CellLimits {
	var widths, far []float64
	for i, level := range levels {
		for _, s := range level.Samples {
			if s.Observation == nil || s.Cells == nil || s.Cells.Count == 0 {
				continue
			}
			far = append(far, s.Cells.Restaining)
			if i == 0 {
				widths = append(widths, s.Cells.Nucleus)
			}
		}
	}
	if len(widths) == 0 {
		return nil
	}
	return &model.CellLimits{Count: 1, Restaining: up(quantile(far, 1-outermost) * restainingMargin),
		Nucleus: [2]float64{down(quantile(widths, outermost) / nucleusMargin), up(quantile(widths, 1-outermost) * nucleusMargin)}}
}

// located is a sample with its distance from the training pictures, which does not
// depend on what is still to be fitted.
type located struct {
	Sample
	distance float64
	// odd is set where what is measured of the picture itself refuses it.
	odd bool
}

// locate leaves out what the network did not see.
func locate(c *model.Calibration, set Set) []located {
	var all []located
	for _, s := range set.Samples {
		if s.Observation != nil {
			all = append(all, located{Sample: s, distance: c.Features.Distance(wide(s.Features)),
				odd: slices.ContainsFunc(c.Looks(s.Observation), func(c model.Check) bool { return !c.Passed })})
		}
	}
	return all
}

// sharpness is that of the pictures with the strongest blur under which the network
// can be relied on; with the weakest, where there is none.
func sharpness(levels []Blurred) []float64 {
	chosen := levels[0]
	for _, level := range levels[1:] {
		right := 0
		for _, s := range level.Samples {
			if s.right() {
				right++
			}
		}
		if float64(right) < relied*float64(len(level.Samples)) {
			break
		}
		chosen = level
	}
	return chosen.Sharpness
}

// right tells whether the largest logit is that of the true class.
func (s *Sample) right() bool {
	return s.Observation != nil && (*model.Calibration)(nil).Judge(s.Observation).Predicted == s.Label
}

func answeredRight(all []located) (right []located) {
	for _, m := range all {
		if m.right() {
			right = append(right, m)
		}
	}
	return right
}

// leastReach is the least Reach. Even the pictures that the network was trained on
// are about 1 away from their centre, so no data say how the temperature should grow
// within a much shorter distance.
const leastReach = 0.25

// fitTemperature finds the temperature and how it grows such that the true classes
// are most likely: a search over a grid that is drawn closer and closer around the
// best point.
func fitTemperature(c *model.Calibration, samples []located) {
	best := [3]float64{0, 0.5, 0.5} // logarithms of temperature and reach; growth
	const steps = 4
	for reach := [3]float64{3, 2, 0.5}; reach[0] > 0.01; {
		from, least := best, math.Inf(1)
		for i := -steps; i <= steps; i++ {
			for j := -steps; j <= steps; j++ {
				for k := -steps; k <= steps; k++ {
					at := [3]float64{from[0] + reach[0]*float64(i)/steps, from[1] + reach[1]*float64(j)/steps, from[2] + reach[2]*float64(k)/steps}
					if at[1] < math.Log(leastReach) || at[2] < 0 {
						continue
					}
					if loss := negativeLogLikelihood(samples, at); loss < least {
						least, best = loss, at
					}
				}
			}
		}
		for i := range reach {
			reach[i] /= 2
		}
	}
	r := rounded([]float64{math.Exp(best[0]), math.Exp(best[1]), best[2]})
	c.Temperature, c.Reach, c.Growth = r[0], r[1], r[2]
}

// negativeLogLikelihood is the sum over the samples of -log p of the class, which
// counts as the labelled one but for a share of 1 in n + 2 (Platt 1999, in Advances
// in Large Margin Classifiers, section 2.2): n pictures without an error are no proof
// that there are none.
func negativeLogLikelihood(samples []located, at [3]float64) (loss float64) {
	reach := math.Exp(at[1])
	const classes = float64(len(model.Classes))
	others := classes / (classes - 1) / float64(len(samples)+2)
	for i := range samples {
		m := &samples[i]
		far := m.distance / reach
		scale := math.Exp(-at[0]) * math.Pow(1+far*far, -at[2])
		top := slices.Max(m.Logits[:])
		sum, mean := 0.0, 0.0
		for _, z := range m.Logits {
			sum += math.Exp(float64(z-top) * scale)
			mean += float64(z-top) / classes
		}
		expected := (1-others)*float64(m.Logits[m.Label]-top) + others*mean
		loss += math.Log(sum) - expected*scale
	}
	return loss
}

// fitStrangeness finds the weights by logistic regression of known against foreign
// pictures, every level and every kind counting alike, without those that colours
// or sharpness refuse. A weight that would be negative is left out: being far or
// undecided must not speak for a picture.
func fitStrangeness(c *model.Calibration, known, foreign [][]located) error {
	used := [terms]bool{true, true, true}
	for {
		weights, err := regress(known, foreign, used)
		if err != nil {
			return err
		}
		c.Strangeness = [terms]float64(rounded(weights[:]))
		again := false
		for i := 1; i < terms; i++ {
			if weights[i] < 0 {
				used[i], again = false, true
			}
		}
		if !again {
			return nil
		}
	}
}

// terms is how many weights Strangeness has.
const terms = len(model.Calibration{}.Strangeness)

// regress is logistic regression by Newton's method with a small ridge, which keeps
// the weights finite where the two sides can be told apart without an error.
func regress(known, foreign [][]located, used [terms]bool) (weights [terms]float64, err error) {
	const ridge, iterations = 1e-3, 50
	for range iterations {
		gradient, hessian := [terms]float64{}, triangle(terms)
		for i, w := range weights {
			gradient[i] = ridge * w
			hessian[i][i] = ridge
		}
		for side, sets := range [][][]located{known, foreign} {
			for _, set := range sets {
				plain := slices.DeleteFunc(slices.Clone(set), func(m located) bool { return m.odd })
				for _, m := range plain {
					x := [terms]float64{1}
					for i := 1; i < terms; i++ {
						if used[i] {
							unit := &model.Calibration{}
							unit.Strangeness[i] = 1
							x[i] = unit.Foreignness(m.distance, m.Logits)
						}
					}
					sum := 0.0
					for i, w := range weights {
						sum += w * x[i]
					}
					p := 1 / (1 + math.Exp(-sum))
					count := 1 / float64(len(plain)*len(sets))
					for i := range x {
						gradient[i] += count * (p - float64(side)) * x[i]
						for j := range i + 1 {
							hessian[i][j] += count * p * (1 - p) * x[i] * x[j]
						}
					}
				}
			}
		}
		inverse, err := invertedCholesky(hessian)
		if err != nil {
			return weights, err
		}
		// With L the Cholesky factor of the Hessian, the step is L⁻ᵀ (L⁻¹ gradient).
		var half [terms]float64
		for i := range half {
			for j, v := range inverse[i] {
				half[i] += v * gradient[j]
			}
		}
		for i := range weights {
			for k := i; k < terms; k++ {
				weights[i] -= inverse[k][i] * half[k]
			}
		}
	}
	for _, w := range weights {
		if w-w != 0 {
			return weights, fmt.Errorf("calibration: known and foreign pictures cannot be told apart by a regression")
		}
	}
	return weights, nil
}

// leastConfidence is Limits.Confidence: an answer is more probable than all others
// together.
const leastConfidence = 0.5

// fitLimits chooses the limit of strangeness. The least one possible keeps the budgets
// for known pictures. Greater ones are as good as long as they refuse as many foreign
// pictures, every kind counting alike. The limit is the middle between the least and the
// greatest of these.
func fitLimits(c *model.Calibration, known, foreign [][]located) {
	c.Limits.Confidence = leastConfidence
	strange := func(m located) float64 { return c.Foreignness(m.distance, m.Logits) }
	doubtful := func(m located) bool {
		r := c.Judge(m.Observation)
		return m.odd || r.Probabilities[r.Predicted] < leastConfidence
	}
	least := math.Inf(-1)
	var distances []float64
	for i, level := range known {
		budget := withChange
		if i == 0 {
			budget = asTheyAre
		}
		left := int(budget * float64(len(level)))
		var values []float64
		for _, m := range level {
			distances = append(distances, m.distance)
			if doubtful(m) {
				left--
			} else {
				values = append(values, strange(m))
			}
		}
		slices.Sort(values)
		if kept := len(values) - max(0, left); kept > 0 {
			least = max(least, values[kept-1])
		}
	}
	refused := func(limit float64) (share float64) {
		for _, kind := range foreign {
			count := 0
			for _, m := range kind {
				if strange(m) > limit || doubtful(m) {
					count++
				}
			}
			share += float64(count) / float64(max(1, len(kind))*len(foreign))
		}
		return share
	}
	const step, asGood = 0.05, 1e-3
	greatest, best := least, refused(least)
	for greatest < least+10 && refused(greatest+step) >= best-asGood {
		greatest += step
	}
	c.Limits.Strangeness = rounded([]float64{1 / (1 + math.Exp(-(least+greatest)/2))})[0]
	c.Limits.Ordinary = up(quantile(distances, ordinary))
}

// quantile is the value below which a share q of the values lies.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(math.Round(q*float64(len(sorted)-1)))]
}

// up and down round a limit to few digits, to the generous side.
func up(v float64) float64   { return math.Ceil(v*100) / 100 }
func down(v float64) float64 { return math.Floor(v*100) / 100 }

func apply(points [][]float64, f func([]float64) float64) []float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = f(p)
	}
	return values
}

func wide(values []float32) []float64 {
	w := make([]float64, len(values))
	for i, v := range values {
		w[i] = float64(v)
	}
	return w
}
