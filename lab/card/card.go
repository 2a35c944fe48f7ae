// Package card writes what is known of the shipped networks for people to read:
// MODEL_CARD.md with its figures, the tables in README.md and RATIONALE.md, and
// the card of each network in the page. Every number in them comes from the JSON
// files in lab/results; what was not measured is said to be so.
package card

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"allnet/lab/abroad"
	"allnet/lab/calibration"
	"allnet/lab/cells"
	"allnet/lab/compare"
	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/lab/stress"
	"allnet/model"
)

// Results are the decoded files of lab/results.
type Results struct {
	Runs []*Run
	// Evaluations are by file name without its ending: <model>-<side>.
	Evaluations map[string]*evaluation.File
	// Calibrations are by the network's name.
	Calibrations map[string]*calibration.Report
	// Stress is by the network's name.
	Stress map[string]*stress.File
	// Presets are by the network's name.
	Presets map[string]*evaluation.PresetFile
	// Abroad is by the network's name.
	Abroad map[string]*abroad.File
	// Comparison, Costs and Cells are nil where they were not measured.
	Comparison *compare.File
	Costs      *compare.CostFile
	Cells      *cells.File
}

// Load reads the results' folder (see package results for what it may hold). Files
// that are not there are results that were not measured; files that cannot be
// read, or whose figures contradict each other, are an error.
func Load(results fs.FS) (*Results, error) {
	r := &Results{
		Evaluations: make(map[string]*evaluation.File), Calibrations: make(map[string]*calibration.Report),
		Stress: make(map[string]*stress.File), Presets: make(map[string]*evaluation.PresetFile),
		Abroad: make(map[string]*abroad.File),
	}
	var err error
	if r.Runs, err = loadRuns(results); err != nil {
		return nil, err
	}
	if err := loadEach(results, "eval", r.Evaluations); err != nil {
		return nil, err
	}
	if err := loadEach(results, "calibration", r.Calibrations); err != nil {
		return nil, err
	}
	if err := loadEach(results, "stress", r.Stress); err != nil {
		return nil, err
	}
	if err := loadEach(results, "presets", r.Presets); err != nil {
		return nil, err
	}
	if err := loadEach(results, "abroad", r.Abroad); err != nil {
		return nil, err
	}
	if r.Comparison, err = loadOne[compare.File](results, "compare.json"); err != nil {
		return nil, err
	}
	if r.Costs, err = loadOne[compare.CostFile](results, "cost.json"); err != nil {
		return nil, err
	}
	if r.Cells, err = loadOne[cells.File](results, "cells.json"); err != nil {
		return nil, err
	}
	return r, nil
}

// loadOne reads a JSON file; it is nil where there is none.
func loadOne[T any](results fs.FS, name string) (*T, error) {
	v := new(T)
	if err := readJSON(results, name, v); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return v, nil
}

// loadEach reads a folder's JSON files by their names without the ending.
func loadEach[T any](results fs.FS, folder string, into map[string]*T) error {
	files, err := fs.Glob(results, folder+"/*.json")
	if err != nil {
		return err
	}
	for _, name := range files {
		v := new(T)
		if err := readJSON(results, name, v); err != nil {
			return err
		}
		into[strings.TrimSuffix(path.Base(name), ".json")] = v
	}
	return nil
}

// network is a shipped network with what was measured of it; what was not is nil.
type network struct {
	*model.Model
	bytes int
	// test is its evaluation on the test side of the shipped split, validation that
	// on the validation side.
	test, validation *evaluation.File
	calibration      *calibration.Report
	stress           *stress.File
	abroad           *abroad.File
}

// title is what the documents call the network.
func (n *network) title() string { return title(networks, n.Name()) }

// shipped returns the networks that come with the program, the default first.
func (r *Results) shipped() ([]*network, error) {
	var all []*network
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			return nil, err
		}
		all = append(all, &network{
			Model: m, bytes: len(b.Weights()),
			test: r.Evaluations[b.Name+"-test"], validation: r.Evaluations[b.Name+"-validation"],
			calibration: r.Calibrations[b.Name], stress: r.Stress[b.Name], abroad: r.Abroad[b.Name],
		})
	}
	return all, nil
}

