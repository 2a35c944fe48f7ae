package model

import (
	"fmt"
	"slices"

	"allnet/model/engine"
	"allnet/model/onnx"
)

// opset is the version of the ONNX operator set whose meaning this reader knows.
const opset = 13

// readNetwork turns an ONNX graph into a network for the engine. The graph must
// be ALL-Net's: one chain of blocks (Conv 3x3 valid, then MaxPool 2x2 and Relu in
// either order, which give the same), GlobalAveragePool, Flatten, and dense
// layers (Gemm) with Relu between them. Every operator, attribute and shape that
// is not expected is refused by name, so that no file is ever run as something
// that it is not.
func readNetwork(g *onnx.Graph) (engine.Spec, error) {
	r := reader{graph: g}
	if g.Opset != opset {
		return r.spec, fmt.Errorf("the network uses ONNX operator set %d; expected %d", g.Opset, opset)
	}
	if len(g.Inputs) != 1 || !slices.Equal(g.Inputs[0].Dims, []int64{1, 3, Side, Side}) {
		return r.spec, fmt.Errorf("the network's inputs are %v; expected one of shape [1 3 %d %d]", g.Inputs, Side, Side)
	}
	if len(g.Outputs) != 1 || !slices.Equal(g.Outputs[0].Dims, []int64{1, int64(len(Classes))}) {
		return r.spec, fmt.Errorf("the network's outputs are %v; expected one of shape [1 %d]", g.Outputs, len(Classes))
	}
	r.spec = engine.Spec{Height: Side, Width: Side, Channels: 3}
	r.value = g.Inputs[0].Name
	r.channels = 3

	for r.peek() == "Conv" {
		r.block()
	}
	r.consume("GlobalAveragePool", nil)
	r.consume("Flatten", attributes{"axis": {Int: 1}})
	for last := false; !last && r.err == nil; {
		last = r.dense()
	}
	if r.err == nil && r.next < len(g.Nodes) {
		n := g.Nodes[r.next]
		r.err = fmt.Errorf("operator %s (%q) follows the last dense layer; expected the end of the network", n.Op, n.Name)
	}
	if r.err == nil && r.value != g.Outputs[0].Name {
		r.err = fmt.Errorf("the chain of operators ends in %q; expected the output %q", r.value, g.Outputs[0].Name)
	}
	if r.err == nil && (len(r.spec.Convs) == 0 || r.channels != int64(len(Classes))) {
		r.err = fmt.Errorf("the network has %d convolutions and %d outputs; expected at least one and %d", len(r.spec.Convs), r.channels, len(Classes))
	}
	return r.spec, r.err
}

// reader follows the chain of operators. Its first error stays.
type reader struct {
	graph *onnx.Graph
	spec  engine.Spec
	// next is the index of the next node, value the name of the chain's last
	// result and channels that result's second dimension.
	next     int
	value    string
	channels int64
	err      error
}

type attributes = map[string]onnx.Attribute

func (r *reader) peek() string {
	if r.err != nil || r.next >= len(r.graph.Nodes) {
		return ""
	}
	return r.graph.Nodes[r.next].Op
}

// consume goes past the next node, which must be op with the given attributes (those
// with a zero value may be missing), and returns the constants it is given.
func (r *reader) consume(op string, want attributes) []onnx.Tensor {
	if r.err != nil {
		return nil
	}
	if r.next >= len(r.graph.Nodes) {
		r.err = fmt.Errorf("the network ends where operator %s was expected", op)
		return nil
	}
	n := r.graph.Nodes[r.next]
	r.next++
	if n.Op != op || (n.Domain != "" && n.Domain != "ai.onnx") {
		r.err = fmt.Errorf("operator %s %s(%q) is not supported here; expected %s", n.Op, n.Domain, n.Name, op)
		return nil
	}
	if len(n.Inputs) == 0 || n.Inputs[0] != r.value || len(n.Outputs) != 1 {
		r.err = fmt.Errorf("operator %s (%q) reads %v and writes %v; expected a chain that goes on from %q", op, n.Name, n.Inputs, n.Outputs, r.value)
		return nil
	}
	r.value = n.Outputs[0]
	for name, have := range n.Attributes {
		if w, known := want[name]; !known || !equal(have, w) {
			r.err = fmt.Errorf("operator %s (%q) has %s = %v; expected %v", op, n.Name, name, have, want[name])
			return nil
		}
	}
	for name, w := range want {
		if _, present := n.Attributes[name]; !present && !byDefault(op, name, w) {
			r.err = fmt.Errorf("operator %s (%q) lacks %s; expected %v", op, n.Name, name, w)
			return nil
		}
	}
	var constants []onnx.Tensor
	for _, name := range n.Inputs[1:] {
		t, ok := r.graph.Initializers[name]
		if !ok {
			r.err = fmt.Errorf("operator %s (%q) reads %q, which is no constant of the file", op, n.Name, name)
			return nil
		}
		constants = append(constants, t)
	}
	return constants
}

