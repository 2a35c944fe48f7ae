package synthetic

import "math"

// colour is R, G, B in [0,255].
type colour [3]float64

// canvas is the picture while it is drawn: [Side][Side].
type canvas []colour

// mix goes from a (t = 0) to b (t = 1).
func mix(a, b, t float64) float64 { return a + float64((b-a)*t) }

func (c colour) mix(d colour, t float64) colour {
	return colour{mix(c[0], d[0], t), mix(c[1], d[1], t), mix(c[2], d[2], t)}
}

func clamp01(x float64) float64 { return max(0, min(1, x)) }

// smooth rises from 0 at lo to 1 at hi with level ends.
func smooth(lo, hi, x float64) float64 {
	t := clamp01((x - lo) / (hi - lo))
	return float64(t * t * (3 - float64(2*t)))
}

// stain lays a colour over the canvas around (x, y), as far as reach pixels. At the
// offset (dx, dy) ink tells the colour and how much of the canvas it covers, in [0,1].
func (c canvas) stain(x, y, reach float64, ink func(dx, dy float64) (colour, float64)) {
	c.each(x, y, reach, func(p *colour, dx, dy float64) {
		over, cover := ink(dx, dy)
		*p = p.mix(over, cover)
	})
}

// filter lets the canvas shine through: light is multiplied by pass, per channel in
// [0,1], to the extent ink tells, so that overlapping cells get darker as on a slide.
func (c canvas) filter(x, y, reach float64, pass colour, ink func(dx, dy float64) float64) {
	c.each(x, y, reach, func(p *colour, dx, dy float64) {
		depth := ink(dx, dy)
		for i := range p {
			p[i] *= mix(1, pass[i], depth)
		}
	})
}

func (c canvas) each(x, y, reach float64, do func(p *colour, dx, dy float64)) {
	x0, x1 := int(max(0, x-reach)), int(min(Side-1, x+reach))
	y0, y1 := int(max(0, y-reach)), int(min(Side-1, y+reach))
	for py := y0; py <= y1; py++ {
		for px := x0; px <= x1; px++ {
			do(&c[Side*py+px], float64(px)-x, float64(py)-y)
		}
	}
}

// blur convolves with the binomial 1-2-1 in both directions: the softness of the
// data set's pictures, which were shrunk and stored as JPEG.
func (c canvas) blur() canvas {
	once := c.blurAlong(1)
	return once.blurAlong(Side)
}

// blurAlong blurs along x (step 1) or y (step Side); the border repeats.
func (c canvas) blurAlong(step int) canvas {
	out := make(canvas, len(c))
	for i := range c {
		before, after := i, i
		if at := i / step % Side; at > 0 {
			before = i - step
		}
		if at := i / step % Side; at < Side-1 {
			after = i + step
		}
		for k := range out[i] {
			out[i][k] = (c[before][k] + c[i][k] + c[i][k] + c[after][k]) / 4
		}
	}
	return out
}

// bytes rounds to [Side][Side][3] and adds the grain of a camera: up to grain levels
// up or down, the same for the three channels.
func (c canvas) bytes(r *random, grain float64) []uint8 {
	pix := make([]uint8, 0, 3*len(c))
	for _, p := range c {
		g := r.between(-grain, grain)
		for _, v := range p {
			pix = append(pix, uint8(max(0, min(255, v+g))+0.5))
		}
	}
	return pix
}

// outline is a closed curve around the origin: an ellipse whose radius wobbles with
// the direction.
type outline struct {
	rx, ry   float64 // half axes in pixels
	tc, ts   float64 // tilt: cosine and sine
	cos, sin [5]float64
}

// newOutline draws a random outline: mean radius r, stretched down by stretch, with
// wobble, a share of the radius, spread over the harmonics two to six.
func newOutline(r *random, radius, stretch, wobble float64) outline {
	s := math.Sqrt(stretch * r.between(0.9, 1.1))
	o := outline{rx: radius / s, ry: radius * s}
	o.tc, o.ts = r.direction()
	if o.tc < 0 {
		o.tc, o.ts = -o.tc, -o.ts
	}
	// Tilts stay small, since the stretch comes from the picture, not from the cell.
	o.tc += 2
	norm := math.Sqrt(float64(o.tc*o.tc) + float64(o.ts*o.ts))
	o.tc, o.ts = o.tc/norm, o.ts/norm
	for k := range o.cos {
		share := wobble / float64(k+1)
		o.cos[k], o.sin[k] = r.between(-share, share), r.between(-share, share)
	}
	return o
}

// reach bounds the distance of the outline from the origin, in pixels.
func (o *outline) reach() float64 { return float64(1.5*max(o.rx, o.ry)) + 2 }

// at is 0 in the centre, 1 on the outline and more outside.
func (o *outline) at(dx, dy float64) float64 {
	u := (float64(dx*o.tc) + float64(dy*o.ts)) / o.rx
	v := (float64(dy*o.tc) - float64(dx*o.ts)) / o.ry
	rho := math.Sqrt(float64(u*u) + float64(v*v))
	if rho == 0 {
		return 0
	}
	c, s := u/rho, v/rho
	edge, ck, sk := 1.0, c, s
	for k := range o.cos { // cosine and sine of the next multiple by the addition theorem
		ck, sk = float64(ck*c)-float64(sk*s), float64(sk*c)+float64(ck*s)
		edge += float64(o.cos[k]*ck) + float64(o.sin[k]*sk)
	}
	return rho / edge
}

// cover is the share of a pixel that lies within the outline; the edge is soft pixels
// wide.
func (o *outline) cover(rho, soft float64) float64 {
	return clamp01(float64((1-rho)*(o.rx+o.ry)/(2*soft)) + 0.5)
}
