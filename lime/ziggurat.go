package lime

import (
	"math"

	"allnet/lime/detmath"
)

const (
	zigguratR    = 3.6541528853610088       // where the tail begins
	zigguratInvR = 0.27366123732975828      // 1/zigguratR
	zigguratArea = 0.00492867323397465487   // of each of the 256 layers, the tail included
	zigguratM    = float64(uint64(1) << 52) // scale of the integer co-ordinate
)

// zigguratTables are numpy's tables of the normal distribution, from their construction (SPEC section 1).
type zigguratTables struct {
	k [256]uint64  // below it a draw lies inside the layer
	w [256]float64 // width of the layer / 2^52
	f [256]float64 // density at the layer's edge
}

var ziggurat = makeZiggurat()

func makeZiggurat() *zigguratTables {
	t := new(zigguratTables)
	x := zigguratR
	// The density at x, with the rest that its float64 lacks: near 1, at the top, x hangs on that rest.
	f, rest := detmath.Exp(-0.5*float64(x*x)), 0.0
	t.w[255], t.f[255] = x/zigguratM, f
	t.w[0] = zigguratArea / f / zigguratM
	t.k[0] = uint64(x * f / zigguratArea * zigguratM)
	for i := 254; i > 0; i-- {
		height := zigguratArea/x + rest
		sum := f + height
		f, rest = sum, height-(sum-f)
		next := math.Sqrt(-2 * (detmath.Log(f) + rest/f))
		t.k[i+1] = uint64(next / x * zigguratM)
		x = next
		t.w[i], t.f[i] = x/zigguratM, f
	}
	t.f[0] = 1
	return t
}

// normal returns a standard normal draw, as Generator.standard_normal.
func (g *pcg64) normal() float64 {
	t := ziggurat
	for {
		u := g.uint64()
		layer := u & 255
		negative := u>>8&1 == 1
		a := u >> 9 & (1<<52 - 1)
		x := float64(float64(a) * t.w[layer])
		if negative {
			x = -x
		}
		if a < t.k[layer] {
			return x
		}
		if layer == 0 {
			return g.normalTail(a>>8&1 == 1)
		}
		if float64((t.f[layer-1]-t.f[layer])*g.float64())+t.f[layer] < detmath.Exp(-0.5*float64(x*x)) {
			return x
		}
	}
}

// normalTail draws from beyond zigguratR. 1-U is exact, so log(1-U) is log1p(-U).
func (g *pcg64) normalTail(negative bool) float64 {
	for {
		x := float64(-zigguratInvR * detmath.Log(1-g.float64()))
		y := -detmath.Log(1 - g.float64())
		if y+y > float64(x*x) {
			if negative {
				return -(zigguratR + x)
			}
			return zigguratR + x
		}
	}
}
