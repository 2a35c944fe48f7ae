package lime

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pair is an element of local_exp: [superpixel, coefficient].
type pair [2]float64

type labelFixture struct {
	Intercept float64   `json:"intercept"`
	LocalPred float64   `json:"local_pred"`
	Score     float64   `json:"score"`
	LocalExp  []pair    `json:"local_exp"`
	Coef      []float64 `json:"coef_by_superpixel"`
}

type explanationFixture struct {
	K        int                     `json:"K"`
	Hidden   [][3]float64            `json:"hidden_colour_per_superpixel"`
	Top      []int                   `json:"top_labels"`
	Prob     []float64               `json:"prob_full_image"`
	PerLabel map[string]labelFixture `json:"per_label"`
	Positive []int                   `json:"top5_positive"`
	Absolute []int                   `json:"top5_abs"`
}

func superpixels(exp []pair) (s []int) {
	for _, p := range exp {
		s = append(s, int(p[0]))
	}
	return s
}

func checkModel(t *testing.T, m LocalModel, want labelFixture) {
	t.Helper()
	closeTo(t, "intercept", m.Intercept, want.Intercept, 1e-10)
	closeTo(t, "local prediction", m.LocalPrediction, want.LocalPred, 1e-10)
	closeTo(t, "score", m.Score, want.Score, 1e-9)
	if order := m.Order(); !slices.Equal(order, superpixels(want.LocalExp)) {
		t.Errorf("order %v, want %v", order, superpixels(want.LocalExp))
	}
	for _, p := range want.LocalExp {
		i := slices.Index(m.Columns, int(p[0]))
		closeTo(t, fmt.Sprint("coefficient of superpixel ", p[0]), m.Coefficients[i], p[1], 1e-10)
	}
}

func TestRegressionIsScikitLearns(t *testing.T) {
	for _, e := range explained {
		for _, h := range []string{"black", "mean"} {
			m := Perturb(fixtureSeed, 1000, e.count)
			weights := KernelWeights(CosineDistances(m))
			for label := range 4 {
				t.Run(fmt.Sprint(e.name, " ", h, " ", label), func(t *testing.T) {
					y := column(fixtureFloats(t, e.name+"."+h+".probs.f64"), label, 4)
					got, err := FitLocal(m, weights, y, 100000)
					if err != nil {
						t.Fatal(err)
					}
					checkModel(t, got, fixtureJSON[explanationFixture](t, e.name+"."+h+".json").PerLabel[fmt.Sprint(label)])
				})
			}
		}
	}
}

func TestFewFeaturesAreSelectedForward(t *testing.T) {
	want := fixtureJSON[struct {
		Label int `json:"label"`
		labelFixture
	}](t, "tiles64.black.forward5.json")
	m := Perturb(fixtureSeed, 1000, 25)
	y := column(fixtureFloats(t, "tiles64.black.probs.f64"), want.Label, 4)
	got, err := FitLocal(m, KernelWeights(CosineDistances(m)), y, 5)
	if err != nil {
		t.Fatal(err)
	}
	checkModel(t, got, want.labelFixture)
}

func TestConstantTargetScoresOneAsInScikitLearn(t *testing.T) {
	m := Perturb(5, 100, 7)
	y := slices.Repeat([]float64{0.1}, 100) // a value whose weighted mean, summed naively, is not itself
	got, err := FitLocal(m, KernelWeights(CosineDistances(m)), y, 100)
	if err != nil || got.Score != 1 || got.Intercept != 0.1 || got.LocalPrediction != 0.1 {
		t.Errorf("%+v, %v", got, err)
	}
	if !slices.Equal(got.Order(), []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Error("order of equal coefficients", got.Order())
	}
}

// Two uncorrelated superpixels, shown with the shares 1/5 and 1/2 of a total weight of 1/16, have the centred sums of squares
// g = 1/16 · 1/5 · 4/5 = 0.01 and 1/16 · 1/2 · 1/2 = 0.015625. A ridge with alpha gives the target a·x0 + x1 the coefficients
// a·0.01/(0.01+alpha) and 0.015625/(0.015625+alpha). They are equal at alpha = 0.0125 where a is 1.25 and at 0.00862 where a is 1.2, so
// that only an alpha between these, as SPEC section 6 has it with 0.01, ranks the two in the two orders below.
func TestHighestWeightsRankByARidgeWithItsOwnPenalty(t *testing.T) {
	m := Masks{N: 4, K: 2, Bits: []uint8{1, 1, 1, 0, 0, 1, 0, 0}}
	weights := []float64{1. / 160, 1. / 160, 4. / 160, 4. / 160}
	for _, c := range []struct {
		a    float64
		want []int
	}{{1.25, []int{0, 1}}, {1.2, []int{1, 0}}} {
		y := []float64{c.a + 1, c.a, 1, 0}
		got, err := HighestWeights(m, weights, y, 2)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%g x0 + x1: order %v, %v; want %v", c.a, got, err, c.want)
		}
	}
}

