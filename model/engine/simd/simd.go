// Package simd carries what a js/wasm program built with -tags simd needs beside
// it to use the SIMD kernels of package engine; README.md tells how to join
// them.
package simd

import _ "embed"

//go:generate sh -c "go run expand.go | wat2wasm - -o kernels.wasm"

// Kernels is the WebAssembly module of the kernels, assembled from
// kernels.wat.tmpl by go generate.
//
//go:embed kernels.wasm
var Kernels []byte

// Glue is a classic script that defines the function allnetKernels, which joins
// the kernels to the Go program.
//
//go:embed glue.js
var Glue string
