package model_test

import (
	"math"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model"
	"allnet/model/onnx"
)

// graph is ALL-Net with the given filter counts and made-up weights.
func graph(filters ...int) *onnx.Graph { return golden.Graph(golden.Weights(filters...)) }

// small has few filters, to be quick.
func small() *onnx.Graph { return graph(8, 8, 8) }

func TestLoadCountsTheArticlesParameters(t *testing.T) {
	for _, c := range []struct {
		filters    []int
		parameters int
	}{
		{[]int{32, 64, 128}, 787268},   // printed by the article's code (lab/ARTICLE.md, "Parameters")
		{[]int{64, 128, 256}, 1097604}, // computed from the article's text
	} {
		m, err := model.Load(golden.Encode(graph(c.filters...)))
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Network().Parameters(); got != c.parameters {
			t.Errorf("filters %v: %d parameters, want %d", c.filters, got, c.parameters)
		}
	}
}

func TestLoadTakesPoolingAndReLUInEitherOrder(t *testing.T) {
	g := small()
	in := &model.Input{RGB: make([]uint8, model.Side*model.Side*3), Tensor: make([]float32, model.Side*model.Side*3)}
	for i := range in.Tensor {
		in.Tensor[i] = model.Levels[i*7%256]
	}
	logits := func() [4]float32 {
		m, err := model.Load(golden.Encode(g))
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
	constant := func(name string, change func(*onnx.Tensor)) func(*onnx.Graph) {
		return func(g *onnx.Graph) {
			c := g.Initializers[name]
			change(&c)
			g.Initializers[name] = c
		}
	}
	const conv, pool, average, flatten, gemm = 0, 1, 9, 10, 11 // indices of nodes
	for _, c := range []struct {
		name   string
		change func(*onnx.Graph)
		want   string
	}{
		{"an unknown operator", func(g *onnx.Graph) { g.Nodes[2].Op = "LeakyRelu" }, "LeakyRelu"},
		{"another average", func(g *onnx.Graph) { g.Nodes[average].Op = "AveragePool" }, "AveragePool"},
		{"an operator of another domain", func(g *onnx.Graph) { g.Nodes[flatten].Domain = "com.example" }, "com.example"},
		{"padding", func(g *onnx.Graph) { g.Nodes[conv].Attributes["pads"] = onnx.Attribute{Ints: []int64{1, 1, 1, 1}} }, "pads"},
		{"an attribute it does not know", func(g *onnx.Graph) { g.Nodes[conv].Attributes["auto_pad"] = onnx.Attribute{Int: 1} }, "auto_pad"},
		{"strides", func(g *onnx.Graph) { g.Nodes[pool].Attributes["strides"] = onnx.Attribute{Ints: []int64{1, 1}} }, "strides"},
		{"missing strides of a pooling", func(g *onnx.Graph) { delete(g.Nodes[pool].Attributes, "strides") }, "strides"},
		{"weights that are not transposed", func(g *onnx.Graph) { delete(g.Nodes[gemm].Attributes, "transB") }, "transB"},
		{"a scaled product", func(g *onnx.Graph) { g.Nodes[gemm].Attributes["alpha"] = onnx.Attribute{Float: 2} }, "alpha"},
		{"a branch", func(g *onnx.Graph) { g.Nodes[flatten].Inputs[0] = "image" }, "Flatten"},
		{"a missing constant", func(g *onnx.Graph) { g.Nodes[gemm].Inputs[1] = "nowhere" }, "nowhere"},
		{"a missing bias", func(g *onnx.Graph) { g.Nodes[conv].Inputs = g.Nodes[conv].Inputs[:2] }, "Conv"},
		{"an early end", func(g *onnx.Graph) { g.Nodes = g.Nodes[:average] }, "GlobalAveragePool"},
		{"a softmax at the end", func(g *onnx.Graph) {
			g.Nodes = append(g.Nodes, onnx.Node{Op: "Softmax", Inputs: []string{"logits"}, Outputs: []string{"p"}})
		}, "Softmax"},
		{"another operator set", func(g *onnx.Graph) { g.Opset = 9 }, "operator set 9"},
		{"another picture size", func(g *onnx.Graph) { g.Inputs[0].Dims[2] = 256 }, "256"},
		{"an open batch size", func(g *onnx.Graph) { g.Inputs[0].Dims[0] = -1 }, "inputs"},
		{"two inputs", func(g *onnx.Graph) { g.Inputs = append(g.Inputs, onnx.Value{Name: "age"}) }, "age"},
		{"five classes", func(g *onnx.Graph) { g.Outputs[0].Dims[1] = 5 }, "outputs"},
		{"weights of another shape", constant("blocks.0.conv.weight", func(c *onnx.Tensor) { c.Dims = []int64{8, 27, 1, 1} }), "[8 27 1 1]"},
		{"too few weights", constant("blocks.0.conv.weight", func(c *onnx.Tensor) { c.Data = c.Data[1:] }), "blocks.0.conv.weight"},
		{"a weight that is no number", constant("blocks.0.conv.weight", func(c *onnx.Tensor) { c.Data[5] = float32(math.NaN()) }), "convolution 1"},
		{"a bias of another shape", constant("blocks.0.conv.bias", func(c *onnx.Tensor) { c.Dims = []int64{4, 2} }), "bias"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := small()
			c.change(g)
			if _, err := model.Load(golden.Encode(g)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one that names %s", err, c.want)
			}
		})
	}
}

func TestLoadRefusesWhatIsNoONNXFile(t *testing.T) {
	whole := golden.Encode(small())
	for name, file := range map[string][]byte{"empty": nil, "text": []byte("not a network"), "cut off": whole[:len(whole)/2]} {
		if _, err := model.Load(file); err == nil || !strings.Contains(err.Error(), "not a readable ONNX file") {
			t.Errorf("%s file: got error %v", name, err)
		}
	}
}
