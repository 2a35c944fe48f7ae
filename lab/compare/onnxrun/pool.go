package onnxrun

import (
	"fmt"
	"math"
	"slices"
)

func maxPool(n *node) error {
	n.ignore("storage_order") // it orders the indices, which are not computed
	return n.pool(func(w *window, out, x []float32) {
		w.each(func(at, top, bottom, left, right int) {
			best := float32(math.Inf(-1))
			for y := top; y < bottom; y += w[0].dilation {
				for x0 := left; x0 < right; x0 += w[1].dilation {
					best = max(best, x[y*w[1].in+x0])
				}
			}
			out[at] = best
		})
	})
}

func averagePool(n *node) error {
	padding := n.int("count_include_pad", 0) != 0
	return n.pool(func(w *window, out, x []float32) {
		w.each(func(at, top, bottom, left, right int) {
			sum, count := 0.0, 0
			for y := top; y < bottom; y += w[0].dilation {
				for x0 := left; x0 < right; x0 += w[1].dilation {
					sum += float64(x[y*w[1].in+x0])
					count++
				}
			}
			if padding {
				count = w.elements(0, at/w[1].out) * w.elements(1, at%w[1].out)
			}
			out[at] = float32(sum / float64(count))
		})
	})
}

// pool builds a pooling that treats every channel by itself.
func (n *node) pool(plane func(w *window, out, x []float32)) error {
	dims, err := n.picture()
	if err != nil {
		return err
	}
	kernel, err := n.ints("kernel_shape", 2, 0)
	if err != nil {
		return err
	}
	w, err := n.window(dims, kernel, n.int("ceil_mode", 0) != 0)
	if err != nil {
		return err
	}
	for i := range w {
		if reach := (w[i].kernel - 1) * w[i].dilation; w[i].before > reach || w[i].after > reach {
			return fmt.Errorf("its padding is wider than its kernel")
		}
	}
	places, area := w[0].out*w[1].out, dims[2]*dims[3]
	return n.compute([]int{1, dims[1], w[0].out, w[1].out}, func(_ *scratch, out []float32, in [][]float32) {
		for c := range dims[1] {
			plane(&w, out[c*places:][:places], in[0][c*area:][:area])
		}
	})
}

// each calls use for every window with the index of its result and the range of
// the input that it covers, padding excluded.
func (w *window) each(use func(at, top, bottom, left, right int)) {
	for y := range w[0].out {
		top, bottom := w.covered(0, y)
		for x := range w[1].out {
			left, right := w.covered(1, x)
			use(y*w[1].out+x, top, bottom, left, right)
		}
	}
}

func (w *window) covered(axis, o int) (from, to int) {
	a := &w[axis]
	from = w.at(axis, o, 0)
	if from < 0 {
		from += (-from + a.dilation - 1) / a.dilation * a.dilation
	}
	return from, min(w.at(axis, o, a.kernel-1)+1, a.in)
}

// elements counts the window's elements along one axis, those in the padding
// included, but not those beyond it.
func (w *window) elements(axis, o int) int {
	a := &w[axis]
	end := min(w.at(axis, o, a.kernel-1)+1, a.in+a.after)
	return (end - w.at(axis, o, 0) + a.dilation - 1) / a.dilation
}

// globalPool builds the mean, or the maximum, of every channel.
func globalPool(n *node) error {
	dims, err := n.picture()
	if err != nil {
		return err
	}
	area, largest := dims[2]*dims[3], n.Op == "GlobalMaxPool"
	return n.compute([]int{1, dims[1], 1, 1}, func(_ *scratch, out []float32, in [][]float32) {
		for c := range out {
			plane := in[0][c*area:][:area]
			if largest {
				out[c] = slices.Max(plane)
			} else {
				out[c] = mean(plane)
			}
		}
	})
}

func mean(values []float32) float32 {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return float32(sum / float64(len(values)))
}

// reduceMean builds the mean over any axes.
func reduceMean(n *node) error {
	x := n.in[0]
	axes, _, err := n.wholeNumbers("axes", 1)
	if err != nil {
		return err
	}
	if x.whole || len(x.dims) == 0 {
		return fmt.Errorf("its input has shape %v; expected float32 with at least one axis", x.dims)
	}
	keep, idle := n.int("keepdims", 1) != 0, n.int("noop_with_empty_axes", 0) != 0
	if len(axes) == 0 && idle {
		return n.view(x, x.dims)
	}
	for _, axis := range axes {
		if _, err := within(axis, len(x.dims)); err != nil {
			return err
		}
	}
	kept := slices.Clone(x.dims) // with 1 for each axis that goes
	var dims []int
	for i, d := range x.dims {
		if reduces(axes, i, len(kept)) {
			kept[i] = 1
		} else {
			dims = append(dims, d)
		}
	}
	if keep {
		dims = kept
	}
	to := strides(kept, len(kept))
	share := float64(elements(kept)) / float64(elements(x.dims))
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		sums := make([]float64, len(out))
		last := len(x.dims) - 1
		rows(x.dims, to, to, func(at, o, _ int) {
			for i, v := range in[0][at:][:x.dims[last]] {
				sums[o+i*to[last]] += float64(v)
			}
		})
		for i, sum := range sums {
			out[i] = float32(sum * share)
		}
	})
}

// reduces tells whether the axes, of which none means all, hold i.
func reduces(axes []int, i, rank int) bool {
	return len(axes) == 0 || slices.Contains(axes, i) || slices.Contains(axes, i-rank)
}
