//go:build !(js && wasm && simd)

package engine

// The rest of the package calls the kernels by these names; kernels_simd.go puts
// the SIMD twins in their place.

func convReLUPool(out, in []float32, h, w, cin int, weight [][block]float32, bias []float32) {
	convReLUPoolGo(out, in, h, w, cin, weight, bias)
}

func winograd(out, in []float32, h, w, cin int, weight [][block]float32, bias, scratch []float32) {
	winogradGo(out, in, h, w, cin, weight, bias, scratch)
}

func winogradWindows(out, vectors []float32, windows []int32, cin int, weight [][block]float32, bias, scratch []float32) {
	winogradWindowsGo(out, vectors, windows, cin, weight, bias, scratch)
}

func product(out, in []float32, rows, k int, weight [][block]float32, bias []float32, relu bool) {
	productGo(out, in, rows, k, weight, bias, relu)
}

func assemble(out, products []float32, windows []int32, bias []float32) {
	assembleGo(out, products, windows, bias)
}

func averageRows(out, table []float32, rows []int32, divisor float32) {
	averageRowsGo(out, table, rows, divisor)
}

func gather(out, in []float32, index []int32, rows, stride int) {
	gatherGo(out, in, index, rows, stride)
}

func gatherBlocks(out, in [][block]float32, index []int32, rows, stride int) {
	gatherGo(out, in, index, rows, stride)
}
