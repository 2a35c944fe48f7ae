//go:build !js

package simd

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// The committed module is what its source says.
func TestKernelsAreAssembledFromSource(t *testing.T) {
	assembler, err := exec.LookPath("wat2wasm")
	if err != nil {
		t.Skip("left out: wat2wasm (Debian package wabt) is not installed, so kernels.wasm was not compared with kernels.wat.tmpl")
	}
	// Opening the files here lets go test see that they have changed.
	for _, name := range []string{"kernels.wat.tmpl", "expand.go"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	run := func(stdin []byte, name string, args ...string) []byte {
		cmd := exec.Command(name, args...)
		cmd.Stdin, cmd.Stderr = bytes.NewReader(stdin), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	source := run(nil, "go", "run", "expand.go")
	if got := run(source, assembler, "-", "--output=-"); !bytes.Equal(got, Kernels) {
		t.Error("kernels.wasm is not what kernels.wat.tmpl gives: go generate ./model/engine/simd")
	}
}
