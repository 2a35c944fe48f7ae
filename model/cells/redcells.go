package cells

import (
	"slices"

	"allnet/model/standard"
)

// RedCells is the colour of a picture's red cells that lie free, in optical densities of red,
// green and blue; zero: it is not known (see standard.Result.RedCells). Every slide holds red
// cells, and they are no nuclei whatever the dyes, the lamp and the camera make of their colour.
type RedCells [3]float64

// Red cells take up of red and blue, as shares of green, at least what those of nearly all pictures of
// the data set do (98 of 100 of them about 0.85 of red and 0.15 of blue; the test of unbalanced pictures prints it). Where they take less they are too like nuclei, and
// the picture is balanced, by no more than mostBalance. So nearly all of the data set's pictures stay as
// they are.
const (
	leastRedShare  = 0.7
	leastBlueShare = 0.1
	mostBalance    = 2.5

	// leastGreen is the density of green below which shares are noise.
	leastGreen = 0.03
	// aboveRedCells is what nuclei have of a red cell's stain at least, in per cent; but no more
	// is asked for than mostFloor per cent of the stain that three pixels in a thousand reach: where no red
	// cell lies free, pale nuclei have been taken for them.
	aboveRedCells = 140
	mostFloor     = 55
)

// balance returns the picture with red and blue multiplied so that red cells have the shares that they
// have in the data set, and the stain of such red cells; what it was given and 0 where their colour is not known.
func (red RedCells) balance(flat *standard.Density) (balanced *standard.Density, stain int32) {
	if red[1] < leastGreen {
		return flat, 0
	}
	gain := func(c int, least float64) float64 {
		return min(max(1, least/max(red[c]/red[1], 0.01)), mostBalance)
	}
	ofRed, ofBlue := gain(0, leastRedShare), gain(2, leastBlueShare)
	out := *flat
	out.Channels[0], out.Channels[2] = times(flat.Channels[0], ofRed), times(flat.Channels[2], ofBlue)
	return &out, stainOfColour(int32(red[0]*ofRed*unit), int32(red[1]*unit), int32(red[2]*ofBlue*unit))
}

// times is a plane multiplied by a factor.
func times(plane []float32, factor float64) []float32 {
	if factor == 1 {
		return plane
	}
	out := slices.Clone(plane)
	for i := range out {
		out[i] *= float32(factor)
	}
	return out
}
