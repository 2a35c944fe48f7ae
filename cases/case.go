package cases

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"allnet/model"
	"allnet/model/explain"
)

// Format names the form of a case's JSON; case.schema.json describes it.
const Format = "allnet case 1"

// Disclaimer stands in each case.
const Disclaimer = "For research and education. Not a medical device. It must not be used for diagnosis or treatment."

// Case is many pictures of one smear, read. Its order of keys is that of the file. What Assemble
// made is not to be changed.
type Case struct {
	Format     string `json:"format"`
	Disclaimer string `json:"disclaimer"`
	// Label is what the reader calls it: a number or a code; see CheckLabel. It may be empty.
	Label string `json:"label"`
	// Program is what computed it.
	Program Program `json:"program"`
	// Page is the SHA-256 of the page that it was made in, or of the page of the same release
	// as the program; empty where that is not known.
	Page string `json:"page,omitempty"`
	// Networks are those whose answers it holds, in the order of their first picture.
	Networks []Network `json:"networks"`
	// Settings are those of the explanations that it holds, seeds and all, each once, in the
	// order of their first picture.
	Settings []json.RawMessage `json:"settings"`
	// Pictures are in the order of their names.
	Pictures []Picture `json:"pictures"`
	// Summary is what the pictures say together.
	Summary Summary `json:"summary"`
	// Digest is the SHA-256 of the JSON of all before it: of the text up to the comma before it.
	// It finds what was changed by a slip; whoever changes a case on purpose can renew it, which is
	// why a case can be computed again.
	Digest string `json:"digest"`

	text []byte // of all before the digest; nil where it is not known
}

// Program names a build.
type Program struct {
	Version string `json:"version"`
	// Revision is the commit of the source.
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

// Network names a network by its files.
type Network struct {
	// Name is empty for one that is not shipped.
	Name string `json:"name"`
	// Weights and Calibration are the SHA-256 of the files; the latter is empty where there is
	// no calibration.
	Weights     string `json:"weights"`
	Calibration string `json:"calibration"`
}

// Picture is one picture of a case.
type Picture struct {
	Answer Answer `json:"answer"`
	// Explained is the JSON of an Explained; null where no explanation was asked for or
	// nothing could be explained.
	Explained json.RawMessage `json:"explained"`
	// Decision is the reader's own; null where none was given.
	Decision *Decision `json:"decision"`

	short *brief // of Explained, where that was read
}

// File is the name that the picture goes by.
func (p *Picture) File() string { return p.Answer.Record.File }

// Decision is what a reader says of a picture.
type Decision struct {
	// Class is null where the reader cannot tell.
	Class *model.Class `json:"class"`
	// Certainty is empty where it was not asked for, or there is no class.
	Certainty Certainty `json:"certainty"`
	// Blind says that the decision was made before the network's answer was seen.
	Blind bool `json:"blind"`
	// Note is in the reader's words.
	Note string `json:"note"`
}

// Certainty is how sure a reader is.
type Certainty string

// The certainties.
const (
	Certain  Certainty = "certain"
	Probable Certainty = "probable"
	Doubtful Certainty = "doubtful"
)

func (d *Decision) check() error {
	if d == nil {
		return nil
	}
	if d.Certainty != "" && !slices.Contains([]Certainty{Certain, Probable, Doubtful}, d.Certainty) {
		return fmt.Errorf("the certainty of a decision is %q; expected certain, probable, doubtful or none", d.Certainty)
	}
	if d.Class == nil && d.Certainty != "" {
		return fmt.Errorf("a decision that a reader cannot make has the certainty %q; expected none", d.Certainty)
	}
	return nil
}

// Draft is what a case is assembled from.
type Draft struct {
	Label    string    `json:"label"`
	Program  Program   `json:"program"`
	Page     string    `json:"page"`
	Pictures []Picture `json:"pictures"`
}

// ParseDraft reads the JSON of a Draft.
func ParseDraft(text []byte) (*Draft, error) {
	d := new(Draft)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("reading the pictures of the case: %w", err)
	}
	return d, nil
}

