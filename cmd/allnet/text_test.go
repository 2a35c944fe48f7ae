package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestPrintedAnswersHoldNoControlCharacters(t *testing.T) {
	dir := smears(t)
	name := "a\x1b[31m\nb.png"
	for _, args := range [][]string{
		{"classify", filepath.Join(dir, name)},
		{"explain", filepath.Join(dir, name)},
		{"eval", filepath.Join(dir, name)},
		{"classify", "-model", filepath.Join(dir, name), "x"},
		{"verify", filepath.Join(dir, name)},
	} {
		_, stdout, stderr := allnet(args...)
		if all := stdout + stderr; strings.Contains(all, "\x1b") || strings.Contains(all, "\nb.png") || !strings.Contains(all, `a\x1b[31m\nb.png`) {
			t.Errorf("%q: %q", args, all)
		}
	}
}
