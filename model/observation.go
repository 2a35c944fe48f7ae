package model

import (
	"math"

	"allnet/lime/detmath"
)

// Observation is all that an answer rests on: what the network says of a picture,
// and what is measured of the picture itself.
type Observation struct {
	// Logits are the network's outputs, before softmax.
	Logits [len(Classes)]float32
	// Features are the outputs of global average pooling, one a filter of the last
	// block; of a network that reads cells, what they differ by from those of empty ground,
	// divided by the cells' share of the area, so that they do not tell how many there are.
	Features []float32
	// Colours are measured by ColoursOf, Sharpness by SharpnessOf: the mean over the fields.
	Colours   [9]float64
	Sharpness float64
	// Cells is what is measured of the cells; nil where whole pictures are read.
	Cells *CellsObserved
}

// CellsObserved is what is measured of a picture's cells.
type CellsObserved struct {
	// Count is their number in all fields.
	Count int
	// Nucleus is the median width of their nuclei, in pixels of the fields.
	Nucleus float64
	// Scaled says that the magnification is known: measured, told, or that of the training pictures by
	// the picture's size and nuclei.
	Scaled bool
	// Restaining is how far the stain had to be brought, see standard.Restaining.
	Restaining float64
}

// densities are the optical densities of the 256 levels, -log10((level + 1) / 256):
// a stain's density is proportional to its amount (Beer and Lambert), and a shift
// of stain or white balance multiplies or moves it.
var densities = func() (d [256]float64) {
	for level := range d {
		d[level] = -detmath.Log(float64(level+1)/256) / math.Ln10
	}
	return d
}()

// barHeight and barWidth are the corner in which the data set's pictures have their
// scale bar burnt in, the lower right one, with some room. Nothing is measured in any
// of the four corners, for whether a bar stands there, and in what colour, says
// nothing of the smear.
const barHeight, barWidth = 40, 56

// outsideCorners are the pixels of row y, from one up to another, that lie in no corner.
func outsideCorners(y int) (from, to int) {
	if y < barHeight || y >= Side-barHeight {
		return barWidth, Side - barWidth
	}
	return 0, Side
}

// ColoursOf describes the colours of a picture, [Side][Side][3], without its corners,
// by its optical densities: their mean in each channel, their standard deviation in each channel,
// and the correlations of red with green, red with blue and green with blue, 0
// where a channel is constant.
func ColoursOf(rgb []uint8) (c [9]float64) {
	var counts [3][256]int
	var products [3]float64
	for y := range Side {
		from, to := outsideCorners(y)
		row := rgb[3*(y*Side+from) : 3*(y*Side+to)]
		for i := 0; i < len(row); i += 3 {
			for channel, level := range row[i : i+3] {
				counts[channel][level]++
			}
			r, g, b := densities[row[i]], densities[row[i+1]], densities[row[i+2]]
			products[0] += float64(r * g)
			products[1] += float64(r * b)
			products[2] += float64(g * b)
		}
	}
	n := float64(Side*Side - 4*barHeight*barWidth)
	for channel, count := range counts {
		sum, squares := 0.0, 0.0
		for level, times := range count {
			d := densities[level]
			sum += float64(float64(times) * d)
			squares += float64(float64(times) * float64(d*d))
		}
		mean := sum / n
		c[channel], c[3+channel] = mean, math.Sqrt(max(0, squares/n-float64(mean*mean)))
	}
	for i, pair := range [...][2]int{{0, 1}, {0, 2}, {1, 2}} {
		a, b := pair[0], pair[1]
		if spread := float64(c[3+a] * c[3+b]); spread > 1e-9 {
			c[6+i] = (products[i]/n - float64(c[a]*c[b])) / spread
		}
	}
	return c
}

// sharpnessStep is the distance in pixels over which SharpnessOf looks: with 1 it
// would see noise and the traces of JPEG compression, with more the cells.
const sharpnessStep = 2

// SharpnessOf is the natural logarithm of the variance of a picture's Laplacian
// divided by the variance of the picture, both of the sum of the three channels and
// without its corners: blur lowers it, and contrast alone does not change it.
func SharpnessOf(rgb []uint8) float64 {
	grey := make([]int64, len(rgb)/3)
	for i := range grey {
		grey[i] = int64(rgb[3*i]) + int64(rgb[3*i+1]) + int64(rgb[3*i+2])
	}
	var whole, edges moments
	for y := range Side {
		from, to := outsideCorners(y)
		for _, v := range grey[y*Side+from : y*Side+to] {
			whole.add(v)
		}
	}
	const d = sharpnessStep
	for y := d; y < Side-d; y++ {
		// What the rows above and below leave out must not be seen from here either.
		from, to := outsideCorners(y)
		for _, other := range [...]int{y - d, y + d} {
			f, t := outsideCorners(other)
			from, to = max(from, f), min(to, t)
		}
		for x := from + d; x < to-d; x++ {
			i := y*Side + x
			edges.add(4*grey[i] - grey[i-d] - grey[i+d] - grey[i-d*Side] - grey[i+d*Side])
		}
	}
	// One level more in both keeps the logarithms finite.
	return detmath.Log(edges.variance()+1) - detmath.Log(whole.variance()+1)
}

// moments are the sums of whole numbers and of their squares, which are exact.
type moments struct{ n, sum, squares int64 }

func (m *moments) add(v int64) {
	m.n++
	m.sum += v
	m.squares += v * v
}

func (m *moments) variance() float64 {
	n, mean := float64(m.n), float64(m.sum)/float64(m.n)
	return max(0, float64(m.squares)/n-float64(mean*mean))
}
