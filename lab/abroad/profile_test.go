package abroad

import (
	"os"
	"path/filepath"
	"testing"

	"allnet/cases"
	"allnet/cases/profile"
	"allnet/lab/dataset"
	"allnet/lab/fields"
	"allnet/model"
)

// Simulated laboratories, the first three, two of which the network gets wrong: what judged pictures of it win back, measured on
// others of it. The test and validation sides alone; the network was trained on neither. Which pictures are of
// one slide is not known.
func TestAProfileWinsBackWhatASimulatedLaboratoryCosts(t *testing.T) {
	root := filepath.Join(os.Getenv("ALLNET_SHARED"), "data", "pbs")
	if os.Getenv("ALLNET_SHARED") == "" {
		root = filepath.Join("..", "..", "..", "shared", "data", "pbs")
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("left out: the data set is not there, so no profile was fitted to a simulated laboratory")
	}
	file, err := os.Open(filepath.Join("..", "split.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	split, err := dataset.ReadSplit(file)
	if err != nil {
		t.Fatal(err)
	}
	var files [len(model.Classes)][]string
	for _, a := range split {
		if a.Side != dataset.Train {
			files[a.Label] = append(files[a.Label], a.File)
		}
	}
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	// judged are pictures that a reader judged, others those that it is measured on.
	const ofEachClass, judgedOf = 40, 15
	session := m.NewSession()
	// taken reads the pictures from..to of each class, as the laboratory takes them; nil: as they are.
	taken := func(t *testing.T, laboratory *fields.Laboratory, from, to int) (all []profile.Example) {
		for _, class := range model.Classes {
			for i := from; i < to; i++ {
				name := files[class][i*len(files[class])/ofEachClass]
				p, err := dataset.Read(filepath.Join(root, filepath.FromSlash(name)))
				if err != nil {
					t.Fatal(err)
				}
				if laboratory != nil {
					if p, err = laboratory.Take(p, name); err != nil {
						t.Fatal(err)
					}
				}
				all = append(all, example(t, cases.Read(session, name, p, nil, cases.Source{}, new(model.Choices)), class)...)
			}
		}
		return all
	}
	asShipped := taken(t, nil, judgedOf, ofEachClass)
	home := right(asShipped, nil)
	for _, name := range []string{"lab1", "lab2", "lab3"} {
		t.Run(name, func(t *testing.T) {
			laboratory := fields.Draw(name, 2)
			judged, others := taken(t, &laboratory, 0, judgedOf), taken(t, &laboratory, judgedOf, ofEachClass)
			if want := (ofEachClass - judgedOf) * len(model.Classes); len(others) < want-want/20 || len(asShipped) != want { // of a few the magnification cannot be told
				t.Fatalf("%d pictures of it are read, %d as they are; expected %d, or of the first nearly as many", len(others), len(asShipped), want)
			}
			before, after := right(others, nil), 0.0
			for _, each := range []int{5, 10, judgedOf} {
				var some []profile.Example
				var n [len(model.Classes)]int
				for _, e := range judged {
					if n[e.Class]++; n[e.Class] <= each {
						some = append(some, e)
					}
				}
				p, err := profile.Fit(cases.Network{}, cases.Program{}, some)
				if err != nil {
					t.Logf("%d judged, %d others; right as shipped on the laboratory's %.1f %%: %v", len(some), len(others), 100*before, err)
					continue
				}
				after = right(others, &model.Correction{Matrix: p.Matrix, Bias: p.Bias})
				t.Logf("%d judged, %d others; right as shipped on the own pictures %.1f %%, on the laboratory's %.1f %%, with the profile %.1f %%. %s",
					len(some), len(others), 100*home, 100*before, 100*after, p.Judgement.Sentence())
				if after < before-0.0101 { // at most one in a hundred
					t.Errorf("%d judged: %.3f are right, without %.3f", len(some), after, before)
				}
			}
			if name == "lab1" { // which costs one picture
				return
			}
			if before > home-0.1 {
				t.Errorf("the laboratory costs nothing: %.3f of its pictures are right, of the own %.3f", before, home)
			}
			if after < (before+home)/2 {
				t.Errorf("with the profile %.3f are right, without %.3f, of the own pictures %.3f; expected half of the loss back", after, before, home)
			}
		})
	}
}

// example is what a profile is fitted to; none where nothing was read.
func example(t *testing.T, r *cases.Reading, class model.Class) []profile.Example {
	t.Helper()
	if r.Answer.Logits == nil {
		return nil
	}
	c := &cases.Case{Pictures: []cases.Picture{{Answer: r.Answer, Decision: &cases.Decision{Class: &class}}}}
	all, _, err := profile.Examples([]*cases.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Slide = ""
	}
	return all
}

// right is the share of examples whose most probable class is right, refused or not.
func right(all []profile.Example, c *model.Correction) float64 {
	n := 0
	for _, e := range all {
		logits := e.Logits
		c.Apply(&logits)
		best := 0
		for k, z := range logits {
			if z > logits[best] {
				best = k
			}
		}
		if model.Class(best) == e.Class {
			n++
		}
	}
	return float64(n) / float64(len(all))
}
