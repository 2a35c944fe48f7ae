// Package options holds the options that the programs share: which network reads a picture and what a
// laboratory taught it, how a picture is made ready, and how an answer is explained.
package options

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"slices"
	"strings"

	"allnet/model"
)

// ModelFlag adds the option -model, which takes what OpenModel does.
func ModelFlag(set *flag.FlagSet) *string {
	return set.String("model", ShippedNames()[0], "`network` to use: "+strings.Join(ShippedNames(), " or ")+", or the name of an ONNX file")
}

// ShippedNames are the names of the shipped networks, the default first.
func ShippedNames() []string {
	var names []string
	for _, b := range model.Shipped() {
		names = append(names, b.Name)
	}
	return names
}

// ReadWeights returns the contents of an ONNX file: of the shipped network of
// that name, or of the file.
func ReadWeights(name string) ([]byte, error) {
	for _, b := range model.Shipped() {
		if b.Name == name {
			return b.Weights(), nil
		}
	}
	return os.ReadFile(name)
}

// OpenModel returns the network of ReadWeights with its calibration. That of a
// file NAME.onnx is NAME.calibration.json beside it; where there is none, the
// network's probabilities are not calibrated and no picture is refused.
func OpenModel(name string) (*model.Model, error) {
	if slices.Contains(ShippedNames(), name) {
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
