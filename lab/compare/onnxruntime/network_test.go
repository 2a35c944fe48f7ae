package onnxruntime

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"allnet/internal/golden"
	"allnet/model"
	"allnet/model/onnx"
)

// open returns a runtime that ends with the test, and leaves the test out where
// there is none.
func open(t *testing.T) *Runtime {
	t.Helper()
	r := New(t.Context(), ".")
	if _, err := r.Version(); errors.Is(err, ErrNoNode) || errors.Is(err, ErrNoPackage) {
		t.Skip("left out: networks in ONNX Runtime, for", err)
	}
	t.Cleanup(r.Close)
	return r
}

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

// answer runs a network twice, so that what is left over from the first time would
// show, and returns the second answer.
func answer(t *testing.T, net *Network, x []float32) []float32 {
	t.Helper()
	out := make([]float32, net.Classes)
	for range 2 {
		clear(out)
		if err := net.Run(x, out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func (ref reference) check(t *testing.T, r *Runtime) {
	t.Helper()
	x := picture("noise")
	for _, c := range ref.Networks {
		net, err := r.Load(c.ONNX)
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
				t.Errorf("%s: number %d is %v; %s has %v", c.Name, i, got[i], ref.MadeWith, want)
				break
			}
		}
	}
}

// ONNX Runtime, as it is asked here, computes what PyTorch does: the picture comes
// to it in the right order, and all of the answer comes back.
func TestNetworksGivePyTorchsNumbers(t *testing.T) {
	readReference(t, "testdata/operators.json").check(t, open(t))
}

// Where PyTorch is installed, its answers of today are compared too, and those of
// the networks that are trained beside ALL-Net.
func TestNetworksGiveTheNumbersOfThePyTorchThatIsInstalled(t *testing.T) {
	r := open(t)
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
		now.check(t, r)
		if options == nil && len(now.Networks) != len(readReference(t, "testdata/operators.json").Networks) {
			t.Error("testdata/operators.json is not what testdata/operators.py writes now")
		}
	}
}

// Both programs read the shipped files alike, to the count of their parameters.
func TestShippedNetworksAnswerAsInTheEngine(t *testing.T) {
	r := open(t)
	for _, b := range model.Shipped() {
		net, err := r.Load(b.Weights())
		if err != nil {
			t.Fatal(err)
		}
		own, err := model.Load(b.Weights())
		if err != nil {
			t.Fatal(err)
		}
		engine := own.Network()
		if net.Parameters != int64(engine.Parameters()) || net.MultiplyAdds != engine.MultiplyAdds() || net.Classes != len(model.Classes) {
			t.Errorf("%s: %d parameters, %d multiply-adds, %d classes; the engine has %d, %d, %d", b.Name, net.Parameters, net.MultiplyAdds, net.Classes, engine.Parameters(), engine.MultiplyAdds(), len(model.Classes))
		}
		session, want := engine.NewSession(), make([]float32, len(model.Classes))
		for _, p := range golden.Pictures() {
			x := picture(p.Name)
			if err := session.Logits(x, want); err != nil {
				t.Fatal(err)
			}
			got := answer(t, net, x)
			largest := 1.0
			for _, v := range want {
				largest = max(largest, math.Abs(float64(v)))
			}
			for i := range got {
				if d := math.Abs(float64(got[i]-want[i])) / largest; !(d <= 1e-5) {
					t.Errorf("%s, %s: logit %d is %v, the engine's %v", b.Name, p.Name, i, got[i], want[i])
				}
			}
		}
	}
}

var (
	planes   = []int64{1, 3, Side, Side}
	channels = []int64{1, Side, Side, 3}
)

// graph is a network of the given nodes between "x" and "y".
func graph(input []int64, constants map[string]onnx.Tensor, nodes ...onnx.Node) *onnx.Graph {
	return &onnx.Graph{Opset: 13, Nodes: nodes, Initializers: constants,
		Inputs: []onnx.Value{{Name: "x", Dims: input}}, Outputs: []onnx.Value{{Name: "y", Dims: []int64{-1, -1}}}}
}

func op(name, inputs, output string, attributes map[string]onnx.Attribute) onnx.Node {
	return onnx.Node{Op: name, Inputs: strings.Fields(inputs), Outputs: []string{output}, Attributes: attributes}
}

func axes(list ...int64) map[string]onnx.Attribute {
	return map[string]onnx.Attribute{"axes": {Ints: list}, "keepdims": {Int: 0}}
}

