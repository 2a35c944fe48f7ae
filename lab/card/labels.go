package card

import (
	"cmp"
	"slices"
	"strings"
)

// box is a rectangle of a panel.
type box struct{ left, top, right, bottom float64 }

// overlap is the area that two boxes share.
func (a box) overlap(b box) float64 {
	return max(0, min(a.right, b.right)-max(a.left, b.left)) * max(0, min(a.bottom, b.bottom)-max(a.top, b.top))
}

// spot is where a label can stand: its reference point, as text has it, relative to its
// mark.
type spot struct {
	x, y   float64
	anchor string
}

// spots are tried in this order: beside the mark, above and below it, and further off.
var spots = []spot{
	{7, 4, "start"}, {-7, 4, "end"}, {0, -7, "middle"}, {0, 15, "middle"},
	{7, -6, "start"}, {-7, -6, "end"}, {7, 14, "start"}, {-7, 14, "end"}, {0, -18, "middle"}, {0, 26, "middle"},
}

// letter and line are how wide a letter and how high a line is, about.
const letter, line = 6, 11

// of is the box of a text at the spot beside a mark.
func (s spot) of(x, y float64, text string) box {
	width := letter * float64(len(text))
	left := x + s.x - map[string]float64{"start": 0, "middle": width / 2, "end": width}[s.anchor]
	return box{left, y + s.y - line + 2, left + width, y + s.y + 2}
}

// label writes the points' names where they cover each other, the marks and the border
// of the panel least.
func (p panel) label(b *strings.Builder) {
	type point struct {
		x, y float64
		name string
	}
	var points []point
	var taken []box
	for _, s := range p.series {
		for i, name := range s.labels {
			x, y := p.place(s.points[i][0], s.points[i][1])
			points = append(points, point{x, y, name})
			taken = append(taken, box{x - 4, y - 4, x + 4, y + 4})
		}
	}
	inside := box{marginLeft, marginTop - line, float64(p.width), float64(p.height - marginBottom)}
	for _, at := range points {
		if at.name == "" {
			continue
		}
		covered := func(s spot) float64 {
			own := s.of(at.x, at.y, at.name)
			area := (own.right-own.left)*(own.bottom-own.top) - own.overlap(inside)
			for _, other := range taken {
				area += own.overlap(other)
			}
			return area
		}
		best := slices.MinFunc(spots, func(a, b spot) int { return cmp.Compare(covered(a), covered(b)) })
		taken = append(taken, best.of(at.x, at.y, at.name))
		text(b, at.x+best.x, at.y+best.y, best.anchor, "", at.name)
	}
}
