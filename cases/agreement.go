package cases

import (
	"math"

	"allnet/model"
)

// Agreement is how far a reader and a network agree, over the pictures of which both named a
// class.
type Agreement struct {
	Pictures int `json:"pictures"`
	// Confusion counts them: rows are the reader's classes, columns the network's.
	Confusion [len(model.Classes)][len(model.Classes)]int `json:"confusion"`
	// Agreed is how many have the same class from both.
	Agreed int `json:"agreed"`
	// Kappa is Cohen's, Interval its 95 % interval; both null where there are no two pictures,
	// or chance alone would make both agree on all of them. Interval is null, too, where the
	// standard error vanishes, as it does where both agree on all pictures or one of them names one
	// class alone: it is one for large samples, and that so few did not differ does not make them
	// sure. It holds for these pictures, taken as independent, and says nothing of other smears.
	Kappa    *float64    `json:"kappa"`
	Interval *[2]float64 `json:"interval"`
}

// agreementOf counts the rows that are wanted.
func agreementOf(rows []Row, wanted func(*Decision) bool) *Agreement {
	a := new(Agreement)
	for i := range rows {
		d, p := rows[i].Decision, rows[i].Predicted
		if d == nil || d.Class == nil || p == nil || !wanted(d) {
			continue
		}
		a.Confusion[*d.Class][*p]++
		a.Pictures++
		if *d.Class == *p {
			a.Agreed++
		}
	}
	table := make([][]int, len(a.Confusion))
	for i := range table {
		table[i] = a.Confusion[i][:]
	}
	if kappa, se, ok := kappaOf(table); ok && a.Pictures > 1 {
		a.Kappa = &kappa
		if se > 0 {
			a.Interval = &[2]float64{max(-1, kappa-float64(normal*se)), min(1, kappa+float64(normal*se))}
		}
	}
	return a
}

// normal is the normal distribution's quantile of 97.5 %.
const normal = 1.959963984540054

// kappaOf is Cohen's kappa of a square table of counts (Cohen 1960, Educational and
// Psychological Measurement 20:37),
//
//	k = (o - e) / (1 - e), o = Σ p_ii, e = Σ p_i. p_.i,
//
// and its standard error for large samples, not under the hypothesis that it is 0 (Fleiss, Cohen
// and Everitt 1969, Psychological Bulletin 72:323, formula 13 with weights of one and zero),
//
//	Σ p_ij w_ij² - (k - e (1 - k))², by n (1 - e)², of which the root is taken;
//	w_ij = [i = j] - (p_.i + p_j.) (1 - k).
//
// It is none of an empty table, and where e is 1. The standard error is exactly 0 where the formula
// gives 0 but for rounding.
func kappaOf(table [][]int) (kappa, se float64, ok bool) {
	n := 0
	rows, columns := make([]float64, len(table)), make([]float64, len(table))
	for i, row := range table {
		for j, count := range row {
			n += count
			rows[i] += float64(count)
			columns[j] += float64(count)
		}
	}
	if n == 0 {
		return 0, 0, false
	}
	total := float64(n)
	observed, expected := 0.0, 0.0
	for i := range table {
		rows[i] /= total
		columns[i] /= total
		observed += float64(table[i][i]) / total
		expected += float64(rows[i] * columns[i])
	}
	if 1-expected < 1e-12 {
		return 0, 0, false
	}
	kappa = (observed - expected) / (1 - expected)
	sum := 0.0
	for i, row := range table {
		for j, count := range row {
			w := -float64((columns[i] + rows[j]) * (1 - kappa))
			if i == j {
				w++
			}
			sum += float64(float64(count) / total * float64(w*w))
		}
	}
	middle := kappa - float64(expected*(1-kappa))
	spread := sum - float64(middle*middle)
	if spread < 1e-12 { // what rounding leaves of 0
		return kappa, 0, true
	}
	return kappa, math.Sqrt(spread / float64(total*float64((1-expected)*(1-expected)))), true
}
