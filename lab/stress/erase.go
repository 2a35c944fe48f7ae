package stress

import (
	"math/rand/v2"
	"slices"

	"allnet/model/nuclei"
)

// cytoplasm is how far, in pixels, a cell is erased around its nucleus: the
// lymphoblasts of the data set have a narrow rim of cytoplasm.
const cytoplasm = 6

// erasures take the cells away: the stained ones, or these and the red cells. A
// network could learn to tell one way of filling the holes from another, so there
// are several: the glass's colour (a hard edge), a smooth surface (no edge, no
// texture), and pieces of the same picture (edges and texture of red cells).
func erasures() []Change {
	erase := func(variant, detail string, apply func(p *Picture, random *rand.Rand) ([]uint8, error)) Change {
		return Change{Family: Erased, Variant: variant, Strength: Whole, Detail: detail, apply: apply}
	}
	return []Change{
		erase("stained cells, plain", "stained cells filled with the colour of the glass",
			func(p *Picture, _ *rand.Rand) ([]uint8, error) {
				return filled(p.RGB, p.whiteCells(cytoplasm), nuclei.Glass(p.RGB)), nil
			}),
		erase("stained cells, smooth", "stained cells filled with the smooth continuation of what surrounds them",
			func(p *Picture, _ *rand.Rand) ([]uint8, error) {
				return inpainted(p.RGB, p.whiteCells(cytoplasm)), nil
			}),
		erase("stained cells, cloned", "stained cells covered by other places of the same picture",
			func(p *Picture, random *rand.Rand) ([]uint8, error) { return p.cloned(random), nil }),
		erase("all cells, plain", "all that is not empty glass filled with the colour of the glass",
			func(p *Picture, _ *rand.Rand) ([]uint8, error) {
				return filled(p.RGB, notGlass(p.RGB), nuclei.Glass(p.RGB)), nil
			}),
		erase("all cells, smooth", "all that is not empty glass filled with the smooth continuation of the glass",
			func(p *Picture, _ *rand.Rand) ([]uint8, error) {
				return inpainted(p.RGB, notGlass(p.RGB)), nil
			}),
	}
}

// cloned covers each stained cell with another place of the picture that holds
// none. Where 200 tries find no such place, the cell is filled smoothly.
func (p *Picture) cloned(random *rand.Rand) []uint8 {
	cells := p.whiteCells(cytoplasm)
	barFree := union(cells, rectangle(barX, barY, side, side))
	out := slices.Clone(p.RGB)
	left := make([]bool, len(cells))
	for _, region := range nuclei.Regions(cells) {
		if !clone(out, p.RGB, region, barFree, random) {
			for _, i := range region {
				left[i] = true
			}
		}
	}
	return inpainted(out, left)
}

// clone copies a piece of src that avoids taboo, moved and flipped, over region.
func clone(dst, src []uint8, region []int, taboo []bool, random *rand.Rand) bool {
	from := make([]int, len(region))
	for range 200 {
		dx, dy := random.IntN(2*side)-side, random.IntN(2*side)-side
		flipX, flipY := random.IntN(2) == 1, random.IntN(2) == 1
		free := true
		for k, i := range region {
			x, y := i%side, i/side
			if flipX {
				x = side - 1 - x
			}
			if flipY {
				y = side - 1 - y
			}
			x, y = x+dx, y+dy
			if x < 0 || x >= side || y < 0 || y >= side || taboo[y*side+x] {
				free = false
				break
			}
			from[k] = y*side + x
		}
		if free {
			for k, i := range region {
				copy(dst[3*i:3*i+3], src[3*from[k]:])
			}
			return true
		}
	}
	return false
}

// notGlass marks all that absorbs visibly more than the glass in any channel, with
// three pixels around it, and the scale bar.
func notGlass(rgb []uint8) []bool {
	const visible = 0.04 // optical density; a tenth of the light
	clear := nuclei.Glass(rgb)
	mask := make([]bool, side*side)
	for i := range mask {
		for c, v := range rgb[3*i : 3*i+3] {
			mask[i] = mask[i] || decimalDensity[v]-decimalDensity[clear[c]] > visible
		}
	}
	return union(dilated(mask, 3), rectangle(barX, barY, side, side))
}

// backgrounds keep the stained cells, with a narrow rim that fades, and replace all
// the rest, red cells included: by plain light, by the colour of the picture's own
// glass, by a tint, and by another picture of which the stained cells are erased.
func backgrounds() []Change {
	onto := func(variant, detail string, needsOther bool, ground func(p *Picture, random *rand.Rand) []uint8) Change {
		return Change{Family: Background, Variant: variant, Strength: Whole, Detail: detail, NeedsOther: needsOther,
			apply: func(p *Picture, random *rand.Rand) ([]uint8, error) { return p.cellsOn(ground(p, random)), nil }}
	}
	plain := func(colour [3]uint8) []uint8 {
		return slices.Repeat(colour[:], side*side)
	}
	return []Change{
		onto("light", "stained cells alone on a light ground (245, 243, 247)", false,
			func(*Picture, *rand.Rand) []uint8 { return plain([3]uint8{245, 243, 247}) }),
		onto("own colour", "stained cells alone on the colour of their glass", false,
			func(p *Picture, _ *rand.Rand) []uint8 { return plain(nuclei.Glass(p.RGB)) }),
		onto("tinted", "stained cells alone on a ground of which each channel is drawn from 200 to 255", false,
			func(_ *Picture, random *rand.Rand) []uint8 {
				var colour [3]uint8
				for c := range colour {
					colour[c] = uint8(200 + random.IntN(56))
				}
				return plain(colour)
			}),
		onto("another picture", "stained cells on another picture of which the stained cells are covered by pieces of it", true,
			func(p *Picture, random *rand.Rand) []uint8 { return p.Other.cloned(random) }),
	}
}

// cellsOn lays the stained cells over a ground.
func (p *Picture) cellsOn(ground []uint8) []uint8 {
	cover := make([]float64, side*side)
	for i, set := range dilated(union(nuclei.Stained(p.RGB), large(union(make([]bool, side*side), p.Nuclei))), 2) {
		if set {
			cover[i] = 1
		}
	}
	cover = smooth(cover, 1, 0.7)
	out := make([]uint8, len(p.RGB))
	for i := range out {
		a := cover[i/3]
		out[i] = level(a*float64(p.RGB[i]) + (1-a)*float64(ground[i]))
	}
	return out
}
