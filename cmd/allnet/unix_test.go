//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allnet/lab/dataset"
	"allnet/model"
)

// pipe makes a pipe that nobody writes to: who opens it waits for ever.
func pipe(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Skip("left out: no pipes in the file system here:", err)
	}
	t.Cleanup(func() { // lets go of a goroutine that waits after all
		if f, err := os.OpenFile(name, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil {
			f.Close()
		}
	})
}

// within fails the test where do has not returned in time.
func within(t *testing.T, limit time.Duration, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { do(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatalf("not done after %v", limit)
	}
}

func TestEvalPassesOverPipes(t *testing.T) {
	dir := smears(t)
	pipe(t, filepath.Join(dir, "Pre", "pipe.png"))
	within(t, time.Minute, func() {
		status, stdout, stderr := allnet("eval", dir)
		if status != 0 || !strings.Contains(stdout, " of 4;") || !strings.Contains(stderr, "Pre/pipe.png") {
			t.Errorf("status %d, %s%s", status, stdout, stderr)
		}
	})
}

// Behind many missing files there is a pipe at which the work would stop.
func TestClassifyingEndsWithTheFirstErrorOfItsReader(t *testing.T) {
	dir := t.TempDir()
	items := make([]dataset.Item, 200_000)
	for i := range items {
		items[i].File = "missing"
	}
	items[len(items)-1].File = "pipe"
	pipe(t, filepath.Join(dir, "pipe"))
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, func() {
		uses := 0
		err := classifyAll(t.Context(), m, model.Options{}, dir, items, func(model.Record) error { uses++; return errFull })
		if !errors.Is(err, errFull) || uses != 1 {
			t.Errorf("%d uses, error %v", uses, err)
		}
	})
}

// itself is this program, to be started as a process of its own.
func itself(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := exec.Command(program, args...)
	process.Env = append(os.Environ(), "ALLNET_RUN_MAIN=1")
	return process
}

// A program that does not come to look at the first Ctrl-C, since it waits for a
// pipe, is ended by the second.
func TestSecondCtrlCEndsTheProgramAtOnce(t *testing.T) {
	name := filepath.Join(t.TempDir(), "pipe")
	pipe(t, name)
	process := itself(t, "classify", name)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- process.Wait() }()
	limit := time.After(20 * time.Second)
	// Only one who reads lets the pipe be opened for writing: from here on the program
	// waits.
	for {
		writer, err := os.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			defer writer.Close()
			break
		}
		select {
		case <-limit:
			process.Process.Kill()
			t.Fatal("the program does not read the pipe:", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	for sent := 0; ; sent++ {
		select {
		case err := <-done:
			status, ok := process.ProcessState.Sys().(syscall.WaitStatus)
			if !ok || !status.Signaled() || status.Signal() != syscall.SIGINT {
				t.Errorf("ended with %v", err)
			}
			return
		case <-limit:
			process.Process.Kill()
			t.Fatalf("still there after %d signals", sent)
		case <-time.After(200 * time.Millisecond):
			process.Process.Signal(syscall.SIGINT)
		}
	}
}

func TestCtrlCEndsWithItsOwnStatus(t *testing.T) {
	dir := smears(t)
	if err := os.RemoveAll(filepath.Join(dir, "Early")); err != nil {
		t.Fatal(err)
	}
	process := itself(t, "presets", dir) // works for a minute
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	defer process.Process.Kill()
	lines := bufio.NewReader(stderr)
	if remark, err := lines.ReadString('\n'); err != nil || !strings.Contains(remark, "has no folder Early") {
		t.Fatalf("%q, %v; expected a remark as the work begins", remark, err)
	}
	if err := process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, func() {
		rest, err := io.ReadAll(lines)
		process.Wait()
		if status := process.ProcessState.ExitCode(); err != nil || status != statusInterrupted || string(rest) != "allnet presets: interrupted\n" {
			t.Errorf("status %d, %q, %v", status, rest, err)
		}
	})
}
