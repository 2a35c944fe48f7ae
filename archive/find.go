package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"allnet/cases"
	"allnet/lab/dataset"
)

// containerEnding is that of files that hold many pictures.
var containerEnding = regexp.MustCompile(`(?i)\.(tar|tar\.gz|tgz|zip)$`)

func isContainer(name string) bool { return containerEnding.MatchString(name) }

// wanted tells whether a file that a pattern matches is read.
func wanted(name string) bool { return cases.MayBePicture(name) || isContainer(name) }

// find hands on the files that a pattern matches: those in the folders below where it holds "**" or is a folder. A file
// that is named without a pattern is read whatever its name is, and gets its line even where it is not there; of the
// others those are passed over that are no pictures and no containers by their names, and what lies in output.
func find(ctx context.Context, pattern, output string, use func(string) error, passedOver func(string)) error {
	take := func(name string) error {
		if !wanted(name) {
			passedOver(name)
			return nil
		}
		return use(name)
	}
	if isRemote(pattern) {
		system, err := systemOf(ctx, pattern)
		if err != nil {
			return err
		}
		names, err := system.List(ctx, pattern)
		for _, name := range names {
			if strings.HasPrefix(name, strings.TrimSuffix(output, "/")+"/") || strings.HasSuffix(name, "/") {
				continue
			}
			if err := take(name); err != nil {
				return err
			}
		}
		return err
	}
	info, err := os.Stat(pattern)
	switch {
	case err == nil && info.IsDir():
		pattern = strings.TrimSuffix(pattern, "/") + "/**"
	case err == nil || !strings.ContainsAny(pattern, `*?[`):
		return use(pattern)
	}
	own, err := filepath.Abs(output)
	if err != nil {
		return err
	}
	return walk(pattern, own, take, passedOver)
}

// walk hands on the regular files of this machine that a pattern matches, in the order of their names, one after the
// other: an archive's names need not fit into memory.
func walk(pattern, output string, use func(string) error, passedOver func(string)) error {
	match, root, deep, err := compile(pattern)
	if err != nil {
		return err
	}
	if info, err := os.Stat(root + "/"); err != nil || !info.IsDir() {
		return nil // nothing matches
	}
	levels := strings.Count(pattern, "/") - strings.Count(root, "/")
	short := root == "." && !strings.HasPrefix(pattern, "./")
	if short {
		levels++
	}
	return filepath.WalkDir(root+"/", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			passedOver(name)
			return nil
		}
		below, err := filepath.Rel(root+"/", name)
		if err != nil {
			return err
		}
		if below = filepath.ToSlash(below); below == "." {
			return nil
		}
		shown := root + "/" + below // as the pattern begins, where WalkDir makes names shorter
		if short {
			shown = below
		}
		if entry.IsDir() {
			absolute, err := filepath.Abs(name)
			if dataset.LeftByDesktop(entry.Name()) || !deep && strings.Count(below, "/")+1 >= levels || err == nil && absolute == output {
				return filepath.SkipDir
			}
			return nil
		}
		if match.MatchString(shown) && !dataset.LeftByDesktop(entry.Name()) {
			if dataset.Regular(name) {
				return use(shown)
			}
			passedOver(shown)
		}
		return nil
	})
}

// compile reads a pattern: "**" stands for any folders, "*" and "?" for a part of a name, "[abc]" for one of these. Root is
// the folder that all matches lie in, and deep tells whether there is a "**".
func compile(pattern string) (match *regexp.Regexp, root string, deep bool, err error) {
	first := strings.IndexAny(pattern, `*?[`)
	root = "."
	if i := strings.LastIndex(pattern[:first], "/"); i == 0 {
		root = ""
	} else if i > 0 {
		root = pattern[:i]
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case strings.HasPrefix(pattern[i:], "**/"):
			b.WriteString("(?:.*/)?")
			i, deep = i+2, true
		case strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i, deep = i+1, true
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		case c == '[' && strings.Contains(pattern[i:], "]"):
			end := i + strings.Index(pattern[i:], "]")
			b.WriteString(strings.Replace(pattern[i:end+1], "[!", "[^", 1))
			i = end
		default:
			b.WriteString(regexp.QuoteMeta(string(rune(c))))
		}
	}
	match, err = regexp.Compile("(?s)" + b.String() + "$")
	return match, root, deep, err
}

// dated are the year and the month that a path may hold.
var dated = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})[-_./]?(0[1-9]|1[0-2])(?:[^0-9]|$|[-_./]?(?:0[1-9]|[12][0-9]|3[01])(?:[^0-9]|$))`)

// monthOf is the month that a picture counts for, as 2024-03: that which its path names last, else that in which its file was
// changed; empty where neither is known.
func monthOf(name string, changed time.Time) string {
	if all := dated.FindAllStringSubmatch(name, -1); len(all) > 0 {
		last := all[len(all)-1]
		return last[1] + "-" + last[2]
	}
	if changed.Year() <= 1980 { // no time: that of an empty field of a tar or ZIP file
		return ""
	}
	return changed.UTC().Format("2006-01")
}
