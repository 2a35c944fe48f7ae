package stress

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"allnet/model/nuclei"
	"allnet/model/picture"
)

// Use says what a kind of foreign pictures is for.
type Use string

// Uses. Thresholds of abstention may be fitted with the kinds for Fit. Those for
// Report are never fitted with: they tell what happens with the next kind that
// nobody thought of.
const (
	Fit    Use = "fit"
	Report Use = "report"
)

// Kind is a kind of pictures that cannot be assessed, made from random numbers or
// from a picture of the data set.
type Kind struct {
	Name, Detail string
	Use
	// NeedsPicture says whether Make must be given a picture to start from.
	NeedsPicture bool

	draw func(p *Picture, random *rand.Rand) []uint8
}

// Make returns picture number i of the kind, [Side][Side][3], a function of i and,
// where NeedsPicture, of p, which may else be nil.
func (k *Kind) Make(i int, p *Picture) ([]uint8, error) {
	file := ""
	if k.NeedsPicture {
		if p == nil {
			return nil, fmt.Errorf("stress: foreign pictures of the kind %q are made from a picture; got none", k.Name)
		}
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("stress: %s: %w", k.Name, err)
		}
		file = p.File
	}
	return k.draw(p, random(k.Name, strconv.Itoa(i), file)), nil
}

// Kinds lists the kinds of foreign pictures, those for Fit first. Nearly every kind
// for Report resembles one of those for Fit, but none is the same.
func Kinds() []Kind {
	return []Kind{
		{"photograph", "coloured objects before a background with the spectrum of photographs", Fit, false, photograph},
		{"white noise", "each value drawn evenly", Fit, false, whiteNoise},
		{"blank slide", "empty glass, unevenly lit, with dust and washed-out stain", Fit, false, blankSlide},
		{"document", "lines of dark print on light paper", Fit, false, document},
		{"part of a cell", "a stained cell of a smear enlarged 6 times", Fit, true, enlargedCell(6)},
		{"blurred smear", "a smear blurred, σ 6 pixels", Fit, true, func(p *Picture, _ *rand.Rand) []uint8 { return blur(p.RGB, 6) }},
		{"inverted smear", "the negative of a smear", Fit, true, inverted},
		{"two by two", "a smear shrunk to half its size, four times", Fit, true, mosaic(2)},

		{"landscape", "sky, hills and ground with the texture of photographs", Report, false, landscape},
		{"cloudy noise", "grey noise with the spectrum of photographs", Report, false, cloudyNoise},
		{"gradient", "one colour that goes over into another", Report, false, gradient},
		{"checkerboard", "fields of two colours", Report, false, checkerboard},
		{"screenshot", "windows, bars and print on a coloured ground", Report, false, screenshot},
		{"histology", "a tissue section in pink and purple: densely packed nuclei in stroma", Report, false, histology},
		{"single cell", "a stained cell of a smear enlarged 4 times", Report, true, enlargedCell(4)},
		{"hue-rotated smear", "a smear whose red, green and blue changed places", Report, true, hueRotated},
		{"grey smear", "a smear without its colours", Report, true, grey},
		{"four by four", "a smear shrunk to a quarter of its size, sixteen times", Report, true, mosaic(4)},
		{"defocused smear", "a smear far out of focus: averaged over a disc of 9 pixels' radius", Report, true, defocused},
	}
}

type colour [3]float64 // levels

func anyColour(random *rand.Rand) (c colour) {
	for i := range c {
		c[i] = 255 * random.Float64()
	}
	return c
}

// painted sets each pixel to what at tells.
func painted(at func(x, y int) colour) []uint8 {
	out := make([]uint8, 0, 3*side*side)
	for y := range side {
		for x := range side {
			for _, v := range at(x, y) {
				out = append(out, level(v))
			}
		}
	}
	return out
}

// mix goes from a (t = 0) to b (t = 1).
func mix(a, b colour, t float64) (c colour) {
	for i := range c {
		c[i] = a[i] + t*(b[i]-a[i])
	}
	return c
}

