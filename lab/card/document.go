package card

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"allnet/lab/dataset"
	"allnet/model"
)

// document is what the tables and MODEL_CARD.md are written from.
type document struct {
	*Results
	networks []*network
	// split is the shipped split, splitHash its SHA-256.
	split     []dataset.Assignment
	splitHash string
	// figures are by name; nil where there is nothing to draw.
	figures map[string]*figure
}

// Documents are the files with tables between markers.
var Documents = []string{"README.md", "RATIONALE.md"}

// CardFile is the model card's name.
const CardFile = "MODEL_CARD.md"

// PageFile holds the cards of the page, which the build puts into it.
const PageFile = "web/cards.html"

// FigureFolder is where the figures are, as SVG files.
const FigureFolder = "lab/results"

//go:embed MODEL_CARD.md.tmpl
var cardTemplate string

// Files returns what the documents of a repository must hold, by name: the model
// card, its figures, the cards of the page, and the files with tables. It fails where a result was
// measured on other weights than the shipped ones.
func Files(repository fs.FS) (map[string][]byte, error) {
	results, err := fs.Sub(repository, "lab/results")
	if err != nil {
		return nil, err
	}
	d := new(document)
	if d.Results, err = Load(results); err != nil {
		return nil, err
	}
	if err := d.Check(); err != nil {
		return nil, err
	}
	if d.networks, err = d.shipped(); err != nil {
		return nil, err
	}
	split, err := fs.ReadFile(repository, "lab/split.tsv")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(split)
	d.splitHash = hex.EncodeToString(sum[:])
	if err := d.checkSplit(d.splitHash); err != nil {
		return nil, err
	}
	if d.split, err = dataset.ReadSplit(bytes.NewReader(split)); err != nil {
		return nil, err
	}
	d.draw()
	files := make(map[string][]byte)
	for name, f := range d.figures {
		if f != nil {
			files[path.Join(FigureFolder, name+".svg")] = []byte(f.svg(true))
		}
	}
	t, err := template.New(CardFile).Funcs(d.functions()).Parse(cardTemplate)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, nil); err != nil {
		return nil, err
	}
	files[CardFile] = text.Bytes()
	files[PageFile] = []byte(pageCards(d.Results, d.networks))
	for _, name := range Documents {
		old, err := fs.ReadFile(repository, name)
		if err != nil {
			return nil, err
		}
		if files[name], err = d.fill(old); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return files, nil
}

// The marks between which `allnet report` writes in a document.
const (
	tableMark = "<!-- table: "
	endMark   = "<!-- end -->"
)

// fill puts tables between the marks of a document.
func (d *document) fill(old []byte) ([]byte, error) {
	var filled strings.Builder
	rest := string(old)
	for {
		before, behind, found := strings.Cut(rest, tableMark)
		filled.WriteString(before)
		if !found {
			return []byte(filled.String()), nil
		}
		name, behind, found := strings.Cut(behind, " -->")
		if !found {
			return nil, errors.New("a mark " + tableMark + "has no end -->")
		}
		if _, rest, found = strings.Cut(behind, endMark); !found {
			return nil, fmt.Errorf("the table %q has no %s", name, endMark)
		}
		table, err := d.part(name)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&filled, "%s%s -->\n%s\n%s", tableMark, name, strings.TrimSpace(table), endMark)
	}
}

// part is a named piece of the documents, as Markdown.
func (d *document) part(name string) (string, error) {
	parts := d.parts()
	if part := parts[name]; part != nil {
		return part(), nil
	}
	var known []string
	for name := range parts {
		known = append(known, name)
	}
	slices.Sort(known)
	return "", fmt.Errorf("there is no table %q; expected %s", name, strings.Join(known, ", "))
}

