package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"allnet/build/page"
	"allnet/build/source"
	"allnet/model"
)

func TestVersionNamesSourceGoReleaseAndWeights(t *testing.T) {
	status, stdout, stderr := allnet("version")
	want := []string{"version development\nrevision ", "\n" + runtime.Version() + " "}
	for _, b := range model.Shipped() {
		want = append(want, fmt.Sprintf("\nweights of %s: SHA-256 %x\n", b.Name, sha256.Sum256(b.Weights())))
	}
	for _, w := range want {
		if status != 0 || stderr != "" || !strings.Contains(stdout, w) {
			t.Errorf("status %d, %s%s; expected %q", status, stdout, stderr, w)
		}
	}
}

func TestPageTellsWhetherAPageIsTheSources(t *testing.T) {
	id, _, err := source.Identify("../..")
	if err != nil {
		t.Fatal(err)
	}
	own, err := page.Build("../..", id)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	same, other, text := filepath.Join(dir, "same.html"), filepath.Join(dir, "other.html"), filepath.Join(dir, "text.html")
	write(t, same, own)
	write(t, other, []byte(strings.Replace(string(own), "Not a medical device", "A medical device", 1)))
	write(t, text, []byte("hello"))
	for _, c := range []struct {
		args   []string
		status int
		stdout []string
		stderr string
	}{
		{[]string{same, "-source", "../.."}, 0, []string{same + " is the page that this source gives\n", "version " + id.Version + ", revision " + id.Revision, fmt.Sprintf("SHA-256 %x", sha256.Sum256(own))}, ""},
		{[]string{other, "-source", "../.."}, 1, []string{other + " is not the page that this source gives\n  text: "}, "allnet page: the page differs\n"},
		{[]string{text, "-source", "../.."}, 1, []string{"  it is no page of ALL-Net"}, "the page differs"},
		{[]string{same}, 2, nil, "there is nothing to compare with"},
		{[]string{same, "-source", dir}, 2, nil, dir + " is not the source folder of ALL-Net"},
		{[]string{filepath.Join(dir, "missing.html")}, 2, nil, "missing.html: "},
		{nil, 2, nil, "got 0 arguments"},
		{[]string{same, other}, 2, nil, "got 2 arguments"},
	} {
		status, stdout, stderr := allnet(append([]string{"page"}, c.args...)...)
		if status != c.status || !strings.Contains(stderr, c.stderr) || (c.stderr == "") != (stderr == "") || (c.stdout == nil) != (stdout == "") {
			t.Errorf("%v: status %d, %q, %q; expected status %d, %q", c.args, status, stdout, stderr, c.status, c.stderr)
		}
		for _, want := range c.stdout {
			if !strings.Contains(stdout, want) {
				t.Errorf("%v: %q; expected %q", c.args, stdout, want)
			}
		}
	}
}

func TestPageWithoutTheSourceKnowsThePageOfItsRelease(t *testing.T) {
	defer func(hash string) { pageHash = hash }(pageHash)
	released := filepath.Join(t.TempDir(), "allnet.html")
	write(t, released, []byte("released"))
	pageHash = fmt.Sprintf("%x", sha256.Sum256([]byte("released")))
	if status, stdout, stderr := allnet("page", released); status != 0 || stderr != "" || !strings.Contains(stdout, "is the page that was released with this program") || !strings.Contains(stdout, pageHash) {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	write(t, released, []byte("changed"))
	if status, stdout, stderr := allnet("page", released); status != 1 || !strings.Contains(stderr, "differs") || !strings.Contains(stdout, "is not the page that was released") || !strings.Contains(stdout, "no page of ALL-Net") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
	if _, err := os.Stat("go.mod"); err == nil {
		t.Error("this test must not run in the source folder")
	}
}
