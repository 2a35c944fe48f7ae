//go:build js && wasm && simd

package lime

import (
	"unsafe"

	"allnet/lime/detmath"
)

// The SIMD twin of addRowsGo is a WebAssembly function that works on this program's memory: a program that is built with -tags simd is
// joined to it from outside, or says that there is none. The same bits come of both.

//go:wasmimport allnet simd_available
func simdAvailable() int32

//go:wasmimport allnet densities
//go:noescape
func simdDensities(l, a, b, sums unsafe.Pointer, upper, lower, width, stride, reach int32, terms unsafe.Pointer, dy2, scale float64, squares, table unsafe.Pointer)

// simd is settled before the program starts.
var simd = simdAvailable() != 0

func (f *featureMap) addRows(upper, lower int, w *rowWork) {
	if !simd {
		f.addRowsGo(upper, lower, w)
		return
	}
	first := func(s []float64, n int) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s[:n])) }
	pixels, span := f.stride*(f.height+2*f.reach), 2*f.reach+1
	simdDensities(first(f.l, pixels), first(f.a, pixels), first(f.b, pixels), first(f.density, pixels),
		int32(f.at(upper, 0)), int32(f.at(lower, 0)), int32(f.width), int32(f.stride), int32(f.reach),
		first(w.terms, span*f.stride+4), w.squares[f.reach+lower-upper], f.scale, first(w.squares, span), unsafe.Pointer(detmath.ExpTable()))
}
