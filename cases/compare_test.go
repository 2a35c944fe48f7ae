package cases

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"allnet/model"
)

// compared compares a saved case with the drawings read again.
func compared(t *testing.T, saved []byte, change func(*Draft)) *Comparison {
	t.Helper()
	d := sample(t)
	for i := range d.Pictures {
		d.Pictures[i].Decision = nil // the reader's; it is not read again
	}
	if change != nil {
		change(d)
	}
	c, err := Compare(saved, d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACaseComputedAgainIsTheSame(t *testing.T) {
	c, text := assembled(t, sample(t))
	k := compared(t, text, nil)
	if k.Outcome != Same || k.Compared != len(c.Pictures) || len(k.Remarks) != 0 || k.Sentence != "The same to the last bit: 5 pictures computed again." {
		t.Errorf("got %+v", k)
	}
}

// Every number, word and sign of a saved case counts.
func TestAChangedFigureIsFoundAndNamed(t *testing.T) {
	_, text := assembled(t, sample(t))
	replace := func(from, to string) func([]byte) []byte {
		return func(text []byte) []byte {
			if !bytes.Contains(text, []byte(from)) {
				t.Fatalf("the case holds no %s", from)
			}
			return bytes.Replace(text, []byte(from), []byte(to), 1)
		}
	}
	// digit adds one to the first digit of a number that is found.
	digit := func(pattern string) func([]byte) []byte {
		return func(text []byte) []byte {
			at := regexp.MustCompile(pattern).FindSubmatchIndex(text)
			if at == nil {
				t.Fatalf("the case holds no %s", pattern)
			}
			changed := bytes.Clone(text)
			first := &changed[at[2]]
			*first = '0' + (*first-'0'+1)%10
			return changed
		}
	}
	for what, c := range map[string]struct {
		change func([]byte) []byte
		path   string
	}{
		"a probability":           {digit(`"probabilities":\{"Benign":([0-9.]+)`), "pictures[1].answer.record.probabilities.Benign"},
		"a logit":                 {digit(`"logits":\[-?([0-9.]+)`), "pictures[1].answer.logits[0]"},
		"the temperature":         {digit(`"scale":([0-9.]{9,}),"source"`), "pictures[1].answer.scale"},
		"a weight of a cell":      {digit(`"coefficients":\[-?([0-9.]+)`), "pictures[1].explained.explanation.classes[0].coefficients[0]"},
		"R²":                      {digit(`"r2":([0-9.]+)`), "pictures[1].explained.explanation.classes[0].r2"},
		"the seed":                {replace(`"samples":200,"features":5,"seed":42,"regions":"cells"},"superpixels"`, `"samples":200,"features":5,"seed":43,"regions":"cells"},"superpixels"`), "pictures[1].explained.explanation.settings.seed"},
		"a region":                {replace(`"runs":"A`, `"runs":"B`), "pictures[1].answer.regions.runs"},
		"what a cell reads as":    {digit(`"alone":\{"probabilities":\[([0-9.]+)`), "pictures[1].explained.readings.cells[0].alone.probabilities[0]"},
		"the size of a picture":   {replace(`"picture":{"width":224`, `"picture":{"width":225`), "pictures[1].answer.picture.width"},
		"a step":                  {replace(`stained cells were found`, `stained cells were seen`), "pictures[1].answer.record.standardised.steps"},
		"an answer":               {replace(`"predicted":"Benign"`, `"predicted":"Pre"`), "pictures[1].answer.record.predicted"},
		"a reason":                {replace(`"This picture is damaged."`, `"This picture is fine."`), "pictures[0].answer.record.reason"},
		"a hash of a picture":     {digit(`"sha256":"[a-f]*([0-9])`), "answer.source.sha256"},
		"the tally of answers":    {replace(`"answers":{"Benign":1`, `"answers":{"Benign":2`), "summary.answers.Benign"},
		"the joint reading":       {digit(`"interval":\[([0-9.]+)`), "summary.joint.interval[0]"},
		"kappa":                   {digit(`"kappa":([0-9.]+)`), "summary.reader.agreement.kappa"},
		"the order":               {digit(`"order":\[([0-9])[0-9,]*\]},\n`), "summary.order[0]"},
		"the note":                {replace(`Ein Ödem?`, `Kein Ödem?`), "digest"},
		"the reader's class":      {replace(`"decision":{"class":"Pro"`, `"decision":{"class":"Pre"`), "digest"},
		"the label":               {replace(`S24-0117`, `S24-0118`), "digest"},
		"the program":             {replace(`"version":"1.2.3"`, `"version":"1.2.4"`), "digest"},
		"the disclaimer":          {replace(`Not a medical`, `A medical`), "disclaimer"},
		"the weights of a list":   {replace(`"networks": [{"name":"cells"`, `"networks": [{"name":"other"`), "networks[0].name"},
		"the settings of a list":  {replace(`"settings": [{"hide":"removed"`, `"settings": [{"hide":"mean"`), "settings[0].hide"},
		"something that is added": {replace(`"summary": {`, `"summary": {"approved":true,`), "summary.approved"},
		"something left out":      {replace(`"copies":0,`, ``), "summary.copies"},
		"the digest":              {digit(`"digest": "[a-f]*([0-9])`), "digest"},
	} {
		k := compared(t, c.change(bytes.Clone(text)), nil)
		at := slices.IndexFunc(k.Differences, func(d Difference) bool { return strings.Contains(d.Path, c.path) })
		if k.Outcome != Differs || at < 0 {
			t.Errorf("%s: %s, %v", what, k.Outcome, k.Differences)
			continue
		}
		if d := k.Differences[at]; d.Saved == d.Again || d.Saved == "" || d.Again == "" || d.Cause != Changed && d.Cause != OtherPicture {
			t.Errorf("%s: %+v", what, d)
		}
		if len(k.Causes) == 0 || !strings.HasPrefix(k.Sentence, "Not the same: ") {
			t.Errorf("%s: %+v", what, k)
		}
	}
}

// Whoever changes a figure on purpose can seal the case anew. Computing it again finds it.
func TestAFigureThatWasChangedAndSealedAnewIsFound(t *testing.T) {
	d := sample(t)
	d.Pictures[0].Answer.Logits[1] += 0.25
	_, text := assembled(t, d)
	k := compared(t, text, nil)
	if k.Outcome != Differs || len(k.Differences) != 1 || k.Differences[0].Path != "pictures[1].answer.logits[1]" || k.Differences[0].Cause != Unexplained || k.Differences[0].File != "synthetic-1.png" {
		t.Errorf("got %+v", k)
	}
}

// What stands behind the digest is not covered by it: it was added, not sealed.
func TestWhatWasAddedBehindTheDigestIsNoSealedChange(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, bytes.Replace(text, []byte("\"\n}\n"), []byte("\",\n \"more\": 1\n}\n"), 1), nil)
	if k.Outcome != Differs || len(k.Differences) != 1 || k.Differences[0].Path != "more" || k.Differences[0].Cause != Changed {
		t.Errorf("got %+v", k)
	}
}

func TestASwappedPictureIsFoundAndNothingElseIsSaidOfIt(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, text, func(d *Draft) {
		a, b := &d.Pictures[0].Answer, &d.Pictures[1].Answer
		a.Record.File, b.Record.File = b.Record.File, a.Record.File
	})
	if k.Outcome != Differs || len(k.Differences) != 2 || k.More != 0 {
		t.Fatalf("got %+v", k)
	}
	for _, d := range k.Differences {
		if d.Cause != OtherPicture || !strings.HasSuffix(d.Path, "answer.source.sha256") {
			t.Errorf("got %+v", d)
		}
	}
}

