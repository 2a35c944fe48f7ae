package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"allnet/lab/card"
)

// writeReport writes the documents that come from the results.
func writeReport(set *flag.FlagSet) action {
	check := set.Bool("check", false, "write nothing; fail where a document is not what would be written")
	return func(_ context.Context, args []string, stdout, stderr io.Writer) error {
		root := "."
		if len(args) > 0 {
			root = args[0]
		}
		repository := os.DirFS(root)
		files, err := card.Files(repository)
		if err != nil {
			return err
		}
		old, err := fs.Glob(repository, card.FigureFolder+"/*.svg")
		if err != nil {
			return err
		}
		differ := 0
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if data, err := fs.ReadFile(repository, name); err == nil && bytes.Equal(data, files[name]) {
				continue
			} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			differ++
			if *check {
				fmt.Fprintf(stdout, "%s is not what the results say\n", name)
				continue
			}
			if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), files[name], 0o644); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "written: %s\n", name)
		}
		for _, name := range old {
			if _, drawn := files[name]; drawn {
				continue
			}
			differ++
			if *check {
				fmt.Fprintf(stdout, "%s is a figure of no result\n", name)
				continue
			}
			if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
				return err
			}
			fmt.Fprintf(stdout, "removed: %s\n", name)
		}
		if *check && differ > 0 {
			return fmt.Errorf("%d files differ from the results; expected what allnet report writes", differ)
		}
		return nil
	}
}
