package lime

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"allnet/lime/detmath"
)

// Evaluator is a network as LIME sees it: it answers for pictures in which some superpixels are hidden. Settings.Hide says how they are
// hidden, see HiddenColours; that is the evaluator's business.
type Evaluator interface {
	// Classes returns the number of classes, at least 2.
	Classes() int
	// Logits fills out [m.N][Classes]. A row's answer must not depend on the rows beside it: how many come in one call depends on time.
	// Anything works whose softmax is the probabilities, their logarithms for instance; see FromProbabilities.
	Logits(ctx context.Context, m Masks, out []float64) error
}

// FromProbabilities makes an Evaluator of a function that fills out [m.N][classes] with probabilities. A probability of 0 counts as the
// smallest positive float64.
func FromProbabilities(classes int, f func(ctx context.Context, m Masks, out []float64) error) Evaluator {
	return probabilities{classes, f}
}

type probabilities struct {
	classes int
	f       func(ctx context.Context, m Masks, out []float64) error
}

func (p probabilities) Classes() int { return p.classes }

func (p probabilities) Logits(ctx context.Context, m Masks, out []float64) error {
	if err := p.f(ctx, m, out); err != nil {
		return err
	}
	for i, v := range out {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("probability of class %d is %v; 0 to 1 is expected", i%p.classes, v)
		}
		out[i] = detmath.Log(max(v, 0x1p-1022))
	}
	return nil
}

// Spread describes values over the samples, the unhidden picture left out.
type Spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"` // standard deviation
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// SampleSpread tells how a class fared in the perturbed pictures.
type SampleSpread struct {
	Probability Spread `json:"probability"`
	Target      Spread `json:"target"` // of what the regression explains; the same as Probability if that is it
}

// ClassExplanation is the regression for one class.
type ClassExplanation struct {
	Class           int       `json:"class"`
	Intercept       float64   `json:"intercept"`
	LocalPrediction float64   `json:"localPrediction"` // of the regression, for the unhidden picture
	TargetValue     float64   `json:"targetValue"`     // of the network, for the unhidden picture
	R2              float64   `json:"r2"`              // weighted, on the samples; 0 if the target is constant
	Coefficients    []float64 `json:"coefficients"`    // [superpixels]
	Order           []int     `json:"order"`           // superpixels by descending |coefficient|

	Samples SampleSpread `json:"samples"`
	// Agreement is the Jaccard index of the two sets of at most five regions with the greatest positive weights that the odd and the even
	// rows of the samples give, each alone. Row 0 is in neither: in both it would make them depend on each other. If neither half finds
	// a positive region they agree; if the target is constant nothing does, and it is 0.
	Agreement float64   `json:"agreement"`
	Warnings  []Warning `json:"warnings"`
	Readable  bool      `json:"readable"` // no warning is severe
}

// Explanation is the result of LIME for all classes of one picture. It is not to be changed: everything drawn is a function of it.
type Explanation struct {
	Settings      Settings           `json:"settings"`
	Superpixels   int                `json:"superpixels"`
	Probabilities []float64          `json:"probabilities"` // [classes], of the unhidden picture
	Classes       []ClassExplanation `json:"classes"`       // [classes]
}

// Limits of what is explained.
const (
	MaxSuperpixels = 1000     // the regression is cubic in their number
	MaxClasses     = 1000     // as many as ImageNet's
	MaxCells       = 10 << 20 // of samples x classes, and half of samples x superpixels: memory, about 100 MB
	MaxLogit       = 1e9      // nothing that is a logit lies beyond; squares stay finite
)

// Explain draws s.Samples perturbations of the superpixels, asks the evaluator about them and fits every class (SPEC sections 4 to 6). It
// reports progress after every chunk of samples, the first of which is the unhidden picture alone, and looks at ctx before each.
// s.Hide and s.Segmentation are only recorded: evaluator and segmentation must have been made with them.
func Explain(ctx context.Context, seg *Segmentation, ev Evaluator, s Settings, progress func(done, total int)) (*Explanation, error) {
	if err := errors.Join(s.Validate(), seg.Validate()); err != nil {
		return nil, err
	}
	classes := ev.Classes()
	if err := checkSize(classes, seg.Count); err != nil {
		return nil, err
	}
	if s.Samples > MaxCells/classes || s.Samples > 2*MaxCells/seg.Count {
		return nil, fmt.Errorf("lime: %d samples are too many for %d classes and %d superpixels", s.Samples, classes, seg.Count)
	}
	masks := Perturb(s.Seed, s.Samples, seg.Count)
	q := newInquiry(ev, masks.N, progress)
	logits, err := q.logits(ctx, masks)
	if err != nil {
		return nil, err
	}
	return explain(masks, logits, classes, s), nil
}