// clouds is a field [side][side] about 0, of deviation near 1, whose amplitude falls
// as 1/frequency, as in photographs (Field 1987, J. Opt. Soc. Am. A 4:2379): octaves
// of noise on lattices, each of half the grain and half the height of the one before.
func clouds(random *rand.Rand) []float64 {
	field := make([]float64, side*side)
	height := 1.0
	for grain := 112; grain >= 1; grain, height = grain/2, height/2 {
		const most = side + 2
		lattice := make([]float64, most*most)
		for i := range lattice {
			lattice[i] = random.NormFloat64()
		}
		for i := range field {
			x, y := i%side, i/side
			u, v := x/grain, y/grain
			s, t := float64(x%grain)/float64(grain), float64(y%grain)/float64(grain)
			top := lattice[v*most+u]*(1-s) + lattice[v*most+u+1]*s
			below := lattice[(v+1)*most+u]*(1-s) + lattice[(v+1)*most+u+1]*s
			field[i] += height * (top*(1-t) + below*t)
		}
	}
	return field
}

// blob is an ellipse; inside tells how far a point is from its centre, 1 at the rim.
type blob struct{ x, y, rx, ry, angle float64 }

func anyBlob(random *rand.Rand, least, most float64) blob {
	radius := func() float64 { return least + (most-least)*random.Float64() }
	return blob{side * random.Float64(), side * random.Float64(), radius(), radius(), math.Pi * random.Float64()}
}

func (b blob) distance(x, y int) float64 {
	dx, dy := float64(x)-b.x, float64(y)-b.y
	sin, cos := math.Sincos(b.angle)
	return math.Hypot((dx*cos+dy*sin)/b.rx, (dy*cos-dx*sin)/b.ry)
}

func photograph(_ *Picture, random *rand.Rand) []uint8 {
	type object struct {
		blob
		colour
		square bool
	}
	far, near, texture := anyColour(random), anyColour(random), clouds(random)
	objects := make([]object, 3+random.IntN(10))
	for i := range objects {
		objects[i] = object{anyBlob(random, 8, 70), anyColour(random), random.IntN(2) == 0}
	}
	light := colour{255, 250, 235}
	return painted(func(x, y int) colour {
		c := mix(far, near, float64(y)/side)
		for _, o := range objects {
			d := o.distance(x, y)
			if o.square {
				d = max(math.Abs(float64(x)-o.x)/o.rx, math.Abs(float64(y)-o.y)/o.ry)
			}
			if d < 1 {
				c = mix(o.colour, light, 0.3*(1-d))
			}
		}
		for i := range c {
			c[i] *= 1 + 0.15*texture[y*side+x]
		}
		return c
	})
}

func landscape(_ *Picture, random *rand.Rand) []uint8 {
	sky, ground, haze := clouds(random), clouds(random), clouds(random)
	horizon := side * (0.3 + 0.4*random.Float64())
	blue, green := colour{90 + 60*random.Float64(), 140 + 40*random.Float64(), 220}, colour{60 + 90*random.Float64(), 100, 50}
	return painted(func(x, y int) colour {
		i := y*side + x
		if float64(y) < horizon+12*haze[x] {
			return mix(blue, colour{250, 250, 250}, 0.35*max(0, sky[i])+0.3*float64(y)/horizon)
		}
		return mix(green, colour{30, 35, 20}, 0.4+0.35*ground[i])
	})
}

func whiteNoise(_ *Picture, random *rand.Rand) []uint8 {
	return painted(func(int, int) colour { return anyColour(random) })
}

func cloudyNoise(_ *Picture, random *rand.Rand) []uint8 {
	field := clouds(random)
	return painted(func(x, y int) colour {
		v := 128 + 50*field[y*side+x]
		return colour{v, v, v}
	})
}

