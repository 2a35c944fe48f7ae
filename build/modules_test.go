package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestModulesStandBeforeThoseThatImportThem(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.js":  "import { a } from \"./a.js\";\nimport { b } from \"./b.js\";\nuse(a, b);\n",
		"a.js":     "import { b } from \"./b.js\";\nexport const a = b + 1;\n",
		"b.js":     "import table from \"./t.json\";\nexport function b() { return table; }\nexport class C {}\nexport async function d() {}\n",
		"t.json":   "{\"x\": 1}\n",
		"other.js": "never();\n",
	})
	got, err := joinModules(dir, "main.js")
	if err != nil {
		t.Fatal(err)
	}
	want := `(() => {
"use strict";

// t.json
const table = {"x": 1};

// b.js
function b() { return table; }
class C {}
async function d() {}

// a.js
const a = b + 1;

// main.js
use(a, b);
})();
`
	if got != want {
		t.Errorf("got\n%s\nexpected\n%s", got, want)
	}
}

func TestModulesOutsideTheSubsetAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"renamed import":  {"import { a as b } from \"./a.js\";\n", "must not be renamed"},
		"default export":  {"export default 1;\n", "export default 1;"},
		"list of exports": {"const a = 1;\nexport { a };\n", "export { a };"},
		"star import":     {"import * as a from \"./a.js\";\n", "import * as a"},
		"other origin":    {"import { a } from \"https://example.org/a.js\";\n", "example.org"},
		"circle":          {"import { a } from \"./circle.js\";\n", "circle"},
		"one name twice":  {"import { a } from \"./a.js\";\nfunction a() {}\n", "both declare a"},
		"missing file":    {"import { a } from \"./missing.js\";\n", "missing.js"},
	} {
		dir := folder(t, map[string]string{
			"main.js":   c.source,
			"a.js":      "export const a = 1;\n",
			"circle.js": "import { a } from \"./main.js\";\nexport const b = a;\n",
		})
		if _, err := joinModules(dir, "main.js"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v; expected one that says %q", name, err, c.want)
		}
	}
}
