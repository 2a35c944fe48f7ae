//go:build !js

package lime

import (
	"os"
	"os/exec"
	"testing"
)

// Quickshift with the SIMD twin, run in Node as the page's worker runs it: the densities of the definition, and the labels of the
// fixtures. Without it, as in a browser that has no SIMD, the page's program uses the plain loops.
func TestSIMDInNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so quickshift was not run in SIMD")
	}
	// Opening the files here lets go test see that they have changed.
	const joined = "../model/engine/simd/"
	for _, name := range []string{"density_simd.go", "density_simd_test.go", joined + "run.js", joined + "glue.js", joined + "kernels.wasm"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, tests, leaveOut string }{
		{"with SIMD", "SIMD|uickshift", ""},
		{"without SIMD", "SIMD", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-tags=simd", "-short", "-exec=node "+joined+"run.js", "-run="+c.tests, ".")
			cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "ALLNET_NO_SIMD="+c.leaveOut)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
