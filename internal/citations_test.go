//go:build !js

package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// comment is what stands between two lines of a comment, or of a text.
	comment  = regexp.MustCompile(`\s*\n\s*(//|#|\*)?\s*`)
	specCite = regexp.MustCompile("SPEC(?:\\.md)?`?,? (?:sections? )?(\\d+(?:\\.\\d+)?(?:(?:, | and | to )\\d+(?:\\.\\d+)?)*)")
	artCite  = regexp.MustCompile(`ARTICLE\.md, "([^"]+)"`)
	item     = regexp.MustCompile(`\d+(?:\.\d+)?`)
)

// sections lists what can be cited of a document: its headings, by number or title,
// and the items of numbered lists below a numbered heading ("2.7").
func sections(t *testing.T, name string) map[string]bool {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	numbered, listed := regexp.MustCompile(`^## (\d+)\. `), regexp.MustCompile(`^(\d+)\. `)
	found, section := make(map[string]bool), ""
	for line := range strings.Lines(string(data)) {
		if title, ok := strings.CutPrefix(line, "## "); ok {
			section = ""
			found[strings.TrimSpace(title)] = true
			if m := numbered.FindStringSubmatch(line); m != nil {
				section = m[1]
				found[section] = true
			}
		}
		if m := listed.FindStringSubmatch(line); m != nil && section != "" {
			found[section+"."+m[1]] = true
		}
	}
	return found
}

func TestEveryCitedSectionExists(t *testing.T) {
	spec, article := sections(t, "../lime/SPEC.md"), sections(t, "../lab/ARTICLE.md")
	ofSpec, ofArticle := 0, 0
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if base := entry.Name(); base == "node_modules" || (strings.HasPrefix(base, ".") && name != "..") {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(name) {
		case ".go", ".py", ".js", ".mjs", ".md":
		default:
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text := comment.ReplaceAllString(string(data), " ")
		for _, m := range specCite.FindAllStringSubmatch(text, -1) {
			ofSpec++
			for _, cited := range item.FindAllString(m[1], -1) {
				if !spec[cited] {
					t.Errorf("%s cites %q; lime/SPEC.md has no %s", name, m[0], cited)
				}
			}
		}
		for _, m := range artCite.FindAllStringSubmatch(text, -1) {
			ofArticle++
			if !article[m[1]] {
				t.Errorf("%s cites %q, which lab/ARTICLE.md does not have", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if ofSpec == 0 || ofArticle == 0 {
		t.Errorf("%d sections of lime/SPEC.md and %d of lab/ARTICLE.md are cited; something reads past the citations", ofSpec, ofArticle)
	}
	t.Logf("%d citations of lime/SPEC.md, %d of lab/ARTICLE.md", ofSpec, ofArticle)
}
