// Package twin is what callers of SIMD twins share. These are WebAssembly functions that do
// what a plain loop does, to the same bits, on this program's memory: a program for js/wasm that is
// built with -tags simd is joined to them from outside (package model/engine/simd), or is told that there
// are none. They do not check their arguments, so callers check all slices first.
package twin
