package cells

// The lobes of one nucleus may lie apart, or meet in a thread. Parts are its lobes
// where they nearly touch (mostGap pixels from either side), take up stain alike, one
// is too small to be a nucleus of its own, and all together are no larger than a
// neutrophil's nucleus.
var (
	lobeSquare = int32(42) // squared radius, in pixels, below which a part may be a lobe
)

const (
	mostGap    = 2
	lobedArea  = 500
	lobedSide  = 36
	alikeShare = 60 // per cent
)

// part is a connected piece of the mask of nuclei.
type part struct {
	area, stain int // the second summed, in parts of unit
	peak        int32
	box         Box
}

func (p *part) mean() int { return p.stain / max(p.area, 1) }

func (p *part) add(q *part) {
	p.area, p.stain, p.peak = p.area+q.area, p.stain+q.stain, max(p.peak, q.peak)
	p.box.add(q.box.Left, q.box.Top)
	p.box.add(q.box.Right-1, q.box.Bottom-1)
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
func joinLobes(names, stain, square []int32, width, height int) []part {
	parts := []part{{}}
	for i, p := range names {
		if p == 0 {
			continue
		}
		for int(p) >= len(parts) {
			parts = append(parts, part{})
		}
		q := &parts[p]
		q.area++
		q.stain += int(stain[i])
		q.peak = max(q.peak, square[i])
		q.box.add(i%width, i/width)
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
	gap, nearest := distances(mask, width, height)
	meet := func(i, k int) {
		if gap[i] > mostGap*mostGap || gap[k] > mostGap*mostGap || names[nearest[i]] == names[nearest[k]] {
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
