package model

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"allnet/internal/packing"
	"allnet/model/engine"
)

// Bundle is a network that comes with the program, with the files that belong to
// it. The files' bytes are not to be changed.
type Bundle struct {
	// Name is how the network is asked for: "robust" is this project's, "article"
	// follows the article's recipe.
	Name string
	// Reads is what the network looks at.
	Reads Reads
	// Weights returns the ONNX file; any other tool can open it. (The page holds it packed: see
	// package packing. A network that nobody asks for is not unpacked. Where that is damaged, or
	// Apart and not supplied, it is nil, which is no ONNX file.)
	Weights func() []byte
	// Apart says that the weights are not in the program and have to be supplied (see Supply). It is
	// so in the page, whose program need not wait for weights that nobody may ask for.
	Apart bool
	// Golden holds what PyTorch computed with these weights for generated pictures
	// (lab/train/golden.py), as JSON.
	Golden []byte
	// Calibration is what the answers are calibrated and withheld by, as JSON (see
	// Calibration); empty where there is none.
	Calibration []byte

	// network reads the weights, once.
	network func() (*engine.Network, error)
}

// files are those of the networks in names, and no others: all of them go into the
// page.
//
//go:embed *.onnx *.golden.json *.calibration.json
var files embed.FS

// names are those of the networks that may be shipped, the default first, with what they look at.
var names = [...]struct {
	name  string
	reads Reads
}{{"cells", Cells}, {"robust", WholePictures}, {"article", WholePictures}}

// Shipped lists the networks that come with the program, the default first.
var Shipped = sync.OnceValue(func() []Bundle {
	var bundles []Bundle
	for _, n := range names {
		read := func(ending string) []byte {
			data, _ := files.ReadFile(n.name + ending) // nil where there is none
			return data
		}
		if file, err := files.Open(n.name + ".onnx"); err == nil {
			file.Close()
			packed := read(".onnx")
			apart := len(packed) == 0
			weights := sync.OnceValue(func() []byte {
				if apart {
					packed = supplied.of(n.name)
				}
				weights, _ := packing.Unpack(packed)
				return weights
			})
			network := sync.OnceValues(func() (*engine.Network, error) { return load(weights()) })
			bundles = append(bundles, Bundle{n.name, n.reads, weights, apart, read(".golden.json"), read(".calibration.json"), network})
		}
	}
	return bundles
})

// Default returns the first of the shipped networks.
func Default() (*Model, error) { return Named(Shipped()[0].Name) }

// Named returns a shipped network, read once.
func Named(name string) (*Model, error) {
	b, err := BundleNamed(name)
	if err != nil {
		return nil, err
	}
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.models[name] == nil {
		m, err := b.load()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m.name = name
		loaded.models[name] = m
	}
	return loaded.models[name], nil
}

func (b *Bundle) load() (*Model, error) {
	network, err := b.network()
	if err != nil {
		return nil, err
	}
	m := newModel(network, b.Weights())
	if b.Calibration != nil {
		err = m.calibrate(b.Calibration)
	}
	return m, err
}

// Hash is the SHA-256 of the weights, in hexadecimal digits, as the calibration says it: weights with
// another are refused when they are read, and until then that saves putting them together.
func (b *Bundle) Hash() (string, error) {
	if b.Calibration == nil {
		return fmt.Sprintf("%x", sha256.Sum256(b.Weights())), nil
	}
	d := json.NewDecoder(bytes.NewReader(b.Calibration))
	if _, err := d.Token(); err != nil {
		return "", fmt.Errorf("%s: the calibration is not readable: %w", b.Name, err)
	}
	for d.More() { // of a long file no more is read than that
		key, err := d.Token()
		if err != nil {
			return "", fmt.Errorf("%s: the calibration is not readable: %w", b.Name, err)
		}
		var value json.RawMessage
		var hash string
		if err := d.Decode(&value); err != nil {
			return "", fmt.Errorf("%s: the calibration is not readable: %w", b.Name, err)
		}
		if key == "weights" && json.Unmarshal(value, &hash) == nil {
			return hash, nil
		}
	}
	return "", fmt.Errorf("%s: the calibration lacks weights", b.Name)
}

// Supply gives the weights of a shipped network that is Apart, packed (see package packing), before the network is
// first asked for. They are held against the network's self-check and its calibration as those in the program are.
func Supply(name string, packed []byte) error {
	b, err := BundleNamed(name)
	if err != nil {
		return err
	}
	if !b.Apart {
		return fmt.Errorf("weights of the network %q were supplied; expected none, since the program has them", name)
	}
	supplied.Lock()
	defer supplied.Unlock()
	supplied.packed[name] = packed
	return nil
}

// supplies are weights that came from outside.
type supplies struct {
	sync.Mutex
	packed map[string][]byte
}

var supplied = &supplies{packed: make(map[string][]byte)}

func (s *supplies) of(name string) []byte {
	s.Lock()
	defer s.Unlock()
	return s.packed[name]
}

// CalibrationHash is the SHA-256 of the calibration's file, as Model.CalibrationHash; empty where there is none.
func (b *Bundle) CalibrationHash() string {
	if b.Calibration == nil {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256(b.Calibration))
}

// loaded are the shipped networks that were read.
var loaded = struct {
	sync.Mutex
	models map[string]*Model
}{models: make(map[string]*Model)}

// BundleNamed finds a shipped network, whose weights are not read for that.
func BundleNamed(name string) (*Bundle, error) {
	var known []string
	for i, b := range Shipped() {
		if b.Name == name {
			return &Shipped()[i], nil
		}
		known = append(known, b.Name)
	}
	return nil, fmt.Errorf("there is no shipped network %q; expected %s", name, strings.Join(known, " or "))
}
