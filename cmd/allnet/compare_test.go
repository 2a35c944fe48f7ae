package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/golden"
	comparison "allnet/lab/compare"
	"allnet/lab/compare/onnxruntime"
	"allnet/lab/dataset"
	"allnet/model/onnx"
)

// compareFolder writes a data set with a split that puts every class's first
// picture, a drawn one, on the judged side and another one on the training side.
func compareFolder(t *testing.T) (dir, split string) {
	t.Helper()
	dir = smears(t)
	listing, err := dataset.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	var rows []dataset.Assignment
	for i, item := range listing.Items {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(item.File)))
		if err != nil {
			t.Fatal(err)
		}
		twin := dataset.Item{File: item.Label.String() + "/twin.png", Label: item.Label}
		write(t, filepath.Join(dir, filepath.FromSlash(twin.File)), data)
		rows = append(rows, dataset.Assignment{Item: item, Group: 2 * i, Side: dataset.Test}, dataset.Assignment{Item: twin, Group: 2*i + 1, Side: dataset.Train})
	}
	split = filepath.Join(dir, "split.tsv")
	f, err := os.Create(split)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := dataset.WriteSplit(f, rows); err != nil {
		t.Fatal(err)
	}
	return dir, split
}

func TestCompare(t *testing.T) {
	dir, split := compareFolder(t)
	out := filepath.Join(t.TempDir(), "compare.json")
	status, stdout, stderr := allnet("compare", "-split", "drawn="+split, "-plain", "-json", out, dir, "ALL-Net@"+split+"=article", "unknown=article")
	if status != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{"drawn (1 split, test side)", "colour histogram", "scale-bar corner", "ALL-Net  ", "unknown * ", "787268", "461.6 M", "engine", "may have seen", "DenseNet201"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var f comparison.File
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	hash, err := fileHash(split)
	if err != nil {
		t.Fatal(err)
	}
	if f.Command != "allnet compare -plain -split drawn=split.tsv DIR ALL-Net@split.tsv=article unknown=article" || f.Columns[0].Splits[0] != hash || len(f.Rows) != 5 {
		t.Errorf("command %q, columns %v, %d rows", f.Command, f.Columns, len(f.Rows))
	}
	// What is judged are copies of what was learned, so the forests cannot err.
	for _, row := range f.Rows {
		if r := row.Results[0]; r.N != len(f.Rows)-1 && r.N != 4 || (row.Kind == comparison.OfForest && r.Correct != r.N) {
			t.Errorf("%s: %d of %d", row.Name, r.Correct, r.N)
		}
	}
}

// A network of another kind is run by ONNX Runtime, and where that is missing, it is
// said what to do; no other networks need it.
func TestCompareRunsNetworksOfOtherKinds(t *testing.T) {
	dir, split := compareFolder(t)
	file := filepath.Join(t.TempDir(), "other.onnx")
	write(t, file, golden.Encode(&onnx.Graph{
		Opset: 13,
		Nodes: []onnx.Node{
			{Op: "LpNormalization", Inputs: []string{"x"}, Outputs: []string{"n"}}, // which only an ONNX runtime knows
			{Op: "ReduceMean", Inputs: []string{"n"}, Outputs: []string{"m"}, Attributes: map[string]onnx.Attribute{"axes": {Ints: []int64{1, 2}}, "keepdims": {Int: 0}}},
			{Op: "MatMul", Inputs: []string{"m", "w"}, Outputs: []string{"y"}},
		},
		Initializers: map[string]onnx.Tensor{"w": {Dims: []int64{3, 4}, Data: make([]float32, 12)}},
		Inputs:       []onnx.Value{{Name: "x", Dims: []int64{-1, -1, -1, 3}}},
		Outputs:      []onnx.Value{{Name: "y", Dims: []int64{-1, 4}}},
	}))
	call := []string{"compare", "-split", split, "-plain", dir, "other=" + file}
	if _, err := onnxruntime.New(t.Context(), ".").Version(); err != nil {
		t.Log("left out: a network in ONNX Runtime, for", err)
	} else if status, stdout, stderr := allnet(call...); status != 0 || !strings.Contains(stdout, "onnxruntime-web") {
		t.Errorf("status %d, %q\n%s", status, stderr, stdout)
	}
	t.Setenv("PATH", t.TempDir())
	if status, _, stderr := allnet(call...); status != statusFailed || !strings.Contains(stderr, "no program node") {
		t.Errorf("without Node: status %d, %q", status, stderr)
	}
	if status, _, stderr := allnet("compare", "-split", split, "-plain", dir, "ours=robust"); status != 0 {
		t.Errorf("without Node: %q", stderr)
	}
}

func TestCompareRefuses(t *testing.T) {
	dir, split := compareFolder(t)
	for _, c := range []struct {
		want string
		args []string
	}{
		{"expected -split", []string{dir}},
		{"expected NAME=FILE or NAME@SPLIT=FILE", []string{"-split", split, dir, "article"}},
		{"expected NAME=FILE or NAME@SPLIT=FILE", []string{"-split", split, dir, "net@=article"}},
		{"expected validation or test", []string{"-split", split, "-side", "train", dir}},
		{"expected three numbers", []string{"-split", split, "-mean", "1,2", dir}},
		{"expected three numbers", []string{"-split", split, "-std", "1,0,1", dir}},
		{"expected four classes", []string{"-split", split, "-classes", "Pro,Pre", dir}},
		{"in the order of the outputs", []string{"-split", split, "-classes", "Pro,Pro,Pre,Early", dir}},
		{"not a readable ONNX file", []string{"-split", split, dir, "net=" + split}},
		{"no such file", []string{"-split", "none.tsv", dir}},
	} {
		if status, _, stderr := allnet(append([]string{"compare"}, c.args...)...); status == 0 || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %q; want %q", c.args, status, stderr, c.want)
		}
	}
}
