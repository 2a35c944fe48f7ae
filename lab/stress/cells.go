package stress

import (
	"math"
	"slices"
)

// glass returns the colour of the empty glass: per channel, the median over the
// brightest quarter of the picture.
func glass(rgb []uint8) (colour [3]uint8) {
	var brightness [3*255 + 1]int
	for i := 0; i < len(rgb); i += 3 {
		brightness[sum(rgb[i:])]++
	}
	least, n := 3*255, brightness[3*255]
	for n < len(rgb)/3/4 {
		least--
		n += brightness[least]
	}
	var counts [3][256]int
	for i := 0; i < len(rgb); i += 3 {
		if sum(rgb[i:]) >= least {
			for c := range 3 {
				counts[c][rgb[i+c]]++
			}
		}
	}
	for c := range colour {
		below := counts[c][0]
		for below < (n+1)/2 {
			colour[c]++
			below += counts[c][colour[c]]
		}
	}
	return colour
}

func sum(rgb []uint8) int { return int(rgb[0]) + int(rgb[1]) + int(rgb[2]) }

// density is the optical density of every level.
var density = func() (d [256]float64) {
	for v := range d {
		d[v] = -math.Log10((float64(v) + 1) / 256)
	}
	return d
}()

// purple is how much more a colour absorbs green than red and blue, in optical
// density: what the dyes of a Romanowsky stain do in nuclei, and hardly in red
// cells, which in the data set are grey. A red scale bar, which absorbs as much blue as
// green, is not purple.
func purple(rgb []uint8) float64 {
	r, g, b := density[rgb[0]], density[rgb[1]], density[rgb[2]]
	return min(g-(r+b)/2, g-b)
}

// Limits of StainedCells. A cell is purple at its core and as far as it reaches: in
// optical density above that of the glass, and as shares of the most purple fiftieth of
// the picture, for red cells take up a little of a strong stain. Its least area is in
// pixels (a red cell of the data set has about 250).
const (
	purpleCore, coreShare   = 0.055, 0.35
	purpleReach, reachShare = 0.035, 0.25
	leastArea               = 60
)

// StainedCells marks, [Side][Side], the cells that took up the nuclear stain, with
// what cytoplasm is stained too: connected regions more purple than the glass. It
// needs no mask, and finds the pale nuclei that the data set's segmentation leaves
// out; platelets, debris and a few red cells are found as well.
func StainedCells(rgb []uint8) []bool {
	clear := glass(rgb)
	base := purple(clear[:])
	excess := make([]float64, side*side)
	for i := range excess {
		excess[i] = purple(rgb[3*i:]) - base
	}
	excess = smooth(excess, 1, 1)
	most := slices.Sorted(slices.Values(excess))[len(excess)*49/50]
	leastReach, leastCore := max(purpleReach, reachShare*most), max(purpleCore, coreShare*most)
	reach := make([]bool, len(excess))
	for i, v := range excess {
		reach[i] = v >= leastReach
	}
	cells := make([]bool, len(excess))
	for _, region := range regions(reach) {
		if len(region) >= leastArea && slices.ContainsFunc(region, func(i int) bool { return excess[i] >= leastCore }) {
			for _, i := range region {
				cells[i] = true
			}
		}
	}
	return cells
}

// regions returns the 4-connected regions of a mask, each as indices of pixels.
func regions(mask []bool) [][]int {
	left := slices.Clone(mask)
	var list [][]int
	for start := range left {
		if !left[start] {
			continue
		}
		left[start] = false
		region := []int{start}
		for k := 0; k < len(region); k++ {
			for _, i := range neighbours(region[k]) {
				if left[i] {
					left[i] = false
					region = append(region, i)
				}
			}
		}
		list = append(list, region)
	}
	return list
}

// neighbours are the pixels beside, above and below; at the rim the pixel itself
// stands for those beyond it.
func neighbours(i int) [4]int {
	n := [4]int{i, i, i, i}
	if i%side > 0 {
		n[0] = i - 1
	}
	if i%side < side-1 {
		n[1] = i + 1
	}
	if i >= side {
		n[2] = i - side
	}
	if i < side*(side-1) {
		n[3] = i + side
	}
	return n
}

// dilated adds all pixels within radius pixels of a mask.
func dilated(mask []bool, radius int) []bool {
	out := make([]bool, len(mask))
	for i, set := range mask {
		if !set {
			continue
		}
		x, y := i%side, i/side
		for v := max(0, y-radius); v <= min(side-1, y+radius); v++ {
			for u := max(0, x-radius); u <= min(side-1, x+radius); u++ {
				if (u-x)*(u-x)+(v-y)*(v-y) <= radius*radius {
					out[v*side+u] = true
				}
			}
		}
	}
	return out
}

// union of two masks; b may be nil.
func union(a, b []bool) []bool {
	out := slices.Clone(a)
	for i, set := range b {
		out[i] = out[i] || set
	}
	return out
}

// large leaves the regions of a mask of at least leastArea pixels.
func large(mask []bool) []bool {
	out := make([]bool, len(mask))
	for _, region := range regions(mask) {
		if len(region) >= leastArea {
			for _, i := range region {
				out[i] = true
			}
		}
	}
	return out
}

// whiteCells marks the stained cells, those of the mask and those of StainedCells,
// with margin pixels around them. Specks of the mask have no margin: many are rims of
// red cells.
func (p *Picture) whiteCells(margin int) []bool {
	nuclei := p.Nuclei
	if nuclei == nil {
		nuclei = make([]bool, side*side)
	}
	return union(dilated(union(StainedCells(p.RGB), large(nuclei)), margin), nuclei)
}

// filled paints one colour over a mask.
func filled(rgb []uint8, mask []bool, colour [3]uint8) []uint8 {
	out := slices.Clone(rgb)
	for i, set := range mask {
		if set {
			copy(out[3*i:3*i+3], colour[:])
		}
	}
	return out
}

// inpainted fills a mask with the smoothest surface that meets what surrounds it:
// the solution of Laplace's equation, by successive over-relaxation.
func inpainted(rgb []uint8, mask []bool) []uint8 {
	clear := glass(rgb)
	values := make([]float64, len(rgb))
	for i, v := range filled(rgb, mask, clear) {
		values[i] = float64(v)
	}
	var holes []int
	for i, set := range mask {
		if set {
			holes = append(holes, i)
		}
	}
	const rounds, relaxation = 120, 1.9
	for range rounds {
		for _, i := range holes {
			n := neighbours(i)
			for c := range 3 {
				mean := (values[3*n[0]+c] + values[3*n[1]+c] + values[3*n[2]+c] + values[3*n[3]+c]) / 4
				values[3*i+c] += relaxation * (mean - values[3*i+c])
			}
		}
	}
	return levels(values)
}
