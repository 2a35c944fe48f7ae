//go:build js && wasm && simd

package twin

import "unsafe"

//go:wasmimport allnet simd_available
func available() int32

// Used says whether the program was given the twins. It is settled before the program starts.
var Used = available() != 0

// First is the address of the first of n elements, which s must have.
func First[T any](s []T, n int) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(s[:n]))
}
