package standard

import (
	"cmp"
	"math"
	"slices"
)

// circle is a round edge that is darker inside than outside: a cell that lies more or
// less free.
type circle struct {
	// x, y and radius are in pixels of the picture that was searched.
	x, y, radius float64
	// complete is the share of the circumference at which the edge is seen, step how
	// much darker it is inside, as a share of the picture's contrast.
	complete, step float64
	// stain is the nuclear stain of the middle, as a density.
	stain float64
	// shown is how many times larger than what was searched the part is that a window would have shown.
	shown float64
}

// quality orders circles of which only one can be there. Radius counts: whatever the
// magnification, noise has small circles.
func (c *circle) quality() float64 {
	return float64(float64(c.complete*c.complete)*c.complete) * float64(min(c.step, 0.5)*c.radius)
}

// What is searched for in one pass, in pixels of the pass; a pass at 1/passFactor of
// the size finds larger ones.
const (
	leastRadius, mostRadius = 5.5, 11.5
	passFactor              = 1.8
	// nearRadius is how far from the radius that was voted for the edge is looked for.
	nearRadius = 0.75
)

// Limits of what is taken for an edge, as shares of the picture's contrast: edgeSlope
// a pixel; and for a cell.
const (
	edgeSlope     = 0.04
	leastComplete = 0.4
	leastStep     = 0.12
	// leastVotes is the share of a circumference that must vote for a centre before
	// it is looked at more closely.
	leastVotes = 0.35
)

// directions are those in which the edge of a circle is looked at.
const directions = 24

var compass = func() (c [directions][2]float64) {
	for i := range c {
		// 24 directions have closed forms, which are the same bits everywhere.
		c[i] = [2]float64{cosine(i), cosine(i - directions/4)}
	}
	return c
}()

// cosine is that of i 24ths of a turn.
func cosine(i int) float64 {
	i = (i%directions + directions) % directions
	if i > directions/2 {
		i = directions - i
	}
	if i > directions/4 {
		return -cosine(directions/2 - i)
	}
	r2, r6 := math.Sqrt(2), math.Sqrt(6)
	return [...]float64{1, (r6 + r2) / 4, math.Sqrt(3) / 2, r2 / 2, 0.5, (r6 - r2) / 4, 0}[i]
}

// search looks for circles in one pass after the other. Its planes are those of the pass before, which
// saves making them anew.
type search struct {
	// contrast is that of the picture, or of a finer pass where there it is larger: what
	// averages out, as noise does, is no cell.
	contrast float64

	flat                                   Density
	alike                                  []uint32 // see quantiles
	votes, grey, excess, gx, gy, raw, rows []float32
}

// radii is how many radii are voted for.
const radii = int(mostRadius-leastRadius) + 1

// sized gives a plane n pixels; what is in them is left from before.
func sized(plane *[]float32, n int) []float32 {
	if cap(*plane) < n {
		*plane = make([]float32, n)
	}
	*plane = (*plane)[:n]
	return *plane
}

