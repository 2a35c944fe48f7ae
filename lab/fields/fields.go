// Package fields writes what the network that reads cells learns from: fields as
// package standard gives them, with the cells that package cells finds, of pictures as
// they are and as other laboratories would have taken them. So that the page, the command
// line and the training have one standardiser, what it gets wrong under another light
// stands in the training as it gets it wrong.
package fields

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"allnet/lab/dataset"
	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Options of Write.
type Options struct {
	// Split lists the pictures; nil: all of the folder, on the training side.
	Split []dataset.Assignment
	// Laboratories is as how many other laboratories would have taken it each picture is
	// written, beside as it is.
	Laboratories int
	// Diameter of a red cell in pixels of the pictures; 0: it is measured.
	Diameter float64
	// MostFields limits the fields of one picture.
	MostFields int
	Progress   func(done, total int)
}

// field is one field with its cells.
type field struct {
	rgb, labels []uint8
	stain       [3]float64
	cells       int
	laboratory  int
}

// Write writes into out, for the N fields that hold a cell:
//
//	pixels.npy  uint8 [N][224][224][3], the standardised fields, their stain as it was
//	cells.npy   uint8 [N][224][224], the cell that a pixel belongs to, 0: none
//	rows.tsv    of each field: file, laboratory (0: as it is), red, green and blue (the nuclei's
//	            stain, see standard.StainOf) and the number of cells
//	split.tsv   the pictures, as a split lists them
//
// and returns how many pictures had none, by reason.
func Write(ctx context.Context, dir, out string, o Options) (without map[string]int, err error) {
	split := o.Split
	if split == nil {
		listing, err := dataset.List(dir)
		if err != nil {
			return nil, err
		}
		for i, item := range listing.Items {
			split = append(split, dataset.Assignment{Item: item, Group: i, Side: dataset.Train})
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	pixels, err := createArray(filepath.Join(out, "pixels.npy"), standard.Side, standard.Side, 3)
	if err != nil {
		return nil, err
	}
	defer pixels.file.Close()
	labels, err := createArray(filepath.Join(out, "cells.npy"), standard.Side, standard.Side)
	if err != nil {
		return nil, err
	}
	defer labels.file.Close()
	rows, err := os.Create(filepath.Join(out, "rows.tsv"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	fmt.Fprintln(rows, "file\tlaboratory\tred\tgreen\tblue\tcells")

	without = make(map[string]int)
	const chunk = 32
	for first := 0; first < len(split); first += chunk {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		part := split[first:min(first+chunk, len(split))]
		found, reasons, errs := make([][]field, len(part)), make([][]string, len(part)), make([]error, len(part))
		var wait sync.WaitGroup
		running := make(chan struct{}, runtime.GOMAXPROCS(0))
		for i, a := range part {
			wait.Add(1)
			running <- struct{}{}
			go func() {
				defer wait.Done()
				defer func() { <-running }()
				found[i], reasons[i], errs[i] = ofPicture(filepath.Join(dir, filepath.FromSlash(a.File)), a.File, &o)
			}()
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		for i, a := range part {
			for _, reason := range reasons[i] {
				without[reason]++
			}
			for _, f := range found[i] {
				if err := errors.Join(pixels.add(f.rgb), labels.add(f.labels)); err != nil {
					return nil, err
				}
				fmt.Fprintf(rows, "%s\t%d\t%.4f\t%.4f\t%.4f\t%d\n", a.File, f.laboratory, f.stain[0], f.stain[1], f.stain[2], f.cells)
			}
		}
		if o.Progress != nil {
			o.Progress(first+len(part), len(split))
		}
	}
	file, err := os.Create(filepath.Join(out, "split.tsv"))
	if err != nil {
		return nil, err
	}
	return without, errors.Join(dataset.WriteSplit(file, split), file.Close(), pixels.close(), labels.close(), rows.Close())
}

// ofPicture returns a picture's fields, and why there are none.
func ofPicture(path, name string, o *Options) (all []field, without []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	p, err := picture.Decode(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if o.Diameter > 0 { // scaled first: a laboratory's lens and sensor are those of the field's pixels
		scale := standard.Diameter / o.Diameter
		p = p.Resize(int(math.Round(float64(p.Width)*scale)), int(math.Round(float64(p.Height)*scale)))
	}
	for k := range o.Laboratories + 1 {
		q := p
		if k > 0 {
			seed := fmt.Sprintf("%s\x00%d", name, k)
			l := Draw(seed, 0.3+0.7*float64(k)/float64(o.Laboratories))
			if q, err = l.Take(p, seed); err != nil {
				return nil, nil, err
			}
		}
		options := standard.Options{MostFields: o.MostFields, KeepSize: o.Diameter > 0, Pad: true}
		r, err := standard.Standardise(q, options)
		if err != nil {
			without = append(without, "too small")
			continue
		}
		n := len(all)
		for _, f := range r.Fields {
			c := cells.Find(f.RGB, standard.Side, standard.Side, r.RedCells)
			if len(c.List) == 0 {
				continue
			}
			g := field{rgb: f.RGB, labels: make([]uint8, len(c.Labels)), cells: len(c.List), laboratory: k,
				stain: standard.StainOf([][]uint8{f.RGB}, [][]bool{c.Nucleus})}
			for i, l := range c.Labels {
				if l > 0 {
					g.labels[i] = uint8((l-1)%255) + 1
				}
			}
			all = append(all, g)
		}
		if len(all) == n {
			without = append(without, "no cells")
		}
	}
	return all, without, nil
}

// array is a file in NumPy's format whose first dimension grows.
type array struct {
	file  *os.File
	shape []int
	n     int
}

// headerBytes is the length of the header with its magic.
const headerBytes = 128

func createArray(name string, shape ...int) (*array, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	a := &array{file: f, shape: shape}
	_, err = f.Write(a.header())
	return a, err
}

// header is NumPy's, version 1.0 (NumPy Enhancement Proposal 1).
func (a *array) header() []byte {
	dims := fmt.Sprintf("%d,", a.n)
	for _, d := range a.shape {
		dims += fmt.Sprintf("%d,", d)
	}
	text := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }", dims)
	return fmt.Appendf(nil, "\x93NUMPY\x01\x00%c%c%-*s\n", (headerBytes-10)%256, (headerBytes-10)/256, headerBytes-11, text)
}

func (a *array) add(values []uint8) error {
	a.n++
	_, err := a.file.Write(values)
	return err
}

func (a *array) close() error {
	if _, err := a.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := a.file.Write(a.header())
	return errors.Join(err, a.file.Close())
}
