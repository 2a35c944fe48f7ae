package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/cases/evidence"
	"allnet/model/synthetic"
)

func TestAFigureHoldsTheEvidenceAndWhatItIsWorth(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for _, name := range []string{"synthetic-1", "synthetic-4"} {
		data, err := synthetic.PNG(name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(dir, name+" <&>.png"))
		write(t, files[len(files)-1], data)
	}
	broken := filepath.Join(dir, "broken.png")
	write(t, broken, []byte("no picture"))
	figure := filepath.Join(dir, "figure.svg")
	status, _, stderr := allnet("figure", "-out", figure, "-samples", "200", files[0], broken, files[1])
	if status != 1 || !strings.Contains(stderr, "1 of 3 pictures could not be read; the figure says why") {
		t.Errorf("status %d, %s", status, stderr)
	}
	text, err := os.ReadFile(figure)
	if err != nil {
		t.Fatal(err)
	}
	var images [][]byte
	var words []string
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, a := range token.Attr {
				if a.Name.Local == "href" {
					data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(a.Value, "data:image/png;base64,"))
					if err != nil {
						t.Fatal(err)
					}
					if _, err := png.Decode(bytes.NewReader(data)); err != nil {
						t.Fatal(err)
					}
					images = append(images, data)
				}
			}
		case xml.CharData:
			words = append(words, string(token))
		}
	}
	all := strings.Join(words, "\n")
	_, said, _ := allnet("classify", broken)
	if _, reason, _ := strings.Cut(strings.TrimSpace(said), "(unreadable): "); len(images) != 8 || !strings.Contains(all, "broken.png") || reason == "" || !strings.Contains(strings.ReplaceAll(all, "\n", " "), reason) {
		t.Errorf("%d images, and %q for the reason %q", len(images), all, reason)
	}
	for i, file := range files {
		if status, _, stderr := allnet("explain", "-samples", "200", "-out", dir, file); status != 0 {
			t.Fatal(stderr)
		}
		base := strings.TrimSuffix(file, ".png")
		for k, ending := range evidence.Endings[:3] {
			want, err := os.ReadFile(base + ending)
			if err != nil || !bytes.Equal(images[4*i+1+k], want) {
				t.Errorf("%s%s: error %v, and the figure's is another", base, ending, err)
			}
		}
		var e evidence.File
		data, err := os.ReadFile(base + ".json")
		if err != nil || json.Unmarshal(data, &e) != nil {
			t.Fatalf("error %v, %.200s", err, data)
		}
		c := e.Computed
		if c == nil {
			c = e.NotAnAnswer
		}
		explained := c.Explanation.Classes[c.Class]
		if want := fmt.Sprintf("R² %.2f, agreement of the halves %.2f.", explained.R2, explained.Agreement); !strings.Contains(all, filepath.Base(file)) || !strings.Contains(all, want) {
			t.Errorf("the figure does not say %q of %s: %s", want, file, all)
		}
	}
}
