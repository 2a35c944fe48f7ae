package standard

import (
	"cmp"
	"math"
	"slices"

	"allnet/lime/detmath"
	"allnet/model/picture"
)

// Magnification is how large a red cell is in a picture, as the red cells that lie
// free show it.
type Magnification struct {
	// Diameter of a red cell in pixels, measured as the circle of steepest edge; 0 where
	// it is not known.
	Diameter float64
	// Error is the standard error of its logarithm: 0.1 is about ten per cent. It holds how
	// far the cells differ and how far pictures of one magnification do.
	Error float64
	// Cells is how many red cells agree, Agreement what share of all that were
	// seen, by weight.
	Cells     int
	Agreement float64
}

// Known tells whether the diameter can be relied on.
func (m Magnification) Known() bool { return m.Diameter > 0 }

// window is the most of a pass that is searched, in pixels on a side: the middle. Of a
// large picture, one that is halved, largeWindow is enough: it has room for
// hundreds of cells of any size that the pass finds.
const window, largeWindow = 640, 480

// alike is how far the logarithms of the diameters of red cells of one picture differ at most.
const alike = 0.3

// Limits of what is relied on.
const (
	leastCells     = 5
	leastAgreement = 0.35
	// leastRound is how much of their edges is seen of the cells that agree, on average:
	// what noise shows has less.
	leastRound = 0.68
	// betweenPictures is how far the measures of pictures of one magnification differ (deviation
	// of the logarithm), beyond what the cells of each tell: the cells are not
	// equally large, nor equally round, in all of them. Set by our own pictures; see
	// measured_test.go.
	betweenPictures = 0.09
)

// MagnificationOf measures the red cells of a picture, at whatever size they are, from
// 11 pixels to half of the picture's shorter side.
func MagnificationOf(p *picture.Picture) Magnification {
	return magnificationOf(redCells(newPyramid(p), 0))
}

// redCells finds the cells that lie free and hold no nucleus, in pixels of the picture: those of about a
// diameter in pixels, or, where that is 0, of any.
func redCells(p *pyramid, diameter float64) []circle {
	var all []circle
	whole := p.levels[0]
	side := window
	if whole.Width >= 2*window || whole.Height >= 2*window {
		side = largeWindow
	}
	s := new(search)
	for scale := 1.0; ; scale /= passFactor {
		w, h := int(math.Round(float64(whole.Width)*scale)), int(math.Round(float64(whole.Height)*scale))
		if min(w, h) < 40 {
			break
		}
		if diameter > 0 && !finds(scale, diameter) {
			continue
		}
		level, shrunk := p.near(scale)
		rest := scale * shrunk
		part, x0, y0 := middle(level, rest, side)
		q := part.Resize(max(1, int(math.Round(float64(part.Width)*rest))), max(1, int(math.Round(float64(part.Height)*rest))))
		s.flat.even(q.Pix, q.Width, q.Height, p.background(q))
		for _, c := range s.circles(&s.flat) {
			c.x, c.y, c.radius = shrunk*(float64(x0)+(c.x+0.5)/rest), shrunk*(float64(y0)+(c.y+0.5)/rest), shrunk*(c.radius/rest)
			c.shown = float64(min(level.Width, int(window/rest))*min(level.Height, int(window/rest))) / float64(part.Width*part.Height)
			all = append(all, c)
		}
	}
	return withoutNuclei(apart(all))
}

// finds tells whether a pass at this scale finds cells that are alike to one of a diameter.
func finds(scale, diameter float64) bool {
	radius, margin := float64(diameter*scale)/2, detmath.Exp(alike)
	return float64(radius*margin) >= leastRadius-nearRadius && radius <= float64((mostRadius+nearRadius)*margin)
}

