// Package ask reads what the page's jobs ask for: the JSON texts and the bytes
// that come in a message. A message is believed nothing. What is read here needs no
// browser, so it is tested, and fuzzed, outside of one.
package ask

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
)

// Explanation reads the settings of an explanation.
func Explanation(text string) (lime.Settings, error) {
	var s lime.Settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return s, fmt.Errorf("reading the settings: %w", err)
	}
	return s, nil
}

// SecondOpinion is asked for on an explanation that the page holds.
type SecondOpinion struct {
	Explanation  lime.Explanation `json:"explanation"`
	Permutations int              `json:"permutations"`
}

// ReadSecondOpinion reads a SecondOpinion.
func ReadSecondOpinion(text string) (*SecondOpinion, error) {
	s := new(SecondOpinion)
	if err := json.Unmarshal([]byte(text), s); err != nil {
		return nil, fmt.Errorf("reading the explanation: %w", err)
	}
	return s, nil
}

// Drawing is asked for of one class of an explanation that the page holds.
type Drawing struct {
	Class    lime.ClassExplanation `json:"class"`
	Features int                   `json:"features"`
	// GradCAM is the class's map; nil where that is not to be drawn.
	GradCAM      *explain.GradCAMMap `json:"gradCAM"`
	Segmentation *lime.Segmentation  `json:"-"`
}

// ReadDrawing reads a Drawing with its label map, which Labels wrote, of a picture
// of side x side pixels.
func ReadDrawing(text string, labels []byte, side int) (*Drawing, error) {
	d := new(Drawing)
	if err := json.Unmarshal([]byte(text), d); err != nil {
		return nil, fmt.Errorf("reading the explanation: %w", err)
	}
	if d.Features < 0 {
		return nil, fmt.Errorf("drawing %d regions is asked for", d.Features)
	}
	if len(labels) != 2*side*side {
		return nil, fmt.Errorf("the label map has %d bytes; expected 2 x %d x %d", len(labels), side, side)
	}
	d.Segmentation = &lime.Segmentation{
		Width: side, Height: side, Count: len(d.Class.Coefficients), Labels: make([]uint16, side*side),
	}
	for i := range d.Segmentation.Labels {
		d.Segmentation.Labels[i] = binary.LittleEndian.Uint16(labels[2*i:])
	}
	return d, d.Segmentation.Validate()
}

// OnNuclei says what regions hold of stained nuclei: where they are cells on a ground, each is
// one, with its rim.
func (d *Drawing) OnNuclei(in *model.Input, regions []lime.Region) []explain.Region {
	all := explain.OnNuclei(in, d.Segmentation, regions)
	if slices.Contains(d.Segmentation.Labels, lime.NoRegion) {
		for i := range all {
			all[i].Stained, all[i].Nucleus = all[i].Area, true
		}
	}
	return all
}

// Labels writes a label map as little-endian 16-bit numbers.
func Labels(labels []uint16) []byte {
	packed := make([]byte, 0, 2*len(labels))
	for _, label := range labels {
		packed = binary.LittleEndian.AppendUint16(packed, label)
	}
	return packed
}

// Rows are those of a picture whose pixels are to be linked by quickshift: from From (included) to To (excluded).
type Rows struct {
	Segmentation lime.QuickshiftOptions `json:"segmentation"`
	From         int                    `json:"from"`
	To           int                    `json:"to"`
}

// ReadRows reads what links a job asks for.
func ReadRows(text string) (*Rows, error) {
	rows := new(Rows)
	if err := json.Unmarshal([]byte(text), rows); err != nil {
		return nil, fmt.Errorf("reading which rows are to be linked: %w", err)
	}
	return rows, nil
}

// Links writes links (see lime.QuickshiftLinks) as little-endian 32-bit numbers.
func Links(links []int32) []byte {
	packed := make([]byte, 0, 4*len(links))
	for _, to := range links {
		packed = binary.LittleEndian.AppendUint32(packed, uint32(to))
	}
	return packed
}

// ReadLinks takes Links of a picture of side x side pixels back.
func ReadLinks(packed []byte, side int) ([]int32, error) {
	if len(packed) != 4*side*side {
		return nil, fmt.Errorf("the links have %d bytes; expected 4 x %d x %d", len(packed), side, side)
	}
	links := make([]int32, side*side)
	for i := range links {
		links[i] = int32(binary.LittleEndian.Uint32(packed[4*i:]))
	}
	return links, nil
}
