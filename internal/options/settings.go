package options

import (
	"errors"
	"flag"
	"strconv"
	"strings"

	"allnet/lime"
	"allnet/model"
)

// Explaining are the options that say how to explain.
type Explaining struct {
	set                  *flag.FlagSet
	preset, hide, target *string
	samples, features    *int
	seed                 *seed
}

// SettingsFlags adds the options -preset, -hide, -target, -samples, -features and -seed.
func SettingsFlags(set *flag.FlagSet) *Explaining {
	o := &Explaining{
		set:      set,
		preset:   set.String("preset", "", "settings to start from: "+presetNames()+" (default: cells for a network that reads cells, else "+lime.DefaultPreset().Name+")"),
		hide:     set.String("hide", "", "colour of a hidden region: black or mean; removed for cells"),
		target:   set.String("target", "", "what is explained: probability or log-odds"),
		samples:  set.Int("samples", 0, "number of samples"),
		features: set.Int("features", 0, "number of regions to outline"),
		seed:     new(seed),
	}
	set.Var(o.seed, "seed", "seed of the samples, a whole `number` from 0 to 4294967295 (default: the preset's)")
	return o
}

// Settings are those that were asked for, for a network, with the name of the preset that they
// start from.
func (o *Explaining) Settings(m *model.Model) (preset string, s lime.Settings, err error) {
	name := *o.preset
	if name == "" {
		name = lime.DefaultPreset().Name
		if m.Reads() == model.Cells {
			name = "cells"
		}
	}
	p, err := lime.PresetByName(name)
	if err != nil {
		return "", s, err
	}
	s = p.Settings
	given := Given(o.set)
	if given["hide"] {
		if err := s.Hide.UnmarshalText([]byte(*o.hide)); err != nil {
			return "", s, err
		}
	}
	if given["target"] {
		if err := s.Target.UnmarshalText([]byte(*o.target)); err != nil {
			return "", s, err
		}
	}
	if given["samples"] {
		s.Samples = *o.samples
	}
	if given["features"] {
		s.Features = *o.features
	}
	if given["seed"] {
		s.Seed = uint32(*o.seed)
	}
	return name, s, nil
}

// Given tells which options were set on the command line.
func Given(set *flag.FlagSet) map[string]bool {
	names := make(map[string]bool)
	set.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// seed is an option that takes the seeds of NumPy's RandomState.
type seed uint32

func (s *seed) String() string { return strconv.FormatUint(uint64(*s), 10) }

func (s *seed) Set(text string) error {
	v, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return errors.New("expected a whole number from 0 to 4294967295")
	}
	*s = seed(v)
	return nil
}

func presetNames() string {
	var names []string
	for _, p := range lime.Presets() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}
