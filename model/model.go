// Package model is ALL-Net (Thiriveedhi et al. 2025, PeerJ Computer Science
// 11:e2600): its classes, the preprocessing of a picture, the reader of its
// weights, and the answer with its probabilities. The arithmetic is the
// engine's, in model/engine.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"allnet/model/engine"
	"allnet/model/onnx"
)

// Model is a network with its weights. It is immutable and safe for concurrent
// use.
type Model struct {
	network *engine.Network
	name    string
	hash    string
	// calibration is nil where the network has none.
	calibration     *Calibration
	calibrationHash string
}

// Load reads a network from an ONNX file of ALL-Net's form (see readNetwork for
// what is accepted). It has no calibration: its probabilities are the softmax of
// the logits, and no picture is refused.
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

// LoadCalibrated reads a network with its calibration, the JSON form of a
// Calibration. A calibration that was fitted to other weights is an error.
func LoadCalibrated(file, calibration []byte) (*Model, error) {
	m, err := Load(file)
	if err != nil {
		return nil, err
	}
	m.calibration, err = readCalibration(calibration, m.hash, m.network.Features())
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	sum := sha256.Sum256(calibration)
	m.calibrationHash = hex.EncodeToString(sum[:])
	return m, nil
}

// Calibration returns what the answers are calibrated by; nil where the network
// has none.
func (m *Model) Calibration() *Calibration { return m.calibration }

// Name is the shipped network's name; empty for any other file's.
func (m *Model) Name() string { return m.name }

// Hash is the SHA-256 of the ONNX file, in hexadecimal digits: it names the
// weights in every result.
func (m *Model) Hash() string { return m.hash }

// CalibrationHash is the SHA-256 of the calibration's file, in hexadecimal digits:
// with Hash it names all that an answer depends on. It is empty where there is no
// calibration.
func (m *Model) CalibrationHash() string { return m.calibrationHash }

// Network is the engine's network, for what goes beyond a classification.
func (m *Model) Network() *engine.Network { return m.network }

// Session classifies one picture after another; it is not safe for concurrent
// use. Give each goroutine its own.
type Session struct {
	model   *Model
	session *engine.Session
}

// NewSession returns a session with its own working memory.
func (m *Model) NewSession() *Session { return &Session{m, m.network.NewSession()} }

// Result is the answer for one picture.
type Result struct {
	// Logits are the network's outputs, before softmax.
	Logits [len(Classes)]float32
	// Probabilities are the calibrated ones: softmax of the logits divided by the
	// picture's temperature, computed in float64. They stand here even where
	// Abstained.
	Probabilities [len(Classes)]float64
	// Predicted is the most probable class; it means nothing where Abstained.
	Predicted Class
	// Abstained is set where no answer can be given; Code and Reason then say why,
	// Reason in a sentence or two.
	Abstained bool
	Code      Code
	Reason    string
	// Checks are all questions that the picture had to pass, with the numbers; none
	// where the network has no calibration.
	Checks []Check
}

// Classify runs the network on one picture.
func (s *Session) Classify(in *Input) (*Result, error) {
	o, err := s.Observe(in)
	if err != nil {
		return nil, err
	}
	r := s.model.calibration.Judge(o)
	if (r.Code == Colours || r.Code == Foreign) && hasDarkSurround(in.RGB) {
		r.Reason += " " + inSurround
	}
	return r, nil
}

// Observe runs the network on one picture and measures the picture, but decides
// nothing.
func (s *Session) Observe(in *Input) (*Observation, error) {
	if len(in.RGB) != Side*Side*3 {
		return nil, fmt.Errorf("model: the input has %d levels, want %d (%dx%dx3)", len(in.RGB), Side*Side*3, Side, Side)
	}
	o := &Observation{Colours: ColoursOf(in.RGB), Sharpness: SharpnessOf(in.RGB)}
	if err := s.session.Logits(in.Tensor, o.Logits[:]); err != nil {
		return nil, err
	}
	for class, logit := range o.Logits {
		if logit-logit != 0 {
			return nil, Unassessable(fmt.Sprintf("The network's output for class %s is not a finite number, so there is no answer.", Class(class)))
		}
	}
	o.Features = slices.Clone(s.session.Features())
	return o, nil
}
