package standard

import (
	"math"

	"allnet/lime/detmath"
)

// Reference is the stain of nuclei that pictures are brought to: optical densities in red,
// green and blue. Red and green are the medians over the data set's pictures, as StainOf
// measures them once the light is even. Blue, of which nuclei take next to nothing in the data
// set and as much as of red in other laboratories, stands between.
var Reference = [3]float64{0.43, 0.64, 0.25}

// MostGain, LeastMix and MostMix are by how much the stain of a channel is changed at most: the factor of red and of green,
// either way, and the part of green that blue is given or loses.
const (
	MostGain = 2.5
	LeastMix = -0.5
	MostMix  = 0.8
)

// StainOf is the median optical density of the pixels of nuclei of pictures, [pixels][3], over
// all pictures, in each channel; 0 where there are none.
func StainOf(pictures [][]uint8, nuclei [][]bool) (stain [3]float64) {
	var counts [3]levelCounts
	n := int32(0)
	for k, rgb := range pictures {
		for i, in := range nuclei[k] {
			if in {
				n++
				for c, level := range rgb[3*i : 3*i+3] {
					counts[c][level]++
				}
			}
		}
	}
	if n == 0 {
		return stain
	}
	for c := range stain {
		level := 255 // densities rise as levels fall
		for below := counts[c][level]; below <= n/2; below += counts[c][level] {
			level--
		}
		stain[c] = wide[level]
	}
	return stain
}

// Restaining brings one stain of nuclei to another: the optical densities of red and green
// are multiplied by Gain, and what green then is, times Mix, is added to blue.
type Restaining struct {
	Gain [2]float64
	Mix  float64
	// Far is how far it would have to be brought without the limits: the greater of the
	// logarithms of both factors, without their signs; Farthest where there is no such stain.
	Far float64
}

// Farthest is the greatest Restaining.Far.
const Farthest = 9

// ToReference is what brings nuclei of a stain to Reference, as far as the limits allow; the
// stain of no nuclei, 0, is left as it is.
func ToReference(stain [3]float64) Restaining {
	r := Restaining{Gain: [2]float64{1, 1}}
	if stain[0] <= 0 || stain[1] <= 0 {
		r.Far = Farthest
		return r
	}
	for c := range r.Gain {
		gain := Reference[c] / stain[c]
		r.Gain[c] = min(max(gain, 1/MostGain), MostGain)
		r.Far = min(Farthest, max(r.Far, math.Abs(detmath.Log(gain))))
	}
	r.Mix = min(max((Reference[2]-stain[2])/(stain[1]*r.Gain[1]), LeastMix), MostMix)
	return r
}

// RGB restains rgb, [pixels][3].
func (r *Restaining) RGB(rgb []uint8) []uint8 {
	var table [2][256]uint8
	for c := range table {
		for level := range table[c] {
			table[c][level] = levelOf(float32(float64(densities[level]) * r.Gain[c]))
		}
	}
	var added [256]float32
	for level := range added {
		added[level] = float32(float64(densities[level]) * r.Gain[1] * r.Mix)
	}
	out := make([]uint8, len(rgb))
	for i := 2; i < len(rgb) && i < len(out); i += 3 {
		green := rgb[i-1]
		out[i-2], out[i-1] = table[0][rgb[i-2]], table[1][green]
		out[i] = levelOf(densities[rgb[i]] + added[green])
	}
	return out
}
