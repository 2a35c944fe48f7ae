package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"allnet/cases"
	"allnet/cases/evidence"
	"allnet/cases/profile"
	"allnet/internal/options"
	"allnet/model"
	"allnet/model/synthetic"
)

// smear writes drawn pictures of few cells into one folder, one of them in a folder below it, with
// a damaged one, and returns it.
func smear(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for example, name := range map[string]string{"synthetic-1": "synthetic-1.png", "synthetic-2": "synthetic-2.png", "synthetic-4": "more/synthetic-4.png"} {
		data, err := synthetic.PNG(example)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), data)
	}
	write(t, filepath.Join(dir, "damaged.png"), []byte("no picture"))
	write(t, filepath.Join(dir, ".DS_Store"), []byte("left by a desktop"))
	return dir
}

// madeCase reads a folder into a case and returns its file.
func madeCase(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out := t.TempDir()
	status, stdout, stderr := allnet(append([]string{"case", dir, "-out", out, "-label", "S24-0117", "-samples", "200"}, args...)...)
	if status != 1 || !strings.Contains(stderr, "1 of 4 pictures could not be read") || !strings.Contains(stdout, "4 pictures: 3 with an answer (") {
		t.Fatalf("status %d, %s%s", status, stdout, stderr)
	}
	return filepath.Join(out, "case.json")
}

