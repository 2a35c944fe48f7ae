package standard

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Every value is the sum of its 7x7 neighbours by the weights of a normal distribution, the rim standing for what lies outside, and
// does not depend on where the loops that compute it begin: planes of all small sizes.
func TestBlurIsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	for h := 1; h <= 13; h++ {
		for w := 1; w <= 15; w++ {
			plane := make([]float32, w*h)
			for i := range plane {
				plane[i] = r.Float32()
			}
			out := make([]float32, w*h)
			new(search).blur(out, plane, w, h, 0.5)
			for y := range h {
				for x := range w {
					sum := 0.0
					for k, down := range normal {
						for l, along := range normal {
							v := plane[min(max(y+k-3, 0), h-1)*w+min(max(x+l-3, 0), w-1)]
							sum += float64(down) * float64(along) * float64(v)
						}
					}
					if got := float64(out[y*w+x]); math.Abs(got-sum/2) > 1e-6 {
						t.Fatalf("%d x %d, pixel (%d,%d): %v, want %v", w, h, x, y, got, sum/2)
					}
				}
			}
		}
	}
}
