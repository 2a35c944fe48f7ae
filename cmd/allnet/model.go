package main

import (
	"os"

	"allnet/model"
)

// readWeights returns the contents of an ONNX file, or of the shipped one where
// name is empty.
func readWeights(name string) ([]byte, error) {
	if name == "" {
		return model.Weights, nil
	}
	return os.ReadFile(name)
}

// openModel returns the network of readWeights.
func openModel(name string) (*model.Model, error) {
	if name == "" {
		return model.Default()
	}
	file, err := readWeights(name)
	if err != nil {
		return nil, err
	}
	return model.Load(file)
}