func readCase(t *testing.T, name string) *cases.Case {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cases.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACaseHoldsWhatClassifyAndExplainSay(t *testing.T) {
	dir := smear(t)
	name := madeCase(t, dir)
	c := readCase(t, name)
	if want := []string{"damaged.png", "more/synthetic-4.png", "synthetic-1.png", "synthetic-2.png"}; !slices.EqualFunc(c.Pictures, want, func(p cases.Picture, name string) bool { return p.File() == name }) {
		t.Fatalf("%d pictures, the first %s", len(c.Pictures), c.Pictures[0].File())
	}
	for i := range c.Pictures {
		p := &c.Pictures[i]
		file := filepath.Join(dir, p.File())
		_, line, _ := allnet("classify", "-json", file)
		p.Answer.Record.File = file
		var got bytes.Buffer
		if err := json.NewEncoder(&got).Encode(p.Answer.Record); err != nil {
			t.Fatal(err)
		}
		if got.String() != line {
			t.Errorf("%s, classify says %s", got.String(), line)
		}
	}
	out := t.TempDir()
	if status, _, stderr := allnet("explain", "-samples", "200", "-out", out, filepath.Join(dir, "synthetic-2.png")); status != 0 {
		t.Fatal(stderr)
	}
	text, err := os.ReadFile(filepath.Join(out, "synthetic-2.json"))
	if err != nil {
		t.Fatal(err)
	}
	var explained, held struct {
		Explanation, Readings, Nuclei json.RawMessage
		Logits                        []float32
	}
	if err := json.Unmarshal(text, &explained); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(c.Pictures[3].Explained, &held); err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]json.RawMessage{"explanation": {explained.Explanation, held.Explanation}, "readings": {explained.Readings, held.Readings}, "nuclei": {explained.Nuclei, held.Nuclei}} {
		var a, b bytes.Buffer
		if json.Compact(&a, pair[0]) != nil || json.Compact(&b, pair[1]) != nil || a.String() != b.String() || a.Len() < 10 {
			t.Errorf("%s: explain says %.300s, the case %.300s", what, a.String(), b.String())
		}
	}
	if !slices.Equal(explained.Logits, c.Pictures[3].Answer.Logits) {
		t.Errorf("logits %v, %v", explained.Logits, c.Pictures[3].Answer.Logits)
	}
	table, err := os.ReadFile(filepath.Join(filepath.Dir(name), "case.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if lines, err := csv.NewReader(bytes.NewReader(table)).ReadAll(); err != nil || len(lines) != 5 || lines[1][0] != "damaged.png" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

func TestCheckComputesACaseAgain(t *testing.T) {
	dir := smear(t)
	name := madeCase(t, dir)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	altered := func(from, to string) string {
		file := filepath.Join(t.TempDir(), "case.json")
		if !bytes.Contains(text, []byte(from)) {
			t.Fatalf("the case holds no %s", from)
		}
		write(t, file, bytes.Replace(text, []byte(from), []byte(to), 1))
		return file
	}
	scale := string(regexp.MustCompile(`"scale":[0-9]+\.[0-9]`).Find(text))
	// folder is a copy of the smear with something changed.
	folder := func(change func(dir string) error) string {
		copied := smear(t)
		if err := change(copied); err != nil {
			t.Fatal(err)
		}
		return copied
	}
	swapped := folder(func(dir string) error {
		return os.Rename(filepath.Join(dir, "synthetic-2.png"), filepath.Join(dir, "synthetic-1.png"))
	})
	lacking := folder(func(dir string) error { return os.Remove(filepath.Join(dir, "synthetic-1.png")) })
	renamed := folder(func(dir string) error {
		return os.Rename(filepath.Join(dir, "synthetic-1.png"), filepath.Join(dir, "other.png"))
	})
	grown := folder(func(dir string) error { return os.WriteFile(filepath.Join(dir, "new.png"), []byte("new"), 0o644) })
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{name, dir}, 0, "The same to the last bit: 4 pictures computed again.\n"},
		{[]string{altered(scale, scale+"9"), dir}, 1, "pictures[1].answer.scale: " + strings.TrimPrefix(scale, `"scale":`) + "9"},
		{[]string{name, swapped}, 1, "The picture's bytes are not those that were read"},
		{[]string{name, lacking}, 2, "  missing: synthetic-1.png\n"},
		{[]string{name, renamed}, 0, `"synthetic-1.png" goes by the name "other.png" now.`},
		{[]string{name, grown}, 0, "  not in the case: new.png\n"},
		{[]string{altered("allnet case 1", "allnet case 9"), dir}, 2, `its format is "allnet case 9"`},
		{[]string{filepath.Join(dir, "damaged.png"), dir}, 2, "this is not a case"},
		{[]string{filepath.Join(dir, "nothing.json"), dir}, 2, "there is no such file"},
		{[]string{name, filepath.Join(dir, "nowhere")}, 2, "there is no such file or folder"},
		{[]string{altered(`"network":"cells"`, `"network":"other"`), dir}, 1, "networks[0]"},
		{[]string{altered(`"weights":"`, `"weights":"0`), dir}, 1, "digest"},
	} {
		status, stdout, stderr := allnet(append([]string{"check"}, c.args...)...)
		if status != c.status || !strings.Contains(stdout+stderr, c.want) {
			t.Errorf("%v: status %d, %s%s; want status %d, %q", c.args, status, stdout, stderr, c.status, c.want)
		}
	}
	// A case names networks, not files: whoever wrote it must not choose what is opened here.
	file := filepath.Join(t.TempDir(), "secret")
	write(t, file, []byte("no network"))
	text = bytes.ReplaceAll(text, []byte(`"network":"cells"`), []byte(`"network":"`+filepath.ToSlash(file)+`"`))
	if _, _, stderr := allnet("check", altered(`"label"`, `"label"`), dir); !strings.Contains(stderr, "there is no shipped network") {
		t.Errorf("got %s", stderr)
	}
	status, stdout, _ := allnet("check", "-json", name, swapped)
	var k cases.Comparison
	if err := json.Unmarshal([]byte(stdout), &k); err != nil || status != 1 || k.Outcome != cases.Differs || k.Differences[0].Cause != cases.OtherPicture {
		t.Errorf("status %d, %s", status, stdout)
	}
}

// A field that is asked for and is not there costs its own picture its explanation, and the comparison
// says why it differs; an explanation that fails costs itself.
func TestCheckComparesWhereAFieldIsNotThereAnyMore(t *testing.T) {
	few, err := synthetic.Draw("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	many, err := synthetic.Draw("synthetic-3")
	if err != nil {
		t.Fatal(err)
	}
	wide := image.NewRGBA(image.Rect(0, 0, few.Width+many.Width, few.Height))
	for i := range few.Width * few.Height {
		x, y := i%few.Width, i/few.Width
		wide.Set(x, y, color.RGBA{few.Pix[3*i], few.Pix[3*i+1], few.Pix[3*i+2], 255})
		wide.Set(few.Width+x, y, color.RGBA{many.Pix[3*i], many.Pix[3*i+1], many.Pix[3*i+2], 255})
	}
	var mosaic bytes.Buffer
	if err := png.Encode(&mosaic, wide); err != nil {
		t.Fatal(err)
	}
	narrow, err := synthetic.PNG("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	dir, out := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "a.png"), mosaic.Bytes())
	write(t, filepath.Join(dir, "b.png"), narrow)
	if status, _, stderr := allnet("case", dir, "-out", out, "-samples", "200", "-keep", "size"); status != 0 {
		t.Fatal(stderr)
	}
	name := filepath.Join(out, "case.json")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if f := readCase(t, name).Pictures[0].Answer.Field; f == nil || *f != 1 {
		t.Fatalf("field %v is explained", f)
	}
	asks := filepath.Join(out, "asks.json")
	for from, c := range map[string]struct{ to, differs, said string }{
		`"field":1,`:    {`"field":99,`, "pictures[0].answer.field", ""},
		`"samples":200`: {`"samples":1`, "digest", "a.png: its explanation cannot be computed again: "},
	} {
		if !bytes.Contains(text, []byte(from)) {
			t.Fatalf("the case holds no %s", from)
		}
		write(t, asks, bytes.ReplaceAll(text, []byte(from), []byte(c.to)))
		status, stdout, stderr := allnet("check", asks, dir)
		if status != 1 || !strings.Contains(stdout, c.differs) || !strings.Contains(stdout, "of 2 pictures computed again") || !strings.Contains(stderr, c.said) {
			t.Errorf("%s: status %d, %s%s", c.to, status, stdout, stderr)
		}
	}
	write(t, filepath.Join(dir, "a.png"), narrow)
	status, stdout, stderr := allnet("check", name, dir)
	if status != 1 || !strings.Contains(stdout, "Not the same: 1 value differs, of 2 of 2 pictures computed again.") || !strings.Contains(stdout, "a.png: pictures[0].answer.source.sha256") {
		t.Errorf("swapped: status %d, %s%s", status, stdout, stderr)
	}
}

// What the reader told of the pictures, and how they are explained, is repeated.
func TestCheckRepeatsWhatWasToldAndAsked(t *testing.T) {
	dir := t.TempDir()
	data, err := synthetic.PNG("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "one.png"), data)
	for _, args := range [][]string{
		{"-keep", "stain", "-diameter", "17", "-seed", "7"},
		{"-model", "robust", "-preset", "article"},
		{"-explain=false"},
	} {
		out := t.TempDir()
		if status, _, stderr := allnet(append([]string{"case", dir, "-out", out, "-samples", "200"}, args...)...); status != 0 {
			t.Fatalf("%v: status %d, %s", args, status, stderr)
		}
		if status, stdout, stderr := allnet("check", filepath.Join(out, "case.json"), dir); status != 0 {
			t.Errorf("%v: status %d, %s%s", args, status, stdout, stderr)
		}
	}
}

func TestACaseOfItsOwnFolderDoesNotReadItself(t *testing.T) {
	dir := smear(t)
	for range 2 {
		if status, stdout, stderr := allnet("case", dir, "-out", dir, "-explain=false"); status != 1 || !strings.Contains(stdout, "4 pictures: ") {
			t.Fatalf("status %d, %s%s", status, stdout, stderr)
		}
	}
	if status, stdout, stderr := allnet("check", filepath.Join(dir, "case.json"), dir); status != 0 || strings.Contains(stdout, "not in the case") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
}

func TestACaseNeedsAFolderAndALabelThatIsNoName(t *testing.T) {
	dir := smear(t)
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{dir}, 2, "-out is missing"},
		{[]string{dir, "-out", t.TempDir(), "-label", "Ann Smith"}, 1, "a case must not hold a name"},
		{[]string{t.TempDir(), "-out", t.TempDir()}, 1, "holds no files; expected pictures of one smear"},
		{[]string{dir, "-out", t.TempDir(), "-samples", "1"}, 1, "samples"},
		{[]string{dir, "-out", t.TempDir(), "-page", filepath.Join(dir, "damaged.png")}, 1, "it is no page"},
	} {
		if status, _, stderr := allnet(append([]string{"case"}, c.args...)...); status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %s; want status %d, %q", c.args, status, stderr, c.status, c.want)
		}
	}
}

func TestSchemaIsPrinted(t *testing.T) {
	status, stdout, stderr := allnet("schema")
	var schema map[string]any
	if err := json.Unmarshal([]byte(stdout), &schema); err != nil || status != 0 || schema["$schema"] == nil || stdout != string(cases.Schema()) {
		t.Errorf("status %d, %v, %s", status, err, stderr)
	}
}

// A reader fills the table that a case comes with, and gives it back.
func TestDecisionsComeFromATable(t *testing.T) {
	dir := smear(t)
	table := filepath.Join(t.TempDir(), "decided.csv")
	write(t, table, []byte("\uFEFFfile,cells,reader_class,reader_certainty,reader_blind,reader_note\r\nsynthetic-1.png,9,Benign,certain,TRUE,\"'=a, b\"\r\n"+
		"more/synthetic-4.png,,cannot tell,,false,\r\nsynthetic-2.png,,,,,\r\n"))
	c := readCase(t, madeCase(t, dir, "-explain=false", "-decisions", table))
	first, second := c.Pictures[2].Decision, c.Pictures[1].Decision
	if first == nil || first.Class.String() != "Benign" || first.Certainty != cases.Certain || !first.Blind || first.Note != "=a, b" {
		t.Errorf("got %+v", first)
	}
	if second == nil || second.Class != nil || second.Blind || c.Pictures[3].Decision != nil {
		t.Errorf("got %+v, %+v", second, c.Pictures[3].Decision)
	}
	if r := c.Summary.Reader; r.Judged != 2 || r.CannotTell != 1 || r.Agreement.Pictures != 1 {
		t.Errorf("got %+v", r)
	}
	for text, want := range map[string]string{
		"file,reader_class\nz.png,Pre\nb.png,Pre\na.png,Pre\n":          "has decisions of a.png and 2 others, which are no pictures of the case",
		"file,reader_class\nsynthetic-1.png,Pre\nsynthetic-1.png,Pro\n": "has two decisions of synthetic-1.png",
		"":                                  "is no table of decisions",
		"file\na.png\n":                     "lacks the column reader_class",
		"file,reader_class\na.png,Mature\n": "or cannot tell",
		"file,reader_class\nnone.png,Pre\n": "which is no picture of the case",
		"file,reader_class,reader_blind\nsynthetic-1.png,Pre,perhaps\n":  "expected true or false",
		"file,reader_class,reader_certainty\nsynthetic-1.png,Pre,very\n": "the certainty of a decision",
		"file,reader_class\nsynthetic-1.png,Pre,1\n":                     "wrong number of fields",
	} {
		write(t, table, []byte(text))
		if status, _, stderr := allnet("case", dir, "-out", t.TempDir(), "-explain=false", "-decisions", table); status != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%q: status %d, %s; want %q", text, status, stderr, want)
		}
	}
	if status, _, stderr := allnet("profile", "-out", filepath.Join(dir, "x.json"), madeCase(t, dir, "-explain=false")); status != 1 || !strings.Contains(stderr, "too few confirmed pictures") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A folder of pictures may hold other files: they are no pictures of the case, and nothing that a check
// misses in it.
func TestWhatIsNoPictureByItsNameIsPassedOver(t *testing.T) {
	dir, plain := smear(t), smear(t)
	for _, name := range []string{"notes.txt", "old.json", "more/table.csv", "allnet.html", "README"} {
		write(t, filepath.Join(dir, name), []byte("no picture"))
	}
	out, want := t.TempDir(), madeCase(t, plain, "-explain=false")
	_, stdout, stderr := allnet("case", dir, "-out", out, "-label", "S24-0117", "-samples", "200", "-explain=false")
	if !strings.Contains(stdout, "4 pictures: 3 with an answer") || !strings.Contains(stderr, "Passed over as no picture files: 5 (README, allnet.html, more/table.csv, notes.txt, old.json).") {
		t.Errorf("%s%s", stdout, stderr)
	}
	before, err := os.ReadFile(want)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(filepath.Join(out, "case.json")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v; it is not the case of the pictures alone", err)
	}
	write(t, filepath.Join(dir, "other.PNG"), []byte("no picture"))
	if status, stdout, _ := allnet("check", want, dir); status != 0 || strings.Count(stdout, "not in the case") != 1 || !strings.Contains(stdout, "not in the case: other.PNG") {
		t.Errorf("status %d, %s", status, stdout)
	}
	alone := t.TempDir()
	write(t, filepath.Join(alone, "notes.txt"), []byte("no picture"))
	if status, _, stderr := allnet("case", alone, "-out", out); status != 1 || !strings.Contains(stderr, "holds no file that is a picture by its name") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// The table that a case comes with gives the case again, whatever names and notes hold.
func TestATableOfDecisionsComesBackAsItIs(t *testing.T) {
	dir := t.TempDir()
	drawing, err := synthetic.PNG("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "'q.png"), drawing)
	write(t, filepath.Join(dir, "=q.png"), append(drawing, 0))
	table := filepath.Join(t.TempDir(), "decided.csv")
	write(t, table, []byte("file,reader_class,reader_note\n''q.png,Pre,'twas x;=y\n'=q.png,Pro,\"''twas;'=y\nz\"\n"))
	made := func(table string) string {
		t.Helper()
		out := t.TempDir()
		if status, _, stderr := allnet("case", dir, "-out", out, "-explain=false", "-decisions", table); status != 0 {
			t.Fatal(stderr)
		}
		return filepath.Join(out, "case.json")
	}
	first := made(table)
	c := readCase(t, first)
	if p, q := c.Pictures[0].Decision, c.Pictures[1].Decision; p == nil || p.Note != "'twas x;=y" || q == nil || q.Note != "'twas;=y\nz" {
		t.Fatalf("got %+v, %+v", p, q)
	}
	second := made(filepath.Join(filepath.Dir(first), "case.csv"))
	before, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(second); err != nil || !bytes.Equal(before, after) {
		t.Errorf("%v; from its own table the case is\n%s\nand was\n%s", err, after, before)
	}
}

// A profile is named by what it corrected, and the case is enough to compute it again.
func TestAProfileCorrectsAndIsNamed(t *testing.T) {
	m, err := options.OpenModel("cells")
	if err != nil {
		t.Fatal(err)
	}
	p := profile.Profile{Format: profile.Format, Network: cases.Network{Name: "cells", Weights: m.Hash(), Calibration: m.CalibrationHash()}, Bias: [4]float64{-5, 15, -5, -5}}
	text, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "lab.json")
	write(t, file, text)
	data, err := synthetic.PNG("synthetic-4")
	if err != nil {
		t.Fatal(err)
	}
	pictures := filepath.Join(dir, "pictures")
	write(t, filepath.Join(pictures, "one.png"), data)
	if _, stdout, stderr := allnet("classify", "-profile", file, filepath.Join(pictures, "one.png")); !strings.Contains(stdout, ": Early (") || !strings.Contains(stdout, fmt.Sprintf("corrected by the laboratory's profile %x", sha256.Sum256(text))) {
		t.Errorf("%s%s", stdout, stderr)
	}
	out := filepath.Join(dir, "out")
	if status, _, stderr := allnet("case", pictures, "-out", out, "-samples", "200", "-profile", file); status != 0 {
		t.Fatal(stderr)
	}
	c := readCase(t, filepath.Join(out, "case.json"))
	if a := c.Pictures[0].Answer; a.Correction == nil || a.Correction.Profile != fmt.Sprintf("%x", sha256.Sum256(text)) || a.Record.Predicted.String() != "Early" {
		t.Errorf("got %+v", a)
	}
	if status, stdout, stderr := allnet("check", filepath.Join(out, "case.json"), pictures); status != 0 {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	// What is explained alone is explained as in the case.
	var explained evidence.File
	if status, _, stderr := allnet("explain", "-samples", "200", "-profile", file, "-out", out, filepath.Join(pictures, "one.png")); status != 0 {
		t.Fatal(stderr)
	}
	if text, err := os.ReadFile(filepath.Join(out, "one.json")); err != nil || json.Unmarshal(text, &explained) != nil {
		t.Fatalf("error %v, %.200s", err, text)
	}
	if explained.Correction == nil || *explained.Correction != *c.Pictures[0].Answer.Correction || explained.Class != model.Early {
		t.Errorf("explained for %s with the correction %+v", explained.Class, explained.Correction)
	}
	var inCase struct{ Explanation json.RawMessage }
	if err := json.Unmarshal(c.Pictures[0].Explained, &inCase); err != nil {
		t.Fatal(err)
	}
	alone, err := json.Marshal(explained.Explanation)
	var compact bytes.Buffer
	if err != nil || json.Compact(&compact, inCase.Explanation) != nil || !bytes.Equal(alone, compact.Bytes()) {
		t.Errorf("error %v; alone %.300s, in the case %.300s", err, alone, compact.Bytes())
	}
	// What it tells of all pictures holds where nothing of the kind is asked for.
	p.Choices = &model.Choices{KeepLight: true}
	if text, err = p.JSON(); err != nil {
		t.Fatal(err)
	}
	telling := filepath.Join(dir, "telling.json")
	write(t, telling, text)
	for asked, want := range map[string]bool{"": true, "-crop=0,0,224,224": true, "-keep=stain": false} {
		args := []string{"case", pictures, "-out", out, "-explain=false", "-profile", telling}
		if asked != "" {
			args = append(args, asked)
		}
		if status, _, stderr := allnet(args...); status != 0 {
			t.Fatal(stderr)
		}
		if got := readCase(t, filepath.Join(out, "case.json")).Pictures[0].Answer.Choices; got.KeepLight != want || (got.Crop != nil) != strings.HasPrefix(asked, "-crop") {
			t.Errorf("%q: %+v", asked, got)
		}
	}
	if status, _, stderr := allnet("classify", "-model", "article", "-profile", file, filepath.Join(pictures, "one.png")); status != 1 || !strings.Contains(stderr, "the profile belongs to the network cells") {
		t.Errorf("status %d, %s", status, stderr)
	}
}