// means is a network that answers the means of the three channels.
func means() []byte {
	return golden.Encode(graph(planes, nil, op("ReduceMean", "x", "y", axes(2, 3))))
}

func TestChannelsAreReadInTheOrderThatTheFileDeclares(t *testing.T) {
	r := open(t)
	x := make([]float32, Side*Side*3)
	for i := range x {
		x[i] = []float32{0.25, 0.5, 0.75}[i%3]
	}
	x[3*(Side-1)+1] = 2 // green, the top right corner
	for _, c := range []struct {
		name  string
		input []int64
		mean  []int64
	}{
		{"channels first", planes, []int64{2, 3}},
		{"channels first, sizes open", []int64{-1, 3, -1, -1}, []int64{2, 3}},
		{"channels last", channels, []int64{1, 2}},
		{"channels last, sizes open", []int64{-1, -1, -1, 3}, []int64{1, 2}},
		{"channels last, batch open", []int64{-1, Side, Side, 3}, []int64{1, 2}},
	} {
		net, err := r.Load(golden.Encode(graph(c.input, nil, op("ReduceMax", "x", "y", axes(c.mean...)))))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := answer(t, net, x); !slices.Equal(got, []float32{0.25, 2, 0.75}) {
			t.Errorf("%s: %v; want 0.25, 2, 0.75", c.name, got)
		}
	}
}

// An operator that no list of ours would hold runs, and what is not counted is left
// open instead of being counted wrongly.
func TestSizeIsOfWhatIsLearned(t *testing.T) {
	r := open(t)
	numbers := func(dims ...int64) onnx.Tensor {
		n := int64(1)
		for _, d := range dims {
			n *= d
		}
		return onnx.Tensor{Dims: dims, Data: slices.Repeat([]float32{0.5}, int(n))}
	}
	constants := map[string]onnx.Tensor{
		"w": numbers(4, 3, 2, 2), "b": numbers(4), "gain": numbers(4), "shift": numbers(4), "mean": numbers(4), "variance": numbers(4),
		"scale": numbers(), "m": numbers(4, 5), "three": numbers(3, 4, 1, 1), "k": numbers(3),
	}
	stride := map[string]onnx.Attribute{"strides": {Ints: []int64{2, 2}}}
	for _, c := range []struct {
		name                     string
		parameters, multiplyAdds int64
		nodes                    []onnx.Node
	}{
		{"all that is counted", 48 + 4 + 4 + 4 + 20, 112*112*48 + 20, []onnx.Node{
			op("Conv", "x w b", "c", stride), op("BatchNormalization", "c gain shift mean variance", "n", nil),
			op("Mul", "n scale", "s", nil), op("ReduceMean", "s", "f", axes(2, 3)), op("MatMul", "f m", "y", nil)}},
		{"a constant that is used twice", 48 + 4, 2 * 112 * 112 * 48, []onnx.Node{
			op("Conv", "x w b", "c", stride), op("Conv", "x w b", "d", stride), op("Sub", "c d", "e", nil), op("ReduceMean", "e", "y", axes(2, 3))}},
		{"a matrix product of two results", 0, 3 * Side * Side * Side, []onnx.Node{
			op("MatMul", "x x", "p", nil), op("ReduceMean", "p", "y", axes(2, 3))}},
		{"an operator whose multiply-adds are not counted", 12, 0, []onnx.Node{
			op("ConvTranspose", "x three", "c", nil), op("ReduceMean", "c", "y", axes(2, 3))}},
		{"an operator of signal processing", 0, 0, []onnx.Node{
			op("LpNormalization", "x", "n", nil), op("HardSwish", "n", "h", nil), op("ReduceLogSumExp", "h", "y", axes(2, 3))}},
	} {
		g := graph(planes, constants, c.nodes...)
		g.Opset = 14
		net, err := r.Load(golden.Encode(g))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if net.Parameters != c.parameters || net.MultiplyAdds != c.multiplyAdds {
			t.Errorf("%s: %d parameters, %d multiply-adds; want %d, %d", c.name, net.Parameters, net.MultiplyAdds, c.parameters, c.multiplyAdds)
		}
	}
}

// undeclared is a file that does not say what its output "y" holds.
func undeclared(nodes ...onnx.Node) []byte {
	g := graph(planes, nil, nodes...)
	g.Outputs = nil
	return withOutputs(golden.Encode(g), []string{"y"})
}

