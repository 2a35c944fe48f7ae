package onnx_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/model/internal/golden"
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

func TestParseRefuses(t *testing.T) {
	shaped := func(dims ...int64) []byte {
		g := small()
		g.Initializers["w"] = onnx.Tensor{Dims: dims, Data: g.Initializers["w"].Data}
		return golden.Encode(g)
	}
	half := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 10) // float16
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"an empty file", "no graph", nil},
		{"constants of another type", "data type 10", message(nil, 7, message(nil, 5, half))},
		{"a shape that overflows", "impossible shape", shaped(1<<40, 1<<40)},
		{"a shape that the data does not fill", "holds 4 numbers; expected 6", shaped(2, 3)},
	} {
		if _, err := onnx.Parse(c.file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(golden.Encode(small()))
	f.Fuzz(func(t *testing.T, file []byte) {
		if g, err := onnx.Parse(file); err == nil && g == nil {
			t.Error("neither a graph nor an error")
		}
	})
}

func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}
