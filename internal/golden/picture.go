// Package golden makes what the tests of the network are run on: pictures and
// weights drawn by integer arithmetic alone, so that lab/train/golden.py makes
// the very same ones, and the numbers that PyTorch computed from them.
package golden

// Side is the width and height of a generated picture in pixels.
const Side = 224

// Picture is a generated picture; RGB is [Side][Side][3].
type Picture struct {
	Name string
	RGB  []uint8
}

// drawings are the pictures of the golden files, in their order. They are
// test data, not cells: two are drawn to resemble a smear in colours and sizes.
var drawings = [...]struct {
	name string
	draw func() []uint8
}{
	{"gradient", func() []uint8 { return paint(gradient) }},
	{"checks", func() []uint8 { return paint(checks) }},
	{"rings", func() []uint8 { return paint(rings) }},
	{"noise", func() []uint8 { return noise(1) }},
	{"few cells", func() []uint8 { return smear(2, 6, 14, 8) }},
	{"many cells", func() []uint8 { return smear(3, 24, 10, 24) }},
}

// Pictures draws the pictures of the golden files, in their order.
func Pictures() []Picture {
	pictures := make([]Picture, len(drawings))
	for i, d := range drawings {
		pictures[i] = Picture{d.name, d.draw()}
	}
	return pictures
}

func gradient(x, y int) [3]int {
	return [3]int{x * 255 / (Side - 1), y * 255 / (Side - 1), (x + y) * 255 / (2*Side - 2)}
}

func checks(x, y int) [3]int {
	if (x/8+y/8)%2 == 0 {
		return [3]int{230, 210, 220}
	}
	return [3]int{90, 60, 140}
}

func rings(x, y int) [3]int {
	d := (x-112)*(x-112) + (y-112)*(y-112)
	return [3]int{d / 50 % 256, d / 20 % 256, d / 90 % 256}
}

// lcg is the 32-bit linear congruential generator of Numerical Recipes (2nd
// edition, section 7.1, "quick and dirty"): good enough for test data, and three
// lines in any language. Its high bits are the ones to use.
type lcg uint32

func (s *lcg) next() uint32 {
	*s = *s*1664525 + 1013904223
	return uint32(*s)
}

func paint(colour func(x, y int) [3]int) []uint8 {
	rgb := make([]uint8, 0, Side*Side*3)
	for y := range Side {
		for x := range Side {
			c := colour(x, y)
			rgb = append(rgb, uint8(c[0]), uint8(c[1]), uint8(c[2]))
		}
	}
	return rgb
}

func noise(seed lcg) []uint8 {
	return paint(func(x, y int) (c [3]int) {
		for i := range c {
			c[i] = int(seed.next() >> 24)
		}
		return c
	})
}

// smear draws count discs with a darker disc inside on a pale ground, all a
// little noisy. Outer radii are radius to radius + spread - 1 pixels.
func smear(seed lcg, count, radius, spread int) []uint8 {
	type cell struct{ x, y, r int }
	cells := make([]cell, count)
	for i := range cells {
		cells[i].x = int(seed.next()>>16) % Side
		cells[i].y = int(seed.next()>>16) % Side
		cells[i].r = radius + int(seed.next()>>16)%spread
	}
	const ground, body, nucleus = 0, 1, 2
	colours := [...][3]int{ground: {238, 214, 224}, body: {178, 158, 208}, nucleus: {104, 62, 142}}
	var drawn [Side][Side]uint8 // of cells that overlap a nucleus is seen, then a body
	for _, c := range cells {
		for y := max(c.y-c.r, 0); y < min(c.y+c.r+1, Side); y++ {
			for x := max(c.x-c.r, 0); x < min(c.x+c.r+1, Side); x++ {
				switch d := (x-c.x)*(x-c.x) + (y-c.y)*(y-c.y); {
				case 2*d < c.r*c.r:
					drawn[y][x] = nucleus
				case d < c.r*c.r:
					drawn[y][x] = max(drawn[y][x], body)
				}
			}
		}
	}
	return paint(func(x, y int) [3]int {
		c := colours[drawn[y][x]]
		for i := range c {
			c[i] += int(seed.next() >> 28)
		}
		return c
	})
}
