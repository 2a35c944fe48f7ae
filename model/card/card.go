// Package card writes what is known of the shipped networks for people to read:
// MODEL_CARD.md with its figures, the tables in README.md and RATIONALE.md, and
// the card of each network in the page. Every number in them comes from the JSON
// files in model/results; what was not measured is said to be so.
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

	"allnet/model"
	"allnet/model/calibration"
	"allnet/model/compare"
	"allnet/model/evaluation"
	"allnet/model/explain"
	"allnet/model/stress"
)

// Results are the decoded files of model/results.
type Results struct {
	Runs []*Run
	// Evaluations are by file name without its ending: <model>-<side>.
	Evaluations map[string]*evaluation.File
	// Calibrations are by the network's name.
	Calibrations map[string]*calibration.Report
	// Stress is by the network's name.
	Stress map[string]*stress.File
	// Presets are by the network's name.
	Presets map[string]*explain.PresetFile
	// Comparison is nil where it was not measured.
	Comparison *compare.File
}

// Load reads the results' folder (see package results for what it may hold). Files
// that are not there are results that were not measured; files that cannot be
// read, or whose figures contradict each other, are an error.
func Load(results fs.FS) (*Results, error) {
	r := &Results{
		Evaluations: make(map[string]*evaluation.File), Calibrations: make(map[string]*calibration.Report),
		Stress: make(map[string]*stress.File), Presets: make(map[string]*explain.PresetFile),
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
	r.Comparison = new(compare.File)
	if err := readJSON(results, "compare.json", r.Comparison); errors.Is(err, fs.ErrNotExist) {
		r.Comparison = nil
	} else if err != nil {
		return nil, err
	}
	return r, nil
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
			Model: m, bytes: len(b.Weights),
			test: r.Evaluations[b.Name+"-test"], validation: r.Evaluations[b.Name+"-validation"],
			calibration: r.Calibrations[b.Name], stress: r.Stress[b.Name],
		})
	}
	return all, nil
}

// measured is what a result file says it measured.
type measured struct {
	file string
	// name is the shipped network's name, weights the SHA-256 of its ONNX file.
	name, weights string
}

// Check tells whether the results were measured on the networks that are shipped.
// The error names every file that was not.
func (r *Results) Check() error {
	hashes := make(map[string]string)
	networks, err := r.shipped()
	if err != nil {
		return err
	}
	for _, n := range networks {
		hashes[n.Name()] = n.Hash()
	}
	var all []measured
	for name, e := range r.Evaluations {
		all = append(all, measured{"eval/" + name, e.Name, e.Model})
	}
	for name, c := range r.Calibrations {
		all = append(all, measured{"calibration/" + name, name, c.Model})
	}
	for name, s := range r.Stress {
		all = append(all, measured{"stress/" + name, name, s.Model})
	}
	for name, p := range r.Presets {
		all = append(all, measured{"presets/" + name, name, p.Model})
	}
	if r.Comparison != nil {
		for _, row := range r.Comparison.Rows {
			if hash := hashes[row.Name]; hash != "" && !slices.Contains(row.Models, hash) {
				all = append(all, measured{"compare", row.Name, strings.Join(row.Models, ", ")})
			}
		}
	}
	slices.SortFunc(all, func(a, b measured) int { return cmp.Compare(a.file, b.file) })
	var stale []error
	for _, m := range all {
		if hash := hashes[m.name]; m.name != "" && hash != m.weights {
			stale = append(stale, fmt.Errorf("%s.json was measured on the %s network with SHA-256 %s; expected the shipped one, %s", m.file, m.name, m.weights, cmp.Or(hash, "of which there is none")))
		}
	}
	for _, n := range networks {
		stale = append(stale, n.agree())
	}
	return errors.Join(stale...)
}

// agree holds the results on the unchanged test side against each other: what
// was measured before the calibration was fitted anew would differ.
func (n *network) agree() error {
	if n.test == nil {
		return nil
	}
	differs := func(file string, of, correct, abstained int) error {
		if e := n.test; of == e.N && (correct != e.Correct || abstained != e.Abstained) {
			return fmt.Errorf("%s/%s.json has %d right and %d without an answer of %d test pictures, eval/%s-test.json has %d and %d; expected both to be measured with the shipped calibration",
				file, n.Name(), correct, abstained, of, n.Name(), e.Correct, e.Abstained)
		}
		return nil
	}
	var stress, calibration error
	if s := n.stress; s != nil && slices.Equal(s.Sides, n.test.Sides) {
		stress = differs("stress", s.Unchanged.N, s.Unchanged.Correct, s.Unchanged.Abstained)
	}
	if c := n.calibration; c != nil && len(c.Levels) > 0 {
		a := c.Levels[0].Answered
		calibration = differs("calibration", a.N, a.Correct, a.Abstained)
	}
	return errors.Join(stress, calibration)
}

// sorted lists the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
