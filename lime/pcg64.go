package lime

import "math/bits"

// seedSequence expands a seed to four words as numpy's SeedSequence(seed).generate_state(4, uint64) does (SPEC section 1).
func seedSequence(seed uint32) [4]uint64 {
	const (
		initA, multA = 0x43b0d7e5, 0x931e8875
		initB, multB = 0x8b51f9dd, 0x58f38ded
		mixL, mixR   = 0xca01f9dd, 0x4973f715
	)
	hashConst := uint32(initA)
	hash := func(v uint32) uint32 {
		v ^= hashConst
		hashConst *= multA
		v *= hashConst
		return v ^ v>>16
	}
	mix := func(x, y uint32) uint32 {
		r := mixL*x - mixR*y
		return r ^ r>>16
	}
	pool := [4]uint32{hash(seed), hash(0), hash(0), hash(0)}
	for src := range pool {
		for dst := range pool {
			if src != dst {
				pool[dst] = mix(pool[dst], hash(pool[src]))
			}
		}
	}
	var state [4]uint64
	hashConst = initB
	for i := range 8 {
		v := pool[i%4] ^ hashConst
		hashConst *= multB
		v *= hashConst
		v ^= v >> 16
		state[i/2] |= uint64(v) << (32 * (i % 2))
	}
	return state
}

// pcg64 is the XSL-RR 128/64 generator behind numpy's default_rng (SPEC section 1).
type pcg64 struct{ hi, lo, incHi, incLo uint64 }

// newPCG64 seeds the generator as default_rng(seed) does.
func newPCG64(seed uint32) *pcg64 {
	w := seedSequence(seed)
	g := &pcg64{incHi: w[2]<<1 | w[3]>>63, incLo: w[3]<<1 | 1}
	g.step()
	var carry uint64
	g.lo, carry = bits.Add64(g.lo, w[1], 0)
	g.hi, _ = bits.Add64(g.hi, w[0], carry)
	g.step()
	return g
}

func (g *pcg64) step() {
	const multHi, multLo = 0x2360ed051fc65da4, 0x4385df649fccf645
	hi, lo := bits.Mul64(g.lo, multLo)
	hi += g.hi*multLo + g.lo*multHi
	var carry uint64
	g.lo, carry = bits.Add64(lo, g.incLo, 0)
	g.hi, _ = bits.Add64(hi, g.incHi, carry)
}

// uint64 returns the next draw: step first, then output.
func (g *pcg64) uint64() uint64 {
	g.step()
	return bits.RotateLeft64(g.hi^g.lo, -int(g.hi>>58))
}

// float64 returns a draw in [0,1) with 53 bits.
func (g *pcg64) float64() float64 { return float64(g.uint64()>>11) / (1 << 53) }
