// Package detmath has elementary functions that give the same bits on every
// platform, which those of the standard library do not.
package detmath

import "math"

// The functions in this file replace math.Exp, math.Log, math.Cbrt and math.Pow, whose last bit differs between machines: some have an
// assembly version, and on arm64 and others the compiler fuses x*y+z. Quickshift breaks ties by the last bit of a density, so every
// product below is rounded by a conversion before it is added. math.FMA and math.Sqrt are exact everywhere.

// double is an unevaluated sum hi+lo with |lo| at most half a unit in the last place of hi: about 106 bits.
type double struct{ hi, lo float64 }

// mul returns a*b with a relative error near 2^-100.
func (a double) mul(b double) double {
	p := float64(a.hi * b.hi)
	e := math.FMA(a.hi, b.hi, -p) + (float64(a.hi*b.lo) + float64(a.lo*b.hi))
	hi := p + e
	return double{hi, e - (hi - p)}
}

// sqrt returns the square root of a.
func (a double) sqrt() double {
	s := math.Sqrt(a.hi)
	e := (math.FMA(-s, s, a.hi) + a.lo) / (2 * s)
	hi := s + e
	return double{hi, e - (hi - s)}
}

const (
	expSteps = 128 // table entries per power of two
	// log 2 / 128 in two parts; the first has 36 bits, so its product with an integer below 2^17 is exact.
	expStepHi = 0x1.62e42fefap-8
	expStepLo = math.Ln2/expSteps - expStepHi
	// Adding it rounds a float64 to an integer, which then stands in the low bits.
	roundShift = 0x1.8p52
	// Below it Exp would be subnormal; the functions here return 0 instead.
	expLowest = -708
)

// ExpEntry is 2^(j/128): the bits of the nearest float64, and the relative error that this rounding left.
type ExpEntry struct {
	Bits uint64
	Tail float64
}

var expTable = makeExpTable()

// ExpTable is what ExpAll looks up, for a twin of it in other instructions; it is not to be changed.
func ExpTable() *[expSteps]ExpEntry { return &expTable }

func makeExpTable() (t [expSteps]ExpEntry) {
	step := double{2, 0}
	for range 7 { // 2^(1/128)
		step = step.sqrt()
	}
	v := double{1, 0}
	for j := range t {
		t[j] = ExpEntry{math.Float64bits(v.hi), v.lo / v.hi}
		v = v.mul(step)
	}
	return t
}

// Exp returns e^x with an error below 0.52 units in the last place, the same bits on every platform; 0 for x < -708.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709:
		return math.Inf(1)
	}
	v := [1]float64{x}
	ExpAll(v[:])
	return v[0]
}

// ExpAll replaces every x <= 709 by Exp(x). The loop stands here because a call for each would cost as much again, most of all in
// WebAssembly.
func ExpAll(x []float64) {
	for i, v := range x {
		if v < expLowest {
			x[i] = 0
			continue
		}
		k := float64(v*(expSteps/math.Ln2)) + roundShift
		n := math.Float64bits(k)
		k -= roundShift
		r := (v - float64(k*expStepHi)) - float64(k*expStepLo)
		e := &expTable[n%expSteps]
		r2 := float64(r * r)
		p := 0.5 + float64(r*(1.0/6)) + float64(r2*(1.0/24+float64(r*(1.0/120))))
		p = e.Tail + r + float64(r2*p)
		s := math.Float64frombits(e.Bits + (n-n%expSteps)<<(52-7))
		x[i] = s + float64(s*p)
	}
}

// Log returns the natural logarithm of a positive finite x within about one unit in the last place.
func Log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	// log m = 2 atanh s, |s| <= 0.172.
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	sum := 0.0
	for k := 21; k >= 3; k -= 2 {
		sum = float64(s2 * (sum + 1/float64(k)))
	}
	r := 2 * (s + float64(s*sum))
	const hi = 0x1.62e42fefap-1
	return float64(float64(e)*hi) + (r + float64(float64(e)*(math.Ln2-hi)))
}

// Cbrt returns the cube root of a positive normal x within about one unit in the last place.
func Cbrt(x float64) float64 {
	// A third of the exponent, a guess within 6 %; two steps of Halley's method cube the error each, one of Newton's ends it.
	y := math.Float64frombits(math.Float64bits(x)/3 + 0x2A9F7893782DA1CE)
	for range 2 {
		c := float64(float64(y*y) * y)
		y = float64(y*(c+2*x)) / (2*c + x)
	}
	y2 := float64(y * y)
	return y - (y-x/y2)/3
}
