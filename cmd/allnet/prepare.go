package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/model"
)

func prepare(set *flag.FlagSet) action {
	share := set.Float64("test", 0.2, "part of each class that goes to the test side")
	validation := set.Float64("validation", 0.5, "part of the test side that is set aside for validation")
	seed := set.Uint64("seed", 1, "seed of the split")
	groups := set.String("groups", "", "`file` of near-duplicate groups known beforehand (group, class, file; tab-separated)")
	splitFile := set.String("split", "", "split `file` (split.tsv) to follow instead of making one: exactly its pictures, with their sides and groups")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if !(*share > 0 && *share < 1) {
			return fmt.Errorf("-test is %g; expected a number between 0 and 1", *share)
		}
		if !(*validation >= 0 && *validation < 1) {
			return fmt.Errorf("-validation is %g; expected 0 or a number between 0 and 1", *validation)
		}
		bar := newProgress(stderr, "reading")
		defer bar.close()
		options := dataset.Options{TestShare: *share, ValidationShare: *validation, Seed: *seed, Progress: bar.update}
		var err error
		if *splitFile != "" {
			if err := refuse(set, "is for a new split; expected it without -split, which names a split that is made already", "test", "validation", "seed", "groups"); err != nil {
				return err
			}
			options.Split, err = readSplit(*splitFile)
		} else {
			options.Known, err = readGroups(*groups)
		}
		if err != nil {
			return err
		}
		done, err := dataset.Prepare(ctx, args[0], args[1], options)
		if err != nil {
			return err
		}
		bar.close()
		writeRemarks(stderr, args[0], done.Listing)
		writeUnreadable(stderr, done.Unreadable)
		if n := len(done.Listing.Items) - sources(done.Split); options.Split != nil && n > 0 {
			fmt.Fprintf(stderr, "left out %d pictures that %s does not list\n", n, terminal.Shown(*splitFile))
		}
		report(stdout, done.Split)
		return nil
	}
}

// writeUnreadable says which files were left out, and why.
func writeUnreadable(w io.Writer, unreadable map[string]error) {
	for _, file := range slices.Sorted(maps.Keys(unreadable)) {
		fmt.Fprintf(w, "left out %s: %v\n", terminal.Shown(file), unreadable[file])
	}
}

// sources counts the files that a split lists, as themselves or by a copy.
func sources(split []dataset.Assignment) int {
	files := make(map[string]bool)
	for _, a := range split {
		files[a.File] = true
	}
	return len(files)
}

// report prints how many pictures of each class stand on each side.
func report(w io.Writer, split []dataset.Assignment) {
	type cell struct {
		class model.Class
		side  dataset.Side
	}
	count := make(map[cell]int)
	groups := make(map[int]int)
	copies := 0
	for _, a := range split {
		count[cell{a.Label, a.Side}]++
		if a.Copy > 0 {
			copies++
		} else {
			groups[a.Group]++
		}
	}
	twins := 0
	for _, n := range groups {
		if n > 1 {
			twins++
		}
	}
	fmt.Fprintf(w, "class   train  validation  test\n")
	for _, class := range model.Classes {
		fmt.Fprintf(w, "%-7s %5d %11d %5d\n", class, count[cell{class, dataset.Train}], count[cell{class, dataset.Validation}], count[cell{class, dataset.Test}])
	}
	fmt.Fprintf(w, "%d pictures, %d near-duplicate groups of two or more\n", len(split)-copies, twins)
	if copies > 0 {
		fmt.Fprintf(w, "%d altered copies, which the training program makes\n", copies)
	}
}

// readGroups reads a list of near-duplicate groups; name may be empty.
func readGroups(name string) ([][]string, error) {
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	groups := make(map[string][]string)
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		fields := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		if len(fields) != 3 {
			return nil, fmt.Errorf("%s: line %d has %d fields; expected group, class, file", terminal.Shown(name), i+1, len(fields))
		}
		groups[fields[0]] = append(groups[fields[0]], fields[1]+"/"+fields[2])
	}
	return slices.Collect(maps.Values(groups)), nil
}
