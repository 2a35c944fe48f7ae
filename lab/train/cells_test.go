package train_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"allnet/lab/card"
	"allnet/lab/fields"
	"allnet/model"
	"allnet/model/standard"
	"allnet/model/synthetic"
)

// What is constant in training is constant in use.
func TestTrainingAndUseHaveOneReferenceAndOneGround(t *testing.T) {
	text, err := os.ReadFile("cells.py")
	if err != nil {
		t.Fatal(err)
	}
	r := standard.Reference
	for _, want := range []string{
		fmt.Sprintf("GROUND = %d / 255 ", model.Ground),
		fmt.Sprintf("REFERENCE = (%.2f, %.2f, %.2f)\n", r[0], r[1], r[2]),
		fmt.Sprintf("MOST_GAIN, LEAST_MIX, MOST_MIX = %g, %g, %g\n", standard.MostGain, standard.LeastMix, standard.MostMix),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("cells.py does not hold %q", want)
		}
	}
}

// drawnSmears is a folder of drawn pictures under the four classes.
func drawnSmears(t *testing.T) string {
	dir := t.TempDir()
	for c, class := range model.Classes {
		for k := range 2 {
			data, err := synthetic.PNG(fmt.Sprintf("synthetic-%d", 1+(2*c+k)%4))
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, class.String(), fmt.Sprintf("%d.png", k))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// The fields that the program writes train a network that the program reads.
func TestTheCellsRecipeTrainsOnWhatFieldsWrites(t *testing.T) {
	python := python(t)
	if python == "" {
		return
	}
	prepared, out, exported := t.TempDir(), t.TempDir(), t.TempDir()
	if _, err := fields.Write(t.Context(), drawnSmears(t), prepared, fields.Options{Laboratories: 1}); err != nil {
		t.Fatal(err)
	}
	split := filepath.Join(t.TempDir(), "split.tsv")
	text, err := os.ReadFile(filepath.Join(prepared, "split.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range strings.Split(string(text), "\n") {
		if strings.Contains(row, "/1.png") {
			row = strings.ReplaceAll(row, "\ttrain", "\ttest")
		}
		rows = append(rows, row)
	}
	if err := os.WriteFile(split, []byte(strings.Join(rows, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	train := []string{"train.py", prepared, out, "--recipe", "cells", "--split", split, "--foreign", prepared, "--epochs", "1", "--crop-epochs", "1", "--protocol", "honest"}
	if first := run(t, python, train...); !strings.Contains(first, "epoch 1:") {
		t.Error(first)
	}
	result, err := os.ReadFile(filepath.Join(out, "result.json"))
	if err != nil {
		t.Fatal(err)
	}
	results, err := card.Load(fstest.MapFS{"runs/honest-cells-s1.json": {Data: result}})
	if err != nil || len(results.Runs) != 1 || results.Runs[0].Network != "cells" {
		t.Errorf("the model card cannot read the result: %v", err)
	}
	run(t, python, "golden.py", out, "some", "--model", exported)
	file, err := os.ReadFile(filepath.Join(exported, "some.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := model.Load(file); err != nil {
		t.Error(err)
	}
}