// A picture's cells are of two kinds where their stain falls into two groups whose means
// lie at least leastGap apart, and the upper at least leastRatio times the lower: those of the
// upper are nuclei. (Red cells are grey on some slides, pink on others, but nuclei are
// always the more violet.)
const (
	leastGap   = 0.10
	leastRatio = 2
)

// withoutNuclei leaves the cells that hold no nucleus. The groups are those between which
// the variance is largest (Otsu 1979, IEEE Transactions on Systems, Man, and Cybernetics 9, 62).
func withoutNuclei(all []circle) []circle {
	byStain := slices.SortedStableFunc(slices.Values(all), func(a, b circle) int { return cmp.Compare(a.stain, b.stain) })
	total := 0.0
	for _, c := range byStain {
		total += c.stain
	}
	kept, widest, lower := len(byStain), 0.0, 0.0
	for i, c := range byStain {
		if i > 0 {
			n, m := float64(i), float64(len(byStain)-i)
			gap := (total-lower)/m - lower/n
			if between := float64(n * m * float64(gap*gap)); between > widest {
				widest, kept = between, len(byStain)
				if gap > leastGap && (total-lower)/m > leastRatio*max(lower/n, 0) {
					kept = i
				}
			}
		}
		lower += c.stain
	}
	return byStain[:kept]
}

// middle is the part of a picture of which a pass at this scale sees at most window x
// window pixels, and where it begins.
func middle(p *picture.Picture, scale float64, window int) (part *picture.Picture, x, y int) {
	side := int(float64(window) / scale)
	if p.Width <= side && p.Height <= side {
		return p, 0, 0
	}
	w, h := min(side, p.Width), min(side, p.Height)
	x, y = (p.Width-w)/2, (p.Height-h)/2
	part = &picture.Picture{Width: w, Height: h, Pix: make([]uint8, 3*w*h)}
	for row := range h {
		copy(part.Pix[3*w*row:3*w*(row+1)], p.Pix[3*((y+row)*p.Width+x):])
	}
	return part, x, y
}

// magnificationOf takes the diameter about which most of the red cells' area lies.
// Weighing by area keeps noise and fragments, of which there are many, from counting; and
// where a pass saw largeWindow, a cell counts for those that window would have shown, so that the passes
// keep their balance.
func magnificationOf(red []circle) (m Magnification) {
	logs, weights := make([]float64, len(red)), make([]float64, len(red))
	total := 0.0
	for i, c := range red {
		logs[i] = detmath.Log(float64(2 * c.radius))
		weights[i] = float64(float64(c.quality()*math.Sqrt(c.radius)) * c.shown)
		total += weights[i]
	}
	const spread = 0.12
	mode, highest := 0.0, 0.0
	for at := detmath.Log(6); at < detmath.Log(2000); at += 0.02 {
		density := 0.0
		for i, l := range logs {
			if d := (at - l) / spread; math.Abs(d) < 6 {
				density += float64(weights[i] * detmath.Exp(float64(-d*d)/2))
			}
		}
		if density > highest {
			mode, highest = at, density
		}
	}
	sum, mean, round := 0.0, 0.0, 0.0
	for i, l := range logs {
		if math.Abs(l-mode) < alike {
			m.Cells++
			sum += weights[i]
			round += float64(weights[i] * red[i].complete)
			mean += float64(weights[i] * l)
		}
	}
	if m.Cells < leastCells {
		return Magnification{Cells: m.Cells}
	}
	mean /= sum
	squares, effective := 0.0, 0.0
	for i, l := range logs {
		if math.Abs(l-mode) < alike {
			squares += float64(weights[i] * float64((l-mean)*(l-mean)))
			effective += float64(weights[i] * weights[i])
		}
	}
	m.Agreement = sum / total
	if m.Agreement < leastAgreement || round/sum < leastRound {
		return m
	}
	m.Diameter = detmath.Exp(mean)
	m.Error = math.Sqrt(float64(squares/sum*effective/float64(sum*sum)) + betweenPictures*betweenPictures)
	return m
}
