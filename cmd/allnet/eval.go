package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"allnet/model"
	"allnet/model/dataset"
	"allnet/model/evaluation"
)

// evaluationFile is what `allnet eval -json` writes.
type evaluationFile struct {
	evaluation.Summary
	// Model is the SHA-256 of the ONNX file.
	Model    string         `json:"model"`
	Pictures []model.Record `json:"pictures"`
}

func eval(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	set := flags("eval", stderr)
	out := set.String("json", "", "also write the figures and every picture's answer to this file")
	weights := set.String("model", "", "ONNX file to use instead of the shipped one")
	splitFile := set.String("split", "", "split.tsv; only its pictures of one side are used")
	side := set.String("side", string(dataset.Test), "side of the split: train or test")
	if err := parse(set, args, 1, 1); err != nil {
		return err
	}
	m, err := openModel(*weights)
	if err != nil {
		return err
	}
	items, err := dataset.List(set.Arg(0))
	if err != nil {
		return err
	}
	if *splitFile != "" {
		if items, err = onSide(items, *splitFile, dataset.Side(*side)); err != nil {
			return err
		}
	}
	bar := newProgress(stderr, "classifying")
	defer bar.close()
	result := evaluationFile{Model: m.Hash()}
	err = classifyAll(ctx, m, set.Arg(0), items, func(r model.Record) error {
		label := items[len(result.Pictures)].Label
		r.Label = &label
		result.Pictures = append(result.Pictures, r)
		bar.update(len(result.Pictures), len(items))
		return nil
	})
	if err != nil {
		return err
	}
	bar.close()
	result.Summary = evaluation.Summarise(result.Pictures)
	writeSummary(stdout, result)
	if *out == "" {
		return nil
	}
	data, err := json.MarshalIndent(result, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(*out, append(data, '\n'), 0o644)
}

// onSide keeps the items that the split puts on one side. All pictures of that
// side must be there.
func onSide(items []dataset.Item, splitFile string, side dataset.Side) ([]dataset.Item, error) {
	if side != dataset.Train && side != dataset.Test {
		return nil, fmt.Errorf("-side is %q; expected train or test", side)
	}
	f, err := os.Open(splitFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	split, err := dataset.ReadSplit(f)
	if err != nil {
		return nil, err
	}
	want := make(map[dataset.Item]bool)
	for _, a := range split {
		if a.Side == side {
			want[a.Item] = true
		}
	}
	var kept []dataset.Item
	for _, item := range items {
		if want[item] {
			kept = append(kept, item)
		}
	}
	if len(kept) != len(want) {
		return nil, fmt.Errorf("the folder holds %d of the %d pictures on the %s side of %s; expected all of them", len(kept), len(want), side, splitFile)
	}
	return kept, nil
}

func writeSummary(w io.Writer, e evaluationFile) {
	fmt.Fprintf(w, "accuracy %.2f %% (%d of %d; 95 %% Wilson interval %.2f to %.2f %%)\n",
		100*e.Accuracy, e.Correct, e.N, 100*e.Interval[0], 100*e.Interval[1])
	fmt.Fprintf(w, "\nclass   precision  recall      F1  pictures\n")
	for _, c := range e.Classes {
		fmt.Fprintf(w, "%-7s %7.2f %% %6.2f %% %5.2f %% %9d\n", c.Class, 100*c.Precision, 100*c.Recall, 100*c.F1, c.Support)
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
	for _, r := range e.Pictures {
		switch {
		case r.Abstained:
			fmt.Fprintf(w, "no answer: %s: %s\n", r.File, r.Reason)
		case *r.Predicted != *r.Label:
			p := r.Probabilities
			fmt.Fprintf(w, "wrong: %s: %s (Benign %.3f, Early %.3f, Pre %.3f, Pro %.3f)\n", r.File, r.Predicted, p.Benign, p.Early, p.Pre, p.Pro)
		}
	}
}
