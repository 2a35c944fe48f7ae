package page

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allnet/cases"
	"allnet/lime"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

// What the page saves and what the command line writes of the same pictures are the same bytes:
// the page's program, run in Node, beside this one.
func TestTheProgramWritesTheSameCaseAsIsWrittenNatively(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	d := &cases.Draft{Label: "S24-0117", Program: cases.Program{Version: id.Version, Revision: id.Revision, Go: runtime.Version()}}
	add := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		p, err := picture.Decode(data)
		r := cases.Read(m.NewSession(), name, p, err, cases.SourceOf(cases.File, "", data), new(model.Choices))
		read := cases.Picture{Answer: r.Answer}
		if r.Answer.Record.Predicted != nil {
			session, err := r.Explainer(m)
			if err != nil {
				t.Fatal(err)
			}
			settings := lime.CellsPreset()
			settings.Samples = 200
			explained, _, err := cases.Explain(context.Background(), session, settings, nil)
			if err != nil {
				t.Fatal(err)
			}
			if read.Explained, err = explained.JSON(); err != nil {
				t.Fatal(err)
			}
		}
		if name == "synthetic-2.png" {
			read.Decision = &cases.Decision{Class: new(model.Pro), Certainty: cases.Doubtful, Blind: true, Note: `=a note, with "quotes"`}
		}
		d.Pictures = append(d.Pictures, read)
	}
	for _, example := range synthetic.Examples() {
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		add(example.Name+".png", data)
	}
	add("damaged.png", []byte("no picture"))
	c, err := cases.Assemble(d)
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	table, err := c.CSV()
	if err != nil {
		t.Fatal(err)
	}
	if said := worker(t, "the page's case was not held against the command line's", "case.mjs", dir, out); !strings.Contains(said, "a case of 5 pictures") {
		t.Error(said)
	}
	for name, want := range map[string][]byte{"case.json": text, "case.csv": table} {
		got, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			i := 0
			for i < min(len(got), len(want)) && got[i] == want[i] {
				i++
			}
			t.Errorf("%s: from byte %d the page has %.200q, natively it is %.200q", name, i, got[i:], want[i:])
		}
	}
}
