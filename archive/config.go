package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lime"
	"allnet/model"
)

// Config is all that a worker must know. It travels with the pipeline, so it holds no file of the machine that the run
// was started on.
type Config struct {
	// Inputs are the patterns of the files to read, Output the folder that is written to.
	Inputs []string
	Output string
	// Network names a shipped network; where it is empty the network is the file network.onnx in Output.
	Network string
	// Weights, Calibration and Profile are SHA-256 sums of what the answers rest on; Profile is empty for none.
	Weights     string
	Calibration string
	Profile     string
	Choices     model.Choices
	// Explain asks for evidence; Preset and Settings say how.
	Explain  bool
	Preset   string
	Settings lime.Settings
	// SaveEvery is after how many pictures the store gets a file; 0: as many as chunk says.
	SaveEvery int
}

// The files in the output's folder.
const (
	answersFile   = "answers.jsonl"
	sumsFile      = "sha256sums.txt"
	summaryFile   = "summary.json"
	reportFile    = "report.html"
	runFile       = "run.json"
	networkFile   = "network.onnx"
	calibrateFile = "network.calibration.json"
	profileFile   = "profile.json"
	storeFolder   = "store"
	linesFolder   = "lines"
	namesFolder   = "names"
	evidenceDir   = "evidence"
)

// in is the path of a file of the output.
func (c *Config) in(parts ...string) string {
	name := strings.TrimSuffix(c.Output, "/")
	for _, p := range parts {
		name += "/" + p
	}
	return name
}

// answering is what the answers depend on: a run goes on only where this is the same.
func (c *Config) answering() string {
	text, err := json.Marshal([]any{c.Weights, c.Calibration, c.Profile, c.Choices, runtime.Version()})
	if err != nil {
		panic(err) // strings and numbers
	}
	return string(text)
}

// explaining names how evidence is made; empty for none.
func (c *Config) explaining() string {
	if !c.Explain {
		return ""
	}
	text, err := json.Marshal(c.Settings)
	if err != nil {
		panic(err) // strings and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// prepare puts what the workers need into the output's folder, and refuses one that holds other answers.
func (c *Config) prepare(ctx context.Context, network, profile string) error {
	before, err := readFile(ctx, c.in(runFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) || err != nil && isRemote(c.Output):
	case err != nil:
		return err
	case string(before) != c.answering()+"\n":
		return fmt.Errorf("%s holds answers of another network, calibration, profile, way of preparing pictures or Go release; expected the same, or another folder for -output", terminal.Shown(c.Output))
	}
	copies := map[string]string{}
	if c.Network == "" {
		copies[networkFile] = network
		if c.Calibration != "" {
			copies[calibrateFile] = strings.TrimSuffix(network, ".onnx") + ".calibration.json"
		}
	}
	if profile != "" {
		copies[profileFile] = profile
	}
	for name, from := range copies {
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := writeFile(ctx, c.in(name), data); err != nil {
			return err
		}
	}
	return writeFile(ctx, c.in(runFile), []byte(c.answering()+"\n"))
}

// network opens the network on a worker.
func (c *Config) network(ctx context.Context) (*model.Model, error) {
	var m *model.Model
	var err error
	if c.Network != "" {
		m, err = model.Named(c.Network)
	} else {
		m, err = c.ownNetwork(ctx)
	}
	if err != nil {
		return nil, err
	}
	if c.Profile != "" {
		text, err := readFile(ctx, c.in(profileFile))
		if err != nil {
			return nil, err
		}
		if m, _, err = options.Taught(m, text); err != nil {
			return nil, err
		}
	}
	if m.Hash() != c.Weights || m.CalibrationHash() != c.Calibration {
		return nil, fmt.Errorf("this worker holds other weights than the program that started the run; expected the same build on both")
	}
	return m, nil
}

// ownNetwork is a network that is not shipped.
func (c *Config) ownNetwork(ctx context.Context) (*model.Model, error) {
	file, err := readFile(ctx, c.in(networkFile))
	if err != nil || c.Calibration == "" {
		if err != nil {
			return nil, err
		}
		return model.Load(file)
	}
	calibration, err := readFile(ctx, c.in(calibrateFile))
	if err != nil {
		return nil, err
	}
	return model.LoadCalibrated(file, calibration)
}

// reader reads pictures in one process: a network with a session for each core, which all bundles share.
type reader struct {
	model    *model.Model
	options  model.Options
	sessions chan *model.Session
	// units lets two units in at a time, though a runner may begin all at once: the second has the cores that the first leaves at
	// its end, and what is lost when a run is cut off is no more than two of them.
	units chan struct{}
}

var readers = struct {
	sync.Mutex
	of map[string]*reader
}{of: make(map[string]*reader)}

// reader is the process's reader for this run, made when it is first asked for.
func (c *Config) reader(ctx context.Context) (*reader, error) {
	key := path.Join(c.Output, c.answering())
	readers.Lock()
	defer readers.Unlock()
	if r := readers.of[key]; r != nil {
		return r, nil
	}
	m, err := c.network(ctx)
	if err != nil {
		return nil, err
	}
	r := &reader{model: m, options: c.Choices.Options(), sessions: make(chan *model.Session, runtime.GOMAXPROCS(0)), units: make(chan struct{}, 2)}
	for range cap(r.sessions) {
		r.sessions <- m.NewSession()
	}
	readers.of[key] = r
	return r, nil
}

// shipped tells whether a network of that name comes with the program.
func shipped(name string) bool { return slices.Contains(options.ShippedNames(), name) }
