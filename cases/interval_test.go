package cases

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

// R: binom.test(x, n)$conf.int, which is the interval of Clopper and Pearson; of x = n the lower
// limit is also 0.025^(1/n).
func TestWithoutCorrelationItIsTheIntervalOfClopperAndPearson(t *testing.T) {
	for _, c := range []struct {
		x, n int
		want [2]float64
	}{
		{3, 10, [2]float64{0.06673951, 0.6524529}},
		{5, 10, [2]float64{0.187086, 0.812914}},
		{0, 10, [2]float64{0, 1 - math.Pow(0.025, 0.1)}},
		{10, 10, [2]float64{math.Pow(0.025, 0.1), 1}},
		{1, 1, [2]float64{0.025, 1}},
		{2000, 2000, [2]float64{math.Pow(0.025, 1.0/2000), 1}},
		{0, 2000, [2]float64{0, 1 - math.Pow(0.025, 1.0/2000)}},
	} {
		got := Interval(c.x, c.n, 0)
		if math.Abs(got[0]-c.want[0]) > 1e-6 || math.Abs(got[1]-c.want[1]) > 1e-6 {
			t.Errorf("%d of %d: %v, want %v", c.x, c.n, got, c.want)
		}
	}
	if got := Interval(0, 0, Correlation); got != [2]float64{0, 1} {
		t.Errorf("of nothing: %v", got)
	}
}

// The probability that all of n read as a class has a closed form by gamma functions.
func TestWithCorrelationItIsTheBetaBinomialsInterval(t *testing.T) {
	for _, n := range []int{1, 2, 7, 30, 400} {
		low := Interval(n, n, Correlation)[0]
		s := (1 - Correlation) / Correlation
		gamma := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
		all := math.Exp(gamma(low*s+float64(n)) - gamma(low*s) - gamma(s+float64(n)) + gamma(s))
		if math.Abs(all-0.025) > 1e-9 {
			t.Errorf("%d of %d: at %g all read so with probability %g, want 0.025", n, n, low, all)
		}
	}
	for n := 1; n <= 12; n++ {
		for x := 0; x <= n; x++ {
			lower, upper := tails(x, n, 0.3, Correlation)
			exactly := lower + upper - 1
			s := (1 - Correlation) / Correlation
			a, b := 0.3*s, 0.7*s
			gamma := func(x float64) float64 { v, _ := math.Lgamma(x); return v }
			choose := gamma(float64(n+1)) - gamma(float64(x+1)) - gamma(float64(n-x+1))
			want := math.Exp(choose + gamma(a+float64(x)) + gamma(b+float64(n-x)) - gamma(a+b+float64(n)) + gamma(a+b) - gamma(a) - gamma(b))
			if math.Abs(exactly-want) > 1e-12 {
				t.Errorf("%d of %d: %g, want %g", x, n, exactly, want)
			}
		}
	}
}

func TestCorrelationNeverMakesAnIntervalNarrower(t *testing.T) {
	for n := 1; n <= 40; n++ {
		for x := 0; x <= n; x++ {
			alone := Interval(x, n, 0)
			for _, correlation := range []float64{0.01, 0.1, Correlation, 0.6} {
				wide := Interval(x, n, correlation)
				if wide[0] > alone[0] || wide[1] < alone[1] || wide[0] > float64(x)/float64(n) || wide[1] < float64(x)/float64(n) {
					t.Errorf("%d of %d, correlation %g: %v, independent %v", x, n, correlation, wide, alone)
				}
			}
		}
	}
}

// share draws the share of one slide's pictures that read as a class.
type share func(r *rand.Rand) float64

// beta draws shares whose mean is p and whose pictures have the given correlation: of two gamma
// variables (Marsaglia and Tsang 2000).
func beta(p, correlation float64) share {
	s := (1 - correlation) / correlation
	return func(r *rand.Rand) float64 {
		a, b := gammaOf(r, p*s), gammaOf(r, (1-p)*s)
		return a / (a + b)
	}
}

