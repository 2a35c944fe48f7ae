package cells

// far is a squared distance greater than any in a picture.
const far = int32(1) << 30

// distances returns for every pixel the square of the distance to the nearest pixel
// of mask, in pixels between centres, and which pixel that is (-1, and far, where mask
// has none). Of several nearest ones the same is named on every platform: all of it is
// done in integers. It needs time in proportion to the pixels (Meijster, Roerdink and
// Hesselink 2000, "A general algorithm for computing distance transforms in linear time").
func distances(mask []bool, width, height int) (square, nearest []int32) {
	square, nearest = make([]int32, len(mask)), make([]int32, len(mask))
	// Down and up each column: the nearest pixel of the mask in the same column.
	for x := range width {
		last := -1
		for y := range height {
			if mask[y*width+x] {
				last = y
			}
			nearest[y*width+x] = int32(last)
		}
		last = -1
		for y := height - 1; y >= 0; y-- {
			i := y*width + x
			if mask[i] {
				last = y
			}
			if above := int(nearest[i]); last >= 0 && (above < 0 || last-y < y-above) {
				nearest[i] = int32(last)
			}
		}
	}
	// Along each row: the lower envelope of the parabolas that the columns raise.
	rows := make([]int32, width) // the row found in each column, -1 none
	drop := make([]int, width)   // its distance, squared
	column := make([]int, width) // columns of the envelope
	from := make([]int, width)   // the first x of each
	for y := range height {
		n := 0
		for x := range width {
			rows[x] = nearest[y*width+x]
			if rows[x] < 0 {
				continue
			}
			drop[x] = (int(rows[x]) - y) * (int(rows[x]) - y)
			at := 0
			for n > 0 {
				c := column[n-1]
				// From at on the new column is strictly nearer than c.
				at = floorDiv(x*x-c*c+drop[x]-drop[c], 2*(x-c)) + 1
				if at > from[n-1] {
					break
				}
				n--
			}
			if n == 0 {
				at = 0
			}
			if at < width {
				column[n], from[n] = x, at
				n++
			}
		}
		k := n - 1
		for x := width - 1; x >= 0; x-- {
			i := y*width + x
			if n == 0 {
				square[i], nearest[i] = far, -1
				continue
			}
			for from[k] > x {
				k--
			}
			c := column[k]
			square[i], nearest[i] = int32((x-c)*(x-c)+drop[c]), rows[c]*int32(width)+int32(c)
		}
	}
	return square, nearest
}

// floorDiv divides by a positive number and rounds down.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// opened takes from a mask whatever is too narrow to hold a disc of radius pixels.
// Beyond the picture's rim the mask may go on.
func opened(mask []bool, width, height int, radius int32) []bool {
	outside := make([]bool, len(mask))
	for i, set := range mask {
		outside[i] = !set
	}
	square, _ := distances(outside, width, height)
	core := make([]bool, len(mask))
	for i, d := range square {
		core[i] = d > radius*radius
	}
	square, _ = distances(core, width, height)
	for i, d := range square {
		core[i] = d <= radius*radius
	}
	return core
}
