// Package model is ALL-Net (Thiriveedhi et al. 2025, PeerJ Computer Science
// 11:e2600): its classes, the preprocessing of a picture, the reader of its
// weights, and the answer with its probabilities. The arithmetic is the
// engine's, in model/engine.
package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"allnet/model/engine"
	"allnet/model/onnx"
	"allnet/model/standard"
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
	// reads is what the network looks at; ground the features of a field without cells, where
	// it reads cells.
	reads  Reads
	ground func() []float32
	// correction is what a laboratory taught it; nil for none.
	correction *Correction
}

// Load reads a network from an ONNX file of ALL-Net's form (see readNetwork for
// what is accepted). It has no calibration: its probabilities are the softmax of
// the logits, and no picture is refused.
func Load(file []byte) (*Model, error) {
	network, err := load(file)
	if err != nil {
		return nil, err
	}
	return newModel(network, file), nil
}

// load reads the network alone.
func load(file []byte) (*engine.Network, error) {
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
	return network, nil
}

// newModel is the model of a network that was read from a file.
func newModel(network *engine.Network, file []byte) *Model {
	sum := sha256.Sum256(file)
	m := &Model{network: network, hash: hex.EncodeToString(sum[:]), reads: WholePictures}
	m.ground = sync.OnceValue(func() []float32 {
		empty := make([]float32, Side*Side*3)
		for i := range empty {
			empty[i] = Levels[Ground]
		}
		session := network.NewSession()
		if err := session.Logits(empty, make([]float32, len(Classes))); err != nil {
			panic(err) // the input has the network's own size
		}
		return session.Features()
	})
	return m
}

// LoadCalibrated reads a network with its calibration, the JSON form of a
// Calibration. A calibration that was fitted to other weights is an error.
func LoadCalibrated(file, calibration []byte) (*Model, error) {
	m, err := Load(file)
	if err != nil {
		return nil, err
	}
	if err := m.calibrate(calibration); err != nil {
		return nil, err
	}
	return m, nil
}

// calibrate gives a model that was just made its calibration.
func (m *Model) calibrate(calibration []byte) (err error) {
	m.calibration, err = readCalibration(calibration, m.hash, m.network.Features())
	if err != nil {
		return fmt.Errorf("model: %w", err)
	}
	sum := sha256.Sum256(calibration)
	m.calibrationHash = hex.EncodeToString(sum[:])
	if m.calibration.Cells != nil {
		m.reads = Cells
	}
	return nil
}

// Reads says what the network looks at.
func (m *Model) Reads() Reads { return m.reads }

// ReadingCells is the network as one that reads cells: where there is no calibration yet to
// say so.
func (m *Model) ReadingCells() *Model {
	n := *m
	n.reads = Cells
	return &n
}

// relative makes of the features of a picture of which the cells cover a share what they differ
// by from those of empty ground, for each whole that cells cover.
func (m *Model) relative(features []float64, share float64) {
	if share == 0 {
		clear(features)
		return
	}
	for k, v := range m.ground() {
		features[k] = (features[k] - float64(v)) / share
	}
}

func narrow(values []float64) []float32 {
	n := make([]float32, len(values))
	for i, v := range values {
		n[i] = float32(v)
	}
	return n
}

// Temper is what the logits of a picture with these pooled features, of which cells cover a share,
// are multiplied by before softmax. Without a calibration it is 1.
func (m *Model) Temper(pooled []float32, share float64) float64 {
	if m.reads == Cells {
		features := wide(pooled)
		m.relative(features, share)
		pooled = narrow(features)
	}
	return m.calibration.Scale(pooled)
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

// Model is the network that the session runs.
func (s *Session) Model() *Model { return s.model }

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
	// Scale is what the logits were multiplied by before softmax: one by the picture's
	// temperature.
	Scale float64
	// Correction is what was added to them then; nil for nothing.
	Correction *Correction
	// Fields are what the network says of each field of the picture.
	Fields []FieldResult
	// Checks are all questions that the picture had to pass, with the numbers; none
	// where the network has no calibration.
	Checks []Check
}

// Read runs the network on a picture that Prepare made ready for it.
func (s *Session) Read(specimen *Specimen) (*Result, error) {
	o, err := s.Observe(specimen)
	if err != nil {
		return nil, err
	}
	r := s.model.calibration.judge(&o.Observation, s.model.correction)
	r.Fields = o.Fields
	if (r.Code == Colours || r.Code == Foreign) && s.model.Reads() == WholePictures && hasDarkSurround(specimen.Fields[0].RGB) {
		r.Reason += " " + inSurround
	}
	return r, nil
}

// Classify runs the network on its input as it is.
func (s *Session) Classify(in *Input) (*Result, error) {
	if len(in.RGB) != Side*Side*3 {
		return nil, fmt.Errorf("model: the input has %d levels, want %d (%dx%dx3)", len(in.RGB), Side*Side*3, Side, Side)
	}
	return s.Read(AsIs(in))
}

// Observed is what was observed of a picture and of its fields.
type Observed struct {
	Observation
	Fields []FieldResult
}

// FieldResult is what the network says of one field.
type FieldResult struct {
	// Logits are its outputs for the field alone.
	Logits [len(Classes)]float32
	// Weight is the part that the field has in the picture's logits: as many of the cells as
	// it holds. It is 0 where there are no cells.
	Weight float64
}

// Observe runs the network on each field of a picture and measures the picture, but decides
// nothing. The picture's logits are the mean of its fields', each counting as many times as it
// has cells; without any cell they are those of empty ground.
func (s *Session) Observe(specimen *Specimen) (*Observed, error) {
	n := len(specimen.Fields)
	if n == 0 {
		return nil, fmt.Errorf("model: the picture has no fields; expected one at least")
	}
	o := &Observed{Fields: make([]FieldResult, n)}
	count := specimen.Count()
	var logits [len(Classes)]float64
	features := make([]float64, s.model.network.Features())
	coverage := 0.0
	for i, f := range specimen.Fields {
		r := &o.Fields[i]
		switch {
		case f.Cells == nil || (count == 0 && i == 0):
			r.Weight = 1 / float64(n)
		case count == 0:
			r.Weight = 0
		default:
			r.Weight = float64(len(f.Cells.List)) / float64(count)
		}
		if n == 1 {
			r.Weight = 1
		}
		for c, v := range ColoursOf(f.Picture) {
			o.Colours[c] += float64(v / float64(n))
		}
		if r.Weight == 0 {
			continue
		}
		o.Sharpness += float64(r.Weight * SharpnessOf(f.Picture))
		if err := s.session.Logits(f.Tensor, r.Logits[:]); err != nil {
			return nil, err
		}
		for class, logit := range r.Logits {
			if logit-logit != 0 {
				return nil, Unassessable(fmt.Sprintf("The network's output for class %s is not a finite number, so there is no answer.", Class(class)))
			}
			logits[class] += float64(r.Weight * float64(logit))
		}
		for k, v := range s.session.Features() {
			features[k] += float64(r.Weight * float64(v))
		}
		if f.Cells != nil {
			coverage += float64(r.Weight * f.Cells.Share())
		}
	}
	for class, logit := range logits {
		o.Logits[class] = float32(logit)
	}
	if s.model.Reads() == Cells {
		s.model.relative(features, coverage)
	}
	o.Features = narrow(features)
	if r := specimen.Standard; r != nil {
		o.Cells = &CellsObserved{Count: count, Nucleus: specimen.nucleusDiameter(), Scaled: r.Scaled, Restaining: standard.ToReference(specimen.Stain).Far}
	}
	return o, nil
}
