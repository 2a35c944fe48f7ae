// Package explain joins the model and LIME: it finds the superpixels of a
// picture, asks the network about pictures in which some of them are hidden, and
// returns the explanation. The page and the command line explain through it.
package explain

import (
	"context"
	"fmt"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
)

// Stage is one step of an explanation, in the order in which they are taken.
type Stage string

// Stages.
const (
	Segmentation Stage = "segmentation"
	Tables       Stage = "tables"
	Samples      Stage = "samples"
)

// Result is an explanation with what is needed to draw it.
type Result struct {
	Segmentation *lime.Segmentation
	Explanation  *lime.Explanation
	// Evaluation says how the samples were evaluated.
	Evaluation engine.PerturbInfo
}

// Explain explains the model's answer for one picture. progress, which may be
// nil, is told how far each stage has come.
func Explain(ctx context.Context, m *model.Model, in *model.Input, s lime.Settings, progress func(stage Stage, done, total int)) (*Result, error) {
	if progress == nil {
		progress = func(Stage, int, int) {}
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	progress(Segmentation, 0, 1)
	seg, err := lime.Quickshift(ctx, in.RGB, model.Side, model.Side, s.Segmentation)
	if err != nil {
		return nil, fmt.Errorf("finding the superpixels: %w", err)
	}
	progress(Segmentation, 1, 1)
	evaluator, info, err := Evaluator(ctx, m, in, seg, s.Hide, func(done, total int) { progress(Tables, done, total) })
	if err != nil {
		return nil, err
	}
	explanation, err := lime.Explain(ctx, seg, evaluator, s, func(done, total int) { progress(Samples, done, total) })
	if err != nil {
		return nil, err
	}
	return &Result{Segmentation: seg, Explanation: explanation, Evaluation: info}, nil
}

// Evaluator prepares the model for questions about in with some superpixels of
// seg hidden. progress, which may be nil, is told how far the preparation is.
func Evaluator(ctx context.Context, m *model.Model, in *model.Input, seg *lime.Segmentation, hide lime.Hide, progress func(done, total int)) (lime.Evaluator, engine.PerturbInfo, error) {
	hidden := make([]float32, 0, 3*seg.Count)
	for _, colour := range lime.HiddenColours(in.RGB, seg, hide) {
		for _, v := range colour {
			hidden = append(hidden, float32(v))
		}
	}
	options := engine.PerturbOptions{}
	if progress != nil {
		options.Progress = func(done, total int64) { progress(int(done), int(total)) }
	}
	p, err := m.Network().Perturb(ctx, in.Tensor, seg.Labels, seg.Count, hidden, options)
	if err != nil {
		return nil, engine.PerturbInfo{}, fmt.Errorf("preparing the samples: %w", err)
	}
	return evaluator{p}, p.Info(), nil
}

// evaluator lets LIME ask the engine.
type evaluator struct {
	perturbation *engine.Perturbation
}

func (e evaluator) Classes() int { return e.perturbation.Classes() }

func (e evaluator) Logits(ctx context.Context, masks lime.Masks, out []float64) error {
	return e.perturbation.Logits(ctx, masks.N, masks.Bits, out)
}
