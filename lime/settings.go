package lime

import (
	"fmt"
	"strings"
)

// Hide is what a hidden superpixel looks like.
type Hide int

const (
	HideBlack Hide = iota // all black: hide_color=0, the article's choice
	HideMean              // the mean colour of the superpixel: hide_color=None
	// HideRemoved is the colour of the ground, the pixels that belong to no superpixel: what is hidden is gone. It goes with RegionsCells.
	HideRemoved
)

// Target is what the regression explains.
type Target int

const (
	TargetProbability Target = iota // the class's probability, as in Python
	TargetLogOdds                   // log(p/(1-p)) from the logits: z_k - logsumexp of the others; it does not saturate
)

// RegionKind is what the superpixels are.
type RegionKind int

const (
	RegionsQuickshift RegionKind = iota // those of Quickshift, which make up the whole picture
	// RegionsCells are objects that were found beforehand, the cells of a smear for one. What lies between them is the ground, one constant
	// colour, and belongs to no superpixel (NoRegion).
	RegionsCells
)

var (
	hideNames   = []string{"black", "mean", "removed"}
	targetNames = []string{"probability", "log-odds"}
	regionNames = []string{"quickshift", "cells"}
)

// String returns "black", "mean" or "removed".
func (h Hide) String() string { return nameOf(hideNames, int(h)) }

// String returns "probability" or "log-odds".
func (t Target) String() string { return nameOf(targetNames, int(t)) }

// String returns "quickshift" or "cells".
func (k RegionKind) String() string { return nameOf(regionNames, int(k)) }

// MarshalText gives the name that String gives; an unknown value is an error.
func (h Hide) MarshalText() ([]byte, error) { return marshalName("hiding colour", hideNames, int(h)) }

// MarshalText gives the name that String gives; an unknown value is an error.
func (t Target) MarshalText() ([]byte, error) { return marshalName("target", targetNames, int(t)) }

// MarshalText gives the name that String gives; an unknown value is an error.
func (k RegionKind) MarshalText() ([]byte, error) {
	return marshalName("kind of regions", regionNames, int(k))
}

// UnmarshalText reads a name that String gives.
func (h *Hide) UnmarshalText(text []byte) error {
	i, err := valueOf("hiding colour", hideNames, string(text))
	*h = Hide(i)
	return err
}

// UnmarshalText reads a name that String gives.
func (t *Target) UnmarshalText(text []byte) error {
	i, err := valueOf("target", targetNames, string(text))
	*t = Target(i)
	return err
}

// UnmarshalText reads a name that String gives.
func (k *RegionKind) UnmarshalText(text []byte) error {
	i, err := valueOf("kind of regions", regionNames, string(text))
	*k = RegionKind(i)
	return err
}

func nameOf(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return fmt.Sprintf("unknown (%d)", i)
	}
	return names[i]
}

func marshalName(what string, names []string, i int) ([]byte, error) {
	if i < 0 || i >= len(names) {
		return nil, fmt.Errorf("lime: %s %d does not exist", what, i)
	}
	return []byte(names[i]), nil
}

func valueOf(what string, names []string, name string) (int, error) {
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("lime: unknown %s %q; expected %s", what, name, either(names))
}

// either lists names: "a, b or c".
func either(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// Limits of the settings.
const (
	MinSamples  = 20     // two halves of ten: fewer say nothing about stability
	MaxSamples  = 100000 // what a page's memory holds
	MaxFeatures = 100
)

// Settings are everything that, with the picture and the network, determines an explanation.
type Settings struct {
	Hide     Hide   `json:"hide"`
	Target   Target `json:"target"`
	Samples  int    `json:"samples"`  // perturbations, the unhidden picture included; MinSamples to MaxSamples
	Features int    `json:"features"` // regions to outline, 1 to MaxFeatures; the regression always uses every superpixel
	Seed     uint32 `json:"seed"`     // of the perturbations: LimeImageExplainer(random_state=Seed)
	// Regions says what the superpixels are, Segmentation how quickshift finds them: zero, and left out of the JSON, for other kinds, as
	// Regions is for quickshift.
	Regions      RegionKind        `json:"regions,omitzero"`
	Segmentation QuickshiftOptions `json:"segmentation,omitzero"`
}

// Validate says which setting is out of its range.
func (s Settings) Validate() error {
	switch {
	case s.Samples < MinSamples || s.Samples > MaxSamples:
		return fmt.Errorf("lime: %d samples asked for; %d to %d are possible", s.Samples, MinSamples, MaxSamples)
	case s.Features < 1 || s.Features > MaxFeatures:
		return fmt.Errorf("lime: %d features asked for; 1 to %d are possible", s.Features, MaxFeatures)
	}
	return validateGame(s.Hide, s.Target, s.Regions, s.Segmentation)
}

// validateGame checks what LIME and Shapley values have in common: what is explained as a function of the superpixels shown.
func validateGame(h Hide, t Target, k RegionKind, o QuickshiftOptions) error {
	switch {
	case h != HideBlack && h != HideMean && h != HideRemoved:
		return fmt.Errorf("lime: hiding colour %d does not exist; %s are possible", h, strings.Join(hideNames, ", "))
	case k != RegionsQuickshift && k != RegionsCells:
		return fmt.Errorf("lime: kind of regions %d does not exist; quickshift and cells are possible", k)
	case h == HideRemoved && k != RegionsCells:
		return fmt.Errorf("lime: a region can be removed only where the regions are cells; those of quickshift leave no ground")
	case k == RegionsCells && o != QuickshiftOptions{}:
		return fmt.Errorf("lime: cells are found beforehand; quickshift's options must be left out")
	case t != TargetProbability && t != TargetLogOdds:
		return fmt.Errorf("lime: target %d does not exist; probability and log-odds are possible", t)
	}
	if k == RegionsCells {
		return nil
	}
	return o.Validate()
}

// ArticlePreset is the article's call of the Python package: black, probability, 1,000 samples, five features.
func ArticlePreset() Settings {
	return Settings{Hide: HideBlack, Target: TargetProbability, Samples: 1000, Features: 5, Seed: 42, Segmentation: DefaultQuickshift()}
}

// FaithfulPreset hides by the mean colour and explains log-odds: pictures stay like pictures, and the target does not saturate.
func FaithfulPreset() Settings {
	s := ArticlePreset()
	s.Hide, s.Target = HideMean, TargetLogOdds
	return s
}

// CellsPreset explains log-odds by cells, which are removed to be hidden: for a network that is given nothing but cells, and has learned
// from pictures with any number of them.
func CellsPreset() Settings {
	s := FaithfulPreset()
	s.Hide, s.Regions, s.Segmentation = HideRemoved, RegionsCells, QuickshiftOptions{}
	return s
}

// Preset is a choice of settings with a name.
type Preset struct {
	Name     string   `json:"name"`
	Settings Settings `json:"settings"`
}

// Presets returns all presets, "article", "faithful" and "cells".
func Presets() []Preset {
	return []Preset{{"article", ArticlePreset()}, {"faithful", FaithfulPreset()}, {"cells", CellsPreset()}}
}

// PresetByName returns a preset, or an error that lists the names.
func PresetByName(name string) (Preset, error) {
	var names []string
	for _, p := range Presets() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Preset{}, fmt.Errorf("lime: unknown preset %q; expected %s", name, either(names))
}

// DefaultPreset returns the preset to use where none was asked for: "faithful".
func DefaultPreset() Preset { return Preset{"faithful", FaithfulPreset()} }
