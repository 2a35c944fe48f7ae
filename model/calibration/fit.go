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
	// Levels are the pictures of the validation side: as they are first, then with
	// their stain changed, more and more.
	Levels []Set
	// Colours are measured on the validation side with the stain changed as strongly
	// as the network is tried with.
	Colours [][9]float64
	// Sharpness are measured on the validation side, blurred as much as a picture may
	// be to be answered.
	Sharpness []float64
	// Foreign are kinds of pictures that are to be refused.
	Foreign []Set
}

// Budgets: how many pictures of a kind that the network knows may be refused.
const (
	// asTheyAre is the share of the unchanged pictures of the validation side; with a
	// changed stain, withChangedStain.
	asTheyAre        = 0.01
	withChangedStain = 0.02
	// relied is the share of right answers from which on a changed stain counts as
	// known: below it, refusing is right.
	relied = 0.95
	// outermost is the share of the pictures in Data.Colours and Data.Sharpness that
	// may lie beyond their limits.
	outermost = 0.003
	// ordinary is the share of known pictures that lie within Limits.Ordinary.
	ordinary = 0.9
)

// Fit returns the calibration, but for the hashes of what it belongs to. The same
// data give the same calibration.
func Fit(d Data) (*model.Calibration, error) {
	if len(d.Levels) == 0 || len(d.Levels[0].Samples) == 0 || len(d.Foreign) == 0 || len(d.Colours) == 0 || len(d.Sharpness) == 0 {
		return nil, fmt.Errorf("calibration: no validation pictures, or no foreign ones; expected both")
	}
	c := new(model.Calibration)
	var err error
	byClass := make([][][]float64, len(model.Classes))
	for _, s := range d.Training {
		byClass[s.Label] = append(byClass[s.Label], wide(s.Features))
	}
	if c.Features, err = fitSpace(byClass); err != nil {
		return nil, fmt.Errorf("calibration: features: %w", err)
	}
	points := make([][]float64, len(d.Colours))
	for i := range points {
		points[i] = d.Colours[i][:]
	}
	if c.Colours, err = fitSpace([][][]float64{points}); err != nil {
		return nil, fmt.Errorf("calibration: colours: %w", err)
	}
	c.Limits.Colours = up(quantile(apply(points, c.Colours.Distance), 1-outermost))
	c.Limits.Sharpness = down(quantile(d.Sharpness, outermost))

	var levels [][]measured
	for _, level := range d.Levels {
		levels = append(levels, measure(c, level))
	}
	fitTemperature(c, slices.Concat(levels[:min(len(levels), temperatureLevels)]...))
	var known [][]measured
	for i, level := range levels {
		if right := answeredRight(level); i == 0 || float64(len(right)) >= relied*float64(len(level)) {
			known = append(known, right)
		}
	}
	var foreign [][]measured
	for _, kind := range d.Foreign {
		foreign = append(foreign, measure(c, kind))
	}
	fitLimits(c, known, foreign)
	return c, nil
}

// measured is a sample of which everything is known that does not depend on what
// is still to be fitted.
type measured struct {
	Sample
	distance float64
	// odd is set where colours or sharpness alone refuse the picture.
	odd bool
}

func measure(c *model.Calibration, set Set) []measured {
	all := make([]measured, len(set.Samples))
	for i, s := range set.Samples {
		all[i] = measured{s, c.Features.Distance(wide(s.Features)),
			c.Colours.Distance(s.Colours[:]) > c.Limits.Colours || s.Sharpness < c.Limits.Sharpness}
	}
	return all
}

func answeredRight(all []measured) (right []measured) {
	for _, m := range all {
		if (*model.Calibration)(nil).Judge(m.Observation).Predicted == m.Label {
			right = append(right, m)
		}
	}
	return right
}

// temperatureLevels is how many of the levels the temperature is fitted to: all
// but those that few pictures in practice will reach.
const temperatureLevels = 3

// fitTemperature finds the temperature and its growth that make the true classes
// most likely: a search over a grid that is drawn closer and closer around the
// best point.
func fitTemperature(c *model.Calibration, samples []measured) {
	logT, growth := 0.0, 0.5
	for reach := [2]float64{3, 0.5}; reach[0] > 1e-3; reach = [2]float64{reach[0] / 3, reach[1] / 3} {
		best, from := math.Inf(1), [2]float64{logT, growth}
		const steps = 6
		for i := -steps; i <= steps; i++ {
			for j := -steps; j <= steps; j++ {
				t, g := from[0]+reach[0]*float64(i)/steps, from[1]+reach[1]*float64(j)/steps
				if g < 0 {
					continue
				}
				if loss := negativeLogLikelihood(samples, t, g); loss < best {
					best, logT, growth = loss, t, g
				}
			}
		}
	}
	c.Temperature, c.Growth = rounded([]float64{math.Exp(logT)})[0], rounded([]float64{growth})[0]
}

// negativeLogLikelihood is the sum over the samples of -log p of the true class.
func negativeLogLikelihood(samples []measured, logT, growth float64) (loss float64) {
	for i := range samples {
		m := &samples[i]
		scale := math.Exp(-logT) * math.Pow(1+m.distance*m.distance, -growth)
		top := slices.Max(m.Logits[:])
		sum := 0.0
		for _, z := range m.Logits {
			sum += math.Exp(float64(z-top) * scale)
		}
		loss += math.Log(sum) - float64(m.Logits[m.Label]-top)*scale
	}
	return loss
}

// fitLimits chooses the least confidence and the greatest distance: of all pairs
// that keep the budgets for known pictures, the one that refuses most of the
// foreign ones, every kind counting alike.
func fitLimits(c *model.Calibration, known, foreign [][]measured) {
	knownTops, foreignTops := confidences(c, known), confidences(c, foreign)
	bestShare := -1.0
	const first, last = 30, 95
	for step := first; step <= last; step++ {
		confidence := float64(step) / 100
		distance, possible := 0.0, true
		for i, level := range known {
			budget := withChangedStain
			if i == 0 {
				budget = asTheyAre
			}
			left := int(budget * float64(len(level)))
			var distances []float64
			for j, m := range level {
				if m.odd || knownTops[i][j] < confidence {
					left--
				} else {
					distances = append(distances, m.distance)
				}
			}
			if left < 0 && step > first {
				possible = false
				break
			}
			slices.Sort(distances)
			if kept := len(distances) - max(0, left); kept > 0 {
				distance = max(distance, distances[kept-1])
			}
		}
		if !possible {
			break
		}
		share := 0.0
		for i, kind := range foreign {
			refused := 0
			for j, m := range kind {
				if m.odd || foreignTops[i][j] < confidence || m.distance > up(distance) {
					refused++
				}
			}
			share += float64(refused) / float64(max(1, len(kind))*len(foreign))
		}
		if share > bestShare {
			bestShare, c.Limits.Confidence, c.Limits.Distance = share, confidence, up(distance)
		}
	}
	var distances []float64
	for _, m := range slices.Concat(known...) {
		distances = append(distances, m.distance)
	}
	c.Limits.Ordinary = up(quantile(distances, ordinary))
}

// confidences are the top probabilities.
func confidences(c *model.Calibration, sets [][]measured) [][]float64 {
	tops := make([][]float64, len(sets))
	for i, set := range sets {
		for _, m := range set {
			r := c.Judge(m.Observation)
			tops[i] = append(tops[i], r.Probabilities[r.Predicted])
		}
	}
	return tops
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
