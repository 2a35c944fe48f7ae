package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
)

// protocols writes the split file of each protocol.
func protocols(set *flag.FlagSet) action {
	seed := set.Uint64("seed", 1, "seed of the splits that are drawn")
	groups := set.String("groups", "", "`file` of near-duplicate groups known beforehand (group, class, file; tab-separated)")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		known, err := readGroups(*groups)
		if err != nil {
			return err
		}
		bar := newProgress(stderr, "reading")
		defer bar.close()
		made, err := dataset.MakeProtocols(ctx, args[0], dataset.Options{Seed: *seed, Known: known, Progress: bar.update})
		if err != nil {
			return err
		}
		bar.close()
		writeRemarks(stderr, args[0], made.Listing)
		writeUnreadable(stderr, made.Unreadable)
		if len(made.BySimilarity) > 0 {
			var names []string
			for _, class := range made.BySimilarity {
				names = append(names, class.String())
			}
			fmt.Fprintf(stderr, "Not all file names of %s carry a number: its blocks are groups of like pictures instead.\n", strings.Join(names, ", "))
		}
		if err := os.MkdirAll(args[1], 0o755); err != nil {
			return err
		}
		for _, p := range made.Protocols {
			if err := writeProtocol(filepath.Join(args[1], p.Name+".tsv"), p, stdout); err != nil {
				return err
			}
		}
		return nil
	}
}

func writeProtocol(name string, p dataset.Protocol, stdout io.Writer) error {
	file, err := createOut(name)
	if err != nil {
		return err
	}
	defer file.discard()
	if err := dataset.WriteSplit(file, p.Split); err != nil {
		return err
	}
	if err := file.commit(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n", terminal.Shown(name))
	report(stdout, p.Split)
	fmt.Fprintln(stdout)
	return nil
}
