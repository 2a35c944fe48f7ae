package stress

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"allnet/model"
	"allnet/model/picture"
)

const side = model.Side

// optics change how the picture was focused, recorded, stored and magnified. A blur
// of 1 pixel just takes the texture of the chromatin, one of 2 the outline of small
// nucleoli; noise of 8 levels is that of a dim camera; JPEG of quality 40 shows its
// blocks; magnifications of 1.25 and 0.8 are one step between usual objectives and
// camera adapters.
func optics() []Change {
	var list []Change
	strengths := [3]Strength{Mild, Moderate, Strong}
	for i, sigma := range [3]float64{0.5, 1, 2} {
		list = append(list, Change{Family: Blur, Strength: strengths[i],
			Detail: fmt.Sprintf("Gaussian, σ %.1f pixels", sigma),
			apply:  func(p *Picture, _ *rand.Rand) ([]uint8, error) { return blur(p.RGB, sigma), nil }})
	}
	for i, sd := range [3]float64{4, 8, 16} {
		list = append(list, Change{Family: Noise, Strength: strengths[i],
			Detail: fmt.Sprintf("Gaussian, each value, σ %.0f levels", sd),
			apply:  func(p *Picture, random *rand.Rand) ([]uint8, error) { return noisy(p.RGB, sd, random), nil }})
	}
	for i, quality := range [3]int{70, 40, 15} {
		list = append(list, Change{Family: JPEG, Strength: strengths[i],
			Detail: fmt.Sprintf("quality %d", quality),
			apply:  func(p *Picture, _ *rand.Rand) ([]uint8, error) { return compressed(p.RGB, quality) }})
	}
	for _, z := range []struct {
		variant string
		factors [3]float64
	}{{"in", [3]float64{1.1, 1.25, 1.5}}, {"out", [3]float64{0.9, 0.8, 0.67}}} {
		for i, factor := range z.factors {
			list = append(list, Change{Family: Zoom, Variant: z.variant, Strength: strengths[i],
				Detail: fmt.Sprintf("× %.2f about the centre; the rim mirrored where it is too small", factor),
				apply:  func(p *Picture, _ *rand.Rand) ([]uint8, error) { return zoom(p.RGB, factor), nil }})
		}
	}
	return list
}

// blur convolves with a Gaussian of standard deviation sigma pixels, cut off at
// three; beyond the rim the picture is mirrored.
func blur(rgb []uint8, sigma float64) []uint8 {
	planes := make([]float64, len(rgb))
	for i, v := range rgb {
		planes[i] = float64(v)
	}
	return levels(smooth(planes, 3, sigma))
}

// smooth is blur on values [side][side][channels].
func smooth(values []float64, channels int, sigma float64) []float64 {
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
	for _, step := range [2]int{channels, channels * side} { // along x, along y
		out := make([]float64, len(values))
		for i := range values {
			at := i / step % side
			for k, weight := range kernel {
				out[i] += weight * values[i+(mirror(at+k-reach)-at)*step]
			}
		}
		values = out
	}
	return values
}

// mirror brings an index beyond the rim back into the picture, without repeating
// the rim's pixel.
func mirror(i int) int {
	for i < 0 || i >= side {
		if i < 0 {
			i = -i
		} else {
			i = 2*(side-1) - i
		}
	}
	return i
}

func levels(values []float64) []uint8 {
	out := make([]uint8, len(values))
	for i, v := range values {
		out[i] = level(v)
	}
	return out
}

// noisy adds independent normal noise to every value.
func noisy(rgb []uint8, sd float64, random *rand.Rand) []uint8 {
	out := make([]uint8, len(rgb))
	for i, v := range rgb {
		out[i] = level(float64(v) + sd*random.NormFloat64())
	}
	return out
}

// compressed stores the picture as a JPEG file and reads it again.
func compressed(rgb []uint8, quality int) ([]uint8, error) {
	img := image.NewRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		copy(img.Pix[4*i:4*i+3], rgb[3*i:3*i+3])
		img.Pix[4*i+3] = 255
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	p, err := picture.Decode(file.Bytes())
	if err != nil {
		return nil, err
	}
	return p.Pix, nil
}

// zoom magnifies about the centre and keeps the size.
func zoom(rgb []uint8, factor float64) []uint8 {
	view := int(math.Round(side / factor)) // what is seen, in pixels of rgb
	first := (side - view) / 2
	seen := &picture.Picture{Width: view, Height: view, Pix: make([]uint8, 0, 3*view*view)}
	for y := range view {
		for x := range view {
			i := 3 * (mirror(first+y)*side + mirror(first+x))
			seen.Pix = append(seen.Pix, rgb[i:i+3]...)
		}
	}
	return seen.Resize(side, side).Pix
}
