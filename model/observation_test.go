package model_test

import (
	"math"
	"slices"
	"testing"

	"allnet/model"
)

// drawn is a picture whose pixel (x, y) has the colour f gives.
func drawn(f func(x, y int) [3]uint8) []uint8 {
	rgb := make([]uint8, 0, model.Side*model.Side*3)
	for y := range model.Side {
		for x := range model.Side {
			c := f(x, y)
			rgb = append(rgb, c[:]...)
		}
	}
	return rgb
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-12*max(1, math.Abs(want))) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// Half of the pixels have level 255 in all channels, of density 0; the other half
// have levels 127 (density log10 2), 63 (log10 4) and 255.
func TestColoursByHand(t *testing.T) {
	rgb := drawn(func(x, y int) [3]uint8 {
		if x%2 == 0 {
			return [3]uint8{255, 255, 255}
		}
		return [3]uint8{127, 63, 255}
	})
	two := math.Log10(2)
	want := [9]float64{two / 2, two, 0, two / 2, two, 0, 1, 0, 0}
	for i, got := range model.ColoursOf(rgb) {
		// The correlations are quotients of small differences.
		if math.Abs(got-want[i]) > 1e-10 {
			t.Errorf("statistic %d is %v, want %v", i, got, want[i])
		}
	}
}

func TestColoursCorrelateAsPearsonSays(t *testing.T) {
	rgb := drawn(func(x, y int) [3]uint8 { return [3]uint8{uint8(x), uint8(x*7 + y*3), uint8(200 - x/2 + y%5)} })
	var density [3][]float64
	for i, v := range rgb {
		if x, y := i/3%model.Side, i/3/model.Side; !corner(x, y) {
			density[i%3] = append(density[i%3], -math.Log10((float64(v)+1)/256))
		}
	}
	n := float64(len(density[0]))
	pearson := func(a, b []float64) float64 {
		var ma, mb, ab, aa, bb float64
		for i := range a {
			ma += a[i] / n
			mb += b[i] / n
		}
		for i := range a {
			ab += (a[i] - ma) * (b[i] - mb)
			aa += (a[i] - ma) * (a[i] - ma)
			bb += (b[i] - mb) * (b[i] - mb)
		}
		return ab / math.Sqrt(aa*bb)
	}
	c := model.ColoursOf(rgb)
	for i, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		want := pearson(density[pair[0]], density[pair[1]])
		if got := c[6+i]; math.Abs(got-want) > 1e-9 {
			t.Errorf("correlation %v is %v, want %v", pair, got, want)
		}
	}
}

// corner tells whether a pixel lies in one of the corners, 56 pixels wide and 40 high.
func corner(x, y int) bool {
	return (x < 56 || x >= model.Side-56) && (y < 40 || y >= model.Side-40)
}

// A scale bar that is blanked or moved, in whatever colour, must not change what is said of the
// smear.
func TestTheCornersAreNotMeasured(t *testing.T) {
	cells := func(x, y int) [3]uint8 { return [3]uint8{uint8(x), uint8(x*7 + y*3), uint8(200 - x/2 + y%5)} }
	rgb := drawn(cells)
	for _, colour := range [][3]uint8{{}, {255, 255, 255}, {0, 255, 0}} {
		blanked := drawn(func(x, y int) [3]uint8 {
			if corner(x, y) {
				return colour
			}
			return cells(x, y)
		})
		if model.ColoursOf(blanked) != model.ColoursOf(rgb) || model.SharpnessOf(blanked) != model.SharpnessOf(rgb) {
			t.Errorf("%v in the corners changes the colours or the sharpness", colour)
		}
	}
	for _, at := range [][2]int{{model.Side - 1, model.Side - 41}, {0, 40}, {56, 0}, {model.Side - 57, model.Side - 1}} {
		changed := slices.Clone(rgb)
		changed[3*(at[1]*model.Side+at[0])]++
		if model.ColoursOf(changed) == model.ColoursOf(rgb) || model.SharpnessOf(changed) == model.SharpnessOf(rgb) {
			t.Errorf("the pixel %v beside a corner is not measured", at)
		}
	}
}

// Stripes two pixels wide are the sharpest that a Laplacian over two pixels sees:
// each pixel differs from both neighbours along x by the full range r and from none
// along y, so the Laplacian is ±2r, and the picture itself ±r/2. Stripes of one
// pixel, such as noise makes, it does not see at all.
func TestSharpnessOfStripes(t *testing.T) {
	stripes := func(width int, level uint8) []uint8 {
		return drawn(func(x, y int) [3]uint8 {
			if x/width%2 == 0 {
				return [3]uint8{}
			}
			return [3]uint8{level, level, level}
		})
	}
	for _, level := range []uint8{255, 100} {
		r := 3 * float64(level)
		near(t, "sharpness of wide stripes", model.SharpnessOf(stripes(2, level)), math.Log(4*r*r+1)-math.Log(r*r/4+1))
		near(t, "sharpness of narrow stripes", model.SharpnessOf(stripes(1, level)), -math.Log(r*r/4+1))
	}
}

func TestBlurLowersSharpness(t *testing.T) {
	rgb := drawn(func(x, y int) [3]uint8 {
		v := uint8((x*x + y*y*3) / 40)
		return [3]uint8{v, v, v}
	})
	before := model.SharpnessOf(rgb)
	for range 3 {
		blurred := drawn(func(x, y int) [3]uint8 { // mean of 3 x 3
			sum, n := 0, 0
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if x+dx >= 0 && x+dx < model.Side && y+dy >= 0 && y+dy < model.Side {
						sum += int(rgb[3*((y+dy)*model.Side+x+dx)])
						n++
					}
				}
			}
			v := uint8(sum / n)
			return [3]uint8{v, v, v}
		})
		after := model.SharpnessOf(blurred)
		if !(after < before-0.1) {
			t.Fatalf("sharpness went from %v to %v", before, after)
		}
		rgb, before = blurred, after
	}
}
