//go:build !js

// Package crosscheck runs an ONNX file with an engine that shares no code with
// this project: github.com/owulveryck/onnx-go reads the file,
// gorgonia.org/gorgonia computes. It checks our own reader and kernels; it is
// far too slow and too large for the page, and is built natively only.
package crosscheck

import (
	"fmt"
	"slices"

	"github.com/owulveryck/onnx-go"
	"github.com/owulveryck/onnx-go/backend/x/gorgonnx"
	"gorgonia.org/tensor"

	// gorgonia.org/tensor asks for a release of this package that stops any program
	// built with Go 1.21 or later as it starts. Importing it here makes the release
	// that knows today's Go a direct requirement, which `go mod tidy` keeps.
	_ "go4.org/unsafe/assume-no-moving-gc"
)

// Logits runs the network in onnxFile, the contents of an ONNX file with one
// picture as its input and one row of logits as its output, on one picture:
// input is [1][3][h][w], RGB in [0,1]. It answers the logits, a slice of its own.
//
// Every call reads the file into a graph of its own: a second run on the same
// graph gives a wrong answer without an error, since for a batch of one the
// library's Gemm adds its result to the bias in place (backend/x/gorgonnx/gemm.go).
//
// Give it only files that model.Load accepted. gorgonia computes in a goroutine of
// its own; where that panics, on dense layers that do not fit together for one,
// the program ends, and no caller can prevent it. Everything else comes back as an
// error.
func Logits(onnxFile []byte, input []float32, h, w int) (logits []float32, err error) {
	// Reader and graph builder panic on much of what they do not expect.
	defer func() {
		if r := recover(); r != nil {
			logits, err = nil, fmt.Errorf("cross-check: the independent engine failed: %v", r)
		}
	}()
	if h <= 0 || w <= 0 || len(input) != 3*h*w {
		return nil, fmt.Errorf("cross-check: input has %d values; expected 3 x %d x %d", len(input), h, w)
	}
	graph := gorgonnx.NewGraph()
	network := onnx.NewModel(graph)
	if err := network.UnmarshalBinary(onnxFile); err != nil {
		return nil, fmt.Errorf("cross-check: reading the ONNX file: %w", err)
	}
	if err := setPicture(network, input, h, w); err != nil {
		return nil, fmt.Errorf("cross-check: %w", err)
	}
	if err := graph.Run(); err != nil {
		return nil, fmt.Errorf("cross-check: running the network: %w", err)
	}
	outputs, err := network.GetOutputTensors()
	if err != nil {
		return nil, fmt.Errorf("cross-check: reading the output: %w", err)
	}
	if len(outputs) != 1 || outputs[0] == nil {
		return nil, fmt.Errorf("cross-check: the network has %d outputs; expected logits alone", len(outputs))
	}
	values, ok := outputs[0].Data().([]float32)
	if !ok {
		return nil, fmt.Errorf("cross-check: the output holds %T; expected []float32", outputs[0].Data())
	}
	return slices.Clone(values), nil
}

// setPicture makes input the network's only input. The library checks neither
// that every input was set (it then runs on zeros) nor that the shape is the
// declared one.
func setPicture(network *onnx.Model, input []float32, h, w int) error {
	declared := network.GetInputTensors()
	if len(declared) != 1 || declared[0] == nil {
		return fmt.Errorf("the network has %d inputs; expected the picture alone", len(declared))
	}
	shape := tensor.Shape{1, 3, h, w}
	if !declared[0].Shape().Eq(shape) {
		return fmt.Errorf("the network takes %v; expected %v, the picture's shape", declared[0].Shape(), shape)
	}
	picture := tensor.New(tensor.WithShape(shape...), tensor.WithBacking(slices.Clone(input)))
	if err := network.SetInput(0, picture); err != nil {
		return fmt.Errorf("setting the picture: %w", err)
	}
	return nil
}
