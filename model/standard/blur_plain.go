//go:build !(js && wasm && simd)

package standard

// weighPlane is weighPlaneGo; blur_simd.go puts the SIMD twin in its place.
func weighPlane(out, plane []float32, n, rows, step, next int, factor float32) {
	weighPlaneGo(out, plane, n, rows, step, next, factor)
}
