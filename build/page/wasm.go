package page

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"allnet/build/source"
	"allnet/build/toolchain"
	"allnet/internal/packing"
)

// kernelFolder holds the WebAssembly twin of the kernels, below the sources' root.
const kernelFolder = "model/engine/simd"

// program is a WebAssembly module that travels in the page.
type program struct {
	// id is the id of the element that holds it; web/payload.js knows it by this name.
	id string
	// code is the module itself.
	code []byte
}

// programs returns the modules of the page in the order in which they stand in
// the file: the Go program and the SIMD kernels that work on its memory.
func programs(root string, id source.Identity) ([]program, error) {
	code, err := compileProgram(root, id)
	if err != nil {
		return nil, err
	}
	kernels, err := os.ReadFile(filepath.Join(root, kernelFolder, "kernels.wasm"))
	if err != nil {
		return nil, err
	}
	return []program{{"program", code}, {"kernels", kernels}}, nil
}

// workerScripts returns the worker's source: the loader that belongs to the Go
// release, what joins the kernels to the program, then our own script. The loader
// and the glue hand what they define to the scripts after them as globals.
func workerScripts(root string) (string, error) {
	goroot, err := toolchain.Go(root, toolchain.JS, "env", "GOROOT")
	if err != nil {
		return "", err
	}
	var scripts strings.Builder
	for i, name := range []string{
		filepath.Join(strings.TrimSpace(string(goroot)), "lib", "wasm", "wasm_exec.js"),
		filepath.Join(root, kernelFolder, "glue.js"),
	} {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("a script of the worker: %w", err)
		}
		script, err := minifyScript(filepath.Base(name), string(text))
		if err != nil {
			return "", err
		}
		if i == 0 {
			scripts.WriteString(notice(string(text)))
		}
		scripts.WriteString(script)
	}
	own, err := bundleScript(filepath.Join(root, "web"), "worker/worker.js")
	return scripts.String() + own, err
}

// notice is the comment at the beginning of a script: who wrote it, and under which
// licence.
func notice(source string) string {
	var lines strings.Builder
	for line := range strings.Lines(source) {
		if !strings.HasPrefix(line, "//") {
			break
		}
		lines.WriteString(line)
	}
	return lines.String()
}

// compileProgram builds the worker's Go program. It holds the weights packed, of which the
// page becomes a sixth smaller.
func compileProgram(root string, id source.Identity) ([]byte, error) {
	dir, err := os.MkdirTemp("", "allnet-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	overlay, err := packWeights(root, dir)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "allnet.wasm")
	if err := toolchain.BuildWith(root, overlay, toolchain.JS, name, "./wasm", []string{"simd"}, id.Settings()...); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// packWeights writes the weights, packed, to the folder dir, and a file there that tells
// the go command to embed them in the place of those of the sources.
func packWeights(root, dir string) (overlay string, err error) {
	root, err = filepath.Abs(root)
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(root, "model", "*.onnx"))
	if err != nil {
		return "", err
	}
	var instead struct{ Replace map[string]string }
	instead.Replace = make(map[string]string)
	for _, name := range files {
		weights, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		packed := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(packed, packing.Pack(weights), 0o644); err != nil {
			return "", err
		}
		instead.Replace[name] = packed
	}
	text, err := json.Marshal(instead)
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o644)
}
