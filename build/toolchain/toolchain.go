// Package toolchain runs the go command so that what it makes depends on the
// sources alone.
package toolchain

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Target is what a program is built for.
type Target struct {
	OS, Arch string
}

// JS is what the page's program is built for.
var JS = Target{"js", "wasm"}

// Go runs the go command in root, for target, with none of the settings of whoever
// calls it, and returns what it prints.
func Go(root string, target Target, args ...string) ([]byte, error) {
	release, err := Release(root)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS="+target.OS, "GOARCH="+target.Arch, "GOWASM=", "GOAMD64=", "GOARM64=", "GOFLAGS=", "GOEXPERIMENT=", "GOTOOLCHAIN=go"+release, "CGO_ENABLED=0", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}

// Build compiles the package to the file out without anything that differs between
// two machines: no paths, no version control stamp, no build id. settings are the
// values of string variables of package main, as NAME=VALUE.
func Build(root string, target Target, out, pkg string, tags []string, settings ...string) error {
	return BuildWith(root, "", target, out, pkg, tags, settings...)
}

// BuildWith is Build with other files in the place of some: overlay names a file as
// `go build -overlay` takes it, or is empty.
func BuildWith(root, overlay string, target Target, out, pkg string, tags []string, settings ...string) error {
	flags := "-s -w -buildid="
	for _, s := range settings {
		flags += " -X main." + s
	}
	_, err := Go(root, target, "build", "-tags="+strings.Join(tags, ","), "-trimpath", "-buildvcs=false", "-overlay="+overlay, "-ldflags="+flags, "-o", out, pkg)
	return err
}

var goDirective = regexp.MustCompile(`(?m)^go (\d+\.\d+\.\d+)$`)

// Release is the Go release that go.mod names. Everything is built with exactly
// that one: another would give other bytes, and might decode pictures otherwise.
func Release(root string) (string, error) {
	data, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	m := goDirective.FindSubmatch(data)
	if m == nil {
		return "", fmt.Errorf("go.mod names no Go release; expected a line like go 1.26.8")
	}
	return string(m[1]), nil
}
