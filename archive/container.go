package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"allnet/cases"
	"allnet/lab/dataset"
	"allnet/model/picture"
)

// containerError says, in the words of picture.Error, that a tar or ZIP file could not be read to its end.
type containerError struct {
	read  int
	cause error
}

func (e *containerError) Error() string {
	return fmt.Sprintf("This tar or ZIP file is damaged or cut short: %d pictures could be read from it. Expected a complete file: copy or save it again.", e.read)
}

func (e *containerError) Unwrap() error { return e.cause }

// entryError says why one picture of a container could not be read.
type entryError struct{ cause error }

func (e *entryError) Error() string {
	if errors.Is(e.cause, errEncrypted) {
		return "The file is encrypted in its ZIP file. Expected one without a password."
	}
	return fmt.Sprintf("The file could not be read from its tar or ZIP file: %s. Expected a complete file: copy or save it again.", e.cause)
}

func (e *entryError) Unwrap() error { return e.cause }

var errEncrypted = errors.New("it is encrypted")

// content reads the bytes of a container's picture. Its errors are sentences.
type content func() ([]byte, error)

// eachPicture hands on the pictures of a tar or ZIP file in their order. Their names are unique: the second of one name has
// "#2" behind it. What is no picture by its name is passed over. The error is a *containerError, a *dataset.FileError or
// one of use.
func eachPicture(ctx context.Context, name string, use func(entry string, changed time.Time, read content) error, passedOver func(string)) error {
	f, err := open(ctx, name)
	if err != nil {
		return &dataset.FileError{Cause: err}
	}
	defer f.Close()
	w := &walkerOf{seen: make(map[string]int), use: use, passedOver: passedOver}
	if strings.HasSuffix(strings.ToLower(name), ".zip") {
		return w.zip(f)
	}
	var r io.Reader = f
	if !strings.HasSuffix(strings.ToLower(name), ".tar") {
		if r, err = gzip.NewReader(f); err != nil {
			return &containerError{cause: err}
		}
	}
	return w.tar(r)
}

// walkerOf goes through one container.
type walkerOf struct {
	seen       map[string]int
	read       int
	use        func(entry string, changed time.Time, read content) error
	passedOver func(string)
}

// hand hands a picture on.
func (w *walkerOf) hand(name string, regular bool, size int64, changed time.Time, read content) error {
	if !regular || dataset.LeftByDesktop(path.Base(name)) || !cases.MayBePicture(name) {
		if !strings.HasSuffix(name, "/") {
			w.passedOver(name)
		}
		return nil
	}
	w.seen[name]++
	if n := w.seen[name]; n > 1 {
		name = fmt.Sprintf("%s#%d", name, n)
	}
	if size > picture.MaxFileBytes {
		read = func() ([]byte, error) {
			return nil, &picture.Error{Code: picture.FileTooLarge, Bytes: int(size)}
		}
	}
	err := w.use(name, changed, read)
	if err == nil {
		w.read++
	}
	return err
}

func (w *walkerOf) tar(r io.Reader) error {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return &containerError{w.read, err}
		}
		var cut error
		err = w.hand(h.Name, h.Typeflag == tar.TypeReg, h.Size, h.ModTime, func() ([]byte, error) {
			data, err := readLimited(t)
			if errors.Is(err, io.ErrUnexpectedEOF) {
				cut = err
				return nil, &entryError{io.ErrUnexpectedEOF}
			}
			return data, err
		})
		switch {
		case err != nil:
			return err
		case cut != nil:
			return &containerError{w.read - 1, cut}
		}
	}
}

func (w *walkerOf) zip(f io.Reader) error {
	file, size, done, err := random(f)
	if err != nil {
		return &dataset.FileError{Cause: err}
	}
	defer done()
	z, err := zip.NewReader(file, size)
	if err != nil {
		return &containerError{cause: err}
	}
	for _, entry := range z.File {
		err := w.hand(entry.Name, entry.Mode().IsRegular(), int64(min(entry.UncompressedSize64, 1<<62)), entry.Modified, func() ([]byte, error) {
			if entry.Flags&1 != 0 {
				return nil, &entryError{errEncrypted}
			}
			r, err := entry.Open()
			if err != nil {
				return nil, &entryError{err}
			}
			defer r.Close()
			data, err := readLimited(r)
			if p := (*fs.PathError)(nil); errors.As(err, &p) {
				return nil, &entryError{p.Err}
			}
			return data, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// random is a file that can be read at any place, with its size: f itself, or a copy of what an object store gives, which done
// removes.
func random(f io.Reader) (file *os.File, size int64, done func(), err error) {
	done = func() {}
	file, ok := f.(*os.File)
	if !ok {
		if file, err = os.CreateTemp("", "allnet-*.zip"); err != nil {
			return nil, 0, done, err
		}
		done = func() { file.Close(); os.Remove(file.Name()) }
		if _, err := io.Copy(file, f); err != nil {
			done()
			return nil, 0, func() {}, err
		}
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, done, err
	}
	return file, info.Size(), done, nil
}
