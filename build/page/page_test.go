package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"allnet/build/source"
	"allnet/internal/packing"
	"allnet/model"
)

const root = "../.."

// id is what the pages of these tests say of themselves.
var id = source.Identity{Version: "1.2.3", Revision: strings.Repeat("0123456789", 4)}

var built = sync.OnceValues(func() ([]byte, error) { return Build(root, id) })

func page(t *testing.T) string {
	t.Helper()
	p, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// element is an element that holds raw text.
type element struct {
	tag, attributes, text string
}

var rawText = regexp.MustCompile(`(?s)<(script|style)((?: [^>]*)?)>(.*?)</(?:script|style)>`)

func elements(page string) []element {
	var all []element
	for _, m := range rawText.FindAllStringSubmatch(page, -1) {
		all = append(all, element{m[1], m[2], m[3]})
	}
	return all
}

func TestTheSameSourcesGiveTheSameBytesInAnotherFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "cases", "internal", "lime", "model", "wasm", "web"} {
		source := filepath.Join(root, name)
		info, err := os.Stat(source)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(dir, name)
		if info.IsDir() {
			err = os.CopyFS(target, os.DirFS(source))
		} else {
			var data []byte
			if data, err = os.ReadFile(source); err == nil {
				err = os.WriteFile(target, data, 0o644)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	again, err := Build(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	if first := page(t); first != string(again) {
		t.Errorf("SHA-256 %x and %x", sha256.Sum256([]byte(first)), sha256.Sum256(again))
	}
}

func TestThePolicyAllowsThePagesOwnStyleAndScriptAndNoOther(t *testing.T) {
	text := page(t)
	m := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(text)
	if m == nil {
		t.Fatal("the page has no policy")
	}
	directives := map[string]string{}
	for _, directive := range strings.Split(html.UnescapeString(m[1]), "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		directives[name] = sources
	}
	want := map[string]string{
		"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
		"worker-src": "blob:", "img-src": "blob: data:",
		"require-trusted-types-for": "'script'", "trusted-types": "app",
	}
	var scripts []string
	for _, e := range elements(text) {
		sum := sha256.Sum256([]byte(e.text))
		source := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		switch {
		case e.tag == "style" && want["style-src"] == "":
			want["style-src"] = source
		case e.tag == "script" && e.attributes == "" && len(scripts) < 2:
			scripts = append(scripts, source)
		case e.tag == "script" && strings.HasPrefix(e.attributes, ` type="text/plain" `): // data, not run
		default:
			t.Errorf("unexpected <%s%s>", e.tag, e.attributes)
		}
	}
	want["script-src"] = strings.Join(scripts, " ") + " 'wasm-unsafe-eval'"
	for name, sources := range want {
		if directives[name] != sources {
			t.Errorf("%s is %q; expected %q", name, directives[name], sources)
		}
	}
	if len(directives) != len(want) {
		t.Errorf("the policy has %d directives; expected %d", len(directives), len(want))
	}
	if strings.Index(text, m[0]) > strings.Index(text, "<style") {
		t.Error("the policy stands behind the style that it is to cover")
	}
}

// sealed is the seal as it stands in the page.
func sealed(t *testing.T) string {
	t.Helper()
	lock, err := seal(filepath.Join(root, "web"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(lock, "this page is sealed") {
		t.Fatalf("this is no seal: %.100q", lock)
	}
	return lock
}

func TestTheSealIsTheFirstScriptOfThePageAndOfItsWorker(t *testing.T) {
	lock := sealed(t)
	text := page(t)
	policy := regexp.MustCompile(`(?s)<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="[^"]*">\n<script>\n(.*?)</script>`).FindStringSubmatch(text)
	if policy == nil || policy[1] != lock {
		t.Error("the first script does not stand right behind the policy, or is not web/seal.js")
	}
	for _, e := range elements(text) {
		if strings.Contains(e.attributes, `"worker"`) && !strings.HasPrefix(e.text, "\n"+lock) {
			t.Error("the worker does not begin with web/seal.js")
		}
	}
}

func TestNothingInThePageNamesAnAddressToLoadFrom(t *testing.T) {
	text := page(t)
	lock := sealed(t)
	markup := rawText.ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`(?i)\s(src|srcset|href|action|formaction|poster|data|background|ping)="([^"]*)"`).FindAllStringSubmatch(markup, -1) {
		if !strings.HasPrefix(m[2], "#") && !strings.HasPrefix(m[2], "data:") {
			t.Errorf("the markup loads %s=%q", m[1], m[2])
		}
	}
	if m := regexp.MustCompile(`(?i)\s(?:style|on\w+)="`).FindString(markup); m != "" {
		t.Errorf("the markup has an attribute%s, which the policy forbids", m)
	}
	comment := regexp.MustCompile(`(?m)^\s*//.*$`) // of the loader: it names issues of the Go project
	forbidden := regexp.MustCompile(`@import|\burl\(|https?://|wss?://|\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts|\bimport\(|innerHTML|\beval\(`)
	for _, e := range elements(text) {
		own := e.tag == "style" || e.attributes == "" || strings.Contains(e.attributes, `"worker"`)
		source := strings.TrimPrefix(e.text, "\n"+lock) // it names what it takes away
		if m := forbidden.FindString(comment.ReplaceAllString(source, "")); own && m != "" {
			t.Errorf("<%s%s> contains %q", e.tag, e.attributes, m)
		}
	}
}

// Modules are strict; joined to one script they must stay so. The directive only
// counts where nothing but comments stands before it.
func TestAllScriptsAreStrictAndTheLoaderKeepsItsNotice(t *testing.T) {
	strict := regexp.MustCompile(`^\n(?://.*\n)*"use strict";`)
	notice := regexp.MustCompile(`(?m)^// Copyright .* The Go Authors\.`)
	scripts := 0
	for _, e := range elements(page(t)) {
		if e.tag != "script" || e.attributes != "" && !strings.Contains(e.attributes, `"worker"`) {
			continue
		}
		scripts++
		if !strict.MatchString(e.text) {
			t.Errorf("<script%s> is not strict: %.100q", e.attributes, e.text)
		}
		if isWorker := e.attributes != ""; isWorker != notice.MatchString(e.text) {
			t.Errorf("<script%s> with the Go Authors' notice: %v; it belongs to the loader in the worker", e.attributes, !isWorker)
		}
	}
	if scripts != 3 {
		t.Errorf("%d scripts; expected the seal, the page's own and the worker's", scripts)
	}
}

func TestThePageSaysWhatItWasMadeOf(t *testing.T) {
	for _, want := range []string{
		` data-version="1.2.3" data-revision="` + id.Revision + `">`,
		`</span> 1.2.3, <span data-t="identity.revision">revision</span> 012345678901<`,
	} {
		if !strings.Contains(page(t), want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
}

func TestTheProgramsStandLast(t *testing.T) {
	text := page(t)
	var ids []string
	rest := text[strings.Index(text, `id="disclaimer"`):]
	for _, m := range regexp.MustCompile(`<script type="text/plain" id="(program|kernels)">([^<]*)</script>\n`).FindAllStringSubmatch(rest, -1) {
		ids = append(ids, m[1])
		packed, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		r, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		code, err := io.ReadAll(r)
		if err != nil || !bytes.HasPrefix(code, []byte("\x00asm\x01\x00\x00\x00")) {
			t.Errorf("%s is not a WebAssembly module (%v)", m[1], err)
		}
		rest = rest[strings.Index(rest, m[0])+len(m[0]):]
	}
	if strings.Join(ids, " ") != "program kernels" {
		t.Errorf("programs %q; expected program and kernels, after the disclaimer", ids)
	}
	// What is asked first may not have to wait for weights that nobody may ask for.
	var apart, want []string
	for _, m := range regexp.MustCompile(`<script type="text/plain" id="weights-(\w+)">([^<]*)</script>\n`).FindAllStringSubmatch(rest, -1) {
		apart = append(apart, m[1])
		packed, err := base64.StdEncoding.DecodeString(m[2])
		if err != nil {
			t.Fatal(err)
		}
		network, err := model.BundleNamed(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if weights, err := packing.Unpack(packed); err != nil || !bytes.Equal(weights, network.Weights()) {
			t.Errorf("%s: other weights, error %v", m[1], err)
		}
		rest = rest[strings.Index(rest, m[0])+len(m[0]):]
	}
	for _, network := range model.Shipped()[1:] {
		want = append(want, network.Name)
	}
	slices.Sort(want)
	if !slices.Equal(apart, want) || model.Shipped()[0].Name != inside {
		t.Errorf("apart are the weights of %q, inside those of %s; expected %q and %s", apart, inside, want, model.Shipped()[0].Name)
	}
	if rest != "</body>\n</html>\n" {
		t.Errorf("after programs and weights comes %.200q", rest)
	}
}

// A package that the program needs by accident (regexp is 0.1 MB) is found out here.
func TestThePageIsSmall(t *testing.T) {
	const most = 4_100_000
	if n := Sent([]byte(page(t))); n > most {
		t.Errorf("%d bytes after gzip; at most %d are expected", n, most)
	}
}

func TestAPartThatWouldEndItselfIsRefused(t *testing.T) {
	for _, p := range []parts{{seal: "</script>"}, {style: "</style>"}, {script: `"</SCRIPT>"`}, {worker: "<!-- "}} {
		if _, err := assemble(p); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
	if _, err := assemble(parts{markup: "{{unknown}}"}); err == nil {
		t.Error("an unknown place is accepted")
	}
}

func TestTextIsFilledInAndEscaped(t *testing.T) {
	table := []byte(`{"a.b": "x < \"y\" & z"}`)
	got, err := fillText(`<p class="c" data-t="a.b"></p><ul data-t-aria-label="a.b"></ul>`, table)
	want := `<p class="c" data-t="a.b">x &lt; &#34;y&#34; &amp; z</p><ul data-t-aria-label="a.b" aria-label="x &lt; &#34;y&#34; &amp; z"></ul>`
	if err != nil || got != want {
		t.Errorf("got %s, %v; expected %s", got, err, want)
	}
	if _, err := fillText(`<p data-t="missing"></p>`, table); err == nil {
		t.Error("a text that the table lacks is not noticed")
	}
}

// Keys that are put together while the page runs, text(`class.${name}`), count as
// used where they fit the template.
func TestEveryTextIsUsedAndEveryUsedTextExists(t *testing.T) {
	web := os.DirFS(filepath.Join(root, "web"))
	read := func(name string) string {
		data, err := fs.ReadFile(web, name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	var table map[string]string
	if err := json.Unmarshal([]byte(read("strings.json")), &table); err != nil {
		t.Fatal(err)
	}
	scripts, err := fs.Glob(web, "*.js")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, m := range regexp.MustCompile(`data-t(?:-[a-z-]+)?="([^"]+)"`).FindAllStringSubmatch(page(t), -1) {
		used[m[1]] = true
	}
	for _, name := range scripts {
		code := read(name)
		for _, m := range regexp.MustCompile(`\btext\("([^"]+)"`).FindAllStringSubmatch(code, -1) {
			if _, known := table[m[1]]; !known {
				t.Errorf("%s uses the text %q, which strings.json lacks", name, m[1])
			}
		}
		for _, m := range regexp.MustCompile(`"([a-z-]+(?:\.[\w-]+)*)"`).FindAllStringSubmatch(code, -1) {
			used[m[1]] = true
		}
		for _, m := range regexp.MustCompile("`([a-z-]+\\.[^`]*\\$\\{[^`]*)`").FindAllStringSubmatch(code, -1) {
			literal := regexp.MustCompile(`\$\{[^}]*\}`).Split(m[1], -1)
			for i := range literal {
				literal[i] = regexp.QuoteMeta(literal[i])
			}
			fits := regexp.MustCompile("^" + strings.Join(literal, `[\w -]+`) + "$")
			for key := range table {
				used[key] = used[key] || fits.MatchString(key)
			}
		}
	}
	for key := range table {
		if !used[key] {
			t.Errorf("no one uses the text %q", key)
		}
	}
}

// The program's sentences and the page call a class the same.
func TestClassesHaveOneName(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(root, "web", "strings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var table map[string]string
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	for _, class := range model.Classes {
		if said := table["short."+class.String()]; said != class.Term() {
			t.Errorf("%s is %q on the page and %q in the program's sentences", class, said, class.Term())
		}
	}
}
