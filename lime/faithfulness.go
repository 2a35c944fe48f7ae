package lime

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// FaithfulnessOrders is how many random orders an explanation's own is held against: ten pairs of one and its reverse.
const FaithfulnessOrders = MinPermutations

// Faithfulness is what came of putting an explanation to the test: its superpixels were hidden and shown one after another in the order of
// their weights, and in random orders, and the network was asked after each. It says whether the weights order the superpixels as the
// network does, not whether what they order is sensible; and a hidden superpixel is one in the way of Settings.Hide, which the network
// may take for anything.
type Faithfulness struct {
	Superpixels int `json:"superpixels"`
	// Orders is how many random orders were asked about, in pairs of one and its reverse.
	Orders int `json:"orders"`
	// Removal is of the most probable class alone; nil where that was not asked for.
	Removal *Removal            `json:"removal"`
	Classes []ClassFaithfulness `json:"classes"` // of the classes that were asked for
}

// ClassFaithfulness tests the weights for one class. All curves are of its probability, whatever the target of the regression: it has the
// same scale for each picture and network, and is what a reader is told. Where it stays near 0 or 1 all areas are alike.
type ClassFaithfulness struct {
	Class int `json:"class"`
	// Deletion hides the superpixels, Insertion shows them where all are hidden, those with the greatest weight first, the ones that speak most
	// against the class last (Petsiuk, Das and Saenko 2018, BMVC; "pixel-flipping" in Samek et al. 2017, IEEE TNNLS 28:2660).
	// Weights that do what they say have a small area in the first and a great one in the second.
	Deletion  OrderCurve  `json:"deletion"`
	Insertion OrderCurve  `json:"insertion"`
	Random    RandomCurve `json:"random"`
	// Shapley says how far the weights agree with the superpixels' Shapley values from the same random orders, and RelativeError how exact
	// these are (ClassShapley.RelativeError).
	Shapley       Agreement `json:"shapley"`
	RelativeError float64   `json:"relativeError"`
}

// OrderCurve is a class's probability while superpixels are hidden, or shown, in the order of their weights.
type OrderCurve struct {
	Probabilities []float64 `json:"probabilities"` // [superpixels+1], after none, one, … all of them
	Area          float64   `json:"area"`          // under the curve by trapezoids, all superpixels together counting as 1
	// Ahead is how many of the random orders this one is ahead of: those with a greater area where superpixels are hidden, with a smaller
	// one where they are shown.
	Ahead int `json:"ahead"`
}

// RandomCurve is a class's mean probability over the random orders, which is the same for hiding and for showing: their set holds the
// reverse of each, so that the curve of one is that of the other read from its end.
type RandomCurve struct {
	Probabilities []float64 `json:"probabilities"` // [superpixels+1], with none, one, … all of them shown
	Area          float64   `json:"area"`
	StandardError float64   `json:"standardError"` // of Area, over pairs
}

// Removal says how long the most probable class remains it while superpixels are hidden.
type Removal struct {
	Class int `json:"class"`
	// ByWeight is how many have to be hidden, those with the greatest weight for the class first, until another class is the most probable
	// one; 0 where none ever is.
	ByWeight int `json:"byWeight"`
	// Then is the class that is the most probable one then; Class where none ever is.
	Then int `json:"then"`
	// Median is by how many half of the random orders have made another class the most probable one, 0 where fewer than half ever do.
	Median int `json:"median"`
	// Changed is how many of the random orders ever do, Later how many need more than ByWeight or never do: 0 where ByWeight never does.
	Changed int `json:"changed"`
	Later   int `json:"later"`
	// Fewest are the fewest superpixels, ascending, that any of the orders asked about, of the classes or random, had hidden when another class
	// was the most probable one; nil where none ever was. Of equally many the first: those by weight for Class, by weight for another one, random.
	// A smallest set is no larger.
	Fewest []int `json:"-"`
	// Top is what becomes of the class when the one, two, … at most AgreementTop superpixels that weigh most for it are hidden, and nothing
	// else; as many as have a positive weight, but not all there are.
	Top []TopHidden `json:"top"`
}

// TopHidden is a picture in which a number of superpixels are hidden, those that weigh most for the most probable class.
type TopHidden struct {
	Class int `json:"class"` // the most probable one now
	// RandomKept is how many of the random orders keep the class as the most probable one when as many superpixels, their first ones, are hidden.
	RandomKept int `json:"randomKept"`
}

