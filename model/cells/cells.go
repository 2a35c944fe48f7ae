package cells

import (
	"cmp"
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
	// Smudges are pale remains of broken nuclei. They are no cells and have no label.
	Smudges []Cell
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

// Limits of a nucleus. Areas and lengths are in pixels at the training magnification,
// where a red cell is 16 to 17 pixels wide.
var (
	leastStain = int32(15 * unit / 100)
	mostStain  = int32(45 * unit / 100)
	share      = int32(40) // per cent
)

const (
	leastArea  = 60
	mostHole   = 80
	narrow     = 2
	paleShare  = 60
	smudgeArea = 150
)

// Find finds the stained cells of a picture, [height][width][3].
func Find(rgb []uint8, width, height int) *Cells {
	return In(standard.DensityOf(rgb, width, height))
}

// In is Find for a picture as optical densities, flattened or not.
func In(d *standard.Density) *Cells {
	w, h := d.Width, d.Height
	c := &Cells{Width: w, Height: h, Labels: make([]uint16, w*h), Nucleus: make([]bool, w*h)}
	if w*h == 0 {
		return c
	}
	stain := stainOf(d.Flattened(standard.BackgroundOf(d, nil)))
	level := threshold(stain)
	mask := make([]bool, w*h)
	for i, s := range stain {
		mask[i] = s > level
	}
	mask = opened(mask, w, h, narrow)
	fillHoles(mask, w, h)
	names, square := divided(mask, w, h)
	c.collect(names, joinLobes(names, stain, square, w, h), stain)
	return c
}

// unit is an optical density of 1: stain is counted in whole numbers, which are the
// same on every platform.
const unit = 1024

// stainOf is what nuclei take up and red cells do not, [Height][Width], in parts of
// unit, blurred a little (deviation 1 pixel).
func stainOf(d *standard.Density) []int32 {
	stain := make([]int32, d.Width*d.Height)
	red, green, blue := d.Channels[0], d.Channels[1], d.Channels[2]
	for i := range stain {
		r, g, b := int32(red[i]*unit), int32(green[i]*unit), int32(blue[i]*unit)
		stain[i] = g - b + min(g-r, g-b)/2
	}
	return blurred(stain, d.Width, d.Height)
}

// blurred is a picture convolved with a normal distribution of deviation 1 pixel; at
// the rim the nearest pixel stands for those beyond it.
func blurred(values []int32, width, height int) []int32 {
	weights := [...]int32{5, 55, 248, 408, 248, 55, 5} // of 1024
	const reach = len(weights) / 2
	out, row := make([]int32, len(values)), make([]int32, max(width, height)+2*reach)
	pass := func(in, out []int32, start, step, n int) {
		for k := range n + 2*reach {
			row[k] = in[start+min(max(k-reach, 0), n-1)*step]
		}
		for k := range n {
			sum := int32(512)
			for j, weight := range weights {
				sum += weight * row[k+j]
			}
			out[start+k*step] = sum >> 10
		}
	}
	for y := range height {
		pass(values, out, y*width, 1, width)
	}
	for x := range width {
		pass(out, out, x, width, height)
	}
	return out
}

// threshold is the stain above which a pixel may belong to a nucleus.
func threshold(stain []int32) int32 {
	const most = 4 * unit
	var counts [most + 1]int
	for _, s := range stain {
		counts[min(max(s, 0), most)]++
	}
	left, q := len(stain)*3/1000, int32(most)
	for q > 0 && left >= counts[q] {
		left -= counts[q]
		q--
	}
	return max(leastStain, min(mostStain, q*share/100))
}

// fillHoles adds what a mask encloses, where that is small: between cells that touch
// in a ring there is more.
func fillHoles(mask []bool, width, height int) {
	seen := make([]bool, len(mask))
	var hole []int32
	for start := range mask {
		if mask[start] || seen[start] {
			continue
		}
		hole = append(hole[:0], int32(start))
		seen[start] = true
		open := false
		for k := 0; k < len(hole); k++ {
			i := int(hole[k])
			x, y := i%width, i/width
			open = open || x == 0 || y == 0 || x == width-1 || y == height-1
			for _, n := range [4]int{i - 1, i + 1, i - width, i + width} {
				if (n == i-1 && x == 0) || (n == i+1 && x == width-1) || n < 0 || n >= len(mask) {
					continue
				}
				if !mask[n] && !seen[n] {
					seen[n] = true
					hole = append(hole, int32(n))
				}
			}
		}
		if !open && len(hole) <= mostHole {
			for _, i := range hole {
				mask[i] = true
			}
		}
	}
}

// collect fills in the cells: names[i] is the part of pixel i, from 1, 0 none.
func (c *Cells) collect(names []int32, parts []part, stain []int32) {
	w, h := c.Width, c.Height
	typical := typicalStain(parts)
	label := make([]uint16, len(parts))
	next := uint16(0)
	for i, p := range names {
		if p == 0 || parts[p].area < leastArea {
			continue
		}
		if label[p] == 0 {
			switch {
			case parts[p].mean()*100 < paleShare*typical:
				if parts[p].area >= smudgeArea {
					c.Smudges = append(c.Smudges, Cell{Box: parts[p].box, NucleusArea: parts[p].area})
				}
				parts[p].area = 0
				continue
			case next == 1<<16-1:
				continue
			}
			next++
			label[p] = next
		}
		c.Nucleus[i] = true
		c.Labels[i] = label[p]
	}
	c.List = make([]Cell, next)
	square, nearest := distances(c.Nucleus, w, h)
	sums := make([]struct{ x, y, stain int }, next)
	labels := c.Labels
	c.Labels = make([]uint16, len(labels))
	for y := range h {
		for x := range w {
			i := y*w + x
			if square[i] > Rim*Rim {
				continue
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

// typicalStain is what half of the pixels of all nuclei do not exceed, each pixel counted
// as the mean of its nucleus.
func typicalStain(parts []part) int {
	var whole []part
	area := 0
	for _, p := range parts {
		if p.area >= leastArea {
			whole = append(whole, p)
			area += p.area
		}
	}
	slices.SortFunc(whole, func(a, b part) int { return cmp.Or(a.mean()-b.mean(), a.area-b.area) })
	below := 0
	for _, p := range whole {
		below += p.area
		if 2*below >= area {
			return p.mean()
		}
	}
	return 0
}
