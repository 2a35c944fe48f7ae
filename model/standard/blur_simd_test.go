//go:build js && wasm && simd

package standard

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
)

func TestSIMDIsUsed(t *testing.T) {
	if want := os.Getenv("ALLNET_NO_SIMD") == ""; simd != want {
		t.Errorf("SIMD in use: %v, want %v", simd, want)
	}
}

// Both twins write the same bits, and nothing else.
func TestSIMDWeighsToTheSameBits(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 1))
	for n := 1; n <= 11; n++ {
		for _, c := range [][3]int{{1, 17, 0}, {1, 1, 0}, {3, 1, 20}} { // rows, step, next
			plane := make([]float32, 2*c[2]+6*c[1]+n)
			for i := range plane {
				plane[i] = float32(r.NormFloat64())
			}
			var out [2][64]float32
			for i := range out {
				for k := range out[i] {
					out[i][k] = float32(k)
				}
			}
			for _, factor := range []float32{1, 0.3} {
				weighPlaneGo(out[0][4:60], plane, n, c[0], c[1], c[2], factor)
				weighPlane(out[1][4:60], plane, n, c[0], c[1], c[2], factor)
				for k := range out[0] {
					if math.Float32bits(out[0][k]) != math.Float32bits(out[1][k]) {
						t.Fatalf("%d values, %v: number %d is %v, want %v", n, c, k, out[1][k], out[0][k])
					}
				}
			}
		}
	}
}
