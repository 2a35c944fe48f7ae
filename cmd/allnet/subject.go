package main

import (
	"flag"
	"io"
	"runtime"
	"slices"
	"strings"

	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
)

// subject is what a measurement is about: a network, and labelled pictures.
type subject struct {
	*model.Model
	dir   string
	items []dataset.Item
	// split is the SHA-256 of the split file, and sides are those of the pictures in it;
	// both are empty where there is no split.
	split string
	sides []string
}

// subjectOptions are the options that choose a subject.
type subjectOptions struct {
	set                   *flag.FlagSet
	network, split, sides *string
}

// subjectFlags adds the options -model, -split and -side.
func subjectFlags(set *flag.FlagSet, sides ...dataset.Side) *subjectOptions {
	return &subjectOptions{
		set: set, network: options.ModelFlag(set),
		split: set.String("split", "", "split `file` (split.tsv); only its pictures of the sides that -side names are used"),
		sides: set.String("side", joined(sides), "`sides` of the split, train, validation or test, joined by commas; needs -split"),
	}
}

// joined lists sides as -side takes them.
func joined(sides []dataset.Side) string {
	var names []string
	for _, side := range sides {
		names = append(names, string(side))
	}
	return strings.Join(names, ",")
}

// open reads the network and finds the pictures of a folder.
func (o *subjectOptions) open(dir string, stderr io.Writer) (*subject, error) {
	if *o.split == "" {
		if err := refuse(o.set, "chooses a side of a split; expected -split with it", "side"); err != nil {
			return nil, err
		}
	}
	sides, err := parseSides(*o.sides)
	if err != nil {
		return nil, err
	}
	s := &subject{dir: dir}
	if s.Model, err = options.OpenModel(*o.network); err != nil {
		return nil, err
	}
	if s.items, err = list(dir, stderr); err != nil || *o.split == "" {
		return s, err
	}
	if s.items, err = onSide(s.items, *o.split, sides...); err != nil {
		return nil, err
	}
	s.sides = strings.Split(*o.sides, ",")
	s.split, err = fileHash(*o.split)
	return s, err
}

// commandLine is how the running command was called, with arguments for those
// that are no options, and without the options that are left out.
func commandLine(set *flag.FlagSet, arguments string, leftOut ...string) string {
	words := []string{"allnet", set.Name()}
	set.Visit(func(f *flag.Flag) {
		switch b, isBool := f.Value.(interface{ IsBoolFlag() bool }); {
		case slices.Contains(leftOut, f.Name):
		case isBool && b.IsBoolFlag() && f.Value.String() == "true":
			words = append(words, "-"+f.Name)
		case isBool && b.IsBoolFlag():
			words = append(words, "-"+f.Name+"="+f.Value.String())
		default:
			words = append(words, "-"+f.Name, terminal.Shown(f.Value.String()))
		}
	})
	return strings.Join(append(words, arguments), " ")
}

// origin says where figures of the subject come from.
func (s *subject) origin(set *flag.FlagSet) evaluation.Origin {
	return evaluation.Origin{
		Command: commandLine(set, "DIR", "json"), Name: s.Name(), Model: s.Hash(), CalibrationHash: s.CalibrationHash(),
		Split: s.split, Sides: s.sides, Go: runtime.Version(), Platform: platform(),
	}
}

// platform is the operating system and the processor.
func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
