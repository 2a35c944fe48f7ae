//go:build !js

package model_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The page's platform gives the same bits as this one.
func TestAnswersInNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so the answers were not computed there")
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "-exec="+filepath.Join(strings.TrimSpace(string(root)), "lib", "wasm", "go_js_wasm_exec"), "-run=AnswersDigest", ".")
	// The tool that runs wasm tests in Node refuses large environments.
	cmd.Env = []string{"GOOS=js", "GOARCH=wasm", digestVariable + "=" + answersDigest(t)}
	for _, name := range []string{"PATH", "HOME", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN", "GOCACHE", "GOMODCACHE"} {
		if value, set := os.LookupEnv(name); set {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
