package stress

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// level rounds v to a level of a channel.
func level(v float64) uint8 { return uint8(math.Round(max(0, min(255, v)))) }

// table maps the 256 levels of a channel.
type table [256]uint8

func newTable(f func(v float64) float64) (t table) {
	for v := range t {
		t[v] = level(f(float64(v)))
	}
	return t
}

// mapped sends every channel of rgb through its table.
func mapped(rgb []uint8, channels [3]table) []uint8 {
	out := make([]uint8, len(rgb))
	for i, v := range rgb {
		out[i] = channels[i%3][v]
	}
	return out
}

// shift changes optical density, OD = -ln((v+1)/256), of a level v to
// gain·OD + offset.
func shift(gain, offset float64) table {
	return newTable(func(v float64) float64 {
		od := -math.Log((v + 1) / 256)
		return 256*math.Exp(-(gain*od+offset)) - 1
	})
}

// stains shift the optical density, in which stains add up (Beer-Lambert), of each
// channel by a gain and an offset of its own, drawn evenly: another concentration
// and another dye, another lamp and another white balance. On the data set a random
// forest on the colour histogram falls from 99.1 to 96.0, 90.2 and 71.1 % under the
// three strengths: figures that fit the natural logarithm and not the decimal one, by which
// it falls to 89, 73 and 55 %.
func stains() []Change {
	var list []Change
	for _, s := range []struct {
		Strength
		gain, offset float64
	}{{Mild, 0.10, 0.04}, {Moderate, 0.20, 0.08}, {Strong, 0.35, 0.15}} {
		list = append(list, Change{
			Family: Stain, Strength: s.Strength,
			Detail: fmt.Sprintf("optical density of each channel: gain within ±%.0f %%, offset within ±%.2f", 100*s.gain, s.offset),
			apply: func(p *Picture, random *rand.Rand) ([]uint8, error) {
				var channels [3]table
				for c := range channels {
					gain := 1 + s.gain*(2*random.Float64()-1)
					channels[c] = shift(gain, s.offset*(2*random.Float64()-1))
				}
				return mapped(p.RGB, channels), nil
			},
		})
	}
	return list
}

// tones change brightness (level times factor), contrast (distance of a level from
// the middle, 127.5, times factor) and gamma (level to a power): the exposure and
// the picture processing of another camera. The moderate brightness, 15 %, is a
// third of a photographic stop in linear light; gamma 0.75 and 1.35 stand for a
// camera that does not follow sRGB.
func tones() []Change {
	type tone struct {
		variant string
		values  [3]float64 // mild, moderate, strong
	}
	var list []Change
	add := func(family Family, tones []tone, detail string, f func(v, amount float64) float64) {
		for _, t := range tones {
			for i, strength := range []Strength{Mild, Moderate, Strong} {
				amount := t.values[i]
				one := newTable(func(v float64) float64 { return f(v, amount) })
				list = append(list, Change{
					Family: family, Variant: t.variant, Strength: strength, Detail: fmt.Sprintf(detail, amount),
					apply: func(p *Picture, _ *rand.Rand) ([]uint8, error) {
						return mapped(p.RGB, [3]table{one, one, one}), nil
					},
				})
			}
		}
	}
	add(Brightness, []tone{{"darker", [3]float64{0.92, 0.85, 0.70}}, {"brighter", [3]float64{1.08, 1.15, 1.30}}},
		"levels × %.2f", func(v, factor float64) float64 { return v * factor })
	add(Contrast, []tone{{"less", [3]float64{0.90, 0.80, 0.60}}, {"more", [3]float64{1.10, 1.20, 1.40}}},
		"contrast × %.2f", func(v, factor float64) float64 { return 127.5 + (v-127.5)*factor })
	add(Gamma, []tone{{"lighter", [3]float64{0.87, 0.75, 0.50}}, {"darker", [3]float64{1.15, 1.35, 2.00}}},
		"gamma %.2f", func(v, gamma float64) float64 { return 255 * math.Pow(v/255, gamma) })
	return list
}
