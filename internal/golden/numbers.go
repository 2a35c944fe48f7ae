package golden

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"allnet/model/onnx"
)

// File is a golden file: what PyTorch computed for a network and the generated
// pictures (lab/train/golden.py).
type File struct {
	Filters []int `json:"filters"`
	// WeightsSHA256 is Hash of the network's tensors.
	WeightsSHA256 string `json:"weights_sha256"`
	Cases         []Case `json:"pictures"`
}

// Case is a picture with its logits.
type Case struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	// Logits were computed in float32, Logits64 in float64 from the same float32
	// weights and the same float32 input.
	Logits   [4]float32 `json:"logits"`
	Logits64 [4]float64 `json:"logits64"`
}

// Read reads a golden file's contents.
func Read(data []byte) (*File, error) {
	f := new(File)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, fmt.Errorf("golden: %w", err)
	}
	if len(f.Cases) != len(drawings) {
		return nil, fmt.Errorf("golden: %d pictures; expected %d", len(f.Cases), len(drawings))
	}
	return f, nil
}

// Draw draws the picture of case i, [Side][Side][3]. That it is the one that PyTorch was given, whose
// hash is in the file, is tested and not looked at again.
func (f *File) Draw(i int) []uint8 { return drawings[i].draw() }

// Hash is the SHA-256, in hexadecimal digits, of the values of all tensors in
// little-endian float32.
func Hash(tensors []Tensor) string {
	h := sha256.New()
	for _, t := range tensors {
		h.Write(littleEndian(t.Values))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Tensors takes the weights and biases out of an exported file's graph, in the
// order in which its nodes use them, which is that of Weights.
func Tensors(g *onnx.Graph) []Tensor {
	var tensors []Tensor
	for _, n := range g.Nodes {
		for _, name := range n.Inputs {
			t, constant := g.Initializers[name]
			if !constant {
				continue
			}
			shape := make([]int, len(t.Dims))
			for i, d := range t.Dims {
				shape[i] = int(d)
			}
			tensors = append(tensors, Tensor{name, shape, t.Data})
		}
	}
	return tensors
}
