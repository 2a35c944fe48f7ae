package golden

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"allnet/model/onnx"
)

// Graph puts weights, named as in Weights, into the graph that export in
// lab/train/network.py writes: opset 13, input "image" [1][3][224][224], output
// "logits" [1][4], blocks of Conv, MaxPool, Relu.
func Graph(weights []Tensor) *onnx.Graph {
	g := &onnx.Graph{
		Opset:        13,
		Initializers: make(map[string]onnx.Tensor),
		Inputs:       []onnx.Value{{Name: "image", Dims: []int64{1, 3, Side, Side}}},
		Outputs:      []onnx.Value{{Name: "logits", Dims: []int64{1, 4}}},
	}
	for _, t := range weights {
		dims := make([]int64, len(t.Shape))
		for i, n := range t.Shape {
			dims[i] = int64(n)
		}
		g.Initializers[t.Name] = onnx.Tensor{Dims: dims, Data: t.Values}
	}
	value := "image"
	node := func(op, name string, attributes map[string]onnx.Attribute, constants ...string) {
		n := onnx.Node{Op: op, Name: name, Inputs: append([]string{value}, constants...), Outputs: []string{name + "_output_0"}, Attributes: attributes}
		g.Nodes = append(g.Nodes, n)
		value = n.Outputs[0]
	}
	for _, t := range weights {
		name, isWeight := strings.CutSuffix(t.Name, ".weight")
		if !isWeight || len(t.Shape) != 4 {
			continue
		}
		node("Conv", name, map[string]onnx.Attribute{
			"dilations": {Ints: []int64{1, 1}}, "group": {Int: 1}, "kernel_shape": {Ints: []int64{3, 3}},
			"pads": {Ints: []int64{0, 0, 0, 0}}, "strides": {Ints: []int64{1, 1}},
		}, name+".weight", name+".bias")
		node("MaxPool", name+"/MaxPool", map[string]onnx.Attribute{
			"ceil_mode": {}, "kernel_shape": {Ints: []int64{2, 2}}, "pads": {Ints: []int64{0, 0, 0, 0}}, "strides": {Ints: []int64{2, 2}},
		})
		node("Relu", name+"/Relu", nil)
	}
	node("GlobalAveragePool", "GlobalAveragePool", nil)
	node("Flatten", "Flatten", map[string]onnx.Attribute{"axis": {Int: 1}})
	for i, name := range denseNames {
		node("Gemm", name, map[string]onnx.Attribute{
			"alpha": {Float: 1}, "beta": {Float: 1}, "transB": {Int: 1},
		}, name+".weight", name+".bias")
		if i < len(denseNames)-1 {
			node("Relu", name+"/Relu", nil)
		}
	}
	g.Nodes[len(g.Nodes)-1].Outputs[0] = "logits"
	return g
}

// Encode writes g as an ONNX file (field numbers: onnx.proto3, IR version 7). It
// writes whatever it is given, wrong graphs included: readers are tested with
// them. Constants come in the order in which nodes use them.
func Encode(g *onnx.Graph) []byte {
	var graph message
	var written []string
	for _, n := range g.Nodes {
		graph.sub(1, encodeNode(n))
		for _, name := range n.Inputs {
			if t, ok := g.Initializers[name]; ok && !slices.Contains(written, name) {
				graph.sub(5, encodeTensor(name, t))
				written = append(written, name)
			}
		}
	}
	graph.text(2, "torch_jit")
	for _, v := range g.Inputs {
		graph.sub(11, encodeValue(v))
	}
	for _, v := range g.Outputs {
		graph.sub(12, encodeValue(v))
	}
	var opset, file message
	opset.text(1, "")
	opset.number(2, g.Opset)
	file.number(1, 7)
	file.sub(7, graph)
	file.sub(8, opset)
	return file
}

func encodeNode(n onnx.Node) (m message) {
	for _, name := range n.Inputs {
		m.text(1, name)
	}
	for _, name := range n.Outputs {
		m.text(2, name)
	}
	m.text(3, n.Name)
	m.text(4, n.Op)
	names := make([]string, 0, len(n.Attributes))
	for name := range n.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m.sub(5, encodeAttribute(name, n.Attributes[name]))
	}
	if n.Domain != "" {
		m.text(7, n.Domain)
	}
	return m
}

// AttributeProto.AttributeType
const (
	floatAttribute = 1
	intAttribute   = 2
	intsAttribute  = 7
)

func encodeAttribute(name string, a onnx.Attribute) (m message) {
	m.text(1, name)
	switch {
	case a.Ints != nil:
		for _, n := range a.Ints {
			m.number(8, n)
		}
		m.number(20, intsAttribute)
	case a.Float != 0:
		m = protowire.AppendTag(m, 2, protowire.Fixed32Type)
		m = protowire.AppendFixed32(m, math.Float32bits(a.Float))
		m.number(20, floatAttribute)
	default:
		m.number(3, a.Int)
		m.number(20, intAttribute)
	}
	return m
}

func encodeTensor(name string, t onnx.Tensor) (m message) {
	for _, n := range t.Dims {
		m.number(1, n)
	}
	m.number(2, 1) // float32
	m.text(8, name)
	m.sub(9, littleEndian(t.Data))
	return m
}

func encodeValue(v onnx.Value) (m message) {
	var shape, tensor, kind message
	for _, n := range v.Dims {
		var dim message
		dim.number(1, n)
		shape.sub(1, dim)
	}
	tensor.number(1, 1) // float32
	tensor.sub(2, shape)
	kind.sub(1, tensor)
	m.text(1, v.Name)
	m.sub(2, kind)
	return m
}

func littleEndian(values []float32) []byte {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return data
}

// message is a protobuf message in the making.
type message []byte

func (m *message) number(field protowire.Number, n int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(n))
}

func (m *message) text(field protowire.Number, s string) { m.sub(field, []byte(s)) }

func (m *message) sub(field protowire.Number, data []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), data)
}