// circles finds the cells whose radius in this picture is about leastRadius to mostRadius pixels. Each
// place of an edge votes for the centres that lie leastRadius, one more, ... ahead of it,
// into the dark; places that many name are then tested all around (gradient Hough
// transform: Ballard 1981, Pattern Recognition 13, 111).
func (s *search) circles(flat *Density) []circle {
	w, h := flat.Width, flat.Height
	n := w * h
	raw, grey, excess := sized(&s.raw, n), sized(&s.grey, n), sized(&s.excess, n)
	red, green, blue := flat.Channels[0][:n], flat.Channels[1][:n], flat.Channels[2][:n]
	for i := range raw {
		raw[i] = (red[i] + green[i] + blue[i]) / 3
		// A pink red cell takes green but no red light, a grey one as much of both.
		excess[i] = green[i] - red[i]
		if red[i] < excess[i] {
			excess[i] = red[i]
		}
	}
	spread := s.quantiles(raw, 0.9, 0.05)
	s.contrast = max(s.contrast, float64(spread[0]-spread[1]))
	if s.contrast < 0.02 {
		return nil // empty
	}
	s.blur(grey, raw, w, h, 1)
	gx, gy := sized(&s.gx, n), sized(&s.gy, n)
	gradients(gx, gy, grey, w, h)
	least := edgeSlope * s.contrast

	enough := float64(least*least) * (1 - 1e-9) // less is no edge, whatever the rounding
	votes := sized(&s.votes, radii*n)           // a plane for each radius
	clear(votes)
	var planes [radii][]float32
	for k := range planes {
		planes[k] = votes[k*n : (k+1)*n]
	}
	for y := 1; y < h-1; y++ {
		across, down := gx[y*w:(y+1)*w], gy[y*w:(y+1)*w]
		for x := 1; x < w-1; x++ {
			u, v := float64(across[x]), float64(down[x])
			square := float64(u*u) + float64(v*v)
			if square < enough {
				continue
			}
			m := math.Sqrt(square)
			if m <= least {
				continue
			}
			u, v = u/m, v/m
			for k := range planes {
				r := leastRadius + float64(k)
				px, py := int(float64(x)+float64(u*r)+0.5), int(float64(y)+float64(v*r)+0.5)
				if uint(px) < uint(w) && uint(py) < uint(h) {
					planes[k][py*w+px]++
				}
			}
		}
	}
	for k := range planes {
		// An edge is about two pixels wide, and the blur spreads each vote over six.
		full := float32(1 / (leastRadius + float64(k)) * 2)
		s.blur(planes[k], planes[k], w, h, full)
	}

	var found []circle
	for k := range planes {
		for y := 2; y < h-2; y++ {
			for i, v := range planes[k][y*w+2 : y*w+w-2] {
				if x := i + 2; v > leastVotes && peak(planes[:], k, y*w+x, w) {
					if c, ok := around(grey, gx, gy, w, h, x, y, leastRadius+float64(k), least, s.contrast); ok {
						c.stain = inside(excess, w, h, c)
						found = append(found, c)
					}
				}
			}
		}
	}
	return found
}

// peak tells whether no place within two pixels, and one radius more or less, has more
// votes; of equal ones the first.
func peak(votes [][]float32, k, i, w int) bool {
	v := votes[k][i]
	if own := votes[k]; own[i-1] > v || own[i+1] > v || own[i-w] > v || own[i+w] > v {
		return false // most are told by these
	}
	for l := max(0, k-1); l <= min(len(votes)-1, k+1); l++ {
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				j := i + dy*w + dx
				if other := votes[l][j]; other > v || other == v && (l < k || l == k && j < i) {
					return false
				}
			}
		}
	}
	return true
}

// around looks for the edge of a cell in all directions from a centre, at radii near r.
func around(grey, gx, gy []float32, w, h, x, y int, r, least, contrast float64) (best circle, found bool) {
	strongest := -1.0
	for step := -3; step <= 3; step++ {
		radius := r + float64(step)*(nearRadius/3)
		inside, seen, sum := 0, 0, 0.0
		for _, d := range compass {
			px, py := float64(x)+float64(radius*d[0]), float64(y)+float64(radius*d[1])
			if px < 1 || py < 1 || px >= float64(w-2) || py >= float64(h-2) {
				continue
			}
			inside++
			// The gradient there, written out: this is done more often than all else.
			i, p, q := int(py)*w+int(px), px-float64(int(px)), py-float64(int(py))
			u, v := blend(gx, i, w, p, q), blend(gy, i, w, p, q)
			inward := -(float64(u*d[0]) + float64(v*d[1]))
			if inward <= 0 {
				continue
			}
			sum += inward
			if inward > 0.8*least && inward > 0.7*math.Sqrt(float64(u*u)+float64(v*v)) {
				seen++
			}
		}
		if inside < directions*3/4 {
			continue
		}
		if mean := sum / float64(inside); mean > strongest {
			strongest = mean
			best = circle{x: float64(x), y: float64(y), radius: radius, complete: float64(seen) / directions}
		}
	}
	if strongest < 0 || best.complete < leastComplete {
		return best, false
	}
	steps := make([]float64, 0, directions)
	for _, d := range compass {
		in := at(grey, w, h, best.x+float64(0.8*best.radius*d[0]), best.y+float64(0.8*best.radius*d[1]))
		out := at(grey, w, h, best.x+float64(1.25*best.radius*d[0]), best.y+float64(1.25*best.radius*d[1]))
		steps = append(steps, in-out)
	}
	slices.Sort(steps)
	best.step = (steps[directions/2-1] + steps[directions/2]) / 2 / contrast
	return best, best.step > leastStep
}

