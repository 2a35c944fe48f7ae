package engine

// The kernels of this file define the arithmetic. Each comment shows the loop
// that it stands for, with s, a, b… as float32: the order of the additions is
// part of the definition, since the SIMD twins must give the same bits.

// block is how many neighbouring outputs are computed together. Output counts
// are padded to multiples of it.
const block = 8

// convReLUPoolGo computes one block of the network: 3x3 valid convolution
// with stride 1, 2x2 max pooling with stride 2, bias and ReLU. The feature
// map before pooling never exists.
//
//	in     [h][w][cin], h and w at least 4
//	weight [cout/8][ky*kx*cin][8]
//	bias   [cout]
//	out    [(h-2)/2][(w-2)/2][cout]; an odd last row or column is dropped
//
// Per pooled position (y, x) and output o:
//
//	for dy, dx in {0, 1} x {0, 1}:
//		s[dy][dx] = 0
//		for ky, kx, c in order: // added one after another
//			s[dy][dx] += in[2y+dy+ky][2x+dx+kx][c] * weight[o/8][ky][kx][c][o%8]
//	out[y][x][o] = max(max(s) + bias[o], 0)
//
// Adding the bias and cutting at zero after the maximum gives what the usual
// order gives, since both are monotonic.
func convReLUPoolGo(out, in []float32, h, w, cin int, weight [][block]float32, bias []float32) {
	cout, terms, run := len(bias), 9*cin, 3*cin
	ph, pw := (h-2)/2, (w-2)/2
	patches := make([]float32, 4*terms) // the inputs of the four places, each in the weights' order
	for y := range ph {
		for x := range pw {
			for row := range 4 * 3 {
				d, ky := row/3, row%3
				at := ((2*y+d/2+ky)*w + 2*x + d%2) * cin
				copy(patches[row*run:][:run], in[at:])
			}
			for o := 0; o < cout; o += block {
				wo := weight[o/block*terms:][:terms]
				var s [4][block]float32
				for d := range s {
					accumulate(&s[d], patches[d*terms:][:terms], wo)
				}
				dst := (*[block]float32)(out[(y*pw+x)*cout+o:])
				for i, b := range (*[block]float32)(bias[o:]) {
					dst[i] = max(max(s[0][i], s[1][i], s[2][i], s[3][i])+b, 0)
				}
			}
		}
	}
}

// productGo computes rows of a matrix times a packed matrix, plus bias, with
// an optional ReLU: a dense layer for several samples at once.
//
//	in     [rows][k]
//	weight [cols/8][k][8]
//	bias   [cols]
//	out    [rows][cols]
//
// Per row r and column o:
//
//	s = 0
//	for i in order:
//		s += in[r][i] * weight[o/8][i][o%8]
//	out[r][o] = s + bias[o], or max(s + bias[o], 0)
//
// How many rows are computed together never changes a row's bits.
func productGo(out, in []float32, rows, k int, weight [][block]float32, bias []float32, relu bool) {
	cols := len(bias)
	for o := 0; o < cols; o += block {
		wo := weight[o/block*k:][:k]
		for r := range rows {
			var s [block]float32
			accumulate(&s, in[r*k:][:k], wo)
			dst := (*[block]float32)(out[r*cols+o:])
			for i, b := range (*[block]float32)(bias[o:]) {
				dst[i] = s[i] + b
				if relu {
					dst[i] = max(dst[i], 0)
				}
			}
		}
	}
}

// window is the side of the square of input positions that one pooled output
// depends on: a 3x3 window at four neighbouring places.
const window = 4

// assembleGo computes pooled outputs from tap products. A tap product is the
// product of one input vector with the weights of one of the nine taps (ky,
// kx) of a convolution; the convolution is a sum of nine of them.
//
//	products [vectors][9][cout]
//	windows  [n][4][4], the vectors that one output's window holds
//	bias     [cout]
//	out      [n][cout]
//
// Per output n and o:
//
//	for dy, dx in {0, 1} x {0, 1}:
//		s[dy][dx] = 0
//		for ky, kx in order: // added one after another
//			s[dy][dx] += products[windows[n][dy+ky][dx+kx]][3*ky+kx][o]
//	out[n][o] = max(max(s) + bias[o], 0)
func assembleGo(out, products []float32, windows []int32, bias []float32) {
	cout := len(bias)
	for n := 0; n < len(windows)/(window*window); n++ {
		vectors := (*[window * window]int32)(windows[n*window*window:])
		best := out[n*cout:][:cout]
		for d := range 4 {
			tap := func(ky, kx int) []float32 {
				v := int(vectors[(d/2+ky)*window+d%2+kx])
				return products[(v*9+3*ky+kx)*cout:][:len(best)]
			}
			a, b, c := tap(0, 0), tap(0, 1), tap(0, 2)
			e, f, g := tap(1, 0), tap(1, 1), tap(1, 2)
			h, i, j := tap(2, 0), tap(2, 1), tap(2, 2)
			if d == 0 {
				for o := range best {
					best[o] = a[o] + b[o] + c[o] + e[o] + f[o] + g[o] + h[o] + i[o] + j[o]
				}
				continue
			}
			for o := range best {
				best[o] = max(best[o], a[o]+b[o]+c[o]+e[o]+f[o]+g[o]+h[o]+i[o]+j[o])
			}
		}
		for o, b := range bias[:len(best)] {
			best[o] = max(best[o]+b, 0)
		}
	}
}

