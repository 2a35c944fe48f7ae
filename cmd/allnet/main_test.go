package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/cases/evidence"
	"allnet/internal/options"
	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
	"allnet/model/synthetic"
)

// allnet runs the command line.
func allnet(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = run(context.Background(), args, &out, &errs)
	return status, out.String(), errs.String()
}

// TestMain lets a test start this program as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("ALLNET_RUN_MAIN") != "" {
		main()
	}
	os.Exit(m.Run())
}

// smears writes the drawn pictures into a data set's folder, each into the class
// of its place in the list, and returns the folder.
func smears(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for i, example := range synthetic.Examples() {
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, model.Classes[i].String(), example.Name+".png"), data)
	}
	return dir
}

// plain writes a shipped network into a file of its own and returns its name: so it
// has no calibration, and answers for drawings too.
func plain(t *testing.T) string {
	t.Helper()
	weights, err := options.ReadWeights("article")
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "plain.onnx")
	write(t, name, weights)
	return name
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestClassifyWritesOneObjectALineInOrder(t *testing.T) {
	dir := smears(t)
	broken := filepath.Join(dir, "broken.png")
	write(t, broken, []byte("no picture"))
	files := []string{filepath.Join(dir, "Pro", "synthetic-4.png"), broken, filepath.Join(dir, "Benign", "synthetic-1.png")}
	status, stdout, stderr := allnet(append([]string{"classify", "-json", "-model", plain(t)}, files...)...)
	if status != 1 || !strings.Contains(stderr, "1 of 3 pictures could not be read") {
		t.Errorf("status %d, %q; one picture is broken", status, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3:\n%s", len(lines), stdout)
	}
	for i, line := range lines {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record["file"] != files[i] {
			t.Errorf("line %d is about %v, want %s", i, record["file"], files[i])
		}
		for _, key := range []string{"predicted", "probabilities", "abstained", "reason"} {
			if _, ok := record[key]; !ok {
				t.Errorf("line %d lacks %q", i, key)
			}
		}
		if abstained := record["abstained"].(bool); abstained != (i == 1) || abstained != (record["probabilities"] == nil) {
			t.Errorf("line %d: %s", i, line)
		}
	}
}

// That a picture cannot be assessed is said with its reason, in words and by name,
// and is no failure.
func TestClassifySaysWhyItCannotAssess(t *testing.T) {
	network := plain(t)
	m, err := options.OpenModel(network)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(smears(t), "Pro", "synthetic-4.png")
	in, err := dataset.ReadInput(file)
	if err != nil {
		t.Fatal(err)
	}
	o, err := m.NewSession().Observe(model.AsIs(in))
	if err != nil {
		t.Fatal(err)
	}
	c := model.Calibration{
		Weights: m.Hash(), Temperature: 1, Reach: 1, Features: around(len(o.Features)), Colours: new(around(len(o.Colours))),
		Limits: model.Limits{Sharpness: o.Sharpness + 1, Colours: 100, Strangeness: 1},
	}
	beside := strings.TrimSuffix(network, ".onnx") + ".calibration.json"
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	write(t, beside, text)
	status, stdout, stderr := allnet("classify", "-model", network, file)
	if status != 0 || !strings.Contains(stdout, "cannot assess (blurred): The picture is too blurred") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	_, stdout, _ = allnet("classify", "-model", network, "-json", file)
	var record model.Record
	if err := json.Unmarshal([]byte(stdout), &record); err != nil {
		t.Fatal(err)
	}
	if record.Code != model.Blurred || record.Probabilities != nil || len(record.Checks) != 4 || record.Checks[0].Passed || record.Checks[0].Value != o.Sharpness {
		t.Errorf("got %s", stdout)
	}
	out := t.TempDir()
	status, stdout, stderr = allnet("explain", "-model", network, "-samples", "300", "-out", out, file)
	if status != 0 || !strings.Contains(stdout, "cannot assess (blurred)") || !strings.Contains(stderr, "There is no answer.") || strings.Contains(stdout, "prediction") {
		t.Errorf("status %d, %s%s", status, stdout, stderr)
	}
	if text, err = os.ReadFile(filepath.Join(out, "synthetic-4.json")); err != nil {
		t.Fatal(err)
	}
	var written map[string]any
	if err := json.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	apart, _ := written["notAnAnswer"].(map[string]any)
	if apart["logits"] == nil || apart["explanation"] == nil || written["logits"] != nil || written["class"] != nil || written["explanation"] != nil {
		t.Errorf("a refused picture's evidence belongs under notAnAnswer alone: %.300s", text)
	}
	c.Weights = strings.Repeat("0", 64)
	if text, err = json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	write(t, beside, text)
	if status, _, stderr := allnet("classify", "-model", network, file); status != 1 || !strings.Contains(stderr, "the calibration belongs to the network with SHA-256 0000") {
		t.Errorf("status %d, %s; the calibration is another network's", status, stderr)
	}
}

// around is a space around the origin, so wide that every point is near.
func around(dimensions int) model.Space {
	s := model.Space{Centres: [][]float64{make([]float64, dimensions)}}
	for i := range dimensions {
		row := make([]float64, i+1)
		row[i] = 1e-6
		s.Whitening = append(s.Whitening, row)
	}
	return s
}

func TestEvalWritesTheAgreedFields(t *testing.T) {
	dir := smears(t)
	write(t, filepath.Join(dir, "Pre", "broken.jpg"), []byte("no picture"))
	out := filepath.Join(t.TempDir(), "eval.json")
	status, stdout, stderr := allnet("eval", "-model", plain(t), "-json", out, dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Accuracy *float64
		N        *int
		Pictures []struct {
			File, Label   string
			Predicted     *string
			Probabilities map[string]float64
			Abstained     bool
			Reason        string
		}
	}
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	if e.Accuracy == nil || e.N == nil || *e.N != 5 || len(e.Pictures) != 5 {
		t.Fatalf("got %s", data)
	}
	right := 0
	for _, p := range e.Pictures {
		if !strings.HasPrefix(p.File, p.Label+"/") {
			t.Errorf("%s has the label %s", p.File, p.Label)
		}
		if p.File == "Pre/broken.jpg" {
			if !p.Abstained || p.Predicted != nil || p.Probabilities != nil || p.Reason == "" {
				t.Errorf("the broken picture: %+v", p)
			}
			continue
		}
		if len(p.Probabilities) != 4 || p.Abstained {
			t.Errorf("%+v", p)
		}
		if *p.Predicted == p.Label {
			right++
		}
	}
	if want := float64(right) / 5; *e.Accuracy != want {
		t.Errorf("accuracy %v, want %v: the broken picture counts as an error", *e.Accuracy, want)
	}
	// Of the two pictures of Pre one is broken, so that its recall is 0 or 1 of 2;
	// Wilson's interval of 1 of 2 is 1/2 ± 1/2 · z/√(2+z²), of 0 of 2 from 0 to z²/(2+z²).
	recall := " 50.00 % (9.45 to 90.55)"
	if !strings.Contains(stdout, recall) {
		recall = "  0.00 % (0.00 to 65.76)"
	}
	for _, want := range []string{"Wilson", "precision (95 % interval)", "recall (95 % interval)", recall, "1 of them have no answer, which counts as an error", "no answer: Pre/broken.jpg: "} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the report does not contain %q:\n%s", want, stdout)
		}
	}
}

