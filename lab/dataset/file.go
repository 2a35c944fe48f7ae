package dataset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"

	"allnet/model"
	"allnet/model/picture"
)

// FileError says, in the words of picture.Error, why the system did not open,
// read or write a file. The text does not name the file.
type FileError struct {
	// Cause is the system's error, most often an *fs.PathError.
	Cause error
}

// Error returns a sentence or two, in English.
func (e *FileError) Error() string {
	cause, what := e.Cause, "file could not be opened"
	if p := (*fs.PathError)(nil); errors.As(cause, &p) {
		cause = p.Err
		switch p.Op {
		case "read", "readdirent":
			what = "file could not be read"
		case "write", "close":
			what = "file could not be written"
		case "mkdir":
			what = "folder could not be made"
		}
	}
	why := cause.Error() + "."
	switch {
	case errors.Is(cause, fs.ErrNotExist):
		why = "there is no such file or folder. Expected the name of one that exists."
	case errors.Is(cause, fs.ErrPermission):
		why = "access to it is denied. Expected one that is open to you."
	case errors.Is(cause, syscall.EISDIR):
		why = "it is a folder. Expected a file."
	case errors.Is(cause, syscall.ENOTDIR):
		why = "a part of its path is not a folder. Expected a path of folders."
	}
	return fmt.Sprintf("The %s: %s", what, why)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Cause }

// Read decodes one picture file, which may be a pipe. Its errors are whole sentences that
// do not name the file: *FileError or *picture.Error.
func Read(name string) (*picture.Picture, error) {
	data, err := ReadFile(name)
	if err != nil {
		return nil, err
	}
	return picture.Decode(data)
}

// ReadInput is Read for a network that looks at whole pictures; its errors may also be
// what model.Preprocess says.
func ReadInput(name string) (*model.Input, error) {
	p, err := Read(name)
	if err != nil {
		return nil, err
	}
	return model.Preprocess(p)
}

// ReadFile reads the bytes of a picture file, no more than picture.Decode accepts and one: what is
// longer is refused there all the same. Its errors are those of Read.
func ReadFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, &FileError{err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, &FileError{err}
	}
	if info.Size() > picture.MaxFileBytes {
		return nil, &picture.Error{Code: picture.FileTooLarge, Bytes: int(min(info.Size(), math.MaxInt))}
	}
	return readLimited(f, int(info.Size()))
}

// readLimited reads r to its end, but one byte more than picture.Decode accepts at
// most: what is longer is refused there all the same. size is a guess of the length,
// for a pipe has none.
func readLimited(r io.Reader, size int) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := b.ReadFrom(io.LimitReader(r, picture.MaxFileBytes+1)); err != nil {
		return nil, &FileError{err}
	}
	return b.Bytes(), nil
}
