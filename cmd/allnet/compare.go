package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"allnet/internal/options"
	"allnet/internal/terminal"
	comparison "allnet/lab/compare"
	"allnet/lab/compare/onnxruntime"
	"allnet/lab/dataset"
	"allnet/lab/stress"
	"allnet/model"
)

// compareClassifiers judges networks, NAME[@SPLIT]=FILE behind the folder, and the
// trivial rivals under the same splits. FILE is an ONNX file or a shipped network's
// name; SPLIT is the split file that the network was trained on, by which alone it
// is then judged.
func compareClassifiers(set *flag.FlagSet) action {
	var splits []string
	set.Func("split", "split `[COLUMN=]FILE` to judge by, any number of times: forests learn from its training side; splits of one COLUMN are counted together (the file's name where none is given)", func(v string) error {
		splits = append(splits, v)
		return nil
	})
	sideList := set.String("side", string(dataset.Test), "`sides` of the splits to judge on, validation or test, or both joined by a comma")
	out := set.String("json", "", "also write the figures to this `file`")
	plain := set.Bool("plain", false, "judge by the pictures as they are only, not under stain shift too")
	seed := set.Uint64("seed", 1, "seed of the forests")
	const others = "; of networks of other kinds than ALL-Net's"
	bgr := set.Bool("bgr", false, "blue comes first"+others)
	mean := set.String("mean", "", "`numbers` (three, joined by commas) that are subtracted from the channels in [0,1], in the network's order"+others)
	std := set.String("std", "", "`numbers` (three, joined by commas) by which the channels are then divided; 0.003921569 each makes them run from 0 to 255"+others)
	order := set.String("classes", "", "`classes` of the outputs, joined by commas, where they are not Benign,Early,Pre,Pro"+others)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		reading := comparison.Reading{BGR: *bgr}
		options := comparison.Options{Seed: *seed}
		sides, err := parseSides(*sideList)
		if err == nil && slices.Contains(sides, dataset.Train) {
			err = fmt.Errorf("-side is %q; expected validation or test, for what was learned from proves nothing", *sideList)
		}
		for _, e := range []error{err, threeNumbers("mean", *mean, &reading.Mean), threeNumbers("std", *std, &reading.Std), classOrder(*order, &reading.Classes)} {
			if e != nil {
				return e
			}
		}
		if len(splits) == 0 {
			return fmt.Errorf("there is no split to judge by; expected -split, once or more")
		}
		if !*plain {
			for _, change := range stress.Stain.Changes() {
				options.Shifts = append(options.Shifts, comparison.Shift{Name: change.Name(), Apply: func(file string, rgb []uint8) ([]uint8, error) {
					return change.Apply(&stress.Picture{File: file, RGB: rgb})
				}})
			}
		}
		runtime := onnxruntime.New(ctx, ".")
		defer runtime.Close()
		networks := args[1:]
		for _, spec := range networks {
			n, err := openNetwork(spec, reading, runtime)
			if err != nil {
				return err
			}
			options.Networks = append(options.Networks, n)
		}
		items, err := list(args[0], stderr)
		if err != nil {
			return err
		}
		for _, spec := range splits {
			split, err := openSplit(spec, items, sides)
			if err != nil {
				return err
			}
			options.Splits = append(options.Splits, split)
		}
		var file *outFile
		if *out != "" {
			if file, err = createOut(*out); err != nil {
				return err
			}
			defer file.discard()
		}
		bar := newProgress(stderr, "reading")
		defer bar.close()
		options.Progress = func(stage string, done, total int) {
			bar.stage(stage)
			bar.update(done, total)
		}
		result, err := comparison.Run(ctx, args[0], options)
		if err != nil {
			return err
		}
		bar.close()
		result.Sides = sides
		result.Command = comparisonCommand(set, splits, networks)
		writeComparison(stdout, result)
		if file == nil {
			return nil
		}
		return file.commitJSON(result)
	}
}

// comparisonCommand is how the command was called, with files named without their
// folders, which say nothing elsewhere.
func comparisonCommand(set *flag.FlagSet, splits, networks []string) string {
	var words []string
	for _, spec := range splits {
		words = append(words, "-split", terminal.Shown(withoutFolders(spec)))
	}
	words = append(words, "DIR")
	for _, spec := range networks {
		words = append(words, terminal.Shown(withoutFolders(spec)))
	}
	return commandLine(set, strings.Join(words, " "), "json", "split")
}

// withoutFolders cuts the folders from NAME[@FILE]=FILE, or FILE.
func withoutFolders(spec string) string {
	name, file, named := strings.Cut(spec, "=")
	if !named {
		return filepath.Base(spec)
	}
	if network, split, trained := strings.Cut(name, "@"); trained {
		name = network + "@" + filepath.Base(split)
	}
	return name + "=" + filepath.Base(file)
}