// lightGlass is the colour of empty glass under some lamp.
func lightGlass(random *rand.Rand) colour {
	v := 225 + 30*random.Float64()
	return colour{v - 15*random.Float64(), v - 10*random.Float64(), v - 15*random.Float64()}
}

func blankSlide(_ *Picture, random *rand.Rand) []uint8 {
	clear, wash := lightGlass(random), clouds(random)
	purple := colour{200, 170, 215}
	centre := blob{side * random.Float64(), side * random.Float64(), 180, 180, 0}
	dust := make([]blob, random.IntN(12))
	for i := range dust {
		dust[i] = anyBlob(random, 0.7, 4)
	}
	stained := 0.35 * random.Float64()
	return painted(func(x, y int) colour {
		c := mix(clear, purple, stained*max(0, wash[y*side+x]))
		shade := 1 - 0.06*centre.distance(x, y)
		for _, d := range dust {
			if d.distance(x, y) < 1 {
				shade *= 0.5
			}
		}
		for i := range c {
			c[i] = c[i]*shade + random.NormFloat64()
		}
		return c
	})
}

// printed covers x0 <= x < x1, y0 <= y < y1 with lines of words of ink, glyphs being
// strokes at random.
func printed(rgb []uint8, x0, y0, x1, y1, height int, ink colour, random *rand.Rand) {
	for y := y0; y+height <= y1; y += height + height/2 + 1 {
		end := x1 - random.IntN(max(1, (x1-x0)/3))
		for x := x0; x+height/2 < end; x += height/2 + 1 {
			if random.IntN(6) == 0 {
				continue // between words
			}
			for range 3 {
				across, at := random.IntN(2) == 0, random.IntN(height)
				for k := range height {
					u, v := x+min(at, height/2-1), y+k
					if across {
						u, v = x+k/2, y+at
					}
					for c := range 3 {
						rgb[3*(v*side+u)+c] = level(ink[c])
					}
				}
			}
		}
	}
}

func document(_ *Picture, random *rand.Rand) []uint8 {
	paper := lightGlass(random)
	rgb := painted(func(int, int) colour { return paper })
	margin := 8 + random.IntN(16)
	printed(rgb, margin, margin, side-margin, side-margin, 6+random.IntN(8), colour{30, 30, 40}, random)
	return blur(rgb, 0.5)
}

func screenshot(_ *Picture, random *rand.Rand) []uint8 {
	desk := anyColour(random)
	rgb := painted(func(int, int) colour { return desk })
	for range 2 + random.IntN(3) {
		x, y := random.IntN(side-90), random.IntN(side-80)
		w, h := 70+random.IntN(side-x-70), 60+random.IntN(side-y-60)
		bar, page, ink := anyColour(random), colour{250, 250, 250}, colour{20, 20, 20}
		if random.IntN(2) == 0 {
			page, ink = colour{30, 32, 40}, colour{210, 220, 200}
		}
		for v := y; v < y+h; v++ {
			for u := x; u < x+w; u++ {
				c := page
				if v < y+10 {
					c = bar
				}
				for k := range 3 {
					rgb[3*(v*side+u)+k] = level(c[k])
				}
			}
		}
		printed(rgb, x+4, y+14, x+w-4, y+h-2, 5+random.IntN(4), ink, random)
	}
	return rgb
}

func gradient(_ *Picture, random *rand.Rand) []uint8 {
	from, to := anyColour(random), anyColour(random)
	sin, cos := math.Sincos(2 * math.Pi * random.Float64())
	return painted(func(x, y int) colour {
		return mix(from, to, 0.5+0.35*((float64(x)/side*2-1)*cos+(float64(y)/side*2-1)*sin))
	})
}

func checkerboard(_ *Picture, random *rand.Rand) []uint8 {
	fields := [2]colour{anyColour(random), anyColour(random)}
	size := 4 + random.IntN(40)
	return painted(func(x, y int) colour { return fields[(x/size+y/size)%2] })
}

