package main

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"

	"allnet/model"
)

// modelFlag adds the option -model, which takes what openModel does.
func modelFlag(set *flag.FlagSet) *string {
	return set.String("model", shippedNames()[0], "`network` to use: "+strings.Join(shippedNames(), " or ")+", or the name of an ONNX file")
}

// shippedNames are the names of the shipped networks, the default first.
func shippedNames() []string {
	var names []string
	for _, b := range model.Shipped() {
		names = append(names, b.Name)
	}
	return names
}

// readWeights returns the contents of an ONNX file: of the shipped network of
// that name, or of the file.
func readWeights(name string) ([]byte, error) {
	for _, b := range model.Shipped() {
		if b.Name == name {
			return b.Weights(), nil
		}
	}
	return os.ReadFile(name)
}

// openModel returns the network of readWeights with its calibration. That of a
// file NAME.onnx is NAME.calibration.json beside it; where there is none, the
// network's probabilities are not calibrated and no picture is refused.
func openModel(name string) (*model.Model, error) {
	if slices.Contains(shippedNames(), name) {
		return model.Named(name)
	}
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	calibration, err := os.ReadFile(strings.TrimSuffix(name, ".onnx") + ".calibration.json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return model.Load(file)
	case err != nil:
		return nil, err
	}
	return model.LoadCalibrated(file, calibration)
}
