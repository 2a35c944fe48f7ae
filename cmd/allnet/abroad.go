package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"allnet/lab/abroad"
	"allnet/lab/dataset"
)

func askAbroad(set *flag.FlagSet) action {
	out := set.String("json", "", "also write the figures to this `file`")
	foreign := set.String("foreign", "", "`folders` of smears of other laboratories without malignant cells, joined by commas; their second halves, by name, are used")
	readsCells := set.Bool("cells", false, "take a network without calibration for one that reads cells")
	about := subjectFlags(set, dataset.Test)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		s, err := about.open(args[0], stderr)
		if err != nil {
			return err
		}
		if *readsCells {
			s.Model = s.ReadingCells()
		}
		file, err := createAskedOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		plan := abroad.Plan{Model: s.Model, Dir: s.dir, Items: s.items}
		if *foreign != "" {
			plan.Foreign = strings.Split(*foreign, ",")
		}
		bar := newProgress(stderr, "")
		defer bar.close()
		result, err := abroad.Measure(ctx, plan, func(stage string, done, total int) {
			bar.stage(stage)
			bar.update(done, total)
		})
		if err != nil {
			return err
		}
		bar.close()
		result.Origin = s.origin(set)
		writeAbroad(stdout, result)
		return file.commitJSON(result)
	}
}

func writeAbroad(w io.Writer, f *abroad.File) {
	fmt.Fprintf(w, "%-24s %9s %9s %11s %12s %10s  %s\n", "set", "pictures", "answered", "right side", "right class", "malignant", "cannot assess")
	for _, r := range f.Sets {
		fmt.Fprintf(w, "%-24s %9d %9d %11d %12d %10d  %s\n", r.Set, r.N, r.Answered, r.Side, r.Class, r.Malignant, counted(r.N-r.Answered, r.N, r.Refused))
	}
	fmt.Fprintf(w, "\narea under the curve, malignant against benign\n")
	for _, r := range f.Ranks {
		fmt.Fprintf(w, "%-24s %-24s %.3f\n", r.Malignant, r.Benign, r.AUROC)
	}
}
