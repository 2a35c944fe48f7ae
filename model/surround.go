package model

// inSurround is added to the reason of a picture that is refused for what it looks
// like, where it has a dark surround: that alone makes the colours of the best smear
// far from those learned.
const inSurround = "This picture has a dark surround, such as the edge of the field in an eyepiece. Crop it to the bright field and try again."

const (
	// darkest is the brightest level of a colour in a pixel that is dark: no stain of a
	// bright field is as dark in all three.
	darkest = 55
	// leastSurround is the least part of the picture that a surround takes: a frame, a
	// scale bar or a corner is less.
	leastSurround = 0.08
	// mostInside is the largest part of the field inside that may be dark, where the
	// surround is not the background of bright things.
	mostInside = 0.03
	// brightField is the least median level of green inside.
	brightField = 90
)

// hasDarkSurround reports whether pixels, [Side][Side][3], show a bright field
// inside a dark surround: dark pixels that hang together with the edge of the
// picture on at least two of its sides, with hardly any others.
func hasDarkSurround(rgb []uint8) bool {
	surround := make([]bool, Side*Side)
	var grow []int
	take := func(i int) {
		if !surround[i] && max(rgb[3*i], rgb[3*i+1], rgb[3*i+2]) <= darkest {
			surround[i] = true
			grow = append(grow, i)
		}
	}
	for i := range Side {
		take(i)
		take((Side-1)*Side + i)
		take(i * Side)
		take(i*Side + Side - 1)
	}
	for len(grow) > 0 {
		i := grow[len(grow)-1]
		grow = grow[:len(grow)-1]
		if x := i % Side; x > 0 {
			take(i - 1)
		}
		if x := i % Side; x < Side-1 {
			take(i + 1)
		}
		if i >= Side {
			take(i - Side)
		}
		if i < (Side-1)*Side {
			take(i + Side)
		}
	}
	outside, darkInside := 0, 0
	var greens [256]int // how many pixels inside have each level
	inside := 0
	for i, out := range surround {
		switch {
		case out:
			outside++
		case max(rgb[3*i], rgb[3*i+1], rgb[3*i+2]) <= darkest:
			darkInside++
			fallthrough
		default:
			greens[rgb[3*i+1]]++
			inside++
		}
	}
	if float64(outside) < leastSurround*Side*Side || inside == 0 || float64(darkInside) > mostInside*float64(inside) {
		return false
	}
	level := 0 // the median, the greater of both in the middle
	for below := greens[0]; below <= inside/2; below += greens[level] {
		level++
	}
	return level >= brightField && sides(surround) >= 2
}

// sides counts the sides of the picture that have part in the surround: at least an
// eighth of their pixels.
func sides(surround []bool) (n int) {
	for _, side := range [][2]int{{0, 1}, {(Side - 1) * Side, 1}, {0, Side}, {Side - 1, Side}} {
		dark := 0
		for i := range Side {
			if surround[side[0]+i*side[1]] {
				dark++
			}
		}
		if dark >= Side/8 {
			n++
		}
	}
	return n
}
