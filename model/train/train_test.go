// Package train_test runs the training recipe on a few drawn pictures, where
// PyTorch is installed.
package train_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/dataset"
)

// python returns an interpreter that has PyTorch, or "" with a line in the log.
func python(t *testing.T) string {
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch, numpy").Run() == nil {
			return name
		}
	}
	t.Log("left out: the training recipe, because python3 has no PyTorch")
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

// Both variants train, go on from their checkpoint, and export a file that our
// reader takes, with golden numbers.
func TestRecipeTrainsResumesAndExports(t *testing.T) {
	python := python(t)
	if python == "" {
		return
	}
	prepared := smears(t)
	for _, c := range []struct {
		recipe, filters string
		parameters      int
	}{{"fast", "32 64 128", 787268}, {"article", "64 128 256", 1097604}} {
		out, exported := t.TempDir(), t.TempDir()
		train := append([]string{"train.py", prepared, out, "--recipe", c.recipe, "--limit", "2", "--epochs", "2", "--filters"}, strings.Fields(c.filters)...)
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
		run(t, python, "golden.py", out, "--model", exported)
		file, err := os.ReadFile(filepath.Join(exported, "allnet.onnx"))
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