// splitOf puts the third picture of a folder on the test side and the others on
// the training side.
func splitOf(t *testing.T, dir string) []dataset.Assignment {
	t.Helper()
	listing, err := dataset.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var split []dataset.Assignment
	for i, item := range listing.Items {
		split = append(split, dataset.Assignment{Item: item, Group: i, Side: dataset.Train})
	}
	split[2].Side = dataset.Test
	return split
}

// writeSplit writes a split file and returns its name.
func writeSplit(t *testing.T, split []dataset.Assignment) string {
	t.Helper()
	var file bytes.Buffer
	if err := dataset.WriteSplit(&file, split); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "split.tsv")
	write(t, name, file.Bytes())
	return name
}

func TestEvalTakesOneSideOfASplit(t *testing.T) {
	dir := smears(t)
	split := splitOf(t, dir)
	name := writeSplit(t, split)
	if status, stdout, stderr := allnet("eval", "-split", name, dir); status != 0 || !strings.Contains(stdout, " of 1;") {
		t.Errorf("status %d, %s%s; want one picture", status, stdout, stderr)
	}
	for side, want := range map[string]string{"train": " of 3;", "train,test": " of 4;"} {
		if status, stdout, stderr := allnet("eval", "-split", name, "-side", side, dir); status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%s: status %d, %s%s; want %q", side, status, stdout, stderr, want)
		}
	}
	if err := os.Remove(filepath.Join(dir, filepath.FromSlash(split[2].File))); err != nil {
		t.Fatal(err)
	}
	if status, _, stderr := allnet("eval", "-split", name, dir); status != 1 || !strings.Contains(stderr, "0 of the 1 pictures that the split lists") {
		t.Errorf("status %d, %q; a picture of the split is missing", status, stderr)
	}
}

