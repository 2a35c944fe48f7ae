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
	"allnet/internal/terminal"
)

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
				return fmt.Errorf("%s: %w", terminal.Shown(name), err)
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
		fmt.Fprintf(stdout, "%s\nwritten: %s\n", p.Judgement.Sentence(), terminal.Shown(*out))
		return nil
	}
}
