//go:build !js

package simd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed module is what its source says.
func TestKernelsAreAssembledFromSource(t *testing.T) {
	assembler, err := exec.LookPath("wat2wasm")
	if err != nil {
		t.Skip("left out: wat2wasm (Debian package wabt) is not installed, so kernels.wasm was not compared with kernels.wat")
	}
	// Opening the source here lets go test see that it has changed.
	source, err := os.Open("kernels.wat")
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	name := filepath.Join(t.TempDir(), "kernels.wasm")
	if out, err := exec.Command(assembler, source.Name(), "-o", name).CombinedOutput(); err != nil {
		t.Fatalf("wat2wasm: %v\n%s", err, out)
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, Kernels) {
		t.Errorf("kernels.wasm is not what wat2wasm makes of kernels.wat: assemble it again (README.md)")
	}
}