// sumGroup is how many rows averageRows adds up before it adds their sum to the
// total. Adding many like values one by one loses digits, and always in one
// direction where they are equal, as on empty background.
const sumGroup = 16

// averageRowsGo adds the named rows of a table in the given order, in groups of
// sumGroup, and divides the sum by divisor: global average pooling when the
// rows are all positions of a feature map.
//
//	table [any][width]
//	out   [width]
//
// Per output o:
//
//	s = 0
//	for each group of rows in order:
//		g = 0
//		for r in group, in order:
//			g += table[r][o]
//		s += g
//	out[o] = s / divisor
func averageRowsGo(out, table []float32, rows []int32, divisor float32) {
	width := len(out)
	clear(out)
	for len(rows) > 0 {
		group := rows[:min(sumGroup, len(rows))]
		rows = rows[len(group):]
		for o := 0; o < width; o += block {
			var g [block]float32
			for _, r := range group {
				t := (*[block]float32)(table[int(r)*width+o:])
				g[0] += t[0]
				g[1] += t[1]
				g[2] += t[2]
				g[3] += t[3]
				g[4] += t[4]
				g[5] += t[5]
				g[6] += t[6]
				g[7] += t[7]
			}
			for i, v := range g {
				out[o+i] += v
			}
		}
	}
	for o := range out {
		out[o] /= divisor
	}
}

// gatherGo takes from each row the elements that the indices name.
//
//	in  [rows][stride]
//	out [rows][len(index)]
func gatherGo[T any](out, in []T, index []int32, rows, stride int) {
	n := len(index)
	for r := range rows {
		from, to := in[r*stride:][:stride], out[r*n:][:n]
		for j, i := range index {
			to[j] = from[i]
		}
	}
}

// accumulate adds products to eight sums:
//
//	for j in order:
//		s[o] += x[j] * w[j][o]
//
// It is unrolled by four because reading through pointers to arrays leaves
// one bounds check for four terms: 2.0 times as fast natively and 1.6 times in
// js/wasm as the same loop over one term at a time. Eight sums and one factor
// are what fits into sixteen registers; wider tiles spill.
func accumulate(s *[block]float32, x []float32, w [][block]float32) {
	s0, s1, s2, s3, s4, s5, s6, s7 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for len(x) >= 4 && len(w) >= 4 {
		x4, w4 := (*[4]float32)(x), (*[4][block]float32)(w)
		a, v := x4[0], &w4[0]
		s0 += float32(a * v[0])
		s1 += float32(a * v[1])
		s2 += float32(a * v[2])
		s3 += float32(a * v[3])
		s4 += float32(a * v[4])
		s5 += float32(a * v[5])
		s6 += float32(a * v[6])
		s7 += float32(a * v[7])
		a, v = x4[1], &w4[1]
		s0 += float32(a * v[0])
		s1 += float32(a * v[1])
		s2 += float32(a * v[2])
		s3 += float32(a * v[3])
		s4 += float32(a * v[4])
		s5 += float32(a * v[5])
		s6 += float32(a * v[6])
		s7 += float32(a * v[7])
		a, v = x4[2], &w4[2]
		s0 += float32(a * v[0])
		s1 += float32(a * v[1])
		s2 += float32(a * v[2])
		s3 += float32(a * v[3])
		s4 += float32(a * v[4])
		s5 += float32(a * v[5])
		s6 += float32(a * v[6])
		s7 += float32(a * v[7])
		a, v = x4[3], &w4[3]
		s0 += float32(a * v[0])
		s1 += float32(a * v[1])
		s2 += float32(a * v[2])
		s3 += float32(a * v[3])
		s4 += float32(a * v[4])
		s5 += float32(a * v[5])
		s6 += float32(a * v[6])
		s7 += float32(a * v[7])
		x, w = x[4:], w[4:]
	}
	w = w[:len(x)]
	for j, a := range x {
		v := &w[j]
		s0 += float32(a * v[0])
		s1 += float32(a * v[1])
		s2 += float32(a * v[2])
		s3 += float32(a * v[3])
		s4 += float32(a * v[4])
		s5 += float32(a * v[5])
		s6 += float32(a * v[6])
		s7 += float32(a * v[7])
	}
	*s = [block]float32{s0, s1, s2, s3, s4, s5, s6, s7}
}
