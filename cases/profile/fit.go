package profile

import (
	"math"

	"allnet/lime/detmath"
	"allnet/model"
)

const classes = len(model.Classes)

// strength is how far a fit may go from the shipped network: the standard deviations, a priori,
// of a coefficient of the logits and of the constant.
type strength struct{ matrix, bias float64 }

// strengths are those that cross-validation chooses from, the most cautious first.
var strengths = []strength{{0, 0.5}, {0, 1}, {0.3, 1}, {0.6, 2}}

// inputs are what a correction is linear in: centred logits and a constant.
type inputs [classes + 1]float64

// inputsOf are an example's, each multiplied by its strength.
func inputsOf(e *Example, s strength) (in inputs) {
	mean := 0.0
	for _, z := range e.Logits {
		mean += z / float64(classes)
	}
	for k, z := range e.Logits {
		in[k] = s.matrix * (z - mean)
	}
	in[classes] = s.bias
	return in
}

// The fit ends where no coefficient moves by more than enough, or after so many rounds.
const (
	enough = 1e-7
	rounds = 1000
)

// fit is the penalised logistic regression of the examples' classes with the shipped logits as
// its offset and half of the squared coefficients as its penalty: the most probable coefficients
// where these are normal a priori. It is fitted among the classes that have examples, so that it
// says nothing of others: what is added sums to 0 over the former and is 0 for the latter.
//
// The curvature of a softmax is at most half the identity (Böhning 1992, Annals of the Institute
// of Statistical Mathematics 44:197), so that each round solves the same small system and none
// goes too far.
func fit(examples []*Example, s strength) *model.Correction {
	var seen [classes]bool
	all := make([]inputs, len(examples))
	var system [classes + 1][classes + 1]float64
	for i, e := range examples {
		seen[e.Class] = true
		all[i] = inputsOf(e, s)
		for a, v := range all[i] {
			for b := range a + 1 {
				system[a][b] += float64(v*all[i][b]) / 2
			}
		}
	}
	for a := range system {
		system[a][a]++
	}
	root := cholesky(system)
	var coefficients [classes]inputs
	for range rounds {
		// gradients are those of the posterior's logarithm.
		var gradients [classes]inputs
		for c := range coefficients {
			for a, v := range coefficients[c] {
				gradients[c][a] = -v
			}
		}
		for i, e := range examples {
			logits := e.Logits
			for c := range logits {
				for a, v := range all[i] {
					logits[c] += float64(coefficients[c][a] * v)
				}
			}
			p := softmax(logits, seen)
			p[e.Class]--
			for c := range p {
				for a, v := range all[i] {
					gradients[c][a] -= float64(p[c] * v)
				}
			}
		}
		moved := 0.0
		for c := range gradients {
			if !seen[c] {
				continue
			}
			for a, v := range solved(&root, gradients[c]) {
				coefficients[c][a] += v
				moved = max(moved, math.Abs(v))
			}
		}
		if moved < enough {
			break
		}
	}
	correction := new(model.Correction)
	for c := range coefficients {
		for a := range classes {
			correction.Matrix[c][a] = coefficients[c][a] * s.matrix
		}
		correction.Bias[c] = coefficients[c][classes] * s.bias
	}
	return correction
}

// softmax over the classes that are wanted; 0 for others.
func softmax(logits [classes]float64, wanted [classes]bool) (p [classes]float64) {
	top := math.Inf(-1)
	for c, z := range logits {
		if wanted[c] {
			top = max(top, z)
		}
	}
	sum := 0.0
	for c, z := range logits {
		if wanted[c] {
			p[c] = detmath.Exp(z - top)
			sum += p[c]
		}
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

// cholesky is the lower root of a positive definite matrix, of which the lower triangle is given.
func cholesky(a [classes + 1][classes + 1]float64) [classes + 1][classes + 1]float64 {
	for i := range a {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= float64(a[i][k] * a[j][k])
			}
			if i == j {
				a[i][i] = math.Sqrt(sum)
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	return a
}

// solved is what the matrix with this root makes b of.
func solved(root *[classes + 1][classes + 1]float64, b inputs) inputs {
	for i := range b {
		for j := range i {
			b[i] -= float64(root[i][j] * b[j])
		}
		b[i] /= root[i][i]
	}
	for i := len(b) - 1; i >= 0; i-- {
		for j := i + 1; j < len(b); j++ {
			b[i] -= float64(root[j][i] * b[j])
		}
		b[i] /= root[i][i]
	}
	return b
}