// withWeightsElsewhere is a file whose weights are in another one, as PyTorch's
// exporter writes it by itself. The second graph is a part of the first, as in any
// protobuf message.
func withWeightsElsewhere() []byte {
	bytes := func(message []byte, number protowire.Number, content []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), content)
	}
	var tensor []byte
	for _, field := range [][2]uint64{{1, 3}, {1, 4}, {2, 1}, {14, 1}} { // 3 x 4 of float32, external
		tensor = protowire.AppendVarint(protowire.AppendTag(tensor, protowire.Number(field[0]), protowire.VarintType), field[1])
	}
	tensor = bytes(bytes(tensor, 8, []byte("w")), 13, bytes(bytes(nil, 1, []byte("location")), 2, []byte("net.onnx.data")))
	g := graph(planes, nil, op("ReduceMean", "x", "m", axes(2, 3)), op("MatMul", "m w", "y", nil))
	return bytes(golden.Encode(g), graphField, bytes(nil, 5, tensor))
}

func TestWhatIsNoClassifierIsRefusedBySentences(t *testing.T) {
	r := open(t)
	mean := op("ReduceMean", "x", "y", axes(2, 3))
	twice := graph(planes, nil, mean, op("ReduceMax", "x", "z", axes(2, 3)))
	twice.Outputs = append(twice.Outputs, onnx.Value{Name: "z", Dims: []int64{1, 3}})
	two := graph(planes, nil, op("Add", "x x2", "s", nil), op("ReduceMean", "s", "y", axes(2, 3)))
	two.Inputs = append(two.Inputs, onnx.Value{Name: "x2", Dims: planes})
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"a text", "not a readable ONNX file", []byte("no network")},
		{"nothing", "not a readable ONNX file: it holds no graph", nil},
		{"half a file", "not a readable ONNX file", golden.Encode(graph(planes, nil, mean))[:60]},
		{"a file whose graph is damaged", "ONNX Runtime cannot read the network: ", append([]byte{7<<3 | 2, 4}, "oooo"...)},
		{"an operator that nobody knows", "ONNX Runtime cannot read the network: ", golden.Encode(graph(planes, nil, op("Guess", "x", "y", nil)))},
		{"shapes that do not fit", "ONNX Runtime cannot r", golden.Encode(graph(planes, map[string]onnx.Tensor{"w": {Dims: []int64{4, 2, 1, 1}, Data: make([]float32, 8)}}, op("Conv", "x w", "c", nil), op("ReduceMean", "c", "y", axes(2, 3))))},
		{"weights elsewhere", "the network's weights are in another file beside it; expected one file", withWeightsElsewhere()},
		{"pictures of another size", "its input has shape [1 3 299 299]; expected [1 3 224 224]", golden.Encode(graph([]int64{1, 3, 299, 299}, nil, mean))},
		{"a batch", "[8 3 224 224]", golden.Encode(graph([]int64{8, 3, 224, 224}, nil, mean))},
		{"channels left open", "its input has shape [? ? ? ?]", golden.Encode(graph([]int64{-1, -1, -1, -1}, nil, mean))},
		{"a row of numbers", "its input has shape [1 3]", golden.Encode(graph([]int64{1, 3}, nil, op("Relu", "x", "y", nil)))},
		{"a map as the answer", "its output has shape [1 3 224 224]; expected one row of numbers", undeclared(op("Relu", "x", "y", nil))},
		{"the number of a class as the answer", "its output holds int64; expected float32", undeclared(op("ReduceMean", "x", "m", axes(2, 3)), op("ArgMax", "m", "y", nil))},
		{"two outputs", "it has 2 outputs (y, z); expected one", golden.Encode(twice)},
		{"two inputs", "it has 2 inputs (x, x2); expected one picture", golden.Encode(two)},
	} {
		if _, err := r.Load(c.file); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line with %q", c.name, err, c.want)
		}
	}
	// None of them keeps the next one from being read.
	if _, err := r.Load(golden.Encode(graph(planes, nil, mean))); err != nil {
		t.Error(err)
	}
}

func TestRunRefusesWhatDoesNotFit(t *testing.T) {
	net, err := open(t).Load(means())
	if err != nil {
		t.Fatal(err)
	}
	if err := net.Run(make([]float32, 3), make([]float32, 3)); err == nil {
		t.Error("a picture of one pixel was taken")
	}
	if err := net.Run(make([]float32, Side*Side*3), make([]float32, 4)); err == nil {
		t.Error("room for four numbers was taken for three")
	}
}

func TestWithoutNodeTheErrorSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := New(t.Context(), ".").Load(means()); !errors.Is(err, ErrNoNode) || !strings.Contains(err.Error(), "install Node") {
		t.Errorf("got %v", err)
	}
}

func TestWithoutThePackageTheErrorSaysHowToInstallIt(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("left out: node is not installed, so its package was not looked for")
	}
	if _, err := New(t.Context(), t.TempDir()).Load(means()); !errors.Is(err, ErrNoPackage) || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("got %v", err)
	}
}

// A package that is there by name alone, as after an installation that was broken
// off, is found out when it is started.
func TestABrokenPackageIsReported(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "node_modules", "onnxruntime-web")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"name": "onnxruntime-web", "version": "0.0.0", "exports": "./index.js"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	r := New(t.Context(), dir)
	defer r.Close()
	_, err := r.Load(means())
	if errors.Is(err, ErrNoNode) {
		t.Skip("left out: a broken package, for", err)
	}
	if err == nil || !strings.Contains(err.Error(), "onnxruntime-web cannot be used ("+folder+")") {
		t.Errorf("got %v", err)
	}
}

// only returns the one process that a runtime has.
func only(t *testing.T, r *Runtime) *process {
	t.Helper()
	if len(r.running) != 1 {
		t.Fatalf("%d processes run; expected one", len(r.running))
	}
	for p := range r.running {
		return p
	}
	panic("unreachable")
}

func TestAKilledProcessIsReportedAndReplaced(t *testing.T) {
	r := open(t)
	net, err := r.Load(means())
	if err != nil {
		t.Fatal(err)
	}
	x, out := make([]float32, Side*Side*3), make([]float32, 3)
	p := only(t, r)
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := net.Run(x, out); err == nil || !strings.Contains(err.Error(), "ended before it answered (signal: killed") {
		t.Errorf("got %v", err)
	}
	if err := net.Run(x, out); err != nil {
		t.Errorf("the next picture: %v", err)
	}
	if only(t, r) == p {
		t.Error("the killed process is still used")
	}
}

// What a process says when it breaks down is part of the error.
func TestTheLastWordsOfAProcessAreReported(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("left out: node is not installed, so nothing broke down in it")
	}
	whole := program
	defer func() { program = whole }()
	for words, want := range map[string]string{
		`console.error("first\nout of memory"); process.exit(7)`: "(exit status 7; its last words: out of memory)",
		`process.stdout.write("Warning: something")`:             "(an answer with an impossible length)",
	} {
		program = words
		if _, err := start(t.Context(), place{node: node}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", words, err, want)
		}
	}
}

// Ctrl-C in a terminal reaches Node too. It must not look as if Node broke down.
func TestCtrlCIsLeftToTheCommand(t *testing.T) {
	r := open(t)
	net, err := r.Load(means())
	if err != nil {
		t.Fatal(err)
	}
	if err := only(t, r).cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Skip("left out: no signals between processes here:", err)
	}
	time.Sleep(50 * time.Millisecond)
	if err := net.Run(make([]float32, Side*Side*3), make([]float32, 3)); err != nil {
		t.Error(err)
	}
}

// A network that takes minutes is given up as soon as the command is.
func TestCancellingEndsTheProcessInTheMiddleOfAPicture(t *testing.T) {
	open(t) // leaves out
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r := New(ctx, ".")
	defer r.Close()
	pads := map[string]onnx.Attribute{"pads": {Ints: []int64{1, 1, 1, 1}}}
	constants := map[string]onnx.Tensor{"first": {Dims: []int64{64, 3, 3, 3}, Data: make([]float32, 64*27)}, "w": {Dims: []int64{64, 64, 3, 3}, Data: make([]float32, 64*64*9)}}
	nodes := []onnx.Node{op("Conv", "x first", "c", pads)}
	for range 500 {
		at := nodes[len(nodes)-1].Outputs[0]
		nodes = append(nodes, op("Conv", at+" w", at+"c", pads))
	}
	nodes = append(nodes, op("ReduceMean", nodes[len(nodes)-1].Outputs[0], "y", axes(2, 3)))
	result := make(chan error)
	go func() {
		_, err := r.Load(golden.Encode(graph(planes, constants, nodes...)))
		result <- err
	}()
	time.Sleep(3 * time.Second)
	select {
	case err := <-result:
		t.Fatalf("it was over before it was cancelled: %v", err)
	default:
	}
	cancel()
	select {
	case err := <-result:
		if err != context.Canceled {
			t.Errorf("got %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it went on")
	}
}
