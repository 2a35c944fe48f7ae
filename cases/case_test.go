package cases

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/model"
)

func TestACaseIsTheSameInWhateverOrderItsPicturesCome(t *testing.T) {
	_, want := assembled(t, sample(t))
	for seed := range uint64(5) {
		d := sample(t)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(d.Pictures), func(i, j int) { d.Pictures[i], d.Pictures[j] = d.Pictures[j], d.Pictures[i] })
		if _, text := assembled(t, d); string(text) != string(want) {
			t.Errorf("seed %d: another case", seed)
		}
	}
}

func TestWhatIsWrittenComesBack(t *testing.T) {
	c, text := assembled(t, sample(t))
	back, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := back.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(text) {
		t.Errorf("%d bytes became %d others", len(text), len(again))
	}
	if _, anew := assembled(t, back.draft()); string(anew) != string(text) {
		t.Error("assembled again it is another case")
	}
	p := &back.Pictures[1] // damaged.png is the first by name
	if c.Pictures[0].File() != "damaged.png" || p.Answer.Logits[0] != sample(t).Pictures[0].Answer.Logits[0] || *p.Decision.Class != model.Benign {
		t.Errorf("got %+v", p.Answer)
	}
}

// The page keeps what the jobs answered as JavaScript values: what it gives back is not the
// same text.
func TestTheWayThroughJavaScriptChangesNoByte(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not there to read and write JSON")
	}
	d := sample(t)
	d.Pictures[0].Answer.Logits[3] = math.Float32frombits(1 << 31) // a zero with a sign
	_, want := assembled(t, d)
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "-e", `process.stdout.write(JSON.stringify(JSON.parse(require("fs").readFileSync(0, "utf8")), null, 2))`)
	node.Stdin = strings.NewReader(string(text))
	through, err := node.Output()
	if err != nil {
		t.Skipf("left out: node could not be run: %v", err)
	}
	back, err := ParseDraft(through)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := assembled(t, back); string(got) != string(want) {
		t.Error("JavaScript changed the case")
	}
}

// The keys are written by hand: none of a field may be missing, nor another order be there than the fields'.
func TestEachFieldIsWritten(t *testing.T) {
	d := sample(t)
	d.Page = strings.Repeat("a", 64)
	_, text := assembled(t, d)
	keys := func(object []byte) (keys []string) {
		decoder := json.NewDecoder(bytes.NewReader(object))
		if _, err := decoder.Token(); err != nil {
			t.Fatal(err)
		}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, key.(string))
			var value json.RawMessage
			if err := decoder.Decode(&value); err != nil {
				t.Fatal(err)
			}
		}
		return keys
	}
	fields := func(of reflect.Type) (names []string) {
		for i := range of.NumField() {
			if f := of.Field(i); f.IsExported() {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				names = append(names, name)
			}
		}
		return names
	}
	var whole struct{ Pictures []json.RawMessage }
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	if got, want := keys(text), fields(reflect.TypeFor[Case]()); !slices.Equal(got, want) {
		t.Errorf("of a case %v are written, want %v", got, want)
	}
	if got, want := keys(whole.Pictures[0]), fields(reflect.TypeFor[Picture]()); !slices.Equal(got, want) {
		t.Errorf("of a picture %v are written, want %v", got, want)
	}
}

