package options

import (
	"flag"

	"allnet/model"
)

// Reading are the options that say how pictures are read: -model, -profile, and those of Preparation.
type Reading struct {
	network, profile *string
	preparation      *Preparation
}

// ReadingFlags adds them.
func ReadingFlags(set *flag.FlagSet) *Reading {
	return &Reading{ModelFlag(set), ProfileFlag(set), PreparationFlags(set)}
}

// Open returns the network that was asked for, corrected by the profile, and what is told of all
// pictures.
func (r *Reading) Open() (*model.Model, *model.Choices, error) {
	m, told, err := OpenCorrected(*r.network, *r.profile)
	if err != nil {
		return nil, nil, err
	}
	choices, err := r.preparation.Choices(told)
	return m, choices, err
}