// Check tells whether the results were measured on the networks that are shipped,
// with their calibrations.
func (r *Results) Check() error {
	networks, err := r.shipped()
	if err != nil {
		return err
	}
	var wrong []error
	known := make(map[string]*network)
	for _, n := range networks {
		known[n.Name()] = n
	}
	for _, o := range r.origins() {
		n := known[o.name]
		switch {
		case n == nil || o.Name != o.name:
			wrong = append(wrong, fmt.Errorf("%s.json was measured on the network %q; expected a shipped one, by which the file is named", o.file, o.Name))
		case o.Model != n.Hash():
			wrong = append(wrong, fmt.Errorf("%s.json was measured on the %s network with SHA-256 %s; expected the shipped one, %s", o.file, o.name, o.Model, n.Hash()))
		case o.CalibrationHash != n.CalibrationHash():
			wrong = append(wrong, fmt.Errorf("%s.json was measured with a calibration of SHA-256 %q; expected the shipped one, %s", o.file, o.CalibrationHash, n.CalibrationHash()))
		}
	}
	if r.Comparison != nil {
		for _, row := range r.Comparison.Rows {
			if n := known[row.Name]; n != nil && !slices.Contains(row.Models, n.Hash()) {
				wrong = append(wrong, fmt.Errorf("compare.json was measured on the %s network with SHA-256 %s; expected the shipped one, %s", row.Name, strings.Join(row.Models, ", "), n.Hash()))
			}
		}
	}
	if r.Costs != nil {
		for _, c := range r.Costs.Networks {
			if n := known[c.Name]; n != nil && c.Model != n.Hash() {
				wrong = append(wrong, fmt.Errorf("cost.json was measured on the %s network with SHA-256 %s; expected the shipped one, %s", c.Name, c.Model, n.Hash()))
			}
			if len(c.Times) == 0 {
				wrong = append(wrong, fmt.Errorf("cost.json has no time of %s; expected at least one", c.Name))
			}
		}
	}
	return errors.Join(wrong...)
}

// origin is where the figures of one result file come from.
type origin struct {
	// file is the file's name in the folder of results without its ending, and name the
	// network's in it.
	file, name string
	// sides are those of the split that the file must be about; nil where it names
	// none.
	sides []string
	evaluation.Origin
}

// origins are those of all files about one network, in the order of their names.
func (r *Results) origins() (all []origin) {
	test := string(dataset.Test)
	for file, e := range r.Evaluations {
		name, side, _ := strings.Cut(file, "-")
		all = append(all, origin{"eval/" + file, name, []string{side}, e.Origin})
	}
	for name, c := range r.Calibrations {
		all = append(all, origin{"calibration/" + name, name, nil, c.Origin})
	}
	for name, s := range r.Stress {
		all = append(all, origin{"stress/" + name, name, []string{test}, s.Origin})
	}
	for name, a := range r.Abroad {
		all = append(all, origin{"abroad/" + name, name, []string{test}, a.Origin})
	}
	for name, p := range r.Presets {
		all = append(all, origin{"presets/" + name, name, []string{string(dataset.Validation), test}, p.Origin})
	}
	slices.SortFunc(all, func(a, b origin) int { return cmp.Compare(a.file, b.file) })
	return all
}

// checkSplit tells whether the results are about the shipped split, whose SHA-256
// is given, and about the sides of it that the documents say.
func (r *Results) checkSplit(hash string) error {
	var wrong []error
	for _, o := range r.origins() {
		if o.Split != hash || !slices.Equal(o.Sides, o.sides) {
			wrong = append(wrong, fmt.Errorf("%s.json is about the sides %q of the split with SHA-256 %q; expected %q of lab/split.tsv, %s", o.file, o.Sides, o.Split, o.sides, hash))
		}
	}
	for _, run := range r.Runs {
		if run.Protocol == honest && run.Split != hash {
			wrong = append(wrong, fmt.Errorf("the run %s-%s-s%d is about the split with SHA-256 %q; expected lab/split.tsv, %s", run.Protocol, run.Network, run.Seed, run.Split, hash))
		}
	}
	return errors.Join(wrong...)
}

// sorted lists the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