// With alpha 0 an exactly linear target gives its own coefficients back, whatever the weights.
func TestUnpenalisedRegressionFindsALinearTarget(t *testing.T) {
	m := Perturb(6, 400, 9)
	y, truth := make([]float64, m.N), []float64{0.5, -1, 2, 0, 3, -0.25, 8, 1e-3, -7}
	for i := range y {
		y[i] = 4
		for j, b := range m.Row(i) {
			y[i] += truth[j] * float64(b)
		}
	}
	w := KernelWeights(CosineDistances(m))
	got, err := FitRidge(m, w, y, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 0)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "score", got.Score, 1, 1e-12)
	closeTo(t, "intercept", got.Intercept, 4, 1e-11)
	for i, c := range got.Coefficients {
		closeTo(t, fmt.Sprint("coefficient ", i), c, truth[i], 1e-11)
	}
	if order, err := ForwardSelection(m, w, y, 3); err != nil || !slices.Contains(order, 6) || !slices.Contains(order, 8) {
		t.Error("forward selection missed the strongest superpixels", order, err)
	}
}

// The penalised normal equations hold at the solution: no other solver is needed to check it.
func TestRidgeSolvesItsNormalEquations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{50, 8}, {10, 30}} { // also with more superpixels than samples
		n, k := size[0], size[1]
		m := Perturb(uint32(n), n, k)
		w, y := make([]float64, n), make([]float64, n)
		for i := range n {
			w[i], y[i] = r.Float64(), r.NormFloat64()
		}
		d := newDesign(m, w, 0, 1)
		const alpha = 0.7
		got, err := FitRidge(m, w, y, d.all(), alpha)
		if err != nil {
			t.Fatal(err)
		}
		gradient, sum := make([]float64, k), 0.0
		for i := range n {
			e := y[i] - got.Intercept
			for j, b := range m.Row(i) {
				e -= got.Coefficients[j] * float64(b)
			}
			sum += w[i] * e
			for j, b := range m.Row(i) {
				gradient[j] += w[i] * e * float64(b)
			}
		}
		closeTo(t, "weighted sum of residuals", sum, 0, 1e-10)
		for j := range gradient {
			closeTo(t, fmt.Sprint("gradient ", j), gradient[j]-alpha*got.Coefficients[j], 0, 1e-10)
		}
	}
}

func TestDependentColumnsGetNothing(t *testing.T) {
	m := Masks{N: 4, K: 2, Bits: []uint8{1, 1, 0, 0, 1, 1, 0, 0}} // two equal columns
	got, err := FitRidge(m, []float64{1, 1, 1, 1}, []float64{3, 1, 3, 1}, []int{0, 1}, 0)
	if err != nil || got.Coefficients[0] != 2 || got.Coefficients[1] != 0 || got.Score != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestRegressionRefusesBadInput(t *testing.T) {
	m := Perturb(1, 3, 2)
	ones := []float64{1, 1, 1}
	for _, c := range []struct {
		m       Masks
		w, y    []float64
		columns []int
		alpha   float64
		want    string
	}{
		{Masks{N: 3, K: 2}, ones, ones, nil, 1, "need 6 bytes"},
		{m, ones[:2], ones, nil, 1, "got 2 and 3"},
		{m, []float64{1, -1, 1}, ones, nil, 1, "weight -1"},
		{m, ones, []float64{1, math.NaN(), 1}, nil, 1, "target NaN"},
		{m, ones, []float64{1, 1, math.Inf(1)}, nil, 1, "target +Inf"},
		{m, []float64{0, 0, 0}, ones, nil, 1, "every sample has the weight 0"},
		{m, ones, ones, []int{2}, 1, "column 2 does not exist"},
		{m, ones, ones, []int{0}, -1, "penalty is -1"},
	} {
		if _, err := FitRidge(c.m, c.w, c.y, c.columns, c.alpha); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want it to say %q", err, c.want)
		}
	}
	for _, n := range []int{1, 100} {
		if _, err := FitLocal(m, ones[:1], ones, n); err == nil {
			t.Error("FitLocal takes weights of another length")
		}
	}
}