func TestEvalWritesACompactFileThatNamesItsSources(t *testing.T) {
	dir, out := smears(t), filepath.Join(t.TempDir(), "eval.json")
	split := writeSplit(t, splitOf(t, dir))
	if status, _, stderr := allnet("eval", dir, "-model", "article", "-compact", "-side", "train,test", "-split", split, "-json", out); status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var e evaluation.File
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(split)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Named("article")
	if err != nil {
		t.Fatal(err)
	}
	if e.Split != fmt.Sprintf("%x", sha256.Sum256(file)) || e.Model != m.Hash() || e.Name != "article" || strings.Join(e.Sides, " ") != "train test" {
		t.Errorf("split %s, model %s %s, sides %q", e.Split, e.Name, e.Model, e.Sides)
	}
	if want := "allnet eval -compact -model article -side train,test -split " + split + " DIR"; e.Command != want {
		t.Errorf("command %q, want %q", e.Command, want)
	}
	if e.N != 4 || e.Calibration.N+e.Abstained != 4 || len(e.Acceptance) == 0 || e.Pictures != nil {
		t.Errorf("got %s", data)
	}
}

func TestExplainWritesPicturesAndNumbers(t *testing.T) {
	for network, preset := range map[string]string{"robust": "faithful", "article": "faithful", "cells": "cells"} {
		t.Run(network, func(t *testing.T) { explained(t, network, preset) })
	}
}

