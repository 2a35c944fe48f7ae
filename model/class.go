package model

import "fmt"

// Class is one of the four answers of the network, in the order of its outputs
// (lab/ARTICLE.md, "Class order").
type Class int

// The classes of the article (lab/ARTICLE.md, "Data"): hematogones, which are benign,
// and three stages of B-cell acute lymphoblastic leukemia.
const (
	Benign Class = iota
	Early
	Pre
	Pro
)

// Classes lists the classes in the order of the network's outputs.
var Classes = [...]Class{Benign, Early, Pre, Pro}

var classNames = [...]string{"Benign", "Early", "Pre", "Pro"}

// String returns the short name, which is also the name of the class's folder in
// the data set: Benign, Early, Pre or Pro.
func (c Class) String() string {
	if c < 0 || int(c) >= len(classNames) {
		return fmt.Sprintf("Class(%d)", int(c))
	}
	return classNames[c]
}

var classTerms = [...]string{"Benign", "Early pre-B", "Pre-B", "Pro-B"}

// Term returns what the class is called in a sentence: Benign, Early pre-B, Pre-B or
// Pro-B.
func (c Class) Term() string {
	if c < 0 || int(c) >= len(classTerms) {
		return c.String()
	}
	return classTerms[c]
}

// ParseClass is the inverse of String.
func ParseClass(name string) (Class, error) {
	for i, n := range classNames {
		if n == name {
			return Class(i), nil
		}
	}
	return 0, fmt.Errorf("unknown class %q; expected Benign, Early, Pre or Pro", name)
}

// MarshalText writes the short name.
func (c Class) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the short name.
func (c *Class) UnmarshalText(text []byte) error {
	parsed, err := ParseClass(string(text))
	if err == nil {
		*c = parsed
	}
	return err
}