// Descending returns the superpixels by descending weight: those that speak most for the class first, those most against it last.
func (c *ClassExplanation) Descending() []int {
	var positive, zero, negative []int
	for _, s := range c.Order {
		switch w := c.Coefficients[s]; {
		case w > 0:
			positive = append(positive, s)
		case w < 0:
			negative = append(negative, s)
		default:
			zero = append(zero, s)
		}
	}
	slices.Reverse(negative)
	return slices.Concat(positive, zero, negative)
}

// MeasureFaithfulness puts an explanation to the test for the given classes. ev must be the evaluator that it was made with. Random orders
// are drawn with the explanation's seed, so that the result depends on nothing else. An average over them is told with its standard error rather than the
// exact expectation because it can be had of any number of superpixels and knows single orders: how many of them do as well by chance. It takes
// FaithfulnessOrders·(superpixels - 1) of the questions, as many as 1000 samples at 51 superpixels.
//
// The evaluator is asked about 2 + (FaithfulnessOrders + 2·classes)·(superpixels - 1) coalitions; progress counts them, and ctx is looked at
// before each call.
func MeasureFaithfulness(ctx context.Context, e *Explanation, ev Evaluator, classes []int, progress func(done, total int)) (*Faithfulness, error) {
	k := e.Superpixels
	if err := checkTestable(e, ev, classes); err != nil {
		return nil, err
	}
	q := newInquiry(ev, 2+(FaithfulnessOrders+2*len(classes))*(k-1), progress)
	none, all, err := q.ends(ctx, k)
	if err != nil {
		return nil, err
	}
	most := path{classes: len(all), logits: all}.top(0)
	whole := make([]float64, len(all))
	softmax(whole, all)
	for class, p := range whole {
		if !(math.Abs(p-e.Probabilities[class]) <= 1e-4) { // float32 networks round
			return nil, fmt.Errorf("lime: the evaluator gives class %d the probability %v, and the explanation says %v; the evaluator that the explanation was made with is expected", class, p, e.Probabilities[class])
		}
	}

	own := make([]orderPair, 0, len(classes)) // by weight
	for _, class := range classes {
		own = append(own, paired(e.Classes[class].Descending()))
	}
	if err := q.ask(ctx, k, own); err != nil {
		return nil, err
	}
	settings := e.Settings.ShapleySettings(FaithfulnessOrders)
	sum := newShapleySum(k, settings.Target.of(none, q.classes), settings.Target.of(all, q.classes))
	var random []path // pairs, one order after the other
	pathsOf := func(p orderPair) []path {
		return []path{newPath(p.orders[0], none, p.logits[0], all), newPath(p.orders[1], none, p.logits[1], all)}
	}
	if err := q.randomOrders(ctx, k, FaithfulnessOrders/2, settings.Seed, func(p orderPair) {
		sum.add(p, settings.Target)
		random = append(random, pathsOf(p)...)
	}); err != nil {
		return nil, err
	}
	values := sum.values(settings)
	agreement, err := Agree(e, values)
	if err != nil {
		return nil, err
	}

	f := &Faithfulness{Superpixels: k, Orders: FaithfulnessOrders}
	var weighed [][]path // by weight for each class: shown in that order, and hidden
	for _, p := range own {
		weighed = append(weighed, pathsOf(p))
	}
	if at := slices.Index(classes, most); at >= 0 {
		hidden := weighed[at][1]
		f.Removal = removal(most, hidden, random, len(topPositive(e.Classes[most].Order, e.Classes[most].Coefficients, AgreementTop)))
		f.Removal.Fewest = fewest(most, slices.Concat([]path{hidden}, slices.Concat(weighed...), random))
	}
	for i, class := range classes {
		c := ClassFaithfulness{Class: class, Shapley: agreement[class], RelativeError: values.Classes[class].RelativeError}
		areas := c.Random.average(class, random)
		c.Insertion = newOrderCurve(weighed[i][0].probabilities(class))
		hidden := weighed[i][1].probabilities(class)
		slices.Reverse(hidden)
		c.Deletion = newOrderCurve(hidden)
		for _, a := range areas {
			if a > c.Deletion.Area {
				c.Deletion.Ahead++
			}
			if a < c.Insertion.Area {
				c.Insertion.Ahead++
			}
		}
		f.Classes = append(f.Classes, c)
	}
	return f, nil
}

