// Package onnx reads the parts of an ONNX file that a feed-forward network
// needs: nodes with their attributes, initializers, inputs and outputs.
// Field numbers are those of onnx.proto3 (ONNX IR version 8); the protobuf wire
// format is left to protowire.
package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Graph is a network as the file describes it.
type Graph struct {
	// Opset is the version of the default operator set.
	Opset int64
	// Nodes are in the file's order, which ONNX demands to be topological.
	Nodes []Node
	// Initializers holds the constants by name.
	Initializers map[string]Tensor
	// Inputs and Outputs are the graph's, initializers excluded.
	Inputs, Outputs []Value
}

// Node is one operator of the graph.
type Node struct {
	Op, Name        string
	Domain          string
	Inputs, Outputs []string
	Attributes      map[string]Attribute
}

// Attribute is a number, a list of whole numbers, a text or a tensor; other kinds
// of attributes only keep their name.
type Attribute struct {
	Int    int64
	Float  float32
	Ints   []int64
	Text   string
	Tensor *Tensor
}

// Tensor is a constant: Data holds its numbers, or Ints where they are whole
// numbers (int32, int64). Half precision comes as the same numbers in float32.
type Tensor struct {
	Dims []int64
	Data []float32
	Ints []int64
}

// Value is an input or output with its shape; a size that the file leaves open
// is -1.
type Value struct {
	Name string
	Dims []int64
}

// The data types of constants that are read: TensorProto.DataType.
const (
	float32Type = 1
	int32Type   = 6
	int64Type   = 7
	float16Type = 10
)

// Parse reads an ONNX file. It refuses constants of other types than Tensor has
// room for, and those that are stored in another file.
func Parse(data []byte) (*Graph, error) {
	g := &Graph{Initializers: make(map[string]Tensor)}
	seen := false
	err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 7: // graph
			seen = true
			return g.parse(v.bytes)
		case 8: // opset_import
			return g.parseOpset(v.bytes)
		}
		return nil
	})
	if err == nil && !seen {
		err = errors.New("it holds no graph")
	}
	if err != nil {
		return nil, fmt.Errorf("not a readable ONNX file: %w", err)
	}
	return g, nil
}

func (g *Graph) parseOpset(data []byte) error {
	domain, version := "", int64(0)
	err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			domain = string(v.bytes)
		case 2:
			version = int64(v.number)
		}
		return nil
	})
	if domain == "" || domain == "ai.onnx" {
		g.Opset = version
	}
	return err
}

func (g *Graph) parse(data []byte) error {
	var inputs []Value
	err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			node, err := parseNode(v.bytes)
			g.Nodes = append(g.Nodes, node)
			return err
		case 5:
			name, tensor, err := parseTensor(v.bytes)
			g.Initializers[name] = tensor
			return err
		case 11, 12:
			val, err := parseValue(v.bytes)
			if num == 11 {
				inputs = append(inputs, val)
			} else {
				g.Outputs = append(g.Outputs, val)
			}
			return err
		}
		return nil
	})
	for _, in := range inputs {
		if _, constant := g.Initializers[in.Name]; !constant {
			g.Inputs = append(g.Inputs, in)
		}
	}
	return err
}

func parseNode(data []byte) (Node, error) {
	n := Node{Attributes: make(map[string]Attribute)}
	err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			n.Inputs = append(n.Inputs, string(v.bytes))
		case 2:
			n.Outputs = append(n.Outputs, string(v.bytes))
		case 3:
			n.Name = string(v.bytes)
		case 4:
			n.Op = string(v.bytes)
		case 5:
			return n.parseAttribute(v.bytes)
		case 7:
			n.Domain = string(v.bytes)
		}
		return nil
	})
	return n, err
}

func (n *Node) parseAttribute(data []byte) error {
	name, a := "", Attribute{}
	err := fields(data, func(num protowire.Number, v value) (err error) {
		switch num {
		case 1:
			name = string(v.bytes)
		case 2:
			a.Float = math.Float32frombits(uint32(v.number))
		case 3:
			a.Int = int64(v.number)
		case 4:
			a.Text = string(v.bytes)
		case 5:
			var t Tensor
			_, t, err = parseTensor(v.bytes)
			a.Tensor = &t
		case 8:
			a.Ints, err = appendInts(a.Ints, v)
		}
		return err
	})
	n.Attributes[name] = a
	return err
}

