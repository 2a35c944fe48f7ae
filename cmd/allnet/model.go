package main

import (
	"os"

	"allnet/model"
)

// openModel returns the network of an ONNX file, or the shipped one where name is
// empty.
func openModel(name string) (*model.Model, error) {
	if name == "" {
		return model.Default()
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return model.Load(data)
}