func checkSize(classes, superpixels int) error {
	switch {
	case classes < 2:
		return fmt.Errorf("lime: evaluator has %d classes; at least 2 are expected (a single sigmoid needs its complement beside it)", classes)
	case classes > MaxClasses:
		return fmt.Errorf("lime: evaluator has %d classes; at most %d are possible", classes, MaxClasses)
	case superpixels > MaxSuperpixels:
		return fmt.Errorf("lime: %d superpixels; at most %d can be explained", superpixels, MaxSuperpixels)
	}
	return nil
}

// inquiry asks an evaluator about masks, in calls such that progress moves about ten times a second.
type inquiry struct {
	ev                 Evaluator
	classes            int
	done, total, chunk int // samples
	progress           func(done, total int)
}

func newInquiry(ev Evaluator, total int, progress func(done, total int)) *inquiry {
	if progress == nil {
		progress = func(int, int) {}
	}
	return &inquiry{ev: ev, classes: ev.Classes(), total: total, chunk: 1, progress: progress}
}

// logits returns the logits [m.N][classes] of the next masks.
func (q *inquiry) logits(ctx context.Context, m Masks) ([]float64, error) {
	logits := make([]float64, m.N*q.classes)
	for i := range logits {
		logits[i] = math.NaN() // what the evaluator leaves out is found out
	}
	for from := 0; from < m.N; {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("lime: stopped after %d of %d samples: %w", q.done, q.total, err)
		}
		n := min(q.chunk, m.N-from)
		out := logits[from*q.classes : (from+n)*q.classes : (from+n)*q.classes]
		start := time.Now()
		if err := q.ev.Logits(ctx, m.Rows(from, from+n), out); err != nil {
			return nil, fmt.Errorf("lime: evaluating samples %d to %d: %w", q.done, q.done+n-1, err)
		}
		for i, z := range out {
			if !(math.Abs(z) <= MaxLogit) {
				return nil, fmt.Errorf("lime: evaluator gave %v for class %d of sample %d; a finite logit is expected", z, i%q.classes, q.done+i/q.classes)
			}
		}
		from, q.done = from+n, q.done+n
		if n == q.chunk { // a remainder says nothing about the pace
			q.chunk = nextChunk(n, time.Since(start), q.total)
		}
		q.progress(q.done, q.total)
	}
	return logits, nil
}

// nextChunk returns how many samples to ask for next, such that progress moves about ten times a second, and ten times in all if that
// is more. An evaluator may prepare tables in its first call, so growth is fast.
func nextChunk(last int, took time.Duration, total int) int {
	const pause = 100 * time.Millisecond
	next := 4 * last
	if took > pause/4 {
		next = int(float64(last) * float64(pause) / float64(took))
	}
	return max(1, min(next, (total+9)/10))
}

