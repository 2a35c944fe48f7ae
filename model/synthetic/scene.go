package synthetic

import (
	"math"
	"slices"
)

// scene is the recipe of a drawing. Lengths are in pixels of the 224 x 224 picture.
type scene struct {
	Example
	seed          uint64
	glass, corner colour // the empty slide in the middle and in the corners
	red           redCells
	white         []whiteCells
	smudges       int // burst cells: ragged pink patches
	platelets     int
}

// redCells describes erythrocytes, which the data set's white balance shows bluish grey.
type redCells struct {
	count  int
	radius [2]float64
	colour colour  // of the thick rim of a single cell over the glass
	pallor float64 // how far the centre is paler than the rim, at most, in [0,1]
	chains float64 // share of cells that stick to the one before
	soft   float64 // width of the blurred edge
	wobble float64 // unevenness of the outline, a share of the radius
}

// whiteCells describes a group of leukocytes of one look.
type whiteCells struct {
	count       int
	radius      [2]float64
	dark, light colour  // between these the chromatin varies
	cytoplasm   colour  // of the rim around the nucleus
	nucleus     float64 // radius of the nucleus, a share of the cell's
	lobes       int     // parts of the nucleus: one is round
	cluster     float64 // share of cells that touch another
}

// stretch: the data set's pictures were shrunk from 4:3 to a square, which left round
// cells higher than wide.
const stretch = 1.25

// The palettes are medians over every third picture of each folder of the data set, 978
// in all: the brighter pixels within 60 pixels of the centre (glass) and beyond 115
// (corner); the darker ones (red cells, the darkest third for the rim); and pixels
// with R-G > 8 and B-G > 70 (nuclei, the 15 % of darkest and lightest green):
//
//	          glass            corner           rim of red cells  nuclei from      to
//	Benign    249,255,243      238,245,243      172,184,210       123, 92,240      181,160,253
//	Early     247,255,248      232,241,247      162,174,212       133,101,246      172,148,255
//	Pre       241,254,251      226,239,250      129,158,227       135,108,249      180,160,255
//	Pro       254,255,249      247,247,251      178,189,217       201,149,252      221,176,255
//
// Pro has paler nuclei than that criterion sees: with B-G > 40 they reach 229,188,255.
// The sizes are estimates from enlarged pictures: red cells 12 to 16 pixels across, large
// nuclei 20 to 36, the small dark ones of Benign 10 to 14.
var scenes = [...]scene{
	{
		Example: Example{"synthetic-1", "Drawn: cells of many kinds, with small dark nuclei, lobed nuclei and large " +
			"nuclei with a blue rim, among dense grey-blue red cells."},
		seed: 1, glass: colour{249, 255, 243}, corner: colour{238, 245, 243},
		red: redCells{count: 250, radius: [2]float64{6, 8}, colour: colour{184, 196, 217}, pallor: 0.6, chains: 0.35, soft: 2, wobble: 0.05},
		white: []whiteCells{
			{count: 2, radius: [2]float64{15, 18}, dark: colour{123, 92, 240}, light: colour{181, 160, 253}, cytoplasm: colour{96, 122, 222}, nucleus: 0.82, lobes: 1},
			{count: 3, radius: [2]float64{11, 13}, dark: colour{123, 92, 232}, light: colour{181, 150, 250}, cytoplasm: colour{196, 186, 240}, nucleus: 0.8, lobes: 3},
			{count: 6, radius: [2]float64{5, 7}, dark: colour{60, 22, 190}, light: colour{110, 70, 230}, cytoplasm: colour{110, 110, 220}, nucleus: 0.92, lobes: 1, cluster: 0.4},
		},
		smudges: 1, platelets: 6,
	},
	{
		Example: Example{"synthetic-2", "Drawn: several large round purple nuclei with hardly any cytoplasm, among chains " +
			"of evenly grey-blue red cells and a few platelets."},
		seed: 2, glass: colour{247, 255, 248}, corner: colour{232, 241, 247},
		red: redCells{count: 150, radius: [2]float64{6, 8}, colour: colour{172, 184, 214}, pallor: 0.25, chains: 0.7, soft: 3, wobble: 0.06},
		white: []whiteCells{
			{count: 8, radius: [2]float64{11, 14}, dark: colour{123, 90, 240}, light: colour{172, 148, 255}, cytoplasm: colour{140, 150, 238}, nucleus: 0.94, lobes: 1, cluster: 0.5},
		},
		platelets: 9,
	},
	{
		Example: Example{"synthetic-3", "Drawn: many crowded purple nuclei of unequal size with a thin blue rim and pink " +
			"smudges, among blue ring-shaped red cells."},
		seed: 3, glass: colour{241, 254, 251}, corner: colour{226, 239, 250},
		red: redCells{count: 110, radius: [2]float64{6, 8}, colour: colour{129, 158, 227}, pallor: 0.9, chains: 0.45, soft: 2, wobble: 0.04},
		white: []whiteCells{
			{count: 7, radius: [2]float64{14, 17}, dark: colour{135, 108, 249}, light: colour{180, 160, 255}, cytoplasm: colour{138, 166, 240}, nucleus: 0.92, lobes: 1, cluster: 0.6},
			{count: 15, radius: [2]float64{9, 12}, dark: colour{122, 92, 240}, light: colour{172, 148, 255}, cytoplasm: colour{138, 166, 240}, nucleus: 0.95, lobes: 1, cluster: 0.6},
		},
		smudges: 3, platelets: 2,
	},
	{
		Example: Example{"synthetic-4", "Drawn: a few pink-violet nuclei of middle size with a scant pale rim, among " +
			"scattered pale red cells, most with a clear centre, on bright glass."},
		seed: 4, glass: colour{254, 255, 249}, corner: colour{247, 247, 251},
		red: redCells{count: 105, radius: [2]float64{6, 8}, colour: colour{178, 189, 217}, pallor: 1, chains: 0.12, soft: 2, wobble: 0.03},
		white: []whiteCells{
			{count: 6, radius: [2]float64{10, 13}, dark: colour{204, 154, 251}, light: colour{229, 187, 255}, cytoplasm: colour{196, 196, 248}, nucleus: 0.94, lobes: 1, cluster: 0.5},
		},
		platelets: 2,
	},
}

