package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"

	"allnet/cases"
	"allnet/cases/profile"
	"allnet/model"
)

// profileFlag adds the option -profile, which takes what openCorrected does.
func profileFlag(set *flag.FlagSet) *string {
	return set.String("profile", "", "profile `file` of a laboratory, which `allnet profile` or the page wrote; it corrects the network's answers, and tells what it says of all pictures where none of -diameter, -ground and -keep is given")
}

// openCorrected is openModel with a profile, where one is named, and what that tells of all pictures; nil:
// nothing.
func openCorrected(name, file string) (*model.Model, *model.Choices, error) {
	m, err := openModel(name)
	if err != nil || file == "" {
		return m, nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	p, err := profile.Parse(text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", shown(file), err)
	}
	c, err := p.For(m)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", shown(file), err)
	}
	return m.Corrected(c), p.Choices, nil
}

func fitProfile(set *flag.FlagSet) action {
	out := set.String("out", "", "`file` for the profile; needed")
	return func(_ context.Context, args []string, stdout, _ io.Writer) error {
		if *out == "" {
			return &misuse{errors.New("-out is missing; expected the file that the profile is written to")}
		}
		var all []*cases.Case
		for _, name := range args {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			c, err := cases.Parse(text)
			if err != nil {
				return fmt.Errorf("%s: %w", shown(name), err)
			}
			all = append(all, c)
		}
		examples, network, err := profile.Examples(all)
		if err != nil {
			return err
		}
		p, err := profile.Fit(network, cases.Program{Version: version, Revision: sourceRevision(), Go: runtime.Version()}, examples)
		if err != nil {
			return err
		}
		text, err := p.JSON()
		if err != nil {
			return err
		}
		file, err := createOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		if _, err := file.Write(text); err != nil {
			return err
		}
		if err := file.commit(); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%s\nwritten: %s\n", p.Judgement.Sentence(), shown(*out))
		return nil
	}
}