func histology(_ *Picture, random *rand.Rand) []uint8 {
	stroma, shade := clouds(random), clouds(random)
	nuclei := make([]blob, 150+random.IntN(250))
	for i := range nuclei {
		nuclei[i] = anyBlob(random, 4, 9)
	}
	pink, deep, light := colour{225, 150, 190}, colour{190, 90, 150}, colour{245, 225, 238}
	blue := colour{95, 60, 140}
	rgb := painted(func(x, y int) colour {
		i := y*side + x
		c := mix(pink, deep, 0.5+0.4*stroma[i])
		if stroma[i] < -1 {
			c = light // a cleft
		}
		for _, n := range nuclei {
			if n.distance(x, y) < 1 {
				c = mix(blue, deep, 0.2+0.15*shade[i])
			}
		}
		return c
	})
	return blur(rgb, 0.7)
}

// enlargedCell shows the surroundings of a stained cell, or of a point at random
// where there is none, factor times as large.
func enlargedCell(factor int) func(*Picture, *rand.Rand) []uint8 {
	return func(p *Picture, random *rand.Rand) []uint8 {
		view := side / factor
		x, y := random.IntN(side), random.IntN(side)
		if cells := nuclei.Regions(large(nuclei.Stained(p.RGB))); len(cells) > 0 {
			x, y = 0, 0
			cell := cells[random.IntN(len(cells))]
			for _, i := range cell {
				x, y = x+i%side, y+i/side
			}
			x, y = x/len(cell), y/len(cell)
		}
		x, y = max(0, min(side-view, x-view/2)), max(0, min(side-view, y-view/2))
		seen := &picture.Picture{Width: view, Height: view}
		for row := y; row < y+view; row++ {
			i := 3 * (row*side + x)
			seen.Pix = append(seen.Pix, p.RGB[i:i+3*view]...)
		}
		return seen.Resize(side, side).Pix
	}
}

func inverted(p *Picture, _ *rand.Rand) []uint8 {
	out := slices.Clone(p.RGB)
	for i := range out {
		out[i] = 255 - out[i]
	}
	return out
}

func hueRotated(p *Picture, random *rand.Rand) []uint8 {
	first := 1 + random.IntN(2)
	out := make([]uint8, len(p.RGB))
	for i := range out {
		out[i] = p.RGB[i-i%3+(i+first)%3]
	}
	return out
}

// grey keeps the luma of ITU-R BT.601.
func grey(p *Picture, _ *rand.Rand) []uint8 {
	return painted(func(x, y int) colour {
		c := p.RGB[3*(y*side+x):]
		v := 0.299*float64(c[0]) + 0.587*float64(c[1]) + 0.114*float64(c[2])
		return colour{v, v, v}
	})
}

// mosaic repeats the shrunken picture n times along each side.
func mosaic(n int) func(*Picture, *rand.Rand) []uint8 {
	return func(p *Picture, _ *rand.Rand) []uint8 {
		tile := (&picture.Picture{Width: side, Height: side, Pix: p.RGB}).Resize(side/n, side/n)
		return painted(func(x, y int) colour {
			i := 3 * (y%tile.Height*tile.Width + x%tile.Width)
			return colour{float64(tile.Pix[i]), float64(tile.Pix[i+1]), float64(tile.Pix[i+2])}
		})
	}
}

// defocused averages over a disc, which is what a lens out of focus does.
func defocused(p *Picture, _ *rand.Rand) []uint8 {
	const radius = 9
	return painted(func(x, y int) (c colour) {
		n := 0.0
		for v := -radius; v <= radius; v++ {
			for u := -radius; u <= radius; u++ {
				if u*u+v*v > radius*radius {
					continue
				}
				i := 3 * (mirror(y+v)*side + mirror(x+u))
				for k := range c {
					c[k] += float64(p.RGB[i+k])
				}
				n++
			}
		}
		for k := range c {
			c[k] /= n
		}
		return c
	})
}
