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

// inside is the network whose weights the program itself holds: the one that is asked where nobody chooses another. Those
// of the others stand behind the programs, which need not wait for them.
const inside = "cells"

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

// compileProgram builds the worker's Go program. It holds the weights of one network, packed, of which the
// page becomes a sixth smaller.
func compileProgram(root string, id source.Identity) ([]byte, error) {
	dir, err := os.MkdirTemp("", "allnet-build-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	all, err := packedWeights(root)
	if err != nil {
		return nil, err
	}
	overlay, err := overlayOf(dir, all)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(dir, "allnet.wasm")
	if err := toolchain.BuildWith(root, overlay, toolchain.JS, name, "./wasm", []string{"simd"}, id.Settings()...); err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

// weights are those of a network, packed.
type weights struct {
	network string
	file    string // of the sources
	packed  []byte
}

// packedWeights returns the weights of all networks, in the order of their names.
func packedWeights(root string) ([]weights, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(root, "model", "*.onnx"))
	if err != nil {
		return nil, err
	}
	var all []weights
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, weights{strings.TrimSuffix(filepath.Base(file), ".onnx"), file, packing.Pack(data)})
	}
	return all, nil
}

// overlayOf writes to the folder dir what the go command is to embed in the place of the weights of the sources, packed ones
// of the network inside and nothing of the others, and a file that tells it so.
func overlayOf(dir string, all []weights) (overlay string, err error) {
	var instead struct{ Replace map[string]string }
	instead.Replace = make(map[string]string)
	for _, w := range all {
		data := w.packed
		if w.network != inside {
			data = nil
		}
		name := filepath.Join(dir, filepath.Base(w.file))
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return "", err
		}
		instead.Replace[w.file] = name
	}
	text, err := json.Marshal(instead)
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o644)
}
