package standard

import "allnet/model/picture"

// pyramid is a picture and its halves, each made of the one before when it is first
// asked for: a large picture is looked at many times over, at sizes far below its own.
type pyramid struct {
	levels []*picture.Picture
	// ground is the background of the picture itself, nil where nobody has asked for it.
	ground *Background
}

// background is that of one of the pyramid's pictures or of any other.
func (p *pyramid) background(of *picture.Picture) *Background {
	if of != p.levels[0] {
		return backgroundOf(of.Pix, of.Width, of.Height)
	}
	if p.ground == nil {
		p.ground = backgroundOf(of.Pix, of.Width, of.Height)
	}
	return p.ground
}

func newPyramid(p *picture.Picture) *pyramid { return &pyramid{levels: []*picture.Picture{p}} }

// leastLeft is how many times larger than what is made of it a halved picture must be at least: then
// it looks as if it were made of the picture itself.
const leastLeft = 1.4

// near is the smallest level of which a picture at a scale may be made, and how many times
// larger the whole picture is. No level is smaller than a pass can be: there halving would spare little, and
// a small picture is always looked at itself.
func (p *pyramid) near(scale float64) (level *picture.Picture, shrunk float64) {
	k, shrunk := 0, 1.0
	for 2*shrunk*scale*leastLeft <= 1 && max(p.levels[k].Width, p.levels[k].Height) >= 2*window {
		if k+1 == len(p.levels) {
			p.levels = append(p.levels, p.levels[k].Halved())
		}
		k, shrunk = k+1, 2*shrunk
	}
	return p.levels[k], shrunk
}
