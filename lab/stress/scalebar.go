package stress

import (
	"math/rand/v2"
	"slices"

	"allnet/model/nuclei"
)

// barX and barY are the left and upper end of what holds the burnt-in scale bar of
// every picture of the data set, in the lower right corner: 40 x 32 pixels. The bar is
// black on a white plate or red without one, and of three sizes.
const (
	barX = side - 40
	barY = side - 32
)

// rectangle marks x0 <= x < x1, y0 <= y < y1.
func rectangle(x0, y0, x1, y1 int) []bool {
	mask := make([]bool, side*side)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			mask[y*side+x] = true
		}
	}
	return mask
}

// scaleBars blank the corner with the scale bar, or move it to another corner. No
// decision should depend on it.
func scaleBars() []Change {
	bar := rectangle(barX, barY, side, side)
	change := func(variant, detail string, apply func(p *Picture, random *rand.Rand) []uint8) Change {
		return Change{Family: ScaleBar, Variant: variant, Strength: Whole, Detail: detail,
			apply: func(p *Picture, random *rand.Rand) ([]uint8, error) { return apply(p, random), nil }}
	}
	return []Change{
		change("blanked, plain", "lower right 40 x 32 pixels filled with the colour of the glass",
			func(p *Picture, _ *rand.Rand) []uint8 { return filled(p.RGB, bar, nuclei.Glass(p.RGB)) }),
		change("blanked, smooth", "lower right 40 x 32 pixels filled with the smooth continuation of what surrounds them",
			func(p *Picture, _ *rand.Rand) []uint8 { return inpainted(p.RGB, bar) }),
		change("blanked, black", "lower right 40 x 32 pixels filled with black",
			func(p *Picture, _ *rand.Rand) []uint8 { return filled(p.RGB, bar, [3]uint8{}) }),
		change("moved", "lower right 40 x 32 pixels exchanged with those of another corner, drawn at random",
			func(p *Picture, random *rand.Rand) []uint8 {
				corner := [3][2]int{{0, 0}, {barX, 0}, {0, barY}}[random.IntN(3)]
				return exchanged(p.RGB, corner[0], corner[1])
			}),
	}
}

// exchanged swaps the corner of the scale bar with the rectangle of its size at
// (x, y).
func exchanged(rgb []uint8, x, y int) []uint8 {
	out := slices.Clone(rgb)
	const width = 3 * (side - barX)
	for row := range side - barY {
		here := 3 * ((barY+row)*side + barX)
		there := 3 * ((y+row)*side + x)
		copy(out[here:here+width], rgb[there:there+width])
		copy(out[there:there+width], rgb[here:here+width])
	}
	return out
}
