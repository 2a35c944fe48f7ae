package onnxrun

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model"
	"allnet/model/onnx"
)

// reference is what testdata/operators.py writes: networks with the numbers that
// PyTorch computes for the picture "noise".
type reference struct {
	MadeWith string `json:"made_with"`
	Networks []struct {
		Name   string
		ONNX   []byte
		Answer []float64
	}
}

func readReference(t *testing.T, name string) reference {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Networks) == 0 {
		t.Fatalf("%s holds no network", name)
	}
	return r
}

// picture returns a picture of internal/golden as a network reads it.
func picture(name string) []float32 {
	for _, p := range golden.Pictures() {
		if p.Name == name {
			x := make([]float32, len(p.RGB))
			for i, v := range p.RGB {
				x[i] = model.Levels[v]
			}
			return x
		}
	}
	panic("no picture " + name)
}

// answer runs a network twice in one session, so that memory that is left over
// from the first time would show, and returns the second answer.
func answer(t *testing.T, net *Network, x []float32) []float32 {
	t.Helper()
	session := net.NewSession()
	out := make([]float32, net.Classes)
	for range 2 {
		clear(out)
		if err := session.Run(x, out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (r reference) check(t *testing.T) (operators map[string]bool) {
	t.Helper()
	operators = make(map[string]bool)
	x := picture("noise")
	for _, c := range r.Networks {
		net, err := Load(c.ONNX)
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		got := answer(t, net, x)
		if len(got) != len(c.Answer) {
			t.Errorf("%s: %d numbers; PyTorch has %d", c.Name, len(got), len(c.Answer))
			continue
		}
		for i, want := range c.Answer {
			if d := math.Abs(float64(got[i]) - want); !(d <= 2e-5*max(1, math.Abs(want))) {
				t.Errorf("%s: number %d is %v; %s has %v", c.Name, i, got[i], r.MadeWith, want)
				break
			}
		}
		g, err := onnx.Parse(c.ONNX)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range g.Nodes {
			operators[n.Op] = true
		}
	}
	return operators
}

// Every operator that is known is in a network that PyTorch made, or in
// TestOperatorsThatPyTorchDoesNotWrite.
func TestOperatorsAgreeWithPyTorch(t *testing.T) {
	tested := readReference(t, "testdata/operators.json").check(t)
	for op := range operators {
		if !tested[op] && !slices.Contains([]string{"GlobalMaxPool", "Identity", "Dropout"}, op) {
			t.Errorf("no network of testdata/operators.json holds the operator %s", op)
		}
	}
}

// Where PyTorch is installed, its answers of today are compared too, and those of
// the networks that are trained beside ALL-Net.
func TestAgreesWithPyTorchThatIsInstalled(t *testing.T) {
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import torch, sys; sys.exit(int(torch.__version__.split('.')[0]) > 1)").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Log("left out: the comparison with an installed PyTorch, because python3 has no PyTorch 1 (its releases from 2.0 on export otherwise)")
		return
	}
	for _, options := range [][]string{nil, {"--rivals"}} {
		out := filepath.Join(t.TempDir(), "now.json")
		if log, err := exec.Command(python, append([]string{"testdata/operators.py", out}, options...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", options, err, log)
		}
		now := readReference(t, out)
		now.check(t)
		if options == nil && len(now.Networks) != len(readReference(t, "testdata/operators.json").Networks) {
			t.Error("testdata/operators.json is not what testdata/operators.py writes now")
		}
	}
}

// ALL-Net's own file gives what PyTorch gave for it, and the counts are those of
// the article's code (FACTS.md: 787,268 parameters, 462 million multiply-adds).
func TestALLNet(t *testing.T) {
	file, err := os.ReadFile("../../../model/article.onnx")
	if err != nil {
		t.Fatal(err)
	}
	net, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if net.Parameters != 787268 || (net.MultiplyAdds+5e5)/1e6 != 462 || net.Classes != 4 || net.Probabilities {
		t.Errorf("%d parameters, %d multiply-adds, %d classes, probabilities %t", net.Parameters, net.MultiplyAdds, net.Classes, net.Probabilities)
	}
	own, err := model.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	x := picture("many cells")
	got, want := answer(t, net, x), make([]float32, 4)
	if err := own.Network().NewSession().Logits(x, want); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if d := math.Abs(float64(got[i] - want[i])); !(d < 1e-4) {
			t.Errorf("logit %d is %v, the engine's %v", i, got[i], want[i])
		}
	}
}

// graph is a network of the given nodes between "x" and "y".
func graph(opset int64, input []int64, constants map[string]onnx.Tensor, nodes ...onnx.Node) *onnx.Graph {
	return &onnx.Graph{Opset: opset, Nodes: nodes, Initializers: constants,
		Inputs: []onnx.Value{{Name: "x", Dims: input}}, Outputs: []onnx.Value{{Name: "y", Dims: []int64{-1, 4}}}}
}

func op(name, in, out string, attributes map[string]onnx.Attribute) onnx.Node {
	return onnx.Node{Op: name, Inputs: strings.Fields(in), Outputs: []string{out}, Attributes: attributes}
}

var planes = []int64{-1, 3, -1, -1}

// A network that reads [N][224][224][3], as other exporters write them, sees the
// same picture.
func TestChannelsLast(t *testing.T) {
	head := []onnx.Node{op("GlobalAveragePool", "p", "m", nil), op("Flatten", "m", "y", nil)}
	first, err := compile(graph(13, planes, nil, append([]onnx.Node{op("Identity", "x", "p", nil)}, head...)...))
	if err != nil {
		t.Fatal(err)
	}
	turn := op("Transpose", "x", "p", map[string]onnx.Attribute{"perm": {Ints: []int64{0, 3, 1, 2}}})
	last, err := compile(graph(13, []int64{-1, Side, Side, 3}, nil, append([]onnx.Node{turn}, head...)...))
	if err != nil {
		t.Fatal(err)
	}
	x := make([]float32, Side*Side*3)
	for i := range x {
		x[i] = float32(i%3) + 1 // red 1, green 2, blue 3 everywhere
	}
	for name, net := range map[string]*Network{"planes": first, "channels last": last} {
		if got := answer(t, net, x); got[0] != 1 || got[1] != 2 || got[2] != 3 {
			t.Errorf("%s: means %v, want 1 2 3", name, got)
		}
	}
}

func TestOperatorsThatPyTorchDoesNotWrite(t *testing.T) {
	x := make([]float32, Side*Side*3)
	for i := range x {
		x[i] = float32(i/3%Side) * float32(i%3+1) // from 0 at the left to 223, 446 and 669 at the right
	}
	net, err := compile(graph(13, planes, nil, op("Dropout", "x", "d", nil), op("Identity", "d", "i", nil), op("GlobalMaxPool", "i", "y", nil)))
	if err != nil {
		t.Fatal(err)
	}
	if got := answer(t, net, x); !slices.Equal(got, []float32{223, 446, 669}) {
		t.Errorf("largest %v, want 223, 446, 669", got)
	}
	// Of nine ones at the corner, five lie in the border.
	for i := range x {
		x[i] = 1
	}
	for counted, want := range map[int64]float32{0: 1, 1: 4. / 9} {
		pool := map[string]onnx.Attribute{"kernel_shape": {Ints: []int64{3, 3}}, "strides": {Ints: []int64{223, 223}}, "pads": {Ints: []int64{1, 1, 1, 1}}, "count_include_pad": {Int: counted}}
		net, err := compile(graph(13, planes, nil, op("AveragePool", "x", "p", pool), op("Flatten", "p", "y", nil)))
		if err != nil {
			t.Fatal(err)
		}
		if got := answer(t, net, x); got[0] != want || len(got) != 12 {
			t.Errorf("padding counted %d: %v, want %v at each of 3 x 4 corners", counted, got, want)
		}
	}
}

// Automatic padding is that of the operator's documentation: the output is as wide
// as the input divided by the stride, and an odd border is wider at the end
// (SAME_UPPER) or at the beginning (SAME_LOWER).
func TestAutomaticPadding(t *testing.T) {
	// The input is 224 ones; a kernel of two ones gives 2, but 1 where it reaches
	// into the border.
	for _, c := range []struct {
		mode string
		side int
		want float64 // mean of the result
	}{{"SAME_UPPER", 224, (223*223*4 + 2*223*2 + 1) / (224. * 224)}, {"SAME_LOWER", 224, (223*223*4 + 2*223*2 + 1) / (224. * 224)}, {"VALID", 223, 4}} {
		pads := map[string]onnx.Attribute{"auto_pad": {Text: c.mode}}
		net, err := compile(graph(13, planes, map[string]onnx.Tensor{"w": {Dims: []int64{1, 3, 2, 2}, Data: []float32{1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0}}},
			op("Conv", "x w", "c", pads), op("GlobalAveragePool", "c", "y", nil)))
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float32, Side*Side*3)
		for i := range x {
			x[i] = 1
		}
		if got := float64(answer(t, net, x)[0]); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%s: mean %v, want %v", c.mode, got, c.want)
		}
		if dims := net.steps[0].out.dims; dims[2] != c.side {
			t.Errorf("%s: %v", c.mode, dims)
		}
		var w window
		n := node{Node: &onnx.Node{Attributes: pads}, known: make(map[string]bool)}
		if w, err = n.window([]int{1, 1, 9, 9}, []int{4, 4}, false); err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{"SAME_UPPER": 1, "SAME_LOWER": 2, "VALID": 0}[c.mode]; w[0].before != want {
			t.Errorf("%s: a border of %d before, want %d", c.mode, w[0].before, want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	ends := op("GlobalAveragePool", "c", "y", nil)
	weights := map[string]onnx.Tensor{"w": {Dims: []int64{4, 3, 1, 1}, Data: make([]float32, 12)}}
	for _, c := range []struct {
		name, want string
		graph      *onnx.Graph
	}{
		{"an operator", `operator LSTM ("")`, graph(13, planes, nil, op("LSTM", "x", "y", nil))},
		{"an operator of another maker", "not among the operators", graph(13, planes, nil, onnx.Node{Op: "Relu", Domain: "com.other", Inputs: []string{"x"}, Outputs: []string{"y"}})},
		{"an attribute", "attribute activation", graph(13, planes, weights, op("Conv", "x w", "c", map[string]onnx.Attribute{"activation": {}}), ends)},
		{"a value from nowhere", `reads "z"`, graph(13, planes, nil, op("Relu", "z", "y", nil))},
		{"an output from nowhere", `nothing computes its output "y"`, graph(13, planes, nil, op("Relu", "x", "z", nil))},
		{"pictures of another size", "[1 3 299 299]", graph(13, []int64{1, 3, 299, 299}, nil, op("GlobalAveragePool", "x", "y", nil))},
		{"a batch", "[8 3 224 224]", graph(13, []int64{8, 3, 224, 224}, nil, op("GlobalAveragePool", "x", "y", nil))},
		{"a map as the answer", "one row of numbers", graph(13, planes, nil, op("Relu", "x", "y", nil))},
		{"a constant as the answer", "one row of numbers", graph(13, planes, map[string]onnx.Tensor{"w": {Dims: []int64{1, 4}, Data: make([]float32, 4)}}, op("Relu", "w", "y", nil))},
		{"channels that do not fit", "given 3 channels", graph(13, planes, map[string]onnx.Tensor{"w": {Dims: []int64{4, 2, 1, 1}, Data: make([]float32, 8)}}, op("Conv", "x w", "c", nil), ends)},
		{"a kernel wider than the picture", "reaches over", graph(13, planes, map[string]onnx.Tensor{"w": {Dims: []int64{1, 3, 1, 300}, Data: make([]float32, 900)}}, op("Conv", "x w", "c", nil), ends)},
		{"a kernel that is not constant", "no constant", graph(13, planes, nil, op("Conv", "x x", "c", nil), ends)},
		{"a giant border", "expected positive numbers up to", graph(13, planes, weights, op("Conv", "x w", "c", map[string]onnx.Attribute{"pads": {Ints: []int64{1 << 40, 0, 0, 0}}}), ends)},
		{"a giant shape", "expected as many numbers", graph(13, planes, map[string]onnx.Tensor{"s": {Dims: []int64{2}, Ints: []int64{1 << 40, 1 << 40}}}, op("Reshape", "x s", "y", nil))},
		{"an operator set", "operator set 6", graph(6, planes, nil, op("Relu", "x", "y", nil))},
		{"two inputs", "expected one picture", &onnx.Graph{Opset: 13, Inputs: make([]onnx.Value, 2), Outputs: make([]onnx.Value, 1)}},
		{"training", "training mode", graph(13, planes, nil, op("BatchNormalization", "x x x x x", "y", map[string]onnx.Attribute{"training_mode": {Int: 1}}))},
	} {
		if _, err := compile(c.graph); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
	if _, err := Load([]byte("no network")); err == nil {
		t.Error("a text was taken for a network")
	}
}

// What ends in a softmax answers probabilities.
func TestSoftmaxAtTheEndGivesProbabilities(t *testing.T) {
	g := graph(13, planes, nil, op("GlobalAveragePool", "x", "m", nil), op("Flatten", "m", "f", nil), op("Softmax", "f", "p", nil), op("Identity", "p", "y", nil))
	net, err := compile(g)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, p := range answer(t, net, picture("checks")) {
		sum += float64(p)
	}
	if !net.Probabilities || math.Abs(sum-1) > 1e-6 {
		t.Errorf("probabilities %t, sum %v", net.Probabilities, sum)
	}
}

func TestRunRefusesWhatDoesNotFit(t *testing.T) {
	net, err := compile(graph(13, planes, nil, op("GlobalAveragePool", "x", "y", nil)))
	if err != nil {
		t.Fatal(err)
	}
	session := net.NewSession()
	if err := errors.Join(session.Run(make([]float32, 3), make([]float32, 3))); err == nil {
		t.Error("a picture of one pixel was taken")
	}
	if err := session.Run(make([]float32, Side*Side*3), make([]float32, 4)); err == nil {
		t.Error("room for four numbers was taken for three")
	}
}

// Damaged files are refused or run; nothing panics.
func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile("testdata/operators.json")
	if err != nil {
		f.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(data, &r); err != nil {
		f.Fatal(err)
	}
	for _, c := range r.Networks {
		f.Add(c.ONNX)
	}
	x := picture("noise")
	f.Fuzz(func(t *testing.T, file []byte) {
		net, err := Load(file)
		if err != nil {
			return
		}
		if err := net.NewSession().Run(x, make([]float32, net.Classes)); err != nil {
			t.Error(err)
		}
	})
}