// sample interpolates between four pixels; x and y are within the plane.
func sample(plane []float32, w int, x, y float64) float64 {
	u, v := int(x), int(y)
	return blend(plane, v*w+u, w, x-float64(u), y-float64(v))
}

// blend is the part p of the way from pixel i to the next, and q of that to the row below.
func blend(plane []float32, i, w int, p, q float64) float64 {
	upper, lower := plane[i:i+2], plane[i+w:i+w+2]
	top := float64(upper[0]) + float64(p*(float64(upper[1])-float64(upper[0])))
	bottom := float64(lower[0]) + float64(p*(float64(lower[1])-float64(lower[0])))
	return top + float64(q*(bottom-top))
}

// at is sample, with the rim for what lies outside.
func at(plane []float32, w, h int, x, y float64) float64 {
	return sample(plane, w, min(max(x, 0), float64(w)-1.001), min(max(y, 0), float64(h)-1.001))
}

// inside is the mean of a plane over the middle of a circle.
func inside(plane []float32, w, h int, c circle) float64 {
	r := 0.6 * c.radius
	n, sum := 0, 0.0
	for y := max(0, int(c.y-r)); y <= min(h-1, int(c.y+r)); y++ {
		for x := max(0, int(c.x-r)); x <= min(w-1, int(c.x+r)); x++ {
			if dx, dy := float64(x)-c.x, float64(y)-c.y; float64(dx*dx)+float64(dy*dy) <= float64(r*r) {
				n++
				sum += float64(plane[y*w+x])
			}
		}
	}
	return sum / float64(max(n, 1))
}

// gradients are half the differences between the neighbours of each pixel; 0 at the rim.
func gradients(gx, gy, plane []float32, w, h int) {
	clear(gx[:w])
	clear(gy[:w])
	for y := 1; y < h-1; y++ {
		across, down := gx[y*w:][:w], gy[y*w:][:w]
		upper, row, lower := plane[(y-1)*w:][:w], plane[y*w:][:w], plane[(y+1)*w:][:w]
		across[0], down[0], across[w-1], down[w-1] = 0, 0, 0, 0
		for x := 1; x < len(row)-1; x++ {
			across[x] = (row[x+1] - row[x-1]) / 2
			down[x] = (lower[x] - upper[x]) / 2
		}
	}
	clear(gx[(h-1)*w:])
	clear(gy[(h-1)*w:])
}

// apart leaves, of circles that cannot all be there, the best: no two centres are nearer
// than 0.7 of the larger radius.
func apart(all []circle) []circle {
	slices.SortStableFunc(all, func(a, b circle) int { return cmp.Compare(b.quality(), a.quality()) })
	var kept []circle
	for _, c := range all {
		if !slices.ContainsFunc(kept, func(k circle) bool {
			r := 0.7 * max(c.radius, k.radius)
			dx, dy := c.x-k.x, c.y-k.y
			return float64(dx*dx)+float64(dy*dy) <= float64(r*r)
		}) {
			kept = append(kept, c)
		}
	}
	return kept
}
