package card

import (
	"fmt"
	"io/fs"
)

// Calibrated says in a few sentences what was measured of a shipped network's
// percentages, to stand beside an answer.
func Calibrated(results fs.FS, name string) (string, error) {
	r, err := Load(results)
	if err != nil {
		return "", err
	}
	networks, err := r.shipped()
	if err != nil {
		return "", err
	}
	for _, n := range networks {
		if n.Name() == name {
			return n.calibrationSentence(), nil
		}
	}
	return "", fmt.Errorf("there is no shipped network %q; expected one of model.Shipped", name)
}