// checkTestable says what of an explanation does not fit together, or not to the evaluator.
func checkTestable(e *Explanation, ev Evaluator, classes []int) error {
	n, k := ev.Classes(), e.Superpixels
	if err := e.Settings.Validate(); err != nil {
		return err
	}
	if err := checkSize(n, k); err != nil {
		return err
	}
	if k < 1 || len(e.Classes) != n || len(e.Probabilities) != n {
		return fmt.Errorf("lime: an explanation of %d superpixels with %d classes and %d probabilities cannot be tested by an evaluator of %d classes; one superpixel at least and the evaluator's classes are expected", k, len(e.Classes), len(e.Probabilities), n)
	}
	for i := range e.Classes {
		c := &e.Classes[i]
		if len(c.Coefficients) != k || len(c.Order) != k {
			return fmt.Errorf("lime: class %d has %d coefficients and an order of %d; %d of each are expected", i, len(c.Coefficients), len(c.Order), k)
		}
		if err := checkOrder(c.Order, k); err != nil {
			return err
		}
	}
	for _, class := range classes {
		if class < 0 || class >= n {
			return fmt.Errorf("lime: class %d is to be tested; 0..%d exist", class, n-1)
		}
	}
	return nil
}

// path holds what the network says while superpixels are shown one after another in an order: logits [superpixels+1][classes], with none,
// one, … all of them shown.
type path struct {
	order   []int
	classes int
	logits  []float64
}

func newPath(order []int, none, between, all []float64) path {
	return path{order, len(all), slices.Concat(none, between, all)}
}

// steps is how many superpixels there are.
func (p path) steps() int { return len(p.logits)/p.classes - 1 }

// top is the most probable class with n superpixels shown, the first of equals.
func (p path) top(n int) int {
	best, z := 0, p.logits[n*p.classes:][:p.classes]
	for class := range z {
		if z[class] > z[best] {
			best = class
		}
	}
	return best
}

// lost is how many superpixels, the last one shown first, have to be hidden until another class is the most probable one; 0 where none ever is.
func (p path) lost(class int) int {
	for hidden := 1; hidden <= p.steps(); hidden++ {
		if p.top(p.steps()-hidden) != class {
			return hidden
		}
	}
	return 0
}

// fewest are the fewest superpixels, ascending, that are hidden on any path when another class is the most probable one, on the first of equals;
// nil where none ever is.
func fewest(class int, paths []path) (set []int) {
	for _, p := range paths {
		if n := p.lost(class); n > 0 && (set == nil || n < len(set)) {
			set = p.order[p.steps()-n:]
		}
	}
	return slices.Sorted(slices.Values(set))
}

// probabilities returns those of a class, [superpixels+1].
func (p path) probabilities(class int) []float64 {
	row, of := make([]float64, p.classes), make([]float64, p.steps()+1)
	for n := range of {
		softmax(row, p.logits[n*p.classes:][:p.classes])
		of[n] = row[class]
	}
	return of
}

// area is that under a curve through values at equal distances, the whole distance being 1.
func area(values []float64) float64 {
	last := len(values) - 1
	sum := (values[0] + values[last]) / 2
	for _, v := range values[1:last] {
		sum += v
	}
	return sum / float64(last)
}

func newOrderCurve(probabilities []float64) OrderCurve {
	return OrderCurve{Probabilities: probabilities, Area: area(probabilities)}
}

// average makes r of a class's curves on the paths of random orders, pairs one after the other, and returns the area of each.
func (r *RandomCurve) average(class int, random []path) (areas []float64) {
	r.Probabilities = make([]float64, random[0].steps()+1)
	var pairs estimate
	for i, p := range random {
		curve := p.probabilities(class)
		for n, v := range curve {
			r.Probabilities[n] += v / float64(len(random))
		}
		areas = append(areas, area(curve))
		if i%2 == 1 {
			pairs.add((areas[i-1] + areas[i]) / 2)
		}
	}
	r.Area, r.StandardError = pairs.mean, pairs.standardError()
	return areas
}

// removal says how long a class remains the most probable one on a path that ends in the superpixels that weigh most for it, positive ones
// first, and on random ones.
func removal(class int, byWeight path, random []path, positive int) *Removal {
	k := byWeight.steps()
	r := &Removal{Class: class, ByWeight: byWeight.lost(class), Then: class, Top: []TopHidden{}}
	if r.ByWeight > 0 {
		r.Then = byWeight.top(k - r.ByWeight)
	}
	var lost []int // ascending
	for _, p := range random {
		n := p.lost(class)
		if n == 0 {
			n = k + 1
		}
		lost = append(lost, n)
		if n <= k {
			r.Changed++
		}
		if r.ByWeight > 0 && n > r.ByWeight {
			r.Later++
		}
	}
	slices.Sort(lost)
	if half := lost[(len(lost)-1)/2]; half <= k {
		r.Median = half
	}
	for hidden := 1; hidden <= min(positive, k-1); hidden++ {
		top := TopHidden{Class: byWeight.top(k - hidden)}
		for _, p := range random {
			if p.top(k-hidden) == class {
				top.RandomKept++
			}
		}
		r.Top = append(r.Top, top)
	}
	return r
}
