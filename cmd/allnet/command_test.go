package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOptionsMayStandAnywhere(t *testing.T) {
	dir := smears(t)
	file := filepath.Join(dir, "Pro", "synthetic-4.png")
	_, want, _ := allnet("classify", "-json", file, file)
	for _, args := range [][]string{{"classify", file, "-json", file}, {"classify", file, file, "--json"}, {"classify", "-json", "--", file, file}} {
		if status, stdout, stderr := allnet(args...); status != 0 || stdout != want {
			t.Errorf("%v: status %d, %s%s; want %s", args, status, stdout, stderr, want)
		}
	}
	// Behind -- nothing is an option.
	if status, stdout, _ := allnet("classify", file, "--", "-json"); status != 1 || !strings.Contains(stdout, "-json: cannot assess (unreadable): ") {
		t.Errorf("status %d, %s; want a file named -json", status, stdout)
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}} {
		status, stdout, stderr := allnet(args...)
		if status != 0 || stderr != "" || !strings.Contains(stdout, "allnet classify [options] FILE...") {
			t.Errorf("%v: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
	for _, args := range [][]string{{"help", "eval"}, {"eval", "-h"}, {"eval", "somewhere", "--help"}} {
		status, stdout, stderr := allnet(args...)
		if status != 0 || stderr != "" || !strings.HasPrefix(stdout, "usage: allnet eval [options] DIR\n") || !strings.Contains(stdout, "-split file") {
			t.Errorf("%v: status %d, %q, %q", args, status, stdout, stderr)
		}
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestOutputThatCannotBeWrittenIsAFailure(t *testing.T) {
	dir := smears(t)
	file := filepath.Join(dir, "Pro", "synthetic-4.png")
	for _, args := range [][]string{
		{"help"},
		{"eval", "-h"},
		{"classify", file},
		{"case", "-explain=false", "-out", t.TempDir(), filepath.Dir(file)},
		{"schema"},
		{"eval", dir},
		{"examples", t.TempDir()},
		{"prepare", "-test", "0.5", dir, t.TempDir()},
		{"protocols", dir, t.TempDir()},
		{"verify"},
	} {
		var stderr bytes.Buffer
		if status := run(context.Background(), args, full{}, &stderr); status != statusFailed || strings.Count(stderr.String(), errFull.Error()) != 1 {
			t.Errorf("%v: status %d, %q", args, status, stderr.String())
		}
	}
}

// Whatever error a command makes of its end, Ctrl-C is called by its name, once;
// and what stood under the name of its output stays.
func TestInterruptedCommandsSayNothingElse(t *testing.T) {
	dir, kept := smears(t), t.TempDir()
	old := filepath.Join(kept, "eval.json")
	write(t, old, []byte("old"))
	file := filepath.Join(dir, "Pro", "synthetic-4.png")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, args := range [][]string{
		{"classify", file},
		{"case", "-out", t.TempDir(), dir},
		{"eval", "-json", old, dir},
		{"explain", "-out", t.TempDir(), "-class", "Pro", file},
		{"presets", dir},
		{"prepare", dir, t.TempDir()},
		{"protocols", dir, t.TempDir()},
		{"verify"},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(ctx, args, &stdout, &stderr); status != 130 || stderr.String() != "allnet "+args[0]+": interrupted\n" {
			t.Errorf("%v: status %d, %q", args, status, stderr.String())
		}
	}
	entries, err := os.ReadDir(kept)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(old); err != nil || string(data) != "old" || len(entries) != 1 {
		t.Errorf("%q, %v, %v; the old file is to stay, alone", data, err, entries)
	}
}
