package compare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"allnet/internal/golden"
	"allnet/lab/compare/onnxruntime"
	"allnet/model"
)

// CostFile is what `allnet cost -json` writes: what networks take, whatever they
// have learned. Nothing in it says how often one is right.
type CostFile struct {
	Command  string `json:"command"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Side is the width and height of the picture that every network was given.
	Side int `json:"side"`
	// Rounds counts how often each network answered; in each round all did, one after
	// the other.
	Rounds   int    `json:"rounds"`
	Networks []Cost `json:"networks"`
}

// Cost is what one network takes.
type Cost struct {
	Name string `json:"name"`
	// Model is the SHA-256 of the ONNX file, and Bytes its size.
	Model string `json:"model"`
	Bytes int    `json:"bytes"`
	// Parameters and MultiplyAdds are as in Row, of the file: normalisations that were
	// folded into convolutions are no parameters of their own.
	Parameters   int64 `json:"parameters"`
	MultiplyAdds int64 `json:"multiplyAdds"`
	// Times are by program: that of ONNX Runtime, and for networks of ALL-Net's kind
	// that of this project's engine.
	Times []Timing `json:"times"`
}

// Timing is how long one program took for one picture, on one thread.
type Timing struct {
	RunBy string `json:"runBy"`
	// Milliseconds is the median of the rounds, and Quartiles a quarter and three
	// quarters of them.
	Milliseconds float64    `json:"milliseconds"`
	Quartiles    [2]float64 `json:"quartiles"`
	// Ratio is the median, over the rounds, of the time divided by that which the first
	// network took in the same round by ONNX Runtime: what else the machine does in a
	// round slows both.
	Ratio float64 `json:"ratio"`
}

// Candidate is a network to measure.
type Candidate struct {
	Name string
	// File is an ONNX file.
	File []byte
}

// contestant is a network with the ways to run it.
type contestant struct {
	cost Cost
	// runs answer one picture each and say how many milliseconds it took; they are in
	// the order of cost.Times.
	runs []func() (float64, error)
	// took is by run and round.
	took [][]float64
}

// MeasureCosts runs the networks in turns: in every round each classifies the same
// drawn picture once, on one thread; one round before them is not counted. newRuntime
// returns a runtime of its own for each network, for the memory of one is not enough
// for all; the caller ends them. progress is told of the rounds that are done.
func MeasureCosts(ctx context.Context, candidates []Candidate, rounds int, newRuntime func() *onnxruntime.Runtime, progress func(done, total int)) (*CostFile, error) {
	switch {
	case len(candidates) == 0:
		return nil, errors.New("there is no network to measure; expected at least one")
	case rounds < 1:
		return nil, fmt.Errorf("there are %d rounds; expected at least one", rounds)
	}
	picture := drawn()
	var all []*contestant
	for i, c := range candidates {
		if slices.ContainsFunc(candidates[:i], func(other Candidate) bool { return other.Name == c.Name }) {
			return nil, fmt.Errorf("two networks are called %s; expected another name for one of them", c.Name)
		}
		one, err := enter(c, picture, newRuntime())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		all = append(all, one)
	}
	for round := range rounds + 1 {
		for _, c := range all {
			for i, run := range c.runs {
				if err := ctx.Err(); err != nil {
					return nil, err
				}
				took, err := run()
				if err != nil {
					return nil, fmt.Errorf("%s: %w", c.cost.Name, err)
				}
				if round > 0 {
					c.took[i] = append(c.took[i], took)
				}
			}
		}
		progress(round, rounds)
	}
	file := &CostFile{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Side: model.Side, Rounds: rounds}
	for _, c := range all {
		for i := range c.runs {
			c.cost.Times[i].summarise(c.took[i], all[0].took[0])
		}
		file.Networks = append(file.Networks, c.cost)
	}
	return file, nil
}

// drawn is the picture that is classified, [model.Side][model.Side][3].
func drawn() []float32 {
	pictures := golden.Pictures()
	p := pictures[slices.IndexFunc(pictures, func(p golden.Picture) bool { return p.Name == "many cells" })]
	return see(p.RGB).tensor
}

// enter reads a network in each program that can run it.
func enter(c Candidate, picture []float32, onnx *onnxruntime.Runtime) (*contestant, error) {
	sum := sha256.Sum256(c.File)
	other, err := onnx.Load(c.File)
	if err != nil {
		return nil, err
	}
	if other.Classes != len(model.Classes) {
		return nil, fmt.Errorf("the network tells %d classes apart; expected %d", other.Classes, len(model.Classes))
	}
	version, err := onnx.Version()
	if err != nil {
		return nil, err
	}
	one := &contestant{cost: Cost{
		Name: c.Name, Model: hex.EncodeToString(sum[:]), Bytes: len(c.File), Parameters: other.Parameters, MultiplyAdds: other.MultiplyAdds,
		Times: []Timing{{RunBy: byONNXRuntime + version}},
	}}
	one.runs = append(one.runs, func() (float64, error) { return other.Time(picture) })
	if own, err := model.Load(c.File); err == nil {
		session, out := own.Network().NewSession(), make([]float32, len(model.Classes))
		one.cost.Times = append(one.cost.Times, Timing{RunBy: byEngine})
		one.runs = append(one.runs, func() (float64, error) {
			start := time.Now()
			err := session.Logits(picture, out)
			return float64(time.Since(start).Microseconds()) / 1000, err
		})
	}
	one.took = make([][]float64, len(one.runs))
	return one, nil
}

// summarise sets what the times of the rounds say, beside those of the first network.
func (t *Timing) summarise(took, first []float64) {
	var ratios []float64
	for i := range took {
		ratios = append(ratios, took[i]/first[i])
	}
	t.Milliseconds, t.Ratio = quantile(took, 0.5), quantile(ratios, 0.5)
	t.Quartiles = [2]float64{quantile(took, 0.25), quantile(took, 0.75)}
}

// quantile is the value below which the share q of the values lies, one of them.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}
