package cases

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/synthetic"
)

// build is the program of the tests' cases.
var build = Program{Version: "1.2.3", Revision: "abc", Go: "go1.26.8"}

// settings keep the tests fast.
func settings() lime.Settings {
	s := lime.CellsPreset()
	s.Samples = 200
	return s
}

// drawn are the built-in drawings read and explained, with a damaged picture after them.
var drawn = sync.OnceValues(func() ([]Picture, error) {
	m, err := model.Default()
	if err != nil {
		return nil, err
	}
	session := m.NewSession()
	var pictures []Picture
	for _, example := range synthetic.Examples() {
		source, p, err := Drawn(example.Name)
		if err != nil {
			return nil, err
		}
		r := Read(session, example.Name+".png", p, nil, source, new(model.Choices))
		explainer, err := r.Explainer(m)
		if err != nil {
			return nil, err
		}
		e, _, err := Explain(context.Background(), explainer, settings(), nil)
		if err != nil {
			return nil, err
		}
		text, err := e.JSON()
		if err != nil {
			return nil, err
		}
		pictures = append(pictures, Picture{Answer: r.Answer, Explained: text})
	}
	r := Read(session, "damaged.png", nil, errors.New("This picture is damaged."), SourceOf(File, "", []byte("nothing")), new(model.Choices))
	return append(pictures, Picture{Answer: r.Answer}), nil
})

// sample is a draft of the drawings, two of them judged; it may be changed.
func sample(t *testing.T) *Draft {
	t.Helper()
	pictures, err := drawn()
	if err != nil {
		t.Fatal(err)
	}
	d := &Draft{Label: "S24-0117", Program: build, Pictures: slices.Clone(pictures)}
	for i := range d.Pictures {
		d.Pictures[i].Explained = slices.Clone(d.Pictures[i].Explained)
		d.Pictures[i].Answer.Logits = slices.Clone(d.Pictures[i].Answer.Logits)
	}
	d.Pictures[0].Decision = &Decision{Class: class(model.Benign), Certainty: Certain, Blind: true}
	d.Pictures[1].Decision = &Decision{Class: class(model.Pro), Certainty: Doubtful, Note: "Ein Ödem?\n=SUM(A1)"}
	return d
}

func class(c model.Class) *model.Class { return &c }

// assembled is the case of a draft with its JSON.
func assembled(t *testing.T, d *Draft) (*Case, []byte) {
	t.Helper()
	c, err := Assemble(d)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return c, text
}
