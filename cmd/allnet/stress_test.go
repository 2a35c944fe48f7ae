package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/lab/stress"
)

func TestStressWritesATableAndAFileThatNamesItsSources(t *testing.T) {
	dir, out := smears(t), filepath.Join(t.TempDir(), "stress.json")
	split := writeSplit(t, splitOf(t, dir))
	status, stdout, stderr := allnet("stress", "-model", "article", "-split", split, "-side", "train,test", "-every", "2", "-kinds", "1", "-evidence", "0", "-foreign", dir, "-json", out, dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, want := range []string{"2 pictures;", "stain/moderate ", "cells erased/stained cells, smooth ", "white noise "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in %s", want, stdout)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var file stress.File
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	hash, err := fileHash(split)
	if err != nil {
		t.Fatal(err)
	}
	want := "allnet stress -every 2 -evidence 0 -foreign " + dir + " -kinds 1 -model article -side train,test -split " + split + " DIR"
	if file.Command != want || file.Name != "article" || file.Split != hash || strings.Join(file.Sides, " ") != "train test" {
		t.Errorf("command %q, model %s, split %s, sides %q", file.Command, file.Name, file.Split, file.Sides)
	}
	if len(file.Changes) != len(stress.Changes()) || file.Foreign[0].N != 4 || file.Evidence != nil {
		t.Errorf("got %s", data)
	}
}

func TestStressRefusesWhatItCannotUse(t *testing.T) {
	dir := smears(t)
	for want, args := range map[string][]string{
		"-side chooses a side": {"-side", "test", dir},
		"-every must be":       {"-every", "0", dir},
		"expected a folder":    {"-foreign", filepath.Join(dir, "Pro", "synthetic-4.png"), dir},
	} {
		if status, _, stderr := allnet(append([]string{"stress"}, args...)...); status == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%v: status %d, %q; want %q", args, status, stderr, want)
		}
	}
}
