package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// outFile is a file that is opened before the work and stands under its name
// only when all of it was written: what stood there before stays until then. A nil
// outFile is none: it takes JSON and keeps nothing.
type outFile struct {
	*os.File
	// name is where the file goes in the end; empty where it is written in place.
	name string
}

// createOut opens a new file beside name. A device, a pipe or a link is written in
// place, for taking its name would put a file where it is.
func createOut(name string) (*outFile, error) {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		f, err := os.Create(name)
		return &outFile{File: f}, err
	}
	f, err := os.Create(fmt.Sprintf("%s.%d.part", name, os.Getpid()))
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		p.Path = name // the one that the user knows
	}
	return &outFile{File: f, name: name}, err
}

// createAskedOut is createOut where a name was given, and no file where none was.
func createAskedOut(name string) (*outFile, error) {
	if name == "" {
		return nil, nil
	}
	return createOut(name)
}

// commit ends the file and gives it its name.
func (o *outFile) commit() error {
	if err := o.Close(); err != nil || o.name == "" {
		return err
	}
	return os.Rename(o.Name(), o.name)
}

// discard removes the file unless it was committed.
func (o *outFile) discard() {
	if o == nil {
		return
	}
	o.Close()
	if o.name != "" {
		os.Remove(o.Name())
	}
}

// commitJSON writes value into the file, indented, and commits it.
func (o *outFile) commitJSON(value any) error {
	if o == nil {
		return nil
	}
	encoder := json.NewEncoder(o)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return o.commit()
}
