package onnx_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model/onnx"
	"google.golang.org/protobuf/encoding/protowire"
)

// numbers is how many numbers a graph holds.
func numbers(g *onnx.Graph) (n int) {
	count := func(t onnx.Tensor) { n += len(t.Dims) + len(t.Data) + len(t.Ints) }
	for _, t := range g.Initializers {
		count(t)
	}
	for _, node := range g.Nodes {
		for _, a := range node.Attributes {
			n += len(a.Ints)
			if a.Tensor != nil {
				count(*a.Tensor)
			}
		}
	}
	for _, v := range slices.Concat(g.Inputs, g.Outputs) {
		n += len(v.Dims)
	}
	return n
}

// Any file is refused in words, or is a graph whose constants have the shapes that
// they claim, that takes no more memory than the file gives it, and that is the same
// when it is written and read again.
func FuzzParse(f *testing.F) {
	f.Add(golden.Encode(small()))
	whole := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), 7)
	f.Add(message(nil, 7, message(nil, 5, message(message(whole, 8, []byte("w")), 7, []byte{5}))))
	half := protowire.AppendVarint(protowire.AppendTag([]byte{10, 1, 2}, 2, protowire.VarintType), 10)
	f.Add(message(nil, 7, message(nil, 5, message(half, 9, []byte{0, 0x3c, 1, 0}))))
	f.Add(message(nil, 7, message(nil, 1, message(nil, 5, message(message(nil, 1, []byte("value")), 5, whole)))))
	f.Fuzz(func(t *testing.T, file []byte) {
		g, err := onnx.Parse(file)
		if err != nil {
			if g != nil || !strings.HasPrefix(err.Error(), "not a readable ONNX file: ") {
				t.Errorf("graph %v with error %q", g, err)
			}
			return
		}
		if n := numbers(g); n > len(file) {
			t.Errorf("%d numbers of %d bytes", n, len(file))
		}
		wholeNumbers := false
		for name, tensor := range g.Initializers {
			count := int64(1)
			for _, d := range tensor.Dims {
				count *= d
			}
			if count != int64(len(tensor.Data)+len(tensor.Ints)) {
				t.Errorf("constant %q of shape %v has %d numbers", name, tensor.Dims, len(tensor.Data)+len(tensor.Ints))
			}
			wholeNumbers = wholeNumbers || len(tensor.Ints) > 0
		}
		if wholeNumbers { // golden.Encode writes float32 alone
			return
		}
		written := golden.Encode(g)
		again, err := onnx.Parse(written)
		if err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
		if !bytes.Equal(golden.Encode(again), written) {
			t.Error("written, read and written again it is another file")
		}
	})
}
