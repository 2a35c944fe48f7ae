package lime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// Limits of the number of permutations.
const (
	MinPermutations = 20 // ten pairs: fewer say little about their own error
	MaxPermutations = 20000
	// DefaultPermutations leave a standard error of at most 2 % of the greatest value for the predicted class of twelve smears, with the
	// faithful preset and the shipped weights.
	DefaultPermutations = 200
)

// ShapleySettings are everything that, with the picture and the network, determines Shapley values.
type ShapleySettings struct {
	Hide         Hide              `json:"hide"`
	Target       Target            `json:"target"`
	Permutations int               `json:"permutations"` // even, for each comes with its reverse; MinPermutations to MaxPermutations
	Seed         uint32            `json:"seed"`         // of the permutations: numpy's RandomState(Seed)
	Regions      RegionKind        `json:"regions,omitzero"`
	Segmentation QuickshiftOptions `json:"segmentation,omitzero"`
}

// ShapleySettings returns the settings of the second opinion on an explanation with s.
func (s Settings) ShapleySettings(permutations int) ShapleySettings {
	return ShapleySettings{Hide: s.Hide, Target: s.Target, Permutations: permutations, Seed: s.Seed, Regions: s.Regions, Segmentation: s.Segmentation}
}

// Validate says which setting is out of its range.
func (s ShapleySettings) Validate() error {
	if n := s.Permutations; n < MinPermutations || n > MaxPermutations || n%2 != 0 {
		return fmt.Errorf("lime: %d permutations asked for; an even number of %d to %d is possible", n, MinPermutations, MaxPermutations)
	}
	return validateGame(s.Hide, s.Target, s.Regions, s.Segmentation)
}

// ClassShapley holds the Shapley values of the superpixels for one class, with v the target as a function of the superpixels
// shown.
type ClassShapley struct {
	Class          int       `json:"class"`
	Base           float64   `json:"base"`           // v of nothing shown
	Full           float64   `json:"full"`           // v of the unhidden picture
	Values         []float64 `json:"values"`         // [superpixels]; their sum is Full - Base, to rounding
	StandardErrors []float64 `json:"standardErrors"` // [superpixels], of Values; 0 where they are exact
	Order          []int     `json:"order"`          // superpixels by descending |value|
	// RelativeError is the greatest standard error over the greatest |value|, at most 1: small where the values can be told apart.
	RelativeError float64 `json:"relativeError"`
}

// ShapleyValues is the second opinion beside an Explanation, for all classes of one picture.
type ShapleyValues struct {
	Settings    ShapleySettings `json:"settings"`
	Superpixels int             `json:"superpixels"`
	// Exact says that the values are those of the definition, from all coalitions: they have no error, and Settings.Permutations and
	// Settings.Seed played no part.
	Exact   bool           `json:"exact,omitzero"`
	Classes []ClassShapley `json:"classes"` // [classes]
}

// Shapley estimates the Shapley value of each superpixel: the mean, over all orders in which the superpixels can be shown one after
// another, of what showing this one adds to the target. Orders are drawn at random (Castro, Gómez and Tejada 2009, Computers & Operations
// Research 36:1726, whose method this is), each with its reverse (Mitchell, Cooper, Frank and Holmes 2022, Journal of Machine Learning
// Research 23(43)): where superpixels act alone or in twos, one such pair already gives the value itself. The standard errors are those
// of the mean over pairs, which are independent. More permutations with the same seed continue the same series.
//
// The evaluator is asked about 2 + Permutations·(superpixels - 1) coalitions, the first being the unhidden picture and the second the
// one without anything; progress counts them, and ctx is looked at before each call. As in Explain, s.Hide and s.Segmentation are only
// recorded.
func Shapley(ctx context.Context, seg *Segmentation, ev Evaluator, s ShapleySettings, progress func(done, total int)) (*ShapleyValues, error) {
	if err := errors.Join(s.Validate(), seg.Validate()); err != nil {
		return nil, err
	}
	classes, k := ev.Classes(), seg.Count
	if err := checkSize(classes, k); err != nil {
		return nil, err
	}
	q := newInquiry(ev, 2+s.Permutations*(k-1), progress)
	none, all, err := q.ends(ctx, k)
	if err != nil {
		return nil, err
	}
	sum := newShapleySum(k, s.Target.of(none, classes), s.Target.of(all, classes))
	if err := q.randomOrders(ctx, k, s.Permutations/2, s.Seed, func(p orderPair) {
		sum.add(p, s.Target)
	}); err != nil {
		return nil, err
	}
	return sum.values(s), nil
}

