package model_test

import (
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/engine"
	"allnet/model/internal/golden"
	"allnet/model/internal/onnxfile"
)

// spec is ALL-Net with the given filter counts and made-up weights.
func spec(filters [3]int) engine.Spec {
	s := engine.Spec{Height: model.Side, Width: model.Side, Channels: 3}
	tensors := golden.Weights(filters)
	for i := 0; i < len(tensors); i += 2 {
		weight, bias := tensors[i], tensors[i+1]
		if out, in := weight.Shape[0], weight.Shape[1]; len(weight.Shape) == 4 {
			s.Convs = append(s.Convs, engine.Conv{In: in, Out: out, Weight: weight.Values, Bias: bias.Values})
		} else {
			s.Dense = append(s.Dense, engine.Dense{In: in, Out: out, Weight: weight.Values, Bias: bias.Values, ReLU: i < len(tensors)-2})
		}
	}
	return s
}

func TestLoadCountsTheArticlesParameters(t *testing.T) {
	for _, c := range []struct {
		filters    [3]int
		parameters int
	}{
		{[3]int{32, 64, 128}, 787268},   // printed by the article's code (FACTS.md)
		{[3]int{64, 128, 256}, 1097604}, // computed from the article's text (FACTS.md)
	} {
		m, err := model.Load(onnxfile.Of(spec(c.filters)).Encode())
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Network().Parameters(); got != c.parameters {
			t.Errorf("filters %v: %d parameters, want %d", c.filters, got, c.parameters)
		}
	}
}

func TestLoadTakesPoolingAndReLUInEitherOrder(t *testing.T) {
	g := onnxfile.Of(spec([3]int{8, 8, 8}))
	in := &model.Input{Tensor: make([]float32, model.Side*model.Side*3)}
	for i := range in.Tensor {
		in.Tensor[i] = model.Levels[i*7%256]
	}
	logits := func() [4]float32 {
		m, err := model.Load(g.Encode())
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.NewSession().Classify(in)
		if err != nil {
			t.Fatal(err)
		}
		return r.Logits
	}
	want := logits()
	for i := 0; i < len(g.Nodes); i++ {
		if g.Nodes[i].Op == "MaxPool" {
			pool, relu := &g.Nodes[i], &g.Nodes[i+1]
			i++
			pool.Op, relu.Op = relu.Op, pool.Op
			pool.Attributes, relu.Attributes = relu.Attributes, pool.Attributes
		}
	}
	if got := logits(); got != want {
		t.Errorf("logits %v, want %v", got, want)
	}
}

func TestLoadRefusesByName(t *testing.T) {
	const conv, pool, average, flatten, gemm = 0, 1, 9, 10, 11 // indices of nodes
	for _, c := range []struct {
		name   string
		change func(*onnxfile.Graph)
		want   string
	}{
		{"an unknown operator", func(g *onnxfile.Graph) { g.Nodes[2].Op = "LeakyRelu" }, "LeakyRelu"},
		{"another average", func(g *onnxfile.Graph) { g.Nodes[average].Op = "AveragePool" }, "AveragePool"},
		{"an operator of another domain", func(g *onnxfile.Graph) { g.Nodes[flatten].Domain = "com.example" }, "com.example"},
		{"padding", func(g *onnxfile.Graph) { g.Nodes[conv].Attributes["pads"] = []int64{1, 1, 1, 1} }, "pads"},
		{"an attribute it does not know", func(g *onnxfile.Graph) { g.Nodes[conv].Attributes["auto_pad"] = int64(1) }, "auto_pad"},
		{"strides", func(g *onnxfile.Graph) { g.Nodes[pool].Attributes["strides"] = []int64{1, 1} }, "strides"},
		{"missing strides of a pooling", func(g *onnxfile.Graph) { delete(g.Nodes[pool].Attributes, "strides") }, "strides"},
		{"weights that are not transposed", func(g *onnxfile.Graph) { delete(g.Nodes[gemm].Attributes, "transB") }, "transB"},
		{"a scaled product", func(g *onnxfile.Graph) { g.Nodes[gemm].Attributes["alpha"] = float32(2) }, "alpha"},
		{"a branch", func(g *onnxfile.Graph) { g.Nodes[flatten].Inputs[0] = "image" }, "Flatten"},
		{"a missing constant", func(g *onnxfile.Graph) { g.Nodes[gemm].Inputs[1] = "nowhere" }, "nowhere"},
		{"a missing bias", func(g *onnxfile.Graph) { g.Nodes[conv].Inputs = g.Nodes[conv].Inputs[:2] }, "Conv"},
		{"an early end", func(g *onnxfile.Graph) { g.Nodes = g.Nodes[:average] }, "GlobalAveragePool"},
		{"a softmax at the end", func(g *onnxfile.Graph) {
			g.Nodes = append(g.Nodes, onnxfile.Node{Op: "Softmax", Inputs: []string{"logits"}, Outputs: []string{"p"}})
		}, "Softmax"},
		{"another operator set", func(g *onnxfile.Graph) { g.Opset = 9 }, "operator set 9"},
		{"another picture size", func(g *onnxfile.Graph) { g.Inputs[0].Dims[2] = 256 }, "256"},
		{"an open batch size", func(g *onnxfile.Graph) { g.Inputs[0].Dims[0] = -1 }, "inputs"},
		{"two inputs", func(g *onnxfile.Graph) { g.Inputs = append(g.Inputs, onnxfile.Value{Name: "age"}) }, "age"},
		{"five classes", func(g *onnxfile.Graph) { g.Outputs[0].Dims[1] = 5 }, "outputs"},
		{"half precision", func(g *onnxfile.Graph) { g.Initializers[0].Type = 10 }, "data type 10"},
		{"weights of another shape", func(g *onnxfile.Graph) { g.Initializers[0].Dims = []int64{8, 27, 1, 1} }, "[8 27 1 1]"},
		{"too few weights", func(g *onnxfile.Graph) { g.Initializers[0].Data = g.Initializers[0].Data[1:] }, "conv0.weight"},
		{"a weight that is no number", func(g *onnxfile.Graph) { z := float32(0); g.Initializers[0].Data[5] = z / z }, "convolution 1"},
		{"a bias of another shape", func(g *onnxfile.Graph) { g.Initializers[1].Dims = []int64{4, 2} }, "bias"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := onnxfile.Of(spec([3]int{8, 8, 8}))
			c.change(g)
			if _, err := model.Load(g.Encode()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one that names %s", err, c.want)
			}
		})
	}
}

func TestLoadRefusesWhatIsNoONNXFile(t *testing.T) {
	whole := onnxfile.Of(spec([3]int{8, 8, 8})).Encode()
	for name, file := range map[string][]byte{"empty": nil, "text": []byte("not a network"), "cut off": whole[:len(whole)/2]} {
		if _, err := model.Load(file); err == nil || !strings.Contains(err.Error(), "not a readable ONNX file") {
			t.Errorf("%s file: got error %v", name, err)
		}
	}
}
