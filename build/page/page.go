// Package page makes the page: it compiles the worker's program to WebAssembly, puts
// style, scripts and programs into one file, and seals it with a content security
// policy made of their hashes.
//
// The same sources and the same Go release give the same bytes, wherever the
// sources lie; that includes the revision that they say they are of (package source).
package page

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"allnet/build/source"
)

// Build returns the page made of the sources under root. It says of itself that it
// is of version and revision id.
func Build(root string, id source.Identity) ([]byte, error) {
	web := filepath.Join(root, "web")
	markup, err := os.ReadFile(filepath.Join(web, "index.html"))
	if err != nil {
		return nil, err
	}
	// The models' cards are written by allnet report, from what was measured.
	cards, err := os.ReadFile(filepath.Join(web, "cards.html"))
	if err != nil {
		return nil, err
	}
	table, err := os.ReadFile(filepath.Join(web, "strings.json"))
	if err != nil {
		return nil, err
	}
	p := parts{id: id}
	if p.markup, err = fillText(string(markup), table); err != nil {
		return nil, err
	}
	if p.cards, err = fillText(string(cards), table); err != nil {
		return nil, err
	}
	if p.style, err = bundleStyle(web, "style.css"); err != nil {
		return nil, err
	}
	if p.script, err = bundleScript(web, "main.js"); err != nil {
		return nil, err
	}
	if p.seal, err = seal(web); err != nil {
		return nil, err
	}
	if p.worker, err = workerScripts(root); err != nil {
		return nil, err
	}
	p.worker = p.seal + p.worker
	if p.programs, err = programs(root, id); err != nil {
		return nil, err
	}
	if p.weights, err = packedWeights(root); err != nil {
		return nil, err
	}
	return assemble(p)
}

// seal returns the first script of the page and of its workers. It begins with the
// directive that makes all of a worker's scripts strict.
func seal(web string) (string, error) {
	text, err := os.ReadFile(filepath.Join(web, "seal.js"))
	if err != nil {
		return "", err
	}
	script, err := minifyScript("web/seal.js", string(text))
	return strict + script, err
}

// parts are the ingredients of the page, as text except for programs and weights.
type parts struct {
	markup, seal, style, script, worker, cards string
	id                                         source.Identity
	programs                                   []program
	weights                                    []weights
}

// assemble puts the parts into their places in the markup. The programs come
// last in the file, and behind them the weights that they can start without: over a
// slow line the page, what it explains and its disclaimer are there first.
func assemble(p parts) ([]byte, error) {
	for what, text := range map[string]string{"seal": p.seal, "style": p.style, "script": p.script, "worker": p.worker} {
		if closing.MatchString(text) {
			return nil, fmt.Errorf("the %s contains a closing tag or a comment opening, which would end it inside the page", what)
		}
	}
	var payload strings.Builder
	for _, program := range p.programs {
		fmt.Fprintf(&payload, "<script type=\"text/plain\" id=\"%s\">%s</script>\n", program.id, base64.StdEncoding.EncodeToString(compress(program.code)))
	}
	for _, w := range p.weights {
		if w.network != inside {
			fmt.Fprintf(&payload, "<script type=\"text/plain\" id=\"weights-%s\">%s</script>\n", w.network, base64.StdEncoding.EncodeToString(w.packed))
		}
	}
	// The text of style and script begins after the tag: the hashes are of exactly that.
	seal, style, script := "\n"+p.seal, "\n"+p.style, "\n"+p.script
	places := map[string]string{
		"{{policy}}":   html.EscapeString(policy(style, seal, script)),
		"{{seal}}":     "<script>" + seal + "</script>",
		"{{version}}":  html.EscapeString(p.id.Version),
		"{{revision}}": html.EscapeString(p.id.Revision),
		"{{short}}":    html.EscapeString(p.id.Short()),
		"{{style}}":    "<style>" + style + "</style>",
		"{{script}}":   "<script>" + script + "</script>",
		"{{cards}}":    p.cards,
		"{{worker}}":   "<script type=\"text/plain\" id=\"worker\">\n" + p.worker + "</script>",
		"{{payload}}":  payload.String(),
	}
	var missing error
	page := place.ReplaceAllStringFunc(p.markup, func(name string) string {
		text, known := places[name]
		if !known {
			missing = fmt.Errorf("index.html names the unknown place %s", name)
		}
		return text
	})
	return []byte(page), missing
}

// compress is gzip at its highest level, with no name and no time in the header.
func compress(data []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write(data) // a bytes.Buffer accepts everything
	w.Close()
	return buf.Bytes()
}

// Sent is how many bytes a server sends that compresses the page.
func Sent(page []byte) int { return len(compress(page)) }

var (
	place   = regexp.MustCompile(`\{\{\w+\}\}`)
	closing = regexp.MustCompile(`(?i)</(?:script|style)|<!--`)
)

// policy returns the content security policy of the page: nothing may be loaded
// from anywhere, only this style and these scripts apply, and the worker can be
// made of nothing but what the page itself holds. html escaping of the attribute
// is the caller's.
func policy(style, seal, script string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src '" + hash(seal) + "' '" + hash(script) + "' 'wasm-unsafe-eval'",
		"worker-src blob:",
		"img-src blob: data:",
		"style-src '" + hash(style) + "'",
		"base-uri 'none'",
		"form-action 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types app",
	}, "; ")
}

// hash is the source expression of an inline element with this text
// (Content Security Policy Level 3, section 2.3.1).
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// fillText writes the text of the strings table into the markup, so that the
// page can be read before its script has run: <p data-t="key"></p> gets the text
// of key, and data-t-aria-label="key" gives the element that attribute.
func fillText(markup string, table []byte) (string, error) {
	var texts map[string]string
	if err := json.Unmarshal(table, &texts); err != nil {
		return "", fmt.Errorf("strings.json: %w", err)
	}
	var missing error
	text := func(key string) string {
		value, found := texts[key]
		if !found {
			missing = fmt.Errorf("the markup uses the text %q, which strings.json lacks", key)
		}
		return html.EscapeString(value)
	}
	markup = attributeKey.ReplaceAllStringFunc(markup, func(found string) string {
		m := attributeKey.FindStringSubmatch(found)
		return fmt.Sprintf(`%s %s="%s"`, found, m[1], text(m[2]))
	})
	markup = elementKey.ReplaceAllStringFunc(markup, func(found string) string {
		m := elementKey.FindStringSubmatch(found)
		return m[1] + text(m[2]) + m[3]
	})
	return markup, missing
}

var (
	attributeKey = regexp.MustCompile(`\bdata-t-([a-z-]+)="([\w.-]+)"`)
	elementKey   = regexp.MustCompile(`(<[a-z0-9]+ [^<>]*\bdata-t="([\w.-]+)"[^<>]*>)(</)`)
)
