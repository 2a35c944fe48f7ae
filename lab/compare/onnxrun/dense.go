package onnxrun

import (
	"fmt"
	"math"
	"slices"
)

// gemm builds alpha * A * B + beta * C with [m][k], [k][n] and a C that spreads
// over [m][n]; A and B may be given transposed.
func gemm(n *node) error {
	a, b, c := n.in[0], n.in[1], n.input(2)
	alpha, beta := n.float("alpha", 1), n.float("beta", 1)
	turnA, turnB := n.int("transA", 0) != 0, n.int("transB", 0) != 0
	if len(a.dims) != 2 || len(b.dims) != 2 || a.whole || b.whole {
		return fmt.Errorf("its factors have shapes %v and %v; expected two matrices", a.dims, b.dims)
	}
	m, k, k2, columns := a.dims[0], a.dims[1], b.dims[0], b.dims[1]
	if turnA {
		m, k = k, m
	}
	if turnB {
		k2, columns = columns, k2
	}
	if k != k2 {
		return fmt.Errorf("its factors have shapes %v and %v, which do not fit together", a.dims, b.dims)
	}
	dims := []int{m, columns}
	var spread []int
	if c != nil {
		if joint, ok := broadcast(c.dims, dims); !ok || !slices.Equal(joint, dims) || c.whole {
			return fmt.Errorf("it adds %v to a product %v, which do not fit together", c.dims, dims)
		}
		spread = strides(c.dims, 2)
		n.net.count(c)
	}
	n.net.count(a)
	n.net.count(b)
	n.net.MultiplyAdds += int64(m) * int64(k) * int64(columns)
	return n.compute(dims, func(s *scratch, out []float32, in [][]float32) {
		x, y := in[0], in[1]
		if turnA {
			x = transposed(room(&s.padded, m*k), x, k, m)
		}
		if !turnB {
			y = transposed(room(&s.square, k*columns), y, k, columns)
		}
		for i := range m {
			for j := range columns {
				v := alpha * dot(x[i*k:][:k], y[j*k:])
				if c != nil {
					v += beta * in[2][i*spread[0]+j*spread[1]]
				}
				out[i*columns+j] = v
			}
		}
	})
}

// matMul builds the product of [...][m][k] and [k][n], or of as many matrices as
// there are on the left.
func matMul(n *node) error {
	a, b := n.in[0], n.in[1]
	ra, rb := len(a.dims), len(b.dims)
	if a.whole || b.whole || ra < 2 || rb < 2 || a.dims[ra-1] != b.dims[rb-2] || (rb > 2 && !slices.Equal(a.dims[:ra-2], b.dims[:rb-2])) {
		return fmt.Errorf("its factors have shapes %v and %v, which do not fit together", a.dims, b.dims)
	}
	m, k, columns := a.dims[ra-2], a.dims[ra-1], b.dims[rb-1]
	matrices := elements(a.dims[:ra-2])
	n.net.count(a)
	n.net.count(b)
	n.net.MultiplyAdds += int64(matrices) * int64(m) * int64(k) * int64(columns)
	return n.compute(append(slices.Clone(a.dims[:ra-1]), columns), func(s *scratch, out []float32, in [][]float32) {
		turned := room(&s.square, k*columns)
		for i := range matrices {
			if i == 0 || rb > 2 {
				transposed(turned, in[1][i*k*columns:], k, columns)
			}
			for r := range m {
				for c := range columns {
					out[(i*m+r)*columns+c] = dot(in[0][(i*m+r)*k:][:k], turned[c*k:])
				}
			}
		}
	})
}

// softmax builds the softmax along an axis; before operator set 13, along all axes
// from that one on.
func softmax(n *node) error {
	dims := n.in[0].dims
	otherwise := -1
	if n.opset < 13 {
		otherwise = 1
	}
	axis, err := n.axis(otherwise, len(dims))
	if err != nil {
		return err
	}
	if n.in[0].whole {
		return errWhole
	}
	length, inner := dims[axis], elements(dims[axis+1:])
	if n.opset < 13 {
		length, inner = length*inner, 1
	}
	err = n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		for at := range out {
			if at/inner%length != 0 {
				continue
			}
			top, sum := math.Inf(-1), 0.0
			for i := range length {
				top = max(top, float64(in[0][at+i*inner]))
			}
			for i := range length {
				sum += math.Exp(float64(in[0][at+i*inner]) - top)
			}
			for i := range length {
				out[at+i*inner] = float32(math.Exp(float64(in[0][at+i*inner])-top) / sum)
			}
		}
	})
	if err == nil {
		n.out.softmax = length == elements(dims)
	}
	return err
}
