package lime

import "math/bits"

// mt19937 is the 32-bit Mersenne Twister behind numpy's RandomState (SPEC section 1).
type mt19937 struct {
	key [624]uint32
	pos int
}

// newMT19937 seeds the generator as RandomState(seed) does.
func newMT19937(seed uint32) *mt19937 {
	g := &mt19937{pos: 624}
	for i := range g.key {
		if i > 0 {
			seed = 1812433253*(seed^seed>>30) + uint32(i)
		}
		g.key[i] = seed
	}
	return g
}

// uint32 returns the next draw.
func (g *mt19937) uint32() uint32 {
	if g.pos == len(g.key) {
		g.twist()
	}
	y := g.key[g.pos]
	g.pos++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (g *mt19937) twist() {
	const n, m = 624, 397
	for i := range g.key {
		y := g.key[i]&0x80000000 | g.key[(i+1)%n]&0x7fffffff
		g.key[i] = g.key[(i+m)%n] ^ y>>1 ^ -(y&1)&0x9908b0df
	}
	g.pos = 0
}

// upTo returns a number of 0..most, each as likely, as numpy's randint(0, most+1) and shuffle do: as many bits of a draw as most has, drawn
// again while they exceed it.
func (g *mt19937) upTo(most uint32) uint32 {
	mask := uint32(1)<<bits.Len32(most) - 1
	for {
		if v := g.uint32() & mask; v <= most {
			return v
		}
	}
}

// permutation returns 0..n-1 in random order, as RandomState.permutation(n) does (Fisher and Yates's shuffle).
func (g *mt19937) permutation(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := g.upTo(uint32(i))
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// bit is one element of randint(0, 2, n): the lowest bit of one whole draw.
func (g *mt19937) bit() uint8 { return uint8(g.uint32() & 1) }