// explain fits every class from the samples' logits [N][classes].
func explain(m Masks, logits []float64, classes int, s Settings) *Explanation {
	p := make([]float64, len(logits)) // probabilities, laid out as logits
	y := p                            // the target
	if s.Target == TargetLogOdds {
		y = make([]float64, len(logits))
	}
	for i := 0; i < len(logits); i += classes {
		softmax(p[i:i+classes], logits[i:i+classes])
		if s.Target == TargetLogOdds {
			logOdds(y[i:i+classes], logits[i:i+classes])
		}
	}

	weights := KernelWeights(CosineDistances(m))
	full := newDesign(m, weights, 0, 1)
	all := full.all()
	selection, final := full.factor(all, selectionAlpha), full.factor(all, finalAlpha)
	effective := full.effectiveSamples()
	var halves [2]*design
	var halfFactors [2]*cholesky
	for h := range halves {
		halves[h] = newDesign(m, weights, 1+h, 2)
		halfFactors[h] = halves[h].factor(all, finalAlpha)
	}

	e := &Explanation{Settings: s, Superpixels: m.K, Probabilities: slices.Clone(p[:classes])}
	for class := range classes {
		target, probability := column(y, class, classes), column(p, class, classes)
		fit := full.fit(final, target)
		selected, _ := full.coefficients(selection, target)
		c := ClassExplanation{
			Class: class, Intercept: fit.Intercept, LocalPrediction: fit.LocalPrediction, TargetValue: target[0],
			R2: fit.Score, Coefficients: fit.Coefficients,
			// All superpixels are kept; their selection only settles the order of equal coefficients.
			Order:   byMagnitudeOf(byMagnitudeOf(all, selected), fit.Coefficients),
			Samples: SampleSpread{Probability: spreadOf(probability[1:]), Target: spreadOf(target[1:])},
		}
		if slices.Min(target) == slices.Max(target) {
			c.R2 = 0 // scikit-learn says 1: the constant is predicted, but nothing is explained
		} else {
			var top [2][]int
			for h, d := range halves {
				half, _ := d.coefficients(halfFactors[h], target)
				top[h] = topPositive(byMagnitudeOf(all, half), half, AgreementTop)
			}
			c.Agreement = jaccard(top[0], top[1])
		}
		low := 0
		for _, v := range probability[1:] {
			if v < LowProbability {
				low++
			}
		}
		c.Warnings = findWarnings(&c, s, probability[0], float64(low)/float64(m.N-1), effective)
		c.Readable = !slices.ContainsFunc(c.Warnings, func(w Warning) bool { return w.Severe })
		e.Classes = append(e.Classes, c)
	}
	return e
}

// column returns values[i][class] for all i.
func column(values []float64, class, classes int) []float64 {
	c := make([]float64, len(values)/classes)
	for i := range c {
		c[i] = values[i*classes+class]
	}
	return c
}

// byMagnitudeOf orders superpixels by descending absolute coefficient [superpixel], stable.
func byMagnitudeOf(superpixels []int, coefficients []float64) []int {
	return byMagnitude(superpixels, func(i int) float64 { return coefficients[superpixels[i]] })
}

// softmax writes the probabilities of the logits z to p.
func softmax(p, z []float64) {
	top, sum := slices.Max(z), 0.0
	for i, v := range z {
		p[i] = detmath.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
}

// logOdds writes z[k] - log of the sum of exp(z[j]) over j != k. The sum is taken as a difference, except for a class that makes up more
// than half of it, where the difference would cancel.
func logOdds(odds, z []float64) {
	top, sum := slices.Max(z), 0.0
	for _, v := range z {
		sum += detmath.Exp(v - top)
	}
	for k, v := range z {
		others := sum - detmath.Exp(v-top)
		if others > sum/2 {
			odds[k] = v - top - detmath.Log(others)
			continue
		}
		rest, most := 0.0, math.Inf(-1)
		for j, u := range z {
			if j != k {
				most = max(most, u)
			}
		}
		for j, u := range z {
			if j != k {
				rest += detmath.Exp(u - most)
			}
		}
		odds[k] = v - most - detmath.Log(rest)
	}
}

func spreadOf(values []float64) Spread {
	n, mean, squares := float64(len(values)), 0.0, 0.0
	for _, v := range values {
		mean += (v - values[0]) / n
	}
	mean += values[0]
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return Spread{Mean: mean, SD: math.Sqrt(squares / n), Min: slices.Min(values), Max: slices.Max(values)}
}

// topPositive returns the first n superpixels of order with a positive coefficient [superpixel].
func topPositive(order []int, coefficients []float64, n int) (top []int) {
	for _, s := range order {
		if len(top) < n && coefficients[s] > 0 {
			top = append(top, s)
		}
	}
	return top
}

// jaccard returns the size of the sets' intersection over that of their union; two empty sets are equal.
func jaccard(a, b []int) float64 {
	common := 0
	for _, v := range a {
		if slices.Contains(b, v) {
			common++
		}
	}
	union := len(a) + len(b) - common
	if union == 0 {
		return 1
	}
	return float64(common) / float64(union)
}

// TopLabels returns the n classes with the greatest probabilities, greatest first; on exact ties the higher index comes first, as
// numpy's argsort gives it for few classes (SPEC section 6).
func TopLabels(probabilities []float64, n int) []int {
	classes := make([]int, len(probabilities))
	for i := range classes {
		classes[i] = len(classes) - 1 - i
	}
	top := byMagnitudeOf(classes, probabilities)
	return top[:max(0, min(n, len(top)))]
}
