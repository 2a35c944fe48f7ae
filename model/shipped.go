package model

import (
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"allnet/internal/packing"
)

// Bundle is a network that comes with the program, with the files that belong to
// it. The files' bytes are not to be changed.
type Bundle struct {
	// Name is how the network is asked for: "robust" is this project's, "article"
	// follows the article's recipe.
	Name string
	// Weights returns the ONNX file; any other tool can open it. (The page holds it packed: see
	// package packing. A network that nobody asks for is not unpacked. Where that is damaged it is
	// nil, which is no ONNX file.)
	Weights func() []byte
	// Golden holds what PyTorch computed with these weights for generated pictures
	// (lab/train/golden.py), as JSON.
	Golden []byte
	// Calibration is what the answers are calibrated and withheld by, as JSON (see
	// Calibration); empty where there is none.
	Calibration []byte
}

// files are those of the networks in names, and no others: all of them go into the
// page.
//
//go:embed *.onnx *.golden.json *.calibration.json
var files embed.FS

// names are those of the networks that may be shipped, the default first.
var names = [...]string{"cells", "robust", "article"}

// Shipped lists the networks that come with the program, the default first.
var Shipped = sync.OnceValue(func() []Bundle {
	var bundles []Bundle
	for _, name := range names {
		read := func(ending string) []byte {
			data, _ := files.ReadFile(name + ending) // nil where there is none
			return data
		}
		if file := read(".onnx"); file != nil {
			weights := sync.OnceValue(func() []byte {
				weights, _ := packing.Unpack(file)
				return weights
			})
			bundles = append(bundles, Bundle{name, weights, read(".golden.json"), read(".calibration.json")})
		}
	}
	return bundles
})

// Default returns the first of the shipped networks.
func Default() (*Model, error) { return Named(Shipped()[0].Name) }

// Named returns a shipped network, read once.
func Named(name string) (*Model, error) {
	b, err := bundle(name)
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
	if b.Calibration == nil {
		return Load(b.Weights())
	}
	return LoadCalibrated(b.Weights(), b.Calibration)
}

// Told is what the calibration says of its network, without the network being read: the SHA-256
// of its ONNX file, in hexadecimal digits, and what it looks at. Weights with another hash are
// refused when they are read.
func (b *Bundle) Told() (hash string, reads Reads, err error) {
	if b.Calibration == nil {
		return fmt.Sprintf("%x", sha256.Sum256(b.Weights())), WholePictures, nil
	}
	var told struct {
		Weights string
		Cells   *json.RawMessage
	}
	if err := json.Unmarshal(b.Calibration, &told); err != nil {
		return "", WholePictures, fmt.Errorf("%s: the calibration is not readable: %w", b.Name, err)
	}
	if told.Cells != nil {
		return told.Weights, Cells, nil
	}
	return told.Weights, WholePictures, nil
}

// loaded are the shipped networks that were read.
var loaded = struct {
	sync.Mutex
	models map[string]*Model
}{models: make(map[string]*Model)}

// bundle finds a shipped network.
func bundle(name string) (*Bundle, error) {
	var known []string
	for i, b := range Shipped() {
		if b.Name == name {
			return &Shipped()[i], nil
		}
		known = append(known, b.Name)
	}
	return nil, fmt.Errorf("there is no shipped network %q; expected %s", name, strings.Join(known, " or "))
}
