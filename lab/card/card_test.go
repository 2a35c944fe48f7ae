package card

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"allnet/lab/abroad"
	"allnet/lab/calibration"
	"allnet/lab/evaluation"
	"allnet/lab/results"
	"allnet/lab/stress"
	"allnet/model"
)

// article is the article's own outcome with augmentation (lab/ARTICLE.md, "Confusion
// matrix"), as a run of one epoch.
func article() *Run {
	r := &Run{
		Protocol: "article-augmented", Network: "article", Filters: []int{32, 64, 128}, Seed: 1, Epochs: 1,
		Classes:   []string{"Benign", "Early", "Pre", "Pro"},
		Confusion: [4][4]int{{207, 1, 0, 0}, {0, 201, 0, 0}, {0, 3, 178, 1}, {0, 0, 0, 151}},
		TestN:     742, Correct: 737,
		History: []Epoch{{Epoch: 1, TrainAccuracy: 1}},
		Seconds: 60,
	}
	r.Answers = answers(r.Confusion)
	return r
}

// answers are those of a network that is always sure of itself.
func answers(confusion [4][4]int) (all [][5]float64) {
	for label, row := range confusion {
		for predicted, n := range row {
			for range n {
				answer := [5]float64{float64(label)}
				answer[1+predicted] = 1
				all = append(all, answer)
			}
		}
	}
	return all
}

// folder makes a folder of results.
func folder(t *testing.T, files map[string]any) fstest.MapFS {
	t.Helper()
	results := make(fstest.MapFS)
	for name, v := range files {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		results[name] = &fstest.MapFile{Data: data}
	}
	return results
}

// under puts a folder of results into a repository with documents.
func under(t *testing.T, results fs.FS, readme string) fstest.MapFS {
	t.Helper()
	split, err := os.ReadFile("../split.tsv")
	if err != nil {
		t.Fatal(err)
	}
	repository := fstest.MapFS{
		"README.md":     {Data: []byte(readme)},
		"RATIONALE.md":  {},
		"lab/split.tsv": {Data: split},
	}
	err = fs.WalkDir(results, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(results, name)
		repository["lab/results/"+name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if repository["lab/results/results.go"] == nil {
		repository["lab/results/results.go"] = &fstest.MapFile{}
	}
	return repository
}

// No figure in the documents is typed by hand: all are what the results say of
// the weights that are shipped.
func TestDocumentsAreWhatTheResultsSay(t *testing.T) {
	repository := os.DirFS("../..")
	files, err := Files(repository)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := fs.ReadFile(repository, name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what `allnet report` writes (%v)", name, err)
		}
	}
	drawn, err := fs.Glob(repository, FigureFolder+"/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range drawn {
		if files[name] == nil {
			t.Errorf("%s is a figure of no result", name)
		}
	}
}

// The results that the page's card is written from are those of the folder.
func TestCommittedResultsGiveACardForEachNetwork(t *testing.T) {
	for _, b := range model.Shipped() {
		card, err := HTML(results.FS, b.Name)
		if err != nil {
			t.Fatal(err)
		}
		checkFragment(t, card)
	}
}

// The page opens the card of a network by its id, and puts its sentence about the
// percentages beside an answer.
func TestThePagesCardsAreThoseOfTheShippedNetworksInTheirOrder(t *testing.T) {
	files, err := Files(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	cards := string(files[PageFile])
	checkFragment(t, cards)
	for _, b := range model.Shipped() {
		body, err := HTML(results.FS, b.Name)
		if err != nil {
			t.Fatal(err)
		}
		calibrated, err := Calibrated(results.FS, b.Name)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("<details class=\"card\" id=\"card-%s\" data-testid=\"card\" data-calibrated=\"%s\">\n", b.Name, html.EscapeString(calibrated)) +
			"<summary><span data-t=\"card.heading\"></span> <span data-t=\"network." + b.Name + "\"></span></summary>\n" + body + "</details>\n"
		rest, found := strings.CutPrefix(cards, want)
		if !found {
			t.Errorf("the card of %s is not next in\n%.1000s", b.Name, cards)
		}
		cards = rest
	}
	if cards != "" {
		t.Errorf("after the cards comes\n%.1000s", cards)
	}
}

func checkFragment(t *testing.T, card string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader("<div>" + card + "</div>"))
	decoder.Entity = xml.HTMLEntity
	elements := 0
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, card)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		elements++
		if name := start.Name.Local; name == "script" || name == "style" || name == "h1" || name == "h2" {
			t.Errorf("the card has an element %s", name)
		}
		for _, a := range start.Attr {
			if name := a.Name.Local; name == "style" || strings.HasPrefix(name, "on") || name == "href" || name == "src" {
				t.Errorf("%s has the attribute %s", start.Name.Local, name)
			}
		}
	}
	if elements < 20 {
		t.Errorf("%d elements:\n%s", elements, card)
	}
}

