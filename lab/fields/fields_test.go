package fields

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/standard"
	"allnet/model/synthetic"
)

func drawing(t *testing.T, name string) *picture.Picture {
	t.Helper()
	p, err := synthetic.Draw(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// folder holds two drawings as pictures of class Early.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range []string{"synthetic-2", "synthetic-4"} {
		data, err := synthetic.PNG(name)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "Early", fmt.Sprintf("%d.png", i))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestALaboratoryThatChangesNothingChangesNothing(t *testing.T) {
	p := drawing(t, "synthetic-2")
	q, err := new(Laboratory).Take(p, "x")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(q.Pix, p.Pix) {
		t.Error("pixels changed")
	}
}

func TestALaboratoryIsAFunctionOfItsName(t *testing.T) {
	if Draw("a", 1) != Draw("a", 1) || Draw("a", 1) == Draw("b", 1) {
		t.Error("two laboratories of one name differ, or two of different names do not")
	}
	p := drawing(t, "synthetic-2")
	l := Laboratory{Noise: 5, Quality: 60}
	first, err := l.Take(p, "a")
	if err != nil {
		t.Fatal(err)
	}
	again, err := l.Take(p, "a")
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Take(p, "b")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Pix, again.Pix) || bytes.Equal(first.Pix, other.Pix) {
		t.Error("the noise is not a function of the name")
	}
}

// Twice the dye is twice the density, and a lamp that lacks half of one colour halves its levels.
func TestDyesActOnDensityAndTheLampOnLevels(t *testing.T) {
	p := &picture.Picture{Width: 1, Height: 1, Pix: []uint8{127, 127, 127}} // density log 2
	l := Laboratory{}
	l.Mix[0][0] = 1 // red twice
	l.Lamp[1] = 0.6931471805599453
	q, err := l.Take(p, "x")
	if err != nil {
		t.Fatal(err)
	}
	if want := []uint8{63, 63, 127}; !bytes.Equal(q.Pix, want) {
		t.Errorf("got %v, want %v", q.Pix, want)
	}
}

// What is written is what a network that reads cells is given in use, but for the stain and
// for what is blanked.
func TestTheFieldsWrittenAreThoseOfUse(t *testing.T) {
	dir, out := folder(t), t.TempDir()
	if _, err := Write(t.Context(), dir, out, Options{Laboratories: 2}); err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(filepath.Join(out, "rows.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(table)), "\n")[1:]
	pixels, labels := read(t, filepath.Join(out, "pixels.npy"), len(rows), 3), read(t, filepath.Join(out, "cells.npy"), len(rows), 1)
	plain := 0
	for i, row := range rows {
		columns := strings.Split(row, "\t")
		if len(columns) != 6 {
			t.Fatalf("row %d has %d columns", i, len(columns))
		}
		if columns[1] != "0" {
			continue
		}
		plain++
		data, err := os.ReadFile(filepath.Join(dir, columns[0]))
		if err != nil {
			t.Fatal(err)
		}
		p, err := picture.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		r, err := standard.Standardise(p, standard.Options{})
		if err != nil {
			t.Fatal(err)
		}
		c := cells.Find(r.Fields[0].RGB, model.Side, model.Side, r.RedCells)
		if !bytes.Equal(pixels[i], r.Fields[0].RGB) {
			t.Errorf("%s: other pixels", columns[0])
		}
		for k, label := range c.Labels {
			if uint16(labels[i][k]) != label {
				t.Fatalf("%s: pixel %d belongs to cell %d, written is %d", columns[0], k, label, labels[i][k])
			}
		}
		if columns[5] != fmt.Sprint(len(c.List)) {
			t.Errorf("%s: %d cells, written are %s", columns[0], len(c.List), columns[5])
		}
	}
	if plain != 2 || len(rows) < 4 {
		t.Errorf("%d rows, %d of pictures as they are", len(rows), plain)
	}
}

// read reads an array of n fields of uint8.
func read(t *testing.T, name string, n, channels int) [][]byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	header := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	if header%64 != 0 || !strings.Contains(string(data[:header]), fmt.Sprintf("(%d,", n)) {
		t.Fatalf("%s has the header %q", name, data[:header])
	}
	size := model.Side * model.Side * channels
	if len(data) != header+n*size {
		t.Fatalf("%s has %d bytes behind its header, want %d", name, len(data)-header, n*size)
	}
	var fields [][]byte
	for i := range n {
		fields = append(fields, data[header+i*size:][:size])
	}
	return fields
}