// spot is a place that is taken: centre and radius.
type spot struct{ x, y, r float64 }

// far tells whether two spots are further apart than share of the sum of their radii.
func (s spot) far(t spot, share float64) bool {
	dx, dy, d := s.x-t.x, s.y-t.y, share*(s.r+t.r)
	return float64(dx*dx)+float64(dy*dy) > d*d
}

func (s spot) free(of []spot, share float64) bool {
	for _, t := range of {
		if !s.far(t, share) {
			return false
		}
	}
	return true
}

// place finds room for a spot of radius r that keeps share of its distance to the
// taken ones: beside one of the neighbours if beside, else anywhere. Where it finds no
// room in a hundred tries, it takes the last.
func place(rnd *random, r float64, taken, neighbours []spot, beside bool, share float64) spot {
	var s spot
	out := float64(r / 2) // so far a centre may lie outside the picture
	for range 100 {
		s = spot{rnd.between(-out, Side+out), rnd.between(-out, Side+out), r}
		if beside && len(neighbours) > 0 {
			n := neighbours[int(rnd.unit()*float64(len(neighbours)))]
			dx, dy := rnd.direction()
			d := (n.r + r) * share * 1.05
			s.x, s.y = n.x+float64(dx*d), n.y+float64(dy*d*stretch)
		}
		if s.x > -r && s.x < Side+r && s.y > -r && s.y < Side+r && s.free(taken, share) {
			break
		}
	}
	return s
}

// draw paints from the slide up and returns [Side][Side][3].
func (s *scene) draw() []uint8 {
	rnd := newRandom(s.seed)
	c := make(canvas, Side*Side)
	s.paintGlass(c, rnd)

	var whites []spot
	for _, group := range s.white {
		for range group.count {
			r := rnd.between(group.radius[0], group.radius[1])
			whites = append(whites, place(rnd, r, whites, whites, rnd.unit() < group.cluster, 1))
		}
	}
	var smudges []spot
	for range s.smudges {
		smudges = append(smudges, place(rnd, rnd.between(14, 20), slices.Concat(smudges, whites), nil, false, 0.9))
	}
	s.paintReds(c, rnd, slices.Concat(smudges, whites))
	for _, at := range smudges {
		paintSmudge(c, rnd, at)
	}
	for range s.platelets {
		r := rnd.between(1.5, 2.8)
		paintPlatelet(c, rnd, place(rnd, r, whites, nil, false, 1.1))
	}
	i := 0
	for _, group := range s.white {
		for range group.count {
			paintWhite(c, rnd, whites[i], &group)
			i++
		}
	}
	return c.blur().bytes(rnd, 2)
}

// paintGlass shades the empty slide: darker towards the corners, faintly mottled.
func (s *scene) paintGlass(c canvas, rnd *random) {
	mottle := newNoise(rnd, 40)
	for y := range Side {
		for x := range Side {
			dx, dy := float64(x)-Side/2, float64(y)-Side/2
			edge := (float64(dx*dx) + float64(dy*dy)) / (Side * Side / 2)
			shade := clamp01(edge + float64(0.3*(mottle.at(float64(x), float64(y))-0.5)))
			c[Side*y+x] = s.glass.mix(s.corner, shade)
		}
	}
}

