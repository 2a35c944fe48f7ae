package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lab/stress"
	"allnet/model"
)

func stressModel(set *flag.FlagSet) action {
	out := set.String("json", "", "also write the figures to this `file`")
	about := subjectFlags(set, dataset.Test)
	masks := set.String("masks", "", "`folder` laid out as DIR whose pictures are black but for the nuclei")
	var foreign folders
	set.Var(&foreign, "foreign", "`folder` of foreign pictures; may be given several times")
	every := set.Int("every", 1, "use each picture of this number only, for a quick look")
	kinds := set.Int("kinds", 50, "generated foreign pictures of each kind")
	evidence := set.Int("evidence", 40, "pictures, about, to look for evidence on cells in")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *every < 1 || *kinds < 0 || *evidence < 0 {
			return errors.New("-every must be 1 or more, -kinds and -evidence 0 or more")
		}
		s, err := about.open(args[0], stderr)
		if err != nil {
			return err
		}
		items := each(s.items, *every)
		plan := stress.Plan{
			Model: s.Model, Dir: s.dir, Items: items, Masks: *masks, Foreign: foreign, Each: *kinds,
			Explained: spread(items, (*evidence+len(model.Classes)-1)/len(model.Classes)),
		}
		file, err := createAskedOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		bar := newProgress(stderr, "")
		defer bar.close()
		result, err := stress.Run(ctx, plan, func(stage string, done, total int) {
			bar.stage(stage)
			bar.update(done, total)
		})
		if err != nil {
			return err
		}
		bar.close()
		result.Origin = s.origin(set)
		writeStress(stdout, result)
		return file.commitJSON(result)
	}
}

// folders is an option that may be given several times.
type folders []string

func (f *folders) String() string { return strings.Join(*f, " -foreign ") }

func (f *folders) Set(name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = errors.New("expected a folder")
	}
	*f = append(*f, name)
	return err
}

// each takes every nth item.
func each(items []dataset.Item, n int) []dataset.Item {
	var chosen []dataset.Item
	for i := 0; i < len(items); i += n {
		chosen = append(chosen, items[i])
	}
	return chosen
}

func writeStress(w io.Writer, s *stress.File) {
	fmt.Fprintf(w, "%d pictures; cannot assess counts as an error\n\n", s.Unchanged.N)
	fmt.Fprintf(w, "%-44s %-28s %10s %10s %12s %8s %8s\n", "change", "accuracy (95 % interval)", "abstained", "unsure", "probability", "changed", "flipped")
	for _, r := range append([]stress.Row{s.Unchanged}, s.Changes...) {
		name := (&stress.Change{Family: r.Family, Variant: r.Variant, Strength: r.Strength}).Name()
		fmt.Fprintf(w, "%-44s %-28s %10d %10d %12.3f %8d %8d\n", name,
			withInterval(r.Accuracy, r.Interval), r.Abstained, r.Unsure, r.Top, r.Changed, r.Flipped)
	}
	fmt.Fprintf(w, "\n%-28s %-8s %9s %-28s %12s\n", "foreign pictures", "use", "pictures", "cannot assess (95 %)", "probability")
	for _, r := range s.Foreign {
		fmt.Fprintf(w, "%-28s %-8s %9d %-28s %12.3f\n", terminal.Shown(r.Name), cmp.Or(string(r.Use), "folder"), r.N,
			withInterval(float64(r.Abstained)/float64(max(1, r.N)), r.Interval), r.Top)
	}
	if len(s.Evidence) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%-10s %-15s %8s %8s %8s %8s %-22s %s\n", "evidence", "mask", "pictures", "weight", "area", "even", "weight/area (95 %)", "median of pictures (95 %)")
	for _, e := range s.Evidence {
		ratio := func(e stress.Estimate) string {
			return fmt.Sprintf("%.2f (%.2f to %.2f)", e.Value, e.Interval[0], e.Interval[1])
		}
		fmt.Fprintf(w, "%-10s %-15s %8d %8.3f %8.3f %8.3f %-22s %s\n", e.Method, e.Mask, e.N, e.Share.Value, e.Area.Value, e.Even.Value,
			ratio(e.Ratio), ratio(e.MedianRatio))
	}
	fmt.Fprintln(w, "\nunsure: cannot assess, or top probability below 0.6; changed: another decision than on the unchanged picture;")
	fmt.Fprintln(w, "flipped: another most probable class; weight: share of positive weight on nuclei; even: with all weights alike")
}
