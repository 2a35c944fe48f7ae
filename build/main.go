// Command build makes the page: it compiles the worker's program to WebAssembly,
// puts style, scripts and programs into one file, seals it with a content
// security policy made of their hashes, and writes static/index.html.
//
//	go run ./build         write static/index.html
//	go run ./build -serve  … and serve it on this machine
//
// The same sources and the same Go release give the same bytes, wherever the
// sources lie.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// release is the version that the page states. It changes with a release, not
// with a commit: the page's bytes are a function of its sources alone.
const release = "0.1.0"

func main() {
	root := flag.String("root", ".", "root of the sources")
	out := flag.String("out", "static", "folder to write to")
	version := flag.String("version", release, "version that the page states")
	serve := flag.Bool("serve", false, "serve the page afterwards")
	address := flag.String("address", "localhost:8080", "address to serve on; a free port is taken where this one is in use")
	flag.Parse()
	err := run(*root, *out, *version)
	if err == nil && *serve {
		err = servePage(*out, *address)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// run builds the page from the sources under root and writes it to the folder out,
// with its SHA-256 in a second file beside it.
func run(root, out, version string) error {
	page, err := buildPage(root, version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	name := filepath.Join(out, "index.html")
	if err := os.WriteFile(name, page, 0o644); err != nil {
		return err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(page))
	if err := os.WriteFile(name+".sha256", []byte(sum+"  index.html\n"), 0o644); err != nil {
		return err
	}
	fmt.Printf("%s\n  version %s\n  SHA-256 %s\n  %.2f MB, %.2f MB gzip\n", name, version, sum, megabytes(len(page)), megabytes(len(compress(page))))
	return nil
}

// compress is gzip at its highest level, with no name and no time in the header.
func compress(data []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write(data) // a bytes.Buffer accepts everything
	w.Close()
	return buf.Bytes()
}

func megabytes(n int) float64 { return float64(n) / 1e6 }
