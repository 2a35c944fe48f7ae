// Package dataset reads a folder of labelled pictures, finds the pictures in it
// that are copies of one another, splits it into a training and a test side and
// writes both as the tensor file that the PyTorch recipe reads.
package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"allnet/model"
	"allnet/model/picture"
)

// Item is one labelled picture of a data set.
type Item struct {
	// File is the picture's path below the data set's folder, with slashes.
	File string
	// Label is the class that the picture's folder names.
	Label model.Class
}

// List finds the pictures of dir, which is laid out as
// dir/{Benign,Early,Pre,Pro}/*, sorted by class and then by name. Nothing is
// assumed of the file names. Files whose names begin with a dot are passed over.
func List(dir string) ([]Item, error) {
	var items []Item
	for _, class := range model.Classes {
		entries, err := os.ReadDir(filepath.Join(dir, class.String()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the pictures of class %s: %w", class, err)
		}
		for _, entry := range entries {
			if entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
				continue
			}
			items = append(items, Item{File: path.Join(class.String(), entry.Name()), Label: class})
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("%s holds no labelled pictures; expected the folders Benign, Early, Pre and Pro with pictures in them", dir)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), strings.Compare(a.File, b.File))
	})
	return items, nil
}

// ForEach decodes and preprocesses the items' pictures on all cores and calls
// use once for every item, in no particular order and from several goroutines.
// err is set, and input nil, where the file is no readable picture. ForEach
// returns ctx's error when it was cancelled.
func ForEach(ctx context.Context, dir string, items []Item, use func(i int, input *model.Input, err error)) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				input, err := Read(filepath.Join(dir, filepath.FromSlash(items[i].File)))
				use(i, input, err)
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}

// Read decodes and preprocesses one picture file.
func Read(name string) (*model.Input, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p, err := picture.Decode(data)
	if err != nil {
		return nil, err
	}
	return model.Preprocess(p)
}
