package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/lab/cells"
)

func TestCellsWritesATableAndAFile(t *testing.T) {
	dir, out := smears(t), filepath.Join(t.TempDir(), "cells.json")
	status, stdout, stderr := allnet("cells", "-masks", dir, "-changed", "1", "-json", out, dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, want := range []string{"Benign ", "stain/moderate ", "another laboratory/strong "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in %s", want, stdout)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var file cells.File
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	if want := "allnet cells -changed 1 -masks " + dir + " DIR"; file.Command != want {
		t.Errorf("command %q, want %q", file.Command, want)
	}
	if len(file.Classes) != 4 || file.Foreign != nil || file.Changes[0].Pictures != 1 || file.Classes[0].Cells == 0 {
		t.Errorf("got %s", data)
	}
}

func TestCellsRefusesWhatItCannotUse(t *testing.T) {
	dir := smears(t)
	for want, args := range map[string][]string{
		"-every must be":       {"-every", "0", dir},
		"bccd_boxes.tsv":       {"-changed", "0", "-foreign", dir, dir},
		"no labelled pictures": {t.TempDir()},
	} {
		if status, _, stderr := allnet(append([]string{"cells"}, args...)...); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %q; want %q", args, status, stderr, want)
		}
	}
}
