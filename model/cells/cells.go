package cells

import (
	"math"
	"slices"

	"allnet/model/standard"
)

// Rim is how far, in pixels, a cell's cytoplasm is taken to reach beyond its nucleus:
// lymphoblasts have little of it.
const Rim = 5

// Cells are the stained cells of a picture.
type Cells struct {
	// Width and Height are the picture's, in pixels.
	Width, Height int
	// Labels tell of each pixel, [Height][Width], to which cell it belongs, nucleus or
	// rim: 1 is List[0], 0 no cell.
	Labels []uint16
	// Nucleus marks the pixels of nuclei, [Height][Width].
	Nucleus []bool
	// List holds the cells in the order of their first pixels, row by row.
	List []Cell
	// Smudges, in the same order, are pale remains of broken nuclei. They are no cells and have no label.
	Smudges []Smudge
}

// Cell is one nucleus with its rim.
type Cell struct {
	// Area and NucleusArea are in pixels; the first has the rim in it.
	Area, NucleusArea int
	// X and Y are the centre of the nucleus, in pixels; the middle of the picture's first
	// pixel is (0, 0).
	X, Y float64
	// Box holds the nucleus and the rim.
	Box Box
	// AtRim says that the picture's rim cuts the nucleus: part of it cannot be seen.
	AtRim bool
	// Stain is the mean of what nuclei take up, over the nucleus, in optical density.
	Stain float64
}

// Smudge is the remains of a broken nucleus.
type Smudge struct {
	Area int // in pixels
	Box  Box
}

// Box is a rectangle of pixels; Right and Bottom are the first that lie outside.
type Box struct{ Left, Top, Right, Bottom int }

func (b *Box) add(x, y int) {
	if b.Right == 0 {
		*b = Box{x, y, x + 1, y + 1}
		return
	}
	b.Left, b.Top = min(b.Left, x), min(b.Top, y)
	b.Right, b.Bottom = max(b.Right, x+1), max(b.Bottom, y+1)
}

// Limits of the mask of nuclei; areas and lengths are in pixels at the training
// magnification, where a red cell is 16 to 17 pixels wide. They were chosen on the data
// set and on the first halves, by name, of the foreign pictures of lab/cells.
const (
	// The threshold is share per cent of the stain that three pixels in a thousand
	// reach; no more than mostStain, for a few shrunken nuclei are twice as dark as all
	// others; and not below leastStain, nor below redCells per cent of the median of all
	// that is not empty ground, as far as leastStainRed: red cells take up some, in some
	// laboratories more than in others.
	share         = 35
	mostStain     = 32 * unit / 100
	leastStain    = 10 * unit / 100
	redCells      = 200
	leastStainRed = 20 * unit / 100
	ground        = 0.08      // density of green below which the ground is empty
	mostRed       = unit / 12 // see stainOf

	narrow    = 2  // what cannot hold a disc of this radius is left out
	mostHole  = 80 // larger holes stay
	leastArea = 60 // smaller regions are platelets and specks
)

// Find finds the stained cells of a picture, [height][width][3], beside red cells of the
// colour red, which may be unknown.
func Find(rgb []uint8, width, height int, red RedCells) *Cells {
	return in(standard.Even(rgb, width, height), red)
}

// in is Find for optical densities once the light is even.
func in(flat *standard.Density, red RedCells) *Cells {
	flat, ofRed := red.balance(flat)
	w, h := flat.Width, flat.Height
	c := &Cells{Width: w, Height: h, Labels: make([]uint16, w*h), Nucleus: make([]bool, w*h)}
	if w*h == 0 {
		return c
	}
	stain := stainOf(flat)
	least, level := threshold(stain, flat, ofRed)
	mask := make([]bool, w*h)
	for i, s := range stain {
		mask[i] = s > level
	}
	// A region cut by the picture's rim is taken to go on beyond it.
	mask = opened(mask, w, h, narrow)
	fillHoles(mask, w, h)
	names, square := divided(mask, w, h)
	c.collect(names, joinLobes(names, stain, square, flat), stain, least)
	return c
}

