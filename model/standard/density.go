package standard

import (
	"math"

	"allnet/lime/detmath"
)

// Density is a picture as optical densities: how much light a place takes from each
// channel, -ln((level + 1) / 256). Dyes add up in it (Beer and Lambert), and uneven
// light is a smooth surface that can be subtracted.
type Density struct {
	// Width and Height are in pixels.
	Width, Height int
	// Channels hold red, green and blue, each [Height][Width].
	Channels [3][]float32
}

// densities are those of the 256 levels.
var densities = func() (d [256]float32) {
	for level := range d {
		d[level] = float32(-detmath.Log(float64(level+1) / 256))
	}
	return d
}()

// wide are densities with as many bits as sums are made of.
var wide = func() (d [256]float64) {
	for level := range d {
		d[level] = float64(densities[level])
	}
	return d
}()

// DensityOf returns the densities of rgb, [height][width][3].
func DensityOf(rgb []uint8, width, height int) *Density {
	d := &Density{Width: width, Height: height}
	for c := range d.Channels {
		plane := make([]float32, width*height)
		for i := range plane {
			plane[i] = densities[rgb[3*i+c]]
		}
		d.Channels[c] = plane
	}
	return d
}

// RGB returns the picture, [Height][Width][3]; densities below 0 are white.
func (d *Density) RGB() []uint8 {
	rgb := make([]uint8, 3*d.Width*d.Height)
	for c, plane := range d.Channels {
		for i, v := range plane {
			rgb[3*i+c] = levelOf(v)
		}
	}
	return rgb
}

// cuts hold for each level the least density that is nearer to the level below, the next darker one.
var cuts = func() (cuts [256]float32) {
	cuts[0] = float32(math.Inf(1))
	for level := 1; level < len(cuts); level++ {
		low, high := densities[level], densities[level-1]
		below, from := math.Float32bits(low), math.Float32bits(high) // positive numbers are in the order of their bits
		for from-below > 1 {
			middle := below + (from-below)/2
			if d := math.Float32frombits(middle); high-d < d-low {
				from = middle
			} else {
				below = middle
			}
		}
		cuts[level] = math.Float32frombits(from)
	}
	return cuts
}()

// brightest hold the level at the beginning of each step of 1/stepsPerUnit of density: the levels
// lie farther apart, so that a step has two at most.
const stepsPerUnit = 512

var brightest = func() (b [6 * stepsPerUnit]uint8) {
	level := 255
	for i := range b {
		for float32(i)/stepsPerUnit >= cuts[level] {
			level--
		}
		b[i] = uint8(level)
	}
	return b
}()

// levelOf is the level whose density is nearest: densities fall as levels rise.
func levelOf(density float32) uint8 {
	if density <= 0 {
		return 255
	}
	if density >= densities[0] {
		return 0
	}
	level := brightest[int(density*stepsPerUnit)]
	if density >= cuts[level] {
		level--
	}
	return level
}

// The background is looked for in grid x grid parts of a picture, as the density that
// share of a part's pixels do not reach. A part that is full of cells would take them
// for background: it may lie at most most above the whole picture.
const (
	grid  = 8
	share = 0.1
	most  = 0.25
)

// Background is the smooth surface of what the empty ground takes from the light:
// uneven illumination, a cast of colour and the glass itself, for each channel
// [grid][grid], at the centres of the parts.
type Background [3][grid * grid]float64

// BackgroundOf estimates a picture's background, and whatever in keep is false is not
// looked at (nil: all is); parts in which nothing is looked at have the background of
// the whole.
func BackgroundOf(d *Density, keep []bool) *Background {
	b := new(Background)
	whole, part := new(counts), new(counts)
	for c, plane := range d.Channels {
		*whole = counts{}
		var g [grid * grid]float64
		for row := range grid {
			for column := range grid {
				*part = counts{}
				x0, x1 := column*d.Width/grid, (column+1)*d.Width/grid
				n := 0
				for y := row * d.Height / grid; y < (row+1)*d.Height/grid; y++ {
					for x, v := range plane[y*d.Width+x0 : y*d.Width+x1] {
						if keep != nil && !keep[y*d.Width+x0+x] {
							continue
						}
						bin := min(max(int(v*countsPerUnit), 0), len(part.of)-1)
						part.of[bin]++
						whole.of[bin]++
						n++
					}
				}
				part.all = n
				whole.all += n
				g[row*grid+column] = part.lower()
			}
		}
		b[c] = surfaceOf(g, whole.lower())
	}
	return b
}

