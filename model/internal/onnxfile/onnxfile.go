// Package onnxfile writes networks as ONNX files, for tests of what reads them.
package onnxfile

import (
	"fmt"
	"math"

	"allnet/model/engine"
	"google.golang.org/protobuf/encoding/protowire"
)

// Graph is an ONNX graph in the making. Tests change it before they encode it.
type Graph struct {
	Opset        uint64
	Nodes        []Node
	Initializers []Tensor
	Inputs       []Value
	Outputs      []Value
}

// Node is an operator. Attributes are int64, float32 or []int64.
type Node struct {
	Op, Domain      string
	Inputs, Outputs []string
	Attributes      map[string]any
}

// Tensor is a constant; Type is its ONNX data type, 1 for float32.
type Tensor struct {
	Name string
	Type uint64
	Dims []int64
	Data []float32
}

// Value is an input or output.
type Value struct {
	Name string
	Dims []int64
}

// Of returns the graph of a network as the training recipe exports it.
func Of(spec engine.Spec) *Graph {
	last := spec.Dense[len(spec.Dense)-1]
	g := &Graph{
		Opset:   13,
		Inputs:  []Value{{"image", []int64{1, int64(spec.Channels), int64(spec.Height), int64(spec.Width)}}},
		Outputs: []Value{{"logits", []int64{1, int64(last.Out)}}},
	}
	value := "image"
	add := func(op string, attributes map[string]any, constants ...string) {
		out := fmt.Sprintf("v%d", len(g.Nodes))
		g.Nodes = append(g.Nodes, Node{Op: op, Inputs: append([]string{value}, constants...), Outputs: []string{out}, Attributes: attributes})
		value = out
	}
	constant := func(name string, data []float32, dims ...int) string {
		t := Tensor{Name: name, Type: 1, Data: data}
		for _, d := range dims {
			t.Dims = append(t.Dims, int64(d))
		}
		g.Initializers = append(g.Initializers, t)
		return name
	}
	for i, c := range spec.Convs {
		add("Conv", map[string]any{"kernel_shape": []int64{3, 3}, "strides": []int64{1, 1}, "pads": []int64{0, 0, 0, 0}, "dilations": []int64{1, 1}, "group": int64(1)},
			constant(fmt.Sprintf("conv%d.weight", i), c.Weight, c.Out, c.In, 3, 3), constant(fmt.Sprintf("conv%d.bias", i), c.Bias, c.Out))
		add("MaxPool", map[string]any{"kernel_shape": []int64{2, 2}, "strides": []int64{2, 2}, "pads": []int64{0, 0, 0, 0}, "ceil_mode": int64(0)})
		add("Relu", nil)
	}
	add("GlobalAveragePool", nil)
	add("Flatten", map[string]any{"axis": int64(1)})
	for i, d := range spec.Dense {
		add("Gemm", map[string]any{"alpha": float32(1), "beta": float32(1), "transB": int64(1)},
			constant(fmt.Sprintf("dense%d.weight", i), d.Weight, d.Out, d.In), constant(fmt.Sprintf("dense%d.bias", i), d.Bias, d.Out))
		if d.ReLU {
			add("Relu", nil)
		}
	}
	g.Nodes[len(g.Nodes)-1].Outputs[0] = "logits"
	return g
}

// Encode writes the file.
func (g *Graph) Encode() []byte {
	var graph []byte
	for _, n := range g.Nodes {
		graph = message(graph, 1, n.encode())
	}
	for _, t := range g.Initializers {
		graph = message(graph, 5, t.encode())
	}
	for i, values := range [][]Value{g.Inputs, g.Outputs} {
		for _, v := range values {
			graph = message(graph, protowire.Number(11+i), v.encode())
		}
	}
	var opset, file []byte
	opset = number(opset, 2, g.Opset)
	file = number(file, 1, 8) // ir_version
	file = message(file, 7, graph)
	return message(file, 8, opset)
}

func (n Node) encode() (b []byte) {
	for _, in := range n.Inputs {
		b = message(b, 1, []byte(in))
	}
	for _, out := range n.Outputs {
		b = message(b, 2, []byte(out))
	}
	b = message(b, 4, []byte(n.Op))
	for name, value := range n.Attributes {
		a := message(nil, 1, []byte(name))
		switch v := value.(type) {
		case int64:
			a = number(number(a, 3, uint64(v)), 20, 2) // AttributeProto.INT
		case float32:
			a = protowire.AppendTag(a, 2, protowire.Fixed32Type)
			a = number(protowire.AppendFixed32(a, math.Float32bits(v)), 20, 1) // FLOAT
		case []int64:
			for _, i := range v {
				a = number(a, 8, uint64(i))
			}
			a = number(a, 20, 7) // INTS
		}
		b = message(b, 5, a)
	}
	if n.Domain != "" {
		b = message(b, 7, []byte(n.Domain))
	}
	return b
}

func (t Tensor) encode() (b []byte) {
	for _, d := range t.Dims {
		b = number(b, 1, uint64(d))
	}
	b = number(b, 2, t.Type)
	b = message(b, 8, []byte(t.Name))
	raw := make([]byte, 0, 4*len(t.Data))
	for _, v := range t.Data {
		raw = protowire.AppendFixed32(raw, math.Float32bits(v))
	}
	return message(b, 9, raw)
}

func (v Value) encode() []byte {
	var shape []byte
	for _, d := range v.Dims {
		var dim []byte
		if d >= 0 {
			dim = number(dim, 1, uint64(d))
		} else {
			dim = message(dim, 2, []byte("open"))
		}
		shape = message(shape, 1, dim)
	}
	tensor := message(number(nil, 1, 1), 2, shape)
	return message(message(nil, 1, []byte(v.Name)), 2, message(nil, 1, tensor))
}

func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}

func number(b []byte, field protowire.Number, n uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), n)
}
