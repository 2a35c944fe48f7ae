// Package pagecheck says whether a page is the one that its sources give, and where it is
// another.
package pagecheck

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"allnet/build/source"
	"allnet/build/toolchain"
	"allnet/internal/packing"
)

// Part is a part of a page that can be compared by itself.
type Part struct {
	Name  string
	Bytes []byte
}

// Take takes a page apart. What it says of itself comes first; the parts are in the
// order in which differences are told. An error says that the file is no page of
// ours, or a damaged one.
func Take(file []byte) (source.Identity, []Part, error) {
	text := string(file)
	m := identity.FindStringSubmatch(text)
	if m == nil {
		return source.Identity{}, nil, errors.New("it is no page of ALL-Net that names its version and revision")
	}
	id := source.Identity{Version: html.UnescapeString(m[1]), Revision: html.UnescapeString(m[2])}
	found := map[string][]byte{}
	var kept strings.Builder
	for rest := text; ; {
		m := opening.FindStringSubmatchIndex(rest)
		if m == nil {
			kept.WriteString(rest)
			break
		}
		tag, attributes, inside := rest[m[2]:m[3]], rest[m[4]:m[5]], rest[m[1]:]
		end := strings.Index(inside, "</"+tag+">")
		if end < 0 {
			kept.WriteString(rest)
			break
		}
		names := rawParts[tag+attributes]
		if m := apart.FindStringSubmatch(tag + attributes); m != nil {
			names = []string{weightsOf + m[1]}
		}
		i := slices.IndexFunc(names, func(name string) bool { return found[name] == nil })
		if i >= 0 {
			name := names[i]
			found[name] = []byte(inside[:end])
			kept.WriteString(rest[:m[0]] + "<" + name + ">")
		} else {
			kept.WriteString(rest[:m[1]] + inside[:end])
		}
		rest = inside[end:]
	}
	markup := kept.String()
	cards := strings.Join(card.FindAllString(markup, -1), "")
	parts := []Part{
		{"text", []byte(card.ReplaceAllString(markup, "<card>"))},
		{"cards", []byte(cards)},
	}
	weights := slices.DeleteFunc(slices.Sorted(maps.Keys(found)), func(name string) bool { return !strings.HasPrefix(name, weightsOf) })
	for _, name := range append([]string{"style", "seal", "script", "worker's script", "program", "kernels"}, weights...) {
		data, there := found[name]
		if !there {
			return id, nil, fmt.Errorf("its %s is missing", name)
		}
		if name == "program" || name == "kernels" {
			var err error
			if data, err = unpack(data); err != nil {
				return id, nil, fmt.Errorf("its %s cannot be unpacked: %w", name, err)
			}
		}
		if strings.HasPrefix(name, weightsOf) {
			var err error
			if data, err = base64.StdEncoding.DecodeString(string(data)); err != nil {
				return id, nil, fmt.Errorf("the %s cannot be unpacked: %w", name, err)
			}
		}
		parts = append(parts, Part{name, data})
	}
	return id, parts, nil
}

var (
	identity = regexp.MustCompile(`<p [^>]*\bid="identity"[^>]* data-version="([^"]*)" data-revision="([^"]*)">`)
	opening  = regexp.MustCompile(`<(script|style)((?: [^>]*)?)>`)
	card     = regexp.MustCompile(`(?s)<details class="card".*?</details>\n`)
)

// rawParts names the elements that hold the page's parts, by tag and attributes, those
// with the same ones in the order in which they stand.
var rawParts = map[string][]string{
	"style":                                 {"style"},
	"script":                                {"seal", "script"},
	`script type="text/plain" id="worker"`:  {"worker's script"},
	`script type="text/plain" id="program"`: {"program"},
	`script type="text/plain" id="kernels"`: {"kernels"},
}

// apart are the attributes of an element that holds the weights of a network, whose part is called weightsOf and its name.
var apart = regexp.MustCompile(`^script type="text/plain" id="weights-([a-z]+)"$`)

const weightsOf = "weights of "

// mostCode is more than any program of the page unpacks to.
const mostCode = 256 << 20

func unpack(text []byte) ([]byte, error) {
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	code, err := io.ReadAll(io.LimitReader(r, mostCode))
	if err == nil && len(code) == mostCode {
		err = fmt.Errorf("it is larger than %d bytes", mostCode-1)
	}
	return code, err
}

// Same says whether file is the page that the sources under root give when they say
// that they are of id, and if it is not, where it differs: a sentence for each
// difference. An error says that the sources could not be built. They are built by
// their own build, which may be another than the one this program was made with.
func Same(root string, id source.Identity, file []byte) (same bool, differences []string, err error) {
	return compare(root, id, file, func(id source.Identity) ([]byte, error) { return build(root, id) })
}

// build returns the page that the sources under root give.
func build(root string, id source.Identity) ([]byte, error) {
	out, err := os.MkdirTemp("", "allnet-page-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	host := toolchain.Target{OS: runtime.GOOS, Arch: runtime.GOARCH}
	if _, err := toolchain.Go(root, host, "run", "./build", "-out", out, "-version", id.Version, "-revision", id.Revision); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(out, "index.html"))
}

