package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"allnet/cases"
)

// Examples are the pictures of cases that the reader named a class for, other than doubtfully, and
// that one network read; that network is returned, too. A case is a slide: that of its label, or else
// of its pictures. Which case comes first does not matter. A picture that is there several times
// counts once; that it was judged differently then is an error.
func Examples(all []*cases.Case) ([]Example, cases.Network, error) {
	judged := judgedOf(all)
	var examples []Example
	var network cases.Network
	for i, j := range judged {
		a, class := &j.picture.Answer, *j.picture.Decision.Class
		if i > 0 && j.isCopyOf(judged[i-1]) {
			if before := judged[i-1].picture; class != *before.Decision.Class {
				return nil, network, fmt.Errorf("one picture was judged as %s and as %s (%s and %s have the same bytes); expected one class. Decide which it is, and take the other decision out of its case", *before.Decision.Class, class, before.File(), j.picture.File())
			}
			continue
		}
		of := a.By()
		if network == (cases.Network{}) {
			network = of
		}
		if of != network {
			return nil, network, errors.New("the pictures were read by several networks; expected those of one")
		}
		if len(a.Logits) != classes {
			return nil, network, fmt.Errorf("%s has %d logits; expected %d", j.picture.File(), len(a.Logits), classes)
		}
		e := Example{Class: class, Slide: j.slide, Choices: a.Choices}
		for c, z := range a.Logits {
			e.Logits[c] = float64(z) * a.Scale
		}
		examples = append(examples, e)
	}
	return examples, network, nil
}

// judged is a picture that the reader named a class for.
type judged struct {
	picture *cases.Picture
	slide   string
}

func (j *judged) isCopyOf(other *judged) bool {
	hash := j.picture.Answer.Source.SHA256
	return hash != "" && hash == other.picture.Answer.Source.SHA256
}

// judgedOf are the pictures of cases that can teach something, the copies of one picture beside
// each other, in an order that is theirs and not that of the cases.
func judgedOf(all []*cases.Case) (found []*judged) {
	for _, c := range all {
		slide := slideOf(c)
		for i := range c.Pictures {
			p := &c.Pictures[i]
			if d := p.Decision; d != nil && d.Class != nil && d.Certainty != cases.Doubtful && p.Answer.Logits != nil {
				found = append(found, &judged{p, slide})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b *judged) int {
		p, q := &a.picture.Answer, &b.picture.Answer
		return cmp.Or(
			cmp.Compare(p.Source.SHA256, q.Source.SHA256), cmp.Compare(*a.picture.Decision.Class, *b.picture.Decision.Class),
			cmp.Compare(a.slide, b.slide), cmp.Compare(p.Scale, q.Scale), slices.Compare(p.Logits, q.Logits), cmp.Compare(a.picture.File(), b.picture.File()),
		)
	})
	return found
}

// slideOf names the slide that a case is of: by its label, or else by the smallest SHA-256 of its
// pictures, with a space before it that no label has. Cases with neither are taken as one slide, which
// claims least.
func slideOf(c *cases.Case) string {
	if c.Label != "" {
		return c.Label
	}
	least := ""
	for i := range c.Pictures {
		if hash := c.Pictures[i].Answer.Source.SHA256; hash != "" && (least == "" || hash < least) {
			least = hash
		}
	}
	return " " + least
}
