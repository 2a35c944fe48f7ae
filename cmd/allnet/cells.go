package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"allnet/lab/cells"
	"allnet/lab/dataset"
)

func measureCells(set *flag.FlagSet) action {
	out := set.String("json", "", "also write the figures to this `file`")
	masks := set.String("masks", "", "`folder` laid out as DIR whose pictures are black but for the nuclei")
	foreign := set.String("foreign", "", "`folder` with the boxes and pictures of two other laboratories: bccd, bccd_boxes.tsv, chula and chula/boxes.tsv")
	every := set.Int("every", 1, "use each picture of this number only, for a quick look")
	changed := set.Int("changed", 80, "pictures, about, to change as other laboratories would have taken them")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *every < 1 || *changed < 0 {
			return errors.New("-every must be 1 or more, -changed 0 or more")
		}
		listing, err := dataset.List(args[0])
		if err != nil {
			return err
		}
		var file *outFile
		if *out != "" {
			if file, err = createOut(*out); err != nil {
				return err
			}
			defer file.discard()
		}
		bar := newProgress(stderr, "")
		defer bar.close()
		result, err := cells.Measure(ctx, cells.Plan{
			Dir: args[0], Items: each(listing.Items, *every), Masks: *masks, Foreign: *foreign, Changed: *changed,
		}, func(stage string, done, total int) {
			bar.stage(stage)
			bar.update(done, total)
		})
		if err != nil {
			return err
		}
		bar.close()
		result.Command = commandLine(set, "DIR", "json")
		writeCells(stdout, result)
		if file == nil {
			return nil
		}
		return file.commitJSON(result)
	}
}

func writeCells(w io.Writer, f *cells.File) {
	fmt.Fprintf(w, "%-8s %9s %11s %7s %8s %8s %10s %12s %13s\n", "class", "pictures", "with cells", "cells", "at rim", "smudges", "with mask", "mask's found", "cells in mask")
	for _, r := range f.Classes {
		fmt.Fprintf(w, "%-8s %9d %11d %7d %8d %8d %10d %5d of %-4d %13d\n", r.Class, r.Pictures, r.WithCells, r.Cells, r.AtRim, r.Smudges, r.WithMask, r.MaskFound, r.MaskNuclei, r.CellsInMask)
	}
	if len(f.Foreign) > 0 {
		fmt.Fprintf(w, "\n%-7s %-7s %9s %6s %6s %8s %8s %8s %7s %12s\n", "boxes", "half", "pictures", "white", "hit", "covered", "divided", "outside", "empty", "with cells")
	}
	for _, b := range f.Foreign {
		fmt.Fprintf(w, "%-7s %-7s %9d %6d %6d %8d %8d %8d %7d %12d\n", b.Set, b.Half, b.Pictures, b.White, b.Hit, b.Covered, b.Divided, b.Outside, b.Empty, b.EmptyWithCells)
	}
	if len(f.Changes) > 0 {
		fmt.Fprintf(w, "\n%-30s %9s %7s %7s %7s %7s\n", "change", "pictures", "cells", "kept", "", "new")
	}
	for _, s := range f.Changes {
		fmt.Fprintf(w, "%-30s %9d %7d %7d %6.1f%% %7d\n", s.Change, s.Pictures, s.Cells, s.Kept, 100*float64(s.Kept)/float64(max(1, s.Cells)), s.New)
	}
}
