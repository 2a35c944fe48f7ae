package page

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The page's own worker script and program, run in Node.
func TestTheProgramAnswersOddMessagesWithASentenceAndGoesOn(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so the program was given no odd messages")
	}
	worker, err := workerScripts(root)
	if err != nil {
		t.Fatal(err)
	}
	lock, err := seal(filepath.Join(root, "web"))
	if err != nil {
		t.Fatal(err)
	}
	all, err := programs(root, id)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "messages.mjs")}
	write := func(name string, data []byte) {
		args = append(args, filepath.Join(dir, name))
		if err := os.WriteFile(args[len(args)-1], data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("worker.js", []byte(lock+worker))
	for _, p := range all {
		write(p.id, p.code)
	}
	out, err := exec.Command("node", args...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "odd messages") {
		t.Errorf("%v\n%s", err, out)
	}
}