// of returns the target of each row of logits [any][classes].
func (t Target) of(logits []float64, classes int) []float64 {
	target := softmax
	if t == TargetLogOdds {
		target = logOdds
	}
	v := make([]float64, len(logits))
	for i := 0; i < len(v); i += classes {
		target(v[i:i+classes], logits[i:i+classes])
	}
	return v
}

// shapleySum gathers what superpixels add to the target v in random orders.
type shapleySum struct {
	k         int
	none, all []float64  // v [classes] of nothing and of all shown
	estimates []estimate // [superpixels][classes], over pairs
	gains     []float64  // the same, of one pair
}

func newShapleySum(k int, none, all []float64) *shapleySum {
	return &shapleySum{k: k, none: none, all: all, estimates: make([]estimate, k*len(all)), gains: make([]float64, k*len(all))}
}

func (s *shapleySum) add(p orderPair, t Target) {
	clear(s.gains)
	for i, order := range p.orders {
		addGains(s.gains, order, s.none, t.of(p.logits[i], len(s.all)), s.all)
	}
	for i := range s.estimates {
		s.estimates[i].add(s.gains[i] / 2)
	}
}

func (s *shapleySum) values(settings ShapleySettings) *ShapleyValues {
	result := &ShapleyValues{Settings: settings, Superpixels: s.k}
	for class := range s.all {
		result.Classes = append(result.Classes, classShapley(class, s.none[class], s.all[class], s.estimates, len(s.all)))
	}
	return result
}

// MaxExact is the greatest number of superpixels whose Shapley values ExactShapley computes: the number of coalitions doubles with each.
const MaxExact = 16

// ExactShapley computes the Shapley value of each superpixel by the definition (Shapley 1953): the evaluator is asked about all
// coalitions, 2 to the power of the superpixels, coalition i being the one of the superpixels whose bits are set in i. Settings,
// progress and ctx are those of Shapley; the permutations' number and seed are only recorded.
func ExactShapley(ctx context.Context, seg *Segmentation, ev Evaluator, s ShapleySettings, progress func(done, total int)) (*ShapleyValues, error) {
	if err := errors.Join(s.Validate(), seg.Validate()); err != nil {
		return nil, err
	}
	classes, k := ev.Classes(), seg.Count
	if err := checkSize(classes, k); err != nil {
		return nil, err
	}
	if k > MaxExact || 1<<k > MaxCells/classes {
		return nil, fmt.Errorf("lime: %d superpixels of %d classes have too many coalitions for exact Shapley values; up to %d superpixels are possible", k, classes, MaxExact)
	}
	all := Masks{N: 1 << k, K: k, Bits: make([]uint8, k<<k)}
	for i := range all.N {
		for j := range k {
			all.Bits[i*k+j] = uint8(i >> j & 1)
		}
	}
	logits, err := newInquiry(ev, all.N, progress).logits(ctx, all)
	if err != nil {
		return nil, err
	}
	v := s.Target.of(logits, classes)
	shares := make([]float64, k) // of the orders in which a given superpixel comes behind a given coalition of so many
	for n := range shares {
		shares[n] = 1 / float64(k)
		for i := 1; i <= n; i++ {
			shares[n] *= float64(i) / float64(k-i)
		}
	}
	values := make([]float64, k*classes) // [superpixels][classes]
	for i := range all.N {
		share := shares[min(bits.OnesCount(uint(i)), k-1)]
		for j := range k {
			if i>>j&1 != 0 {
				continue
			}
			without, with := v[i*classes:][:classes], v[(i|1<<j)*classes:][:classes]
			for c := range classes {
				values[j*classes+c] += float64(share * (with[c] - without[c]))
			}
		}
	}
	result := &ShapleyValues{Settings: s, Superpixels: k, Exact: true}
	for class := range classes {
		result.Classes = append(result.Classes, newClassShapley(class, v[class], v[(all.N-1)*classes+class], column(values, class, classes), make([]float64, k)))
	}
	return result, nil
}

// addGains adds to gains [superpixels][classes] what each superpixel of an order adds to v, which goes from none [classes] over
// between [superpixels-1][classes] to all [classes].
func addGains(gains []float64, order []int, none, between, all []float64) {
	before, classes := none, len(none)
	for i, s := range order {
		after := all
		if i < len(order)-1 {
			after = between[i*classes:][:classes]
		}
		for c := range classes {
			gains[s*classes+c] += after[c] - before[c]
		}
		before = after
	}
}

// estimate is a running mean with its sum of squared deviations (Welford 1962, Technometrics 4:419).
type estimate struct {
	n, mean, squares float64
}

func (e *estimate) add(x float64) {
	e.n++
	d := x - e.mean
	e.mean += d / e.n
	e.squares += float64(d * (x - e.mean))
}

// standardError is that of the mean.
func (e *estimate) standardError() float64 { return math.Sqrt(e.squares / (e.n * (e.n - 1))) }