func parseTensor(data []byte) (string, Tensor, error) {
	var (
		name  string
		t     Tensor
		kind  = uint64(0)
		whole []int64
		raw   []byte
		other bool
	)
	err := fields(data, func(num protowire.Number, v value) (err error) {
		switch num {
		case 1:
			t.Dims, err = appendInts(t.Dims, v)
		case 2:
			kind = v.number
		case 4: // float_data, packed or one by one
			if v.bytes == nil {
				t.Data = append(t.Data, math.Float32frombits(uint32(v.number)))
			} else {
				t.Data, err = appendFloats(t.Data, v.bytes)
			}
		case 5, 7: // int32_data (which holds the bits of float16 too), int64_data
			whole, err = appendInts(whole, v)
		case 8:
			name = string(v.bytes)
		case 9:
			raw = v.bytes
		case 14:
			other = v.number != 0
		}
		return err
	})
	if err != nil {
		return name, t, err
	}
	if other {
		return name, t, fmt.Errorf("constant %q is stored in another file; expected one file", name)
	}
	switch kind {
	case float32Type:
		if raw != nil {
			t.Data, err = appendFloats(t.Data, raw)
		}
	case float16Type, int32Type, int64Type:
		if raw != nil {
			whole, err = wholeNumbers(raw, kind)
		}
		if kind != float16Type {
			t.Data, t.Ints = nil, whole
			break
		}
		t.Data = make([]float32, len(whole))
		for i, bits := range whole {
			t.Data[i] = half(uint16(bits))
		}
	default:
		err = fmt.Errorf("data type %d; expected float32 (%d), float16 (%d), int32 (%d) or int64 (%d)", kind, float32Type, float16Type, int32Type, int64Type)
	}
	if err != nil {
		return name, t, fmt.Errorf("constant %q: %w", name, err)
	}
	count := int64(1)
	for _, d := range t.Dims {
		if d < 0 || (d > 0 && count > math.MaxInt32/d) {
			return name, t, fmt.Errorf("constant %q has the impossible shape %v", name, t.Dims)
		}
		count *= d
	}
	if held := len(t.Data) + len(t.Ints); count != int64(held) {
		return name, t, fmt.Errorf("constant %q of shape %v holds %d numbers; expected %d", name, t.Dims, held, count)
	}
	return name, t, nil
}

func parseValue(data []byte) (Value, error) {
	var out Value
	err := fields(data, func(num protowire.Number, v value) error {
		switch num {
		case 1:
			out.Name = string(v.bytes)
		case 2: // type
			return within(v.bytes, 1, func(tensor []byte) error { // tensor_type
				return within(tensor, 2, func(shape []byte) error { // shape
					return within(shape, 1, func(dim []byte) error { // dim
						size := int64(-1)
						err := fields(dim, func(num protowire.Number, v value) error {
							if num == 1 {
								size = int64(v.number)
							}
							return nil
						})
						out.Dims = append(out.Dims, size)
						return err
					})
				})
			})
		}
		return nil
	})
	return out, err
}

// within calls use with every occurrence of the message field number want.
func within(data []byte, want protowire.Number, use func([]byte) error) error {
	return fields(data, func(num protowire.Number, v value) error {
		if num == want {
			return use(v.bytes)
		}
		return nil
	})
}

// value is a protobuf field's value: bytes for length-delimited fields (never
// nil), number for the others.
type value struct {
	number uint64
	bytes  []byte
}

// fields calls use for every field of a protobuf message.
func fields(data []byte, use func(protowire.Number, value) error) error {
	for len(data) > 0 {
		num, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return protowire.ParseError(n)
		}
		data = data[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(data)
		case protowire.Fixed32Type:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(data)
			v.number = uint64(bits)
		case protowire.Fixed64Type:
			v.number, n = protowire.ConsumeFixed64(data)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(data)
			if n >= 0 && v.bytes == nil {
				v.bytes = []byte{}
			}
		default:
			return fmt.Errorf("protobuf field of unknown kind %d", kind)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		if err := use(num, v); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func appendInts(ints []int64, v value) ([]int64, error) {
	if v.bytes == nil {
		return append(ints, int64(v.number)), nil
	}
	for packed := v.bytes; len(packed) > 0; {
		number, n := protowire.ConsumeVarint(packed)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		ints = append(ints, int64(number))
		packed = packed[n:]
	}
	return ints, nil
}

func appendFloats(floats []float32, raw []byte) ([]float32, error) {
	if len(raw)%4 != 0 {
		return nil, fmt.Errorf("%d bytes of float32 data; expected a multiple of 4", len(raw))
	}
	for ; len(raw) > 0; raw = raw[4:] {
		floats = append(floats, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	}
	return floats, nil
}

// wholeNumbers reads raw little-endian numbers: int64, int32, or the bits of
// float16.
func wholeNumbers(raw []byte, kind uint64) ([]int64, error) {
	size := map[uint64]int{float16Type: 2, int32Type: 4, int64Type: 8}[kind]
	if len(raw)%size != 0 {
		return nil, fmt.Errorf("%d bytes of data; expected a multiple of %d", len(raw), size)
	}
	numbers := make([]int64, len(raw)/size)
	for i := range numbers {
		at := raw[i*size:]
		switch kind {
		case float16Type:
			numbers[i] = int64(binary.LittleEndian.Uint16(at))
		case int32Type:
			numbers[i] = int64(int32(binary.LittleEndian.Uint32(at)))
		default:
			numbers[i] = int64(binary.LittleEndian.Uint64(at))
		}
	}
	return numbers, nil
}

// half is the number that IEEE 754 binary16 bits stand for; float32 holds each
// of them exactly.
func half(bits uint16) float32 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	value := math.Ldexp(1024+fraction, exponent-25)
	switch {
	case exponent == 0:
		value = math.Ldexp(fraction, -24)
	case exponent == 31 && fraction == 0:
		value = math.Inf(1)
	case exponent == 31:
		value = math.NaN()
	}
	return float32(math.Copysign(value, float64(int16(bits))))
}
