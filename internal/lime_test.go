//go:build !js

package internal_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever copies the folder lime into a module of their own, and puts their path in
// place of ours, has a library that compiles and passes its tests without anything
// else.
func TestLIMECanBeTakenAlongIntoAnotherProject(t *testing.T) {
	from, to := filepath.Join("..", "lime"), t.TempDir()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		place := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(place, 0o777)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".go") {
			data = bytes.ReplaceAll(data, []byte(`"allnet/lime`), []byte(`"example.com/x`))
		}
		return os.WriteFile(place, data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(to, "go.mod"), []byte("module example.com/x\n\ngo 1.26\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"vet ./...", "test -short ./..."} {
		run := exec.Command("go", strings.Fields(command)...)
		run.Dir = to
		run.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off", "ALLNET_SHARED=")
		if out, err := run.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", command, err, out)
		}
	}
}
