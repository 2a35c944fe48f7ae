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

// Listing is what a data set's folder holds.
type Listing struct {
	// Items are the pictures, sorted by class and then by name.
	Items []Item
	// PassedOver are the entries of the class folders that are no pictures: see
	// List. The names are paths as Item.File is.
	PassedOver []string
	// Missing are the classes that have no folder.
	Missing []model.Class
}

// List finds the pictures of dir, which is laid out as
// dir/{Benign,Early,Pre,Pro}/*. Nothing is assumed of the pictures' names, and
// their contents are not looked at: every regular file, or link to one, counts as
// a picture. Passed over are the files that a desktop leaves in folders (names that
// begin with a dot, Thumbs.db, desktop.ini), folders, pipes, devices and dangling
// links.
func List(dir string) (*Listing, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	l := new(Listing)
	for _, class := range model.Classes {
		entries, err := os.ReadDir(filepath.Join(dir, class.String()))
		if errors.Is(err, fs.ErrNotExist) {
			l.Missing = append(l.Missing, class)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the pictures of class %s: %w", class, err)
		}
		for _, entry := range entries {
			file := path.Join(class.String(), entry.Name())
			if LeftByDesktop(entry.Name()) || !Regular(filepath.Join(dir, class.String(), entry.Name())) {
				l.PassedOver = append(l.PassedOver, file)
				continue
			}
			l.Items = append(l.Items, Item{File: file, Label: class})
		}
	}
	if len(l.Items) == 0 {
		return nil, fmt.Errorf("%s holds no labelled pictures; expected the folders Benign, Early, Pre and Pro with pictures in them", dir)
	}
	slices.SortFunc(l.Items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), strings.Compare(a.File, b.File))
	})
	return l, nil
}

// LeftByDesktop tells the names of files that a desktop leaves in folders: those that begin with
// a dot, Thumbs.db, desktop.ini.
func LeftByDesktop(name string) bool {
	return strings.HasPrefix(name, ".") || strings.EqualFold(name, "Thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// Regular tells whether name is a regular file or a link to one: opening a pipe,
// for one, may wait for ever.
func Regular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// ForEach decodes the items' pictures on all cores and calls
// use once for every item, in no particular order and from several goroutines.
// err is set, and the picture nil, where the file is no readable picture. ForEach
// returns ctx's error when it was cancelled.
func ForEach(ctx context.Context, dir string, items []Item, use func(i int, p *picture.Picture, err error)) error {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(items) {
					return
				}
				p, err := Read(filepath.Join(dir, filepath.FromSlash(items[i].File)))
				use(i, p, err)
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}
