package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repository copies what `allnet report` reads and writes.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"README.md", "RATIONALE.md", "MODEL_CARD.md", "web/cards.html", "lab/split.tsv"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), data)
	}
	if err := os.CopyFS(filepath.Join(dir, "lab/results"), os.DirFS("../../lab/results")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestReportMendsWhatDiffers(t *testing.T) {
	dir := repository(t)
	if status, stdout, stderr := allnet("report", "-check", dir); status != 0 || stdout != "" {
		t.Fatalf("status %d, %s%s; nothing differs", status, stdout, stderr)
	}
	card, stale := filepath.Join(dir, "MODEL_CARD.md"), filepath.Join(dir, "lab/results/old.svg")
	inPage := filepath.Join(dir, "web/cards.html")
	shown, err := os.ReadFile(inPage)
	if err != nil {
		t.Fatal(err)
	}
	write(t, inPage, []byte(strings.Replace(string(shown), "%", "% or so", 1)))
	want, err := os.ReadFile(card)
	if err != nil {
		t.Fatal(err)
	}
	write(t, card, []byte(strings.Replace(string(want), "%", "% or so", 1)))
	write(t, stale, nil)
	status, stdout, stderr := allnet("report", dir, "-check")
	if status != 1 || stdout != "MODEL_CARD.md is not what the results say\nweb/cards.html is not what the results say\nlab/results/old.svg is a figure of no result\n" || !strings.Contains(stderr, "3 files differ") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	if status, stdout, stderr := allnet("report", dir); status != 0 || stdout != "written: MODEL_CARD.md\nwritten: web/cards.html\nremoved: lab/results/old.svg\n" {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	if got, err := os.ReadFile(card); err != nil || string(got) != string(want) {
		t.Errorf("%v; the card was not mended", err)
	}
	if got, err := os.ReadFile(inPage); err != nil || string(got) != string(shown) {
		t.Errorf("%v; the cards of the page were not mended", err)
	}
	if _, err := os.Stat(stale); !os.IsNotExist(err) {
		t.Errorf("%v; the stale figure is still there", err)
	}
	if status, _, stderr := allnet("report", filepath.Join(dir, "model")); status != 1 || !strings.Contains(stderr, "split.tsv") {
		t.Errorf("status %d, %s; the folder is not the source folder", status, stderr)
	}
}
