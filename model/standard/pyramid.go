package standard

import "allnet/model/picture"

// pyramid is a picture and its halves, each made of the one before when it is first
// asked for: a large picture is looked at many times over, at sizes far below its own.
type pyramid struct {
	levels []*picture.Picture
}

func newPyramid(p *picture.Picture) *pyramid { return &pyramid{levels: []*picture.Picture{p}} }

// near is the smallest level that is at least twice as large as the picture at a scale,
// so that what is made of it looks as if made of the picture, and how many
// times larger the picture is.
func (p *pyramid) near(scale float64) (level *picture.Picture, shrunk float64) {
	k, shrunk := 0, 1.0
	for ; 4*shrunk*scale <= 1; k, shrunk = k+1, 2*shrunk {
		if k+1 == len(p.levels) {
			p.levels = append(p.levels, p.levels[k].Halved())
		}
	}
	return p.levels[k], shrunk
}
