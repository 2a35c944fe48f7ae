package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"

	"allnet/lab/dataset"
	"allnet/model/picture"
)

// isRemote tells whether a path names an object store.
func isRemote(name string) bool { return strings.Contains(name, "://") }

var filesystems sync.Map // of scheme: filesystem.Interface

// systemOf is Beam's file system of a path, opened once a process.
func systemOf(ctx context.Context, name string) (filesystem.Interface, error) {
	scheme := ""
	if isRemote(name) {
		scheme, _, _ = strings.Cut(name, "://")
	}
	if fs, ok := filesystems.Load(scheme); ok {
		return fs.(filesystem.Interface), nil
	}
	fs, err := filesystem.New(context.WithoutCancel(ctx), name)
	if err != nil {
		return nil, err
	}
	kept, _ := filesystems.LoadOrStore(scheme, fs)
	return kept.(filesystem.Interface), nil
}

func open(ctx context.Context, name string) (io.ReadCloser, error) {
	system, err := systemOf(ctx, name)
	if err != nil {
		return nil, err
	}
	return system.OpenRead(ctx, name)
}

// readFile reads a file of the output.
func readFile(ctx context.Context, name string) ([]byte, error) {
	f, err := open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// readPicture reads the bytes of a picture file. Its errors are sentences, those of the command line.
func readPicture(ctx context.Context, name string) ([]byte, error) {
	if !isRemote(name) {
		return dataset.ReadFile(name)
	}
	f, err := open(ctx, name)
	if err != nil {
		return nil, &dataset.FileError{Cause: err}
	}
	defer f.Close()
	return readLimited(f)
}

// readLimited reads no more than a picture file may have and one byte, whatever a header promises: what is longer is
// refused for that.
func readLimited(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, picture.MaxFileBytes+1))
	if err != nil {
		return nil, &dataset.FileError{Cause: &fs.PathError{Op: "read", Err: err}}
	}
	if len(data) > picture.MaxFileBytes {
		return nil, &picture.Error{Code: picture.FileTooLarge, Bytes: len(data)}
	}
	return data, nil
}

// create opens a file that stands under its name only once commit was called: whoever ends the program before leaves no
// half of a file there. Object stores do that by themselves.
func create(ctx context.Context, name string) (w io.WriteCloser, commit func() error, err error) {
	system, err := systemOf(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if isRemote(name) {
		w, err = system.OpenWrite(ctx, name)
		return w, func() error { return w.Close() }, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".part-*")
	if err != nil {
		return nil, nil, err
	}
	return f, func() error {
		err := errors.Join(f.Chmod(0o644), f.Close())
		if err == nil {
			err = os.Rename(f.Name(), name)
		}
		if err != nil {
			os.Remove(f.Name())
		}
		return err
	}, nil
}

// writeFile writes a file as create does.
func writeFile(ctx context.Context, name string, data []byte) error {
	w, commit, err := create(ctx, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		w.Close()
		return err
	}
	return commit()
}

// filesIn lists the files of a folder of the output.
func filesIn(ctx context.Context, folder string) ([]string, error) {
	system, err := systemOf(ctx, folder)
	if err != nil {
		return nil, err
	}
	return system.List(ctx, folder+"/*")
}

// empty removes the files of a folder of the output.
func empty(ctx context.Context, folder string) error {
	names, err := filesIn(ctx, folder)
	if err != nil || len(names) == 0 {
		return err
	}
	system, err := systemOf(ctx, folder)
	if err != nil {
		return err
	}
	remover, ok := system.(filesystem.Remover)
	if !ok {
		return fmt.Errorf("files of %s cannot be removed; expected a folder that they can be removed from", folder)
	}
	for _, name := range names {
		if err := remover.Remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// changedAt is when a file was last changed; the zero time where that cannot be had.
func changedAt(ctx context.Context, name string) time.Time {
	system, err := systemOf(ctx, name)
	if err != nil {
		return time.Time{}
	}
	if g, ok := system.(filesystem.LastModifiedGetter); ok {
		if t, err := g.LastModified(ctx, name); err == nil {
			return t
		}
	}
	return time.Time{}
}
