package terminal

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"
)

func TestNamesThatActOnATerminalAreQuoted(t *testing.T) {
	for name, want := range map[string]string{
		"smears/Ärztin 1.png": "smears/Ärztin 1.png",
		"a\nb.png":            `"a\nb.png"`,
		"\x1b[2J.png":         `"\x1b[2J.png"`,
		"a\u202egnp.png":      `"a\u202egnp.png"`, // writes from right to left
		"\x9b2J.png":          `"\x9b2J.png"`,     // no UTF-8
	} {
		if got := Shown(name); got != want {
			t.Errorf("%q is shown as %s, want %s", name, got, want)
		}
	}
}

func TestErrorsOfTheSystemBecomeSentences(t *testing.T) {
	err := fmt.Errorf("reading the split: %w", &fs.PathError{Op: "open", Path: "a\nb", Err: syscall.ENOENT})
	const want = `reading the split: "a\nb": The file could not be opened: there is no such file or folder. Expected the name of one that exists.`
	if got := Message(err); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := Message(fmt.Errorf("one\ntwo\x1b")); got != `one\ntwo\x1b` {
		t.Errorf("got %q, want one line", got)
	}
}
