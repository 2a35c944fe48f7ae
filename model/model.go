// Package model is ALL-Net (Thiriveedhi et al. 2025, PeerJ Computer Science
// 11:e2600): its classes, the preprocessing of a picture, the reader of its
// weights, and the answer with its probabilities. The arithmetic is the
// engine's, in model/engine.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"allnet/internal/detmath"
	"allnet/model/engine"
	"allnet/model/onnx"
)

// Model is a network with its weights. It is immutable and safe for concurrent
// use.
type Model struct {
	network *engine.Network
	name    string
	hash    string
}

// Load reads a network from an ONNX file of ALL-Net's form (see readNetwork for
// what is accepted).
func Load(file []byte) (*Model, error) {
	g, err := onnx.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	spec, err := readNetwork(g)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	network, err := engine.New(spec)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	sum := sha256.Sum256(file)
	return &Model{network: network, hash: hex.EncodeToString(sum[:])}, nil
}

// Name is the shipped network's name; empty for any other file's.
func (m *Model) Name() string { return m.name }

// Hash is the SHA-256 of the ONNX file, in hexadecimal digits: it names the
// weights in every result.
func (m *Model) Hash() string { return m.hash }

// Network is the engine's network, for what goes beyond a classification.
func (m *Model) Network() *engine.Network { return m.network }

// Session classifies one picture after another; it is not safe for concurrent
// use. Give each goroutine its own.
type Session struct {
	session *engine.Session
}

// NewSession returns a session with its own working memory.
func (m *Model) NewSession() *Session { return &Session{m.network.NewSession()} }

// Result is the answer for one picture.
type Result struct {
	// Logits are the network's outputs, before softmax.
	Logits [len(Classes)]float32
	// Probabilities are softmax(Logits), computed in float64.
	Probabilities [len(Classes)]float64
	// Predicted is the most probable class; it means nothing where Abstained.
	Predicted Class
	// Abstained is set where no answer can be given; Reason then says why.
	Abstained bool
	Reason    string
}

// Classify runs the network on one picture.
func (s *Session) Classify(in *Input) (*Result, error) {
	r := new(Result)
	if err := s.session.Logits(in.Tensor, r.Logits[:]); err != nil {
		return nil, err
	}
	for class, logit := range r.Logits {
		if logit-logit != 0 {
			return nil, Unfit(fmt.Sprintf("The network's output for class %s is not a finite number, so there is no answer.", Class(class)))
		}
		if logit > r.Logits[r.Predicted] {
			r.Predicted = Class(class)
		}
	}
	r.Probabilities = softmax(r.Logits)
	return r, nil
}

// softmax is computed in float64, in this order and with an exponential of our
// own, so that every platform gives the same bits.
func softmax(logits [len(Classes)]float32) (p [len(Classes)]float64) {
	top := logits[0]
	for _, z := range logits {
		top = max(top, z)
	}
	sum := 0.0
	for i, z := range logits {
		p[i] = detmath.Exp(float64(z) - float64(top))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
