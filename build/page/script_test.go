package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder writes files into a new folder, named web as the page's.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "web")
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAScriptHoldsWhatItsModulesImportAndNothingElse(t *testing.T) {
	dir := folder(t, map[string]string{
		"main.js":       "import { a as renamed } from \"./sub/a.js\";\nimport * as b from \"./b.js\";\nuse(renamed, b.table());\n",
		"sub/a.js":      "import { table } from \"../b.js\";\n/*! Kept: whose this is. */\n// dropped\nexport const a = table().x + 1;\nexport default 7;\n",
		"b.js":          "import values from \"./t.json\";\nexport function table() { return values; }\nexport const unused = \"left out\";\n",
		"t.json":        "{\"x\": \"§ 1\"}\n",
		"other.js":      "never();\n",
		"tsconfig.json": "not read",
	})
	got, err := bundleScript(dir, "main.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"use(", `{x:"§ 1"}`, "/*! Kept: whose this is. */"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	for _, surplus := range []string{"import", "export", "dropped", "left out", "never", dir} {
		if strings.Contains(got, surplus) {
			t.Errorf("%s\ncontains %s", got, surplus)
		}
	}
	if i, j := strings.Index(got, `{x:"§ 1"}`), strings.Index(got, "use("); i > j {
		t.Errorf("%s\nuses a module before it", got)
	}
}

func TestAScriptThatIsNotInOrderIsRefusedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ source, message, place string }{
		"syntax error":            {"const a = 1;\nconst b = (;\n", `Unexpected ";"`, "web/main.js:2:11"},
		"syntax error in import":  {"import { a } from \"./broken.js\";\nuse(a);\n", "Unexpected end of file", "web/broken.js:2:0"},
		"name that is not there":  {"import { c } from \"./a.js\";\nuse(c);\n", `No matching export in "web/a.js" for import "c"`, "web/main.js:1:9"},
		"one name twice":          {"import { a } from \"./a.js\";\nfunction a() {}\n", `"a" has already been declared`, "web/main.js:2:9"},
		"missing file":            {"import { a } from \"./missing.js\";\nuse(a);\n", `Could not resolve "./missing.js"`, "web/main.js:1:18"},
		"file of another folder":  {"import { a } from \"../outside.js\";\nuse(a);\n", `"../outside.js" is no file of the page`, "web/main.js:1:18"},
		"package":                 {"import { a } from \"left-pad\";\nuse(a);\n", `"left-pad" is no file of the page`, "web/main.js:1:18"},
		"other origin":            {"import { a } from \"https://example.org/a.js\";\nuse(a);\n", "is no file of the page", "web/main.js:1:18"},
		"other origin, later":     {"import(\"https://example.org/a.js\");\n", "is no file of the page", "web/main.js:1:7"},
		"JSON that is none":       {"import t from \"./broken.json\";\nuse(t);\n", `Unexpected "}" in JSON`, "web/broken.json:1:5"},
		"what is surely an error": {"const a = { b: 1, b: 2 };\nuse(a);\n", `Duplicate key "b"`, "web/main.js:1:18"},
	} {
		dir := folder(t, map[string]string{
			"main.js":       c.source,
			"a.js":          "export const a = 1;\n",
			"broken.js":     "export function a() {\n",
			"broken.json":   "{\"a\":}\n",
			"../outside.js": "export const a = 1;\n",
		})
		if _, err := bundleScript(dir, "main.js"); err == nil || !strings.Contains(err.Error(), c.message) || !strings.Contains(err.Error(), c.place) {
			t.Errorf("%s: error is %v; expected one that says %q at %s", name, err, c.message, c.place)
		}
	}
	if _, err := minifyScript("loader.js", "\n(() => {"); err == nil || !strings.Contains(err.Error(), "loader.js:2:8") {
		t.Errorf("error is %v; expected one at loader.js:2:8", err)
	}
}

func TestAStyleSheetIsMinifiedAndHeldToItsFolder(t *testing.T) {
	dir := folder(t, map[string]string{
		"style.css":   "@import \"./colours.css\";\n/* for people */\np { color: rgb(255, 0, 0); }\n",
		"colours.css": ":root { --ink: #112233; }\n",
		"broken.css":  "p { color: red;\n",
		"outside.css": "p { background: url(https://example.org/a.png); }\n",
	})
	got, err := bundleStyle(dir, "style.css")
	if want := ":root{--ink: #112233}p{color:red}\n"; err != nil || got != want {
		t.Errorf("got %q, %v; expected %q", got, err, want)
	}
	for name, place := range map[string]string{"broken.css": "web/broken.css:2:0", "outside.css": "web/outside.css:1:16"} {
		if _, err := bundleStyle(dir, name); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%s: error is %v; expected one at %s", name, err, place)
		}
	}
}

func TestTheNoticeOfAScriptIsItsFirstComment(t *testing.T) {
	if got := notice("// Copyright\n// Licence\n\n\"use strict\";\n// other\n"); got != "// Copyright\n// Licence\n" {
		t.Errorf("got %q", got)
	}
}

func TestWhatAClassicScriptDefinesKeepsItsName(t *testing.T) {
	got, err := minifyScript("glue.js", "function allnetKernels(compiled) { const memory = compiled; return memory; }\n")
	if err != nil || !strings.HasPrefix(got, "function allnetKernels(") || strings.Contains(got, "memory") {
		t.Errorf("%q, %v", got, err)
	}
}
