package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"

	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
)

func eval(set *flag.FlagSet) action {
	out := set.String("json", "", "also write the figures and every picture's answer to this `file`")
	compact := set.Bool("compact", false, "leave the pictures' answers out of the file; needs -json")
	about := subjectFlags(set, dataset.Test)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *out == "" {
			if err := refuse(set, "leaves something out of a file; expected -json with it", "compact"); err != nil {
				return err
			}
		}
		s, err := about.open(args[0], stderr)
		if err != nil {
			return err
		}
		result := evaluation.File{Origin: s.origin(set)}
		file, err := createAskedOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		bar := newProgress(stderr, "classifying")
		defer bar.close()
		err = classifyAll(ctx, s.Model, model.Options{}, s.dir, s.items, func(r model.Record) error {
			label := s.items[len(result.Pictures)].Label
			r.Label = &label
			result.Pictures = append(result.Pictures, r)
			bar.update(len(result.Pictures), len(s.items))
			return nil
		})
		if err != nil {
			return err
		}
		bar.close()
		result.Summary = evaluation.Summarise(result.Pictures)
		writeSummary(stdout, result)
		if *compact {
			result.Pictures = nil
		}
		return file.commitJSON(result)
	}
}

// fileHash is a file's SHA-256 in hexadecimal digits.
func fileHash(name string) (string, error) {
	data, err := os.ReadFile(name)
	return hashOf(data), err
}

// hashOf is the SHA-256 of data in hexadecimal digits.
func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// withInterval writes a proportion with its interval, in per cent.
func withInterval(p float64, interval [2]float64) string {
	return fmt.Sprintf("%6.2f %% (%.2f to %.2f)", 100*p, 100*interval[0], 100*interval[1])
}

func writeSummary(w io.Writer, e evaluation.File) {
	fmt.Fprintf(w, "accuracy %.2f %% (%d of %d; 95 %% Wilson interval %.2f to %.2f %%)\n",
		100*e.Accuracy, e.Correct, e.N, 100*e.Interval[0], 100*e.Interval[1])
	if e.Abstained > 0 {
		fmt.Fprintf(w, "%d of them have no answer, which counts as an error\n", e.Abstained)
	}
	fmt.Fprintf(w, "\n%-7s %-28s %-28s %8s %9s\n", "class", "precision (95 % interval)", "recall (95 % interval)", "F1", "pictures")
	for _, c := range e.Classes {
		fmt.Fprintf(w, "%-7s %-28s %-28s %6.2f %% %9d\n", c.Class,
			withInterval(c.Precision, c.PrecisionInterval), withInterval(c.Recall, c.RecallInterval), 100*c.F1, c.Support)
	}
	fmt.Fprintf(w, "\ntrue \\ predicted")
	for _, class := range model.Classes {
		fmt.Fprintf(w, " %7s", class)
	}
	fmt.Fprintf(w, " no answer\n")
	for i, class := range model.Classes {
		fmt.Fprintf(w, "%-16s", class)
		missing := e.Classes[i].Support
		for _, count := range e.Confusion[i] {
			fmt.Fprintf(w, " %7d", count)
			missing -= count
		}
		fmt.Fprintf(w, " %9d\n", missing)
	}
	c := e.Calibration
	fmt.Fprintf(w, "\nof the %d answers: expected calibration error %.4f (bins of equal size %.4f), Brier score %.4f, negative log-likelihood %.4f\n",
		c.N, c.ECE, c.AdaptiveECE, c.Brier, c.NLL)
	fmt.Fprintf(w, "\naccepted from  answers  coverage  accuracy (95 %% interval)\n")
	for _, a := range e.Acceptance {
		fmt.Fprintf(w, "%13.1f%% %8d %8.2f %% %s\n", 100*a.Threshold, a.Accepted, 100*a.Coverage, withInterval(a.Accuracy, a.Interval))
	}
	fmt.Fprintln(w)
	for _, r := range e.Pictures {
		switch {
		case r.Abstained:
			fmt.Fprintf(w, "no answer: %s: %s\n", terminal.Shown(r.File), r.Reason)
		case *r.Predicted != *r.Label:
			p := r.Probabilities
			fmt.Fprintf(w, "wrong: %s: %s (Benign %.3f, Early %.3f, Pre %.3f, Pro %.3f)\n", terminal.Shown(r.File), r.Predicted, p.Benign, p.Early, p.Pre, p.Pro)
		}
	}
}
