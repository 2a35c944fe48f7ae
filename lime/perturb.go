package lime

import (
	"fmt"
	"math"
	"slices"

	"allnet/lime/detmath"
)

// Masks are perturbations: N rows of K bits, one byte each, row-major; 1 shows a superpixel and 0 hides it.
type Masks struct {
	N    int     `json:"n"`
	K    int     `json:"k"`
	Bits []uint8 `json:"bits"`
}

// Row returns the bits [K] of perturbation i; it shares memory with m.
func (m Masks) Row(i int) []uint8 { return m.Bits[i*m.K:][:m.K:m.K] }

// Rows returns perturbations from..to-1; they share memory with m.
func (m Masks) Rows(from, to int) Masks {
	return Masks{N: to - from, K: m.K, Bits: m.Bits[from*m.K : to*m.K : to*m.K]}
}

func (m Masks) validate() error {
	if m.N < 1 || m.K < 1 || len(m.Bits) != m.N*m.K {
		return fmt.Errorf("lime: masks of %d rows with %d superpixels need %d bytes, got %d", m.N, m.K, m.N*m.K, len(m.Bits))
	}
	return nil
}

// Perturb draws the n x k perturbations that LimeImageExplainer(random_state=seed) draws (SPEC sections 1 and 4): the quickshift seed is
// drawn first and dropped; then come the bits, of which the first row is overwritten with ones, so row 0 is the unhidden picture.
// Without samples or superpixels the result is empty.
func Perturb(seed uint32, n, k int) Masks {
	if n < 1 || k < 1 {
		return Masks{}
	}
	g := newMT19937(seed)
	g.upTo(999)
	m := Masks{N: n, K: k, Bits: make([]uint8, n*k)}
	for i := range m.Bits {
		m.Bits[i] = g.bit()
	}
	for i := range k {
		m.Bits[i] = 1
	}
	return m
}

// CosineDistances returns the cosine distance [N] of each row to row 0, which must be all ones (SPEC section 5).
func CosineDistances(m Masks) []float64 {
	d := make([]float64, m.N)
	for i := range d {
		shown := 0
		for _, b := range m.Row(i) {
			shown += int(b)
		}
		d[i] = 1 - math.Sqrt(float64(shown)/float64(m.K))
	}
	return d
}

// KernelWidth is lime's for images.
const KernelWidth = 0.25

// KernelWeights returns sqrt(exp(-d²/KernelWidth²)) for each distance (SPEC section 5).
func KernelWeights(distances []float64) []float64 {
	w := make([]float64, len(distances))
	for i, d := range distances {
		w[i] = math.Sqrt(detmath.Exp(-float64(d*d) / (KernelWidth * KernelWidth)))
	}
	return w
}

// HiddenColours returns the colour [Count][3], in [0,1], that a hidden superpixel of the picture rgb [Height][Width][3] takes: black,
// the mean of its pixels, or the ground's (SPEC section 3), which is that of the first pixel that belongs to no superpixel; white where
// there is none. rgb must have the segmentation's size.
func HiddenColours(rgb []uint8, seg *Segmentation, h Hide) [][3]float64 {
	colours := make([][3]float64, seg.Count)
	switch h {
	case HideBlack:
		return colours
	case HideRemoved:
		ground := [3]float64{1, 1, 1}
		if i := slices.IndexFunc(seg.Labels, func(l uint16) bool { _, ok := seg.region(l); return !ok }); i >= 0 {
			for c, v := range rgb[3*i:][:3] {
				ground[c] = float64(v) / 255
			}
		}
		for l := range colours {
			colours[l] = ground
		}
		return colours
	}
	sums, areas := make([][3]int, seg.Count), make([]int, seg.Count)
	for i, l := range seg.Labels {
		if _, ok := seg.region(l); !ok {
			continue
		}
		areas[l]++
		for c, v := range rgb[3*i:][:3] {
			sums[l][c] += int(v)
		}
	}
	for l := range colours {
		for c := range 3 {
			colours[l][c] = float64(sums[l][c]) / (255 * float64(areas[l]))
		}
	}
	return colours
}

// Perturbed writes to dst [Height][Width][3] the picture rgb/255 in which the superpixels whose bit is 0 take their hidden colour: what
// an evaluator shows the network. rgb, colours and mask must have the segmentation's size.
func Perturbed(dst []float64, rgb []uint8, seg *Segmentation, colours [][3]float64, mask []uint8) {
	for i, l := range seg.Labels {
		p, q := dst[3*i:][:3], rgb[3*i:][:3]
		if r, ok := seg.region(l); ok && mask[r] == 0 {
			copy(p, colours[l][:])
			continue
		}
		for c, v := range q {
			p[c] = float64(v) / 255
		}
	}
}
