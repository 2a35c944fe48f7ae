//go:build !js

package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The SIMD kernels, run in Node as the page's worker runs them: the same bits as
// the plain kernels there and as this platform's, and the plain kernels where
// SIMD is missing.
func TestSIMDInNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so the SIMD kernels were not run")
	}
	// Opening the files here lets go test see that they have changed.
	for _, name := range []string{"kernels_simd.go", "kernels_simd_test.go", "simd/run.js", "simd/glue.js", "simd/kernels.wasm"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(t.TempDir(), "engine.wasm")
	build := exec.Command("go", "test", "-c", "-tags=simd", "-o="+binary, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	digest := logitsDigest(t)
	for _, c := range []struct{ name, tests, leaveOut string }{
		{"with SIMD", ".", ""},
		{"without SIMD", "Digest", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), "node", "simd/run.js", binary, "-test.short", "-test.run="+c.tests)
			cmd.Env = append(os.Environ(), digestVariable+"="+digest, "ALLNET_NO_SIMD="+c.leaveOut)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