// paintReds strews red cells where no other cell lies.
func (s *scene) paintReds(c canvas, rnd *random, others []spot) {
	var pass colour
	for i := range pass {
		pass[i] = s.red.colour[i] / s.glass[i]
	}
	var reds []spot
	for range s.red.count {
		r := rnd.between(s.red.radius[0], s.red.radius[1])
		last := reds[max(0, len(reds)-1):]
		share := rnd.between(0.55, 1)
		at := place(rnd, r, slices.Concat(others, reds), last, rnd.unit() < s.red.chains, share)
		if !at.free(others, 0.6) || !at.free(reds, 0.5) {
			continue // no room: a pile of cells would look like none
		}
		reds = append(reds, at)
		shape := newOutline(rnd, r, stretch, s.red.wobble)
		pallor := s.red.pallor * math.Sqrt(rnd.unit())
		hole := rnd.between(0.5, 0.75)
		dx0, dy0 := rnd.between(-1, 1), rnd.between(-1, 1) // the pale centre is seldom central
		c.filter(at.x, at.y, shape.reach(), pass, func(dx, dy float64) float64 {
			thick := mix(1-pallor, 1, smooth(hole-0.4, hole+0.15, shape.at(dx-dx0, dy-dy0)))
			return thick * shape.cover(shape.at(dx, dy), s.red.soft)
		})
	}
}

// paintWhite paints a leukocyte: cytoplasm, then the nucleus with its chromatin.
func paintWhite(c canvas, rnd *random, at spot, group *whiteCells) {
	body := newOutline(rnd, at.r, stretch, 0.06)
	fine, coarse := newNoise(rnd, 2), newNoise(rnd, 5)
	texture := func(dx, dy float64) float64 {
		return clamp01(mix(0.5, mix(fine.at(dx, dy), coarse.at(dx, dy), 0.4), 2))
	}
	pale := group.cytoplasm.mix(colour{255, 255, 255}, 0.3)
	c.stain(at.x, at.y, body.reach(), func(dx, dy float64) (colour, float64) {
		return group.cytoplasm.mix(pale, texture(dx, dy)), 0.95 * body.cover(body.at(dx, dy), 1.5)
	})

	// A round nucleus leans to one side of the cell; lobes stand around its middle.
	share := group.nucleus
	ox, oy := rnd.direction()
	lean := at.r * (1 - share) * 0.8
	for lobe := range group.lobes {
		r, x, y := at.r*share, ox*lean, oy*lean
		if group.lobes > 1 {
			r *= 0.5
			if lobe > 0 { // turn by a little more than a quarter
				ox, oy = float64(-0.3*ox)-float64(0.95*oy), float64(0.95*ox)-float64(0.3*oy)
			}
			x, y = ox*at.r*0.42, oy*at.r*0.42
		}
		shape := newOutline(rnd, r, stretch, 0.06)
		c.stain(at.x+x, at.y+y, shape.reach(), func(dx, dy float64) (colour, float64) {
			rho := shape.at(dx, dy)
			ink := group.dark.mix(group.light, texture(dx+x, dy+y))
			return ink.mix(group.dark, 0.6*smooth(0.7, 1, rho)), shape.cover(rho, 1.5)
		})
	}
}

// paintSmudge paints what a burst cell leaves: a ragged, streaked pink patch.
func paintSmudge(c canvas, rnd *random, at spot) {
	shape := newOutline(rnd, at.r, stretch, 0.16)
	ragged, streaks := newNoise(rnd, 4), newNoise(rnd, 3)
	dark, light := colour{208, 168, 236}, colour{236, 208, 246}
	c.stain(at.x, at.y, shape.reach()+4, func(dx, dy float64) (colour, float64) {
		rho := shape.at(dx, dy) + float64(0.35*(ragged.at(dx, dy)-0.5))
		return dark.mix(light, streaks.at(dx, dy/2)), 0.85 * shape.cover(rho, 3)
	})
}

// paintPlatelet paints a small granular fragment.
func paintPlatelet(c canvas, rnd *random, at spot) {
	shape := newOutline(rnd, at.r, stretch, 0.15)
	grains := newNoise(rnd, 1.5)
	c.stain(at.x, at.y, shape.reach(), func(dx, dy float64) (colour, float64) {
		ink := colour{128, 110, 210}.mix(colour{190, 180, 240}, grains.at(dx, dy))
		return ink, 0.9 * shape.cover(shape.at(dx, dy), 1.5)
	})
}
