//go:build js && wasm && simd

package standard

import (
	"unsafe"

	"allnet/model/internal/twin"
)

// The SIMD twin of weighPlaneGo; see package twin.

//go:wasmimport allnet weigh
//go:noescape
func simdWeigh(out, in unsafe.Pointer, n, rows, step, next int32, weights unsafe.Pointer, factor float32)

func weighPlane(out, plane []float32, n, rows, step, next int, factor float32) {
	if !twin.Used || n < 1 || rows < 1 {
		weighPlaneGo(out, plane, n, rows, step, next, factor)
		return
	}
	const value = 4 // bytes
	last := (rows - 1) * next
	simdWeigh(twin.First(out, last+n), twin.First(plane, last+6*step+n), int32(n), int32(rows), int32(value*step), int32(value*next), twin.First(normal[:], 4), factor)
}
