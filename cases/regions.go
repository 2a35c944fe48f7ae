package cases

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"allnet/lime"
)

// RegionMap is a label map in few bytes, without loss. Runs is, in base64, pairs of whole
// numbers as unsigned varints (7 bits a byte, the lowest first, the high bit set in all but the
// last): a label plus one, 0 for the ground that belongs to no region, and a number of pixels.
// They follow each other row after row from the top left pixel; a run may go on in the next row.
type RegionMap struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	// Count is the number of regions.
	Count int    `json:"count"`
	Runs  string `json:"runs"`
}

// NewRegionMap writes a segmentation down.
func NewRegionMap(seg *lime.Segmentation) *RegionMap {
	var packed []byte
	for i := 0; i < len(seg.Labels); {
		from, label := i, seg.Labels[i]
		for i < len(seg.Labels) && seg.Labels[i] == label {
			i++
		}
		value := uint64(label) + 1
		if int(label) >= seg.Count {
			value = 0
		}
		packed = binary.AppendUvarint(packed, value)
		packed = binary.AppendUvarint(packed, uint64(i-from))
	}
	return &RegionMap{seg.Width, seg.Height, seg.Count, base64.StdEncoding.EncodeToString(packed)}
}

// Segmentation takes the label map back. What is no label map of its size is an error.
func (m *RegionMap) Segmentation() (*lime.Segmentation, error) {
	packed, err := base64.StdEncoding.DecodeString(m.Runs)
	if err != nil {
		return nil, fmt.Errorf("the region map is not base64: %w", err)
	}
	if m.Width < 1 || m.Height < 1 || m.Width > lime.MaxPixels/m.Height {
		return nil, fmt.Errorf("the region map is %d x %d pixels; 1 to %d in all are expected", m.Width, m.Height, lime.MaxPixels)
	}
	seg := &lime.Segmentation{Width: m.Width, Height: m.Height, Count: m.Count}
	for len(packed) > 0 {
		value, n := binary.Uvarint(packed)
		length, k := binary.Uvarint(packed[max(n, 0):])
		if n <= 0 || k <= 0 {
			return nil, fmt.Errorf("the region map's runs end in the middle of a number, or have one that is too large")
		}
		packed = packed[n+k:]
		if value > uint64(max(m.Count, 0)) || length < 1 || length > uint64(m.Width*m.Height-len(seg.Labels)) {
			return nil, fmt.Errorf("the region map has a run of %d pixels of region %d; it has %d regions and %d x %d pixels", length, value, m.Count, m.Width, m.Height)
		}
		label := uint16(lime.NoRegion)
		if value > 0 {
			label = uint16(value - 1)
		}
		for range length {
			seg.Labels = append(seg.Labels, label)
		}
	}
	return seg, seg.Validate()
}
