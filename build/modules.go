package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// The sources in web/ are plain modules. A page in one file cannot import from
// itself, so joinModules puts each module before those that import it, in one
// common scope, and drops the import and export words. For that the modules keep
// to a subset, which joinModules enforces:
//
//	import { a, b } from "./name.js";     no renaming, no default, no star
//	import table from "./strings.json";   a JSON file under one name
//	export const | function | class …     before a declaration only
//
// and no two modules declare the same top-level name: the browser would refuse
// the script.
var (
	importLine = regexp.MustCompile(`(?m)^import\s+(?:\{([^}]*)\}|(\w+))\s+from\s+"\./([\w/-]+\.(?:js|json))";[ \t]*\n`)
	exportWord = regexp.MustCompile(`(?m)^export +((?:async +)?function\b|const\b|class\b)`)
	otherWord  = regexp.MustCompile(`(?m)^(?:import|export)\b.*$`)
	topName    = regexp.MustCompile(`(?m)^(?:async +)?(?:function|const|let|class) +(\w+)`)
)

// joinModules returns the module entry of folder dir and all that it imports, as
// one classic script. (A module script would wait for the end of the file, and
// the programs stand there.)
func joinModules(dir, entry string) (string, error) {
	var source strings.Builder
	source.WriteString("(() => {\n\"use strict\";\n")
	seen := map[string]bool{}
	declared := map[string]string{} // name: its module
	var add func(name, as string) error
	add = func(name, as string) error {
		if done, found := seen[name]; found {
			if !done {
				return fmt.Errorf("%s is imported in a circle", name)
			}
			return nil
		}
		seen[name] = false
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("a module of the page: %w", err)
		}
		if path.Ext(name) == ".json" {
			fmt.Fprintf(&source, "\n// %s\nconst %s = %s;\n", name, as, strings.TrimSpace(string(text)))
			seen[name] = true
			return nil
		}
		for _, m := range importLine.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], " as ") {
				return fmt.Errorf("%s: imports must not be renamed: %s", name, strings.TrimSpace(m[0]))
			}
			if err := add(path.Join(path.Dir(name), m[3]), m[2]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		body := exportWord.ReplaceAllString(importLine.ReplaceAllString(string(text), ""), "$1")
		if other := otherWord.FindString(body); other != "" {
			return fmt.Errorf("%s: not in the subset of modules that the build joins: %s", name, other)
		}
		for _, m := range topName.FindAllStringSubmatch(body, -1) {
			if other, found := declared[m[1]]; found {
				return fmt.Errorf("%s and %s both declare %s", other, name, m[1])
			}
			declared[m[1]] = name
		}
		fmt.Fprintf(&source, "\n// %s\n%s", name, body)
		seen[name] = true
		return nil
	}
	if err := add(entry, ""); err != nil {
		return "", err
	}
	source.WriteString("})();\n")
	return source.String(), nil
}
