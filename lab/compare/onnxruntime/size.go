package onnxruntime

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"allnet/model/onnx"
)

// Size is how large a network is. Both are 0 where the file holds what package onnx
// does not read, such as constants of rare types, or operators with graphs of their
// own.
type Size struct {
	// Parameters counts the learned numbers: constants of float type, but for running
	// statistics of normalisations, sizes of windows and the like, and single numbers
	// that are added, multiplied or compared with.
	Parameters int64
	// MultiplyAdds counts those of one picture's convolutions and matrix products; it
	// is 0, too, where an operator takes others that are not counted.
	MultiplyAdds int64
}

// withGraph are operators that hold graphs of their own, which package onnx does not
// read, and uncounted are those with multiply-adds that are not counted.
var (
	withGraph = []string{"If", "Loop", "Scan", "SequenceMap"}
	uncounted = []string{"ConvInteger", "ConvTranspose", "DeformConv", "Einsum", "GRU", "LSTM", "MatMulInteger", "QLinearConv", "QLinearMatMul", "RNN", "Attention"}
)

// learns are the operators whose constants are learned even where they are single
// numbers.
var learns = []string{"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization", "PRelu"}

// measure sets the network's size. The shapes between its operators are those that
// occur when it runs, in p.
func (n *Network) measure(p *process) error {
	g, err := onnx.Parse(n.file)
	if err != nil || len(g.Inputs) != 1 || len(g.Outputs) != 1 || slices.ContainsFunc(g.Nodes, func(node onnx.Node) bool { return slices.Contains(withGraph, node.Op) }) {
		return nil // it can be run all the same
	}
	constants := constantsOf(g)
	n.Parameters = parameters(g, constants)
	var wanted []string // the values whose shapes must be known
	for _, node := range g.Nodes {
		if slices.Contains(uncounted, node.Op) || (node.Domain != "" && node.Domain != "ai.onnx") {
			return nil
		}
		if product(node) {
			wanted = append(wanted, node.Outputs[0], node.Inputs[0], node.Inputs[1])
		}
	}
	dims, err := n.shapes(p, g, constants, wanted)
	if err != nil {
		if p.broken {
			return err
		}
		return nil // shapes that cannot be looked at say nothing against the network
	}
	for _, node := range g.Nodes {
		if !product(node) {
			continue
		}
		terms := 0 // of each number of the result
		switch a, b := dims[node.Inputs[0]], dims[node.Inputs[1]]; {
		case node.Op == "Conv":
			terms = elements(b[1:])
		case node.Op == "Gemm" && node.Attributes["transA"].Int != 0:
			terms = a[0]
		default:
			terms = a[len(a)-1]
		}
		n.MultiplyAdds += int64(elements(dims[node.Outputs[0]])) * int64(terms)
	}
	return nil
}

// product tells whether a node is a convolution or matrix product.
func product(node onnx.Node) bool {
	return slices.Contains([]string{"Conv", "Gemm", "MatMul"}, node.Op) && len(node.Inputs) >= 2 && len(node.Outputs) > 0
}

// constantsOf returns the constants by name: initializers, results of Constant, and
// other names that Identity gives them.
func constantsOf(g *onnx.Graph) map[string]*onnx.Tensor {
	constants := make(map[string]*onnx.Tensor)
	for name, t := range g.Initializers {
		constants[name] = &t
	}
	for _, node := range g.Nodes {
		if len(node.Outputs) == 0 {
			continue
		}
		if t := node.Attributes["value"].Tensor; node.Op == "Constant" && t != nil {
			constants[node.Outputs[0]] = t
		}
		if node.Op == "Identity" && len(node.Inputs) == 1 && constants[node.Inputs[0]] != nil {
			constants[node.Outputs[0]] = constants[node.Inputs[0]]
		}
	}
	return constants
}

func parameters(g *onnx.Graph, constants map[string]*onnx.Tensor) (sum int64) {
	counted := make(map[*onnx.Tensor]bool)
	for _, node := range g.Nodes {
		inputs := node.Inputs
		switch node.Op {
		case "Identity", "Resize", "Upsample", "Pad", "Clip", "ConstantOfShape":
			continue
		case "BatchNormalization":
			inputs = inputs[:min(3, len(inputs))] // gain and shift; statistics follow
		}
		for _, name := range inputs {
			t := constants[name]
			if t == nil || counted[t] || (len(t.Data) == 1 && !slices.Contains(learns, node.Op)) {
				continue
			}
			counted[t] = true
			sum += int64(len(t.Data))
		}
	}
	return sum
}

// shapes returns the shapes of values as they are when a picture is classified.
// Those between the operators are made outputs of a copy of the network, which runs
// once.
func (n *Network) shapes(p *process, g *onnx.Graph, constants map[string]*onnx.Tensor, wanted []string) (map[string][]int, error) {
	dims := map[string][]int{g.Inputs[0].Name: n.dims}
	for name, t := range constants {
		dims[name] = make([]int, len(t.Dims))
		for i, d := range t.Dims {
			dims[name][i] = int(d)
		}
	}
	outputs := []string{g.Outputs[0].Name}
	for _, name := range wanted {
		if _, known := dims[name]; !known && !slices.Contains(outputs, name) {
			outputs = append(outputs, name)
		}
	}
	copied := &Network{file: withOutputs(n.file, outputs[1:]), number: -n.number, dims: n.dims, last: n.last}
	if _, err := copied.loadInto(p); err != nil {
		return nil, err
	}
	answer, _, err := copied.run(p, make([]float32, Side*Side*3))
	if err != nil {
		return nil, err
	}
	for _, v := range answer.Outputs {
		dims[v.Name] = v.Dims
	}
	delete(p.holds, copied.number)
	_, _, err = p.exchange(request{Do: "drop", Network: copied.number}, nil)
	return dims, err
}

// Field numbers of onnx.proto3: ModelProto.graph, GraphProto.output and
// ValueInfoProto.name.
const (
	graphField  = 7
	outputField = 12
	nameField   = 1
)

// withOutputs returns an ONNX file whose graph has more outputs. A file can be read
// (see check).
func withOutputs(file []byte, names []string) []byte {
	var more []byte
	for _, name := range names {
		info := protowire.AppendString(protowire.AppendTag(nil, nameField, protowire.BytesType), name)
		more = protowire.AppendBytes(protowire.AppendTag(more, outputField, protowire.BytesType), info)
	}
	var out []byte
	eachField(file, func(number protowire.Number, kind protowire.Type, field []byte) {
		if number != graphField || kind != protowire.BytesType {
			out = append(out, field...)
			return
		}
		_, _, tag := protowire.ConsumeTag(field)
		graph, _ := protowire.ConsumeBytes(field[tag:])
		out = protowire.AppendTag(out, graphField, protowire.BytesType)
		out = protowire.AppendVarint(out, uint64(len(graph)+len(more)))
		out = append(append(out, graph...), more...)
	})
	return out
}

// eachField calls use with every field of a protobuf message, its tag included.
func eachField(message []byte, use func(number protowire.Number, kind protowire.Type, field []byte)) error {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeField(message)
		if length < 0 {
			return protowire.ParseError(length)
		}
		use(number, kind, message[:length])
		message = message[length:]
	}
	return nil
}

func elements(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
