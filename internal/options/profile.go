package options

import (
	"flag"
	"fmt"
	"os"

	"allnet/cases/profile"
	"allnet/internal/terminal"
	"allnet/model"
)

// ProfileFlag adds the option -profile, which takes what OpenCorrected does.
func ProfileFlag(set *flag.FlagSet) *string {
	return set.String("profile", "", "profile `file` of a laboratory, which `allnet profile` or the page wrote; it corrects the network's answers, and tells what it says of all pictures where none of -diameter, -ground and -keep is given")
}

// OpenCorrected is OpenModel with a profile, where one is named, and what that tells of all pictures; nil:
// nothing.
func OpenCorrected(name, file string) (*model.Model, *model.Choices, error) {
	m, err := OpenModel(name)
	if err != nil || file == "" {
		return m, nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	corrected, told, err := Taught(m, text)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", terminal.Shown(file), err)
	}
	return corrected, told, nil
}

// Taught is a network with a profile, which is text, and what that tells of all pictures; nil: nothing.
func Taught(m *model.Model, text []byte) (*model.Model, *model.Choices, error) {
	p, err := profile.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	c, err := p.For(m.Hash(), m.CalibrationHash())
	if err != nil {
		return nil, nil, err
	}
	return m.Corrected(c), p.Choices, nil
}