// surfaceOf is the surface of a channel whose parts have these backgrounds, -1 where nothing was
// looked at, and all of it whole.
func surfaceOf(parts [grid * grid]float64, whole float64) [grid * grid]float64 {
	for i, part := range parts {
		if part < 0 {
			part = whole
		}
		parts[i] = min(part, whole+most)
	}
	return smoothGrid(parts)
}

// backgroundOf is BackgroundOf for all of rgb, [height][width][3].
func backgroundOf(rgb []uint8, width, height int) *Background {
	var whole, part [3]levelCounts
	var g [3][grid * grid]float64
	for row := range grid {
		for column := range grid {
			part = [3]levelCounts{}
			x0, x1 := column*width/grid, (column+1)*width/grid
			pixels := (x1 - x0) * ((row+1)*height/grid - row*height/grid)
			red, green, blue := &part[0], &part[1], &part[2]
			for y := row * height / grid; y < (row+1)*height/grid; y++ {
				in := rgb[3*(y*width+x0) : 3*(y*width+x1)]
				for i := 2; i < len(in); i += 3 {
					red[in[i-2]]++
					green[in[i-1]]++
					blue[in[i]]++
				}
			}
			for c := range part {
				g[c][row*grid+column] = part[c].lower(pixels)
				for level, n := range part[c] {
					whole[c][level] += n
				}
			}
		}
	}
	b := new(Background)
	for c := range b {
		b[c] = surfaceOf(g[c], whole[c].lower(width*height))
	}
	return b
}

// levelCounts are how many pixels have a level.
type levelCounts [256]int32

// lower is what counts.lower is for the densities of the levels of all these pixels.
func (n *levelCounts) lower(all int) float64 {
	if all == 0 {
		return -1
	}
	below, level := n[255], 255
	for float64(below) < share*float64(all) {
		level--
		below += n[level]
	}
	return (float64(int(densities[level]*countsPerUnit)) + 0.5) / countsPerUnit
}

// countsPerUnit: densities are counted in steps of 1/512, finer than what levels near
// white can tell apart.
const countsPerUnit = 512

// counts are how many pixels have a density.
type counts struct {
	of  [6 * countsPerUnit]int32
	all int
}

// lower is the density that share of the pixels do not reach, -1 where there are none.
func (n *counts) lower() float64 {
	if n.all == 0 {
		return -1
	}
	below, bin := n.of[0], 0
	for float64(below) < share*float64(n.all) {
		bin++
		below += n.of[bin]
	}
	return (float64(bin) + 0.5) / countsPerUnit
}

// smoothGrid blurs with a deviation of one part; at the rim the nearest part stands
// for those beyond it.
func smoothGrid(g [grid * grid]float64) [grid * grid]float64 {
	weights := [...]float64{0.006, 0.061, 0.242, 0.382, 0.242, 0.061, 0.006} // normal distribution, between the halves
	pass := func(in [grid * grid]float64, along func(row, column, by int) int) (out [grid * grid]float64) {
		for row := range grid {
			for column := range grid {
				sum := 0.0
				for k, w := range weights {
					sum += float64(w * in[along(row, column, k-3)])
				}
				out[row*grid+column] = sum
			}
		}
		return out
	}
	clamp := func(i int) int { return min(max(i, 0), grid-1) }
	g = pass(g, func(row, column, by int) int { return row*grid + clamp(column+by) })
	return pass(g, func(row, column, by int) int { return clamp(row+by)*grid + column })
}

// Flattened subtracts a background, so that the ground is white and the light even.
// Between the centres of the background's parts it runs straight.
func (d *Density) Flattened(b *Background) *Density {
	out := &Density{Width: d.Width, Height: d.Height}
	for c := range out.Channels {
		out.Channels[c] = make([]float32, d.Width*d.Height)
	}
	b.rows(d.Width, d.Height, func(c, y int, part float64, tops, rises []float64) {
		in, to := d.Channels[c][y*d.Width:][:len(tops)], out.Channels[c][y*d.Width:][:len(tops)]
		for x, top := range tops {
			to[x] = float32(float64(in[x]) - (top + float64(part*rises[x])))
		}
	})
	return out
}

