package calibration

import (
	"fmt"
	"math"

	"allnet/model"
)

// shrinkage is by which part the covariance of two different coordinates is reduced:
// it is estimated from few pictures for so many coordinates, and would else follow
// chance.
const shrinkage = 0.1

// fitSpace returns the space around groups of points, all of one length: a centre
// for each group that has points, and the covariance that they share.
func fitSpace(groups [][][]float64) (model.Space, error) {
	var s model.Space
	var covariance [][]float64
	points := 0
	for _, group := range groups {
		if len(group) == 0 {
			continue
		}
		n := len(group[0])
		if covariance == nil {
			covariance = triangle(n)
		}
		centre := make([]float64, n)
		for _, point := range group {
			for i, v := range point {
				centre[i] += v / float64(len(group))
			}
		}
		for _, point := range group {
			for i := range n {
				for j := range i + 1 {
					covariance[i][j] += (point[i] - centre[i]) * (point[j] - centre[j])
				}
			}
		}
		points += len(group)
		s.Centres = append(s.Centres, rounded(centre))
	}
	if points <= len(s.Centres) {
		return s, fmt.Errorf("%d points around %d centres; expected more", points, len(s.Centres))
	}
	mean := 0.0
	for i := range covariance {
		for j := range i + 1 {
			covariance[i][j] /= float64(points)
		}
		mean += covariance[i][i] / float64(len(covariance))
	}
	for i := range covariance {
		for j := range i {
			covariance[i][j] *= 1 - shrinkage
		}
		// A coordinate that never changes, of a filter that never answers, has no
		// scale of its own.
		covariance[i][i] += 1e-3*mean + 1e-9
	}
	whitening, err := invertedCholesky(covariance)
	for _, row := range whitening {
		s.Whitening = append(s.Whitening, rounded(row))
	}
	return s, err
}

// triangle returns a lower triangle of zeros: row i has i+1.
func triangle(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, i+1)
	}
	return rows
}

// invertedCholesky returns the inverse of the Cholesky factor of a symmetric matrix.
// Of either only the lower triangle is stored.
func invertedCholesky(a [][]float64) ([][]float64, error) {
	l, inverse := triangle(len(a)), triangle(len(a))
	for i := range a {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= l[i][k] * l[j][k]
			}
			if i > j {
				l[i][j] = sum / l[j][j]
				continue
			}
			if !(sum > 0) {
				return nil, fmt.Errorf("the covariance is not positive definite at coordinate %d", i)
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	for i := range a {
		inverse[i][i] = 1 / l[i][i]
		for j := range i {
			sum := 0.0
			for k := j; k < i; k++ {
				sum -= l[i][k] * inverse[k][j]
			}
			inverse[i][j] = sum / l[i][i]
		}
	}
	return inverse, nil
}

// digits are how many significant digits a space's numbers keep: the file is part
// of the page.
const digits = 4

func rounded(values []float64) []float64 {
	r := make([]float64, len(values))
	for i, v := range values {
		if v != 0 {
			scale := math.Pow(10, digits-1-math.Floor(math.Log10(math.Abs(v))))
			r[i] = math.Round(v*scale) / scale
		}
	}
	return r
}
