//go:build !js

package crosscheck

import (
	"math"
	"os"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model"
	"allnet/model/onnx"
	"allnet/model/picture"
)

// tolerance is relative to a picture's largest logit. gorgonia sums in float32,
// one term after another; up to 3e-6 was seen.
const tolerance = 1e-5

func TestShippedWeightsAgreeWithPyTorch(t *testing.T) {
	for _, b := range model.Shipped() {
		t.Run(b.Name, func(t *testing.T) { agree(t, b.Weights(), b.Golden) })
	}
}

func TestWideNetworkAgreesWithPyTorch(t *testing.T) {
	data, err := os.ReadFile("../../model/testdata/golden-wide.json")
	if err != nil {
		t.Fatal(err)
	}
	agree(t, golden.Encode(golden.Graph(golden.Weights(golden.Wide...))), data)
}

// Our reader and engine on a network of four blocks, which the article's has not.
func TestFourBlocksAgreeWithTheEngine(t *testing.T) {
	file := golden.Encode(golden.Graph(golden.Weights(16, 24, 32, 40)))
	m, err := model.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	session := m.NewSession()
	for _, p := range golden.Pictures()[3:] {
		in, err := model.Preprocess(&picture.Picture{Width: golden.Side, Height: golden.Side, Pix: p.RGB})
		if err != nil {
			t.Fatal(err)
		}
		o, err := session.Observe(model.AsIs(in))
		if err != nil {
			t.Fatal(err)
		}
		logits, err := Logits(file, planes(p.RGB), golden.Side, golden.Side)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range logits {
			if diff := math.Abs(float64(o.Logits[i] - want)); !(diff <= tolerance*max(1, math.Abs(float64(want)))) {
				t.Errorf("%s: logit %d is %v, gorgonia's %v", p.Name, i, o.Logits[i], want)
			}
		}
	}
}

func agree(t *testing.T, file, numbers []byte) {
	t.Helper()
	f, err := golden.Read(numbers)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range f.Cases {
		logits, err := Logits(file, planes(f.Draw(i)), golden.Side, golden.Side)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if len(logits) != len(c.Logits64) {
			t.Fatalf("%s: %d logits, want %d", c.Name, len(logits), len(c.Logits64))
		}
		largest := 1.0
		for _, want := range c.Logits64 {
			largest = max(largest, math.Abs(want))
		}
		for i, want := range c.Logits64 {
			if diff := math.Abs(float64(logits[i]) - want); !(diff <= tolerance*largest) {
				t.Errorf("%s: logit %d is %v, PyTorch's %v: difference %.1e, allowed %.1e", c.Name, i, logits[i], want, diff, tolerance*largest)
			}
		}
	}
}

// planes lays [224][224][3] levels out as [3][224][224], level / 255.
func planes(rgb []uint8) []float32 {
	x := make([]float32, len(rgb))
	for i, level := range rgb {
		x[i%3*(len(rgb)/3)+i/3] = float32(level) / 255
	}
	return x
}

func TestFilesAndPicturesThatDoNotFitTheNetworkAreErrors(t *testing.T) {
	edited := func(edit func(g *onnx.Graph)) []byte {
		g := golden.Graph(golden.Weights(8, 8, 8))
		edit(g)
		return golden.Encode(g)
	}
	fit := edited(func(*onnx.Graph) {})
	for _, c := range []struct {
		name  string
		file  []byte
		side  int
		error string
	}{
		{"no file", nil, 224, "reading the ONNX file"},
		{"truncated", fit[:len(fit)/2], 224, "reading the ONNX file"},
		{"other size", fit, 100, "expected (1, 3, 100, 100)"},
		{"unknown operator", edited(func(g *onnx.Graph) { g.Nodes[2].Op = "Frobnicate" }), 224, "Frobnicate"},
		{"second input", edited(func(g *onnx.Graph) { g.Inputs = append(g.Inputs, g.Inputs[0]) }), 224, "2 inputs"},
		{"second output", edited(func(g *onnx.Graph) { g.Outputs = append(g.Outputs, g.Outputs[0]) }), 224, "2 outputs"},
		// gorgonia's tensor package panics here
		{"short constant", edited(func(g *onnx.Graph) {
			bias := g.Initializers["head.0.bias"]
			bias.Data = bias.Data[:8]
			g.Initializers["head.0.bias"] = bias
		}), 224, "engine failed"},
	} {
		logits, err := Logits(c.file, make([]float32, 3*c.side*c.side), c.side, c.side)
		if err == nil || !strings.Contains(err.Error(), c.error) {
			t.Errorf("%s: %v, %v; expected an error about %q", c.name, logits, err, c.error)
		}
	}
	if _, err := Logits(fit, make([]float32, 10), 224, 224); err == nil {
		t.Error("ten values passed as a picture of 224 x 224")
	}
}

func BenchmarkLogits(b *testing.B) {
	file := model.Shipped()[0].Weights()
	input := planes(golden.Pictures()[0].RGB)
	for b.Loop() {
		if _, err := Logits(file, input, golden.Side, golden.Side); err != nil {
			b.Fatal(err)
		}
	}
}