// Even returns what DensityOf(rgb, width, height) is once its background is subtracted, at less
// cost: levels are counted, of which there are few.
func Even(rgb []uint8, width, height int) *Density {
	d := new(Density)
	d.even(rgb, width, height, backgroundOf(rgb, width, height))
	return d
}

// even makes d what Even returns for that background, in d's own planes where they are large enough.
func (d *Density) even(rgb []uint8, width, height int, b *Background) {
	d.Width, d.Height = width, height
	for c := range d.Channels {
		sized(&d.Channels[c], width*height)
	}
	b.rows(width, height, func(c, y int, part float64, tops, rises []float64) {
		in, to := rgb[3*y*width:][:3*len(tops)], d.Channels[c][y*width:][:len(tops)]
		rises = rises[:len(tops)]
		for x, top := range tops {
			to[x] = float32(wide[in[3*x+c]] - (top + float64(part*rises[x])))
		}
	})
}

// evened is rgb, [height][width][3], with a background subtracted.
func evened(rgb []uint8, width, height int, b *Background) []uint8 {
	out := make([]uint8, 3*width*height)
	b.rows(width, height, func(c, y int, part float64, tops, rises []float64) {
		in, to := rgb[3*y*width:][:3*len(tops)], out[3*y*width:][:3*len(tops)]
		rises = rises[:len(tops)]
		for x, top := range tops {
			to[3*x+c] = levelOf(float32(wide[in[3*x+c]] - (top + float64(part*rises[x]))))
		}
	})
	return out
}

// rows tells of each row of a picture, channel by channel, what the background is in it: at
// pixel x, tops[x] and that part of rises[x].
func (b *Background) rows(width, height int, each func(c, y int, part float64, tops, rises []float64)) {
	across, down := between(width), between(height)
	tops, rises := make([]float64, width), make([]float64, width)
	for c := range b {
		g := &b[c]
		band := -1 // tops and rises are those of the rows between this part and the next
		for y, v := range down {
			if v.first != band {
				band = v.first
				for x, h := range across {
					top := g[v.first*grid+h.first] + float64(h.part*(g[v.first*grid+h.second]-g[v.first*grid+h.first]))
					bottom := g[v.second*grid+h.first] + float64(h.part*(g[v.second*grid+h.second]-g[v.second*grid+h.first]))
					tops[x], rises[x] = top, bottom-top
				}
			}
			each(c, y, v.part, tops, rises)
		}
	}
}

// place says between which two parts a pixel lies, and how far it is to the second.
type place struct {
	first, second int
	part          float64
}

func between(pixels int) []place {
	places := make([]place, pixels)
	for i := range places {
		at := (float64(i)+0.5)*grid/float64(pixels) - 0.5
		at = min(max(at, 0), grid-1)
		first := min(int(at), grid-2)
		places[i] = place{first, first + 1, at - float64(first)}
	}
	return places
}

// Quantile is the density in a channel's plane that share of the values do not exceed.
func Quantile(values []float32, share float64) float32 {
	return new(search).quantiles(values, share)[0]
}

// quantiles are the Quantiles for some shares. It counts instead of sorting: by the leading bits, then, of the
// values that share those, by the ones that follow.
func (s *search) quantiles(values []float32, shares ...float64) []float32 {
	var leading [1 << 11]int32
	for _, v := range values {
		leading[ordered(v)>>21]++
	}
	found := make([]float32, len(shares))
	for k, share := range shares {
		rank := min(int(share*float64(len(values))), len(values)-1)
		place := func(counts *[1 << 11]int32) (place uint32) {
			for rank >= int(counts[place]) {
				rank -= int(counts[place])
				place++
			}
			return place
		}
		first := place(&leading)
		s.alike = s.alike[:0]
		var following, last [1 << 11]int32
		for _, v := range values {
			if o := ordered(v); o>>21 == first {
				s.alike = append(s.alike, o)
				following[o>>10&(1<<11-1)]++
			}
		}
		second := first<<11 | place(&following)
		for _, o := range s.alike {
			if o>>10 == second {
				last[o&(1<<10-1)]++
			}
		}
		found[k] = unordered(second<<10 | place(&last))
	}
	return found
}

// ordered maps a value to an integer such that the smaller value has the smaller one:
// the bits of positive numbers are so already, those of negative ones the other way round.
func ordered(v float32) uint32 {
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// unordered is the value that ordered maps to an integer.
func unordered(o uint32) float32 {
	return math.Float32frombits(o ^ (uint32(^int32(o)>>31) | 1<<31))
}
