package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/lab/dataset"
)

// Every protocol's file can be followed by prepare; where names carry no number,
// that is said.
func TestProtocolsWritesSplitsThatPrepareFollows(t *testing.T) {
	dir, out := smears(t), t.TempDir()
	if err := os.Rename(filepath.Join(dir, "Pro", "synthetic-4.png"), filepath.Join(dir, "Pro", "smear.png")); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := allnet("protocols", dir, out)
	if status != 0 || !strings.Contains(stderr, "Not all file names of Pro carry a number") {
		t.Errorf("status %d, %q", status, stderr)
	}
	files, err := filepath.Glob(filepath.Join(out, "*.tsv"))
	if err != nil || len(files) != 8 {
		t.Fatalf("%q, %v; want eight split files", files, err)
	}
	for _, name := range files {
		if !strings.Contains(stdout, name+"\n") {
			t.Errorf("%s is not named:\n%s", name, stdout)
		}
	}
	augmented := filepath.Join(out, "article-augmented.tsv")
	status, stdout, stderr = allnet("prepare", "-split", augmented, dir, t.TempDir())
	if status != 0 || !strings.Contains(stdout, "4 pictures") || !strings.Contains(stdout, "1 altered copies") || strings.Contains(stderr, "left out") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}

func TestEvalTakesNoAlteredCopies(t *testing.T) {
	dir := smears(t)
	split := splitOf(t, dir)
	split = append(split, dataset.Assignment{Item: split[0].Item, Side: dataset.Test, Copy: 1})
	status, _, stderr := allnet("eval", "-split", writeSplit(t, split), dir)
	if status != 1 || !strings.Contains(stderr, "lists an altered copy of Benign/") {
		t.Errorf("status %d, %q", status, stderr)
	}
}
