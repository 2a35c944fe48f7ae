//go:build js && wasm && simd

package lime

import (
	"math"
	"os"
	"slices"
	"testing"
)

func TestSIMDIsUsed(t *testing.T) {
	if want := os.Getenv("ALLNET_NO_SIMD") == ""; simd != want {
		t.Errorf("SIMD in use: %v, want %v", simd, want)
	}
}

// For every pair of rows the twins add the same bits, write nothing else, and leave the border alone: widths that fill the last vector
// and those that do not, the least reach and others, colours so far apart that exponentials are 0.
func TestSIMDAddsTheSameBits(t *testing.T) {
	for width := 1; width <= 9; width++ {
		for _, kernel := range []float64{1, 1.4, 4} {
			for _, ratio := range []float64{0.2, 1} {
				o := QuickshiftOptions{KernelSize: kernel, MaxDist: 200, Ratio: ratio, Seed: 3}
				rgb := randomPicture(uint64(width), width, 4)
				fast, plain := newFeatureMap(rgb, width, 4, o), newFeatureMap(rgb, width, 4, o)
				var work [2]*rowWork
				for i := range work {
					work[i] = newRowWork(fast)
				}
				fast.l, fast.a, fast.b, fast.density = guardedCopy(fast.l), guardedCopy(fast.a), guardedCopy(fast.b), guardedCopy(fast.density)
				work[0].terms, work[0].squares = guardedCopy(work[0].terms), guardedCopy(work[0].squares)
				for lower := range 4 {
					for upper := range lower + 1 {
						fast.addRows(upper, lower, work[0])
						plain.addRowsGo(upper, lower, work[1])
						if !slices.Equal(fast.density, plain.density) {
							t.Fatalf("width %d, kernel %v, ratio %v, rows %d and %d: densities differ", width, kernel, ratio, upper, lower)
						}
					}
				}
				for _, s := range [][]float64{fast.l, fast.a, fast.b, fast.density, work[0].terms, work[0].squares} {
					if !guarded(s) {
						t.Fatalf("width %d, kernel %v: something was written beyond a slice", width, kernel)
					}
				}
			}
		}
	}
}

const guards = 16

// guardedCopy is a copy of values between NaNs.
func guardedCopy(values []float64) []float64 {
	all := slices.Repeat([]float64{math.NaN()}, len(values)+2*guards)
	copy(all[guards:], values)
	guardedIn[&all[guards]] = all
	return all[guards : guards+len(values) : guards+len(values)]
}

// guardedIn are the slices that guarded copies are parts of, by their first values.
var guardedIn = map[*float64][]float64{}

// guarded tells whether what surrounds a guarded copy is as it was.
func guarded(values []float64) bool {
	all := guardedIn[&values[0]]
	isNaN := func(v float64) bool { return v != v }
	return !slices.ContainsFunc(all[:guards], func(v float64) bool { return !isNaN(v) }) &&
		!slices.ContainsFunc(all[guards+len(values):], func(v float64) bool { return !isNaN(v) })
}
