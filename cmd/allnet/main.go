// Command allnet classifies blood-smear pictures, explains the answer, and
// prepares, evaluates and verifies what the page ships. It uses the packages
// that the page runs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// command is one verb of the command line. run returns an error that is printed
// as one sentence.
type command struct {
	name, arguments, purpose string
	run                      func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

var commands = []command{
	{"classify", "[-json] FILE...", "name the subtype of each picture", classify},
	{"explain", "[options] FILE", "show which regions the answer rests on", explainPicture},
	{"eval", "[-json OUT] [-split FILE -side test] DIR", "classify a folder of labelled pictures and count what is right", eval},
	{"presets", "[-each N] [-split FILE] DIR", "measure how well each way of explaining suits the shipped weights", presets},
	{"examples", "DIR", "write the built-in drawn pictures as PNG files", examples},
	{"verify", "[FILE...]", "check the engine against PyTorch's numbers and against onnx-go with gorgonia", verify},
	{"prepare", "[options] DIR OUT", "turn a folder of labelled pictures into the tensor file that the training recipe reads, with its split", prepare},
}

// errUsage is returned after the usage was printed.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name != args[0] {
				continue
			}
			err := c.run(ctx, args[1:], stdout, stderr)
			switch {
			case err == nil, errors.Is(err, flag.ErrHelp):
				return 0
			case errors.Is(err, errUsage):
				return 2
			}
			fmt.Fprintln(stderr, "allnet "+c.name+":", err)
			return 1
		}
		fmt.Fprintf(stderr, "allnet: unknown command %q\n", args[0])
	}
	fmt.Fprintln(stderr, "usage:")
	for _, c := range commands {
		fmt.Fprintf(stderr, "  allnet %s %s\n      %s\n", c.name, c.arguments, c.purpose)
	}
	return 2
}

// flags returns a flag set for the named command and its parse function, which
// checks that between least and most arguments are left (most < 0: any number).
func flags(name string, stderr io.Writer) *flag.FlagSet {
	set := flag.NewFlagSet("allnet "+name, flag.ContinueOnError)
	set.SetOutput(stderr)
	return set
}

func parse(set *flag.FlagSet, args []string, least, most int) error {
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage
	}
	if n := set.NArg(); n < least || (most >= 0 && n > most) {
		fmt.Fprintf(set.Output(), "%s: got %d arguments, expected %d\n", set.Name(), n, least)
		set.Usage()
		return errUsage
	}
	return nil
}
