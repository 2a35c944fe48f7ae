package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"allnet/model"
	"allnet/model/picture"
)

// Prepared is what Prepare did.
type Prepared struct {
	Split []Assignment
	// Listing is all that the folder holds.
	Listing *Listing
	// Unreadable tells, by file, why a picture was left out.
	Unreadable map[string]error
}

// Options of Prepare.
type Options struct {
	// TestShare is the part of each class that goes to the test side.
	TestShare float64
	// ValidationShare is the part of the test side that is set aside for
	// validation.
	ValidationShare float64
	Seed            uint64
	// Known lists near-duplicate groups known beforehand, as sets of files below
	// the data set's folder; they are joined to those found by similarity.
	Known [][]string
	// Split, where set, is used as it is instead of a new split, and the options
	// above are not used. The pictures are then those that it lists, in its order; all
	// of them must be there and be readable.
	Split []Assignment
	// Progress, where set, is called after each picture.
	Progress func(done, total int)
}

// Prepare decodes and preprocesses the pictures of dir, groups near-duplicates,
// splits, and writes into out:
//
//	pixels.npy  uint8   [N][224][224][3], the preprocessed pictures
//	levels.npy  float32 [256], what each level of a channel is in the network's input
//	split.tsv   the N pictures in the same order, with class, group and side
//
// Where a given split lists an altered copy, the pixels are those of its source:
// altering belongs to the training program.
//
// PyTorch looks pixels up in levels, so preprocessing has this one
// implementation. A picture that cannot be read, or whose name a split cannot
// list, is left out and reported.
func Prepare(ctx context.Context, dir, out string, o Options) (*Prepared, error) {
	listing, err := List(dir)
	if err != nil {
		return nil, err
	}
	result := &Prepared{Listing: listing}
	items := listing.Items
	if o.Split != nil {
		if items, err = Choose(items, o.Split); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	inputs := make([]*model.Input, len(items))
	thumbnails := make([]*thumbnail, len(items))
	result.Unreadable, err = readAll(ctx, dir, items, o.Progress, func(i int, in *model.Input) {
		// The tensor can be had from the pixels; keeping it would take 600 KB a picture.
		inputs[i] = &model.Input{RGB: in.RGB}
		thumbnails[i] = newThumbnail(in)
	})
	if err != nil {
		return nil, err
	}
	if result.Split = o.Split; o.Split == nil {
		read := func(i int) bool { return inputs[i] != nil }
		items, thumbnails, inputs = keep(items, read), keep(thumbnails, read), keep(inputs, read)
		if len(items) == 0 {
			return nil, errNoneReadable(dir)
		}
		result.Split = Split(items, group(thumbnails, knownPairs(items, o.Known)), o.TestShare, o.Seed)
		SetAside(result.Split, o.ValidationShare, o.Seed)
	} else if len(result.Unreadable) > 0 {
		first := slices.Min(slices.Collect(maps.Keys(result.Unreadable)))
		return nil, fmt.Errorf("%d of the %d pictures that the split lists cannot be read, %q for one: %w", len(result.Unreadable), len(items), first, result.Unreadable[first])
	}

	write := func(name string, content func(io.Writer) error) {
		if err == nil {
			err = writeFile(filepath.Join(out, name), content)
		}
	}
	write("split.tsv", func(w io.Writer) error { return WriteSplit(w, result.Split) })
	write("levels.npy", func(w io.Writer) error {
		return writeNPY(w, "<f4", []int{len(model.Levels)}, func() error {
			return binary.Write(w, binary.LittleEndian, model.Levels[:])
		})
	})
	write("pixels.npy", func(w io.Writer) error {
		return writeNPY(w, "|u1", []int{len(inputs), model.Side, model.Side, 3}, func() error {
			for _, in := range inputs {
				if _, err := w.Write(in.RGB); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return result, err
}

// readAll reads the items' pictures and calls use for each that can be read, from
// several goroutines; the others are returned with what is wrong with them.
func readAll(ctx context.Context, dir string, items []Item, progress func(done, total int), use func(i int, in *model.Input)) (unreadable map[string]error, err error) {
	unreadable = make(map[string]error)
	var mu sync.Mutex
	done := 0
	err = ForEach(ctx, dir, items, func(i int, p *picture.Picture, err error) {
		var input *model.Input
		if err == nil {
			input, err = model.Preprocess(p)
		}
		if err == nil && !listable(items[i].File) {
			err = errName
		}
		if err == nil {
			use(i, input)
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			unreadable[items[i].File] = err
		}
		done++
		if progress != nil {
			progress(done, len(items))
		}
	})
	return unreadable, err
}

func errNoneReadable(dir string) error {
	return fmt.Errorf("none of the files in %s is a readable picture", dir)
}

// sentence is an error for the person who chose the file, as picture.Error is.
type sentence string

func (s sentence) Error() string { return string(s) }

// errName is why a picture that could be read is left out.
const errName = sentence("The file's name holds a tab or a line break, or ends in # and a number, which a split cannot list. Expected another name.")

// keep returns the elements of s whose index passes.
func keep[T any](s []T, pass func(i int) bool) []T {
	var kept []T
	for i, v := range s {
		if pass(i) {
			kept = append(kept, v)
		}
	}
	return kept
}

// knownPairs turns sets of files into pairs of indices of items; files that are
// not among the items are passed over.
func knownPairs(items []Item, sets [][]string) (pairs [][2]int) {
	index := make(map[string]int, len(items))
	for i, item := range items {
		index[item.File] = i
	}
	for _, set := range sets {
		present := slices.DeleteFunc(slices.Clone(set), func(f string) bool { _, ok := index[f]; return !ok })
		for k := 1; k < len(present); k++ {
			pairs = append(pairs, [2]int{index[present[0]], index[present[k]]})
		}
	}
	return pairs
}

func writeFile(name string, content func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := content(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// writeNPY writes the header of NumPy's file format, version 1.0 (NumPy
// Enhancement Proposal 1), and then what content writes.
func writeNPY(w io.Writer, dtype string, shape []int, content func() error) error {
	dims := ""
	for _, d := range shape {
		dims += fmt.Sprintf("%d,", d)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", dtype, dims)
	const fixed = 10 // magic, version and length
	padding := 64 - (fixed+len(header)+1)%64
	header += fmt.Sprintf("%*s\n", padding, "")
	if _, err := fmt.Fprintf(w, "\x93NUMPY\x01\x00%c%c%s", len(header)%256, len(header)/256, header); err != nil {
		return err
	}
	return content()
}
