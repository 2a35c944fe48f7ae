package page

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// worker runs a script of testdata in Node, with the page's own worker script and program as its
// first arguments, and returns what it prints. what says what is left out where there is no Node.
func worker(t *testing.T, what, script string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Skipf("left out: node is not installed, so %s", what)
	}
	scripts, err := workerScripts(root)
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
	command := []string{filepath.Join("testdata", script)}
	write := func(name string, data []byte) {
		command = append(command, filepath.Join(dir, name))
		if err := os.WriteFile(command[len(command)-1], data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("worker.js", []byte(lock+scripts))
	for _, p := range all {
		write(p.id, p.code)
	}
	out, err := exec.Command("node", append(command, args...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	return string(out)
}

func TestTheProgramAnswersOddMessagesWithASentenceAndGoesOn(t *testing.T) {
	if out := worker(t, "the program was given no odd messages", "messages.mjs"); !strings.Contains(out, "odd messages") {
		t.Error(out)
	}
}
