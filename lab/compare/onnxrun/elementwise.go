package onnxrun

import (
	"fmt"
	"math"
	"slices"
)

// unary are the operators that treat every number by itself. Each reads its
// attributes and returns the function.
var unary = map[string]func(n *node) func(float32) float32{
	"Relu": func(*node) func(float32) float32 { return func(v float32) float32 { return max(v, 0) } },
	"LeakyRelu": func(n *node) func(float32) float32 {
		alpha := n.float("alpha", 0.01)
		return func(v float32) float32 {
			if v < 0 {
				return alpha * v
			}
			return v
		}
	},
	"Elu": func(n *node) func(float32) float32 {
		alpha := n.float("alpha", 1)
		return func(v float32) float32 {
			if v < 0 {
				return alpha * float32(math.Expm1(float64(v)))
			}
			return v
		}
	},
	"Sigmoid": func(*node) func(float32) float32 { return sigmoid },
	"Tanh": func(*node) func(float32) float32 {
		return func(v float32) float32 { return float32(math.Tanh(float64(v))) }
	},
	"HardSigmoid": func(n *node) func(float32) float32 {
		alpha, beta := n.float("alpha", 0.2), n.float("beta", 0.5)
		return func(v float32) float32 { return min(max(alpha*v+beta, 0), 1) }
	},
	"HardSwish": func(*node) func(float32) float32 {
		return func(v float32) float32 { return v * min(max(v/6+0.5, 0), 1) }
	},
}

func sigmoid(v float32) float32 { return float32(1 / (1 + math.Exp(-float64(v)))) }

func elementwise(n *node) error {
	if n.in[0].whole {
		return errWhole
	}
	return n.each(unary[n.Op](n))
}

func (n *node) each(f func(float32) float32) error {
	return n.compute(n.in[0].dims, func(_ *scratch, out []float32, in [][]float32) {
		for i, v := range in[0] {
			out[i] = f(v)
		}
	})
}

// clip builds the cut at both ends, which are attributes up to operator set 10 and
// inputs from then on.
func clip(n *node) error {
	low, high := n.float("min", -math.MaxFloat32), n.float("max", math.MaxFloat32)
	for i, limit := range []*float32{&low, &high} {
		if v := n.input(1 + i); v != nil {
			if !v.constant() || v.whole || elements(v.dims) != 1 {
				return fmt.Errorf("its limits are no constant numbers")
			}
			*limit = v.numbers()[0]
		}
	}
	if n.in[0].whole {
		return errWhole
	}
	return n.each(func(v float32) float32 { return min(max(v, low), high) })
}

var binary = map[string]func(a, b float32) float32{
	"Add": func(a, b float32) float32 { return a + b },
	"Sub": func(a, b float32) float32 { return a - b },
	"Mul": func(a, b float32) float32 { return a * b },
	"Div": func(a, b float32) float32 { return a / b },
}

// arithmetic builds an operator on two arrays, of which axes of size 1 spread over
// the other's.
func arithmetic(n *node) error {
	a, b := n.in[0], n.in[1]
	if a.whole != b.whole {
		return errWhole
	}
	dims, ok := broadcast(a.dims, b.dims)
	if !ok {
		return fmt.Errorf("it joins shapes %v and %v, which do not fit together", a.dims, b.dims)
	}
	for _, v := range n.in {
		if elements(v.dims) > 1 {
			n.net.count(v)
		}
	}
	f := binary[n.Op]
	if len(dims) == 0 {
		return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) { out[0] = f(in[0][0], in[1][0]) })
	}
	last := len(dims) - 1
	sa, sb := strides(a.dims, len(dims)), strides(b.dims, len(dims))
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		rows(dims, sa, sb, func(at, ia, ib int) {
			for i := range dims[last] {
				out[at+i] = f(in[0][ia+i*sa[last]], in[1][ib+i*sb[last]])
			}
		})
	})
}

// broadcast returns the shape that both spread over.
func broadcast(a, b []int) ([]int, bool) {
	if len(a) < len(b) {
		a, b = b, a
	}
	dims := slices.Clone(a)
	for i, d := range b {
		at := i + len(a) - len(b)
		switch {
		case dims[at] == 1:
			dims[at] = d
		case d != 1 && d != dims[at]:
			return nil, false
		}
	}
	return dims, true
}

// strides returns how far apart neighbours along each axis are in an array of dims,
// as seen in a shape of the given rank: 0 along axes of size 1, which spread.
func strides(dims []int, rank int) []int {
	s := make([]int, rank)
	step := 1
	for i := len(dims) - 1; i >= 0; i-- {
		if dims[i] > 1 {
			s[rank-len(dims)+i] = step
		}
		step *= dims[i]
	}
	return s
}

// rows calls use for every row (last axis) of an array of dims with the index where
// the row begins, and where it begins in two arrays of the given strides.
func rows(dims, a, b []int, use func(at, ia, ib int)) {
	last := len(dims) - 1
	index := make([]int, last)
	ia, ib := 0, 0
	for at, total := 0, elements(dims); at < total; at += dims[last] {
		use(at, ia, ib)
		for i := last - 1; i >= 0; i-- {
			index[i]++
			ia, ib = ia+a[i], ib+b[i]
			if index[i] < dims[i] {
				break
			}
			ia, ib = ia-a[i]*dims[i], ib-b[i]*dims[i]
			index[i] = 0
		}
	}
}
