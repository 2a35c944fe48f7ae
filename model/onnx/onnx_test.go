package onnx_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model/onnx"
	"google.golang.org/protobuf/encoding/protowire"
)

func small() *onnx.Graph {
	return &onnx.Graph{
		Opset: 13,
		Nodes: []onnx.Node{{
			Op: "Conv", Name: "first", Inputs: []string{"x", "w"}, Outputs: []string{"y"},
			Attributes: map[string]onnx.Attribute{"group": {Int: 2}, "pads": {Ints: []int64{1, -1}}, "alpha": {Float: 0.5}},
		}},
		Initializers: map[string]onnx.Tensor{"w": {Dims: []int64{2, 2}, Data: []float32{1, -2, 0.25, float32(math.Inf(1))}}},
		Inputs:       []onnx.Value{{Name: "x", Dims: []int64{-1, 3}}},
		Outputs:      []onnx.Value{{Name: "y", Dims: []int64{1, 4}}},
	}
}

func TestParseReadsWhatWasWritten(t *testing.T) {
	want := small()
	got, err := onnx.Parse(golden.Encode(want))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A file may list its constants among its inputs; they are none.
func TestParseKeepsConstantsOutOfTheInputs(t *testing.T) {
	g := small()
	g.Inputs = append(g.Inputs, onnx.Value{Name: "w", Dims: []int64{2, 2}})
	got, err := onnx.Parse(golden.Encode(g))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got.Inputs, small().Inputs) {
		t.Errorf("inputs %+v", got.Inputs)
	}
}

// Older exporters store numbers as float_data, packed or not, and pack lists of
// whole numbers.
func TestParseReadsOtherEncodingsOfNumbers(t *testing.T) {
	number := func(b []byte, f float32) []byte {
		return protowire.AppendFixed32(protowire.AppendTag(b, 4, protowire.Fixed32Type), math.Float32bits(f))
	}
	packed := protowire.AppendFixed32(protowire.AppendFixed32(nil, math.Float32bits(3)), math.Float32bits(4))
	for name, data := range map[string][]byte{
		"one by one": number(number(nil, 3), 4),
		"packed":     message(nil, 4, packed),
	} {
		tensor := message(nil, 1, []byte{2}) // dims, packed
		tensor = protowire.AppendVarint(protowire.AppendTag(tensor, 2, protowire.VarintType), 1)
		tensor = message(tensor, 8, []byte("w"))
		tensor = append(tensor, data...)
		g, err := onnx.Parse(message(nil, 7, message(nil, 5, tensor)))
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Initializers["w"].Data; !slices.Equal(got, []float32{3, 4}) {
			t.Errorf("%s: got %v, want [3 4]", name, got)
		}
	}
}

// Values of IEEE 754-2008 binary16: one, minus two, the largest, the smallest
// normal and subnormal numbers, infinity.
func TestParseReadsHalfPrecisionAndWholeNumbers(t *testing.T) {
	file := func(kind uint64, dims int64, field protowire.Number, content []byte) []byte {
		tensor := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(dims))
		tensor = protowire.AppendVarint(protowire.AppendTag(tensor, 2, protowire.VarintType), kind)
		return message(nil, 7, message(nil, 5, message(message(tensor, 8, []byte("w")), field, content)))
	}
	halves := []float32{1, -2, 65504, 1. / (1 << 14), 1. / (1 << 24), float32(math.Inf(1))}
	var packed []byte
	for _, bits := range []uint64{0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00} {
		packed = protowire.AppendVarint(packed, bits)
	}
	for _, c := range []struct {
		name string
		file []byte
		want onnx.Tensor
	}{
		{"float16, raw", file(10, 6, 9, []byte{0, 0x3c, 0, 0xc0, 0xff, 0x7b, 0, 4, 1, 0, 0, 0x7c}), onnx.Tensor{Dims: []int64{6}, Data: halves}},
		{"float16, as numbers", file(10, 6, 5, packed), onnx.Tensor{Dims: []int64{6}, Data: halves}},
		{"int32, raw", file(6, 2, 9, []byte{1, 0, 0, 0, 254, 255, 255, 255}), onnx.Tensor{Dims: []int64{2}, Ints: []int64{1, -2}}},
		{"int64, raw", file(7, 1, 9, []byte{0, 1, 0, 0, 0, 0, 0, 0}), onnx.Tensor{Dims: []int64{1}, Ints: []int64{256}}},
		{"int64, as numbers", file(7, 2, 7, []byte{5, 6}), onnx.Tensor{Dims: []int64{2}, Ints: []int64{5, 6}}},
	} {
		g, err := onnx.Parse(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := g.Initializers["w"]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestParseReadsTextAndTensorAttributes(t *testing.T) {
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 7)
	tensor = message(tensor, 9, []byte{9, 0, 0, 0, 0, 0, 0, 0})
	node := message(nil, 5, message(message(nil, 1, []byte("auto_pad")), 4, []byte("VALID")))
	node = message(node, 5, message(message(nil, 1, []byte("value")), 5, tensor))
	g, err := onnx.Parse(message(nil, 7, message(nil, 1, node)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]onnx.Attribute{"auto_pad": {Text: "VALID"}, "value": {Tensor: &onnx.Tensor{Ints: []int64{9}}}}
	if got := g.Nodes[0].Attributes; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestParseRefuses(t *testing.T) {
	shaped := func(dims ...int64) []byte {
		g := small()
		g.Initializers["w"] = onnx.Tensor{Dims: dims, Data: g.Initializers["w"].Data}
		return golden.Encode(g)
	}
	text := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 8) // string
	odd := message(protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 7), 9, make([]byte, 9))
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"an empty file", "no graph", nil},
		{"constants of another type", "data type 8", message(nil, 7, message(nil, 5, text))},
		{"a broken number", "9 bytes of data; expected a multiple of 8", message(nil, 7, message(nil, 5, odd))},
		{"a shape that overflows", "impossible shape", shaped(1<<40, 1<<40)},
		{"a shape that the data does not fill", "holds 4 numbers; expected 6", shaped(2, 3)},
	} {
		if _, err := onnx.Parse(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}
