package pagecheck

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allnet/build/page"
	"allnet/build/source"
	"allnet/internal/packing"
)

const root = "../.."

// repacked returns the page with its program changed.
func repacked(t *testing.T, text string, change func(code []byte) []byte) string {
	t.Helper()
	const tag = `<script type="text/plain" id="program">`
	at := strings.Index(text, tag) + len(tag)
	end := at + strings.Index(text[at:], "<")
	code, err := unpack([]byte(text[at:end]))
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(change(code)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text[:at] + base64.StdEncoding.EncodeToString(packed.Bytes()) + text[end:]
}

func TestAPageIsToldFromOnesThatTheSourceDoesNotGive(t *testing.T) {
	id, renamed := source.Identity{Version: "1.2.3", Revision: strings.Repeat("0123456789", 4)}, source.Identity{Version: "1.2.4", Revision: source.Unknown}
	built := map[source.Identity][]byte{}
	build := func(of source.Identity) ([]byte, error) {
		if built[of] == nil {
			var err error
			if built[of], err = page.Build(root, of); err != nil {
				return nil, err
			}
		}
		return built[of], nil
	}
	for _, of := range []source.Identity{id, renamed} {
		if _, err := build(of); err != nil {
			t.Fatal(err)
		}
	}
	own := string(built[id])
	weights, err := os.ReadFile(filepath.Join(root, "model", "cells.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	replaced := func(old, by string) string {
		if strings.Count(own, old) == 0 {
			t.Fatalf("the page does not contain %s", old)
		}
		return strings.Replace(own, old, by, 1)
	}
	for name, c := range map[string]struct {
		file string
		want []string // beginnings; none where the page is the same
	}{
		"the same":      {own, nil},
		"no page":       {"<p>hello</p>", []string{"it is no page of ALL-Net"}},
		"cut off":       {own[:strings.Index(own, `id="program"`)+1000], []string{"its program is missing"}},
		"other version": {string(built[renamed]), []string{`version: it says "1.2.4", the source "1.2.3"`, `revision: it says "unknown"`, "nothing else differs"}},
		"false version": {replaced(`data-version="1.2.3"`, `data-version="1.2.4"`), []string{"version: ", "text: ", "program: "}},
		"text":          {replaced("Not a medical device", "A medical device"), []string{"text: "}},
		"card":          {replaced(`class="card-section"`, `class="card-Section"`), []string{"cards: "}},
		"policy":        {replaced("form-action", "form-Action"), []string{"text: "}},
		"style":         {replaced("<style>\n", "<style>\n "), []string{"style: "}},
		"seal":          {replaced("this page is sealed", "this page is Sealed"), []string{"seal: "}}, // the worker's stands further down
		"script":        {replaced("strings.json lacks", "strings.json Lacks"), []string{"script: "}},
		"third script":  {replaced("</body>", "<script>alert(1)</script></body>"), []string{"text: "}},
		"worker":        {replaced("The Go Authors", "The Go authors"), []string{"worker's script: "}},
		"weights": {repacked(t, own, func(code []byte) []byte {
			// Runs of zeros are left out of the program, and some parts may repeat themselves.
			for some := range slices.Chunk(packing.Pack(weights), 64) {
				if bytes.Count(code, some) == 1 && bytes.Count(some, []byte{0}) == 0 {
					return bytes.Replace(code, some, bytes.Repeat([]byte("x"), len(some)), 1)
				}
			}
			t.Fatal("no part of the weights stands in the program once")
			return nil
		}), []string{"program: ", "weights: it does not hold model/cells.onnx"}},
		"weights apart":    {replaced(`id="weights-robust">`, `id="weights-robust">AAAA`), []string{"weights of robust: ", "weights: it does not hold model/robust.onnx"}},
		"no weights":       {replaced(`id="weights-robust"`, `id="weights-robusT"`), []string{"text: ", "weights of robust: it has none", "weights: it does not hold model/robust.onnx"}},
		"no base64":        {replaced(`id="weights-robust">`, `id="weights-robust">!`), []string{"the weights of robust cannot be unpacked"}},
		"packing":          {replaced(`id="program">H4sIAAAAAAAC`, `id="program">H4sIAAAAAAAA`), []string{"the packing of the programs alone"}},
		"injected options": {replaced(`data-version="1.2.3"`, `data-version="1.2.3 -X main.version=4"`), []string{"version: ", "text: "}},
	} {
		same, differences, err := compare(root, id, []byte(c.file), build)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		fits := same == (c.want == nil) && len(differences) == len(c.want)
		for i := 0; fits && i < len(c.want); i++ {
			fits = strings.HasPrefix(differences[i], c.want[i])
		}
		if !fits {
			t.Errorf("%s: %v, %q; expected %q", name, same, differences, c.want)
		}
	}
}

func TestAProgramThatIsNotOneIsSaidToBeNone(t *testing.T) {
	for name, code := range map[string]string{
		"no module":         "hello",
		"cut off":           "\x00asm\x01\x00\x00\x00\x0b\x7f",
		"no data":           "\x00asm\x01\x00\x00\x00\x01\x01\x00",
		"passive data":      "\x00asm\x01\x00\x00\x00\x0b\x02\x01\x01",
		"place from global": "\x00asm\x01\x00\x00\x00\x0b\x07\x01\x00\x23\x00\x0b\x01a",
		"endless number":    "\x00asm\x01\x00\x00\x00\x0b\xff\xff\xff\xff\xff\xff\xff",
		"empty":             "\x00asm\x01\x00\x00\x00\x0b\x00",
	} {
		if memory, err := initialMemory([]byte(code)); err == nil {
			t.Errorf("%s: no error, %q", name, memory)
		}
	}
	memory, err := initialMemory([]byte("\x00asm\x01\x00\x00\x00\x01\x01\x00\x0b\x0e\x02\x00\x41\x03\x0b\x02ab\x00\x41\x00\x0b\x01c"))
	if err != nil || string(memory) != "c\x00\x00ab" {
		t.Errorf("%q, %v", memory, err)
	}
}
