package compare

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"allnet/lab/compare/onnxruntime"
	"allnet/model"
	"allnet/model/engine"
)

// Network is a classifier from an ONNX file.
type Network struct {
	// Name is that of its row; files of one network, trained on several splits, share
	// it.
	Name string
	// SHA256 is that of the ONNX file.
	SHA256 string
	// TrainedOn is the SHA-256 of the split that the network was trained on: it is
	// judged by no other. Empty means that it is not known.
	TrainedOn string

	parameters, multiplyAdds int64
	runBy                    string
	reading                  Reading
	// run answers a picture, as the network reads it; it may be called by several
	// goroutines at a time.
	run func(picture, out []float32) error
}

// Reading is how a network of another maker reads pictures and orders its answers.
type Reading struct {
	// BGR tells that blue comes first.
	BGR bool
	// Mean and Std are subtracted from, and divide, the channels in [0,1], in the
	// order in which the network reads them. A Std of 0 stands for 1.
	Mean, Std [3]float32
	// Classes are the classes of the network's outputs; the zero value is the order
	// of model.Classes.
	Classes []model.Class
}

// byEngine is RunBy of networks of ALL-Net's kind, and byONNXRuntime the beginning of
// that of others; a version follows.
const (
	byEngine      = "engine"
	byONNXRuntime = "onnxruntime-web "
)

// LoadNetwork reads an ONNX file. One of ALL-Net's kind runs on this project's
// engine and reads RGB in [0,1], as the project's networks do; any other runs on
// runtime and reads pictures as reading says.
func LoadNetwork(name string, file []byte, reading Reading, runtime *onnxruntime.Runtime) (*Network, error) {
	sum := sha256.Sum256(file)
	n := &Network{Name: name, SHA256: hex.EncodeToString(sum[:])}
	if own, err := model.Load(file); err == nil {
		net := own.Network()
		n.runBy, n.parameters, n.multiplyAdds = byEngine, int64(net.Parameters()), net.MultiplyAdds()
		sessions := sync.Pool{New: func() any { return net.NewSession() }}
		n.run = func(picture, out []float32) error {
			session := sessions.Get().(*engine.Session)
			defer sessions.Put(session)
			return session.Logits(picture, out)
		}
		return n, nil
	}
	other, err := runtime.Load(file)
	if err != nil {
		return nil, err
	}
	if other.Classes != len(model.Classes) {
		return nil, fmt.Errorf("the network tells %d classes apart; expected %d", other.Classes, len(model.Classes))
	}
	version, err := runtime.Version()
	if err != nil {
		return nil, err
	}
	n.runBy, n.reading = byONNXRuntime+version, reading
	n.parameters, n.multiplyAdds, n.run = other.Parameters, other.MultiplyAdds, other.Run
	return n, nil
}

// classify returns the class of the largest output; logits and probabilities have
// the same.
func (n *Network) classify(p *sight) (model.Class, error) {
	var out [len(model.Classes)]float32
	if err := n.run(n.reading.of(p.tensor), out[:]); err != nil {
		return 0, err
	}
	for _, v := range out {
		if v-v != 0 {
			return 0, fmt.Errorf("the network answers %v; expected finite numbers", out)
		}
	}
	best := slices.Index(out[:], slices.Max(out[:]))
	if n.reading.Classes != nil {
		return n.reading.Classes[best], nil
	}
	return model.Class(best), nil
}

// of returns a picture, RGB in [0,1], as the network reads it.
func (r *Reading) of(tensor []float32) []float32 {
	if !r.BGR && r.Mean == [3]float32{} && (r.Std == [3]float32{} || r.Std == [3]float32{1, 1, 1}) {
		return tensor
	}
	out := make([]float32, len(tensor))
	for i := range out {
		c, from := i%3, i
		if r.BGR {
			from = i - c + 2 - c
		}
		out[i] = tensor[from] - r.Mean[c]
		if r.Std[c] != 0 {
			out[i] /= r.Std[c]
		}
	}
	return out
}