func TestOtherFilesOfANetworkAreToldByName(t *testing.T) {
	_, text := assembled(t, sample(t))
	for _, c := range []struct {
		change func(*Answer)
		cause  Cause
	}{
		{func(a *Answer) { a.Weights = strings.Repeat("1", 64); a.Logits[0]++ }, OtherWeights},
		{func(a *Answer) { a.Calibration = strings.Repeat("1", 64); a.Scale++ }, OtherCalibration},
	} {
		k := compared(t, text, func(d *Draft) { c.change(&d.Pictures[0].Answer) })
		if k.Outcome != Differs || len(k.Differences) != 1 || k.Differences[0].Cause != c.cause || k.Causes[0] != c.cause.Sentence() {
			t.Errorf("%s: %+v", c.cause, k)
		}
	}
}

func TestAnotherBuildIsARemarkWhereNothingDiffersAndElseTheReason(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, text, func(d *Draft) { d.Program.Revision = "def" })
	if k.Outcome != Same || len(k.Remarks) != 1 || !strings.Contains(k.Remarks[0], "revision abc") || !strings.Contains(k.Remarks[0], "revision def") {
		t.Errorf("got %+v", k)
	}
	k = compared(t, text, func(d *Draft) { d.Program.Revision = "def"; d.Pictures[0].Answer.Scale++ })
	if k.Outcome != Differs || k.Differences[0].Cause != OtherBuild {
		t.Errorf("got %+v", k)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, text, func(d *Draft) { d.Pictures = d.Pictures[1:] })
	if k.Outcome != Unknown || !slices.Equal(k.Missing, []string{"synthetic-1.png"}) || k.Compared != 4 {
		t.Errorf("got %+v", k)
	}
	k = compared(t, text, func(d *Draft) { d.Pictures[2].Explained = nil })
	if k.Outcome != Unknown || !slices.Equal(k.Unanswered, []string{"synthetic-3.png"}) {
		t.Errorf("got %+v", k)
	}
	// A difference is one, whatever is missing.
	k = compared(t, text, func(d *Draft) { d.Pictures = d.Pictures[1:]; d.Pictures[0].Answer.Scale++ })
	if k.Outcome != Differs {
		t.Errorf("got %+v", k)
	}
	k = compared(t, text, func(d *Draft) {
		more := d.Pictures[0]
		more.Answer.Record.File, more.Answer.Source.SHA256 = "more.png", strings.Repeat("2", 64)
		d.Pictures = append(d.Pictures, more)
	})
	if k.Outcome != Same || !slices.Equal(k.Added, []string{"more.png"}) {
		t.Errorf("got %+v", k)
	}
}

