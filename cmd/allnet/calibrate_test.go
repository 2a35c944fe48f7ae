package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/options"
	"allnet/lab/calibration"
	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/synthetic"
)

// answered writes copies of the drawings into the folders of the classes that a
// network sees in them, and a split with training, validation and test pictures.
func answered(t *testing.T, network string) (dir, split string) {
	t.Helper()
	dir = t.TempDir()
	m, err := options.OpenModel(network)
	if err != nil {
		t.Fatal(err)
	}
	var files [][]byte
	var classes []model.Class
	for _, example := range synthetic.Examples() {
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, example.Name)
		write(t, name, data)
		in, err := dataset.ReadInput(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.NewSession().Classify(in)
		if err != nil {
			t.Fatal(err)
		}
		files, classes = append(files, data), append(classes, r.Predicted)
	}
	var assignments []dataset.Assignment
	for i := range 50 {
		drawing := (i + i/8) % len(files) // every eighth training picture is looked at
		item := dataset.Item{File: fmt.Sprintf("%s/%d.png", classes[drawing], i), Label: classes[drawing]}
		write(t, filepath.Join(dir, filepath.FromSlash(item.File)), files[drawing])
		side := dataset.Train
		switch i {
		case 0:
			side = dataset.Validation
		case 1:
			side = dataset.Test
		}
		assignments = append(assignments, dataset.Assignment{Item: item, Group: i, Side: side})
	}
	return dir, writeSplit(t, assignments)
}

func TestCalibrateWritesWhatTheNetworkIsThenOpenedWith(t *testing.T) {
	network, report := plain(t), filepath.Join(t.TempDir(), "report.json")
	dir, split := answered(t, network)
	status, stdout, stderr := allnet("calibrate", "-model", network, "-split", split, "-json", report, dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, want := range []string{"temperature", "stain/strong", "white noise", "of kinds not fitted to", "written: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in %s", want, stdout)
		}
	}
	m, err := options.OpenModel(network)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := fileHash(split)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Calibration(); c == nil || c.Weights != m.Hash() || c.Split != hash {
		t.Errorf("calibration %+v", c)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var r calibration.Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if want := "allnet calibrate -model " + network + " -split " + split + " DIR"; r.Command != want || r.Model != m.Hash() || r.Split != hash {
		t.Errorf("command %q, want %q; network %s, split %s", r.Command, want, r.Model, r.Split)
	}
	if len(r.Levels) != 5 || r.Levels[0].Before.N != 1 || r.Refused.Reported.N == 0 {
		t.Errorf("got %s", data)
	}
}

func TestCalibrateWantsASplitWithAllSides(t *testing.T) {
	dir := smears(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{dir}, "expected -split"},
		{[]string{"-split", writeSplit(t, splitOf(t, dir)), dir}, "puts no picture on the validation side"},
		{[]string{"-model", "nobody's", "-split", "x", dir}, "nobody's: The file could not be opened"},
	} {
		if status, _, stderr := allnet(append([]string{"calibrate"}, c.args...)...); status != 1 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %q, want %q", c.args, status, stderr, c.want)
		}
	}
	if entries, err := filepath.Glob("*.calibration.json*"); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v; nothing is to be left behind", entries, err)
	}
}
