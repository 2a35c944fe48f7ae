package lime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"testing"
	"time"
)

// A game gives each coalition, the superpixels whose bits are set, its worth.
type game func(coalition uint) float64

// evaluator lets a game be the log-odds of class 0 of two.
func (g game) evaluator() Evaluator {
	return evaluatorFunc{2, func(mask []uint8, out []float64) { out[0], out[1] = g(coalition(mask)), 0 }}
}

func coalition(mask []uint8) (c uint) {
	for i, b := range mask {
		c |= uint(b) << i
	}
	return c
}

// exact returns the Shapley values of k players by the definition, over all coalitions.
func (g game) exact(k int) []float64 {
	orders := make([]float64, k) // the share of orders in which a given player comes behind a given coalition of so many
	for n := range orders {
		orders[n] = 1 / float64(k)
		for i := 1; i <= n; i++ {
			orders[n] *= float64(i) / float64(k-i)
		}
	}
	values := make([]float64, k)
	for c := range uint(1) << k {
		for i := range k {
			if c>>i&1 == 0 {
				values[i] += orders[bits.OnesCount(c)] * (g(c|1<<i) - g(c))
			}
		}
	}
	return values
}

// randomGame draws each coalition's worth from 0 to 1, nobody's included.
func randomGame(seed uint32, k int) game {
	r := newMT19937(seed)
	worth := make([]float64, 1<<k)
	for i := range worth {
		worth[i] = float64(r.uint32()) / (1 << 32)
	}
	return func(c uint) float64 { return worth[c] }
}

// voting is the game in which a coalition wins 1 if its votes reach the quota.
func voting(quota int, votes ...int) game {
	return func(c uint) float64 {
		sum := 0
		for i, v := range votes {
			sum += v * int(c>>i&1)
		}
		if sum >= quota {
			return 1
		}
		return 0
	}
}

func shapleySettings(permutations int, seed uint32) ShapleySettings {
	s := FaithfulPreset().ShapleySettings(permutations)
	s.Seed = seed
	return s
}

