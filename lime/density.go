package lime

import (
	"context"
	"fmt"

	"allnet/lime/detmath"
)

// computeDensity adds the kernel sums to the noise (SPEC 2.8): to each pixel of the rows from to to the terms exp(-dist/2s²) of its window,
// in row-major order. The densities of other rows are left with a part of theirs.
//
// A distance is exactly symmetric, so each term serves both of its pixels. Taking the rows downwards, and for each first its terms with
// the rows above it, uppermost first, then its own, adds to every pixel in just that order: what a row gets from the rows below it comes
// when these are taken. Terms with pixels outside the picture are 0, which changes no sum.
func (f *featureMap) computeDensity(ctx context.Context, from, to int) error {
	w := newRowWork(f)
	for lower := from; lower < min(f.height, to+f.reach); lower++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("lime: quickshift stopped: %w", err)
		}
		for upper := max(0, lower-f.reach); upper <= lower && upper < to; upper++ {
			f.addRows(upper, lower, w)
		}
	}
	return nil
}

// rowWork is what addRows works with, the same for all rows of a picture.
type rowWork struct {
	squares []float64 // of -reach to reach
	// terms is [2*reach+1][stride], and four more that the SIMD twin reads over its end: the term between column c of the upper row and
	// column c+dx of the lower is terms[reach+dx][reach+c]. A term of a pixel of the picture with one beyond it is 0: addRowsGo writes none, and the
	// SIMD twin, which takes two columns at once and so one beyond an odd width, finds 0 by the border's colour. Terms of the border with itself nobody reads.
	terms []float64
}

func newRowWork(f *featureMap) *rowWork {
	w := &rowWork{terms: make([]float64, (2*f.reach+1)*f.stride+4)}
	for dx := -f.reach; dx <= f.reach; dx++ {
		w.squares = append(w.squares, float64(dx*dx))
	}
	return w
}

// addRowsGo adds the terms between two rows to the densities of both, or those within a row to its densities.
func (f *featureMap) addRowsGo(upper, lower int, w *rowWork) {
	row := func(dx, from int) []float64 { // of the picture's columns, starting at one of the upper row's
		return w.terms[(f.reach+dx)*f.stride+f.reach+from:][:f.width]
	}
	first := -f.reach
	if upper == lower {
		first = 1
	}
	var right, left [][]float64 // as a column of the upper row sees the lower, and the other way round; both from left to right
	for dx := first; dx <= f.reach; dx++ {
		if from, to := max(0, -dx), min(f.width, f.width-dx); from < to {
			f.kernelRow(row(dx, 0)[from:to], upper, from, lower-upper, dx, w.squares)
		}
		right = append(right, row(dx, 0))
	}
	for dx := f.reach; dx >= first; dx-- {
		left = append(left, row(dx, -dx))
	}
	above, below := f.density[f.at(upper, 0):][:f.width], f.density[f.at(lower, 0):][:f.width]
	if upper < lower {
		addInOrder(above, right)
		addInOrder(below, left)
		return
	}
	addInOrder(below, left)
	for c := range below {
		below[c]++ // exp(0)
	}
	addInOrder(below, right)
}

// kernelRow sets dst[c] to exp(-dist/2s²) between pixel (r,c0+c) and its neighbour at (dy,dx); dist is summed in the order of SPEC 2.7.
func (f *featureMap) kernelRow(dst []float64, r, c0, dy, dx int, squares []float64) {
	p, q, n := f.at(r, c0), f.at(r+dy, c0+dx), len(dst)
	l0, a0, b0 := f.l[p:][:n], f.a[p:][:n], f.b[p:][:n]
	l1, a1, b1 := f.l[q:][:n], f.a[q:][:n], f.b[q:][:n]
	dy2, dx2 := squares[f.reach+dy], squares[f.reach+dx]
	for i := range dst {
		l, a, b := l0[i]-l1[i], a0[i]-a1[i], b0[i]-b1[i]
		d := float64(l*l) + float64(a*a) + float64(b*b) + dy2 + dx2
		dst[i] = float64(d * f.scale)
	}
	detmath.ExpAll(dst)
}

// addInOrder adds the terms to sum, element by element, first term first.
func addInOrder(sum []float64, terms [][]float64) {
	n := len(sum)
	for ; len(terms) >= 4; terms = terms[4:] {
		t0, t1, t2, t3 := terms[0][:n], terms[1][:n], terms[2][:n], terms[3][:n]
		for i := range sum {
			sum[i] = sum[i] + t0[i] + t1[i] + t2[i] + t3[i]
		}
	}
	for _, t := range terms {
		t = t[:n]
		for i := range sum {
			sum[i] += t[i]
		}
	}
}