func TestARenamedPictureIsKnownByItsBytes(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, text, func(d *Draft) { d.Pictures[0].Answer.Record.File = "renamed.png" })
	if k.Outcome != Same || len(k.Remarks) != 1 || !strings.Contains(k.Remarks[0], "renamed.png") {
		t.Errorf("got %+v", k)
	}
}

// Programs that write JSON anew, with other spaces, change no value.
func TestAnotherFormOfTheSameValuesIsTheSame(t *testing.T) {
	_, text := assembled(t, sample(t))
	var wide bytes.Buffer
	if err := json.Indent(&wide, text, "", "\t"); err != nil {
		t.Fatal(err)
	}
	k := compared(t, wide.Bytes(), nil)
	if k.Outcome != Same || len(k.Remarks) != 1 {
		t.Errorf("got %+v", k)
	}
}

func TestManyDifferencesOfOnePictureAreCountedAndNotAllListed(t *testing.T) {
	_, text := assembled(t, sample(t))
	k := compared(t, text, func(d *Draft) {
		d.Pictures[0].Explained = bytes.ReplaceAll(d.Pictures[0].Explained, []byte("0."), []byte("1."))
	})
	if k.Outcome != Differs || len(k.Differences) != MostListed || k.More < 20 {
		t.Errorf("%d listed, %d more", len(k.Differences), k.More)
	}
}

func TestWhatIsNoCaseIsRefusedInASentence(t *testing.T) {
	_, text := assembled(t, sample(t))
	for what, saved := range map[string]string{
		"nothing":          "",
		"no JSON":          "hello",
		"another JSON":     `{"record":{}}`,
		"a list":           `[]`,
		"a later format":   `{"format":"allnet case 9"}`,
		"texts as numbers": strings.Replace(string(text), `"width":224`, `"width":"224"`, 1),
		"an unknown class": strings.Replace(string(text), `"predicted":"Benign"`, `"predicted":"Mature"`, 1),
		"no pictures":      `{"format":"allnet case 1"}`,
		"a name":           strings.Replace(string(text), "S24-0117", "Ann Smith", 1),
		"half of it":       string(text[:len(text)/2]),
	} {
		k, err := Compare([]byte(saved), sample(t))
		if what == "no pictures" {
			if err == nil && k.Outcome != Differs {
				t.Errorf("%s: %+v", what, k)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), " case") || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v, %+v", what, err, k)
		}
	}
}

// Of two equal keys programs take the one or the other: what a case says must not depend on which.
func TestAKeyThatStandsTwiceIsRefused(t *testing.T) {
	_, text := assembled(t, sample(t))
	for from, to := range map[string]string{
		`"predicted":"Benign"`:  `"predicted":"Pro","predicted":"Benign"`,
		` "label": "S24-0117"`:  ` "label": "K9", "label": "S24-0117"`,
		`"scale":`:              `"sc\u0061le":1,"scale":`,
		`"explanation":{`:       `"explanation":{"settings":{},`,
		`"decision":{"class":`:  `"decision":{"class":null,"class":`,
		` "digest": `:           ` "digest": "", "digest": `,
		`"picture":{"width":`:   `"picture":{"width":1 , "width" :`,
		`"answer":{"record":{"`: `"answer":{"record":{"file":"}\"{","`,
	} {
		if !bytes.Contains(text, []byte(from)) {
			t.Fatalf("the case holds no %s", from)
		}
		changed := bytes.Replace(text, []byte(from), []byte(to), 1)
		if k, err := Compare(changed, sample(t)); err == nil || !strings.Contains(err.Error(), " stands twice in the same object") {
			t.Errorf("%s: %v, %+v", to, err, k)
		}
	}
}

// Whatever a file holds, it is refused with a sentence or compared.
func FuzzCompare(f *testing.F) {
	d := &Draft{Label: "1", Program: build, Pictures: []Picture{{Answer: Answer{
		Record: model.Record{File: "a.png", Abstained: true, Reason: "It is too blurred.", Code: model.Blurred}, Source: SourceOf(File, "", []byte("a")),
	}, Decision: &Decision{Class: class(model.Pre), Certainty: Certain}}}}
	c, err := Assemble(d)
	if err != nil {
		f.Fatal(err)
	}
	text, err := c.JSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"format":"allnet case 1","pictures":[{"answer":{"record":{"file":"a.png"}},"explained":{"explanation":{"settings":{},"classes":[{}]}}}]}`))
	f.Add([]byte(`{"format":"allnet case 1","pictures":null,"digest":","}`))
	f.Fuzz(func(t *testing.T, saved []byte) {
		k, err := Compare(saved, d)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("no sentence")
			}
			return
		}
		if k.Outcome == Same && (len(k.Differences) > 0 || len(k.Missing) > 0) || k.Sentence == "" {
			t.Errorf("got %+v", k)
		}
		if _, err := json.Marshal(k); err != nil {
			t.Error(err)
		}
	})
}
