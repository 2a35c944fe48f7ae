// Package nuclei finds the stained nuclei of a blood smear by a rule of colour, without
// a mask and without the network, so that it can be said whether an explanation rests
// on them.
package nuclei

import (
	"math"
	"slices"

	"allnet/lime/detmath"
	"allnet/model"
)

const side = model.Side

// Glass returns the colour of the empty glass of a picture, [Side][Side][3]: per
// channel, the median over the brightest quarter of the picture.
func Glass(rgb []uint8) (colour [3]uint8) {
	sum := func(i int) int { return int(rgb[i]) + int(rgb[i+1]) + int(rgb[i+2]) }
	var brightness [3*255 + 1]int
	for i := 0; i < len(rgb); i += 3 {
		brightness[sum(i)]++
	}
	least, n := 3*255, brightness[3*255]
	for n < len(rgb)/3/4 {
		least--
		n += brightness[least]
	}
	var counts [3][256]int
	for i := 0; i < len(rgb); i += 3 {
		if sum(i) >= least {
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

// density is the optical density of every level.
var density = func() (d [256]float64) {
	for level := range d {
		d[level] = -detmath.Log(float64(level+1)/256) / math.Ln10
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

// Limits of Stained. A cell is purple at its core and as far as it reaches: in
// optical density above that of the glass, and as shares of the most purple fiftieth of
// the picture, for red cells take up a little of a strong stain.
const (
	purpleCore, coreShare   = 0.055, 0.35
	purpleReach, reachShare = 0.035, 0.25
)

// LeastArea is the least area of a stained cell in pixels (a red cell of the data set
// has about 250).
const LeastArea = 60

// Stained marks, [Side][Side], the cells of a picture, [Side][Side][3], that took up
// the nuclear stain, with what cytoplasm is stained too: connected regions more purple
// than the glass. It finds the pale nuclei that the data set's segmentation leaves
// out; platelets, debris and a few red cells are found as well.
func Stained(rgb []uint8) []bool {
	clear := Glass(rgb)
	base := purple(clear[:])
	excess := make([]float64, side*side)
	for i := range excess {
		excess[i] = purple(rgb[3*i:]) - base
	}
	excess = smooth(excess)
	most := nth(excess, len(excess)*49/50)
	leastReach, leastCore := max(purpleReach, float64(reachShare*most)), max(purpleCore, float64(coreShare*most))
	reach := make([]bool, len(excess))
	for i, v := range excess {
		reach[i] = v >= leastReach
	}
	cells := make([]bool, len(excess))
	for _, region := range Regions(reach) {
		if len(region) >= LeastArea && slices.ContainsFunc(region, func(i int) bool { return excess[i] >= leastCore }) {
			for _, i := range region {
				cells[i] = true
			}
		}
	}
	return cells
}

// nth returns the value that would stand at index n if the values were sorted. (Sorting
// them all would take most of the time of Stained.)
func nth(values []float64, n int) float64 {
	left := slices.Clone(values)
	for len(left) > 1 {
		pivot := left[len(left)/2]
		var below, equal int
		for _, v := range left {
			switch {
			case v < pivot:
				below++
			case v == pivot:
				equal++
			}
		}
		switch {
		case n < below:
			left = slices.DeleteFunc(left, func(v float64) bool { return v >= pivot })
		case n < below+equal:
			return pivot
		default:
			left = slices.DeleteFunc(left, func(v float64) bool { return v <= pivot })
			n -= below + equal
		}
	}
	return left[0]
}

// kernel is a Gaussian of standard deviation 1 pixel, cut off at three.
var kernel = func() (k [7]float64) {
	sum := 0.0
	for i := range k {
		d := float64(i - len(k)/2)
		k[i] = detmath.Exp(-d * d / 2)
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	return k
}()

// smooth convolves values, [Side][Side], with the kernel; beyond the rim the picture is
// mirrored, without repeating the rim's pixel.
func smooth(values []float64) []float64 {
	const reach = len(kernel) / 2
	k := kernel
	var line [side + 2*reach]float64
	for _, along := range [2]struct{ step, next int }{{1, side}, {side, 1}} { // x, y: to the next pixel, to the next line
		out := make([]float64, len(values))
		for start := range side {
			first, step := start*along.next, along.step
			for i := range side {
				line[reach+i] = values[first+i*step]
			}
			for i := range reach {
				line[reach-1-i], line[reach+side+i] = line[reach+1+i], line[reach+side-2-i]
			}
			for i := range side {
				l := line[i:][:len(kernel)]
				out[first+i*step] = float64(k[0]*l[0]) + float64(k[1]*l[1]) + float64(k[2]*l[2]) + float64(k[3]*l[3]) + float64(k[4]*l[4]) + float64(k[5]*l[5]) + float64(k[6]*l[6])
			}
		}
		values = out
	}
	return values
}

// Regions returns the 4-connected regions of a mask, [Side][Side], each as indices of
// pixels.
func Regions(mask []bool) [][]int {
	left := slices.Clone(mask)
	var list [][]int
	for start := range left {
		if !left[start] {
			continue
		}
		left[start] = false
		region := []int{start}
		for k := 0; k < len(region); k++ {
			for _, i := range Neighbours(region[k]) {
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

// Neighbours are the pixels beside, above and below; at the rim the pixel itself
// stands for those beyond it.
func Neighbours(i int) [4]int {
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

// Within counts the marked pixels of each of so many superpixels; labels say to which
// of them each pixel belongs; those of other labels belong to none.
func Within(marked []bool, labels []uint16, superpixels int) []int {
	counts := make([]int, superpixels)
	for i, set := range marked {
		if set && int(labels[i]) < superpixels {
			counts[labels[i]]++
		}
	}
	return counts
}

// Holds tells whether a region holds a stained nucleus or a part of one that can be
// seen: stained pixels as many as the least cell has, or half of a smaller region.
func Holds(stained, area int) bool { return stained >= LeastArea || 2*stained >= area && stained > 0 }
