package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allnet/build/page"
	"allnet/build/source"
	"allnet/build/toolchain"
)

// targets are what the command line is released for.
var targets = []toolchain.Target{
	{OS: "darwin", Arch: "amd64"},
	{OS: "darwin", Arch: "arm64"},
	{OS: "linux", Arch: "amd64"},
	{OS: "linux", Arch: "arm64"},
	{OS: "windows", Arch: "amd64"},
	{OS: "windows", Arch: "arm64"},
}

// The names of the files of a release.
const (
	pageName     = "allnet.html"
	billName     = "allnet.cdx.json"
	licencesName = "LICENCES.txt"
	sumsName     = "SHA256SUMS"
)

// programName is the name of the command line for a target.
func programName(t toolchain.Target) string {
	name := "allnet-" + t.OS + "-" + t.Arch
	if t.OS == "windows" {
		name += ".exe"
	}
	return name
}

// writeRelease writes the files of a release, made of the sources under root, to the
// folder out: the page, the command line for each target, what they are made of,
// the licences of all of it, and the SHA-256 of each. The same sources give the
// same bytes. Where tag is given, the sources must be what it says.
func writeRelease(root, out, tag string, targets []toolchain.Target) error {
	id, err := identify(root)
	if err != nil {
		return err
	}
	if err := ofTag(id, tag); err != nil {
		return err
	}
	if err := emptyFolder(out); err != nil {
		return err
	}
	built, err := page.Build(root, id)
	if err != nil {
		return err
	}
	pageHash := fmt.Sprintf("%x", sha256.Sum256(built))
	if err := os.WriteFile(filepath.Join(out, pageName), built, 0o644); err != nil {
		return err
	}
	// The page comes first: the programs know its hash.
	settings := append(id.Settings(), "pageHash="+pageHash)
	for _, t := range targets {
		name, err := filepath.Abs(filepath.Join(out, programName(t)))
		if err != nil {
			return err
		}
		if err := toolchain.Build(root, t, name, "./cmd/allnet", nil, settings...); err != nil {
			return err
		}
		fmt.Println("built", programName(t))
	}
	contents, err := contentsOf(root, targets)
	if err != nil {
		return err
	}
	bill, err := contents.bill(root, out, id)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, billName), bill, 0o644); err != nil {
		return err
	}
	licences, err := contents.licences(root)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, licencesName), licences, 0o644); err != nil {
		return err
	}
	sums, err := sumsOf(out)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(out, sumsName), sums, 0o644); err != nil {
		return err
	}
	fmt.Printf("version %s, revision %s\n%s", id.Version, id.Revision, sums)
	return nil
}

// ofTag fails where the sources are not those that the tag names.
func ofTag(id source.Identity, tag string) error {
	switch {
	case tag == "":
		return nil
	case tag != "v"+id.Version:
		return fmt.Errorf("the tag is %s, but CHANGELOG.md ends in version %s", tag, id.Version)
	case id.Revision == source.Unknown || strings.Contains(id.Revision, "+"):
		return fmt.Errorf("the sources are of revision %s; a release is made of a commit", id.Revision)
	}
	return nil
}

// emptyFolder makes the folder, or empties it of the files of an earlier release. One
// that holds anything else is left alone.
func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		return err
	}
	if len(entries) > 0 && !slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == pageName }) {
		return fmt.Errorf("%s holds files, but no release", dir)
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// sumsOf lists the SHA-256 of the files in dir as sha256sum does, by name.
func sumsOf(dir string) ([]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var sums bytes.Buffer
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	return sums.Bytes(), nil
}
