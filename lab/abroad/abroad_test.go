package abroad

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

func TestAreaUnderTheCurveCountsPairs(t *testing.T) {
	for _, c := range []struct {
		above, below []float64
		want         float64
	}{{[]float64{2, 3}, []float64{0, 1}, 1}, {[]float64{0}, []float64{1}, 0}, {[]float64{1, 1}, []float64{1}, 0.5}, {[]float64{0, 2}, []float64{1}, 0.5}} {
		if got := auroc(c.above, c.below); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v against %v: %v, want %v", c.above, c.below, got, c.want)
		}
	}
}

func TestARowCountsSidesOfTheAnsweredAlone(t *testing.T) {
	s := set{name: "x"}
	r := s.row([]outcome{
		{class: model.Benign, predicted: model.Benign},
		{class: model.Benign, predicted: model.Pre},
		{class: model.Early, predicted: model.Pre},
		{class: model.Early, predicted: model.Early},
		{class: model.Early, abstained: true, code: model.NoCells, predicted: model.Early},
	})
	if r.N != 5 || r.Answered != 4 || r.Side != 3 || r.Class != 2 || r.Malignant != 3 || r.Refused[model.NoCells] != 1 {
		t.Errorf("%+v", r)
	}
}

func TestTheSecondHalfIsUsed(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"c.png", "a.png", "b.png", "boxes.tsv"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := second(dir)
	if err != nil || len(files) != 2 || filepath.Base(files[0]) != "b.png" || filepath.Base(files[1]) != "c.png" {
		t.Errorf("%v, %v", files, err)
	}
	if _, err := second(t.TempDir()); err == nil {
		t.Error("an empty folder is no error")
	}
}

func TestAPartIsMovedIntoThePicture(t *testing.T) {
	p := &picture.Picture{Width: 4, Height: 3}
	for i := range 12 {
		p.Pix = append(p.Pix, byte(i), 0, 0)
	}
	q := part(p, 4, 3, 2)
	if want := []byte{6, 0, 0, 7, 0, 0, 10, 0, 0, 11, 0, 0}; q.Width != 2 || q.Height != 2 || !bytes.Equal(q.Pix, want) {
		t.Errorf("%d x %d: %v", q.Width, q.Height, q.Pix)
	}
}

// Every set is asked about, with the pictures that it names, twice with the same answer.
func TestMeasuringAsksAboutEverySet(t *testing.T) {
	m, err := model.Load(golden.Encode(golden.Graph(golden.Weights(8, 8, 8))))
	if err != nil {
		t.Fatal(err)
	}
	dir, foreign := t.TempDir(), filepath.Join(t.TempDir(), "elsewhere")
	var items []dataset.Item
	for i, name := range []string{"synthetic-2", "synthetic-4"} {
		data, err := synthetic.PNG(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{filepath.Join(dir, name+".png"), filepath.Join(foreign, name+".png")} {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		items = append(items, dataset.Item{File: name + ".png", Label: model.Class(i)})
	}
	plan := Plan{Model: m.ReadingCells(), Dir: dir, Items: items, Foreign: []string{foreign}}
	f, err := Measure(t.Context(), plan, func(string, int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]int)
	for _, r := range f.Sets {
		names[r.Set] = r.N
	}
	for name, want := range map[string]int{"own": 2, "own, enlarged": 1, "simulated, strong": 1, "another camera": 1, "elsewhere": 1, "elsewhere, single cells": 1, "elsewhere, cuts": 1} {
		if names[name] != want {
			t.Errorf("set %q has %d pictures, want %d", name, names[name], want)
		}
	}
	if len(f.Ranks) == 0 {
		t.Error("nothing was ranked")
	}
}