// classShapley makes a class's result of the estimates [superpixels][classes].
func classShapley(class int, base, full float64, estimates []estimate, classes int) ClassShapley {
	var values, standardErrors []float64
	for i := class; i < len(estimates); i += classes {
		e := &estimates[i]
		values, standardErrors = append(values, e.mean), append(standardErrors, e.standardError())
	}
	return newClassShapley(class, base, full, values, standardErrors)
}

// newClassShapley orders the values [superpixels] of a class and judges their errors.
func newClassShapley(class int, base, full float64, values, standardErrors []float64) ClassShapley {
	c := ClassShapley{Class: class, Base: base, Full: full, Values: values, StandardErrors: standardErrors}
	var superpixels []int
	greatest, worst := 0.0, 0.0
	for i, v := range values {
		superpixels = append(superpixels, i)
		greatest, worst = max(greatest, math.Abs(v)), max(worst, standardErrors[i])
	}
	c.Order = byMagnitudeOf(superpixels, c.Values)
	if worst > 0 {
		c.RelativeError = worst / max(greatest, worst)
	}
	return c
}

// Agreement says how far LIME and Shapley values agree on a class. They answer different questions, so they need not be equal: LIME's
// coefficients fit the target over samples, weighted towards the whole picture, while Shapley values divide the target's rise from
// nothing shown to all shown.
type Agreement struct {
	RankCorrelation float64 `json:"rankCorrelation"` // Spearman's, of all superpixels; 0 if either gives all the same weight
	Top             float64 `json:"top"`             // Jaccard index of the two sets of at most five regions with the greatest positive weights
	Agree           bool    `json:"agree"`           // both are at least MinAgreement
}

// Agree compares LIME's coefficients with the Shapley values, class by class. Both must be about the same superpixels, hidden in the same
// way, and the same target.
func Agree(e *Explanation, v *ShapleyValues) ([]Agreement, error) {
	of := e.Settings.ShapleySettings(0)
	if v.Settings.Hide != of.Hide || v.Settings.Target != of.Target || v.Settings.Regions != of.Regions || v.Settings.Segmentation != of.Segmentation ||
		v.Superpixels != e.Superpixels || len(v.Classes) != len(e.Classes) {
		return nil, fmt.Errorf("lime: an explanation and Shapley values of different settings, superpixels or classes cannot be compared")
	}
	var agreements []Agreement
	for i := range e.Classes {
		s := &v.Classes[i]
		if len(s.Values) != e.Superpixels {
			return nil, fmt.Errorf("lime: class %d has %d Shapley values; %d are expected", i, len(s.Values), e.Superpixels)
		}
		if err := checkOrder(s.Order, e.Superpixels); err != nil {
			return nil, err
		}
		a, err := e.Classes[i].AgreesWith(s.Values)
		if err != nil {
			return nil, err
		}
		agreements = append(agreements, a)
	}
	return agreements, nil
}

// AgreesWith says how far other weights [superpixels] of the same superpixels agree with the coefficients. The scales of both do not matter.
func (c *ClassExplanation) AgreesWith(weights []float64) (Agreement, error) {
	k := len(c.Coefficients)
	if len(weights) != k {
		return Agreement{}, fmt.Errorf("lime: class %d has %d coefficients, and %d weights to compare them with; as many are expected", c.Class, k, len(weights))
	}
	if err := checkOrder(c.Order, k); err != nil {
		return Agreement{}, err
	}
	superpixels := make([]int, k)
	for i := range superpixels {
		superpixels[i] = i
	}
	a := Agreement{
		RankCorrelation: correlation(ranks(c.Coefficients), ranks(weights)),
		Top:             jaccard(topPositive(c.Order, c.Coefficients, AgreementTop), topPositive(byMagnitudeOf(superpixels, weights), weights, AgreementTop)),
	}
	a.Agree = min(a.RankCorrelation, a.Top) >= MinAgreement
	return a, nil
}

// ranks returns each value's place in ascending order; equal values share the mean of their places.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	r := make([]float64, len(values))
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && values[order[to]] == values[order[from]] {
			to++
		}
		for _, i := range order[from:to] {
			r[i] = float64(from+to-1) / 2
		}
		from = to
	}
	return r
}

// correlation is Pearson's of two rankings, which have the same mean; 0 if either is constant.
func correlation(a, b []float64) float64 {
	mean := float64(len(a)-1) / 2
	ab, aa, bb := 0.0, 0.0, 0.0
	for i := range a {
		ab += float64((a[i] - mean) * (b[i] - mean))
		aa += float64((a[i] - mean) * (a[i] - mean))
		bb += float64((b[i] - mean) * (b[i] - mean))
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(float64(aa*bb))
}