// unit is an optical density of 1: stain is counted in whole numbers, in which sums are
// the same on every platform.
const unit = 1024

// stainOf is what nuclei take up and red cells do not, [Height][Width], in parts of
// unit, blurred a little (deviation 1 pixel): the density of green above that of blue, and
// half of that above red, where the second is the smaller. Azure and eosin together absorb
// green; haemoglobin absorbs blue as well, and a red scale bar as much of blue as of green.
// Green above red alone does not do: where azure prevails, nuclei absorb as much of either or
// more of red, which therefore counts against them no further than mostRed.
func stainOf(d *standard.Density) []int32 {
	stain := make([]int32, d.Width*d.Height)
	n := len(stain)
	red, green, blue := d.Channels[0][:n], d.Channels[1][:n], d.Channels[2][:n]
	for i := range stain {
		stain[i] = stainOfColour(int32(red[i]*unit), int32(green[i]*unit), int32(blue[i]*unit))
	}
	return blurred(stain, d.Width, d.Height)
}

func stainOfColour(r, g, b int32) int32 { return g - b + max(min(g-r, g-b), -mostRed)/2 }

// blurred is a picture convolved with a normal distribution of deviation 1 pixel; at
// the rim the nearest pixel stands for those beyond it.
func blurred(values []int32, width, height int) []int32 {
	const reach = 3
	rows, out, row := make([]int32, len(values)), make([]int32, len(values)), make([]int32, width+2*reach)
	for y := range height {
		in := values[y*width:][:width]
		copy(row[reach:], in)
		for k := range reach {
			row[k], row[reach+width+k] = in[0], in[width-1]
		}
		weigh(rows[y*width:][:width], row, row[1:], row[2:], row[3:], row[4:], row[5:], row[6:])
	}
	for y := range height {
		at := func(k int) []int32 { return rows[min(max(y+k, 0), height-1)*width:][:width] }
		weigh(out[y*width:][:width], at(-3), at(-2), at(-1), at(0), at(1), at(2), at(3))
	}
	return out
}

// weigh adds up seven neighbours of each value of out by the weights of a normal distribution.
func weigh(out, a, b, c, d, e, f, g []int32) {
	n := len(out)
	a, b, c, d, e, f, g = a[:n], b[:n], c[:n], d[:n], e[:n], f[:n], g[:n]
	for i := range out {
		out[i] = (512 + 5*(a[i]+g[i]) + 55*(b[i]+f[i]) + 248*(c[i]+e[i]) + 408*d[i]) >> 10 // of 1024
	}
}

// threshold is the stain above which a pixel may belong to a nucleus: a share of
// that of the picture's most stained places, within limits. The lower limit, least, is
// what some pixels of red cells reach; ofRed is the stain of those that lie free.
func threshold(stain []int32, d *standard.Density, ofRed int32) (least, level int32) {
	var all, covered levels
	green := d.Channels[1][:len(stain)]
	for i, s := range stain {
		all.add(s)
		if green[i] > ground {
			covered.add(s)
		}
	}
	least = max(leastStain, min(leastStainRed, covered.above(500)*redCells/100))
	strong := all.above(3)
	beside := min(ofRed*aboveRedCells, strong*mostFloor) / 100
	return least, max(least, min(mostStain, strong*share/100), beside)
}

// levels counts stain.
type levels struct {
	counts [4*unit + 1]int
	n      int
}

func (l *levels) add(stain int32) {
	l.counts[min(max(int(stain), 0), len(l.counts)-1)]++
	l.n++
}

// above is what so many in a thousand reach.
func (l *levels) above(thousandths int) int32 {
	left, level := l.n*thousandths/1000, len(l.counts)-1
	for level > 0 && left >= l.counts[level] {
		left -= l.counts[level]
		level--
	}
	return int32(level)
}

// gap is a run of pixels of a row that are not in a mask.
type gap struct {
	from, to int // pixels
	// root is the first gap of those that it hangs together with, as far as known; area is
	// that of all of them, open that they reach the picture's rim, both true of the root.
	root, area int
	open       bool
}

