package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"allnet/internal/options"
)

// command is one verb of the command line.
type command struct {
	name, arguments, purpose string
	// least and most are how many arguments are expected besides options; most is
	// negative where there is no end.
	least, most int
	// define adds the command's options to set and returns what the command does.
	define func(set *flag.FlagSet) action
}

// action does a command's work on its arguments without the options. Its error is
// printed as one sentence; errors of writing to stdout need not be looked at.
type action func(ctx context.Context, args []string, stdout, stderr io.Writer) error

// errHelp is returned for -h and -help.
var errHelp = flag.ErrHelp

func find(name string) *command {
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &commands[i]
}

// flags returns the empty set of the command's options. It prints nothing itself.
func (c *command) flags() *flag.FlagSet {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Usage = func() {}
	return set
}

// parse reads the options, which may stand before, between and behind the other
// arguments, and returns the latter. All that follows "--" is no option.
func (c *command) parse(set *flag.FlagSet, args []string) ([]string, error) {
	var files, behind []string
	if i := slices.Index(args, "--"); i >= 0 {
		args, behind = args[:i], args[i+1:]
	}
	for {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		if args = set.Args(); len(args) == 0 {
			break
		}
		files, args = append(files, args[0]), args[1:]
	}
	files = append(files, behind...)
	if n := len(files); n < c.least || (c.most >= 0 && n > c.most) {
		expected := fmt.Sprint(c.least)
		if c.most < 0 {
			expected = "at least " + expected
		}
		return nil, fmt.Errorf("got %d arguments, expected %s", n, expected)
	}
	return files, nil
}

// usage tells how the command is called.
func (c *command) usage(w io.Writer, set *flag.FlagSet) error {
	var text strings.Builder
	fmt.Fprintf(&text, "usage: allnet %s %s\n%s\n", c.name, c.arguments, c.purpose)
	set.SetOutput(&text)
	set.PrintDefaults()
	_, err := io.WriteString(w, text.String())
	return err
}

// overview lists the commands.
func overview(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintln(&text, "usage:")
	for _, c := range commands {
		fmt.Fprintf(&text, "  allnet %s %s\n      %s\n", c.name, c.arguments, c.purpose)
	}
	fmt.Fprintln(&text, "Options may stand anywhere before --; allnet help COMMAND lists them.")
	_, err := io.WriteString(w, text.String())
	return err
}

// refuse returns an error where one of the named options was given: they say
// otherwise than, or nothing without, what reason tells.
func refuse(set *flag.FlagSet, reason string, names ...string) error {
	is := options.Given(set)
	for _, name := range names {
		if is[name] {
			return errors.New("-" + name + " " + reason)
		}
	}
	return nil
}
