package cells

import (
	"cmp"
	"slices"
)

// kind is what a part turns out to be.
type kind uint8

const (
	nothing kind = iota // a speck, a platelet, a red cell, debris
	nucleus
	smudge
)

// What is told apart by comparison with the typical nucleus of the same picture, in
// per cent of it. Stain is how much nuclear stain there is, paleness the product of
// stain and red density: broken nuclei have lost the chromatin that takes the blue dyes,
// which absorb red, and are pink.
const (
	leastStainShare = 60   // less is no nucleus at all
	paleShare       = 36   // less paleness: a smudge
	raggedShare     = 50   // the same of ragged ones
	ragged          = 0.96 // compact
	smudgeArea      = 150  // pixels: smaller ones are specks

	aboveLeast = 130 // per cent of the lower limit of the threshold: red cells stay near it
	mostBlue   = 75  // per cent of the density of green: nuclei take little, red cells and a red bar nearly as much

	// A red cell's colour has more red density for its green, and less stain.
	redCellHue, redCellStain = 140, 70
	// So do fragments and platelets have less stain; both pixels.
	fragmentArea, fragmentStain = 100, 75
)

// kindsOf tells what the parts of a picture are; least is the lower limit of the threshold.
func kindsOf(parts []part, least int64) []kind {
	kinds := make([]kind, len(parts))
	var stained []part
	for i := range parts {
		p := &parts[i]
		if p.area >= leastArea && 100*p.mean() >= aboveLeast*least && 100*p.blue < mostBlue*p.green {
			kinds[i] = nucleus
			stained = append(stained, *p)
		}
	}
	typical := typicalOf(stained)
	for i := range parts {
		if kinds[i] == nucleus {
			kinds[i] = parts[i].kind(&typical)
		}
	}
	return kinds
}

func (p *part) kind(typical *part) kind {
	percent := func(a, b int64) int64 { return 100 * a / max(b, 1) }
	stain := percent(p.mean(), typical.mean())
	red := percent(p.red/p.area, typical.red/typical.area)
	hue := percent(percent(p.red, p.green), percent(typical.red, typical.green))
	pale := stain * red / 100
	switch {
	case pale < paleShare || (pale < raggedShare && p.compact() < ragged), stain < leastStainShare && red < leastStainShare:
		if p.area >= smudgeArea {
			return smudge
		}
		return nothing
	case stain < leastStainShare,
		stain < redCellStain && hue > redCellHue,
		stain < fragmentStain && p.area < fragmentArea && !p.atRim:
		return nothing
	}
	return nucleus
}

// typicalOf is the part below whose stain a third of the pixels of all parts lie: not the
// middle, for many pictures hold a few nuclei that have shrunk and are as dark as two. Where
// smudges are more than a third, they are taken for nuclei.
func typicalOf(parts []part) part {
	area := int64(0)
	for _, p := range parts {
		area += p.area
	}
	slices.SortStableFunc(parts, func(a, b part) int { return cmp.Compare(a.mean(), b.mean()) })
	below := int64(0)
	for _, p := range parts {
		below += p.area
		if 3*below >= area {
			return p
		}
	}
	return part{area: 1}
}
