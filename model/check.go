package model

import "strconv"

// Code is a short stable name for why a picture cannot be assessed.
type Code string

// The reasons, in the order in which they are looked for.
const (
	// Unreadable: no picture that could show cells could be read.
	Unreadable Code = "unreadable"
	// TooSmall: the picture holds less than a field.
	TooSmall Code = "too small"
	// NoCells: no stained cell was found; FewCells: not enough.
	NoCells  Code = "no cells"
	FewCells Code = "few cells"
	// Magnification: it could not be found, or the nuclei have another size than any that the
	// network learned from.
	Magnification Code = "magnification"
	// Blurred: too blurred.
	Blurred Code = "blurred"
	// Colours: colours far from those of the training pictures under any stain that
	// the network was tried with.
	Colours Code = "colours"
	// Stain: the nuclei's stain is too far from that of the training pictures to be brought
	// to it.
	Stain Code = "stain"
	// Foreign: not a smear of the kind that the network was trained on.
	Foreign Code = "foreign"
	// Close: no class is clearly more probable than the others.
	Close Code = "close"
)

// sentence says the reason to the person who chose the picture.
func (c Code) sentence(confidence, needed float64) string {
	switch c {
	case NoCells:
		return "No stained cell was found in the picture. Expected a field of a stained blood smear with nucleated cells on it."
	case FewCells:
		return "Too few stained cells were found in the picture for an answer. Expected a field with more of them."
	case Magnification:
		return "The magnification of the picture is not known, or far from the one expected: the nuclei found are too large or too small. Tell it by a line across a red cell, or take another field with red cells that lie free."
	case Stain:
		return "The stain of the nuclei is too far from the one that the network was trained on. Expected a smear with a Romanowsky stain, such as May-Grünwald-Giemsa or Wright, in white light."
	case Blurred:
		return "The picture is too blurred for the structure of the cells to be seen. Expected one in focus."
	case Colours:
		return "The colours are far from those of the stained smears that the network was trained on. Expected a smear with the same stain."
	case Foreign:
		return "The picture does not look like the smears that the network was trained on. Expected one field of a stained blood smear at their magnification."
	case Close:
		has, least := apart(100*confidence, 100*needed)
		return "The classes are too close to one another: the most probable one has " + has + "%, and " + least + "% is needed."
	}
	return ""
}

// apart writes two different numbers with as few decimals as tell them apart: what
// is just below its limit must not be written like the limit.
func apart(a, b float64) (string, string) {
	for decimals := 0; decimals < 17; decimals++ {
		x, y := strconv.FormatFloat(a, 'f', decimals, 64), strconv.FormatFloat(b, 'f', decimals, 64)
		if x != y {
			return x, y
		}
	}
	return strconv.FormatFloat(a, 'f', -1, 64), strconv.FormatFloat(b, 'f', -1, 64)
}

// Check is one of the questions that a picture must pass to be given an answer.
type Check struct {
	// Code is the reason that is given where it fails; where Close does, it may also
	// be Foreign (see Limits.Ordinary).
	Code Code `json:"code"`
	// Value was measured: the number of cells for NoCells and FewCells, for Magnification 1 where
	// it is known, else 0, and then the width of the nuclei in pixels, how far the stain was
	// changed for Stain, the sharpness for Blurred, the distance from the colours that
	// the network knows for Colours (about 1 for one of them), how foreign the picture
	// looks for Foreign, from 0 to 1, the top probability for Close.
	Value float64 `json:"value"`
	// Limit is what Value must not fall below (cells, Magnification, Blurred, Close) or exceed
	// (Colours, Stain, Foreign, and Magnification the third time).
	Limit  float64 `json:"limit"`
	Passed bool    `json:"passed"`
}

func least(code Code, value, limit float64) Check { return Check{code, value, limit, value >= limit} }

func most(code Code, value, limit float64) Check { return Check{code, value, limit, value <= limit} }