func explained(t *testing.T, network, preset string) {
	out := filepath.Join(t.TempDir(), "new", "folder")
	file := filepath.Join(smears(t), "Pro", "synthetic-4.png")
	status, stdout, stderr := allnet("explain", "-model", network, "-out", out, "-class", "Pre", "-samples", "300", "-seed", "5", "-target", "probability", file)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if !strings.Contains(stdout, "evidence for Pre") {
		t.Errorf("got %s", stdout)
	}
	for _, name := range []string{"outline", "regions", "heatmap", "gradcam"} {
		f, err := os.Open(filepath.Join(out, "synthetic-4."+name+".png"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if config, err := png.DecodeConfig(f); err != nil || config.Width != 224 || config.Height != 224 {
			t.Errorf("%s: %+v, %v", name, config, err)
		}
	}
	data, err := os.ReadFile(filepath.Join(out, "synthetic-4.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e evidence.File
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	s := e.Explanation.Settings
	if e.Class != model.Pre || s.Samples != 300 || s.Seed != 5 || s.Target.String() != "probability" || s.Hide.String() != map[string]string{"faithful": "mean", "cells": "removed"}[preset] {
		t.Errorf("class %s, settings %+v", e.Class, s)
	}
	if e.SecondOpinion != nil || strings.Contains(stdout, "permutations") {
		t.Error("there is a second opinion that nobody asked for")
	}
	if f := e.Faithfulness; f == nil || len(f.Classes) != 4 || len(f.GradCAM) != 4 || !strings.Contains(stdout, f.Sentences(model.Pre, s.Regions)[0]) {
		t.Errorf("what came of the test of the explanation is not told: %+v", f)
	}
	if e.Legend.Limit <= 0 || !strings.Contains(stdout, "heat map: blue") {
		t.Errorf("the heat map has no scale: %+v", e.Legend)
	}
	if len(e.Regions) != e.Explanation.Superpixels || e.Model == "" || e.Evaluation.Method == "" {
		t.Errorf("regions, weights' hash or method are missing: %s", data[:300])
	}
	if e.Preset != preset {
		t.Errorf("preset %q", e.Preset)
	}
	// The runs cover the picture and give every region the area that is told of it.
	area := make(map[int]int)
	for i := 0; i < len(e.LabelMap.Runs); i += 2 {
		area[e.LabelMap.Runs[i]] += e.LabelMap.Runs[i+1]
	}
	pixels := 0
	for _, r := range e.Regions {
		pixels += area[r.Superpixel]
		if want := float64(area[r.Superpixel]) / (224 * 224); math.Abs(r.Share-want) > 1e-9 {
			t.Errorf("superpixel %d covers %v of the picture, by the label map %v", r.Superpixel, r.Share, want)
		}
	}
	if preset == "cells" { // the rest is ground
		if area[-1] == 0 || e.Field == nil || *e.Field != 0 || e.Readings == nil || len(e.Readings.Cells) != len(e.Regions) || !strings.Contains(stdout, e.Readings.Tally.Sentence()) {
			t.Errorf("%d pixels of ground, field %v, readings %v in\n%s", area[-1], e.Field, e.Readings, stdout)
		}
		pixels += area[-1]
	} else if e.Field != nil || e.Readings != nil {
		t.Error("a network of whole pictures has readings of cells")
	}
	if pixels != 224*224 || e.LabelMap.Width != 224 || e.LabelMap.Height != 224 {
		t.Errorf("the label map is %d x %d and has %d pixels", e.LabelMap.Width, e.LabelMap.Height, pixels)
	}
	if strings.Contains(string(data), `"Method"`) {
		t.Error("a name in the JSON form begins with a capital")
	}
}

func TestExplainAsksForASecondOpinion(t *testing.T) {
	out := t.TempDir()
	file := filepath.Join(smears(t), "Pro", "synthetic-4.png")
	status, stdout, stderr := allnet("explain", "-model", "robust", "-out", out, "-class", "Pro", "-samples", "300", "-seed", "5", "-shapley", "40", file)
	if status != 0 {
		t.Fatalf("status %d: %s", status, stderr)
	}
	data, err := os.ReadFile(filepath.Join(out, "synthetic-4.json"))
	if err != nil {
		t.Fatal(err)
	}
	var e evidence.File
	if err := json.Unmarshal(data, &e); err != nil {
		t.Fatal(err)
	}
	if e.SecondOpinion == nil || len(e.SecondOpinion.Agreement) != 4 {
		t.Fatalf("got %s", data)
	}
	v := e.SecondOpinion.Shapley
	if v.Settings != e.Explanation.Settings.ShapleySettings(40) || v.Superpixels != e.Explanation.Superpixels || len(v.Classes) != 4 {
		t.Errorf("settings %+v, %d superpixels, %d classes", v.Settings, v.Superpixels, len(v.Classes))
	}
	verdict := "LIME and Shapley values agree:"
	if !e.SecondOpinion.Agreement[model.Pro].Agree {
		verdict = "LIME and Shapley values do not agree:"
	}
	r := e.Regions[0].Superpixel
	c := v.Classes[model.Pro]
	for _, want := range []string{verdict, "40 permutations", fmt.Sprintf("Shapley value %+.4f ± %.4f", c.Values[r], c.StandardErrors[r])} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the list lacks %q:\n%s", want, stdout)
		}
	}
}

func TestWrongCallsAreExplained(t *testing.T) {
	dir := smears(t)
	file := filepath.Join(dir, "Pro", "synthetic-4.png")
	assignments := splitOf(t, dir)
	split := writeSplit(t, assignments)
	for i := range assignments {
		assignments[i].Side = dataset.Train
	}
	allTrain := writeSplit(t, assignments)
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{nil, 2, "usage"},
		{[]string{"diagnose"}, 2, `unknown command "diagnose"`},
		{[]string{"classify"}, 2, "got 0 arguments"},
		{[]string{"classify", "-x", file}, 2, "-x"},
		{[]string{"explain", "-class", "Post", file}, 1, `unknown class "Post"`},
		{[]string{"explain", "-preset", "best", file}, 1, `unknown preset "best"`},
		{[]string{"explain", "-samples", "3", file}, 1, "3 samples"},
		{[]string{"explain", "-shapley", "25", file}, 1, "25 permutations"},
		{[]string{"explain", "missing.png"}, 1, "missing.png: The file could not be opened: there is no such file"},
		{[]string{"explain", "-seed", "4294967296", file}, 2, "from 0 to 4294967295"},
		{[]string{"explain", "-seed", "-1", file}, 2, "from 0 to 4294967295"},
		{[]string{"eval", "-split", "missing.tsv", smears(t)}, 1, "missing.tsv: The file could not be opened"},
		{[]string{"eval", "-side", "test", smears(t)}, 1, "expected -split"},
		{[]string{"eval", "-compact", smears(t)}, 1, "expected -json"},
		{[]string{"eval", "-side", "left", "-split", split, smears(t)}, 1, `-side is "left"`},
		{[]string{"eval", "-side", "test,", "-split", split, smears(t)}, 1, `-side is "test,"`},
		{[]string{"eval", "-split", allTrain, smears(t)}, 1, "puts no picture on the test side"},
		{[]string{"eval", "-side", "validation,test", "-split", allTrain, smears(t)}, 1, "puts no picture on the validation or test side"},
		{[]string{"presets", "-each", "0", smears(t)}, 1, "-each is 0"},
		{[]string{"eval", t.TempDir()}, 1, "no labelled pictures"},
		{[]string{"eval", "-model", file, smears(t)}, 1, "not a readable ONNX file"},
		{[]string{"prepare", "-test", "2", "a", "b"}, 1, "between 0 and 1"},
		{[]string{"prepare", "-test", "NaN", "a", "b"}, 1, "between 0 and 1"},
		{[]string{"prepare", "-validation", "1", "a", "b"}, 1, "-validation is 1"},
		{[]string{"prepare", "-split", split, "-validation", "0", "a", "b"}, 1, "-validation is for a new split"},
		{[]string{"prepare", "-split", split, "-test", "0.2", "a", "b"}, 1, "-test is for a new split"},
		{[]string{"prepare", "-split", split, "-seed", "1", "a", "b"}, 1, "-seed is for a new split"},
		{[]string{"prepare", "-split", split, "-groups", "g", "a", "b"}, 1, "-groups is for a new split"},
		{[]string{"protocols", "missing", "b"}, 1, "missing: The file could not be opened"},
		{[]string{"help", "diagnose"}, 2, `unknown command "diagnose"`},
	} {
		status, _, stderr := allnet(c.args...)
		if status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("allnet %v: status %d, %q; want %d and %q", c.args, status, stderr, c.status, c.want)
		}
	}
}
