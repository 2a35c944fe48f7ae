//go:build !js

package simd

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Quickshift with its SIMD twin, run in Node as the page's worker runs it: the densities of the definition, and the
// labels of the fixtures. Without it, as in a browser that has no SIMD, the page's program uses the plain loops. The
// test stands here because package lime knows nothing of where its twin comes from.
func TestQuickshiftInNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so quickshift was not run in SIMD")
	}
	// Opening the files here lets go test see that they have changed.
	const lime = "../../../lime"
	for _, name := range []string{lime + "/density.go", lime + "/density_simd.go", lime + "/density_simd_test.go", lime + "/quickshift.go", "run.js", "glue.js", "kernels.wasm"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	run, err := filepath.Abs("run.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, tests, leaveOut string }{
		{"with SIMD", "SIMD|uickshift", ""},
		{"without SIMD", "SIMD", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-tags=simd", "-short", "-exec=node "+run, "-run="+c.tests, lime)
			cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "ALLNET_NO_SIMD="+c.leaveOut)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