// Assemble makes a case. The same pictures give the same case, in whatever order they come.
func Assemble(d *Draft) (*Case, error) {
	if err := CheckLabel(d.Label); err != nil {
		return nil, err
	}
	if d.Page != "" && !isSHA256(d.Page) {
		return nil, fmt.Errorf("the page is named %q; expected its SHA-256 in hexadecimal digits", d.Page)
	}
	c := &Case{
		Format: Format, Disclaimer: Disclaimer, Label: d.Label, Program: d.Program, Page: d.Page,
		Networks: []Network{}, Settings: []json.RawMessage{}, Pictures: slices.Clone(d.Pictures),
	}
	slices.SortStableFunc(c.Pictures, func(a, b Picture) int {
		return cmp.Or(strings.Compare(a.File(), b.File()), strings.Compare(a.Answer.Source.SHA256, b.Answer.Source.SHA256), strings.Compare(a.Answer.Weights, b.Answer.Weights))
	})
	rows := make([]Row, len(c.Pictures))
	for i := range c.Pictures {
		p := &c.Pictures[i]
		p.Answer.Record.File = strings.ToValidUTF8(p.File(), "\uFFFD")
		if err := p.Decision.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File(), err)
		}
		if p.Answer.Choices == nil {
			p.Answer.Choices = new(model.Choices)
		}
		if p.Answer.Source.Kind == "" { // of an answer that the page gave for a program that had ended
			p.Answer.Source.Kind = File
		}
		if n := p.Answer.By(); !slices.Contains(c.Networks, n) {
			c.Networks = append(c.Networks, n)
		}
		b, err := p.brief()
		if err != nil {
			return nil, fmt.Errorf("%s: the explanation: %w", p.File(), err)
		}
		p.short = b
		if b != nil && !slices.ContainsFunc(c.Settings, func(s json.RawMessage) bool { return string(s) == string(b.settings) }) {
			c.Settings = append(c.Settings, b.settings)
		}
		rows[i] = p.row(b)
	}
	c.Summary = *Summarise(rows)
	var err error
	if c.text, err = c.unsealed(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(c.text)
	c.Digest = hex.EncodeToString(sum[:])
	return c, nil
}

// brief is an explanation in short.
type brief struct {
	settings json.RawMessage
	classes  []briefClass
	tally    *explain.Tally
}

// briefClass is a lime.ClassExplanation in short.
type briefClass struct {
	Class     int     `json:"class"`
	R2        float64 `json:"r2"`
	Agreement float64 `json:"agreement"`
	Readable  bool    `json:"readable"`
}

// of is what is said of a class; nil where there is nothing.
func (b *brief) of(class model.Class) *briefClass {
	for i := range b.classes {
		if b.classes[i].Class == int(class) {
			return &b.classes[i]
		}
	}
	return nil
}

// seed is the seed of the samples, in digits.
func (b *brief) seed() (string, error) {
	var s struct {
		Seed json.Number `json:"seed"`
	}
	err := json.Unmarshal(b.settings, &s)
	return s.Seed.String(), err
}

// brief brings a picture's explanation into canonical form and reads it as far as it must be
// known here. It is nil where there is none.
func (p *Picture) brief() (*brief, error) {
	if p.short != nil {
		return p.short, nil
	}
	if len(p.Explained) == 0 || string(p.Explained) == "null" {
		p.Explained = nil
		return nil, nil
	}
	var err error
	if p.Explained, err = canonical(p.Explained); err != nil {
		return nil, err
	}
	var e struct {
		Explanation *struct {
			Settings json.RawMessage `json:"settings"`
			Classes  []briefClass    `json:"classes"`
		} `json:"explanation"`
		Readings *struct {
			Tally explain.Tally `json:"tally"`
		} `json:"readings"`
	}
	if err := json.Unmarshal(p.Explained, &e); err != nil {
		return nil, err
	}
	if e.Explanation == nil || e.Explanation.Settings == nil {
		return nil, fmt.Errorf("it lacks explanation.settings")
	}
	b := &brief{settings: e.Explanation.Settings, classes: e.Explanation.Classes}
	if e.Readings != nil {
		b.tally = &e.Readings.Tally
	}
	return b, nil
}

