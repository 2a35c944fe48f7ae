package lime

import (
	"sync"

	"allnet/lime/detmath"
)

// linearRGB holds the linear-light value of each sRGB byte (SPEC 2.1).
var linearRGB = sync.OnceValue(func() *[256]float64 {
	t := new([256]float64)
	for i := range t {
		v := float64(i) / 255
		if v > 0.04045 {
			t[i] = pow24((v + 0.055) / 1.055)
		} else {
			t[i] = v / 12.92
		}
	}
	return t
})

// rgbToLab converts one sRGB pixel to CIE L*a*b*, D65, 2 degrees (SPEC 2.1 to 2.4). It is a pure function of its bytes: equal pixels
// must stay exactly equal, or quickshift's ties break differently.
func rgbToLab(red, green, blue uint8) (l, a, b float64) {
	t := linearRGB()
	r, g, bl := t[red], t[green], t[blue]
	fx := labCurve((float64(0.412453*r) + float64(0.357580*g) + float64(0.180423*bl)) / 0.95047)
	fy := labCurve(float64(0.212671*r) + float64(0.715160*g) + float64(0.072169*bl))
	fz := labCurve((float64(0.019334*r) + float64(0.119193*g) + float64(0.950227*bl)) / 1.08883)
	return float64(116*fy) - 16, float64(500 * (fx - fy)), float64(200 * (fy - fz))
}

func labCurve(t float64) float64 {
	if t > 0.008856 {
		return detmath.Cbrt(t)
	}
	return float64(7.787*t) + 16.0/116
}

// pow24 returns x to the power 2.4 for x in (0.09,1], within about three units in the last place. Of the ways tried this one agrees best with
// the colours that scikit-image gave: 28 of the 30 numbers in lab.json to the last bit, and every parent of the fixtures' pictures. A
// correctly rounded power does not: one parent there hangs on the last bit of a colour.
func pow24(x float64) float64 { return float64(x*x) * detmath.Exp(float64(0.4*detmath.Log(x))) }
