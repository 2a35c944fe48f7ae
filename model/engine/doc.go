// Package engine computes ALL-Net: blocks of 3x3 valid convolution, ReLU and
// 2x2 max pooling, global average pooling, then dense layers (Thiriveedhi et
// al. 2025, section "Proposed model"). It runs natively and as js/wasm, and
// gives the same bits on every platform:
//
//   - products are rounded to float32 before they are added, so no compiler
//     may fuse the two;
//   - every output is summed in one fixed order, and vectors run over outputs,
//     never over a sum, so a SIMD kernel and its plain twin agree exactly.
//
// # Data layout
//
// Activations are [height][width][channel]. Eight neighbouring outputs form a
// block; weights are packed as [block][term][8], where the terms of a
// convolution are ordered (ky, kx, input channel) and those of a dense layer
// by input. So the terms of one row of a 3x3 window lie in one run of memory,
// in the activations as in the weights:
//
//	activations  row y+ky:  … |x: c0 c1 … |x+1: c0 c1 … |x+2: c0 c1 … | …
//	weights of a block, ky:   |kx=0: c0 c1 … |kx=1 …    |kx=2 …       |
//	                            each term: the weights of 8 outputs
//
// The kernels that take all the time are in kernels.go and winograd.go.
package engine