// The article's confusion matrix gives the article's Table 5.
func TestTheArticlesTableFromItsConfusionMatrix(t *testing.T) {
	r, err := Load(folder(t, map[string]any{"runs/article-augmented-article-s1.json": article()}))
	if err != nil {
		t.Fatal(err)
	}
	table := classTable(r.Runs, "article-augmented")
	for _, row := range table.rows[:4] {
		var a, b [3]float64
		if _, err := fmt.Sscanf(row[1]+" "+row[2], "%f / %f / %f %f / %f / %f", &a[0], &a[1], &a[2], &b[0], &b[1], &b[2]); err != nil {
			t.Fatal(err)
		}
		for i := range a {
			if d := a[i] - b[i]; d < -0.51 || d > 0.51 { // the article's figures are rounded
				t.Errorf("%s: %s beside %s", row[0], row[1], row[2])
			}
		}
	}
	if got := table.rows[4]; got[1] != "99.32 %" || got[2] != "99.33 % (98.43 to 99.71)" {
		t.Errorf("accuracies %q", got)
	}
}

// Folds have other pictures and are added up; seeds have the same ones and are
// averaged.
func TestFoldsAreAddedAndSeedsAveraged(t *testing.T) {
	run := func(protocol string, seed, right int) *Run {
		r := &Run{
			Protocol: protocol, Network: "robust", Seed: seed, Epochs: 1, History: []Epoch{{}},
			Classes: article().Classes, Confusion: [4][4]int{{right, 100 - right}}, TestN: 100, Correct: right,
		}
		r.Answers = answers(r.Confusion)
		return r
	}
	r, err := Load(folder(t, map[string]any{
		"runs/block-0-robust-s1.json": run("block-0", 1, 90),
		"runs/block-3-robust-s1.json": run("block-3", 1, 96),
		"runs/honest-robust-s1.json":  run("honest", 1, 90),
		"runs/honest-robust-s2.json":  run("honest", 2, 100),
	}))
	if err != nil {
		t.Fatal(err)
	}
	// Wilson's interval of 186 of 200, and of 95 of 100.
	for protocol, want := range map[string]string{
		"block":  "93.00 % (88.59 to 95.78); blocks 0, 3; seed 1; 1 epoch",
		"honest": "95.00 % (88.82 to 97.85); 2 seeds: 90.00, 100.00; 1 epoch",
	} {
		if got := outcomes(r.Runs, protocol, "robust").cell(); got != want {
			t.Errorf("%s: %q, want %q", protocol, got, want)
		}
	}
	// Always sure, and right on 95 of 100 and 93 of 100: the calibration error is what is missing.
	table := (&document{Results: r}).protocolCalibrationTable()
	for i, want := range [][]string{{"split first", "ours, whole pictures", "200", "95.00 %", "0.0500"}, {"blocks", "ours, whole pictures", "200", "93.00 %", "0.0700"}} {
		if len(table.rows) != 2 || !slices.Equal(table.rows[i][:5], want) {
			t.Errorf("calibration of the protocols: %q, want %q", table.rows, want)
		}
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	for want, change := range map[string]func(*Run){
		"737 of 742 right, the file says 738 of 742": func(r *Run) { r.Correct = 738 },
		"the file says 737 of 743":                   func(r *Run) { r.TestN = 743 },
		"expected [\"Benign\"":                       func(r *Run) { r.Classes = []string{"Early", "Benign", "Pre", "Pro"} },
		"in the answers; expected classes 0 to 3":    func(r *Run) { r.Answers[0][0] = 4 },
		"is not that of the 742 answers":             func(r *Run) { r.Answers[0][0] = 3 },
		"the history has 1 epochs; expected 24":      func(r *Run) { r.Epochs = 24 },
		"what belongs into article-augmented":        func(r *Run) { r.Seed = 2 },
	} {
		r := article()
		change(r)
		_, err := Load(folder(t, map[string]any{"runs/article-augmented-article-s1.json": r}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

func TestWhatIsMissingIsSaidToBeNotMeasured(t *testing.T) {
	files, err := Files(under(t, fstest.MapFS{}, "a\n<!-- table: protocols -->\nold\n<!-- end -->\nb\n"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(files["README.md"])
	if !strings.HasPrefix(readme, "a\n<!-- table: protocols -->\n| pictures divided |") || !strings.HasSuffix(readme, "<!-- end -->\nb\n") || strings.Contains(readme, "old") {
		t.Errorf("got %s", readme)
	}
	for name, text := range map[string]string{"README.md": readme, CardFile: string(files[CardFile])} {
		if !strings.Contains(text, "not measured") || strings.Contains(text, "NaN") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
	if len(files) != 4 {
		t.Errorf("%d files; expected no figure of nothing", len(files))
	}
	card, err := HTML(fstest.MapFS{}, model.Shipped()[0].Name)
	if err != nil || !strings.Contains(card, "was not measured") {
		t.Errorf("%v, %s", err, card)
	}
	checkFragment(t, card)
	if text, err := Calibrated(fstest.MapFS{}, model.Shipped()[0].Name); err != nil || text != "Whether its percentages can be believed was not measured." {
		t.Errorf("%q, %v", text, err)
	}
}

func TestTheDirectionOfEveryErrorIsSaidFalseBenignFirst(t *testing.T) {
	for want, confusion := range map[string][4][4]int{
		"":                          {{45}, {0, 87}},
		"1 leukaemia called benign": {{45}, {1, 87}},
		"2 leukaemias called benign, 1 benign picture called a leukaemia and 7 leukaemias taken for another subtype": {{45, 0, 1}, {1, 87, 4}, {0, 3, 9}, {1, 0, 0, 5}},
		"no leukaemia called benign and 3 benign pictures called a leukaemia":                                        {{45, 1, 1, 1}},
	} {
		if got := directions(confusion); got != want {
			t.Errorf("%v: %q; want %q", confusion, got, want)
		}
	}
	s := evaluation.OfConfusion([4][4]int{{45, 9}, {1, 87, 4}})
	if got, want := mistakes(&s), "Early taken for Benign (1: leukaemia called benign), Benign taken for Early (9) and Early taken for Pre (4)"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
	name := model.Shipped()[0].Name
	card, err := HTML(folder(t, map[string]any{"eval/" + name + "-test.json": &evaluation.File{
		Origin: evaluation.Origin{Name: name}, Summary: evaluation.Summary{N: 100, Correct: 99, Accuracy: 0.99, Confusion: [4][4]int{{45}, {1, 54}}},
	}}), name)
	if want := "named 99 correctly and 1 wrongly (1 leukaemia called benign)."; err != nil || !strings.Contains(card, want) {
		t.Errorf("%v; the card does not say %q", err, want)
	}
}

// What claims on average as much as is right may still claim too much here and too
// little there: the two figures must not read as a contradiction.
func TestTheCalibrationOfAllAnswersAndOfThoseThatClaimAlikeAreToldApart(t *testing.T) {
	name := model.Shipped()[0].Name
	for _, c := range []struct {
		ece  float64
		says bool
	}{{0.004, true}, {0.001, false}} {
		text, err := HTML(folder(t, map[string]any{"eval/" + name + "-test.json": &evaluation.File{
			Origin: evaluation.Origin{Name: name}, Summary: evaluation.Summary{N: 1000, Correct: 997, Accuracy: 0.997, Calibration: evaluation.Reliability{
				N: 1000, ECE: c.ece, Bins: [15]evaluation.Bin{14: {N: 1000, Confidence: 0.996, Accuracy: 0.997}},
			}},
		}}), name)
		if got := strings.Contains(text, "some claims are too high and some too low"); err != nil || got != c.says {
			t.Errorf("%v, %q; want the reason: %v", err, text, c.says)
		}
	}
}

// The page writes 90%, the documents 90 %.
func TestTheCardTellsTheCalibration(t *testing.T) {
	name := model.Shipped()[0].Name
	results := folder(t, map[string]any{"eval/" + name + "-test.json": &evaluation.File{
		Origin: evaluation.Origin{Name: name}, Summary: evaluation.Summary{N: 100, Correct: 89, Abstained: 1, Accuracy: 0.89, Calibration: evaluation.Reliability{
			N: 99, ECE: 0.0123, Bins: [15]evaluation.Bin{13: {N: 99, Confidence: 0.9, Accuracy: 0.899}},
		}},
	}})
	text, err := Calibrated(results, name)
	if want := "On the test pictures that it answered it claimed 90.0% on average and was right on 89.9%. That holds for pictures like these."; err != nil || !strings.HasPrefix(text, want) {
		t.Errorf("%q, %v; want %q", text, err, want)
	}
	card, err := HTML(results, name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Of 100 pictures kept aside for the test it named 89 correctly and 10 wrongly; on 1 it gave no answer. That is 89.00%",
		"it claimed 90.0% on average and was right on 89.9%. Where answers that claim about as much are taken together, claim and truth are 1.2 points apart on average (expected calibration error 0.012): some claims are too high",
	} {
		if !strings.Contains(card, want) {
			t.Errorf("the card does not say %q:\n%s", want, card)
		}
	}
}

func TestUnknownTablesAndOpenMarksAreRefused(t *testing.T) {
	for readme, want := range map[string]string{
		"<!-- table: nothing -->\n<!-- end -->": `there is no table "nothing"; expected abroad, abroad-text, accuracy,`,
		"<!-- table: protocols -->\n":           `the table "protocols" has no <!-- end -->`,
		"<!-- table: protocols":                 "has no end -->",
	} {
		if _, err := Files(under(t, fstest.MapFS{}, readme)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want %q", err, want)
		}
	}
}

// A result file is of the shipped weights, with the shipped calibration, on the
// shipped split and the side that its name says.
func TestResultsOfSomethingElseAreRefused(t *testing.T) {
	m, err := model.Named(model.Shipped()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	split, err := os.ReadFile("../split.tsv")
	if err != nil {
		t.Fatal(err)
	}
	right := evaluation.Origin{
		Name: m.Name(), Model: m.Hash(), CalibrationHash: m.CalibrationHash(),
		Split: fmt.Sprintf("%x", sha256.Sum256(split)), Sides: []string{"test"},
	}
	kinds := map[string]func(o evaluation.Origin) any{
		"eval/" + m.Name() + "-test": func(o evaluation.Origin) any { return &evaluation.File{Origin: o, Summary: evaluation.Summary{N: 1}} },
		"stress/" + m.Name():         func(o evaluation.Origin) any { return &stress.File{Origin: o} },
		"abroad/" + m.Name():         func(o evaluation.Origin) any { return &abroad.File{Origin: o} },
		"presets/" + m.Name(): func(o evaluation.Origin) any {
			o.Sides = append([]string{"validation"}, o.Sides...)
			return &evaluation.PresetFile{Origin: o}
		},
		"calibration/" + m.Name(): func(o evaluation.Origin) any { o.Sides = nil; return &calibration.Report{Origin: o} },
	}
	for file, of := range kinds {
		for want, change := range map[string]func(o *evaluation.Origin){
			"":                                 func(*evaluation.Origin) {},
			" network with SHA-256 abc":        func(o *evaluation.Origin) { o.Model = "abc" },
			"a calibration of SHA-256 \"abc\"": func(o *evaluation.Origin) { o.CalibrationHash = "abc" },
			"on the network \"other\"":         func(o *evaluation.Origin) { o.Name = "other" },
			"the split with SHA-256 \"abc\"":   func(o *evaluation.Origin) { o.Split = "abc" },
			"is about the sides":               func(o *evaluation.Origin) { o.Sides = []string{"train"} },
		} {
			o := right
			if change(&o); file[:4] == "cali" && want == "is about the sides" {
				continue // it has no sides
			}
			_, err := Files(under(t, folder(t, map[string]any{file + ".json": of(o)}), ""))
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), file+".json ") || !strings.Contains(err.Error(), want)) {
				t.Errorf("%s: got error %v, want %q", file, err, want)
			}
		}
	}
	run := article()
	run.Protocol, run.Split = "honest", "abc"
	if _, err := Files(under(t, folder(t, map[string]any{"runs/honest-article-s1.json": run}), "")); err == nil || !strings.Contains(err.Error(), "the run honest-article-s1 is about the split") {
		t.Errorf("got error %v", err)
	}
}

func TestCardsAreOfShippedNetworks(t *testing.T) {
	if _, err := HTML(results.FS, "other"); err == nil {
		t.Error("there is a card of a network that is not shipped")
	}
}