func equal(a, b onnx.Attribute) bool {
	return a.Int == b.Int && a.Float == b.Float && slices.Equal(a.Ints, b.Ints)
}

// byDefault tells whether ONNX itself gives a missing attribute the wanted value.
func byDefault(op, name string, want onnx.Attribute) bool {
	switch name {
	case "dilations", "pads", "group", "ceil_mode", "storage_order", "alpha", "beta", "transA", "auto_pad":
		return true
	case "strides":
		return op == "Conv"
	case "axis":
		return want.Int == 1
	case "kernel_shape":
		return op == "Conv" // it follows from the weights, whose shape is checked
	}
	return false
}

var (
	convAttributes = attributes{
		"kernel_shape": {Ints: []int64{3, 3}}, "strides": {Ints: []int64{1, 1}}, "dilations": {Ints: []int64{1, 1}},
		"pads": {Ints: []int64{0, 0, 0, 0}}, "group": {Int: 1},
	}
	poolAttributes = attributes{
		"kernel_shape": {Ints: []int64{2, 2}}, "strides": {Ints: []int64{2, 2}}, "dilations": {Ints: []int64{1, 1}},
		"pads": {Ints: []int64{0, 0, 0, 0}}, "ceil_mode": {}, "storage_order": {},
	}
	gemmAttributes = attributes{"alpha": {Float: 1}, "beta": {Float: 1}, "transA": {}, "transB": {Int: 1}}
)

// block reads convolution, pooling and ReLU.
func (r *reader) block() {
	constants := r.consume("Conv", convAttributes)
	if r.peek() == "Relu" {
		r.consume("Relu", nil)
		r.consume("MaxPool", poolAttributes)
	} else {
		r.consume("MaxPool", poolAttributes)
		r.consume("Relu", nil)
	}
	if weight, bias := r.weights("Conv", constants, 3, 3); r.err == nil {
		r.spec.Convs = append(r.spec.Convs, engine.Conv{
			In: int(weight.Dims[1]), Out: int(weight.Dims[0]), Weight: weight.Data, Bias: bias.Data,
		})
	}
}

// dense reads one dense layer and tells whether it was the last.
func (r *reader) dense() (last bool) {
	constants := r.consume("Gemm", gemmAttributes)
	weight, bias := r.weights("Gemm", constants)
	if r.err != nil {
		return true
	}
	relu := r.peek() == "Relu"
	if relu {
		r.consume("Relu", nil)
	}
	r.spec.Dense = append(r.spec.Dense, engine.Dense{
		In: int(weight.Dims[1]), Out: int(weight.Dims[0]), Weight: weight.Data, Bias: bias.Data, ReLU: relu,
	})
	return !relu
}

// weights checks a layer's constants: weights [outputs][channels][kernel...] and
// bias [outputs]. The outputs become the chain's channels.
func (r *reader) weights(op string, constants []onnx.Tensor, kernel ...int64) (weight, bias onnx.Tensor) {
	if r.err != nil {
		return
	}
	if len(constants) != 2 {
		r.err = fmt.Errorf("operator %s has %d constants; expected weights and bias", op, len(constants))
		return
	}
	weight, bias = constants[0], constants[1]
	if len(weight.Dims) != 2+len(kernel) || weight.Dims[1] != r.channels || !slices.Equal(weight.Dims[2:], kernel) {
		r.err = fmt.Errorf("the weights of an operator %s have shape %v; expected [outputs %d] and a kernel %v", op, weight.Dims, r.channels, kernel)
		return
	}
	if !slices.Equal(bias.Dims, weight.Dims[:1]) {
		r.err = fmt.Errorf("the bias of an operator %s has shape %v; expected %v", op, bias.Dims, weight.Dims[:1])
		return
	}
	r.channels = weight.Dims[0]
	return
}
