package standard

import "allnet/lime/detmath"

// normal are the weights of a normal distribution of deviation 1, to 3 pixels.
var normal = func() (w [7]float32) {
	sum := 0.0
	for i := range w {
		d := float64(i - 3)
		sum += detmath.Exp(float64(-d*d) / 2)
	}
	for i := range w {
		d := float64(i - 3)
		w[i] = float32(detmath.Exp(float64(-d*d)/2) / sum)
	}
	return w
}()

// blurred is a plane, [h][w], blurred with a deviation of one pixel; the rim stands for
// what lies outside.
func blurred(plane []float32, w, h int) []float32 {
	out := make([]float32, len(plane))
	new(search).blur(out, plane, w, h, 1)
	return out
}

// blur writes to out, which may be the plane itself, what blurred returns times factor.
func (s *search) blur(out, plane []float32, w, h int, factor float32) {
	rows := sized(&s.rows, len(plane))
	for y := range h {
		in, out := plane[y*w:(y+1)*w], rows[y*w:(y+1)*w]
		if w <= 6 {
			for x := range out {
				var around [7]float32
				for k := range around {
					around[k] = in[min(max(x+k-3, 0), w-1)]
				}
				out[x] = weighed(&around)
			}
			continue
		}
		first, last := in[0], in[w-1]
		out[0] = weighed(&[7]float32{first, first, first, first, in[1], in[2], in[3]})
		out[1] = weighed(&[7]float32{first, first, first, in[1], in[2], in[3], in[4]})
		out[2] = weighed(&[7]float32{first, first, in[1], in[2], in[3], in[4], in[5]})
		out[w-3] = weighed(&[7]float32{in[w-6], in[w-5], in[w-4], in[w-3], in[w-2], last, last})
		out[w-2] = weighed(&[7]float32{in[w-5], in[w-4], in[w-3], in[w-2], last, last, last})
		out[w-1] = weighed(&[7]float32{in[w-4], in[w-3], in[w-2], last, last, last, last})
	}
	if w > 6 {
		weighPlane(rows[3:], plane, w-6, h, 1, w, 1)
	}
	if h > 6 {
		weighPlane(out[3*w:], rows, (h-6)*w, 1, w, 0, factor)
	}
	for y := range h {
		if y >= 3 && y < h-3 {
			continue
		}
		row := func(k int) []float32 { j := min(max(y+k-3, 0), h-1); return rows[j*w : (j+1)*w] }
		weigh(out[y*w:(y+1)*w], row(0), row(1), row(2), row(3), row(4), row(5), row(6), factor)
	}
}

// weighed is the sum of seven values by the weights of a normal distribution, from the first to the last.
func weighed(values *[7]float32) (sum float32) {
	for k, weight := range normal {
		sum += float32(weight * values[k])
	}
	return sum
}

// weighPlaneGo writes n values of each of some rows, which begin next values apart in out and in the plane: the seven neighbours whose first is
// in the same place of the plane, and which lie step values apart, added up by weigh.
func weighPlaneGo(out, plane []float32, n, rows, step, next int, factor float32) {
	for r := range rows {
		to, in := out[r*next:][:n], plane[r*next:]
		if step == 1 && factor == 1 {
			weighAlong(to, in)
			continue
		}
		weigh(to, in, in[step:], in[2*step:], in[3*step:], in[4*step:], in[5*step:], in[6*step:], factor)
	}
}

// weighAlong is weigh for the seven values of row that begin where out does.
func weighAlong(out, row []float32) {
	far, third, second, own := normal[0], normal[1], normal[2], normal[3]
	a, b, c, d, e, f := row[0], row[1], row[2], row[3], row[4], row[5]
	row = row[6:][:len(out)]
	for x, g := range row {
		out[x] = float32(far*(a+g)) + float32(third*(b+f)) + float32(second*(c+e)) + float32(own*d)
		a, b, c, d, e, f = b, c, d, e, f, g
	}
}

// weigh adds up seven neighbours of each value of out by the weights of a normal distribution,
// and multiplies the sum by factor.
func weigh(out, a, b, c, d, e, f, g []float32, factor float32) {
	n := len(out)
	a, b, c, d, e, f, g = a[:n], b[:n], c[:n], d[:n], e[:n], f[:n], g[:n]
	far, third, second, own := normal[0], normal[1], normal[2], normal[3]
	for x := range out {
		out[x] = factor * (float32(far*(a[x]+g[x])) + float32(third*(b[x]+f[x])) + float32(second*(c[x]+e[x])) + float32(own*d[x]))
	}
}
