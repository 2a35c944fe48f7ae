//go:build !js

package simd

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Quickshift and the blur of package standard with their SIMD twins, run in Node as the page's worker runs them: the bits of the
// plain loops, and the labels of the fixtures. Without them, as in a browser that has no SIMD, the page's program uses the
// plain loops. The tests are started here because these packages know nothing of where their twins come from.
func TestTwinsOfOtherPackagesInNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so quickshift was not run in SIMD")
	}
	// Opening the files here lets go test see that they have changed.
	const lime, standard = "../../../lime", "../../standard"
	for _, name := range []string{lime + "/density.go", lime + "/density_simd.go", lime + "/density_simd_test.go", lime + "/quickshift.go",
		standard + "/blur.go", standard + "/blur_simd.go", standard + "/blur_simd_test.go", "run.js", "glue.js", "kernels.wasm"} {
		if _, err := os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	run, err := filepath.Abs("run.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, tests, leaveOut string }{
		{"with SIMD", "SIMD|uickshift|Blur", ""},
		{"without SIMD", "SIMD", "1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cmd := exec.Command("go", "test", "-tags=simd", "-short", "-exec=node "+run, "-run="+c.tests, lime, standard)
			cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "ALLNET_NO_SIMD="+c.leaveOut)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
