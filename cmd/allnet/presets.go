package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
)

// seeds is how many times each explanation is repeated to see what chance does.
const seeds = 10

// fewSamples is what an explanation usually has.
const fewSamples = 1000

// manySamples shows whether a poor fit is a matter of too few samples.
const manySamples = 20000

// presets measures, on a few pictures of a labelled folder, how well each way of
// hiding regions and each target explains a network's answers: the figures by
// which the default preset was chosen.
func presets(set *flag.FlagSet) action {
	each := set.Int("each", 3, "pictures of each class")
	out := set.String("json", "", "also write the figures to this `file`")
	about := subjectFlags(set, dataset.Validation, dataset.Test)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *each < 1 {
			return fmt.Errorf("-each is %d; expected 1 or more", *each)
		}
		s, err := about.open(args[0], stderr)
		if err != nil {
			return err
		}
		file, err := createAskedOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		items := spread(s.items, *each)
		bar := newProgress(stderr, "explaining")
		defer bar.close()
		figures := make([][]worth, len(choices))
		for i, item := range items {
			in, err := dataset.ReadInput(filepath.Join(s.dir, filepath.FromSlash(item.File)))
			if err != nil {
				return fmt.Errorf("%s: %w", terminal.Shown(item.File), err)
			}
			if err := measure(ctx, s.Model, in, figures); err != nil {
				return fmt.Errorf("%s: %w", terminal.Shown(item.File), err)
			}
			bar.update(i+1, len(items))
		}
		bar.close()
		result := evaluation.PresetFile{Origin: s.origin(set), N: len(items), Seeds: seeds, Samples: fewSamples, Many: manySamples}
		for i, c := range choices {
			result.Presets = append(result.Presets, summarise(c, figures[i]))
		}
		writePresets(stdout, &result)
		return file.commitJSON(result)
	}
}

// summarise takes the medians over the pictures.
func summarise(c choice, figures []worth) evaluation.Preset {
	column := func(f func(worth) float64) float64 { return median(figures, f) }
	p := evaluation.Preset{
		Hide: c.hide.String(), Target: c.target.String(),
		R2: column(func(w worth) float64 { return w.r2 }), R2Many: column(func(w worth) float64 { return w.r2Many }),
		Jaccard: column(func(w worth) float64 { return w.jaccard }), Probability: column(func(w worth) float64 { return w.probability }),
	}
	for _, w := range figures {
		if w.readable {
			p.Readable++
		}
	}
	return p
}

func writePresets(w io.Writer, f *evaluation.PresetFile) {
	fmt.Fprintf(w, "%d pictures, predicted class; medians; %d seeds of %d samples, one of %d\n", f.N, f.Seeds, f.Samples, f.Many)
	fmt.Fprintf(w, "%-24s %12s %12s %16s %18s %9s\n", "hiding colour, target", "R2 at few", "R2 at many", "top-five Jaccard", "mean probability", "readable")
	for _, p := range f.Presets {
		fmt.Fprintf(w, "%-24s %12.2f %12.2f %16.2f %18.3f %6d/%d\n", p.Hide+", "+p.Target, p.R2, p.R2Many, p.Jaccard, p.Probability, p.Readable, f.N)
	}
}

type choice struct {
	hide   lime.Hide
	target lime.Target
}

var choices = []choice{
	{lime.HideBlack, lime.TargetProbability}, // the article's
	{lime.HideBlack, lime.TargetLogOdds},
	{lime.HideMean, lime.TargetProbability},
	{lime.HideMean, lime.TargetLogOdds},
}

// worth says how good the explanation of one picture is.
type worth struct {
	r2, r2Many, jaccard, probability float64
	readable                         bool
}

// spread takes n items of each class, evenly spaced.
func spread(items []dataset.Item, n int) []dataset.Item {
	var chosen []dataset.Item
	for _, class := range model.Classes {
		var own []dataset.Item
		for _, item := range items {
			if item.Label == class {
				own = append(own, item)
			}
		}
		for i := range min(n, len(own)) {
			chosen = append(chosen, own[i*len(own)/min(n, len(own))])
		}
	}
	return chosen
}

// measure appends one picture's figures for every choice.
func measure(ctx context.Context, m *model.Model, in *model.Input, figures [][]worth) error {
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		return err
	}
	seg, err := lime.Quickshift(ctx, in.RGB, model.Side, model.Side, lime.DefaultQuickshift())
	if err != nil {
		return err
	}
	for _, hide := range []lime.Hide{lime.HideBlack, lime.HideMean} {
		evaluator, _, err := explain.Evaluator(ctx, m, in, seg, hide, nil)
		if err != nil {
			return err
		}
		for i, c := range choices {
			if c.hide != hide {
				continue
			}
			settings := lime.ArticlePreset()
			settings.Hide, settings.Target = c.hide, c.target
			explainClass := func(seed uint32, samples int) (lime.ClassExplanation, error) {
				settings.Seed, settings.Samples = seed, samples
				e, err := lime.Explain(ctx, seg, evaluator, settings, nil)
				if err != nil {
					return lime.ClassExplanation{}, err
				}
				return e.Classes[answer.Predicted], nil
			}
			many, errMany := explainClass(1, manySamples)
			var w worth
			var tops [][]int
			for seed := range uint32(seeds) {
				e, errSeed := explainClass(seed, fewSamples)
				errMany = errors.Join(errMany, errSeed)
				tops = append(tops, top(e, 5))
				if seed == 0 {
					w = worth{r2: e.R2, r2Many: many.R2, probability: e.Samples.Probability.Mean, readable: e.Readable}
				}
			}
			if errMany != nil {
				return errMany
			}
			w.jaccard = meanJaccard(tops)
			figures[i] = append(figures[i], w)
		}
	}
	return nil
}

// top returns the n superpixels that speak most for the class.
func top(e lime.ClassExplanation, n int) []int {
	var regions []int
	for _, s := range e.Order {
		if e.Coefficients[s] > 0 && len(regions) < n {
			regions = append(regions, s)
		}
	}
	return regions
}

// meanJaccard is the mean Jaccard index of all pairs of sets; two empty sets agree.
func meanJaccard(sets [][]int) float64 {
	sum, pairs := 0.0, 0
	for i, a := range sets {
		for _, b := range sets[:i] {
			common := 0
			for _, s := range a {
				if slices.Contains(b, s) {
					common++
				}
			}
			pairs++
			if union := len(a) + len(b) - common; union == 0 {
				sum++
			} else {
				sum += float64(common) / float64(union)
			}
		}
	}
	return sum / float64(pairs)
}

func median(figures []worth, f func(worth) float64) float64 {
	var values []float64
	for _, w := range figures {
		values = append(values, f(w))
	}
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}