// fillHoles adds what a mask encloses, where that is small: between cells that touch
// in a ring there is more.
func fillHoles(mask []bool, width, height int) {
	var gaps []gap
	root := func(g int) int {
		for gaps[g].root != g {
			gaps[g].root = gaps[gaps[g].root].root
			g = gaps[g].root
		}
		return g
	}
	above := 0 // the first gap of the row above that reaches as far as this one
	for y := range height {
		row := mask[y*width:][:width]
		first := len(gaps)
		for x := 0; x < width; x++ {
			if row[x] {
				continue
			}
			start := x
			for x < width && !row[x] {
				x++
			}
			g := len(gaps)
			gaps = append(gaps, gap{y*width + start, y*width + x, g, x - start, y == 0 || y == height-1 || start == 0 || x == width})
			for above < first && gaps[above].to+width <= gaps[g].from {
				above++
			}
			for k := above; k < first && gaps[k].from+width < gaps[g].to; k++ {
				one, other := root(k), root(g)
				if one == other {
					continue
				}
				one, other = min(one, other), max(one, other)
				gaps[other].root = one
				gaps[one].area += gaps[other].area
				gaps[one].open = gaps[one].open || gaps[other].open
			}
		}
		above = first
	}
	for k := range gaps {
		if r := &gaps[root(k)]; !r.open && r.area <= mostHole {
			for i := gaps[k].from; i < gaps[k].to; i++ {
				mask[i] = true
			}
		}
	}
}

// collect fills in the cells: names[i] is the part of pixel i, from 1, 0 none.
func (c *Cells) collect(names []int32, parts []part, stain []int32, least int32) {
	w, h := c.Width, c.Height
	kinds := kindsOf(parts, int64(least))
	label := make([]uint16, len(parts))
	next := uint16(0)
	for i, p := range names {
		switch kinds[p] {
		case nucleus:
			if label[p] == 0 {
				if next == math.MaxUint16 {
					continue
				}
				next++
				label[p] = next
			}
			c.Nucleus[i] = true
			c.Labels[i] = label[p]
		case smudge:
			c.Smudges = append(c.Smudges, Smudge{int(parts[p].area), parts[p].box})
			kinds[p] = nothing
		}
	}
	c.List = make([]Cell, next)
	square, nearest := distances(c.Nucleus, w, h, Rim*Rim)
	sums := make([]struct{ x, y, stain int }, next)
	labels := c.Labels
	c.Labels = make([]uint16, len(labels))
	for y := range h {
		for x := range w {
			i := y*w + x
			if nearest[i] < 0 {
				continue // farther than Rim
			}
			l := labels[nearest[i]]
			c.Labels[i] = l
			cell := &c.List[l-1]
			cell.Area++
			cell.Box.add(x, y)
			if square[i] == 0 {
				cell.NucleusArea++
				cell.AtRim = cell.AtRim || x == 0 || y == 0 || x == w-1 || y == h-1
				s := &sums[l-1]
				s.x, s.y, s.stain = s.x+x, s.y+y, s.stain+int(stain[i])
			}
		}
	}
	for i := range c.List {
		cell, n := &c.List[i], float64(c.List[i].NucleusArea)
		cell.X, cell.Y = float64(sums[i].x)/n, float64(sums[i].y)/n
		cell.Stain = float64(sums[i].stain) / n / unit
	}
}

// Share is the part of the picture that belongs to cells, from 0 to 1.
func (c *Cells) Share() float64 {
	area := 0
	for _, cell := range c.List {
		area += cell.Area
	}
	return float64(area) / float64(max(1, c.Width*c.Height))
}

// Blanked returns the picture, [Height][Width][3], with all that belongs to no cell set
// to one level in each channel: 235 is the training pictures' ground.
func Blanked(rgb []uint8, c *Cells, level uint8) []uint8 {
	out := slices.Clone(rgb)
	for i, label := range c.Labels {
		if label == 0 {
			out[3*i], out[3*i+1], out[3*i+2] = level, level, level
		}
	}
	return out
}
