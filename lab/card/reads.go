package card

import (
	"fmt"
	"math"
	"strings"

	"allnet/model"
	"allnet/model/standard"
)

// reading lists the networks that read one kind of input, as they are named in documents; ""
// where there are none.
func (d *document) reading(what model.Reads) string {
	var names []string
	for _, n := range d.networks {
		if n.Reads() == what {
			names = append(names, "`"+n.Name()+"`")
		}
	}
	return list(names)
}

func (d *document) readsCells() bool { return d.reading(model.Cells) != "" }

// verb is "takes" for one name and "take" for several.
func verb(names, singular, plural string) string {
	if strings.Contains(names, " and ") {
		return plural
	}
	return singular
}

// inputs says what the networks take.
func (d *document) inputs() string {
	var parts []string
	if names := d.reading(model.Cells); names != "" {
		parts = append(parts, fmt.Sprintf("%s %s a field of a stained peripheral blood smear, or a photograph that holds several, from any microscope camera that shows red cells as well: it is brought to the magnification, light and stain that the network learned from, and read in fields of %d x %d pixels of which nothing but the stained cells is left.",
			names, verb(names, "takes", "take"), model.Side, model.Side))
	}
	if names := d.reading(model.WholePictures); names != "" {
		parts = append(parts, fmt.Sprintf("%s %s a picture of a stained peripheral blood smear, taken through the microscope like those of the data set below, with several cells in it. It is resized to %d x %d pixels.",
			names, verb(names, "takes", "take"), model.Side, model.Side))
	}
	return strings.Join(parts, " ")
}

// kindsOfNetworks says what the networks have in common and what not.
func (d *document) kindsOfNetworks() string {
	const layers = "(blocks of 3x3 convolution, maximum pooling and ReLU; an average over the whole input; dense layers)"
	text := "All are the same kind of network " + layers + ": `article` is the article's, "
	if !d.readsCells() {
		return text + "`robust` is this project's. They take the same picture. The first of the table is the page's default."
	}
	return text + "`robust` and `cells` are this project's. `robust` and `article` take the whole picture; `cells` takes what is left of it when all but the stained cells is one constant. The first of the table is the page's default."
}

// reasonsText says for what reasons there is no answer.
func (d *document) reasonsText() string {
	var parts []string
	if names := d.reading(model.Cells); names != "" {
		parts = append(parts, names+" "+verb(names, "gives", "give")+" no answer when a picture cannot be read or holds less than a field; when no stained cell, or too few, are found in it; when its magnification is not known, or the nuclei are larger or smaller than any of the training; when it is too blurred; when the stain of the nuclei is too far from the reference; when it does not look like the smears of the training; or when no class is clearly more probable than the others.")
	}
	if names := d.reading(model.WholePictures); names != "" {
		parts = append(parts, names+" "+verb(names, "gives", "give")+" none when a picture cannot be read, is too blurred, has colours far from those of the training pictures, does not look like their smears, or when no class is clearly more probable than the others.")
	}
	for _, n := range d.networks {
		if s := n.limitsSentence(); s != "" {
			parts = append(parts, "`"+n.Name()+"`: "+s)
		}
	}
	return strings.Join(parts, " ")
}

// limitsSentence says what the cells of a picture must keep; empty for a network that reads whole
// pictures.
func (n *network) limitsSentence() string {
	c := n.Calibration()
	if c == nil || c.Cells == nil {
		return ""
	}
	l := c.Cells
	return fmt.Sprintf("It asks for at least %s, for nuclei whose median width is %.1f to %.1f pixels once a red cell is about %.1f pixels wide, and for a stain of which red and green have to be multiplied, or divided, by at most %.1f in optical density.",
		count(int(math.Ceil(l.Count)), "stained cell"), l.Nucleus[0], l.Nucleus[1], standard.Diameter, math.Exp(l.Restaining))
}

// learnedAbroad says what a network learned of the laboratories whose smears it is tried with.
func (n *network) learnedAbroad() string {
	switch n.Name() {
	case "cells":
		return "white cells of their first halves were benign examples in its training, so these laboratories are not new to it"
	case "robust":
		return "the first half of bccd was among the pictures of other things in its training"
	}
	return ""
}

// The sources of pictures of other laboratories.
const (
	bccdSource  = "BCCD (github.com/Shenggan/BCCD_Dataset, MIT licence)"
	chulaSource = "Chula (Chulalongkorn University, github.com/singgihbekti/WBC_Dataset, MIT licence)"
)

// foreignData says which pictures of other laboratories a network learned from, for its card.
func (n *network) foreignData() string {
	switch n.Name() {
	case "cells":
		return "White cells of other laboratories are benign examples in its training: those of the first halves, by name, of " + bccdSource + " and " + chulaSource + "."
	case "robust":
		return "The first half, by name, of " + bccdSource + " was among the pictures of other things that it was shown in training."
	}
	return ""
}