// JSON writes the case: one key, and one picture, a line.
func (c *Case) JSON() ([]byte, error) {
	text := c.text
	if text == nil {
		var err error
		if text, err = c.unsealed(); err != nil {
			return nil, err
		}
	}
	return slices.Concat(text, seal(c.Digest)), nil
}

// seal is the end of a case's JSON, from the comma before the digest on.
func seal(digest string) []byte { return []byte(",\n \"digest\": \"" + digest + "\"\n}\n") }

// unsealed is the case's JSON up to the comma before the digest.
func (c *Case) unsealed() ([]byte, error) {
	w := &writer{text: []byte("{")}
	comma := "\n "
	key := func(name string) {
		w.text = append(w.text, comma+`"`+name+`": `...)
		comma = ",\n "
	}
	key("format")
	w.value(c.Format)
	key("disclaimer")
	w.value(c.Disclaimer)
	key("label")
	w.value(c.Label)
	key("program")
	w.value(c.Program)
	if c.Page != "" {
		key("page")
		w.value(c.Page)
	}
	key("networks")
	w.value(c.Networks)
	key("settings")
	w.value(c.Settings)
	key("pictures")
	w.text = append(w.text, '[')
	for i := range c.Pictures {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.text = append(w.text, "\n  "...)
		w.picture(&c.Pictures[i])
	}
	w.text = append(w.text, "\n ]"...)
	key("summary")
	w.value(c.Summary)
	return w.text, w.err
}

// writer writes JSON in canonical form. Its first error stays.
type writer struct {
	text []byte
	err  error
}

func (w *writer) value(v any) {
	value, err := marshal(v)
	if err == nil {
		value, err = canonical(value)
	}
	if w.err == nil {
		w.err = err
	}
	w.text = append(w.text, value...)
}

// picture writes a picture. Its explanation, by far the most of it, is not written through
// reflection.
func (w *writer) picture(p *Picture) {
	w.text = append(w.text, `{"answer":`...)
	w.value(p.Answer)
	w.text = append(w.text, `,"explained":`...)
	switch {
	case !explained(p):
		w.text = append(w.text, "null"...)
	case p.short != nil: // it is in canonical form
		w.text = append(w.text, p.Explained...)
	default:
		text, err := canonical(p.Explained)
		if err != nil && w.err == nil {
			w.err = fmt.Errorf("%s: %w", p.File(), err)
		}
		w.text = append(w.text, text...)
	}
	w.text = append(w.text, `,"decision":`...)
	w.value(p.Decision)
	w.text = append(w.text, '}')
}

// Parse reads the JSON of a case, whoever wrote it; whether it is true Compare tells. A key that
// stands twice is an error: programs differ in which of both they take.
func Parse(text []byte) (*Case, error) {
	var form struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(text, &form); err != nil {
		return nil, fmt.Errorf("this is not a case: it cannot be read as JSON (%w). Expected a file that the page or `allnet case` wrote", err)
	}
	if form.Format != Format {
		return nil, fmt.Errorf("this is not a case that can be read here: its format is %q; expected %q", form.Format, Format)
	}
	c := new(Case)
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("this case is damaged: %w", err)
	}
	plain, err := canonical(text)
	if err != nil {
		return nil, fmt.Errorf("this case is damaged: %w", err)
	}
	if key := repeatedKey(plain); key != "" {
		return nil, fmt.Errorf("this case is damaged: %s stands twice in the same object, so it cannot be told which of both it means. Expected a file as the page or `allnet case` wrote it", key)
	}
	return c, nil
}

// draft is what a case says that it was assembled from.
func (c *Case) draft() *Draft {
	return &Draft{Label: c.Label, Program: c.Program, Page: c.Page, Pictures: c.Pictures}
}
