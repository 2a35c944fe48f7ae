package cells

import "math/bits"

// far is a squared distance greater than any in a picture.
const far = int32(1) << 30

// distances returns for every pixel the square of the distance to the nearest pixel
// of mask, in pixels between centres, and which pixel that is (-1, and far, where mask
// has none, or none that near: most is the largest square that is told). Of several nearest ones
// the same is named on every platform, that of the leftmost column, and of two in that the upper:
// all of it is done in integers. It needs time in proportion to the pixels (Meijster, Roerdink and
// Hesselink 2000, "A general algorithm for computing distance transforms in linear time").
func distances(mask []bool, width, height int, most int32) (square, nearest []int32) {
	square, nearest = make([]int32, len(mask)), make([]int32, len(mask))
	// Down and up the columns: how many rows away the mask is, negative where it is above.
	const none = int32(1) << 29
	last := make([]int32, width)
	for x := range last {
		last[x] = none
	}
	for y := range height {
		set, above := mask[y*width:][:width], nearest[y*width:][:width]
		for x, d := range last {
			d++
			if set[x] {
				d = 0
			}
			last[x], above[x] = d, d
		}
	}
	for x := range last {
		last[x] = none
	}
	for y := height - 1; y >= 0; y-- {
		away := nearest[y*width:][:width]
		for x, d := range last {
			d++
			above := away[x]
			if above == 0 {
				d = 0
			}
			last[x] = d
			if d < above {
				away[x] = d
			} else {
				away[x] = -above
			}
		}
	}
	// Along each row, from one pixel of the mask to the next: beyond them none is nearer. What is nearest
	// is on the lower envelope of the parabolas that the columns raise.
	envelope := make([]parabola, width)
	for y := range height {
		away, squares := nearest[y*width:][:width], square[y*width:][:width]
		for a := 0; a < width; {
			if away[a] == 0 {
				away[a] = int32(y*width + a)
				a++
				continue
			}
			b := a + 1
			for b < width && away[b] != 0 {
				b++
			}
			n := 0
			if a > 0 {
				envelope[0] = parabola{column: a - 1, row: y, from: a}
				n = 1
			}
			for x := a; x < min(b+1, width); x++ {
				rows := int(away[x])
				drop := rows * rows
				if drop > int(most) {
					continue
				}
				at := a
				for n > 0 {
					// The new column is strictly nearer beyond beyond/twice.
					last := &envelope[n-1]
					twice := 2 * (x - last.column)
					beyond := (x-last.column)*(x+last.column) + drop - last.drop
					if beyond >= last.from*twice {
						at = int(uint(beyond)/uint(twice)) + 1
						break
					}
					n--
				}
				if at < b {
					envelope[n] = parabola{x, drop, y + rows, at}
					n++
				}
			}
			x := b - 1
			for k := n - 1; k >= 0; k-- {
				p := envelope[k]
				pixel := int32(p.row*width + p.column)
				for ; x >= p.from; x-- {
					d := int32((x-p.column)*(x-p.column) + p.drop)
					if d > most {
						squares[x], away[x] = far, -1
					} else {
						squares[x], away[x] = d, pixel
					}
				}
			}
			for ; x >= a; x-- {
				squares[x], away[x] = far, -1
			}
			a = b
		}
	}
	return square, nearest
}

// parabola is the squared distance from a pixel of the mask along a row drop away from it, squared;
// from is the first column where it is the least.
type parabola struct{ column, drop, row, from int }

// bitmap is a mask with 64 pixels to a word, each row beginning a new one.
type bitmap struct {
	width, height, words int
	bits                 []uint64
}

func newBitmap(width, height int) *bitmap {
	words := (width + 63) / 64
	return &bitmap{width, height, words, make([]uint64, words*height)}
}

func (m *bitmap) row(y int) []uint64 { return m.bits[y*m.words : (y+1)*m.words] }

// invert makes what is set unset, and the other way round.
func (m *bitmap) invert() {
	for y := range m.height {
		row := m.row(y)
		for k := range row {
			row[k] = ^row[k]
		}
		if rest := m.width % 64; rest > 0 {
			row[len(row)-1] &= 1<<rest - 1
		}
	}
}

// grown is every pixel that a pixel of the mask lies within radius of.
func (m *bitmap) grown(radius int) *bitmap {
	out := newBitmap(m.width, m.height)
	wide := make([]uint64, m.words)
	for y := range m.height {
		row := m.row(y)
		copy(wide, row)
		reach := 0
		for down := radius; down >= 0; down-- {
			for ; (reach+1)*(reach+1)+down*down <= radius*radius; reach++ {
				// One pixel more to either side.
				before := uint64(0)
				for k, word := range wide {
					after := uint64(0)
					if k+1 < len(wide) {
						after = wide[k+1]
					}
					wide[k] = word | word<<1 | before>>63 | word>>1 | after<<63
					before = word
				}
			}
			for _, v := range [2]int{y - down, y + down} {
				if v >= 0 && v < m.height {
					for k, word := range out.row(v) {
						out.bits[v*m.words+k] = word | wide[k]
					}
				}
			}
		}
	}
	if rest := m.width % 64; rest > 0 {
		for y := range m.height {
			out.row(y)[m.words-1] &= 1<<rest - 1
		}
	}
	return out
}

// opened takes from a mask whatever is too narrow to hold a disc of radius pixels.
// Beyond the picture's rim the mask may go on.
func opened(mask []bool, width, height, radius int) []bool {
	m := newBitmap(width, height)
	for y := range height {
		row := m.row(y)
		for x, set := range mask[y*width:][:width] {
			if !set {
				row[x/64] |= 1 << (x % 64)
			}
		}
	}
	m = m.grown(radius)
	m.invert()
	m = m.grown(radius)
	out := make([]bool, len(mask))
	for y := range height {
		for k, word := range m.row(y) {
			for at := y*width + 64*k; word != 0; word &= word - 1 {
				out[at+bits.TrailingZeros64(word)] = true
			}
		}
	}
	return out
}
