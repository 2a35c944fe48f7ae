package lime

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// crowd is a network of four classes without any sense: logits of its own for each set of k superpixels shown.
func crowd(seed uint32, k int) Evaluator {
	r := newMT19937(seed)
	logits := make([]float64, 4<<k)
	for i := range logits {
		logits[i] = 4 * float64(r.uint32()) / (1 << 32)
		if i%4 == 2 {
			logits[i] += float64(seed) / 3 // so that class 2 is not lost at once
		}
	}
	return evaluatorFunc{4, func(mask []uint8, out []float64) { copy(out, logits[4*coalition(mask):]) }}
}

func mustMeasure(t testing.TB, e *Explanation, ev Evaluator, classes ...int) *Faithfulness {
	t.Helper()
	f, err := MeasureFaithfulness(context.Background(), e, ev, classes, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// hiding is what becomes of a class while an order's superpixels are hidden, written out: its probabilities and how many are hidden when
// another class is first the most probable one, 0 if none ever is.
func hiding(t *testing.T, ev Evaluator, order []int, class int) (probabilities []float64, lost int) {
	t.Helper()
	mask, logits := slices.Repeat([]uint8{1}, len(order)), make([]float64, ev.Classes())
	for n := range len(order) + 1 {
		if n > 0 {
			mask[order[n-1]] = 0
		}
		if err := ev.Logits(context.Background(), Masks{N: 1, K: len(mask), Bits: mask}, logits); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, z := range logits {
			sum += math.Exp(z)
		}
		probabilities = append(probabilities, math.Exp(logits[class])/sum)
		if lost == 0 && slices.Index(logits, slices.Max(logits)) != class {
			lost = n
		}
	}
	return probabilities, lost
}

// backwards is a slice read from its end: showing superpixels is hiding them in the reverse order, backwards.
func backwards[T any](s []T) []T {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

func trapezoids(curve []float64) (area float64) {
	for i, v := range curve[1:] {
		area += (v + curve[i]) / float64(2*len(curve)-2)
	}
	return area
}

// Each figure, computed once more from its definition with one question at a time.
func TestFaithfulnessIsWhatItsDefinitionsSay(t *testing.T) {
	const k = 7
	stays, goes, onlyOtherwise, sooner := 0, 0, 0, 0
	for seed := range uint32(12) {
		ev := crowd(seed, k)
		s := FaithfulPreset()
		s.Seed, s.Samples = seed, 60
		e := mustExplain(t, ev, k, s)
		f := mustMeasure(t, e, ev, 0, 1, 2, 3)

		var orders [][]int // of hiding
		g := newMT19937(seed)
		for range FaithfulnessOrders / 2 {
			order := g.permutation(k)
			orders = append(orders, order, backwards(order))
		}
		for class, c := range f.Classes {
			byWeight := make([]int, k)
			for i := range byWeight {
				byWeight[i] = i
			}
			weights := e.Classes[class].Coefficients
			slices.SortFunc(byWeight, func(i, j int) int { return int(math.Copysign(1, weights[j]-weights[i])) })
			deletion, _ := hiding(t, ev, byWeight, class)
			insertion, _ := hiding(t, ev, backwards(byWeight), class)
			insertion = backwards(insertion)
			mean := make([]float64, k+1)
			var areas []float64
			for _, order := range orders {
				curve, _ := hiding(t, ev, order, class)
				areas = append(areas, trapezoids(curve))
				for hidden, p := range curve {
					mean[k-hidden] += p / FaithfulnessOrders
				}
			}
			sum, squares, lessHidden, moreShown := 0.0, 0.0, 0, 0
			for i, a := range areas {
				sum += a / FaithfulnessOrders
				if trapezoids(deletion) < a {
					lessHidden++
				}
				if trapezoids(insertion) > a {
					moreShown++
				}
				if i%2 == 1 {
					pair := (areas[i-1] + a) / 2
					squares += pair * pair
				}
			}
			const pairs = FaithfulnessOrders / 2
			for i := range k + 1 {
				closeTo(t, "deletion", c.Deletion.Probabilities[i], deletion[i], 1e-12)
				closeTo(t, "insertion", c.Insertion.Probabilities[i], insertion[i], 1e-12)
				closeTo(t, "random", c.Random.Probabilities[i], mean[i], 1e-12)
			}
			closeTo(t, "area of deletion", c.Deletion.Area, trapezoids(deletion), 1e-12)
			closeTo(t, "area of insertion", c.Insertion.Area, trapezoids(insertion), 1e-12)
			closeTo(t, "area of random orders", c.Random.Area, sum, 1e-12)
			closeTo(t, "its standard error", c.Random.StandardError, math.Sqrt((squares/pairs-sum*sum)/(pairs-1)), 1e-9)
			if c.Deletion.Ahead != lessHidden || c.Insertion.Ahead != moreShown {
				t.Errorf("seed %d, class %d: ahead of %d and %d random orders, want %d and %d", seed, class, c.Deletion.Ahead, c.Insertion.Ahead, lessHidden, moreShown)
			}
		}
		checkRemovalByDefinition(t, ev, e, f, orders)
		if f.Removal.ByWeight == 0 {
			stays++
			if f.Removal.Fewest != nil {
				onlyOtherwise++
			}
		} else {
			goes++
			if len(f.Removal.Fewest) < f.Removal.ByWeight {
				sooner++
			}
		}

		agreements, err := Agree(e, mustShapley(t, ev, k, s.ShapleySettings(FaithfulnessOrders)))
		if err != nil {
			t.Fatal(err)
		}
		for class, a := range agreements {
			if f.Classes[class].Shapley != a {
				t.Errorf("seed %d, class %d: agreement %+v, with the Shapley values of as many permutations %+v", seed, class, f.Classes[class].Shapley, a)
			}
		}
	}
	if stays == 0 || goes == 0 {
		t.Errorf("the most probable class stays it in %d networks and is lost in %d; both should occur", stays, goes)
	}
	if onlyOtherwise == 0 || sooner == 0 {
		t.Errorf("orders other than that by weight lose it alone in %d networks, and sooner in %d; both should occur", onlyOtherwise, sooner)
	}
}

// descents are the orders of hiding that were asked about by weight: for a class, and for each class both ways.
func descents(e *Explanation, class int) (orders [][]int) {
	orders = append(orders, e.Classes[class].Descending())
	for i := range e.Classes {
		order := e.Classes[i].Descending()
		orders = append(orders, backwards(order), order)
	}
	return orders
}

func checkRemovalByDefinition(t *testing.T, ev Evaluator, e *Explanation, f *Faithfulness, orders [][]int) {
	t.Helper()
	k, class := e.Superpixels, slices.Index(e.Probabilities, slices.Max(e.Probabilities))
	want := Removal{Class: class, Then: class, Top: []TopHidden{}}
	byWeight := e.Classes[class].Descending()
	_, want.ByWeight = hiding(t, ev, byWeight, class)
	after := func(order []int, n int) int {
		best := 0.0
		then := -1
		for c := range e.Probabilities {
			if p, _ := hiding(t, ev, order, c); p[n] > best {
				best, then = p[n], c
			}
		}
		return then
	}
	if want.ByWeight > 0 {
		want.Then = after(byWeight, want.ByWeight)
	}
	by := make([]int, k+1) // how many orders have lost the class by so many hidden
	for _, order := range orders {
		_, lost := hiding(t, ev, order, class)
		if lost > 0 {
			want.Changed++
			for n := lost; n <= k; n++ {
				by[n]++
			}
		}
		if want.ByWeight > 0 && (lost == 0 || lost > want.ByWeight) {
			want.Later++
		}
	}
	for _, order := range slices.Concat(descents(e, class), orders) { // each random one and its reverse, whichever is first
		if _, lost := hiding(t, ev, order, class); lost > 0 && (want.Fewest == nil || lost < len(want.Fewest)) {
			want.Fewest = slices.Sorted(slices.Values(order[:lost]))
		}
	}
	want.Median = max(0, slices.IndexFunc(by, func(n int) bool { return 2*n >= len(orders) }))
	for n, s := range byWeight {
		if e.Classes[class].Coefficients[s] <= 0 || n == AgreementTop || n == k-1 {
			break
		}
		top := TopHidden{Class: after(byWeight, n+1)}
		for _, order := range orders {
			if after(order, n+1) == class {
				top.RandomKept++
			}
		}
		want.Top = append(want.Top, top)
	}
	got := *f.Removal
	if !slices.Equal(got.Top, want.Top) {
		t.Errorf("top hidden %+v, want %+v", got.Top, want.Top)
	}
	got.Top, want.Top = nil, nil
	if got.Class != want.Class || got.ByWeight != want.ByWeight || got.Then != want.Then || got.Median != want.Median || got.Changed != want.Changed || got.Later != want.Later || !slices.Equal(got.Fewest, want.Fewest) {
		t.Errorf("removal %+v, want %+v", got, want)
	}
}

// A network of superpixels that add up is ordered rightly by LIME: no random order is ahead of it. Weights of the
// opposite signs are behind every one.
func TestWeightsOfALinearNetworkAreAheadOfAllRandomOrdersAndTheirOppositesBehind(t *testing.T) {
	ev := linear(-3, 3, -2, 1.5, 1, 0.5, 0.25, 2, -0.1)
	e := mustExplain(t, ev, 8, FaithfulPreset())
	right := mustMeasure(t, e, ev, 0, 1)
	for i := range e.Classes {
		for j := range e.Classes[i].Coefficients {
			e.Classes[i].Coefficients[j] *= -1
		}
	}
	wrong := mustMeasure(t, e, ev, 0, 1)
	for class := range 2 {
		if r := right.Classes[class]; r.Deletion.Ahead != FaithfulnessOrders || r.Insertion.Ahead != FaithfulnessOrders || !(r.Deletion.Area < r.Random.Area && r.Random.Area < r.Insertion.Area) || !r.Shapley.Agree {
			t.Errorf("class %d: %+v", class, r)
		}
		if w := wrong.Classes[class]; w.Deletion.Ahead != 0 || w.Insertion.Ahead != 0 || w.Shapley.Agree {
			t.Errorf("class %d, opposite weights: %+v", class, w)
		}
	}
	if right.Removal.ByWeight >= right.Removal.Median || right.Removal.Then != 1 {
		t.Errorf("%+v", right.Removal)
	}
}

func TestFaithfulnessOfOneSuperpixelAndOfSomeClasses(t *testing.T) {
	ev := linear(-1, 2)
	f := mustMeasure(t, mustExplain(t, ev, 1, FaithfulPreset()), ev, 0, 1)
	if c := f.Classes[0]; c.Deletion.Area != c.Insertion.Area || c.Deletion.Ahead != 0 || c.Random.StandardError != 0 || f.Removal.ByWeight != 1 || f.Removal.Median != 1 || len(f.Removal.Top) != 0 {
		t.Errorf("%+v %+v", f.Removal, c)
	}
	three := linear(-1, 2, 0.5, 0.25)
	if f := mustMeasure(t, mustExplain(t, three, 3, FaithfulPreset()), three, 1); f.Removal != nil || len(f.Classes) != 1 || f.Classes[0].Class != 1 {
		t.Errorf("of class 1 alone: %+v", f)
	}
}

func TestFaithfulnessReportsProgressAndStopsWhenToldTo(t *testing.T) {
	ev := linear(0, 1, 2, 3, 4, 5)
	e := mustExplain(t, ev, 5, FaithfulPreset())
	const total = 2 + (FaithfulnessOrders+2*2)*4
	last := 0
	if _, err := MeasureFaithfulness(context.Background(), e, ev, []int{0, 1}, func(done, all int) {
		if all != total || done <= last {
			t.Errorf("%d of %d after %d, want %d in all", done, all, last, total)
		}
		last = done
	}); err != nil || last != total {
		t.Error(last, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := MeasureFaithfulness(ctx, e, ev, []int{0, 1}, func(int, int) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFaithfulnessRefusesWhatDoesNotFitTogether(t *testing.T) {
	ev := linear(0, 1, 2, 3)
	for want, damage := range map[string]func(e *Explanation) (Evaluator, []int){
		"class 2 is to be tested":   func(*Explanation) (Evaluator, []int) { return ev, []int{2} },
		"made with is expected":     func(*Explanation) (Evaluator, []int) { return linear(1, 1, 2, 3), []int{0} },
		"an evaluator of 4 classes": func(*Explanation) (Evaluator, []int) { return crowd(1, 3), []int{0} },
		"an order of 2; 3 of each":  func(e *Explanation) (Evaluator, []int) { e.Classes[0].Order = []int{0, 1}; return ev, []int{0} },
		"names superpixel 1 twice":  func(e *Explanation) (Evaluator, []int) { e.Classes[0].Order = []int{0, 1, 1}; return ev, []int{0} },
		"2 coefficients": func(e *Explanation) (Evaluator, []int) {
			e.Classes[1].Coefficients = []float64{1, 2}
			return ev, []int{0}
		},
		"0 superpixels":                func(e *Explanation) (Evaluator, []int) { e.Superpixels = 0; return ev, []int{0} },
		"samples asked for":            func(e *Explanation) (Evaluator, []int) { e.Settings.Samples = 0; return ev, []int{0} },
		"a finite logit is expected":   func(*Explanation) (Evaluator, []int) { return linear(math.NaN(), 1, 2, 3), []int{0} },
		"with 2 classes and 1 probabi": func(e *Explanation) (Evaluator, []int) { e.Probabilities = e.Probabilities[:1]; return ev, []int{0} },
	} {
		e := mustExplain(t, ev, 3, FaithfulPreset())
		asked, classes := damage(e)
		if _, err := MeasureFaithfulness(context.Background(), e, asked, classes, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error that says %q: %v", want, err)
		}
	}
}

func TestDescendingGoesFromWhatSpeaksForTheClassToWhatSpeaksAgainst(t *testing.T) {
	c := ClassExplanation{Coefficients: []float64{-1, 0, 2, -3, 0.5, 0}, Order: []int{3, 2, 0, 4, 1, 5}}
	if got, want := c.Descending(), []int{2, 4, 1, 5, 0, 3}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
