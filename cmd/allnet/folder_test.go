package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalSaysWhatItPassedOver(t *testing.T) {
	dir := smears(t)
	if err := os.RemoveAll(filepath.Join(dir, "Early")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".DS_Store", "Thumbs.db", "more/a.png", ".a", ".b", ".c"} {
		write(t, filepath.Join(dir, "Pre", name), nil)
	}
	status, stdout, stderr := allnet("eval", dir)
	if status != 0 || !strings.Contains(stdout, " of 3;") {
		t.Errorf("status %d, %s; want three pictures", status, stdout)
	}
	want := dir + " has no folder Early.\nPassed over as no picture files: 6 (Pre/.DS_Store, Pre/.a, Pre/.b, Pre/.c, Pre/Thumbs.db, …).\n"
	if stderr != want {
		t.Errorf("got %q, want %q", stderr, want)
	}
}

// What cannot be written is found out before the work, and nothing is left behind.
func TestEvalOpensItsFileBeforeTheWork(t *testing.T) {
	dir := smears(t)
	for _, out := range []string{filepath.Join(dir, "none", "eval.json"), dir} {
		status, stdout, stderr := allnet("eval", dir, "-json", out)
		if status != 1 || stdout != "" || !strings.Contains(stderr, out+": The file could not be opened") {
			t.Errorf("%s: status %d, %q, %q", out, status, stdout, stderr)
		}
	}
	out := t.TempDir()
	if status, _, stderr := allnet("eval", dir, "-json", filepath.Join(out, "eval.json")); status != 0 {
		t.Errorf("status %d, %s", status, stderr)
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 || entries[0].Name() != "eval.json" {
		t.Errorf("%v, %v; want eval.json alone", entries, err)
	}
}

// Links and devices keep their place.
func TestOutFilesAreWrittenThroughALink(t *testing.T) {
	dir := t.TempDir()
	link, target := filepath.Join(dir, "link"), filepath.Join(dir, "target")
	if err := os.Symlink("target", link); err != nil {
		t.Skip("left out: this system makes no links")
	}
	f, err := createOut(link)
	if err != nil {
		t.Fatal(err)
	}
	defer f.discard()
	if _, err := f.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if err := f.commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if data, errTarget := os.ReadFile(target); err != nil || errTarget != nil || string(data) != "text" || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%q, %v, %v", data, err, errTarget)
	}
}

func TestPrepareFollowsAGivenSplit(t *testing.T) {
	dir, out := smears(t), t.TempDir()
	split := splitOf(t, dir)[1:] // without the first picture
	name := writeSplit(t, split)
	status, stdout, stderr := allnet("prepare", "-split", name, dir, out)
	if status != 0 || !strings.Contains(stdout, "3 pictures") || !strings.Contains(stderr, "left out 1 pictures that "+name+" does not list") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(out, "split.tsv")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("split.tsv is %s, want %s", got, want)
	}
	if err := os.Remove(filepath.Join(dir, filepath.FromSlash(split[0].File))); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := allnet("prepare", "-split", name, dir, out); status != 1 || !strings.Contains(stderr, "2 of the 3 pictures that the split lists") {
		t.Errorf("status %d, %s; a picture is missing", status, stderr)
	}
}
