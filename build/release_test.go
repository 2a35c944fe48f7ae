package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"allnet/build/source"
	"allnet/build/toolchain"
)

// copyOfTheSource copies what a release is made of into a new folder.
func copyOfTheSource(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"CHANGELOG.md", "LICENSE", "go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"build", "cases", "cmd", "internal", "lab", "lime", "model", "wasm", "web"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("..", name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Of the programs only this machine's is built here; `make release` builds all.
func TestAReleaseIsTheSameFromEveryFolderAndListsWhatIsInIt(t *testing.T) {
	host := toolchain.Target{OS: runtime.GOOS, Arch: runtime.GOARCH}
	first, second := filepath.Join(t.TempDir(), "dist"), filepath.Join(t.TempDir(), "dist")
	for _, out := range []string{first, second, second} { // the third takes the second's place
		if err := writeRelease(copyOfTheSource(t), out, "", []toolchain.Target{host}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(dir, name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	sums := string(read(first, sumsName))
	if other := string(read(second, sumsName)); sums != other {
		t.Errorf("%s\nand from another folder\n%s", sums, other)
	}
	var want strings.Builder
	for _, name := range []string{licencesName, programName(host), billName, pageName} {
		fmt.Fprintf(&want, "%x  %s\n", sha256.Sum256(read(first, name)), name)
	}
	lines := strings.SplitAfter(want.String(), "\n")
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[min(len(a), 66):], b[min(len(b), 66):]) })
	if sums != strings.Join(lines, "") {
		t.Errorf("the sums are\n%s; expected\n%s", sums, strings.Join(lines, ""))
	}

	// The list against what the program itself says.
	var bill struct {
		Components []struct {
			Ref    string `json:"bom-ref"`
			Type   string
			Hashes []hash
		}
		Dependencies []dependency
	}
	if err := json.Unmarshal(read(first, billName), &bill); err != nil {
		t.Fatal(err)
	}
	hashes := map[string]string{}
	known := map[string]bool{"allnet": true}
	for _, c := range bill.Components {
		if known[c.Ref] {
			t.Errorf("%s is listed twice", c.Ref)
		}
		known[c.Ref] = true
		for _, h := range c.Hashes {
			hashes[c.Ref] = h.Content
		}
	}
	parts := map[string][]string{}
	for _, d := range bill.Dependencies {
		parts[d.Ref] = d.DependsOn
		for _, name := range append([]string{d.Ref}, d.DependsOn...) {
			if !known[name] {
				t.Errorf("%s is a part, but no component", name)
			}
		}
	}
	for _, name := range []string{programName(host), pageName} {
		if sum := fmt.Sprintf("%x", sha256.Sum256(read(first, name))); hashes[name] != sum {
			t.Errorf("the list has %s with SHA-256 %q; it is %s", name, hashes[name], sum)
		}
	}
	for _, network := range []string{"model/article.onnx", "model/cells.onnx", "model/robust.onnx"} {
		if sum := fmt.Sprintf("%x", sha256.Sum256(read("..", network))); hashes[network] != sum {
			t.Errorf("the list has %s with SHA-256 %q; it is %s", network, hashes[network], sum)
		}
	}
	info, err := buildinfo.ReadFile(filepath.Join(first, programName(host)))
	if err != nil {
		t.Fatal(err)
	}
	modules := []string{"std", "model/article.onnx", "model/cells.onnx", "model/robust.onnx"}
	for _, m := range info.Deps {
		modules = append(modules, m.Path+"@"+m.Version)
		if heading := []byte("==== " + m.Path + " " + m.Version + ": "); !bytes.Contains(read(first, licencesName), heading) {
			t.Errorf("the licence of %s is missing", m.Path)
		}
	}
	listed := slices.Sorted(slices.Values(parts[programName(host)]))
	if slices.Sort(modules); !slices.Equal(modules, listed) {
		t.Errorf("the list has in the program\n%q\nwhich says\n%q", listed, modules)
	}
	if inPage := parts[pageName]; len(inPage) < 5 || len(inPage) >= len(listed) {
		t.Errorf("the list has in the page %q", inPage)
	}

	// The program knows itself and its page.
	program := filepath.Join(first, programName(host))
	elsewhere := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "revision unknown\n"},
		{[]string{"page", filepath.Join(first, pageName)}, "is the page that was released with this program"},
	} {
		cmd := exec.Command(program, c.args...)
		cmd.Dir = elsewhere
		if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%v: %v, %s", c.args, err, out)
		}
	}
}

func TestATagIsOnlyReleasedFromItsCommit(t *testing.T) {
	commit := strings.Repeat("0123456789", 4)
	for _, c := range []struct {
		version, revision, tag string
		right                  bool
	}{
		{"1.2.3", commit, "v1.2.3", true},
		{"1.2.3", commit, "", true},
		{"1.2.3+unreleased", source.Unknown, "", true},
		{"1.2.3", commit, "v1.2.4", false},
		{"1.2.3", commit, "1.2.3", false},
		{"1.2.3+unreleased", commit, "v1.2.3", false},
		{"1.2.3", commit + "+changes", "v1.2.3", false},
		{"1.2.3", source.Unknown, "v1.2.3", false},
	} {
		if err := ofTag(source.Identity{Version: c.version, Revision: c.revision}, c.tag); (err == nil) != c.right {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func TestAFolderThatHoldsSomethingElseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := emptyFolder(dir); err == nil || !strings.Contains(err.Error(), "holds files, but no release") {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}
}

func TestWhatHasNoLicenceIsNotReleased(t *testing.T) {
	var text bytes.Buffer
	if err := appendLicences(&text, "other", t.TempDir()); err == nil || text.Len() > 0 {
		t.Errorf("error is %v; %s", err, text.String())
	}
}
