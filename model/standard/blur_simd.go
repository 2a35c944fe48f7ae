//go:build js && wasm && simd

package standard

import "unsafe"

// The SIMD twin of weighPlaneGo, which gives the same bits; see model/engine/simd.

//go:wasmimport allnet simd_available
func simdAvailable() int32

//go:wasmimport allnet weigh
//go:noescape
func simdWeigh(out, in unsafe.Pointer, n, rows, step, next int32, weights unsafe.Pointer, factor float32)

// simd is settled before the program starts.
var simd = simdAvailable() != 0

func weighPlane(out, plane []float32, n, rows, step, next int, factor float32) {
	if !simd || n < 1 || rows < 1 {
		weighPlaneGo(out, plane, n, rows, step, next, factor)
		return
	}
	const value = 4 // bytes
	first := func(s []float32, n int) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s[:n])) }
	last := (rows - 1) * next
	simdWeigh(first(out, last+n), first(plane, last+6*step+n), int32(n), int32(rows), int32(value*step), int32(value*next), first(normal[:], 4), factor)
}
