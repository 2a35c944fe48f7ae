package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"allnet/cases"
	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lime"
	"allnet/model"
)

// errCaseDiffers is the end of a check that found a difference; status 1 means nothing else.
var errCaseDiffers = errors.New("the case differs")

func checkCase(set *flag.FlagSet) action {
	weights := set.String("model", "", "ONNX `file` of a case whose network is not shipped")
	asJSON := set.Bool("json", false, "write the comparison as JSON")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		saved, err := os.ReadFile(args[0])
		if err != nil {
			return &misuse{err}
		}
		c, err := cases.Parse(saved)
		if err != nil {
			return &misuse{fmt.Errorf("%s: %w", terminal.Shown(args[0]), err)}
		}
		files, err := filesIn(args[1], args[0], filepath.Join(filepath.Dir(args[0]), caseTable))
		if err != nil {
			return &misuse{err}
		}
		a := &repetition{dir: args[1], files: files, weights: *weights, stderr: stderr}
		jobs := a.jobs(c)
		draft := new(cases.Draft)
		if draft.Program, draft.Page, err = thisProgram(""); err != nil {
			return err
		}
		if draft.Pictures, err = readAll(ctx, jobs, stderr); err != nil {
			return notTold(ctx, err)
		}
		comparison, err := cases.Compare(saved, draft)
		if err != nil {
			return &misuse{fmt.Errorf("%s: %w", terminal.Shown(args[0]), err)}
		}
		comparison.Added = a.unused()
		if *asJSON {
			encoder := json.NewEncoder(stdout)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", " ")
			err = encoder.Encode(comparison)
		} else {
			writeCheck(stdout, comparison)
		}
		switch {
		case err != nil:
			return err
		case comparison.Outcome == cases.Differs:
			return errCaseDiffers
		case comparison.Outcome == cases.Unknown:
			return &misuse{errors.New("it cannot be told whether the case is the same")}
		}
		return nil
	}
}

// notTold is why a case cannot be checked, or that the user ended it.
func notTold(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	return &misuse{err}
}

// repetition finds the pictures of a saved case.
type repetition struct {
	dir, weights string
	files        []string
	stderr       io.Writer
	used         map[string]bool
	byHash       map[string]string // SHA-256 of files; nil: not known yet
	networks     map[cases.Network]*model.Model
	taught       []*model.Model // networks with corrections
}

// jobs are the readings to be repeated: each by what the case says of it. What cannot be
// repeated is left out, with a line that says why.
func (a *repetition) jobs(c *cases.Case) []readingJob {
	a.used, a.networks = make(map[string]bool), make(map[cases.Network]*model.Model)
	var jobs []readingJob
	for i := range c.Pictures {
		p := &c.Pictures[i]
		if job, err := a.job(p); err != nil {
			fmt.Fprintf(a.stderr, "%s: %s\n", terminal.Shown(p.File()), terminal.Message(err))
		} else {
			jobs = append(jobs, *job)
		}
	}
	return jobs
}

func (a *repetition) job(p *cases.Picture) (*readingJob, error) {
	answer := &p.Answer
	j := &readingJob{file: p.File(), choices: answer.Choices, field: answer.Field, always: true}
	if j.choices == nil {
		j.choices = new(model.Choices)
	}
	switch answer.Source.Kind {
	case cases.Drawing:
		j.drawing = answer.Source.Drawing
	case cases.Pixels:
		return nil, errors.New("the picture was decoded by a browser; only the page can read it again")
	default:
		name, err := a.find(p)
		if err != nil {
			return nil, err
		}
		j.path = filepath.Join(a.dir, filepath.FromSlash(name))
		if name != p.File() {
			j.file = name
		}
	}
	if p.Explained != nil {
		var e struct {
			Explanation struct {
				Settings *lime.Settings `json:"settings"`
			} `json:"explanation"`
		}
		if err := json.Unmarshal(p.Explained, &e); err != nil {
			return nil, fmt.Errorf("its explanation is damaged: %w", err)
		}
		j.settings = e.Explanation.Settings
	}
	var err error
	if j.model, err = a.network(answer.By()); err != nil {
		return nil, err
	}
	if c := answer.Correction; c != nil {
		if err := c.Validate(); err != nil {
			return nil, err
		}
		j.model = a.corrected(j.model, c)
	}
	return j, nil
}

// find is the file of a picture: that of its name, else one with its bytes.
func (a *repetition) find(p *cases.Picture) (string, error) {
	if slices.Contains(a.files, p.File()) {
		a.used[p.File()] = true
		return p.File(), nil
	}
	if a.byHash == nil {
		a.byHash = make(map[string]string)
		for _, name := range slices.Backward(a.files) {
			if data, err := dataset.ReadFile(filepath.Join(a.dir, filepath.FromSlash(name))); err == nil {
				a.byHash[cases.SourceOf(cases.File, "", data).SHA256] = name
			}
		}
	}
	if name, found := a.byHash[p.Answer.Source.SHA256]; found {
		a.used[name] = true
		return name, nil
	}
	return "", errors.New("there is no file of this name, nor one with its bytes")
}

// network is the one that a case names, or what there is in its place.
func (a *repetition) network(n cases.Network) (*model.Model, error) {
	if m := a.networks[n]; m != nil {
		return m, nil
	}
	open, name := options.OpenModel, a.weights
	switch {
	case n.Name != "":
		open, name = model.Named, n.Name // whoever wrote the case must not choose a file here
	case name == "":
		return nil, errors.New("its network is not shipped; -model names its file")
	}
	m, err := open(name)
	a.networks[n] = m
	return m, err
}

// corrected is a network with a correction, the same for the same of both.
func (a *repetition) corrected(m *model.Model, c *model.Correction) *model.Model {
	for _, known := range a.taught {
		if *known.Correction() == *c && known.Hash() == m.Hash() && known.CalibrationHash() == m.CalibrationHash() {
			return known
		}
	}
	m = m.Corrected(c)
	a.taught = append(a.taught, m)
	return m
}

// unused are the files that may be pictures and are not in the case. A picture of the case may go by
// any name: whoever gives files to the page one by one may give such.
func (a *repetition) unused() []string {
	added := []string{}
	for _, name := range a.files {
		if !a.used[name] && cases.MayBePicture(name) {
			added = append(added, name)
		}
	}
	return added
}

// writeCheck says what came of a check.
func writeCheck(w io.Writer, c *cases.Comparison) {
	fmt.Fprintln(w, c.Sentence)
	for _, cause := range c.Causes {
		fmt.Fprintf(w, "  %s\n", cause)
	}
	for _, d := range c.Differences {
		file := "case"
		if d.File != "" {
			file = terminal.Shown(d.File)
		}
		fmt.Fprintf(w, "  %s: %s: %s, again %s\n", file, d.Path, d.Saved, d.Again)
	}
	if c.More > 0 {
		fmt.Fprintf(w, "  and %d more\n", c.More)
	}
	for _, name := range c.Missing {
		fmt.Fprintf(w, "  missing: %s\n", terminal.Shown(name))
	}
	for _, name := range c.Unanswered {
		fmt.Fprintf(w, "  not explained again: %s\n", terminal.Shown(name))
	}
	for _, name := range c.Added {
		fmt.Fprintf(w, "  not in the case: %s\n", terminal.Shown(name))
	}
	for _, remark := range c.Remarks {
		fmt.Fprintf(w, "  %s\n", remark)
	}
}