// compare is Same with pages that build gives.
func compare(root string, id source.Identity, file []byte, build func(source.Identity) ([]byte, error)) (same bool, differences []string, err error) {
	built, err := build(id)
	if err != nil {
		return false, nil, err
	}
	if bytes.Equal(file, built) {
		return true, nil, nil
	}
	is, parts, err := Take(file)
	if err != nil {
		return false, []string{err.Error()}, nil
	}
	if is.Version != id.Version {
		differences = append(differences, fmt.Sprintf("version: it says %q, the source %q", is.Version, id.Version))
	}
	if is.Revision != id.Revision {
		differences = append(differences, fmt.Sprintf("revision: it says %q, the source %q", is.Revision, id.Revision))
	}
	if is != id && is.WellFormed() {
		// What else differs can only be seen beside a page that says the same of itself.
		if built, err = build(is); err != nil {
			return false, nil, err
		}
		if bytes.Equal(file, built) {
			return false, append(differences, "nothing else differs: it is this source under another name"), nil
		}
	}
	_, own, err := Take(built)
	if err != nil {
		return false, nil, fmt.Errorf("the page of the source: %w", err)
	}
	before := len(differences)
	for _, part := range parts {
		i := slices.IndexFunc(own, func(p Part) bool { return p.Name == part.Name })
		if i < 0 {
			differences = append(differences, fmt.Sprintf("%s: of the source none", part.Name))
			continue
		}
		if other := own[i].Bytes; !bytes.Equal(part.Bytes, other) {
			differences = append(differences, fmt.Sprintf("%s: %d bytes, of the source %d; not the same from byte %d on", part.Name, len(part.Bytes), len(other), common(part.Bytes, other)))
		}
	}
	for _, part := range own {
		if !slices.ContainsFunc(parts, func(p Part) bool { return p.Name == part.Name }) {
			differences = append(differences, fmt.Sprintf("%s: it has none", part.Name))
		}
	}
	weights, err := missingWeights(root, parts)
	if err != nil {
		return false, nil, err
	}
	differences = append(differences, weights...)
	if len(differences) == before {
		differences = append(differences, "the packing of the programs alone: unpacked they are the same")
	}
	return false, differences, nil
}

// common is how many bytes a and b have in common at their beginning.
func common(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// missingWeights says which weights of the sources the page does not hold, neither in its program nor apart.
func missingWeights(root string, parts []Part) ([]string, error) {
	i := slices.IndexFunc(parts, func(p Part) bool { return p.Name == "program" })
	memory, err := initialMemory(parts[i].Bytes)
	if err != nil {
		return []string{fmt.Sprintf("weights: the program cannot be read: %s", err)}, nil
	}
	files, err := filepath.Glob(filepath.Join(root, "model", "*.onnx"))
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, name := range files {
		weights, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		packed := packing.Pack(weights)
		isApart := slices.ContainsFunc(parts, func(p Part) bool { return strings.HasPrefix(p.Name, weightsOf) && bytes.Equal(p.Bytes, packed) })
		if !isApart && !bytes.Contains(memory, weights) && !bytes.Contains(memory, packed) {
			missing = append(missing, fmt.Sprintf("weights: it does not hold model/%s of the source", filepath.Base(name)))
		}
	}
	return missing, nil
}

// initialMemory is what a WebAssembly module fills its memory with: its data
// segments, each at its place (WebAssembly Core Specification, section 5.5.14).
// Runs of zeros are left out of the segments.
func initialMemory(module []byte) ([]byte, error) {
	if !bytes.HasPrefix(module, []byte("\x00asm\x01\x00\x00\x00")) {
		return nil, errors.New("it is no WebAssembly module")
	}
	for r := (reader{rest: module[8:]}); len(r.rest) > 0 && r.err == nil; {
		kind, body := r.take(1), r.take(r.number())
		if r.err != nil {
			return nil, r.err
		}
		if kind[0] == dataSection {
			return dataSegments(body)
		}
	}
	return nil, errors.New("it has no data section")
}

const (
	dataSection = 11
	i32Const    = 0x41
	end         = 0x0b
)

func dataSegments(body []byte) ([]byte, error) {
	var memory []byte
	r := reader{rest: body}
	for n := r.number(); n > 0; n-- {
		if kind := r.number(); kind != 0 {
			return nil, fmt.Errorf("it has a data segment of kind %d; expected 0", kind)
		}
		head := r.take(1)
		at := r.number() // a non-negative constant: as signed it may have one byte more, which reads alike
		tail := r.take(1)
		data := r.take(r.number())
		if r.err != nil {
			return nil, r.err
		}
		if head[0] != i32Const || tail[0] != end || at > mostCode || len(data) > mostCode {
			return nil, errors.New("it has a data segment whose place is no constant")
		}
		if grow := at + len(data) - len(memory); grow > 0 {
			memory = append(memory, make([]byte, grow)...)
		}
		copy(memory[at:], data)
	}
	return memory, r.err
}

// reader reads a module's sections. After its first error it gives zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.rest) {
		r.err = io.ErrUnexpectedEOF
		return make([]byte, 1)
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// number reads an unsigned LEB128 number.
func (r *reader) number() int {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.take(1)[0]
		n |= uint64(b&0x7f) << shift
		if r.err != nil || b < 0x80 {
			return int(n)
		}
	}
	r.err = errors.New("it has a number of more than 35 bits")
	return 0
}
