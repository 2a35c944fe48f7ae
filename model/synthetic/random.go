package synthetic

import (
	"math"
	"math/rand/v2"
)

// random is a seeded source whose numbers are the same on every platform.
type random struct{ *rand.PCG }

func newRandom(seed uint64) *random { return &random{rand.NewPCG(seed, 0x9e3779b97f4a7c15)} }

// unit draws from [0,1) in steps of 2^-53, so that the conversion is exact.
func (r *random) unit() float64 { return float64(float64(r.Uint64()>>11) / (1 << 53)) }

func (r *random) between(lo, hi float64) float64 { return mix(lo, hi, r.unit()) }

// direction draws a unit vector, by rejection: sine and cosine differ between platforms.
func (r *random) direction() (x, y float64) {
	for {
		x, y = r.between(-1, 1), r.between(-1, 1)
		if n := math.Sqrt(float64(x*x) + float64(y*y)); n > 0.1 && n <= 1 {
			return x / n, y / n
		}
	}
}

// noise is a smooth random field in [0,1] whose grains are about scale pixels wide:
// values on a lattice, hashed from its coordinates, blended in between.
type noise struct {
	seed  uint64
	scale float64
}

func newNoise(r *random, scale float64) noise { return noise{r.Uint64(), scale} }

func (n noise) at(x, y float64) float64 {
	x, y = x/n.scale, y/n.scale
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int64(fx), int64(fy)
	tx, ty := smooth(0, 1, x-fx), smooth(0, 1, y-fy)
	return mix(mix(n.lattice(ix, iy), n.lattice(ix+1, iy), tx),
		mix(n.lattice(ix, iy+1), n.lattice(ix+1, iy+1), tx), ty)
}

// lattice hashes with the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
func (n noise) lattice(x, y int64) float64 {
	z := n.seed + uint64(x)*0x9e3779b97f4a7c15 + uint64(y)*0xc2b2ae3d27d4eb4f
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return float64(float64((z^z>>31)>>11) / (1 << 53))
}
