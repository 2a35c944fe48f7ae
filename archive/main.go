// Command archive classifies a whole archive of blood-smear pictures on Apache Beam: on this machine, or on a cluster with
// Flink or Dataflow. It gives the lines of `allnet classify -json`, a summary by folder and month, and a report.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/gcs"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"

	"allnet/internal/options"
	"allnet/internal/terminal"
)

// inputs are the patterns of -input, which may be given several times.
type inputs []string

func (i *inputs) String() string { return strings.Join(*i, " ") }

func (i *inputs) Set(pattern string) error {
	*i = append(*i, pattern)
	return nil
}

// Exit statuses as those of allnet.
const (
	statusFailed = 1
	statusUsage  = 2
)

// asked is what was asked for on the command line.
type asked struct {
	input              inputs
	output, against    *string
	explain            *bool
	chunk              *int
	network, profile   *string
	preparation        *options.Preparation
	settings           *options.Explaining
	reference, referTo *string
}

func define(set *flag.FlagSet) *asked {
	a := &asked{
		output:      set.String("output", "", "`folder` for the answers, the summary and the report; a run that was cut off goes on in it"),
		against:     set.String("against", "", "`file` with the measures to tell a drift against, which -write-reference wrote (default: the training pictures)"),
		explain:     set.Bool("explain", false, "also write the evidence of each picture that has an answer"),
		chunk:       set.Int("save-every", 0, fmt.Sprintf("`number` of pictures after which what was computed is saved: so many are computed again where a run was cut off (default: %d, with -explain %d)", chunk, explainedChunk)),
		network:     options.ModelFlag(set),
		profile:     options.ProfileFlag(set),
		preparation: options.PreparationFlags(set),
		settings:    options.SettingsFlags(set),
		reference:   set.String("write-reference", "", "also write the measures of all pictures to this `file`, for -against"),
		referTo:     set.String("reference-of", "the pictures of a laboratory", "what -write-reference calls these pictures, in `words`"),
	}
	set.Var(&a.input, "input", "`pattern` of picture files, tar and ZIP files, such as 'DIR/**' or 'gs://bucket/**'; may be given several times")
	return a
}

func main() {
	a := define(flag.CommandLine)
	flag.Parse()
	beamlog.SetupLogging("warn", "text")
	debug.SetGCPercent(50) // what is held is little, and half as much room beside it costs little
	beam.Init()            // does not return on a worker
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(a.main(ctx, os.Stdout, os.Stderr))
}

// errUsage is that of a call that cannot be answered.
var errUsage = errors.New("")

func (a *asked) main(ctx context.Context, stdout, stderr io.Writer) int {
	err := a.run(ctx, stdout, stderr)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "archive: %s\n", strings.TrimSpace(terminal.Message(err)))
	if errors.Is(err, errUsage) {
		return statusUsage
	}
	return statusFailed
}

// config is what was asked for, in the form in which it travels.
func (a *asked) config() (*Config, error) {
	if len(a.input) == 0 || *a.output == "" {
		return nil, fmt.Errorf("-input and -output are needed: the pattern of the files to read, and the folder to write to%w", errUsage)
	}
	if *jobopts.Async {
		return nil, fmt.Errorf("-async leaves a run before its lines can be joined; expected a run without it%w", errUsage)
	}
	if *a.chunk < 0 {
		return nil, fmt.Errorf("-save-every is %d; expected a number of pictures%w", *a.chunk, errUsage)
	}
	m, told, err := options.OpenCorrected(*a.network, *a.profile)
	if err != nil {
		return nil, err
	}
	choices, err := a.preparation.Choices(told)
	if err != nil {
		return nil, err
	}
	c := &Config{Inputs: a.input, Output: *a.output, Weights: m.Hash(), Calibration: m.CalibrationHash(), Choices: *choices, Explain: *a.explain, SaveEvery: *a.chunk}
	if shipped(*a.network) {
		c.Network = *a.network
	}
	if k := m.Correction(); k != nil {
		c.Profile = k.Profile
	}
	if c.Explain {
		if c.Preset, c.Settings, err = a.settings.Settings(m); err != nil {
			return nil, err
		}
		if err := c.Settings.Validate(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (a *asked) run(ctx context.Context, stdout, stderr io.Writer) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	against, err := readReference(*a.against)
	if err != nil {
		return err
	}
	if err := c.prepare(ctx, *a.network, *a.profile); err != nil {
		return err
	}
	for _, folder := range []string{linesFolder, namesFolder} { // of a run that was cut off
		if err := empty(ctx, c.in(folder)); err != nil {
			return err
		}
	}
	stores.Delete(c.Output)
	p, s := beam.NewPipelineWithRoot()
	pipeline(s, c)
	stop := progress(stderr)
	result, err := beamx.RunWithMetrics(ctx, p)
	stop()
	if err != nil {
		return err
	}
	if err := empty(ctx, c.in(namesFolder)); err != nil {
		return err
	}
	if err := c.merge(ctx); err != nil {
		return err
	}
	summary, err := c.readSummary(ctx)
	if err != nil {
		return err
	}
	page, err := summary.report(against)
	if err != nil {
		return err
	}
	if err := writeFile(ctx, c.in(reportFile), page); err != nil {
		return err
	}
	if *a.reference != "" {
		if err := writeReference(*a.reference, summary.reference(*a.referTo, "go run . -input PICTURES -output OUT -write-reference FILE")); err != nil {
			return err
		}
	}
	for _, line := range counters(result.Metrics()) {
		fmt.Fprintln(stderr, line)
	}
	if seen.tasks.Load() > 0 {
		fmt.Fprintf(stderr, "computed by this process: %d, found in the store: %d\n", seen.computed.Load(), seen.stored.Load())
	}
	return writeTotals(stdout, c, summary)
}

// writeTotals says what became of the pictures, and where it is.
func writeTotals(w io.Writer, c *Config, s *Summary) error {
	t := s.total()
	if t.Pictures == 0 {
		return fmt.Errorf("no picture was found; expected a pattern of picture files, tar or ZIP files, such as 'DIR/**'")
	}
	_, err := fmt.Fprintf(w, "%d pictures, %d of them copies: %d with an answer, %d without\nwritten: %s, %s, %s, %s\n", t.Pictures, t.Copies, t.answered(), t.Pictures-t.answered(),
		terminal.Shown(c.in(answersFile)), terminal.Shown(c.in(sumsFile)), terminal.Shown(c.in(summaryFile)), terminal.Shown(c.in(reportFile)))
	return err
}
