package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheVersionIsTheNewestReleaseOfTheChangeLog(t *testing.T) {
	for log, want := range map[string]string{
		"# Changes\n\n## [1.2.3] - 2026-01-31\n- a\n\n## [1.2.2] - 2026-01-30\n":             "1.2.3",
		"## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n":                                       "1.2.3",
		"## [Unreleased]\n\n### Added\n- a\n\n## [1.2.3] - 2026-01-31\n":                     "1.2.3+unreleased",
		"## [1.2] - 2026-01-31\n":                                                            `"1.2" is no version`,
		"## [Unreleased]\n- a\n":                                                             "no release is named",
		"## [1.2.3 -X main.a=b] - 2026-01-31\nwhat would be read as an option of the linker": "is no version",
	} {
		got, err := latest(log)
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%q gives %q; expected %q", log, got, want)
		}
	}
}

// sources writes what a revision is read from into a new folder.
func sources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "CHANGELOG.md", "## [1.2.3] - 2026-01-31\n")
	for _, name := range []string{".gitattributes", "build/revision.txt"} {
		text, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, dir, name, string(text))
	}
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// inTree runs git in a folder, with none of the settings of whoever runs the tests.
func inTree(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func revisionIs(t *testing.T, dir, want string) {
	t.Helper()
	got, note, err := Identify(dir)
	if err != nil || note != "" || got != (Identity{"1.2.3", want}) {
		t.Errorf("%s: %+v, %q, %v; expected revision %s", dir, got, note, err, want)
	}
	if !got.WellFormed() {
		t.Errorf("%+v is not of the form that is accepted", got)
	}
}

func TestAClonesRevisionIsItsCommitAndAnArchiveKeepsIt(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("left out: git is not installed")
	}
	dir := sources(t)
	revisionIs(t, dir, Unknown) // a bare copy
	inTree(t, dir, "init", "-q")
	inTree(t, dir, "add", ".")
	inTree(t, dir, "commit", "-q", "-m", "first")
	commit := inTree(t, dir, "rev-parse", "HEAD")
	revisionIs(t, dir, commit)

	clone := filepath.Join(t.TempDir(), "clone")
	inTree(t, dir, "clone", "-q", "--depth=1", "file://"+dir, clone)
	revisionIs(t, clone, commit)

	archive := t.TempDir()
	inTree(t, dir, "archive", "-o", filepath.Join(archive, "a.tar"), "HEAD")
	if out, err := exec.Command("tar", "-xf", filepath.Join(archive, "a.tar"), "-C", archive).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	revisionIs(t, archive, commit)

	// A copy inside another project's tree is not of that project's commit.
	inside := filepath.Join(dir, "copy")
	if err := os.CopyFS(inside, os.DirFS(sources(t))); err != nil {
		t.Fatal(err)
	}
	revisionIs(t, inside, Unknown)
	revisionIs(t, dir, commit+"+changes") // a file that was never added

	write(t, clone, "CHANGELOG.md", "# Changed\n## [1.2.3] - 2026-01-31\n")
	revisionIs(t, clone, commit+"+changes")
}

func TestWhereGitCannotTellTheRevisionIsUnknownAndItIsSaid(t *testing.T) {
	dir := sources(t)
	write(t, dir, ".git", "gitdir: /nowhere\n")
	got, note, err := Identify(dir)
	if err != nil || got != (Identity{"1.2.3", Unknown}) || !strings.Contains(note, "not known: git rev-parse HEAD: ") {
		t.Errorf("%+v, %q, %v", got, note, err)
	}
	if _, _, err := Identify(t.TempDir()); err == nil {
		t.Error("a folder without CHANGELOG.md has an identity")
	}
}

func TestPeopleReadTheBeginningOfTheCommit(t *testing.T) {
	for revision, want := range map[string]string{
		strings.Repeat("0123456789", 4):              "012345678901",
		strings.Repeat("0123456789", 4) + "+changes": "012345678901+changes",
		Unknown: Unknown,
	} {
		if got := (Identity{Revision: revision}).Short(); got != want {
			t.Errorf("%s is shown as %s; expected %s", revision, got, want)
		}
	}
}