// parts are the pieces by their names.
func (d *document) parts() map[string]func() string {
	of := func(t func() *table) func() string { return func() string { return t().markdown() } }
	return map[string]func() string{
		"short":     d.short,
		"models":    of(d.modelTable),
		"split":     of(d.splitTable),
		"accuracy":  of(d.accuracyTable),
		"mistakes":  d.mistakes,
		"protocols": of(func() *table { return protocolTable(d.Runs) }),
		"table4":    of(func() *table { return classTable(d.Runs, "article-unaugmented") }),
		"table5":    of(func() *table { return classTable(d.Runs, "article-augmented") }),
		"recipes":   func() string { return recipes(d.Runs) },
		"leak":      func() string { return leakSentence(d.Runs) },
		"ways":      ways,
		"runs":      of(func() *table { return runTable(d.Runs) }),
		"confusion": func() string { return confusions(d.Runs) },
		"hashes":    of(d.hashTable),
		"failures":  d.failures,
		"inputs":    d.inputs,
		"kinds":     d.kindsOfNetworks,
		"reasons":   d.reasonsText,

		"abroad-text": d.perNetwork((*network).abroadSentence),
		"abroad":      of(func() *table { return abroadTable(d.networks) }),
		"ranks":       of(func() *table { return ranksTable(d.networks) }),
		"found-text":  d.foundText,
		"found":       of(d.foundTable),
		"boxes":       of(d.boxesTable),

		"calibration":           of(d.calibrationTable),
		"calibration-text":      d.perNetwork((*network).calibrationText),
		"calibration-protocols": of(d.protocolCalibrationTable),
		"refusals":              of(d.refusalTable),
		"refusal-text":          d.perNetwork((*network).refusalText),
		"foreign":               of(d.foreignTable),

		"stress-text":     d.perNetwork((*network).stressSentence),
		"stress":          of(func() *table { return stressTable(d.networks) }),
		"stress-whole":    of(func() *table { return wholeTable(d.networks) }),
		"stress-changes":  d.changes,
		"stress-foreign":  of(d.otherTable),
		"evidence-text":   d.perNetwork((*network).evidenceSentence),
		"evidence-times":  d.evidenceCompared,
		"evidence-notes":  d.evidenceNotes,
		"evidence":        of(func() *table { return evidenceTable(d.networks) }),
		"background-text": d.perNetwork((*network).backgroundSentence),
		"presets":         of(d.presetTable),
		"background":      of(func() *table { return erasedTable(d.networks) }),

		"compare":       of(d.comparisonTable),
		"compare-notes": d.comparisonNotes,
		"table6":        of(d.publishedTable),
		"table6-notes":  d.publishedNotes,
		"frozen":        of(d.frozenTable),
		"frozen-notes":  d.frozenNotes,
		"commands":      of(d.commandTable),
	}
}

// functions are those of the card's template: {{part NAME}}, {{figure NAME}}, {{readsCells}} and {{measures}}.
func (d *document) functions() template.FuncMap {
	return template.FuncMap{"part": d.part, "figure": d.figure, "readsCells": d.readsCells, "measures": func() string { return measures }}
}

// figure shows a figure by its name.
func (d *document) figure(name string) (string, error) {
	f, known := d.figures[name]
	switch {
	case !known:
		return "", fmt.Errorf("there is no figure %q", name)
	case f == nil:
		return "", nil
	}
	return fmt.Sprintf("![%s. %s](%s)\n", f.title, f.description, path.Join(FigureFolder, name+".svg")), nil
}

func (d *document) draw() {
	d.figures = map[string]*figure{
		"training":    trainingFigure(d.Runs),
		"reliability": d.reliability(),
		"protocols":   protocolReliability(d.Runs),
		"acceptance":  d.acceptance(),
		"stress":      stressFigure(d.networks),
		"cost":        d.costFigure(),
	}
}

// short is what a reader should know who reads nothing else.
func (d *document) short() string {
	var b strings.Builder
	for _, n := range d.networks {
		fmt.Fprintf(&b, "- **%s** (`%s`): %s\n", n.title(), n.Name(), sentences(n.accuracySentence(), blocksSentence(d.Runs, n.Name())))
	}
	return b.String() + "\n" + sameSlides + "\n"
}

func (d *document) modelTable() *table {
	t := &table{caption: "The networks", head: []string{"network", "filters of the blocks", "dense layers", "parameters", "multiply-adds", "file"}}
	join := func(numbers []int) string {
		var words []string
		for _, n := range numbers {
			words = append(words, strconv.Itoa(n))
		}
		return strings.Join(words, "/")
	}
	for i, n := range d.networks {
		name := n.Name()
		if i == 0 {
			name += " (default)"
		}
		net := n.Network()
		t.add(name, join(net.Filters()), join(net.DenseWidths()), grouped(int64(net.Parameters())),
			fmt.Sprintf("%.0f million", float64(net.MultiplyAdds())/1e6), fmt.Sprintf("model/%s.onnx, %.1f MB", n.Name(), float64(n.bytes)/1e6))
	}
	return t
}

