package profile

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"allnet/cases"
)

// Examples are the pictures of cases that the reader named a class for, other than doubtfully, and
// that one network read; that network is returned, too. A case is a slide; cases of one label, or with a
// picture in common, are one slide. Which case comes first does not matter. A picture that is there several times
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
	slides := namedSlides(all)
	for i, c := range all {
		slide := slides[i]
		for k := range c.Pictures {
			p := &c.Pictures[k]
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

// namedSlides names the slide that each case is of: by its label, or else by the smallest SHA-256 of its
// pictures, with a space before it that no label has. Cases that share a picture are one slide, of the
// smallest of their labels. Cases with neither are taken as one slide, too, which claims least.
func namedSlides(all []*cases.Case) []string {
	above := make(map[string]string) // from a name to one that comes first; none: it comes first itself
	first := func(name string) string {
		for above[name] != "" {
			name = above[name]
		}
		return name
	}
	names := make([]string, len(all))
	for i, c := range all {
		of := namesOf(c)
		names[i] = of[0]
		for _, name := range of[1:] {
			p, q := first(of[0]), first(name)
			if isBefore(q, p) {
				p, q = q, p
			}
			if p != q {
				above[q] = p
			}
		}
	}
	for i, name := range names {
		names[i] = first(name)
	}
	return names
}

// namesOf are all that a slide may be called by one case: its label, and the SHA-256 of each picture.
func namesOf(c *cases.Case) (names []string) {
	if c.Label != "" {
		names = append(names, c.Label)
	}
	for i := range c.Pictures {
		if hash := c.Pictures[i].Answer.Source.SHA256; hash != "" {
			names = append(names, " "+hash)
		}
	}
	if names == nil {
		return []string{" "}
	}
	return names
}

// isBefore says which of two names a slide goes by: a label rather than a SHA-256.
func isBefore(name, other string) bool {
	if isHash := name[0] == ' '; isHash != (other[0] == ' ') {
		return !isHash
	}
	return name < other
}
