package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"

	"allnet/internal/options"
	"allnet/internal/terminal"
	comparison "allnet/lab/compare"
	"allnet/lab/compare/onnxruntime"
)

// costOfNetworks measures what networks take, NAME=FILE, in turns. FILE is an ONNX
// file or a shipped network's name. No network's answer is looked at: they may have
// learned nothing.
func costOfNetworks(set *flag.FlagSet) action {
	rounds := set.Int("rounds", 21, "how `often` each network classifies a drawn picture; in every round all do, one after the other")
	out := set.String("json", "", "also write the figures to this `file`")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		var candidates []comparison.Candidate
		for _, spec := range args {
			name, file, ok := strings.Cut(spec, "=")
			if !ok || name == "" || file == "" {
				return fmt.Errorf("%q is no network to measure; expected NAME=FILE", spec)
			}
			data, err := options.ReadWeights(file)
			if err != nil {
				return err
			}
			candidates = append(candidates, comparison.Candidate{Name: name, File: data})
		}
		file, err := createAskedOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		bar := newProgress(stderr, "rounds")
		defer bar.close()
		result, err := measureCosts(ctx, candidates, *rounds, bar.update)
		if err != nil {
			return err
		}
		bar.close()
		result.Command = costCommand(set, args)
		writeCosts(stdout, result)
		return file.commitJSON(result)
	}
}

// measureCosts ends the runtimes that it takes.
func measureCosts(ctx context.Context, candidates []comparison.Candidate, rounds int, progress func(done, total int)) (*comparison.CostFile, error) {
	var runtimes []*onnxruntime.Runtime
	defer func() {
		for _, r := range runtimes {
			r.Close()
		}
	}()
	return comparison.MeasureCosts(ctx, candidates, rounds, func() *onnxruntime.Runtime {
		runtimes = append(runtimes, onnxruntime.New(ctx, "."))
		return runtimes[len(runtimes)-1]
	}, progress)
}

// costCommand is how the command was called, with files named without their folders.
func costCommand(set *flag.FlagSet, networks []string) string {
	var words []string
	for _, spec := range networks {
		words = append(words, terminal.Shown(withoutFolders(spec)))
	}
	return commandLine(set, strings.Join(words, " "), "json")
}

// writeCosts writes the table of the result.
func writeCosts(w io.Writer, f *comparison.CostFile) {
	fmt.Fprintf(w, "One picture of %d x %d, one thread, in %d %s of all in turns. How often a network is right is not measured here.\n", f.Side, f.Side, f.Rounds, plural(f.Rounds, "round"))
	fmt.Fprintf(w, "%-18s %12s %14s %10s %10s %22s %8s  %s\n", "network", "parameters", "multiply-adds", "file", "ms", "a quarter, 3 quarters", "times", "run by")
	for _, n := range f.Networks {
		size, work := "-", "-"
		if n.Parameters > 0 {
			size = fmt.Sprint(n.Parameters)
		}
		if n.MultiplyAdds > 0 {
			work = fmt.Sprintf("%.1f M", float64(n.MultiplyAdds)/1e6)
		}
		for _, t := range n.Times {
			fmt.Fprintf(w, "%-18s %12s %14s %7.1f MB %10.1f %22s %8.2f  %s\n", terminal.Shown(n.Name), size, work, float64(n.Bytes)/1e6, t.Milliseconds,
				fmt.Sprintf("%.1f, %.1f", t.Quartiles[0], t.Quartiles[1]), t.Ratio, t.RunBy)
		}
	}
	fmt.Fprintf(w, "Times: the median, over the rounds, of the time divided by that of %s by the same round's %s.\n", terminal.Shown(f.Networks[0].Name), f.Networks[0].Times[0].RunBy)
}
