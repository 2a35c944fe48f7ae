package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/calibration"
	"allnet/lab/dataset"
	"allnet/model"
)

// calibrate fits a network's calibration on the validation side of a split and
// tells what it does on the test side and on pictures that are to be refused.
func calibrate(set *flag.FlagSet) action {
	network := options.ModelFlag(set)
	splitFile := set.String("split", "", "split `file` (split.tsv), with a validation side to fit to and a test side to report on")
	foreign := set.String("foreign", "", "`folder` of other pictures that are to be refused; the first half, by name, is fitted to")
	abroad := set.String("abroad", "", "`folders` of smears of other laboratories without malignant cells, joined by commas, whose first halves, by name, a network that reads cells learned from")
	out := set.String("out", "", "`file` for the calibration (default: NAME.calibration.json beside the ONNX file; a shipped network's in model)")
	readsCells := set.Bool("cells", false, "the network reads cells")
	report := set.String("json", "", "also write what the calibration does to this `file`")
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *splitFile == "" {
			return fmt.Errorf("there is no split; expected -split, for a network must not be calibrated on what it was trained on")
		}
		weights, err := options.ReadWeights(*network)
		if err != nil {
			return err
		}
		m, err := model.Load(weights)
		if err != nil {
			return err
		}
		if *readsCells {
			m = m.ReadingCells()
		}
		source, err := calibrationSource(args[0], *splitFile, *foreign, stderr)
		if err != nil {
			return err
		}
		if *abroad != "" {
			for _, dir := range strings.Split(*abroad, ",") {
				files, err := pictureFiles(dir)
				if err != nil {
					return err
				}
				source.Abroad = append(source.Abroad, files[:len(files)/2]...)
			}
		}
		hash, err := fileHash(*splitFile)
		if err != nil {
			return err
		}
		name := *out
		if name == "" {
			name = strings.TrimSuffix(*network, ".onnx") + ".calibration.json"
			if slices.Contains(options.ShippedNames(), *network) {
				name = filepath.Join("model", name)
			}
		}
		file, err := createOut(name)
		if err != nil {
			return err
		}
		defer file.discard()
		reportFile, err := createAskedOut(*report)
		if err != nil {
			return err
		}
		defer reportFile.discard()
		bar := newProgress(stderr, "observing")
		defer bar.close()
		data, held, err := calibration.Collect(ctx, m, *source, bar.update)
		if err != nil {
			return err
		}
		bar.close()
		fitted, err := calibration.Fit(*data)
		if err != nil {
			return err
		}
		fitted.Weights, fitted.Split = m.Hash(), hash
		encoded, err := json.Marshal(fitted)
		if err != nil {
			return err
		}
		encoded = append(encoded, '\n')
		if _, err := file.Write(encoded); err != nil {
			return err
		}
		if err := file.commit(); err != nil {
			return err
		}
		r := calibration.NewReport(fitted, *held)
		r.Command, r.CalibrationHash, r.Go, r.Platform = commandLine(set, "DIR", "json", "out"), hashOf(encoded), runtime.Version(), platform()
		if slices.Contains(options.ShippedNames(), *network) {
			r.Name = *network
		}
		writeCalibration(stdout, r)
		fmt.Fprintf(stdout, "written: %s\n", terminal.Shown(name))
		return reportFile.commitJSON(r)
	}
}

// calibrationSource finds the pictures of all sides of a split, and the others.
func calibrationSource(dir, splitFile, foreign string, stderr io.Writer) (*calibration.Source, error) {
	items, err := list(dir, stderr)
	if err != nil {
		return nil, err
	}
	s := &calibration.Source{Dir: dir}
	for side, of := range map[dataset.Side]*[]dataset.Item{dataset.Train: &s.Training, dataset.Validation: &s.Validation, dataset.Test: &s.Test} {
		if *of, err = onSide(items, splitFile, side); err != nil {
			return nil, err
		}
	}
	if foreign == "" {
		return s, nil
	}
	entries, err := os.ReadDir(foreign)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), ".") {
			s.Foreign = append(s.Foreign, filepath.Join(foreign, entry.Name()))
		}
	}
	if len(s.Foreign) < 2 {
		return nil, fmt.Errorf("%s holds %d pictures; expected at least 2, to fit to and to report on", terminal.Shown(foreign), len(s.Foreign))
	}
	return s, nil
}

// pictureFiles are the pictures of a folder, by name.
func pictureFiles(dir string) (files []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".jpg", ".jpeg", ".png":
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, err
}

// writeCalibration writes a report as tables.
func writeCalibration(w io.Writer, r *calibration.Report) {
	l := r.Limits
	fmt.Fprintf(w, "temperature %.3g, growing with distance d as (1 + (d / %.3g)²)^%.3g\n", r.Temperature, r.Reach, r.Growth)
	own := fmt.Sprintf("distance of the colours at most %.2f", l.Colours)
	if c := r.Cells; c != nil {
		own = fmt.Sprintf("at least %.0f cells, nuclei %.1f to %.1f pixels wide, stain changed by at most %.2f", c.Count, c.Nucleus[0], c.Nucleus[1], c.Restaining)
	}
	fmt.Fprintf(w, "an answer needs: sharpness at least %.2f, %s, strangeness at most %.3f, top probability at least %.2f\n\n",
		l.Sharpness, own, l.Strangeness, l.Confidence)
	fmt.Fprintf(w, "%-17s %8s %17s %17s %13s  %s\n", "test pictures", "right", "calibration error", "log loss", "right answers", "cannot assess")
	for _, level := range r.Levels {
		before, after, answered := level.Before, level.Calibrated, level.Answered
		fmt.Fprintf(w, "%-17s %6.2f %% %8.3f → %6.3f %8.3f → %6.3f %11.2f %%  %s\n", level.Name, 100*before.Accuracy,
			before.Calibration.ECE, after.Calibration.ECE, before.Calibration.NLL, after.Calibration.NLL, 100*answered.Accuracy, counted(answered.Abstained, answered.N, answered.Reasons))
	}
	fmt.Fprintf(w, "\n%-35s %-7s %16s  %s\n", "foreign pictures", "fitted", "top probability", "cannot assess")
	for _, k := range r.Foreign {
		fitted := "no"
		if k.Fitted {
			fitted = "yes"
		}
		fmt.Fprintf(w, "%-35s %-7s %16.2f  %s\n", k.Name, fitted, k.Confidence, counted(k.Count, k.N, k.Refusals))
	}
	fmt.Fprintf(w, "of the kinds fitted to, other pictures: %s\n", withInterval(r.Refused.Fitted.Share, r.Refused.Fitted.Interval))
	fmt.Fprintf(w, "of kinds not fitted to:                 %s\n", withInterval(r.Refused.Reported.Share, r.Refused.Reported.Interval))
}

// counted writes how many pictures have no answer, and why.
func counted(count, n int, reasons map[model.Code]int) string {
	text := fmt.Sprintf("%d of %d", count, n)
	for _, code := range slices.Sorted(maps.Keys(reasons)) {
		text += fmt.Sprintf(", %s %d", code, reasons[code])
	}
	return text
}