func gammaOf(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gammaOf(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := r.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// logistic draws shares that a normal variable moves on the scale of log odds, other than the
// interval assumes, such that pictures have the given correlation. It returns their mean, too.
func logistic(middle, correlation float64) (of share, mean float64) {
	// moments are the mean and the correlation that a spread gives.
	moments := func(spread float64) (mean, correlation float64) {
		sum, squares, weight := 0.0, 0.0, 0.0
		for x := -8.0; x <= 8; x += 0.01 {
			w := math.Exp(-x * x / 2)
			p := 1 / (1 + math.Exp(-(middle + spread*x)))
			weight, sum, squares = weight+w, sum+w*p, squares+w*p*p
		}
		mean = sum / weight
		return mean, (squares/weight - mean*mean) / (mean * (1 - mean))
	}
	low, high := 0.0, 10.0
	for range 50 {
		middle := (low + high) / 2
		if _, c := moments(middle); c < correlation {
			low = middle
		} else {
			high = middle
		}
	}
	mean, _ = moments(low)
	return func(r *rand.Rand) float64 { return 1 / (1 + math.Exp(-(middle + low*r.NormFloat64()))) }, mean
}

// covered is how often intervals of n correlated pictures hold the mean.
func covered(of share, mean float64, n int, interval func(x int) [2]float64) float64 {
	const slides = 20000
	r := rand.New(rand.NewPCG(7, uint64(n)))
	held := 0
	for range slides {
		p, x := of(r), 0
		for range n {
			if r.Float64() < p {
				x++
			}
		}
		if i := interval(x); i[0] <= mean && mean <= i[1] {
			held++
		}
	}
	return float64(held) / slides
}

// The interval holds what it should in 95 of 100 smears, over smears; that of independent
// pictures does not nearly.
func TestIntervalsHoldTheTruthWherePicturesOfOneSlideAreCorrelated(t *testing.T) {
	for _, n := range []int{5, 30, 100} {
		wide, narrow := make([][2]float64, n+1), make([][2]float64, n+1)
		for x := range n + 1 {
			wide[x], narrow[x] = Interval(x, n, Correlation), Interval(x, n, 0)
		}
		type world struct {
			of   share
			mean float64
		}
		worlds := map[string]world{}
		for _, p := range []float64{0.5, 0.7, 0.9, 0.97} {
			worlds[fmt.Sprintf("beta, mean %g", p)] = world{beta(p, Correlation), p}
		}
		// Of as great a correlation, but not of the kind that is assumed.
		for _, middle := range []float64{0, 1, 2} {
			of, mean := logistic(middle, Correlation)
			worlds[fmt.Sprintf("logistic, mean %.2f", mean)] = world{of, mean}
		}
		for name, w := range worlds {
			got := covered(w.of, w.mean, n, func(x int) [2]float64 { return wide[x] })
			alone := covered(w.of, w.mean, n, func(x int) [2]float64 { return narrow[x] })
			t.Logf("%d pictures, %s: %.1f %% covered, taken as independent %.1f %%", n, name, 100*got, 100*alone)
			if got < 0.95 {
				t.Errorf("%d pictures, %s: %.1f %% covered", n, name, 100*got)
			}
			if n >= 30 && w.mean < 0.85 && alone > 0.6 {
				t.Errorf("%d pictures, %s: taken as independent, %.1f %% covered; the test shows nothing", n, name, 100*alone)
			}
		}
	}
}

// Stretches of neighbouring pictures are the nearest to slides that the data have; of blocks that a
// training left out it is known which pictures were read rightly, in order.
func TestTheCorrelationIsNoSmallerThanWasMeasured(t *testing.T) {
	// 3,256 pictures of 89 patients.
	const stretch = 37
	for _, name := range []string{"block-0-cells-s1", "block-0-robust-s1", "block-1-robust-s1", "block-0-article-s1", "block-1-article-s1"} {
		data, err := os.ReadFile("../lab/results/runs/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var run struct{ Answers [][5]float64 }
		if err := json.Unmarshal(data, &run); err != nil {
			t.Fatal(err)
		}
		var groups [][]bool
		for class := range 4 {
			var right []bool
			for _, a := range run.Answers {
				if int(a[0]) == class {
					best := 0
					for k, p := range a[1:] {
						if p > a[1+best] {
							best = k
						}
					}
					right = append(right, best == class)
				}
			}
			n := max(1, int(math.Round(float64(len(right))/stretch)))
			for i := range n {
				groups = append(groups, right[i*len(right)/n:(i+1)*len(right)/n])
			}
		}
		got := intraclass(groups)
		t.Logf("%s: %.3f over %d stretches", name, got, len(groups))
		if got > Correlation {
			t.Errorf("%s: pictures of a stretch have the correlation %.3f, %g is assumed", name, got, Correlation)
		}
		if len(groups) < 10 || got < 0.02 {
			t.Errorf("%s: correlation %.3f over %d stretches is no measurement", name, got, len(groups))
		}
	}
}

// intraclass is the intraclass correlation of groups by the analysis of variance (Ridout, Demétrio
// and Firth 1999, Biometrics 55:137).
func intraclass(groups [][]bool) float64 {
	n, right, squares, within := 0.0, 0.0, 0.0, 0.0
	for _, g := range groups {
		x := 0.0
		for _, r := range g {
			if r {
				x++
			}
		}
		m := float64(len(g))
		n, right, squares = n+m, right+x, squares+m*m
		within += x * (m - x) / m
	}
	mean, between := right/n, 0.0
	for _, g := range groups {
		x := 0.0
		for _, r := range g {
			if r {
				x++
			}
		}
		m := float64(len(g))
		between += m * (x/m - mean) * (x/m - mean)
	}
	k := float64(len(groups))
	between, within = between/(k-1), within/(n-k)
	size := (n - squares/n) / (k - 1)
	return (between - within) / (between + (size-1)*within)
}
