package lime

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// LocalModel is a weighted ridge regression of a target on some superpixels' bits (SPEC section 6).
type LocalModel struct {
	Columns         []int     // the superpixels used, in the order of their selection
	Coefficients    []float64 // [len(Columns)]
	Intercept       float64
	Score           float64 // weighted R² on the samples themselves; 1 if target and prediction are both constant, as in scikit-learn
	LocalPrediction float64 // for the unhidden picture
}

// Order returns the superpixels used by descending absolute coefficient; equal ones keep the order of their selection.
func (l LocalModel) Order() []int {
	return byMagnitude(l.Columns, func(i int) float64 { return l.Coefficients[i] })
}

// byMagnitude returns columns by descending |coefficient(position)|, stable.
func byMagnitude(columns []int, coefficient func(i int) float64) []int {
	at := make([]int, len(columns))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(i, j int) int { return cmp.Compare(math.Abs(coefficient(j)), math.Abs(coefficient(i))) })
	for i, j := range at {
		at[i] = columns[j]
	}
	return at
}

const (
	finalAlpha     = 1    // of the regression that is reported
	selectionAlpha = 0.01 // of the one that ranks the superpixels (highest_weights)
	forwardLimit   = 6    // up to so many features 'auto' selects forward
)

// FitLocal is explain_instance's regression with feature_selection 'auto': forward selection for at most six features, otherwise the
// highest weights; then ridge with alpha 1. weights and y are [N]. numFeatures beyond the number of superpixels means all.
func FitLocal(m Masks, weights, y []float64, numFeatures int) (LocalModel, error) {
	choose := HighestWeights
	if numFeatures <= forwardLimit {
		choose = ForwardSelection
	}
	columns, err := choose(m, weights, y, numFeatures)
	if err != nil {
		return LocalModel{}, err
	}
	return FitRidge(m, weights, y, columns, finalAlpha)
}

// FitRidge fits y [N] on the given columns of the masks with sample weights [N] and an unpenalised intercept. With alpha 0, columns that
// depend on those before them get the coefficient 0.
func FitRidge(m Masks, weights, y []float64, columns []int, alpha float64) (LocalModel, error) {
	d, err := checkedDesign(m, weights, y)
	if err != nil {
		return LocalModel{}, err
	}
	for _, c := range columns {
		if c < 0 || c >= m.K {
			return LocalModel{}, fmt.Errorf("lime: column %d does not exist; 0..%d are possible", c, m.K-1)
		}
	}
	if !(alpha >= 0) || math.IsInf(alpha, 1) {
		return LocalModel{}, fmt.Errorf("lime: ridge penalty is %v; a number of 0 or more is expected", alpha)
	}
	return d.fit(d.factor(columns, alpha), y), nil
}

// HighestWeights returns the numFeatures superpixels with the greatest absolute coefficients of a ridge with alpha 0.01, in that order.
func HighestWeights(m Masks, weights, y []float64, numFeatures int) ([]int, error) {
	d, err := checkedDesign(m, weights, y)
	if err != nil {
		return nil, err
	}
	order := d.fit(d.factor(d.all(), selectionAlpha), y).Order()
	return order[:max(0, min(numFeatures, len(order)))], nil
}

// ForwardSelection adds, one by one, the superpixel that raises the weighted R² of an unpenalised regression most; the first wins ties.
func ForwardSelection(m Masks, weights, y []float64, numFeatures int) ([]int, error) {
	d, err := checkedDesign(m, weights, y)
	if err != nil {
		return nil, err
	}
	var used []int
	for range min(numFeatures, m.K) {
		best, bestScore := -1, math.Inf(-1)
		for c := range m.K {
			if slices.Contains(used, c) {
				continue
			}
			if score := d.fit(d.factor(append(used[:len(used):len(used)], c), 0), y).Score; score > bestScore {
				best, bestScore = c, score
			}
		}
		used = append(used, best)
	}
	return used, nil
}

// design is what a regression needs to know of the samples, whatever the target: some rows of the masks, and their weighted moments.
type design struct {
	k       int
	rows    []int     // of the masks
	shown   [][]int32 // [len(rows)] the superpixels that a row shows
	weights []float64 // [len(rows)]
	total   float64   // sum of the weights
	mean    []float64 // [K] weighted mean of the bits
	gram    []float64 // [K][K] sum of w (x-mean)(x-mean)ᵀ; lower triangle
}

func checkedDesign(m Masks, weights, y []float64) (*design, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	if len(weights) != m.N || len(y) != m.N {
		return nil, fmt.Errorf("lime: %d samples need as many weights and targets, got %d and %d", m.N, len(weights), len(y))
	}
	total := 0.0
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 1) || y[i]-y[i] != 0 {
			return nil, fmt.Errorf("lime: sample %d has weight %v and target %v; a weight of 0 or more and a finite target are expected", i, w, y[i])
		}
		total += w
	}
	if total == 0 {
		return nil, fmt.Errorf("lime: every sample has the weight 0")
	}
	return newDesign(m, weights, 0, 1), nil
}

