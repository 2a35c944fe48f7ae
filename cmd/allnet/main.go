// Command allnet classifies blood-smear pictures, explains the answer, and
// prepares, evaluates and verifies what the page ships. It uses the packages
// that the page runs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"allnet/internal/terminal"
)

var commands = []command{
	{"classify", "[options] FILE...", "name the subtype of each picture", 1, -1, classify},
	{"explain", "[options] FILE", "show which regions the answer rests on", 1, 1, explainPicture},
	{"figure", "[options] FILE...", "draw what the answers rest on as the article does, a row for each picture, with what each explanation is worth under it", 1, -1, drawFigure},
	{"case", "[options] DIR -out OUT", "read all pictures of one smear into a case: case.json, which holds all that it takes to compute it again, and case.csv", 1, 1, writeCase},
	{"check", "[options] CASE DIR", "compute a case again from the pictures in DIR: status 0 the same to the last bit, 1 it differs, 2 not to be told", 2, 2, checkCase},
	{"profile", "[options] CASE...", "fit what a laboratory teaches a network to the pictures of cases that a reader judged, unless it gains nothing", 1, -1, fitProfile},
	{"schema", "", "print the JSON Schema of a case", 0, 0, writeSchema},
	{"eval", "[options] DIR", "classify a folder of labelled pictures, DIR/{Benign,Early,Pre,Pro}/*, and count what is right", 1, 1, eval},
	{"calibrate", "[options] DIR", "fit the confidence of a network, and when it gives no answer, on the validation side of a split", 1, 1, calibrate},
	{"presets", "[options] DIR", "measure how well each way of explaining suits a network", 1, 1, presets},
	{"examples", "DIR", "write the built-in drawn pictures as PNG files", 1, 1, examples},
	{"verify", "[options] [FILE...]", "check the engine against PyTorch's numbers and against onnx-go with gorgonia", 0, -1, verify},
	{"prepare", "[options] DIR OUT", "turn a folder of labelled pictures into the tensor file that the training recipe reads, with its split", 2, 2, prepare},
	{"protocols", "[options] DIR OUT", "divide a folder of labelled pictures in each way whose results are compared, as split files in OUT", 2, 2, protocols},
	{"compare", "[options] DIR [NAME[@SPLIT]=FILE]...", "judge ONNX classifiers, and forests that see only colours or the scale bar, under the same splits; SPLIT is what the network FILE was trained on", 1, -1, compareClassifiers},
	{"cost", "[options] NAME=FILE...", "measure what ONNX classifiers take, in turns, whatever they have learned: parameters, multiply-adds, size and time; ALL-Net's kind by this program's engine, too", 1, -1, costOfNetworks},
	{"stress", "[options] DIR", "put a network to tests: pictures changed, without cells or foreign, and whether its evidence lies on cells", 1, 1, stressModel},
	{"cells", "[options] DIR", "measure how well stained cells are found: beside masks, beside boxes of other laboratories, and in changed pictures", 1, 1, measureCells},
	{"abroad", "[options] DIR", "ask a network about pictures of other laboratories: simulated ones, smears without malignant cells, and cuts that are to be refused", 1, 1, askAbroad},
	{"fields", "[options] DIR OUT", "write the fields and cells of pictures, as they are and as other laboratories would have taken them, for the training of the network that reads cells", 2, 2, writeFields},
	{"report", "[options] [DIR]", "write MODEL_CARD.md, its figures and the tables of the documents from lab/results; DIR is the source folder, else the present one", 0, 1, writeReport},
	{"page", "[options] FILE", "tell whether a page is the one that the source gives, and where it differs: status 0 the same, 1 it differs, 2 not to be told", 1, 1, comparePage},
	{"version", "", "tell version, source revision, Go release and weights", 0, 0, writeVersion},
}

// Exit statuses: of a command that failed, of a call that is not understood, and,
// as shells have it, of one ended by Ctrl-C.
const (
	statusFailed      = 1
	statusUsage       = 2
	statusInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	// Once the first Ctrl-C is known, a second one ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		overview(stderr)
		return statusUsage
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		if len(args) == 0 {
			return finish("help", overview(stdout), stderr)
		}
		name, args = args[0], []string{"-help"}
	}
	c := find(name)
	if c == nil {
		fmt.Fprintf(stderr, "allnet: unknown command %q\n", name)
		overview(stderr)
		return statusUsage
	}
	set := c.flags()
	act := c.define(set)
	files, err := c.parse(set, args)
	switch {
	case err == errHelp:
		return finish(c.name, c.usage(stdout, set), stderr)
	case err != nil:
		fmt.Fprintf(stderr, "allnet %s: %s\n", c.name, terminal.Message(err))
		c.usage(stderr, set)
		return statusUsage
	}
	out := &output{w: stdout}
	err = act(ctx, files, out, stderr)
	if err == nil {
		err = out.err
	}
	if err != nil && ctx.Err() != nil {
		fmt.Fprintf(stderr, "allnet %s: interrupted\n", c.name)
		return statusInterrupted
	}
	return finish(c.name, err, stderr)
}

// misuse is the error of a command whose call cannot be answered; unlike that of a
// call that is not understood it is found on the way.
type misuse struct{ error }

func (m *misuse) Unwrap() error { return m.error }

// finish reports how a command ended.
func finish(name string, err error, stderr io.Writer) int {
	if err != nil {
		fmt.Fprintf(stderr, "allnet %s: %s\n", name, terminal.Message(err))
		if m := (*misuse)(nil); errors.As(err, &m) {
			return statusUsage
		}
		return statusFailed
	}
	return 0
}

// output remembers the first error of writing to w, so that no command has to
// look at each line: a table that did not reach its reader is a failure.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.w.Write(p)
	o.err = err
	return n, err
}
