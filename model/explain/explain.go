// Package explain joins the model and LIME: it finds the superpixels of a
// picture, or takes its cells for them, asks the network about pictures in which
// some of them are hidden, and returns the explanation. Of cells it also says what
// each reads as by itself, and which of them the answer rests on. The page and the
// command line explain through it.
package explain

import (
	"context"
	"errors"
	"fmt"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/nuclei"
)

// Stage is one step of an explanation, in the order in which they are taken.
type Stage string

// Stages. The last four belong to LIME, to Shapley values from permutations, to exact
// Shapley values and readings of cells, and to Faithfulness, each alone.
const (
	Segmentation Stage = "segmentation"
	Tables       Stage = "tables"
	Samples      Stage = "samples"
	Permutations Stage = "permutations"
	Coalitions   Stage = "coalitions"
	Orders       Stage = "orders"
)

// Progress is told how far a stage has come. It may be nil.
type Progress func(stage Stage, done, total int)

func (p Progress) at(stage Stage) func(done, total int) {
	if p == nil {
		return func(int, int) {}
	}
	return func(done, total int) { p(stage, done, total) }
}

// Result is an explanation with what is needed to draw it.
type Result struct {
	Segmentation *lime.Segmentation
	Explanation  *lime.Explanation
	// Evaluation says how the samples were evaluated.
	Evaluation engine.PerturbInfo
	// Nuclei says what the weights for each class make of the stained nuclei; where
	// the regions are cells, each of them counts as one with all of its area.
	Nuclei []Nuclei
}

// ShapleyResult is the second opinion, with what is needed to draw it.
type ShapleyResult struct {
	Segmentation *lime.Segmentation
	Shapley      *lime.ShapleyValues
	// Evaluation says how the coalitions were evaluated.
	Evaluation engine.PerturbInfo
}

// Explain explains the model's answer for one picture. To ask about the same
// picture again, use a Session.
func Explain(ctx context.Context, m *model.Model, in *model.Input, s lime.Settings, progress Progress) (*Result, error) {
	return NewSession(m, in).Explain(ctx, s, progress)
}

// Session explains one picture as often as asked and keeps what is known: the
// superpixels until others are asked for, and the engine's tables for
// each hiding colour until the superpixels change. Another target, other numbers
// of samples or permutations, and Shapley values beside LIME take nothing but
// the evaluation of samples. Stages that are known already report no progress.
// A Session is not safe for concurrent use.
type Session struct {
	model *model.Model
	in    *model.Input
	cells *lime.Segmentation // nil: not known, see NewCells
	scale float64            // of the logits; 0: the picture's own

	regions lime.RegionKind         // of seg
	options lime.QuickshiftOptions  // of seg
	seg     *lime.Segmentation      // nil: none yet
	tables  map[lime.Hide]*prepared // of seg
	stained []bool                  // pixels of in, see nuclei.Stained; nil: not yet looked for
}

// prepared is what answers for pictures in which superpixels are hidden in one way.
type prepared struct {
	evaluator    lime.Evaluator
	perturbation *engine.Perturbation
	decisive     *Set // of cells, by DefaultThreshold; nil: not yet searched for
}

func (p *prepared) info() engine.PerturbInfo { return p.perturbation.Info() }

// NewSession returns a session for a picture, which must not change while it is
// used. It does no work yet.
func NewSession(m *model.Model, in *model.Input) *Session { return &Session{model: m, in: in} }

// Explain explains the model's answer by LIME.
func (s *Session) Explain(ctx context.Context, settings lime.Settings, progress Progress) (*Result, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	p, err := s.prepare(ctx, settings.Regions, settings.Segmentation, settings.Hide, progress)
	if err != nil {
		return nil, err
	}
	explanation, err := lime.Explain(ctx, s.seg, p.evaluator, settings, progress.at(Samples))
	if err != nil {
		return nil, err
	}
	return &Result{Segmentation: s.seg, Explanation: explanation, Evaluation: p.info(), Nuclei: nucleiOf(s.marked(), s.seg, explanation)}, nil
}

// Link takes the superpixels from links that lime.QuickshiftLinks found elsewhere, those of the whole picture, unless they are known.
func (s *Session) Link(options lime.QuickshiftOptions, links []int32) error {
	if s.knows(lime.RegionsQuickshift, options) {
		return nil
	}
	seg, err := lime.QuickshiftTrees(links, model.Side, model.Side)
	if err != nil {
		return fmt.Errorf("finding the superpixels: %w", err)
	}
	s.take(lime.RegionsQuickshift, options, seg)
	return nil
}

// knows tells whether seg is what is asked for.
func (s *Session) knows(regions lime.RegionKind, options lime.QuickshiftOptions) bool {
	return s.seg != nil && s.regions == regions && s.options == options
}

// take makes seg the superpixels that are known, of which there are no tables yet.
func (s *Session) take(regions lime.RegionKind, options lime.QuickshiftOptions, seg *lime.Segmentation) {
	s.regions, s.options, s.seg, s.tables = regions, options, seg, make(map[lime.Hide]*prepared)
}

// marked are the pixels of in that nuclei are taken to cover.
func (s *Session) marked() []bool {
	if s.regions == lime.RegionsCells {
		all := make([]bool, len(s.seg.Labels))
		for i := range all {
			all[i] = true // those of the ground count for no region
		}
		return all
	}
	if s.stained == nil {
		s.stained = nuclei.Stained(s.in.RGB)
	}
	return s.stained
}

