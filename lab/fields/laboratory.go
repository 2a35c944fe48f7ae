package fields

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"allnet/model/picture"
)

// Laboratory is how another laboratory would have taken a picture: its dyes, its lamp, its
// lens and focus, its sensor and the file that it keeps. The zero value changes nothing.
type Laboratory struct {
	// Mix says by how much of each channel's optical density a channel's changes.
	Mix [3][3]float64
	// Lamp is what the lamp lacks of each colour, as a density, or has too much of where it is
	// less than 0: what would be brighter than white is lost. Fall is by how much darker the
	// corner farthest from the light's centre is, which lies at X and Y, in parts of the picture.
	Lamp       [3]float64
	Fall, X, Y float64
	// Tone is the logarithm of the exponent that levels are raised to.
	Tone float64
	// Blur is the standard deviation of the defocus in pixels; Sharpened is how much of the
	// difference to a blurred picture is added.
	Blur, Sharpened float64
	// Noise is the standard deviation in levels; Quality that of the JPEG file, 0: none.
	Noise   float64
	Quality int
}

// Draw draws a laboratory; strength 1 is as far from the data set's as the laboratories
// of the foreign pictures at hand, and a little farther. It is a function of name alone.
func Draw(name string, strength float64) Laboratory {
	random := source(name)
	within := func(limit float64) float64 { return strength * limit * (2*random.Float64() - 1) }
	upTo := func(limit float64) float64 { return strength * limit * random.Float64() }
	some := func(share float64) bool { return random.Float64() < share }
	var l Laboratory
	common := within(0.35)
	for c := range 3 {
		for k := range 3 {
			l.Mix[c][k] = within(0.1)
		}
		l.Mix[c][c] = common + within(0.2)
		l.Lamp[c] = upTo(0.4)
	}
	l.Fall, l.X, l.Y = upTo(0.5), 0.3+0.4*random.Float64(), 0.3+0.4*random.Float64()
	if some(0.4) {
		l.Tone = within(0.3)
	}
	if some(0.5) {
		l.Blur = upTo(1.4)
	}
	if some(0.2) {
		l.Sharpened = upTo(1)
	}
	if some(0.5) {
		l.Noise = upTo(9)
	}
	if some(0.5) {
		l.Quality = 95 - int(upTo(65))
	}
	if some(0.3) {
		for c := range l.Lamp {
			l.Lamp[c] = -upTo(0.2)
		}
	}
	return l
}

func source(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 2))
}

// densities are the optical densities of the 256 levels.
var densities = func() (d [256]float64) {
	for level := range d {
		d[level] = -math.Log((float64(level) + 1) / 256)
	}
	return d
}()

// Take is the picture as the laboratory takes it; noise is a function of name.
func (l *Laboratory) Take(p *picture.Picture, name string) (*picture.Picture, error) {
	random := source(name + "\x00noise")
	w, h := p.Width, p.Height
	values := make([]float64, len(p.Pix))
	exponent := math.Exp(l.Tone)
	for i := 0; i < len(values); i += 3 {
		dx, dy := float64(i/3%w)/float64(w)-l.X, float64(i/3/w)/float64(h)-l.Y
		var density [3]float64
		for c := range 3 {
			density[c] = densities[p.Pix[i+c]]
		}
		for c := range 3 {
			od := density[c] + l.Lamp[c] + l.Fall*2*(dx*dx+dy*dy)
			for k := range 3 {
				od += l.Mix[c][k] * density[k]
			}
			level := max(0, min(255, 256*math.Exp(-max(0, od))-1))
			if l.Tone != 0 {
				level = 255 * math.Pow(level/255, exponent)
			}
			values[i+c] = level
		}
	}
	if l.Blur > 0.2 {
		values = blurred(values, w, h, l.Blur)
	}
	if l.Sharpened > 0 {
		soft := blurred(values, w, h, 1)
		for i := range values {
			values[i] += l.Sharpened * (values[i] - soft[i])
		}
	}
	q := *p
	q.Pix = make([]uint8, len(values))
	for i, v := range values {
		if l.Noise > 0 {
			v += l.Noise * random.NormFloat64()
		}
		q.Pix[i] = uint8(math.Round(max(0, min(255, v))))
	}
	if l.Quality == 0 {
		return &q, nil
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range w * h {
		copy(img.Pix[4*i:4*i+3], q.Pix[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: l.Quality}); err != nil {
		return nil, err
	}
	return picture.Decode(file.Bytes())
}

// Defocused is the picture with nothing but the laboratory's blur.
func (l *Laboratory) Defocused(p *picture.Picture) *picture.Picture {
	values := make([]float64, len(p.Pix))
	for i, v := range p.Pix {
		values[i] = float64(v)
	}
	q := *p
	q.Pix = make([]uint8, len(values))
	for i, v := range blurred(values, p.Width, p.Height, l.Blur) {
		q.Pix[i] = uint8(math.Round(v))
	}
	return &q
}

// blurred convolves values, [height][width][3], with a Gaussian cut off at three deviations;
// at the rim the nearest pixel stands for those beyond it.
func blurred(values []float64, width, height int, sigma float64) []float64 {
	reach := int(math.Ceil(3 * sigma))
	kernel := make([]float64, 2*reach+1)
	sum := 0.0
	for i := range kernel {
		d := float64(i-reach) / sigma
		kernel[i] = math.Exp(-d * d / 2)
		sum += kernel[i]
	}
	for i := range kernel {
		kernel[i] /= sum
	}
	out, line := make([]float64, len(values)), make([]float64, max(width, height)+2*reach)
	pass := func(in, out []float64, start, step, n int) {
		for k := range line[:n+2*reach] {
			line[k] = in[start+step*min(max(k-reach, 0), n-1)]
		}
		for k := range n {
			total := 0.0
			for j, weight := range kernel {
				total += weight * line[k+j]
			}
			out[start+step*k] = total
		}
	}
	for y := range height {
		for c := range 3 {
			pass(values, out, 3*width*y+c, 3, width)
		}
	}
	for i := range 3 * width {
		pass(out, out, i, 3*width, height)
	}
	return out
}
