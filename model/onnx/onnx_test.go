package onnx_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"allnet/model/internal/onnxfile"
	"allnet/model/onnx"
	"google.golang.org/protobuf/encoding/protowire"
)

func small() *onnxfile.Graph {
	return &onnxfile.Graph{
		Opset: 13,
		Nodes: []onnxfile.Node{{
			Op: "Conv", Inputs: []string{"x", "w"}, Outputs: []string{"y"},
			Attributes: map[string]any{"group": int64(2), "pads": []int64{1, -1}, "alpha": float32(0.5)},
		}},
		Initializers: []onnxfile.Tensor{{Name: "w", Type: 1, Dims: []int64{2, 2}, Data: []float32{1, -2, 0.25, float32(math.Inf(1))}}},
		Inputs:       []onnxfile.Value{{Name: "x", Dims: []int64{-1, 3}}, {Name: "w", Dims: []int64{2, 2}}},
		Outputs:      []onnxfile.Value{{Name: "y", Dims: []int64{1, 4}}},
	}
}

func TestParseReadsWhatWasWritten(t *testing.T) {
	g, err := onnx.Parse(small().Encode())
	if err != nil {
		t.Fatal(err)
	}
	if g.Opset != 13 || len(g.Nodes) != 1 {
		t.Fatalf("got %+v", g)
	}
	n := g.Nodes[0]
	if n.Op != "Conv" || !slices.Equal(n.Inputs, []string{"x", "w"}) || !slices.Equal(n.Outputs, []string{"y"}) {
		t.Errorf("node %+v", n)
	}
	if n.Attributes["group"].Int != 2 || n.Attributes["alpha"].Float != 0.5 || !slices.Equal(n.Attributes["pads"].Ints, []int64{1, -1}) {
		t.Errorf("attributes %+v", n.Attributes)
	}
	if w := g.Initializers["w"]; !slices.Equal(w.Dims, []int64{2, 2}) || !slices.Equal(w.Data, []float32{1, -2, 0.25, float32(math.Inf(1))}) {
		t.Errorf("constant %+v", w)
	}
	if len(g.Inputs) != 1 || g.Inputs[0].Name != "x" || !slices.Equal(g.Inputs[0].Dims, []int64{-1, 3}) {
		t.Errorf("inputs %+v; a constant is no input, and an open size is -1", g.Inputs)
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
	for _, c := range []struct {
		name, want string
		file       func() []byte
	}{
		{"an empty file", "no graph", func() []byte { return nil }},
		{"constants of another type", "data type 7", func() []byte { g := small(); g.Initializers[0].Type = 7; return g.Encode() }},
		{"a shape that overflows", "impossible shape", func() []byte {
			g := small()
			g.Initializers[0].Dims = []int64{1 << 40, 1 << 40}
			return g.Encode()
		}},
		{"a shape that the data does not fill", "holds 4 numbers; expected 6", func() []byte {
			g := small()
			g.Initializers[0].Dims = []int64{2, 3}
			return g.Encode()
		}},
	} {
		if _, err := onnx.Parse(c.file()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(small().Encode())
	f.Fuzz(func(t *testing.T, file []byte) {
		if g, err := onnx.Parse(file); err == nil && g == nil {
			t.Error("neither a graph nor an error")
		}
	})
}

func message(b []byte, field protowire.Number, content []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), content)
}
