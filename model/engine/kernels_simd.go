//go:build js && wasm && simd

package engine

import "unsafe"

// The SIMD twins, WebAssembly functions that work on this program's memory; see
// simd/README.md. They do not check their arguments, so the functions below
// check all slices first. The indices in windows and rows are this package's
// own.

//go:wasmimport allnet simd_available
func simdAvailable() int32

//go:wasmimport allnet conv
//go:noescape
func simdConv(out, in unsafe.Pointer, h, w, cin int32, weight, bias unsafe.Pointer, cout int32)

//go:wasmimport allnet winograd
//go:noescape
func simdWinograd(out, in unsafe.Pointer, w, pw, n, cin int32, weight, bias unsafe.Pointer, cout int32, scratch, windows unsafe.Pointer)

//go:wasmimport allnet product
//go:noescape
func simdProduct(out, in unsafe.Pointer, rows, k int32, weight, bias unsafe.Pointer, cols, relu int32)

//go:wasmimport allnet assemble
//go:noescape
func simdAssemble(out, products, windows unsafe.Pointer, n int32, bias unsafe.Pointer, cout int32)

//go:wasmimport allnet average
//go:noescape
func simdAverage(out, table, rows unsafe.Pointer, n, width int32, divisor float32)

//go:wasmimport allnet gather
//go:noescape
func simdGather(out, in, index unsafe.Pointer, n, rows, stride int32)

//go:wasmimport allnet gatherBlocks
//go:noescape
func simdGatherBlocks(out, in, index unsafe.Pointer, n, rows, stride int32)

// simd says whether the browser has the kernels. It is settled before the
// program starts.
var simd = simdAvailable() != 0

// first is the address of the first of n elements, which s must have.
func first[T any](s []T, n int) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(s[:n]))
}

func convReLUPool(out, in []float32, h, w, cin int, weight [][block]float32, bias []float32) {
	if !simd {
		convReLUPoolGo(out, in, h, w, cin, weight, bias)
		return
	}
	cout := len(bias)
	simdConv(first(out, (h-2)/2*((w-2)/2)*cout), first(in, h*w*cin), int32(h), int32(w), int32(cin),
		first(weight, cout/block*9*cin), first(bias, cout), int32(cout))
}

func winograd(out, in []float32, h, w, cin int, weight [][block]float32, bias, scratch []float32) {
	if !simd {
		winogradGo(out, in, h, w, cin, weight, bias, scratch)
		return
	}
	cout, ph, pw := len(bias), (h-2)/2, (w-2)/2
	simdWinograd(first(out, ph*pw*cout), first(in, h*w*cin), int32(w), int32(pw), int32(ph*pw), int32(cin),
		first(weight, cout/block*winogradTerms*cin), first(bias, cout), int32(cout), first(scratch, winogradScratch(cin)), nil)
}

func winogradWindows(out, vectors []float32, windows []int32, cin int, weight [][block]float32, bias, scratch []float32) {
	if !simd {
		winogradWindowsGo(out, vectors, windows, cin, weight, bias, scratch)
		return
	}
	n, cout := len(windows)/(window*window), len(bias)
	if n == 0 {
		return
	}
	simdWinograd(first(out, n*cout), first(vectors, 0), window, 0, int32(n), int32(cin),
		first(weight, cout/block*winogradTerms*cin), first(bias, cout), int32(cout), first(scratch, winogradScratch(cin)), first(windows, len(windows)))
}

func product(out, in []float32, rows, k int, weight [][block]float32, bias []float32, relu bool) {
	if !simd {
		productGo(out, in, rows, k, weight, bias, relu)
		return
	}
	if rows == 0 {
		return
	}
	cols, cut := len(bias), int32(0)
	if relu {
		cut = 1
	}
	simdProduct(first(out, rows*cols), first(in, rows*k), int32(rows), int32(k),
		first(weight, cols/block*k), first(bias, cols), int32(cols), cut)
}

func assemble(out, products []float32, windows []int32, bias []float32) {
	if !simd {
		assembleGo(out, products, windows, bias)
		return
	}
	n, cout := len(windows)/(window*window), len(bias)
	if n == 0 {
		return
	}
	simdAssemble(first(out, n*cout), first(products, 0), first(windows, len(windows)), int32(n),
		first(bias, cout), int32(cout))
}

func averageRows(out, table []float32, rows []int32, divisor float32) {
	if !simd {
		averageRowsGo(out, table, rows, divisor)
		return
	}
	simdAverage(first(out, len(out)), first(table, 0), first(rows, len(rows)), int32(len(rows)),
		int32(len(out)), divisor)
}

func gather(out, in []float32, index []int32, rows, stride int) {
	if !simd {
		gatherGo(out, in, index, rows, stride)
		return
	}
	if n := len(index); n > 0 && rows > 0 {
		simdGather(first(out, rows*n), first(in, rows*stride), first(index, n), int32(n), int32(rows), int32(stride))
	}
}

func gatherBlocks(out, in [][block]float32, index []int32, rows, stride int) {
	if !simd {
		gatherGo(out, in, index, rows, stride)
		return
	}
	if n := len(index); n > 0 && rows > 0 {
		simdGatherBlocks(first(out, rows*n), first(in, rows*stride), first(index, n), int32(n), int32(rows), int32(stride))
	}
}
