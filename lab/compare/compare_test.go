package compare

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/compare/onnxruntime"
	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/onnx"
)

// paint is the colour of each class: red, green, blue, dark.
var paint = [len(model.Classes)][3]int{{200, 60, 60}, {60, 200, 60}, {60, 60, 200}, {30, 30, 30}}

// colours writes a data set of n pictures a class, checked in the class's colour
// and a little lighter, and returns its folder and pictures.
func colours(t *testing.T, n int) (dir string, items []dataset.Item) {
	t.Helper()
	dir = t.TempDir()
	for class, c := range paint {
		for i := range n {
			img := image.NewRGBA(image.Rect(0, 0, 70, 70))
			for p := range 70 * 70 {
				d := i + 10*(p/(2+i)%2)
				img.Set(p%70, p/70, color.RGBA{uint8(c[0] + d), uint8(c[1] + d), uint8(c[2] + d), 255})
			}
			var data bytes.Buffer
			if err := png.Encode(&data, img); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(dir, model.Class(class).String(), fmt.Sprintf("%d.png", i))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	listing, err := dataset.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, listing.Items
}

// byColour is a network that answers the mean of red, green and blue, and 0.3.
func byColour() []byte {
	return golden.Encode(&onnx.Graph{
		Opset: 13,
		Nodes: []onnx.Node{
			{Op: "GlobalAveragePool", Inputs: []string{"x"}, Outputs: []string{"m"}},
			{Op: "Flatten", Inputs: []string{"m"}, Outputs: []string{"f"}},
			{Op: "Gemm", Inputs: []string{"f", "w", "b"}, Outputs: []string{"y"}},
		},
		Initializers: map[string]onnx.Tensor{
			"w": {Dims: []int64{3, 4}, Data: []float32{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}},
			"b": {Dims: []int64{4}, Data: []float32{0, 0, 0, 0.3}},
		},
		Inputs:  []onnx.Value{{Name: "x", Dims: []int64{1, 3, model.Side, model.Side}}},
		Outputs: []onnx.Value{{Name: "y", Dims: []int64{1, 4}}},
	})
}

// others runs the networks of all tests.
var others = onnxruntime.New(context.Background(), ".")

func TestMain(m *testing.M) {
	status := m.Run()
	others.Close()
	os.Exit(status)
}

// load reads byColour, and leaves the test out where nothing can run it.
func load(t *testing.T, name string, reading Reading) *Network {
	t.Helper()
	n, err := LoadNetwork(name, byColour(), reading, others)
	if errors.Is(err, onnxruntime.ErrNoNode) || errors.Is(err, onnxruntime.ErrNoPackage) {
		t.Skip("left out: a network in ONNX Runtime, for", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// halves are two splits of the pictures: each judges by what the other learns from.
func halves(items []dataset.Item) (a, b Split) {
	var even, odd []dataset.Item
	for i, item := range items {
		if i%2 == 0 {
			even = append(even, item)
		} else {
			odd = append(odd, item)
		}
	}
	return Split{"a", "split a", even, odd}, Split{"b", "split b", odd, even}
}

func result(t *testing.T, f *File, row, column, shift string) Result {
	t.Helper()
	for _, r := range f.Rows {
		for _, c := range r.Results {
			if r.Name == row && c.Column == column && c.Shift == shift {
				return c
			}
		}
	}
	t.Fatalf("no result of %s in %s, %s", row, column, shift)
	return Result{}
}

func TestRunCountsByColumnAndShift(t *testing.T) {
	dir, items := colours(t, 6)
	a, b := halves(items)
	dim := Shift{"dim", func(file string, rgb []uint8) ([]uint8, error) {
		out := make([]uint8, len(rgb))
		for i, v := range rgb {
			out[i] = v / 10 // every colour now is darker than 0.3
		}
		return out, nil
	}}
	here, anywhere := load(t, "here", Reading{}), load(t, "anywhere", Reading{})
	here.TrainedOn = a.SHA256
	f, err := Run(context.Background(), dir, Options{Splits: []Split{a, b}, Networks: []*Network{here, anywhere}, Shifts: []Shift{dim}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		row, column, shift string
		correct            int
		known              bool
	}{
		{"here", "a", Unshifted, 12, true}, {"here", "a", "dim", 3, true},
		{"anywhere", "a", Unshifted, 12, false}, {"anywhere", "b", Unshifted, 12, false}, {"anywhere", "b", "dim", 3, false},
		{"colour histogram", "a", Unshifted, 12, true}, {"colour histogram", "b", Unshifted, 12, true}, {"background colour", "b", Unshifted, 12, true},
		{"scale-bar corner", "a", Unshifted, 12, true},
	} {
		r := result(t, f, c.row, c.column, c.shift)
		if r.N != 12 || r.Correct != c.correct || r.TrainingKnown != c.known {
			t.Errorf("%s, %s, %s: %d of %d, known %t; want %d of 12, %t", c.row, c.column, c.shift, r.Correct, r.N, r.TrainingKnown, c.correct, c.known)
		}
	}
	for _, row := range f.Rows {
		for _, r := range row.Results {
			if row.Name == "here" && r.Column == "b" {
				t.Error("a network was judged by a split that it was not trained on")
			}
		}
	}
	if here := f.Rows[0]; here.Parameters != 16 || here.MultiplyAdds != 12 || here.RunBy != "onnxruntime-web 1.30.0" || here.Models[0] != load(t, "", Reading{}).SHA256 {
		t.Errorf("row %+v; want 16 parameters and 12 multiply-adds", here)
	}
}

// Two splits of one column, and the files of one network that were trained on
// them, are counted together.
func TestRunJoinsSplitsOfOneColumn(t *testing.T) {
	dir, items := colours(t, 4)
	a, b := halves(items)
	a.Column, b.Column = "folds", "folds"
	first, second := load(t, "net", Reading{}), load(t, "net", Reading{Classes: []model.Class{3, 2, 1, 0}})
	first.TrainedOn, second.TrainedOn = a.SHA256, b.SHA256
	f, err := Run(context.Background(), dir, Options{Splits: []Split{a, b}, Networks: []*Network{first, second}})
	if err != nil {
		t.Fatal(err)
	}
	// The second file's answers are in another order, so all of them are wrong.
	if r := result(t, f, "net", "folds", Unshifted); r.N != 16 || r.Correct != 8 || !r.TrainingKnown {
		t.Errorf("%+v; want 8 of 16", r)
	}
	if len(f.Columns) != 1 || len(f.Columns[0].Splits) != 2 || len(f.Rows[0].Models) != 2 {
		t.Errorf("columns %+v, models %v", f.Columns, f.Rows[0].Models)
	}
}

func TestRunRefuses(t *testing.T) {
	dir, items := colours(t, 2)
	a, b := halves(items)
	twice := b
	twice.Column, twice.Judged = a.Column, a.Judged
	net, elsewhere := &Network{Name: "net"}, &Network{Name: "net", TrainedOn: "another"}
	gone := a
	gone.Judged = append([]dataset.Item{{File: "Pro/none.png", Label: model.Pro}}, gone.Judged...)
	empty := a
	empty.Train = nil
	for _, c := range []struct {
		want string
		o    Options
	}{
		{"no split", Options{}},
		{"counted twice", Options{Splits: []Split{a, twice}}},
		{"not among those", Options{Splits: []Split{a}, Networks: []*Network{elsewhere}}},
		{"two networks called net", Options{Splits: []Split{a}, Networks: []*Network{net, {Name: "net"}}}},
		{"expected another name", Options{Splits: []Split{a}, Networks: []*Network{{Name: "colour histogram"}}}},
		{"Pro/none.png", Options{Splits: []Split{gone}}},
		{"0 pictures to learn from", Options{Splits: []Split{empty}}},
	} {
		if _, err := Run(context.Background(), dir, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, dir, Options{Splits: []Split{a}}); err != context.Canceled {
		t.Errorf("cancelled: got error %v", err)
	}
}

// What a network reads: its channels' order, its normalisation, its classes.
func TestReading(t *testing.T) {
	tensor := make([]float32, model.Side*model.Side*3)
	for i := range tensor {
		tensor[i] = []float32{0.9, 0.5, 0.1}[i%3] // reddish
	}
	for _, c := range []struct {
		name    string
		reading Reading
		want    model.Class
	}{
		{"RGB", Reading{}, 0},
		{"BGR", Reading{BGR: true}, 2},
		{"mean", Reading{Mean: [3]float32{0.8, 0, 0}}, 1},
		{"mean, blue first", Reading{BGR: true, Mean: [3]float32{0, 0, 0.8}}, 1},
		{"std", Reading{Std: [3]float32{10, 10, 0.1}}, 2},
		{"classes", Reading{Classes: []model.Class{3, 0, 1, 2}}, 3},
	} {
		if got, err := load(t, "net", c.reading).classify(&sight{tensor: tensor}); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v; want %v", c.name, got, err, c.want)
		}
	}
}

// ALL-Net's kind runs on the project's engine, for which no runtime is needed; other
// readings do not change it.
func TestALLNetRunsOnTheEngine(t *testing.T) {
	file := golden.Encode(golden.Graph(golden.Weights(8, 8, 8)))
	tensor := make([]float32, model.Side*model.Side*3)
	for i := range tensor {
		tensor[i] = float32(i%7) / 7
	}
	m, err := model.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var logits [len(model.Classes)]float32
	if err := m.Network().NewSession().Logits(tensor, logits[:]); err != nil {
		t.Fatal(err)
	}
	want := model.Class(0)
	for class, v := range logits {
		if v > logits[want] {
			want = model.Class(class)
		}
	}
	n, err := LoadNetwork("net", file, Reading{Mean: [3]float32{100, -100, 100}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := n.classify(&sight{tensor: tensor})
	if err != nil || got != want || n.runBy != byEngine || n.parameters != int64(m.Network().Parameters()) {
		t.Errorf("%v by %s, %d parameters, %v; want %v by the engine, %d", got, n.runBy, n.parameters, err, want, m.Network().Parameters())
	}
}

// What answers another number of classes is no rival, whatever else it can do.
func TestNetworksOfOtherNumbersOfClassesAreRefused(t *testing.T) {
	load(t, "net", Reading{}) // leaves out
	g := &onnx.Graph{
		Opset:   13,
		Nodes:   []onnx.Node{{Op: "GlobalAveragePool", Inputs: []string{"x"}, Outputs: []string{"m"}}, {Op: "Flatten", Inputs: []string{"m"}, Outputs: []string{"y"}}},
		Inputs:  []onnx.Value{{Name: "x", Dims: []int64{1, 3, model.Side, model.Side}}},
		Outputs: []onnx.Value{{Name: "y", Dims: []int64{1, 3}}},
	}
	if _, err := LoadNetwork("net", golden.Encode(g), Reading{}, others); err == nil || !strings.Contains(err.Error(), "the network tells 3 classes apart; expected 4") {
		t.Errorf("got error %v", err)
	}
}