func TestNumbersAndStringsHaveOneForm(t *testing.T) {
	for text, want := range map[string]string{
		`[ -0, -0.0, 0, 0e5 ]`:              `[0,0,0,0]`,
		`[1.50, 1e2, 1E+2, -12, 100]`:       `[1.5,100,100,-12,100]`,
		`[1e-7, 0.0000001, 1e21, 4.35e-9]`:  `[1e-7,1e-7,1e+21,4.35e-9]`,
		`"a\u003c\u00e4\u2028\/\n\"}"`:      "\"a<ä\\u2028/\\n\\\"}\"",
		" { \"b\" : true ,\n\"a\": null } ": `{"b":true,"a":null}`,
		`{"a":"\\","b":"-0"}`:               `{"a":"\\","b":"-0"}`,
	} {
		got, err := canonical([]byte(text))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{``, `{`, `01`, `"`, `{"a":1e999}`} {
		if got, err := canonical([]byte(text)); err == nil {
			t.Errorf("%s: %s", text, got)
		}
	}
}

func TestALabelIsNoNameAndNoDate(t *testing.T) {
	for _, label := range []string{"", "1", "S24-0117", "2024-117", "ALL-17", "B/24/001", "K3", "12.345", "24-MAX-0117", "MAR-0117", "12-MAR-117", "120380", "99999999", "12032480", "20241345", "18000101", "1203198012"} {
		if err := CheckLabel(label); err != nil {
			t.Errorf("%q: %v", label, err)
		}
	}
	for _, label := range []string{
		"Smith", "Smith-1", "J. Smith", "Ng", "Müller 3", "1 2", "-1", "=1+1", "1980-05-17", "17.5.1980", "5/17/80", "S-1980-05-17",
		"123456789012345678901234567890123", "17\n", "Lee",
		"12-Mar-1980", "12mar1980", "1980/MAR/12", "Mar.12.80", "12-Okt-80", "S-12-DEC-1980", "12031980", "03251980", "19800312", "S12031980", "20991231",
	} {
		if err := CheckLabel(label); err == nil || !strings.Contains(err.Error(), "a case must not hold a name") {
			t.Errorf("%q: %v", label, err)
		}
		if _, err := Assemble(&Draft{Label: label}); err == nil {
			t.Errorf("%q is a case's label", label)
		}
	}
}

func TestWhatCannotBeIsNoCase(t *testing.T) {
	for what, change := range map[string]func(*Draft){
		"an unknown certainty":        func(d *Draft) { d.Pictures[0].Decision.Certainty = "very" },
		"a certainty without a class": func(d *Draft) { d.Pictures[0].Decision.Class = nil },
		"no explanation":              func(d *Draft) { d.Pictures[0].Explained = []byte(`{}`) },
		"no JSON":                     func(d *Draft) { d.Pictures[0].Explained = []byte(`{`) },
		"a page that is no hash":      func(d *Draft) { d.Page = "mine" },
	} {
		d := sample(t)
		change(d)
		if _, err := Assemble(d); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

func TestNetworksAndSettingsAreNamedOnce(t *testing.T) {
	c, _ := assembled(t, sample(t))
	if len(c.Networks) != 1 || len(c.Settings) != 1 {
		t.Fatalf("%d networks, %d settings", len(c.Networks), len(c.Settings))
	}
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Network{m.Name(), m.Hash(), m.CalibrationHash()}); c.Networks[0] != want {
		t.Errorf("got %+v", c.Networks[0])
	}
	text, err := marshal(settings())
	if err != nil || string(c.Settings[0]) != string(text) {
		t.Errorf("got %s, want %s", c.Settings[0], text)
	}
}

// Which picture has which evidence must be told by the case alone.
func TestTheRegionMapIsThatOfTheCellsThatWereRead(t *testing.T) {
	c, _ := assembled(t, sample(t))
	for i := range c.Pictures {
		p := &c.Pictures[i]
		if p.Explained == nil {
			continue
		}
		var e struct{ Regions *RegionMap }
		if err := json.Unmarshal(p.Explained, &e); err != nil {
			t.Fatal(err)
		}
		if *e.Regions != *p.Answer.Regions {
			t.Errorf("%s: the cells and the regions explained are not the same", p.File())
		}
		seg, err := e.Regions.Segmentation()
		if err != nil || seg.Count != p.Answer.Record.Standardised.Cells || seg.Width != model.Side {
			t.Errorf("%s: %v, %v", p.File(), seg, err)
		}
	}
}
