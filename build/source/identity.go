// Package source says which version and revision a folder of sources is of.
package source

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// Identity says which sources something was made of.
type Identity struct {
	// Version is the latest release that CHANGELOG.md names, with "+unreleased" where
	// it tells of changes since.
	Version string
	// Revision is the commit, with "+changes" where the sources are not what was
	// committed, or Unknown.
	Revision string
}

// Unknown is the revision of sources that do not tell.
const Unknown = "unknown"

// unreleased and changed are appended to what the sources are not quite.
const (
	unreleased = "+unreleased"
	changed    = "+changes"
)

// Short is the revision as people read it: the beginning of the commit.
func (id Identity) Short() string {
	commit, after, found := strings.Cut(id.Revision, "+")
	if len(commit) > 12 {
		commit = commit[:12]
	}
	if found {
		commit += "+" + after
	}
	return commit
}

// Settings are the values that a program of this identity is linked with; its
// package main has the variables version and revision.
func (id Identity) Settings() []string {
	return []string{"version=" + id.Version, "revision=" + id.Revision}
}

// WellFormed tells an identity that Identify can give from text that came from
// somewhere.
func (id Identity) WellFormed() bool {
	return versionForm.MatchString(id.Version) && revisionForm.MatchString(id.Revision)
}

var (
	versionForm  = regexp.MustCompile(`^\d+\.\d+\.\d+(\+unreleased)?$`)
	revisionForm = regexp.MustCompile(`^([0-9a-f]{40}(\+changes)?|unknown)$`)
)

// Identify returns the identity of the sources under root. The version is read from
// CHANGELOG.md. The revision is asked of git where root is a working tree of its
// own; an archive that git made has it in revisionFile; a bare copy does not know
// it. A note says why git could not tell.
func Identify(root string) (id Identity, note string, err error) {
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		return id, "", err
	}
	if id.Version, err = latest(string(text)); err != nil {
		return id, "", fmt.Errorf("CHANGELOG.md: %w", err)
	}
	if id.Revision, err = revisionOf(root); err != nil {
		id.Revision, note = Unknown, fmt.Sprintf("the revision of the sources is not known: %s", err)
	}
	return id, note, nil
}

// release is the heading of a release, or of what is not released yet.
var release = regexp.MustCompile(`(?m)^## \[([^\]]+)\].*$`)

// latest returns the version that a change log ends in.
func latest(log string) (string, error) {
	suffix := ""
	for _, m := range release.FindAllStringSubmatchIndex(log, -1) {
		name, rest := log[m[2]:m[3]], log[m[1]:]
		if name != "Unreleased" {
			if !versionForm.MatchString(name) {
				return "", fmt.Errorf("%q is no version; expected one like 1.2.3", name)
			}
			return name + suffix, nil
		}
		if next := release.FindStringIndex(rest); next != nil {
			rest = rest[:next[0]]
		}
		if strings.TrimSpace(rest) != "" {
			suffix = unreleased
		}
	}
	return "", fmt.Errorf("no release is named; expected a heading like ## [1.2.3] - 2026-01-31")
}

// revisionFile holds a place that git fills in with the commit when it makes an
// archive (export-subst in .gitattributes).
const revisionFile = "build/revision.txt"

var commitForm = regexp.MustCompile(`^[0-9a-f]{40}$`)

func revisionOf(root string) (string, error) {
	if _, err := os.Stat(filepath.Join(root, ".git")); err == nil {
		commit, err := git(root, "rev-parse", "HEAD")
		if err != nil {
			return "", err
		}
		status, err := git(root, "status", "--porcelain")
		if err != nil {
			return "", err
		}
		if status != "" {
			commit += changed
		}
		return commit, nil
	}
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(revisionFile)))
	if commit := strings.TrimSpace(string(text)); err == nil && commitForm.MatchString(commit) {
		return commit, nil
	}
	return Unknown, nil
}

// git asks git about the working tree root, whatever tree its caller works on.
func git(root string, args ...string) (string, error) {
	cmd := exec.Command("git", append([]string{"--no-optional-locks"}, args...)...)
	cmd.Dir = root
	for _, setting := range os.Environ() {
		if !strings.HasPrefix(setting, "GIT_DIR=") && !strings.HasPrefix(setting, "GIT_WORK_TREE=") && !strings.HasPrefix(setting, "GIT_INDEX_FILE=") {
			cmd.Env = append(cmd.Env, setting)
		}
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("git %s: %w %s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return strings.TrimSpace(string(out)), nil
}
