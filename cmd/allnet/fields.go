package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"

	"allnet/lab/dataset"
	"allnet/lab/fields"
)

func writeFields(set *flag.FlagSet) action {
	splitFile := set.String("split", "", "split `file` whose pictures are written; else all of DIR")
	laboratories := set.Int("laboratories", 0, "as how many other laboratories would have taken it each picture is written, beside as it is")
	diameter := set.Float64("diameter", 0, "width of a red cell in `pixels`; 0: measured in each picture")
	half := set.Int("half", 0, "1: only the first half of DIR, by name; 2: only the second")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *laboratories < 0 || *diameter < 0 || *half < 0 || *half > 2 {
			return errors.New("-laboratories and -diameter must be 0 or more, -half 0, 1 or 2")
		}
		bar := newProgress(stderr, "writing")
		defer bar.close()
		o := fields.Options{Laboratories: *laboratories, Diameter: *diameter, Progress: bar.update}
		var err error
		if *splitFile != "" {
			o.Split, err = readSplit(*splitFile)
		} else if *half > 0 {
			o.Split, err = halfOf(args[0], *half)
		}
		if err != nil {
			return err
		}
		without, err := fields.Write(ctx, args[0], args[1], o)
		if err != nil {
			return err
		}
		bar.close()
		for _, reason := range slices.Sorted(maps.Keys(without)) {
			fmt.Fprintf(stdout, "without fields, because of %s: %d\n", reason, without[reason])
		}
		return nil
	}
}

// halfOf is the first or the second half, by name, of a folder's pictures.
func halfOf(dir string, half int) ([]dataset.Assignment, error) {
	listing, err := dataset.List(dir)
	if err != nil {
		return nil, err
	}
	items := listing.Items[:len(listing.Items)/2]
	if half == 2 {
		items = listing.Items[len(listing.Items)/2:]
	}
	split := make([]dataset.Assignment, len(items))
	for i, item := range items {
		split[i] = dataset.Assignment{Item: item, Group: i, Side: dataset.Train}
	}
	return split, nil
}