// Shapley estimates the superpixels' Shapley values. Those of up to MaxExactCells
// cells are exact, and say so.
func (s *Session) Shapley(ctx context.Context, settings lime.ShapleySettings, progress Progress) (*ShapleyResult, error) {
	if err := settings.Validate(); err != nil {
		return nil, err
	}
	p, err := s.prepare(ctx, settings.Regions, settings.Segmentation, settings.Hide, progress)
	if err != nil {
		return nil, err
	}
	compute, stage := lime.Shapley, Permutations
	if s.regions == lime.RegionsCells && s.seg.Count <= MaxExactCells {
		compute, stage = lime.ExactShapley, Coalitions
	}
	values, err := compute(ctx, s.seg, p.evaluator, settings, progress.at(stage))
	if err != nil {
		return nil, err
	}
	return &ShapleyResult{Segmentation: s.seg, Shapley: values, Evaluation: p.info()}, nil
}

// prepare finds the superpixels and makes the tables, as far as they are not
// known.
func (s *Session) prepare(ctx context.Context, regions lime.RegionKind, options lime.QuickshiftOptions, hide lime.Hide, progress Progress) (*prepared, error) {
	switch {
	case s.knows(regions, options):
	case regions == lime.RegionsCells:
		if s.cells == nil {
			return nil, errors.New("the cells of this picture are not known, so it cannot be explained by them")
		}
		s.take(regions, options, s.cells)
	default:
		step := progress.at(Segmentation)
		step(0, 1)
		seg, err := lime.Quickshift(ctx, s.in.RGB, model.Side, model.Side, options)
		if err != nil {
			return nil, fmt.Errorf("finding the superpixels: %w", err)
		}
		s.take(regions, options, seg)
		step(1, 1)
	}
	if p, ok := s.tables[hide]; ok {
		return p, nil
	}
	asked, err := evaluatorOf(ctx, s.model, s.in, s.seg, s.hidden(hide), s.scale, progress.at(Tables))
	if err != nil {
		return nil, err
	}
	p := &prepared{evaluator: asked, perturbation: asked.perturbation}
	if regions == lime.RegionsCells && s.seg.Count <= MaxExactCells {
		p.evaluator = newRemembering(asked, s.seg.Count)
	}
	s.tables[hide] = p
	return p, nil
}

// Evaluator prepares the model for questions about in with some superpixels of
// seg hidden. progress, which may be nil, is told how far the preparation is.
//
// What it answers are calibrated logits: the network's, divided by the temperature
// that the picture's calibration gives the whole picture, so that probabilities
// and log-odds are those of the answer that is explained.
func Evaluator(ctx context.Context, m *model.Model, in *model.Input, seg *lime.Segmentation, hide lime.Hide, progress func(done, total int)) (lime.Evaluator, engine.PerturbInfo, error) {
	e, err := evaluatorOf(ctx, m, in, seg, hiddenColours(in, seg, hide), 0, progress)
	if err != nil {
		return nil, engine.PerturbInfo{}, err
	}
	return e, e.perturbation.Info(), nil
}

// hiddenColours are lime's as the network sees them.
func hiddenColours(in *model.Input, seg *lime.Segmentation, hide lime.Hide) []float32 {
	hidden := make([]float32, 0, 3*seg.Count)
	for _, colour := range lime.HiddenColours(in.RGB, seg, hide) {
		for _, v := range colour {
			hidden = append(hidden, float32(v))
		}
	}
	return hidden
}

// evaluatorOf is Evaluator for given hiding colours and for logits of a given scale,
// or of the picture's own if that is 0.
func evaluatorOf(ctx context.Context, m *model.Model, in *model.Input, seg *lime.Segmentation, hidden []float32, scale float64, progress func(done, total int)) (*evaluator, error) {
	options := engine.PerturbOptions{}
	if progress != nil {
		options.Progress = func(done, total int64) { progress(int(done), int(total)) }
	}
	p, err := m.Network().Perturb(ctx, in.Tensor, seg.Labels, seg.Count, hidden, options)
	if err != nil {
		return nil, fmt.Errorf("preparing the samples: %w", err)
	}
	if scale == 0 {
		features, err := p.Features()
		if err != nil {
			return nil, fmt.Errorf("preparing the samples: %w", err)
		}
		scale = m.Temper(features, 0)
	}
	return &evaluator{p, scale, m.Correction()}, nil
}

// evaluator lets LIME ask the engine.
type evaluator struct {
	perturbation *engine.Perturbation
	scale        float64 // of the logits
	correction   *model.Correction
}

func (e *evaluator) Classes() int { return e.perturbation.Classes() }

func (e *evaluator) Logits(ctx context.Context, masks lime.Masks, out []float64) error {
	if err := e.perturbation.Logits(ctx, masks.N, masks.Bits, out); err != nil {
		return err
	}
	for i := range out {
		out[i] *= e.scale
	}
	if e.correction != nil {
		for i := 0; i < len(out); i += len(model.Classes) {
			e.correction.Apply((*[len(model.Classes)]float64)(out[i:]))
		}
	}
	return nil
}
