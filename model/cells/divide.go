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
	square, _ = distances(outside, width, height)

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
	order := make([]int32, n)
	for i, d := range square {
		if mask[i] {
			order[first[mostSquare-d]] = int32(i)
			first[mostSquare-d]++
		}
	}

	parts = make([]int32, len(mask))
	b := basins{root: []int32{0}, peak: []int32{0}}
	for _, at := range order {
		i, d := int(at), square[at]
		x, y := i%width, i/width
		var own, high int32 // the part that the pixel joins, and the distance of the pixel through which
		for v := max(y-1, 0); v <= min(y+1, height-1); v++ {
			for u := max(x-1, 0); u <= min(x+1, width-1); u++ {
				k := v*width + u
				if parts[k] == 0 {
					continue
				}
				part := b.find(parts[k])
				switch {
				case own == 0:
					own, high = part, square[k]
				case part != own && b.one(part, own, d):
					own = b.join(part, own)
					high = max(high, square[k])
				case square[k] > high:
					own, high = part, square[k]
				}
			}
		}
		if own == 0 {
			own = b.add(d)
		}
		parts[i] = own
	}
	for i, p := range parts {
		parts[i] = b.find(p)
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
