package cells

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"allnet/lab/stress"
	"allnet/model"
)

// Change is one way of changing a picture, [model.Side][model.Side][3].
type Change struct {
	Name, Detail string
	Apply        func(p *stress.Picture) ([]uint8, error)
}

// Laboratories are other laboratories: other dyes, lamp, lens, focus, sensor and file
// together. What is drawn is a function of the picture's name.
func Laboratories() []Change {
	var list []Change
	for _, l := range []struct {
		name                        string
		gain, cross, cast, vignette float64
		blur, noise, jpeg           stress.Strength
	}{
		{"another laboratory/moderate", 0.2, 0.05, 0.2, 0.25, stress.Mild, stress.Mild, stress.Mild},
		{"another laboratory/strong", 0.35, 0.1, 0.4, 0.5, stress.Moderate, stress.Moderate, stress.Moderate},
	} {
		list = append(list, Change{l.name, "stain vectors, colour cast, vignette, blur, noise and JPEG together",
			func(p *stress.Picture) ([]uint8, error) {
				q := &stress.Picture{File: p.File, RGB: relit(p, l.name, l.gain, l.cross, l.cast, l.vignette)}
				for _, family := range []stress.Family{stress.Blur, stress.Noise, stress.JPEG} {
					strength := map[stress.Family]stress.Strength{stress.Blur: l.blur, stress.Noise: l.noise, stress.JPEG: l.jpeg}[family]
					for _, c := range family.Changes() {
						if c.Strength == strength {
							rgb, err := c.Apply(q)
							if err != nil {
								return nil, err
							}
							q.RGB = rgb
						}
					}
				}
				return q.RGB, nil
			}})
	}
	return list
}

// relit changes optical densities: each channel takes up its own by a gain within ±gain
// and of both others within ±cross, the lamp has less of each colour by a density up to
// cast, and the light falls by a density up to vignette from a place within the picture
// to its farthest corner.
func relit(p *stress.Picture, name string, gain, cross, cast, vignette float64) []uint8 {
	h := fnv.New64a()
	h.Write([]byte(p.File + "\x00" + name))
	random := rand.New(rand.NewPCG(h.Sum64(), 1))
	within := func(limit float64) float64 { return limit * (2*random.Float64() - 1) }
	var mix [3][3]float64
	var lamp [3]float64
	for c := range 3 {
		for k := range 3 {
			mix[c][k] = within(cross)
		}
		mix[c][c] = 1 + within(gain)
		lamp[c] = cast * random.Float64()
	}
	fall := vignette * (0.5 + 0.5*random.Float64())
	x0, y0 := model.Side*(0.3+0.4*random.Float64()), model.Side*(0.3+0.4*random.Float64())
	out := make([]uint8, len(p.RGB))
	for i := range len(p.RGB) / 3 {
		dx, dy := (float64(i%model.Side)-x0)/model.Side, (float64(i/model.Side)-y0)/model.Side
		for c := range 3 {
			od := lamp[c] + fall*(dx*dx+dy*dy)
			for k := range 3 {
				od -= mix[c][k] * math.Log((float64(p.RGB[3*i+k])+1)/256)
			}
			out[3*i+c] = uint8(math.Round(max(0, min(255, 256*math.Exp(-od)-1))))
		}
	}
	return out
}
