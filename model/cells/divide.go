package cells

// Limits of division. A nucleus that touches another is a basin of its own on the map
// of distances to the rim: it can hold a disc of leastRadius, and where it meets the
// other the two are narrower than mostNeck of its widest place. The lobes of a
// neutrophil are smaller than such a disc, and stay together.
const (
	leastRadius = 6  // pixels
	mostNeck    = 82 // per cent
)

// mostSquare is a squared distance to the rim beyond which nothing is told apart.
const mostSquare = 64 * 64

// divided names the parts of a mask, [height][width]: numbers from 1, 0 outside.
// Connected nuclei are divided where they touch, by immersion (Vincent and Soille
// 1991) of the map of distances to the rim, from the highest places down.
func divided(mask []bool, width, height int) (parts, square []int32) {
	outside := make([]bool, len(mask))
	for i, set := range mask {
		outside[i] = !set
	}
	square, _ = distances(outside, width, height, mostSquare)

	var first [mostSquare + 2]int32 // where the pixels of each distance stand in order
	n := 0
	for i, d := range square {
		square[i] = min(d, mostSquare)
		if mask[i] {
			first[mostSquare-square[i]+1]++
			n++
		}
	}
	for k := 1; k < len(first); k++ {
		first[k] += first[k-1]
	}
	// With a pixel more on every side, each has eight neighbours.
	wide := width + 2
	order := make([]int32, n)
	heights, framed := make([]int32, wide*(height+2)), make([]int32, wide*(height+2))
	for y := range height {
		for x, d := range square[y*width:][:width] {
			if d > 0 {
				at := (y+1)*wide + x + 1
				order[first[mostSquare-d]] = int32(at)
				first[mostSquare-d]++
				heights[at] = d
			}
		}
	}

	b := basins{root: []int32{0}, peak: []int32{0}}
	around := [8]int{-wide - 1, -wide, -wide + 1, -1, 1, wide - 1, wide, wide + 1}
	for _, i := range order {
		at := int(i)
		d := heights[at]
		var own, high int32 // the part that the pixel joins, and the distance of the pixel through which
		for _, step := range around {
			k := at + step
			part := framed[k]
			if part == 0 {
				continue
			}
			if part != own {
				part = b.find(part)
			}
			switch {
			case own == 0:
				own, high = part, heights[k]
			case part != own && b.one(part, own, d):
				own = b.join(part, own)
				high = max(high, heights[k])
			case heights[k] > high:
				own, high = part, heights[k]
			}
		}
		if own == 0 {
			own = b.add(d)
		}
		framed[at] = own
	}
	parts = make([]int32, len(mask))
	for y := range height {
		for x, p := range framed[(y+1)*wide+1:][:width] {
			if p != 0 {
				parts[y*width+x] = b.find(p)
			}
		}
	}
	return parts, square
}

// basins are parts of a mask while it is flooded, number 0 being none.
type basins struct {
	// root is the part that a part was joined to, itself where it was not; peak is the
	// largest squared distance to the rim in it.
	root, peak []int32
}

func (b *basins) find(part int32) int32 {
	for b.root[part] != part {
		b.root[part] = b.root[b.root[part]]
		part = b.root[part]
	}
	return part
}

func (b *basins) add(peak int32) int32 {
	part := int32(len(b.root))
	b.root, b.peak = append(b.root, part), append(b.peak, peak)
	return part
}

// one tells whether two parts that meet at a squared distance to the rim are one nucleus.
func (b *basins) one(part, other, saddle int32) bool {
	lower := min(b.peak[part], b.peak[other])
	return lower < leastRadius*leastRadius || saddle*10000 > mostNeck*mostNeck*lower
}

func (b *basins) join(part, other int32) int32 {
	low, high := min(part, other), max(part, other)
	b.root[high] = low
	b.peak[low] = max(b.peak[low], b.peak[high])
	return low
}
