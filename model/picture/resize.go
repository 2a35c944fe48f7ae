package picture

import "math"

// Resize returns the whole picture stretched to width x height pixels, both
// positive, by bilinear interpolation (averaging under a triangle where it
// shrinks); the picture itself when it has that size already.
//
// The result is that of imaging.Resize with imaging.Linear, to the bit: rows
// first, rounded to 8 bits, then columns. It is written out here because that
// package needs four bytes a pixel, and because its sums of products round
// otherwise on processors where Go fuses them: float64(x*y) forbids that.
func (p *Picture) Resize(width, height int) *Picture {
	if p.Width == width && p.Height == height {
		return p
	}
	q := *p
	q.Width, q.Height = width, height
	if width != p.Width {
		q.Pix = resizeRows(q.Pix, p.Width, p.Height, triangles(width, p.Width))
	}
	if height != p.Height {
		q.Pix = resizeColumns(q.Pix, 3*width, triangles(height, p.Height))
	}
	return &q
}

// Halved returns the picture at half its size: each pixel is the mean of two by two,
// rounded to the nearest level, halves upwards. The last column of an odd width and the
// last row of an odd height are left out. A picture one pixel wide or high is itself.
func (p *Picture) Halved() *Picture {
	if p.Width < 2 || p.Height < 2 {
		return p
	}
	q := *p
	q.Width, q.Height = p.Width/2, p.Height/2
	q.Pix = make([]uint8, 3*q.Width*q.Height)
	for y := range q.Height {
		upper, lower := p.Pix[3*p.Width*2*y:][:6*q.Width], p.Pix[3*p.Width*(2*y+1):][:6*q.Width]
		to := q.Pix[3*q.Width*y:][:3*q.Width]
		for len(to) >= 3 && len(upper) >= 6 && len(lower) >= 6 {
			to[0] = uint8((int(upper[0]) + int(upper[3]) + int(lower[0]) + int(lower[3]) + 2) / 4)
			to[1] = uint8((int(upper[1]) + int(upper[4]) + int(lower[1]) + int(lower[4]) + 2) / 4)
			to[2] = uint8((int(upper[2]) + int(upper[5]) + int(lower[2]) + int(lower[5]) + 2) / 4)
			to, upper, lower = to[3:], upper[6:], lower[6:]
		}
	}
	return &q
}

// triangle holds the weights of one pixel of the result: those of the source
// pixels first, first+1, ..., and the reciprocal of their sum.
type triangle struct {
	first   int
	weights []float64
	norm    float64
}

// triangles returns the weights of dst pixels that are spread over src pixels.
func triangles(dst, src int) []triangle {
	step := float64(src) / float64(dst)
	scale := max(step, 1) // half the base of a triangle, in source pixels
	reach := math.Ceil(scale)
	out := make([]triangle, dst)
	for v := range out {
		centre := float64((float64(v)+0.5)*step) - 0.5
		begin := max(int(math.Ceil(centre-reach)), 0)
		end := min(int(math.Floor(centre+reach)), src-1)
		t := &out[v]
		var sum float64
		for u := begin; u <= end; u++ {
			x := math.Abs((float64(u) - centre) / scale)
			if x >= 1 {
				continue
			}
			if t.weights == nil {
				t.first = u
			}
			t.weights = append(t.weights, 1-x)
			sum += 1 - x
		}
		// The factor 255 is the alpha of an opaque pixel in the original, and the
		// sum is taken again after rounding, as there.
		var alpha float64
		for i, w := range t.weights {
			t.weights[i] = float64(255 * (w / sum))
			alpha += t.weights[i]
		}
		t.norm = 1 / alpha
	}
	return out
}

// resizeRows maps pix, [h][w][3], to [h][len(ts)][3].
func resizeRows(pix []uint8, w, h int, ts []triangle) []uint8 {
	out := make([]uint8, 3*len(ts)*h)
	for y := range h {
		row := pix[3*w*y:][:3*w]
		dst := out[3*len(ts)*y:][:3*len(ts)]
		for x := range ts {
			t := &ts[x]
			src := row[3*t.first:][:3*len(t.weights)]
			var r, g, b float64
			for i, weight := range t.weights {
				s := src[3*i : 3*i+3 : 3*i+3]
				r += float64(float64(s[0]) * weight)
				g += float64(float64(s[1]) * weight)
				b += float64(float64(s[2]) * weight)
			}
			d := dst[3*x : 3*x+3 : 3*x+3]
			d[0], d[1], d[2] = clamp(r*t.norm), clamp(g*t.norm), clamp(b*t.norm)
		}
	}
	return out
}

// resizeColumns maps pix, rows of n bytes, to len(ts) rows of n bytes.
func resizeColumns(pix []uint8, n int, ts []triangle) []uint8 {
	out := make([]uint8, n*len(ts))
	for y := range ts {
		t := &ts[y]
		dst := out[n*y:][:n]
		x := 0
		for ; x+4 <= n; x += 4 {
			var a, b, c, d float64
			at := n*t.first + x
			for _, weight := range t.weights {
				s := pix[at : at+4 : at+4]
				a += float64(float64(s[0]) * weight)
				b += float64(float64(s[1]) * weight)
				c += float64(float64(s[2]) * weight)
				d += float64(float64(s[3]) * weight)
				at += n
			}
			to := dst[x : x+4 : x+4]
			to[0], to[1], to[2], to[3] = clamp(a*t.norm), clamp(b*t.norm), clamp(c*t.norm), clamp(d*t.norm)
		}
		for ; x < n; x++ {
			var sum float64
			for i, weight := range t.weights {
				sum += float64(float64(pix[n*(t.first+i)+x]) * weight)
			}
			dst[x] = clamp(sum * t.norm)
		}
	}
	return out
}

// clamp rounds x to the nearest level.
func clamp(x float64) uint8 {
	return uint8(min(max(int64(float64(x)+0.5), 0), 255))
}
