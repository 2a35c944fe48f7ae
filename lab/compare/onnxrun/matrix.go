package onnxrun

// lanes is how many rows, and how many columns, of a product are summed together:
// nine sums and their factors are what fits into the registers.
const lanes = 3

// packRows lays out the rows of a [rows][terms] matrix by threes, [rows/3][terms][3],
// with zeros beyond the last row.
func packRows(matrix []float32, rows, terms int) []float32 {
	packed := make([]float32, (rows+lanes-1)/lanes*lanes*terms)
	for r := range rows {
		for t := range terms {
			packed[(r/lanes*terms+t)*lanes+r%lanes] = matrix[r*terms+t]
		}
	}
	return packed
}

// addProduct adds the product of packed rows and one panel, [terms][3], to the
// columns of out, [rows][stride]; only the first `columns` of the three count.
func addProduct(out, packed, panel []float32, rows, stride, columns int) {
	for r := 0; r < rows; r += lanes {
		var c [lanes][lanes]float32
		block := packed[r*len(panel)/lanes:][:len(panel)]
		c[0][0], c[0][1], c[0][2], c[1][0], c[1][1], c[1][2], c[2][0], c[2][1], c[2][2] = nine(block, panel)
		for i := range min(lanes, rows-r) {
			to := out[(r+i)*stride:][:columns]
			for j := range to {
				to[j] += c[i][j]
			}
		}
	}
}

// nine sums, over all terms, the products of each of a's three lanes with each of
// b's.
func nine(a, b []float32) (c00, c01, c02, c10, c11, c12, c20, c21, c22 float32) {
	for i := 0; i+lanes <= len(a) && i+lanes <= len(b); i += lanes {
		x, y := (*[lanes]float32)(a[i:]), (*[lanes]float32)(b[i:])
		b0, b1, b2 := y[0], y[1], y[2]
		v := x[0]
		c00 += v * b0
		c01 += v * b1
		c02 += v * b2
		v = x[1]
		c10 += v * b0
		c11 += v * b1
		c12 += v * b2
		v = x[2]
		c20 += v * b0
		c21 += v * b1
		c22 += v * b2
	}
	return
}

// dot is the scalar product, in four partial sums.
func dot(a, b []float32) float32 {
	var s [4]float32
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s[0] += a[0] * b[0]
		s[1] += a[1] * b[1]
		s[2] += a[2] * b[2]
		s[3] += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for i, v := range a {
		s[0] += v * b[i]
	}
	return s[0] + s[1] + (s[2] + s[3])
}

// transposed returns [columns][rows] of a [rows][columns] matrix.
func transposed(to, from []float32, rows, columns int) []float32 {
	for r := range rows {
		for c := range columns {
			to[c*rows+r] = from[r*columns+c]
		}
	}
	return to
}