// grouped writes a number with commas between the thousands.
func grouped(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

func (d *document) splitTable() *table {
	t := &table{caption: "The shipped split", head: []string{"class"}}
	counts := make(map[model.Class]map[dataset.Side]int)
	for _, a := range d.split {
		if counts[a.Label] == nil {
			counts[a.Label] = make(map[dataset.Side]int)
		}
		counts[a.Label][a.Side]++
	}
	total := make(map[dataset.Side]int)
	for _, side := range dataset.Sides {
		t.head = append(t.head, string(side))
	}
	for _, class := range model.Classes {
		row := []string{class.String()}
		for _, side := range dataset.Sides {
			row = append(row, strconv.Itoa(counts[class][side]))
			total[side] += counts[class][side]
		}
		t.add(row...)
	}
	row := []string{"all"}
	for _, side := range dataset.Sides {
		row = append(row, strconv.Itoa(total[side]))
	}
	t.add(row...)
	return t
}

// measures explains the figures of each class.
const measures = "Precision: of the answers that name the class, the share that is right. Recall: of the pictures of the class, the share that was named so. F1: the harmonic mean of the two."

// accuracyTable is about the shipped networks on the test side.
func (d *document) accuracyTable() *table {
	t := &table{caption: "The shipped networks on the test side. " + measures, head: []string{""}}
	rows := [][]string{{"pictures"}, {"right"}, {"no answer"}, {"accuracy (95 % interval)"}}
	for _, class := range model.Classes {
		rows = append(rows, []string{class.String() + ": precision / recall / F1"})
	}
	for _, n := range d.networks {
		t.head = append(t.head, n.Name())
		cells := make([]string, len(rows))
		for i := range cells {
			cells[i] = notMeasured
		}
		if e := n.test; e != nil {
			cells = []string{strconv.Itoa(e.N), strconv.Itoa(e.Correct), strconv.Itoa(e.Abstained), withInterval(e.Accuracy, e.Interval)}
			for _, c := range e.Classes {
				cells = append(cells, fmt.Sprintf("%.1f / %.1f / %.1f %%", 100*c.Precision, 100*c.Recall, 100*c.F1))
			}
		}
		for i := range rows {
			rows[i] = append(rows[i], cells[i])
		}
	}
	t.rows = rows
	return t
}

// mistakes says which classes the shipped networks mistook on the test side.
func (d *document) mistakes() string {
	var b strings.Builder
	for _, n := range d.networks {
		switch {
		case n.test == nil:
		case n.test.Correct+n.test.Abstained == n.test.N:
			fmt.Fprintf(&b, "- `%s`: no wrong answer.\n", n.Name())
		default:
			fmt.Fprintf(&b, "- `%s`: %s.\n", n.Name(), mistakes(&n.test.Summary))
		}
	}
	if b.Len() == 0 {
		return "Wrong answers on the test side: " + notMeasured + ".\n"
	}
	text := "Wrong answers on the test side:\n\n" + b.String()
	for _, n := range d.networks {
		if n.test != nil {
			text += fmt.Sprintf("\n**`%s`**\n\n%s", n.Name(), confusionOf(n.Name(), &n.test.Summary).markdown())
		}
	}
	return text
}

// ways lists the ways of dividing the pictures.
func ways() string {
	var b strings.Builder
	for _, p := range protocols {
		fmt.Fprintf(&b, "- **%s** (`%s`): %s\n", p.title, p.name, p.about)
	}
	return b.String()
}

func (d *document) hashTable() *table {
	t := &table{caption: "SHA-256 of the files", head: []string{"file", "SHA-256"}}
	for _, n := range d.networks {
		t.add("model/"+n.Name()+".onnx", n.Hash())
	}
	t.add("lab/split.tsv", d.splitHash)
	return t
}

// commandTable says how each result can be measured again.
func (d *document) commandTable() *table {
	t := &table{caption: "Commands", head: []string{"results", "command"}}
	add := func(file, command string) { t.add("lab/results/"+file+".json", "`"+command+"`") }
	for _, name := range sorted(d.Evaluations) {
		add("eval/"+name, d.Evaluations[name].Command)
	}
	for _, name := range sorted(d.Calibrations) {
		add("calibration/"+name, d.Calibrations[name].Command)
	}
	for _, name := range sorted(d.Stress) {
		add("stress/"+name, d.Stress[name].Command)
	}
	for _, name := range sorted(d.Presets) {
		add("presets/"+name, d.Presets[name].Command)
	}
	for _, name := range sorted(d.Abroad) {
		add("abroad/"+name, d.Abroad[name].Command)
	}
	if d.Cells != nil {
		add("cells", d.Cells.Command)
	}
	if d.Comparison != nil {
		add("compare", d.Comparison.Command)
	}
	if d.Costs != nil {
		add("cost", d.Costs.Command)
	}
	for _, r := range d.Runs {
		add(fmt.Sprintf("runs/%s-%s-s%d", r.Protocol, r.Network, r.Seed), r.Command)
	}
	return t
}
