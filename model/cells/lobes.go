package cells

import (
	"math"

	"allnet/model/standard"
)

// The lobes of one nucleus may lie apart, or meet in a thread. Parts are its lobes
// where they nearly touch (mostGap pixels from either side), take up stain alike, one
// is too small to be a nucleus of its own, and all together are no larger than a
// neutrophil's nucleus.
const (
	lobeSquare = 42  // squared radius, in pixels, below which a part may be a lobe
	mostGap    = 3   // pixels
	lobedArea  = 500 // pixels of all lobes
	lobedSide  = 36  // pixels, width and height of all
	alikeShare = 60  // per cent
)

// part is a connected piece of the mask of nuclei.
type part struct {
	area                    int64
	stain, red, green, blue int64 // summed over the pixels, in parts of unit
	x, y, xx, xy, yy        int64 // sums of coordinates and of their products
	peak                    int32 // the largest squared distance to its rim
	box                     Box
	atRim                   bool
}

func (p *part) mean() int64 { return p.stain / max(p.area, 1) }

func (p *part) add(q *part) {
	p.area, p.stain = p.area+q.area, p.stain+q.stain
	p.red, p.green, p.blue = p.red+q.red, p.green+q.green, p.blue+q.blue
	p.x, p.y, p.xx, p.xy, p.yy = p.x+q.x, p.y+q.y, p.xx+q.xx, p.xy+q.xy, p.yy+q.yy
	p.peak, p.atRim = max(p.peak, q.peak), p.atRim || q.atRim
	p.box.add(q.box.Left, q.box.Top)
	p.box.add(q.box.Right-1, q.box.Bottom-1)
}

// compact is the area over that of the ellipse with the same second moments: 1 for an
// ellipse, less for what is bent, ragged, in pieces or has holes.
func (p *part) compact() float64 {
	n := float64(p.area)
	moment := func(a, b, ab int64) float64 { return float64(ab)/n - float64(float64(a)/n*(float64(b)/n)) }
	xy := moment(p.x, p.y, p.xy)
	det := float64(moment(p.x, p.x, p.xx)*moment(p.y, p.y, p.yy)) - float64(xy*xy)
	if det <= 0 {
		return 0
	}
	return n / (4 * math.Pi * math.Sqrt(det))
}

// lobesOf tells whether two parts that nearly touch are lobes of one nucleus.
func lobesOf(a, b *part) bool {
	both := *a
	both.add(b)
	return min(a.peak, b.peak) < lobeSquare && both.area <= lobedArea &&
		max(both.box.Right-both.box.Left, both.box.Bottom-both.box.Top) <= lobedSide &&
		min(a.mean(), b.mean())*100 >= alikeShare*max(a.mean(), b.mean())
}

// joinLobes joins the parts that are lobes of one nucleus. names is the part of every
// pixel, from 1; it is changed, and what is returned tells of each part.
func joinLobes(names, stain, square []int32, d *standard.Density) []part {
	width, height := d.Width, d.Height
	red, green, blue := d.Channels[0], d.Channels[1], d.Channels[2]
	parts := []part{{}}
	for y := range height {
		for x := range width {
			i := y*width + x
			p := int(names[i])
			if p == 0 {
				continue
			}
			for p >= len(parts) {
				parts = append(parts, part{})
			}
			q := &parts[p]
			u, v := int64(x), int64(y)
			q.area++
			q.stain += int64(stain[i])
			q.red += int64(red[i] * unit)
			q.green += int64(green[i] * unit)
			q.blue += int64(blue[i] * unit)
			q.x, q.y, q.xx, q.xy, q.yy = q.x+u, q.y+v, q.xx+u*u, q.xy+u*v, q.yy+v*v
			q.peak = max(q.peak, square[i])
			q.atRim = q.atRim || x == 0 || y == 0 || x == width-1 || y == height-1
			q.box.add(x, y)
		}
	}
	root := make([]int32, len(parts))
	for i := range root {
		root[i] = int32(i)
	}
	find := func(p int32) int32 {
		for root[p] != p {
			root[p] = root[root[p]]
			p = root[p]
		}
		return p
	}
	mask := make([]bool, len(names))
	for i, p := range names {
		mask[i] = p != 0
	}
	_, nearest := distances(mask, width, height, mostGap*mostGap)
	meet := func(i, k int) {
		if nearest[k] < 0 || names[nearest[i]] == names[nearest[k]] {
			return
		}
		a, b := find(names[nearest[i]]), find(names[nearest[k]])
		if a == b || !lobesOf(&parts[a], &parts[b]) {
			return
		}
		low, high := min(a, b), max(a, b)
		root[high] = low
		parts[low].add(&parts[high])
	}
	for y := range height {
		for x := range width {
			i := y*width + x
			if nearest[i] < 0 {
				continue // farther than mostGap from all
			}
			if x+1 < width {
				meet(i, i+1)
			}
			if y+1 < height {
				meet(i, i+width)
			}
		}
	}
	for i, p := range names {
		if p != 0 {
			names[i] = find(p)
		}
	}
	return parts
}