// openNetwork reads NAME[@SPLIT]=FILE.
func openNetwork(spec string, reading comparison.Reading, runtime *onnxruntime.Runtime) (*comparison.Network, error) {
	name, file, ok := strings.Cut(spec, "=")
	name, split, trained := strings.Cut(name, "@")
	if !ok || name == "" || file == "" || (trained && split == "") {
		return nil, fmt.Errorf("%q is no network to compare; expected NAME=FILE or NAME@SPLIT=FILE", spec)
	}
	data, err := options.ReadWeights(file)
	if err != nil {
		return nil, err
	}
	n, err := comparison.LoadNetwork(name, data, reading, runtime)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", terminal.Shown(file), err)
	}
	if trained {
		n.TrainedOn, err = fileHash(split)
	}
	return n, err
}

// openSplit reads [COLUMN=]FILE.
func openSplit(spec string, items []dataset.Item, sides []dataset.Side) (s comparison.Split, err error) {
	column, file, named := strings.Cut(spec, "=")
	if !named {
		file = spec
		column = strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	}
	s.Column = column
	if s.SHA256, err = fileHash(file); err != nil {
		return s, err
	}
	if s.Train, err = onSide(items, file, dataset.Train); err != nil {
		return s, err
	}
	s.Judged, err = onSide(items, file, sides...)
	return s, err
}

// threeNumbers reads an option of one number for each channel into to.
func threeNumbers(option, text string, to *[3]float32) error {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, ",")
	for i, part := range parts {
		v, err := strconv.ParseFloat(part, 32)
		if err != nil || len(parts) != len(to) || v-v != 0 || (option == "std" && v == 0) {
			return fmt.Errorf("-%s is %q; expected three numbers joined by commas", option, text)
		}
		to[i] = float32(v)
	}
	return nil
}

// classOrder reads the option -classes into to.
func classOrder(text string, to *[]model.Class) error {
	if text == "" {
		return nil
	}
	for name := range strings.SplitSeq(text, ",") {
		class, err := model.ParseClass(name)
		if err != nil || slices.Contains(*to, class) {
			return fmt.Errorf("-classes is %q; expected Benign, Early, Pre and Pro in the order of the outputs, joined by commas", text)
		}
		*to = append(*to, class)
	}
	if len(*to) != len(model.Classes) {
		return fmt.Errorf("-classes is %q; expected four classes", text)
	}
	return nil
}

// writeComparison writes a table for each column of the result.
func writeComparison(w io.Writer, f *comparison.File) {
	unknown := false
	for _, column := range f.Columns {
		var names []string
		for _, side := range f.Sides {
			names = append(names, string(side))
		}
		fmt.Fprintf(w, "%s (%d %s, %s side)\n", terminal.Shown(column.Name), len(column.Splits), plural(len(column.Splits), "split"), strings.Join(names, " and "))
		fmt.Fprintf(w, "%-18s %-30s %8s", "classifier", "accuracy (95 % interval)", "pictures")
		for _, shift := range f.Shifts[1:] {
			fmt.Fprintf(w, " %15s", shift)
		}
		fmt.Fprintf(w, " %11s %14s %8s  %s\n", "parameters", "multiply-adds", "ms", "run by")
		for _, row := range f.Rows {
			results := make(map[string]comparison.Result)
			for _, r := range row.Results {
				if r.Column == column.Name {
					results[r.Shift] = r
				}
			}
			plain, judged := results[comparison.Unshifted]
			if !judged {
				continue
			}
			name := terminal.Shown(row.Name)
			if !plain.TrainingKnown {
				name, unknown = name+" *", true
			}
			fmt.Fprintf(w, "%-18s %-30s %8d", name, withInterval(plain.Accuracy, plain.Interval), plain.N)
			for _, shift := range f.Shifts[1:] {
				fmt.Fprintf(w, " %13.2f %%", 100*results[shift].Accuracy)
			}
			size, work := "-", "-"
			if row.Parameters > 0 {
				size = fmt.Sprint(row.Parameters)
			}
			if row.MultiplyAdds > 0 {
				work = fmt.Sprintf("%.1f M", float64(row.MultiplyAdds)/1e6)
			}
			fmt.Fprintf(w, " %11s %14s %8.1f  %s\n", size, work, row.Milliseconds, row.RunBy)
		}
		fmt.Fprintln(w)
	}
	if unknown {
		fmt.Fprintf(w, "* It is not known what this network was trained on: it may have seen the pictures.\n")
	}
	fmt.Fprintf(w, "The times are of unlike programs and say little about the networks themselves.\n")
	fmt.Fprintf(w, "Published, on the authors' own split, made after augmentation (Thiriveedhi et al. 2025, Table 6):\n")
	for _, p := range f.Published {
		fmt.Fprintf(w, "%-18s %6.2f %%\n", p.Name, 100*p.Accuracy)
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
