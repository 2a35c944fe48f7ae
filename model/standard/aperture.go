package standard

import (
	"math"
	"slices"

	"allnet/model/picture"
)

// Aperture is the round bright field of a photograph that was taken through an
// eyepiece, in pixels of the picture; outside it is dark and shows nothing.
type Aperture struct {
	X, Y, Radius float64
}

// Limits of what is taken for an aperture.
const (
	apertureSide = 256  // the picture is searched at about this size
	darkLevel    = 0.35 // of the brightness of the field, and darker, is outside
	leastDark    = 0.03 // of the picture must be dark
	leastCorners = 3    // of the four corners must be dark
	mostUneven   = 0.03 // root mean square distance of the edge from a circle, as a share of its radius
)

// ApertureOf looks for the round bright field of a photograph through an eyepiece.
// It finds none in a picture that a camera took by itself: its corners are bright, or
// what is dark in them is not round.
func ApertureOf(p *picture.Picture) (Aperture, bool) { return apertureOf(newPyramid(p)) }

func apertureOf(p *pyramid) (Aperture, bool) {
	whole := p.levels[0]
	scale := min(1, apertureSide/float64(max(whole.Width, whole.Height)))
	w, h := max(1, int(math.Round(float64(whole.Width)*scale))), max(1, int(math.Round(float64(whole.Height)*scale)))
	if w < 32 || h < 32 {
		return Aperture{}, false
	}
	level, _ := p.near(scale)
	small := level.Resize(w, h)
	grey := make([]float32, w*h)
	for i := range grey {
		grey[i] = float32(int(small.Pix[3*i])+int(small.Pix[3*i+1])+int(small.Pix[3*i+2])) / (3 * 255)
	}
	if bright(grey, w, h) {
		return Aperture{}, false
	}
	grey = blurred(blurred(grey, w, h), w, h)
	least := darkLevel * Quantile(grey, 0.9)
	outside := reached(grey, w, h, least)
	corners := 0
	for _, i := range [...]int{0, w - 1, w * (h - 1), w*h - 1} {
		if outside[i] {
			corners++
		}
	}
	dark := 0
	for _, out := range outside {
		if out {
			dark++
		}
	}
	if corners < leastCorners || float64(dark) < leastDark*float64(w*h) {
		return Aperture{}, false
	}
	c, uneven, ok := circleThrough(edge(outside, w, h))
	if !ok || uneven > mostUneven*c.Radius || c.Radius < 0.2*float64(min(w, h)) || c.Radius > float64(w+h) {
		return Aperture{}, false
	}
	return Aperture{X: (c.X + 0.5) / scale, Y: (c.Y + 0.5) / scale, Radius: c.Radius / scale}, true
}

// bright tells, at little cost, that too few corners can be dark whatever else the picture shows: those
// seven pixels wide, which is as far as both blurs look, have no pixel as dark as that even
// next to white.
func bright(grey []float32, w, h int) bool {
	const reach = 7
	corners := 0
	for _, x := range [...]int{0, w - reach} {
		for _, y := range [...]int{0, h - reach} {
			lowest := float32(1)
			for v := y; v < y+reach; v++ {
				for _, g := range grey[v*w+x:][:reach] {
					lowest = min(lowest, g)
				}
			}
			if lowest > 1.01*darkLevel { // a hundredth is more than all rounding
				corners++
			}
		}
	}
	return 4-corners < leastCorners
}

// reached marks the dark pixels that hang together with the picture's rim: a dark cell
// is none of them.
func reached(grey []float32, w, h int, least float32) []bool {
	out := make([]bool, len(grey))
	var queue []int
	visit := func(x, y int) {
		if x < 0 || y < 0 || x >= w || y >= h {
			return
		}
		if i := y*w + x; !out[i] && grey[i] < least {
			out[i] = true
			queue = append(queue, i)
		}
	}
	for x := range w {
		visit(x, 0)
		visit(x, h-1)
	}
	for y := range h {
		visit(0, y)
		visit(w-1, y)
	}
	for len(queue) > 0 {
		i := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		visit(i%w-1, i/w)
		visit(i%w+1, i/w)
		visit(i%w, i/w-1)
		visit(i%w, i/w+1)
	}
	return out
}

// edge lists the bright pixels, x and y, that have a dark one beside them.
func edge(outside []bool, w, h int) (points [][2]float64) {
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			i := y*w + x
			if !outside[i] && (outside[i-1] || outside[i+1] || outside[i-w] || outside[i+w]) {
				points = append(points, [2]float64{float64(x), float64(y)})
			}
		}
	}
	return points
}

// circleThrough fits a circle to points (Kåsa 1976, IEEE Transactions on Instrumentation
// and Measurement 25, 8), once to all and once to the nine tenths that lie nearest to
// the first; uneven is the root mean square distance of those.
func circleThrough(points [][2]float64) (c Aperture, uneven float64, ok bool) {
	for range 2 {
		if len(points) < 16 {
			return c, 0, false
		}
		var mx, my float64
		for _, p := range points {
			mx += p[0]
			my += p[1]
		}
		n := float64(len(points))
		mx, my = mx/n, my/n
		var xx, yy, xy, xz, yz, zz float64
		for _, p := range points {
			x, y := p[0]-mx, p[1]-my
			z := float64(x*x) + float64(y*y)
			xx += float64(x * x)
			yy += float64(y * y)
			xy += float64(x * y)
			xz += float64(x * z)
			yz += float64(y * z)
			zz += z
		}
		det := float64(xx*yy) - float64(xy*xy)
		if det < 1e-9*float64(xx*yy) || det == 0 {
			return c, 0, false
		}
		u := (float64(xz*yy) - float64(yz*xy)) / (2 * det)
		v := (float64(yz*xx) - float64(xz*xy)) / (2 * det)
		c = Aperture{X: mx + u, Y: my + v, Radius: math.Sqrt(float64(u*u) + float64(v*v) + zz/n)}
		off := func(p [2]float64) float64 { return math.Abs(distance(p[0]-c.X, p[1]-c.Y) - c.Radius) }
		slices.SortStableFunc(points, func(a, b [2]float64) int {
			switch da, db := off(a), off(b); {
			case da < db:
				return -1
			case da > db:
				return 1
			}
			return 0
		})
		points = points[:len(points)*9/10]
		sum := 0.0
		for _, p := range points {
			sum += float64(off(p) * off(p))
		}
		uneven = math.Sqrt(sum / float64(len(points)))
	}
	return c, uneven, true
}

func distance(x, y float64) float64 { return math.Sqrt(float64(x*x) + float64(y*y)) }

// holds tells how much of a rectangle lies within the aperture, 0 to 1.
func (a Aperture) holds(x, y, w, h float64) float64 {
	const steps = 16
	n := 0
	for i := range steps {
		for j := range steps {
			px, py := x+float64(w*(float64(i)+0.5)/steps), y+float64(h*(float64(j)+0.5)/steps)
			if distance(px-a.X, py-a.Y) <= a.Radius {
				n++
			}
		}
	}
	return float64(n) / (steps * steps)
}
