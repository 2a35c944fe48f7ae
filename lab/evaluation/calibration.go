package evaluation

import (
	"cmp"
	"math"
	"slices"

	"allnet/model"
)

// Reliability says how far the probabilities are what they claim to be. It looks
// at the pictures with an answer only; where there are none, all is 0.
type Reliability struct {
	// N counts the pictures with an answer.
	N int `json:"n"`
	// ECE is the expected calibration error: the mean distance of top probability
	// and accuracy over 15 bins of equal width (Guo et al. 2017, ICML, section 2).
	ECE float64 `json:"ece"`
	// AdaptiveECE is the same over 15 bins of equally many pictures (Nguyen and
	// O'Connor 2015, EMNLP, section 3), which tells more where nearly all top
	// probabilities are high.
	AdaptiveECE float64 `json:"adaptiveEce"`
	// Brier is the mean squared distance of the four probabilities from the truth,
	// summed over the classes: 0 to 2 (Brier 1950, Mon. Weather Rev. 78:1).
	Brier float64 `json:"brier"`
	// NLL is the mean negative natural logarithm of the true class's probability.
	NLL float64 `json:"nll"`
	// Bins are those of ECE, for the reliability diagram.
	Bins [reliabilityBins]Bin `json:"bins"`
}

// reliabilityBins is the number of bins that is usual since Guo et al. 2017.
const reliabilityBins = 15

// Bin holds the pictures whose top probability lies above Low and not above High.
type Bin struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	N    int     `json:"n"`
	// Confidence is the mean top probability, Accuracy the share of right answers;
	// both are 0 where N is 0.
	Confidence float64 `json:"confidence"`
	Accuracy   float64 `json:"accuracy"`
}

// gap is the bin's part in a calibration error over n pictures.
func (b Bin) gap(n int) float64 { return share(b.N, n) * math.Abs(b.Confidence-b.Accuracy) }

// Acceptance is what remains when answers whose top probability lies below
// Threshold are not accepted.
type Acceptance struct {
	Threshold float64 `json:"threshold"`
	Accepted  int     `json:"accepted"`
	// Coverage is Accepted's share of all pictures, those without an answer
	// included.
	Coverage float64 `json:"coverage"`
	Right    int     `json:"right"`
	// Accuracy is Right's share of Accepted, and Interval its 95 % Wilson interval;
	// 0, and 0 to 1, where nothing is accepted.
	Accuracy float64    `json:"accuracy"`
	Interval [2]float64 `json:"interval"`
}

// thresholds are the points of the acceptance curve: 0, then closer and closer
// to 1.
var thresholds = [...]float64{0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 0.999}

// answer is a picture with an answer: its top probability and whether it is right.
type answer struct {
	top   float64
	right bool
}

// answers are the records with a label and probabilities.
func answers(records []model.Record) (found []answer) {
	for _, r := range records {
		if r.Label != nil && r.Predicted != nil && r.Probabilities != nil {
			found = append(found, answer{slices.Max(list(r.Probabilities)), *r.Predicted == *r.Label})
		}
	}
	return found
}

// list gives the probabilities in the order of the classes.
func list(p *model.Probabilities) []float64 { return []float64{p.Benign, p.Early, p.Pre, p.Pro} }

func reliabilityOf(records []model.Record) (c Reliability) {
	all := answers(records)
	c.N = len(all)
	for i := range c.Bins {
		c.Bins[i].Low, c.Bins[i].High = float64(i)/reliabilityBins, float64(i+1)/reliabilityBins
	}
	if c.N == 0 {
		return c
	}
	var equalWidth [reliabilityBins][]answer
	for _, a := range all {
		i := max(0, int(math.Ceil(a.top*reliabilityBins))-1)
		equalWidth[i] = append(equalWidth[i], a)
	}
	for i, members := range equalWidth {
		c.Bins[i].N, c.Bins[i].Confidence, c.Bins[i].Accuracy = len(members), confidence(members), share(right(members), len(members))
		c.ECE += c.Bins[i].gap(c.N)
	}
	slices.SortStableFunc(all, func(a, b answer) int { return cmp.Compare(a.top, b.top) })
	for i := range reliabilityBins {
		members := all[i*len(all)/reliabilityBins : (i+1)*len(all)/reliabilityBins]
		c.AdaptiveECE += Bin{N: len(members), Confidence: confidence(members), Accuracy: share(right(members), len(members))}.gap(c.N)
	}
	for _, r := range records {
		if r.Label == nil || r.Predicted == nil || r.Probabilities == nil {
			continue
		}
		for class, p := range list(r.Probabilities) {
			truth := 0.0
			if class == int(*r.Label) {
				truth = 1
				// A probability that rounds to 0 must not make the mean infinite.
				c.NLL -= math.Log(max(p, math.SmallestNonzeroFloat64)) / float64(c.N)
			}
			c.Brier += (p - truth) * (p - truth) / float64(c.N)
		}
	}
	return c
}

// accept returns the acceptance curve over n pictures.
func accept(records []model.Record, n int) []Acceptance {
	all := answers(records)
	var curve []Acceptance
	for _, threshold := range thresholds {
		accepted := slices.DeleteFunc(slices.Clone(all), func(a answer) bool { return a.top < threshold })
		p := Acceptance{Threshold: threshold, Accepted: len(accepted), Coverage: share(len(accepted), n), Right: right(accepted)}
		p.Accuracy = share(p.Right, p.Accepted)
		p.Interval[0], p.Interval[1] = Wilson(p.Right, p.Accepted)
		curve = append(curve, p)
	}
	return curve
}

func right(answers []answer) (count int) {
	for _, a := range answers {
		if a.right {
			count++
		}
	}
	return count
}

// confidence is the mean top probability.
func confidence(answers []answer) float64 {
	sum := 0.0
	for _, a := range answers {
		sum += a.top
	}
	return sum / float64(max(1, len(answers)))
}
