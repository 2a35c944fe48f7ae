package stress

import (
	"math"
	"slices"

	"allnet/model/nuclei"
)

func sum(rgb []uint8) int { return int(rgb[0]) + int(rgb[1]) + int(rgb[2]) }

// decimalDensity is the optical density of every level, by the decimal logarithm; the
// stain shift (tone.go) takes the natural one.
var decimalDensity = func() (d [256]float64) {
	for v := range d {
		d[v] = -math.Log10((float64(v) + 1) / 256)
	}
	return d
}()

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

// large leaves the regions of a mask of at least nuclei.LeastArea pixels.
func large(mask []bool) []bool {
	out := make([]bool, len(mask))
	for _, region := range nuclei.Regions(mask) {
		if len(region) >= nuclei.LeastArea {
			for _, i := range region {
				out[i] = true
			}
		}
	}
	return out
}

// whiteCells marks the stained cells, those of the mask and those that nuclei.Stained finds,
// with margin pixels around them. Specks of the mask have no margin: many are rims of
// red cells.
func (p *Picture) whiteCells(margin int) []bool {
	mask := p.Nuclei
	if mask == nil {
		mask = make([]bool, side*side)
	}
	return union(dilated(union(nuclei.Stained(p.RGB), large(mask)), margin), mask)
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
	clear := nuclei.Glass(rgb)
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
			n := nuclei.Neighbours(i)
			for c := range 3 {
				mean := (values[3*n[0]+c] + values[3*n[1]+c] + values[3*n[2]+c] + values[3*n[3]+c]) / 4
				values[3*i+c] += relaxation * (mean - values[3*i+c])
			}
		}
	}
	return levels(values)
}
