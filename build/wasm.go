package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"allnet/model/engine/simd"
)

// program is a WebAssembly module that travels in the page.
type program struct {
	// id is the id of the element that holds it; web/payload.js knows it by this name.
	id string
	// code is the module itself.
	code []byte
}

// programs returns the modules of the page in the order in which they stand in
// the file: the Go program and the SIMD kernels that work on its memory.
func programs(root, version string) ([]program, error) {
	code, err := compileProgram(root, version)
	if err != nil {
		return nil, err
	}
	return []program{{"program", code}, {"kernels", simd.Kernels}}, nil
}

// workerScripts returns the worker's source: the loader that belongs to the Go
// release, what joins the kernels to the program, then our own script.
func workerScripts(root string) (string, error) {
	goroot, err := goTool(root, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	loader, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		return "", fmt.Errorf("the loader of the Go release: %w", err)
	}
	own, err := os.ReadFile(filepath.Join(root, "web", "worker", "worker.js"))
	if err != nil {
		return "", err
	}
	return strings.Join([]string{string(loader), simd.Glue, string(own)}, "\n"), nil
}

// compileProgram builds the worker's Go program without anything that differs
// between two machines: no paths, no version control stamp, no build id.
func compileProgram(root, version string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "allnet-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "allnet.wasm")
	_, err = goTool(root, "build", "-tags=simd", "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w -buildid= -X main.version="+version, "-o", name, "./wasm")
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// goTool runs the go command in root, for js/wasm, with none of the settings of
// whoever calls it, and returns what it prints.
func goTool(root string, args ...string) ([]byte, error) {
	release, err := goRelease(root)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOWASM=", "GOFLAGS=", "GOEXPERIMENT=", "GOTOOLCHAIN=go"+release, "CGO_ENABLED=0", "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}

var goDirective = regexp.MustCompile(`(?m)^go (\d+\.\d+\.\d+)$`)

// goRelease is the Go release that go.mod names. The page is built with exactly
// that one: another would give other bytes, and might decode pictures otherwise.
func goRelease(root string) (string, error) {
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
