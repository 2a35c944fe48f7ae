//go:build js && wasm && simd

package engine

import (
	"unsafe"

	"allnet/model/internal/twin"
)

// The SIMD twins; see package twin and simd/README.md. The indices in windows and rows
// are this package's own.

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

func convReLUPool(out, in []float32, h, w, cin int, weight [][block]float32, bias []float32) {
	if !twin.Used {
		convReLUPoolGo(out, in, h, w, cin, weight, bias)
		return
	}
	cout := len(bias)
	simdConv(twin.First(out, (h-2)/2*((w-2)/2)*cout), twin.First(in, h*w*cin), int32(h), int32(w), int32(cin),
		twin.First(weight, cout/block*9*cin), twin.First(bias, cout), int32(cout))
}

func winograd(out, in []float32, h, w, cin int, weight [][block]float32, bias, scratch []float32) {
	if !twin.Used {
		winogradGo(out, in, h, w, cin, weight, bias, scratch)
		return
	}
	cout, ph, pw := len(bias), (h-2)/2, (w-2)/2
	simdWinograd(twin.First(out, ph*pw*cout), twin.First(in, h*w*cin), int32(w), int32(pw), int32(ph*pw), int32(cin),
		twin.First(weight, cout/block*winogradTerms*cin), twin.First(bias, cout), int32(cout), twin.First(scratch, winogradScratch(cin)), nil)
}

func winogradWindows(out, vectors []float32, windows []int32, cin int, weight [][block]float32, bias, scratch []float32) {
	if !twin.Used {
		winogradWindowsGo(out, vectors, windows, cin, weight, bias, scratch)
		return
	}
	n, cout := len(windows)/(window*window), len(bias)
	if n == 0 {
		return
	}
	simdWinograd(twin.First(out, n*cout), twin.First(vectors, 0), window, 0, int32(n), int32(cin),
		twin.First(weight, cout/block*winogradTerms*cin), twin.First(bias, cout), int32(cout), twin.First(scratch, winogradScratch(cin)), twin.First(windows, len(windows)))
}

func product(out, in []float32, rows, k int, weight [][block]float32, bias []float32, relu bool) {
	if !twin.Used {
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
	simdProduct(twin.First(out, rows*cols), twin.First(in, rows*k), int32(rows), int32(k),
		twin.First(weight, cols/block*k), twin.First(bias, cols), int32(cols), cut)
}

func assemble(out, products []float32, windows []int32, bias []float32) {
	if !twin.Used {
		assembleGo(out, products, windows, bias)
		return
	}
	n, cout := len(windows)/(window*window), len(bias)
	if n == 0 {
		return
	}
	simdAssemble(twin.First(out, n*cout), twin.First(products, 0), twin.First(windows, len(windows)), int32(n),
		twin.First(bias, cout), int32(cout))
}

func averageRows(out, table []float32, rows []int32, divisor float32) {
	if !twin.Used {
		averageRowsGo(out, table, rows, divisor)
		return
	}
	simdAverage(twin.First(out, len(out)), twin.First(table, 0), twin.First(rows, len(rows)), int32(len(rows)),
		int32(len(out)), divisor)
}

func gather(out, in []float32, index []int32, rows, stride int) {
	if !twin.Used {
		gatherGo(out, in, index, rows, stride)
		return
	}
	if n := len(index); n > 0 && rows > 0 {
		simdGather(twin.First(out, rows*n), twin.First(in, rows*stride), twin.First(index, n), int32(n), int32(rows), int32(stride))
	}
}

func gatherBlocks(out, in [][block]float32, index []int32, rows, stride int) {
	if !twin.Used {
		gatherGo(out, in, index, rows, stride)
		return
	}
	if n := len(index); n > 0 && rows > 0 {
		simdGatherBlocks(twin.First(out, rows*n), twin.First(in, rows*stride), twin.First(index, n), int32(n), int32(rows), int32(stride))
	}
}
