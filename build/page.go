package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// buildPage returns the page made of the sources under root.
func buildPage(root, version string) ([]byte, error) {
	web := filepath.Join(root, "web")
	markup, err := os.ReadFile(filepath.Join(web, "index.html"))
	if err != nil {
		return nil, err
	}
	style, err := os.ReadFile(filepath.Join(web, "style.css"))
	if err != nil {
		return nil, err
	}
	table, err := os.ReadFile(filepath.Join(web, "strings.json"))
	if err != nil {
		return nil, err
	}
	seal, err := os.ReadFile(filepath.Join(web, "seal.js"))
	if err != nil {
		return nil, err
	}
	script, err := joinModules(web, "main.js")
	if err != nil {
		return nil, err
	}
	worker, err := workerScripts(root)
	if err != nil {
		return nil, err
	}
	programs, err := programs(root, version)
	if err != nil {
		return nil, err
	}
	text, err := fillText(string(markup), table)
	if err != nil {
		return nil, err
	}
	cards, err := modelCards(root)
	if err == nil {
		cards, err = fillText(cards, table)
	}
	if err != nil {
		return nil, err
	}
	return assemble(parts{text, string(seal), string(style), script, string(seal) + worker, version, cards, programs})
}

// parts are the ingredients of the page, as text except for the programs.
type parts struct {
	markup, seal, style, script, worker, version, cards string
	programs                                            []program
}

// assemble puts the parts into their places in the markup. The programs come
// last in the file: over a slow line the page, what it explains and its
// disclaimer are there first.
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
	// The text of style and script begins after the tag: the hashes are of exactly that.
	seal, style, script := "\n"+p.seal, "\n"+p.style, "\n"+p.script
	places := map[string]string{
		"{{policy}}":  html.EscapeString(policy(style, seal, script)),
		"{{seal}}":    "<script>" + seal + "</script>",
		"{{version}}": html.EscapeString(p.version),
		"{{style}}":   "<style>" + style + "</style>",
		"{{script}}":  "<script>" + script + "</script>",
		"{{cards}}":   p.cards,
		"{{worker}}":  "<script type=\"text/plain\" id=\"worker\">\n" + p.worker + "</script>",
		"{{payload}}": payload.String(),
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
			missing = fmt.Errorf("index.html uses the text %q, which strings.json lacks", key)
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
