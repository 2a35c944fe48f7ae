package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
)

// list finds the pictures of a data set's folder and says on stderr what it
// passed over.
func list(dir string, stderr io.Writer) ([]dataset.Item, error) {
	listing, err := dataset.List(dir)
	if err != nil {
		return nil, err
	}
	writeRemarks(stderr, dir, listing)
	return listing.Items, nil
}

// writeRemarks says what a folder lacks and which of its files are not used.
func writeRemarks(w io.Writer, dir string, l *dataset.Listing) {
	if len(l.Missing) > 0 {
		var names []string
		for _, class := range l.Missing {
			names = append(names, class.String())
		}
		fmt.Fprintf(w, "%s has no folder %s.\n", terminal.Shown(dir), strings.Join(names, ", "))
	}
	writePassedOver(w, l.PassedOver)
}

// writePassedOver says which files are not used, if any.
func writePassedOver(w io.Writer, files []string) {
	n := len(files)
	if n == 0 {
		return
	}
	const most = 5
	var names []string
	for _, name := range files[:min(n, most)] {
		names = append(names, terminal.Shown(name))
	}
	if n > most {
		names = append(names, "…")
	}
	fmt.Fprintf(w, "Passed over as no picture files: %d (%s).\n", n, strings.Join(names, ", "))
}

// readSplit reads a split file.
func readSplit(name string) ([]dataset.Assignment, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	split, err := dataset.ReadSplit(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", terminal.Shown(name), err)
	}
	return split, nil
}

// parseSides reads the sides that -side lists.
func parseSides(list string) (sides []dataset.Side, err error) {
	for name := range strings.SplitSeq(list, ",") {
		side, err := dataset.ParseSide(name)
		if err != nil {
			return nil, fmt.Errorf("-side is %q; expected train, validation or test, or several of them joined by commas", list)
		}
		sides = append(sides, side)
	}
	return sides, nil
}

// onSide keeps the items that the split puts on one of the sides: at least one,
// and all of them must be there. Altered copies are refused, for only the training
// program has them.
func onSide(items []dataset.Item, splitFile string, sides ...dataset.Side) ([]dataset.Item, error) {
	split, err := readSplit(splitFile)
	if err != nil {
		return nil, err
	}
	var wanted []dataset.Assignment
	for _, a := range split {
		if slices.Contains(sides, a.Side) {
			if a.Copy > 0 {
				return nil, fmt.Errorf("%s lists an altered copy of %s on the %s side; expected pictures only", terminal.Shown(splitFile), terminal.Shown(a.File), a.Side)
			}
			wanted = append(wanted, a)
		}
	}
	if len(wanted) == 0 {
		var names []string
		for _, side := range sides {
			names = append(names, string(side))
		}
		return nil, fmt.Errorf("%s puts no picture on the %s side; expected at least one", terminal.Shown(splitFile), strings.Join(names, " or "))
	}
	return dataset.Choose(items, wanted)
}
