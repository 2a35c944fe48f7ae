// Package train_test runs the training recipe on a few drawn pictures, where
// PyTorch is installed, and judges the weights that it gave.
package train_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"allnet/lab/card"
	"allnet/lab/dataset"
	"allnet/model"
)

// python returns an interpreter that has PyTorch, or "" with a line in the log.
func python(t *testing.T) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import network; network.check_export()").Run() == nil {
			return name
		}
	}
	t.Log("left out: the training recipe, because python3 has no PyTorch with its ONNX exporter")
	return ""
}

// smears writes a data set of a few noisy pictures, each class in a colour of its
// own, and prepares it.
func smears(t *testing.T) string {
	dir, out := t.TempDir(), t.TempDir()
	for c, class := range model.Classes {
		for i := range 5 {
			img := image.NewRGBA(image.Rect(0, 0, 80, 80))
			for p := range 80 * 80 {
				v := uint8((p%80/(3+i) + p/80/(2+c) + i) % 5 * 15)
				img.Set(p%80, p/80, color.RGBA{40*uint8(c) + v, 200 - 40*uint8(c) + v/2, 90 + v, 255})
			}
			var data bytes.Buffer
			if err := png.Encode(&data, img); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, class.String(), strconv.Itoa(i)+".png")
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := dataset.Prepare(context.Background(), dir, out, dataset.Options{TestShare: 0.4, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return out
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestTheRecipesPythonTestsPass(t *testing.T) {
	if python := python(t); python != "" {
		run(t, python, "-m", "unittest", "test_recipe", "test_cells")
	}
}

// Both variants train, start again where they ended, and export a file that our
// reader takes, with golden numbers.
func TestRecipeTrainsResumesAndExports(t *testing.T) {
	python := python(t)
	if python == "" {
		return
	}
	prepared := smears(t)
	for _, c := range []struct {
		recipe, filters, network string
		parameters               int
	}{{"fast", "32 64 128", "article", 787268}, {"article", "64 128 256", "article-wide", 1097604}} {
		out, exported := t.TempDir(), t.TempDir()
		train := append([]string{"train.py", prepared, out, "--recipe", c.recipe, "--limit", "2", "--epochs", "2", "--protocol", "honest", "--filters"}, strings.Fields(c.filters)...)
		first := run(t, python, train...)
		if !strings.Contains(first, "epoch 2:") || !strings.Contains(first, strconv.Itoa(c.parameters)+" parameters") {
			t.Errorf("%s: %s", c.recipe, first)
		}
		if again := run(t, python, train...); !strings.Contains(again, "going on behind epoch 2") || strings.Contains(again, "epoch 1:") {
			t.Errorf("%s started again: %s", c.recipe, again)
		}
		for _, name := range []string{"curves.json", "accuracy.svg", "loss.svg"} {
			if _, err := os.Stat(filepath.Join(out, name)); err != nil {
				t.Error(err)
			}
		}
		result, err := os.ReadFile(filepath.Join(out, "result.json"))
		if err != nil {
			t.Fatal(err)
		}
		results, err := card.Load(fstest.MapFS{"runs/honest-" + c.network + "-s1.json": {Data: result}})
		if err != nil || len(results.Runs) != 1 || len(results.Runs[0].Answers) != results.Runs[0].TestN {
			t.Errorf("%s: the model card cannot read the result: %v", c.recipe, err)
		}
		run(t, python, "golden.py", out, "some", "--model", exported)
		file, err := os.ReadFile(filepath.Join(exported, "some.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Network().Parameters(); got != c.parameters {
			t.Errorf("%s: %d parameters, want %d", c.recipe, got, c.parameters)
		}
	}
}

// epochs returns curves.json without the times, which differ from run to run.
func epochs(t *testing.T, out string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, "curves.json"))
	if err != nil {
		t.Fatal(err)
	}
	var curves struct{ Epochs []map[string]any }
	if err := json.Unmarshal(data, &curves); err != nil {
		t.Fatal(err)
	}
	for _, e := range curves.Epochs {
		delete(e, "seconds")
	}
	return curves.Epochs
}

// A training that is killed between two epochs, or while it saves, goes on as if
// nothing had happened; with another split it refuses.
func TestTrainingGoesOnWhereItWasKilled(t *testing.T) {
	python := python(t)
	if python == "" {
		return
	}
	prepared, whole, broken := smears(t), t.TempDir(), t.TempDir()
	train := func(prepared, out string) *exec.Cmd {
		return exec.Command(python, "train.py", prepared, out, "--epochs", "3", "--crop-epochs", "2", "--filters", "8", "8", "8")
	}
	if out, err := train(prepared, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	first := train(prepared, broken)
	stdout, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "epoch 2:") {
			break // the first epoch is saved, the second perhaps
		}
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait() // it was killed, which is an error
	out, err := train(prepared, broken).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "going on behind epoch") {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, want := epochs(t, broken), epochs(t, whole); !reflect.DeepEqual(got, want) {
		t.Errorf("curves after the kill %v, want %v", got, want)
	}

	other := t.TempDir()
	for _, name := range []string{"pixels.npy", "levels.npy", "split.tsv"} {
		data, err := os.ReadFile(filepath.Join(prepared, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "split.tsv" {
			data = bytes.Replace(data, []byte("\ttrain\n"), []byte("\ttest\n"), 1)
		}
		if err := os.WriteFile(filepath.Join(other, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := train(other, broken).CombinedOutput(); err == nil || !strings.Contains(string(out), "split_sha256") {
		t.Errorf("a checkpoint of another split was taken up: %s", out)
	}
}