func mustShapley(t testing.TB, ev Evaluator, k int, s ShapleySettings) *ShapleyValues {
	t.Helper()
	v, err := Shapley(context.Background(), testSegmentation(k), ev, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(v); err != nil {
		t.Fatalf("Shapley values do not become JSON: %v", err)
	}
	for _, c := range v.Classes {
		sum := 0.0
		for _, x := range c.Values {
			sum += x
		}
		closeTo(t, fmt.Sprintf("sum of class %d's values", c.Class), sum, c.Full-c.Base, 1e-12*max(1, math.Abs(c.Full), math.Abs(c.Base)))
	}
	return v
}

// The first lines are numpy's, as its users' questions and answers quote them everywhere.
func TestPermutationsAreNumpys(t *testing.T) {
	for seed, want := range map[uint32][]int{
		0:  {2, 8, 4, 9, 1, 6, 7, 3, 0, 5},
		1:  {2, 9, 6, 4, 0, 3, 1, 7, 8, 5},
		42: {8, 1, 5, 0, 7, 2, 9, 4, 3, 6},
	} {
		if got := newMT19937(seed).permutation(10); !slices.Equal(got, want) {
			t.Errorf("RandomState(%d).permutation(10) = %v, want %v", seed, got, want)
		}
	}
}

func TestPermutationsAreEquallyLikely(t *testing.T) {
	g, counts := newMT19937(3), map[string]int{}
	const each, orders = 1000, 24
	for range each * orders {
		counts[fmt.Sprint(g.permutation(4))]++
	}
	chi := 0.0
	for _, n := range counts {
		chi += float64((n-each)*(n-each)) / each
	}
	// 49.7 is exceeded once in a thousand with 23 degrees of freedom.
	if len(counts) != orders || chi > 49.7 {
		t.Errorf("%d of 24 orders occur, chi-squared %.1f", len(counts), chi)
	}
}

func TestSuperpixelsThatActAloneOrInTwosGetTheirExactValues(t *testing.T) {
	alone := []float64{3, -2, 0, 1.5, 0.25, -0.125, 7}
	for name, strength := range map[string]float64{"alone": 0, "in twos": 1} {
		want := slices.Clone(alone)
		together := func(i, j int) float64 { return strength * float64(3*i-2*j) }
		for i := range alone { // two share what they gain together
			for j := range i {
				want[i] += together(i, j) / 2
				want[j] += together(i, j) / 2
			}
		}
		g := game(func(c uint) float64 {
			sum := -1.0
			for i, a := range alone {
				if c>>i&1 == 0 {
					continue
				}
				sum += a
				for j := range i {
					sum += together(i, j) * float64(c>>j&1)
				}
			}
			return sum
		})
		v := mustShapley(t, g.evaluator(), len(alone), shapleySettings(MinPermutations, 1))
		for i, w := range want {
			closeTo(t, fmt.Sprint(name, ": value ", i), v.Classes[0].Values[i], w, 1e-12)
			closeTo(t, fmt.Sprint(name, ": error ", i), v.Classes[0].StandardErrors[i], 0, 1e-13)
			closeTo(t, fmt.Sprint(name, ": the other class's value ", i), v.Classes[1].Values[i], -w, 1e-12)
		}
		c := v.Classes[0]
		closeTo(t, "base", c.Base, -1, 1e-12)
		closeTo(t, "full", c.Full, g(1<<len(alone)-1), 1e-12)
		if c.RelativeError > 1e-13 {
			t.Errorf("%s: relative error %v", name, c.RelativeError)
		}
		if name == "alone" && !slices.Equal(c.Order, []int{6, 0, 1, 3, 4, 5, 2}) {
			t.Error("order", c.Order)
		}
	}
}

// Games whose values the literature gives. The enumeration of this file must give them, and the estimate must come near.
func TestKnownGames(t *testing.T) {
	airport := func(c uint) float64 { return float64(bits.Len(c)) } // the runway for the largest aircraft, of lengths 1 to n
	runway := make([]float64, 8)
	for i := range runway {
		for j := range i + 1 {
			runway[i] += 1 / float64(len(runway)-j)
		}
	}
	council := append(slices.Repeat([]int{7}, 5), slices.Repeat([]int{1}, 10)...)
	seats := append(slices.Repeat([]float64{421.0 / 2145}, 5), slices.Repeat([]float64{4.0 / 2145}, 10)...)
	third := 1.0 / 3
	for name, c := range map[string]struct {
		game game
		want []float64
	}{
		// Shapley 1953; Shapley and Shubik 1954; Littlechild and Owen 1973.
		"a left glove and two right ones": {func(c uint) float64 { return float64(min(c&1, c>>1&1|c>>2)) }, []float64{2 * third, third / 2, third / 2}},
		"majority of three":               {voting(2, 1, 1, 1), []float64{third, third, third}},
		"weighted majority":               {voting(3, 2, 1, 1), []float64{2 * third, third / 2, third / 2}},
		"airport":                         {airport, runway},
		"Security Council":                {voting(39, council...), seats},
	} {
		k := len(c.want)
		v := mustShapley(t, c.game.evaluator(), k, shapleySettings(4000, 9)).Classes[0]
		for i, exact := range c.game.exact(k) {
			closeTo(t, fmt.Sprint(name, ": enumeration ", i), exact, c.want[i], 1e-12)
			if off := math.Abs(v.Values[i] - exact); off > 4*v.StandardErrors[i]+1e-12 || v.RelativeError > 0.04 {
				t.Errorf("%s: value %d is %.4f ± %.4f, want %.4f", name, i, v.Values[i], v.StandardErrors[i], exact)
			}
		}
	}
}

// A network of three classes with interactions of all orders, a superpixel without effect and two that can take each other's place.
func TestEstimatesFallWithinTheirErrors(t *testing.T) {
	const k, classes = 6, 3
	logit := [classes]game{}
	for class := range logit {
		r := randomGame(uint32(class), k)
		logit[class] = func(c uint) float64 {
			one, both := (c>>3|c>>4)&1, c>>3&c>>4&1 // of superpixels 3 and 4
			return 6 * r(c&7|one<<3|both<<4)        // and nothing of 5
		}
	}
	ev := evaluatorFunc{classes, func(mask []uint8, out []float64) {
		for class := range out {
			out[class] = logit[class](coalition(mask))
		}
	}}
	for _, target := range []Target{TargetProbability, TargetLogOdds} {
		for class := range classes {
			g := game(func(c uint) float64 {
				own, others := math.Exp(logit[class](c)), 0.0
				for other := range classes {
					if other != class {
						others += math.Exp(logit[other](c))
					}
				}
				if target == TargetLogOdds {
					return math.Log(own / others)
				}
				return own / (own + others)
			})
			exact := g.exact(k)
			s := shapleySettings(200, 4)
			s.Target = target
			few := mustShapley(t, ev, k, s).Classes[class]
			s.Permutations = 20 * 200
			many := mustShapley(t, ev, k, s).Classes[class]
			closeTo(t, "base", many.Base, g(0), 1e-12)
			closeTo(t, "full", many.Full, g(1<<k-1), 1e-12)
			for i, want := range exact {
				for _, v := range []ClassShapley{few, many} {
					if off := math.Abs(v.Values[i] - want); off > 4*v.StandardErrors[i]+1e-12 {
						t.Errorf("%s, class %d: value %d is %.4f ± %.4f, want %.4f", target, class, i, v.Values[i], v.StandardErrors[i], want)
					}
				}
				// Twenty times as many have errors √20 times as small.
				if ratio := few.StandardErrors[i] / many.StandardErrors[i]; i != 5 && (ratio < 3.5 || ratio > 5.7) {
					t.Errorf("%s, class %d: standard error %d falls by %.2f, want 4.5", target, class, i, ratio)
				}
			}
			if many.Values[5] != 0 || many.StandardErrors[5] != 0 {
				t.Errorf("%s, class %d: a superpixel without effect has %v ± %v", target, class, many.Values[5], many.StandardErrors[5])
			}
			closeTo(t, "exact values of superpixels that can take each other's place", exact[3], exact[4], 1e-12)
			greatest, worst := 0.0, 0.0
			for i, x := range many.Values {
				greatest, worst = max(greatest, math.Abs(x)), max(worst, many.StandardErrors[i])
			}
			closeTo(t, "relative error", many.RelativeError, worst/greatest, 1e-15)
		}
	}
}

// With 30 pairs, two standard errors hold the true value in 94.5 % of cases (Student's t with 29 degrees of freedom).
func TestStandardErrorsCoverTheTruth(t *testing.T) {
	const k, seeds = 8, 400
	g := randomGame(77, k)
	exact, inside := g.exact(k), 0
	for seed := range uint32(seeds) {
		v := mustShapley(t, g.evaluator(), k, shapleySettings(60, seed)).Classes[0]
		for i, want := range exact {
			if math.Abs(v.Values[i]-want) <= 2*v.StandardErrors[i] {
				inside++
			}
		}
	}
	if share := float64(inside) / (k * seeds); share < 0.925 || share > 0.965 {
		t.Errorf("%.3f of the true values lie within two standard errors, want about 0.945", share)
	}
}

func TestStandardErrorIsThatOfTheMean(t *testing.T) {
	var e estimate
	for _, x := range []float64{1e6 + 1, 1e6 + 2, 1e6 + 3, 1e6 + 6} {
		e.add(x)
	}
	// Sum of squared deviations 4 + 1 + 0 + 9, over 4·3.
	closeTo(t, "mean", e.mean, 1e6+3, 1e-9)
	closeTo(t, "standard error", e.standardError(), math.Sqrt(14.0/12), 1e-9)
}

func TestOneSuperpixelHasTheWholeRise(t *testing.T) {
	v := mustShapley(t, linear(-1, 4), 1, shapleySettings(MinPermutations, 0)).Classes[0]
	if v.Values[0] != 4 || v.StandardErrors[0] != 0 || v.Base != -1 || v.Full != 3 {
		t.Errorf("%+v", v)
	}
}

func TestShapleyValuesOfAConstantNetworkAreZero(t *testing.T) {
	for _, target := range []Target{TargetProbability, TargetLogOdds} {
		s := shapleySettings(MinPermutations, 0)
		s.Target = target
		for _, c := range mustShapley(t, linear(0.7, 0, 0, 0), 3, s).Classes {
			if !slices.Equal(c.Values, make([]float64, 3)) || !slices.Equal(c.StandardErrors, make([]float64, 3)) || c.RelativeError != 0 {
				t.Errorf("%s: %+v", target, c)
			}
		}
	}
}

func mustShapleyExactly(t testing.TB, ev Evaluator, k int, s ShapleySettings) *ShapleyValues {
	t.Helper()
	v, err := ExactShapley(context.Background(), testSegmentation(k), ev, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The definition is a mean over all orders; here they are gone through one by one.
func TestExactShapleyValuesAreTheMeanOverAllOrders(t *testing.T) {
	for k := 1; k <= 6; k++ {
		g, sums, orders := randomGame(uint32(k), k), make([]float64, k), 0.0
		var visit func(shown uint, gains []float64)
		visit = func(shown uint, gains []float64) {
			if shown == 1<<k-1 {
				orders++
				for i, v := range gains {
					sums[i] += v
				}
				return
			}
			for i := range k {
				if shown>>i&1 == 0 {
					gains[i] = g(shown|1<<i) - g(shown)
					visit(shown|1<<i, gains)
				}
			}
		}
		visit(0, make([]float64, k))
		v := mustShapleyExactly(t, g.evaluator(), k, shapleySettings(MinPermutations, 1))
		for i, sum := range sums {
			closeTo(t, fmt.Sprintf("%d superpixels, value %d", k, i), v.Classes[0].Values[i], sum/orders, 1e-12)
			closeTo(t, fmt.Sprintf("%d superpixels, the other class's value %d", k, i), v.Classes[1].Values[i], -sum/orders, 1e-12)
		}
	}
}

func TestExactShapleyValuesAddUpAndHaveNoError(t *testing.T) {
	for _, target := range []Target{TargetLogOdds, TargetProbability} {
		const k = 10
		s := shapleySettings(400, 3)
		s.Target = target
		ev := randomGame(11, k).evaluator()
		v, estimated := mustShapleyExactly(t, ev, k, s), mustShapley(t, ev, k, s)
		if !v.Exact || estimated.Exact {
			t.Errorf("%s: said to be exact %v, of the estimate %v", target, v.Exact, estimated.Exact)
		}
		for i, c := range v.Classes {
			sum, e := 0.0, estimated.Classes[i]
			for j, value := range c.Values {
				sum += value
				if off := math.Abs(value - e.Values[j]); off > 5*e.StandardErrors[j] || off == 0 {
					t.Errorf("%s, class %d, value %d is %v; the estimate is %v ± %v", target, i, j, value, e.Values[j], e.StandardErrors[j])
				}
			}
			closeTo(t, "sum of the values", sum, c.Full-c.Base, 1e-12)
			if c.Full != e.Full || c.Base != e.Base || c.RelativeError != 0 || !slices.Equal(c.StandardErrors, make([]float64, k)) || !isOrder(c.Order, k) {
				t.Errorf("%s: %+v", target, c)
			}
		}
		if text, err := json.Marshal(estimated); err != nil || strings.Contains(string(text), "exact") {
			t.Errorf("estimates are written as %s, %v", text, err)
		}
	}
}

func TestExactShapleyRefusesTooManySuperpixels(t *testing.T) {
	for _, c := range []struct{ k, classes int }{{17, 2}, {16, 200}} {
		ev := evaluatorFunc{c.classes, func([]uint8, []float64) {}}
		if _, err := ExactShapley(context.Background(), testSegmentation(c.k), ev, shapleySettings(20, 1), nil); err == nil || !strings.Contains(err.Error(), "too many coalitions") {
			t.Errorf("%d superpixels, %d classes: error %v", c.k, c.classes, err)
		}
	}
	if _, err := ExactShapley(context.Background(), testSegmentation(3), linear(0), shapleySettings(7, 1), nil); err == nil {
		t.Error("settings out of range were accepted")
	}
}

// How the coalitions are divided into calls, which depends on time, changes nothing; and a longer run begins as a shorter one does.
func TestShapleyIsAFunctionOfItsSettings(t *testing.T) {
	const k = 9
	g := randomGame(5, k)
	var masks []uint8
	recorded := evaluatorFunc{2, func(mask []uint8, out []float64) {
		masks = append(masks, mask...)
		out[0], out[1] = g(coalition(mask)), 0
	}}
	short, err := json.Marshal(mustShapley(t, recorded, k, shapleySettings(100, 6)))
	if err != nil {
		t.Fatal(err)
	}
	first := slices.Clone(masks)
	if want := k * (2 + 100*(k-1)); len(first) != want {
		t.Errorf("%d bits were asked about, want %d", len(first), want)
	}
	slow := evaluatorFunc{2, func(mask []uint8, out []float64) {
		time.Sleep(300 * time.Microsecond)
		out[0], out[1] = g(coalition(mask)), 0
	}}
	again, err := json.Marshal(mustShapley(t, slow, k, shapleySettings(100, 6)))
	if err != nil || !bytes.Equal(short, again) {
		t.Error("Shapley values differ", err)
	}
	masks = nil
	mustShapley(t, recorded, k, shapleySettings(1000, 6)) // more than one block
	if len(masks) != k*(2+1000*(k-1)) || !bytes.Equal(masks[:len(first)], first) {
		t.Error("the longer run does not begin with the shorter one")
	}
	other, err := json.Marshal(mustShapley(t, recorded, k, shapleySettings(100, 7)))
	if err != nil || bytes.Equal(short, other) {
		t.Error("another seed changes nothing", err)
	}
}

func TestShapleyReportsProgressAndStopsWhenToldTo(t *testing.T) {
	var seen []int
	const total = 2 + 100*4
	_, err := Shapley(context.Background(), testSegmentation(5), linear(0, 1, 2, 3, 4, 5), shapleySettings(100, 0), func(done, all int) {
		if all != total {
			t.Error("total", all)
		}
		seen = append(seen, done)
	})
	if err != nil || seen[len(seen)-1] != total || !slices.IsSorted(seen) || len(seen) < 10 {
		t.Error(seen, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	_, err = Shapley(ctx, testSegmentation(5), linear(0, 1, 2, 3, 4, 5), shapleySettings(100, 0), func(done, _ int) {
		if calls++; done > 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || calls != 3 || !strings.Contains(err.Error(), "of 402 samples") {
		t.Error(err, calls)
	}
}

func TestShapleyRefusesWhatItCannotEstimate(t *testing.T) {
	at := func(bad float64) Evaluator {
		n := 0
		return evaluatorFunc{2, func(_ []uint8, out []float64) {
			out[0], out[1] = 0, 1
			if n++; n == 8 {
				out[1] = bad
			}
		}}
	}
	failing := FromProbabilities(2, func(context.Context, Masks, []float64) error { return errors.New("out of memory") })
	good := shapleySettings(20, 0)
	change := func(f func(*ShapleySettings)) ShapleySettings {
		s := good
		f(&s)
		return s
	}
	for _, c := range []struct {
		seg  *Segmentation
		ev   Evaluator
		s    ShapleySettings
		want string
	}{
		{testSegmentation(3), at(math.NaN()), good, "NaN for class 1 of sample 7"},
		{testSegmentation(3), at(math.Inf(-1)), good, "-Inf for class 1 of sample 7"},
		{testSegmentation(3), at(1e200), good, "1e+200 for class 1 of sample 7"},
		{testSegmentation(3), failing, good, "samples 0 to 0: out of memory"},
		{testSegmentation(3), evaluatorFunc{classes: 1}, good, "1 classes; at least 2"},
		{testSegmentation(3), evaluatorFunc{classes: 1001}, good, "1001 classes; at most 1000"},
		{testSegmentation(1001), linear(0), good, "1001 superpixels; at most 1000"},
		{&Segmentation{2, 1, 3, []uint16{0, 2}}, linear(0), good, "no pixel has label 1"},
		{nil, linear(0), good, "segmentation must hold"},
		{testSegmentation(3), linear(0), shapleySettings(18, 0), "18 permutations asked for; an even number of 20 to 20000"},
		{testSegmentation(3), linear(0), shapleySettings(101, 0), "101 permutations"},
		{testSegmentation(3), linear(0), shapleySettings(20002, 0), "20002 permutations"},
		{testSegmentation(3), linear(0), change(func(s *ShapleySettings) { s.Hide = 3 }), "hiding colour 3"},
		{testSegmentation(3), linear(0), change(func(s *ShapleySettings) { s.Target = -1 }), "target -1"},
		{testSegmentation(3), linear(0), change(func(s *ShapleySettings) { s.Segmentation.Ratio = 3 }), "ratio is 3"},
	} {
		if _, err := Shapley(context.Background(), c.seg, c.ev, c.s, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to say %q", err, c.want)
		}
	}
}

func TestShapleyValuesSurviveJSON(t *testing.T) {
	v := mustShapley(t, linear(0, 1, -2, 3), 3, shapleySettings(20, 8))
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	class := got["classes"].([]any)[0].(map[string]any)
	for _, key := range []string{"class", "base", "full", "values", "standardErrors", "order", "relativeError"} {
		if _, ok := class[key]; !ok {
			t.Errorf("a class lacks %q: %s", key, text)
		}
	}
	settings, err := json.Marshal(v.Settings)
	const want = `{"hide":"mean","target":"log-odds","permutations":20,"seed":8,"segmentation":{"kernelSize":4,"maxDist":200,"ratio":0.2,"seed":42}}`
	if err != nil || string(settings) != want {
		t.Errorf("%s, %v", settings, err)
	}
}

func TestLIMEAndShapleyValuesOfALinearNetworkAgree(t *testing.T) {
	ev := linear(-1, 3, -2, 1.5, 1, 0.5, 0.25, 2, -0.1)
	s := FaithfulPreset()
	e, v := mustExplain(t, ev, 8, s), mustShapley(t, ev, 8, s.ShapleySettings(20))
	agreements, err := Agree(e, v)
	if err != nil || len(agreements) != 2 {
		t.Fatal(agreements, err)
	}
	for _, a := range agreements {
		closeTo(t, "rank correlation", a.RankCorrelation, 1, 1e-12)
		if a.Top != 1 || !a.Agree {
			t.Errorf("%+v", a)
		}
	}
	s.Target = TargetProbability
	if _, err := Agree(e, mustShapley(t, ev, 8, s.ShapleySettings(20))); err == nil {
		t.Error("different targets were compared")
	}
	s = FaithfulPreset()
	ofCells := CellsPreset().ShapleySettings(20)
	ofCells.Hide = s.Hide
	if _, err := Agree(e, mustShapley(t, ev, 8, ofCells)); err == nil {
		t.Error("values of another kind of regions were compared")
	}
	exact, err := Agree(e, mustShapleyExactly(t, ev, 8, v.Settings))
	if err != nil || !slices.Equal(exact, agreements) {
		t.Errorf("with exact values they agree by %+v, %v; with estimates by %+v", exact, err, agreements)
	}
	if _, err := Agree(e, mustShapley(t, linear(0, 1, 2), 2, s.ShapleySettings(20))); err == nil {
		t.Error("different superpixels were compared")
	}
}

// An explanation may have been kept elsewhere in between, and come back damaged.
func TestADamagedExplanationIsNotComparedWithShapleyValues(t *testing.T) {
	ev := linear(-1, 3, -2, 1.5)
	s := FaithfulPreset()
	v := mustShapley(t, ev, 3, s.ShapleySettings(20))
	for want, damage := range map[string]func(*ClassExplanation){
		"has 2 coefficients":       func(c *ClassExplanation) { c.Coefficients = c.Coefficients[:2] },
		"has 4 coefficients":       func(c *ClassExplanation) { c.Coefficients = append(c.Coefficients, 1) },
		"names superpixel 3; 0..2": func(c *ClassExplanation) { c.Order[0] = 3 },
		"names superpixel -1":      func(c *ClassExplanation) { c.Order[2] = -1 },
		"names superpixel 1 twice": func(c *ClassExplanation) { c.Order = []int{1, 0, 1} },
	} {
		e := mustExplain(t, ev, 3, s)
		damage(&e.Classes[0])
		if _, err := Agree(e, v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

func TestAgreementOfRankingsAndOfTopRegions(t *testing.T) {
	settings := FaithfulPreset()
	for name, c := range map[string]struct {
		lime, shapley []float64
		want          Agreement
	}{
		// The first is the example in SciPy's documentation of spearmanr.
		"ties":                  {[]float64{1, 2, 3, 4, 5}, []float64{5, 6, 7, 8, 7}, Agreement{0.8207826816681233, 1, true}},
		"reversed":              {[]float64{1, 2, 3, 4}, []float64{4, 3, 2, 1}, Agreement{-1, 1, false}},
		"other signs":           {[]float64{1, 2, 3, 4}, []float64{-4, -3, -2, -1}, Agreement{1, 0, false}},
		"half of the top":       {[]float64{4, 3, 2, -1}, []float64{4, 3, -2, 1}, Agreement{0.8, 0.5, true}}, // 1 - 6·2/(4·15)
		"one gives no order":    {[]float64{0, 0, 0}, []float64{1, 2, 3}, Agreement{0, 0, false}},
		"nothing speaks for it": {[]float64{-1, -2, -3}, []float64{-2, -3, -4}, Agreement{1, 1, true}},
	} {
		all := []int{}
		for i := range c.lime {
			all = append(all, i)
		}
		e := &Explanation{Settings: settings, Superpixels: len(all), Classes: []ClassExplanation{{Coefficients: c.lime, Order: byMagnitudeOf(all, c.lime)}}}
		v := &ShapleyValues{Settings: settings.ShapleySettings(20), Superpixels: len(all), Classes: []ClassShapley{{Values: c.shapley, Order: byMagnitudeOf(all, c.shapley)}}}
		got, err := Agree(e, v)
		if err != nil {
			t.Fatal(err)
		}
		closeTo(t, name, got[0].RankCorrelation, c.want.RankCorrelation, 1e-12)
		if got[0].Top != c.want.Top || got[0].Agree != c.want.Agree {
			t.Errorf("%s: %+v, want %+v", name, got[0], c.want)
		}
	}
}

func BenchmarkShapley(b *testing.B) {
	free := evaluatorFunc{4, func(mask []uint8, out []float64) {
		for k := range out {
			out[k] = float64(mask[k] + 2*mask[k+7])
		}
	}}
	seg, s := testSegmentation(40), shapleySettings(DefaultPermutations, 0)
	for b.Loop() {
		if _, err := Shapley(context.Background(), seg, free, s, nil); err != nil {
			b.Fatal(err)
		}
	}
}