// newDesign sums the moments of rows first, first+step, …; the bits being 0 or 1, it only adds weights.
func newDesign(m Masks, weights []float64, first, step int) *design {
	k := m.K
	d := &design{k: k, mean: make([]float64, k), gram: make([]float64, k*k)}
	indices := make([]int32, 0, m.N*k/step)
	for i := first; i < m.N; i += step {
		w, start := weights[i], len(indices)
		for j, b := range m.Row(i) {
			if b != 0 {
				indices = append(indices, int32(j))
			}
		}
		shown := indices[start:]
		for n, j := range shown {
			row := d.gram[int(j)*k:][:k]
			for _, l := range shown[:n+1] {
				row[l] += w
			}
		}
		d.rows, d.shown, d.weights = append(d.rows, i), append(d.shown, shown), append(d.weights, w)
		d.total += w
	}
	for j := range k {
		d.mean[j] = d.gram[j*k+j] / d.total
	}
	for j := range k {
		for l := range j + 1 {
			d.gram[j*k+l] -= float64(float64(d.total*d.mean[j]) * d.mean[l])
		}
	}
	return d
}

// all returns the columns 0..K-1.
func (d *design) all() []int {
	columns := make([]int, d.k)
	for i := range columns {
		columns[i] = i
	}
	return columns
}

// cholesky is the factor L [n][n] of the columns' penalised Gram matrix; a column that depends on earlier ones has the diagonal 0.
type cholesky struct {
	columns []int
	l       []float64
}

func (d *design) factor(columns []int, alpha float64) *cholesky {
	k, n := d.k, len(columns)
	f := &cholesky{columns: columns, l: make([]float64, n*n)}
	for i, ci := range columns {
		row := f.l[i*n:][:n]
		for j, cj := range columns[:i+1] {
			above := f.l[j*n:][:n]
			g := d.gram[max(ci, cj)*k+min(ci, cj)]
			if i == j {
				g += alpha
			}
			s := g
			for p := range j {
				s -= float64(row[p] * above[p])
			}
			switch {
			case i == j && s > 1e-12*g:
				row[i] = math.Sqrt(s)
			case i != j && above[j] > 0:
				row[j] = s / above[j]
			}
		}
	}
	return f
}

// solve returns x of L Lᵀ x = b, with 0 for dependent columns.
func (f *cholesky) solve(b []float64) []float64 {
	n := len(b)
	x := slices.Clone(b)
	for i := range n {
		if f.l[i*n+i] == 0 {
			x[i] = 0
			continue
		}
		for j := range i {
			x[i] -= float64(f.l[i*n+j] * x[j])
		}
		x[i] /= f.l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		if f.l[i*n+i] == 0 {
			continue
		}
		for j := i + 1; j < n; j++ {
			x[i] -= float64(f.l[j*n+i] * x[j])
		}
		x[i] /= f.l[i*n+i]
	}
	return x
}

// fit regresses y [N] on the factor's columns and scores the result. Targets are taken relative to the first, so that a constant one stays
// exactly constant.
func (d *design) fit(f *cholesky, y []float64) LocalModel {
	m := LocalModel{Columns: f.columns}
	var mean float64
	m.Coefficients, mean = d.coefficients(f, y)
	base := y[d.rows[0]]
	relative, sum := mean, 0.0 // the intercept, relative to base
	byColumn := make([]float64, d.k)
	for i, c := range f.columns {
		byColumn[c] = m.Coefficients[i]
		relative -= float64(m.Coefficients[i] * d.mean[c])
		sum += m.Coefficients[i]
	}
	m.Intercept = base + relative
	m.LocalPrediction = m.Intercept + sum

	var residual, spread float64
	for n, i := range d.rows {
		v := y[i] - base
		e := v - relative
		for _, j := range d.shown[n] {
			e -= byColumn[j]
		}
		residual += float64(d.weights[n] * float64(e*e))
		spread += float64(d.weights[n] * float64((v-mean)*(v-mean)))
	}
	switch {
	case spread > 0:
		m.Score = 1 - residual/spread
	case residual == 0:
		m.Score = 1
	}
	return m
}

// coefficients returns those of the factor's columns, and the weighted mean of y less its first value.
func (d *design) coefficients(f *cholesky, y []float64) (c []float64, mean float64) {
	base := y[d.rows[0]]
	for n, i := range d.rows {
		mean += float64(d.weights[n] * (y[i] - base))
	}
	mean /= d.total
	moments, rest := make([]float64, d.k), 0.0 // sums of w x (y-mean) and of w (y-mean), which is 0 but for rounding
	for n, i := range d.rows {
		v := float64(d.weights[n] * (y[i] - base - mean))
		rest += v
		for _, j := range d.shown[n] {
			moments[j] += v
		}
	}
	rhs := make([]float64, len(f.columns))
	for i, c := range f.columns {
		rhs[i] = moments[c] - float64(d.mean[c]*rest)
	}
	return f.solve(rhs), mean
}

// effectiveSamples is Kish's number: as many equally weighted samples would tell as much.
func (d *design) effectiveSamples() float64 {
	squares := 0.0
	for _, w := range d.weights {
		squares += float64(w * w)
	}
	return d.total * d.total / squares
}
