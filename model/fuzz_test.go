package model

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model/engine"
	"allnet/model/onnx"
)

// tiny is a network of one convolution of eight filters, so small that its file can
// be searched byte by byte.
func tiny() *onnx.Graph {
	values := func(n int) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(i%5) - 2
		}
		return v
	}
	node := func(op, from, to string, constants ...string) onnx.Node {
		return onnx.Node{Op: op, Inputs: append([]string{from}, constants...), Outputs: []string{to}}
	}
	pool, gemm := node("MaxPool", "a", "b"), node("Gemm", "e", "z", "w2", "b2")
	pool.Attributes = map[string]onnx.Attribute{"kernel_shape": {Ints: []int64{2, 2}}, "strides": {Ints: []int64{2, 2}}}
	gemm.Attributes = map[string]onnx.Attribute{"transB": {Int: 1}}
	return &onnx.Graph{
		Opset: opset,
		Nodes: []onnx.Node{
			node("Conv", "x", "a", "w1", "b1"), pool, node("Relu", "b", "c"),
			node("GlobalAveragePool", "c", "d"), node("Flatten", "d", "e"), gemm,
		},
		Initializers: map[string]onnx.Tensor{
			"w1": {Dims: []int64{8, 3, 3, 3}, Data: values(216)}, "b1": {Dims: []int64{8}, Data: values(8)},
			"w2": {Dims: []int64{4, 8}, Data: values(32)}, "b2": {Dims: []int64{4}, Data: values(4)},
		},
		Inputs:  []onnx.Value{{Name: "x", Dims: []int64{1, 3, Side, Side}}},
		Outputs: []onnx.Value{{Name: "z", Dims: []int64{1, 4}}},
	}
}

func TestTheFuzzedNetworkIsOne(t *testing.T) {
	if _, err := Load(golden.Encode(tiny())); err != nil {
		t.Error(err)
	}
}

// Any file is refused in words, or is a network whose layers fit together.
func FuzzNetwork(f *testing.F) {
	f.Add(golden.Encode(tiny()))
	f.Fuzz(func(t *testing.T, file []byte) {
		g, err := onnx.Parse(file)
		if err != nil {
			return // onnx has a search of its own
		}
		spec, err := readNetwork(g)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without words")
			}
			return
		}
		channels := 3
		for _, l := range spec.Convs {
			if l.In != channels || len(l.Weight) != 9*l.In*l.Out || len(l.Bias) != l.Out {
				t.Errorf("%d channels go into a convolution of %d to %d with %d weights and %d biases", channels, l.In, l.Out, len(l.Weight), len(l.Bias))
			}
			channels = l.Out
		}
		for _, l := range spec.Dense {
			if l.In != channels || len(l.Weight) != l.In*l.Out || len(l.Bias) != l.Out {
				t.Errorf("%d channels go into a dense layer of %d to %d with %d weights and %d biases", channels, l.In, l.Out, len(l.Weight), len(l.Bias))
			}
			channels = l.Out
		}
		if channels != len(Classes) {
			t.Errorf("%d outputs", channels)
		}
		if _, err := engine.New(spec); err != nil && !strings.HasPrefix(err.Error(), "engine: ") {
			t.Error(err)
		}
	})
}

// addSpace is a space of as many dimensions around one centre.
func addSpace(dimensions int) Space {
	s := Space{Centres: [][]float64{make([]float64, dimensions)}}
	for i := range dimensions {
		s.Whitening = append(s.Whitening, make([]float64, i+1))
		s.Whitening[i][i] = 1
	}
	return s
}

// Any file is refused, or is a calibration that stays itself when it is written and
// read, and with which every picture gets probabilities, or a reason why there is no
// answer.
func FuzzCalibration(f *testing.F) {
	const weights, features = "w", 2
	c := &Calibration{
		Weights: weights, Split: "s", Temperature: 2, Reach: 0.5, Growth: 1,
		Features: addSpace(features), Colours: new(addSpace(len(Observation{}.Colours))), Strangeness: [3]float64{-1, 4, 1},
		Limits: Limits{Sharpness: -3, Colours: 4, Strangeness: 0.9, Confidence: 0.5, Ordinary: 1},
	}
	text, err := json.Marshal(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, float32(3), float32(0.5), 0.25)
	f.Add(text, float32(-1e30), float32(1e30), -1e300)
	f.Add([]byte(`{"weights":"w"}`), float32(0), float32(0), 0.0)
	f.Fuzz(func(t *testing.T, file []byte, logit, feature float32, measure float64) {
		c, err := readCalibration(file, weights, features)
		if err != nil {
			if c != nil || !strings.HasPrefix(err.Error(), "the calibration") {
				t.Errorf("calibration %v with error %q", c, err)
			}
			return
		}
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := readCalibration(text, weights, features); err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("written and read it is another calibration (%v)", err)
		}
		for _, v := range []float64{float64(logit), float64(feature), measure} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return // no network gives these: the engine checks what it is given
			}
		}
		o := &Observation{Logits: [4]float32{logit, 1, -1, 0}, Features: []float32{feature, 1}, Sharpness: measure}
		o.Colours[3] = measure
		r := c.Judge(o)
		sum, passed := 0.0, true
		for _, p := range r.Probabilities {
			sum += p
			if !(p >= 0 && p <= 1) {
				t.Errorf("probability %v", p)
			}
		}
		for _, check := range r.Checks {
			passed = passed && check.Passed
		}
		if math.Abs(sum-1) > 1e-9 || r.Abstained == passed || r.Abstained == (r.Reason == "") {
			t.Errorf("probabilities add up to %v, abstained %v, passed %v, reason %q", sum, r.Abstained, passed, r.Reason)
		}
	})
}
