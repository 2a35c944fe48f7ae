package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"allnet/build/pagecheck"
	"allnet/build/source"
	"allnet/internal/terminal"
)

// mostPage is more than any page has.
const mostPage = 64 << 20

// comparePage says whether a page is the one that the source gives. Where it cannot
// tell, the call is at fault, so that status 1 always means that the page differs.
func comparePage(set *flag.FlagSet) action {
	from := set.String("source", "", "the source `folder`; else the present one where it is one, else the page that this program was released with")
	return func(_ context.Context, args []string, stdout, stderr io.Writer) error {
		name := args[0]
		file, err := readPage(name)
		if err != nil {
			return &misuse{err}
		}
		root := *from
		if root == "" && isSource(".") {
			root = "."
		}
		switch {
		case root != "" && !isSource(root):
			return &misuse{fmt.Errorf("%s is not the source folder of ALL-Net", terminal.Shown(root))}
		case root != "":
			return compareWithSource(root, name, file, stdout, stderr)
		case pageHash != "":
			return compareWithRelease(name, file, stdout)
		}
		return &misuse{errors.New("there is nothing to compare with: the present folder is not the source folder, -source names none, and this program was not released with a page")}
	}
}

var errDiffers = errors.New("the page differs")

func compareWithSource(root, name string, file []byte, stdout, stderr io.Writer) error {
	id, note, err := source.Identify(root)
	if err != nil {
		return &misuse{err}
	}
	if note != "" {
		fmt.Fprintln(stderr, "allnet page:", note)
	}
	same, differences, err := pagecheck.Same(root, id, file)
	if err != nil {
		return &misuse{err}
	}
	if same {
		fmt.Fprintf(stdout, "%s is the page that this source gives\n  version %s, revision %s\n  SHA-256 %x\n", terminal.Shown(name), id.Version, id.Revision, sha256.Sum256(file))
		return nil
	}
	fmt.Fprintf(stdout, "%s is not the page that this source gives\n", terminal.Shown(name))
	for _, d := range differences {
		fmt.Fprintf(stdout, "  %s\n", d)
	}
	return errDiffers
}

// compareWithRelease is what a program can say without the source: whether a page is
// the one of its own release. Whoever trusts the program can trust that.
func compareWithRelease(name string, file []byte, stdout io.Writer) error {
	sum := fmt.Sprintf("%x", sha256.Sum256(file))
	if sum == pageHash {
		fmt.Fprintf(stdout, "%s is the page that was released with this program\n  version %s, revision %s\n  SHA-256 %s\n", terminal.Shown(name), version, sourceRevision(), sum)
		return nil
	}
	fmt.Fprintf(stdout, "%s is not the page that was released with this program\n  SHA-256 %s, of the release %s\n", terminal.Shown(name), sum, pageHash)
	if id, _, err := pagecheck.Take(file); err != nil {
		fmt.Fprintf(stdout, "  %s\n", err)
	} else {
		fmt.Fprintf(stdout, "  it says that it is of version %q, revision %q; the release is of %q, %q\n", id.Version, id.Revision, version, sourceRevision())
		fmt.Fprintf(stdout, "  where it differs can be told in the source folder of its revision\n")
	}
	return errDiffers
}

func readPage(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostPage+1))
	if err == nil && len(data) > mostPage {
		err = fmt.Errorf("%s is larger than any page", terminal.Shown(name))
	}
	return data, err
}

// isSource tells the folder that holds the sources.
func isSource(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && bytes.HasPrefix(text, []byte("module allnet\n"))
}
