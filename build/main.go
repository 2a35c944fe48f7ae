// Command build makes the page and what is released with it.
//
//	go run ./build           write static/index.html
//	go run ./build -serve    … and serve it on this machine
//	go run ./build -release  write the files of a release to dist/
//
// Package page says what the page is made of; the same sources give the same bytes.
package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"allnet/build/page"
	"allnet/build/source"
)

func main() {
	root := flag.String("root", ".", "root of the sources")
	out := flag.String("out", "", "folder to write to; else static, or dist for a release")
	serve := flag.Bool("serve", false, "serve the page afterwards")
	address := flag.String("address", "localhost:8080", "address to serve on; a free port is taken where this one is in use")
	asRelease := flag.Bool("release", false, "write the page, the programs, their sums and lists instead of the page alone")
	tag := flag.String("tag", "", "with -release: the tag that is released; fail where the sources are not of it")
	var as source.Identity
	flag.StringVar(&as.Version, "version", "", "with -revision: say this version instead of what CHANGELOG.md says")
	flag.StringVar(&as.Revision, "revision", "", "with -version: say this revision instead of what git says; so allnet page asks what the source would be under another name")
	flag.Parse()
	var err error
	switch {
	case *asRelease:
		err = writeRelease(*root, or(*out, "dist"), *tag, targets)
	default:
		err = writePage(*root, or(*out, "static"), as)
		if err == nil && *serve {
			err = servePage(or(*out, "static"), *address)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// identify returns the identity of the sources, and says on stderr why its revision
// is not known.
func identify(root string) (source.Identity, error) {
	id, note, err := source.Identify(root)
	if note != "" {
		fmt.Fprintln(os.Stderr, "build:", note)
	}
	return id, err
}

// writePage builds the page from the sources under root and writes it to the folder
// out, with its SHA-256 in a second file beside it. The page says that it is of id, or,
// where that is empty, of what the sources are.
func writePage(root, out string, id source.Identity) error {
	if id == (source.Identity{}) {
		var err error
		if id, err = identify(root); err != nil {
			return err
		}
	}
	if !id.WellFormed() {
		return fmt.Errorf("version %q and revision %q are not of the form 1.2.3 and a commit", id.Version, id.Revision)
	}
	built, err := page.Build(root, id)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(out, "index.html")
	if err := os.WriteFile(name, built, 0o644); err != nil {
		return err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(built))
	if err := os.WriteFile(name+".sha256", []byte(sum+"  index.html\n"), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s\n  version %s, revision %s\n  SHA-256 %s\n  %.2f MB, %.2f MB gzip\n", name, id.Version, id.Revision, sum, megabytes(len(built)), megabytes(page.Sent(built)))
	return nil
}

func megabytes(n int) float64 { return float64(n) / 1e6 }
