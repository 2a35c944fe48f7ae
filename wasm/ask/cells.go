package ask

import (
	"encoding/binary"
	"fmt"

	"allnet/lime"
	"allnet/model/cells"
)

// CellLabels writes down which cell each pixel of a field belongs to, as Labels does: 0 is the
// first cell, lime.NoRegion none.
func CellLabels(c *cells.Cells) []byte {
	labels := make([]uint16, len(c.Labels))
	for i, label := range c.Labels {
		labels[i] = label - 1
		if label == 0 {
			labels[i] = lime.NoRegion
		}
	}
	return Labels(labels)
}

// Cells takes CellLabels of a field of side x side pixels back, as far as they tell: the cells'
// areas and which pixels they cover, not which of these are their nuclei.
func Cells(labels []byte, side int) (*cells.Cells, error) {
	if len(labels) != 2*side*side {
		return nil, fmt.Errorf("the cells' labels have %d bytes; expected 2 x %d x %d", len(labels), side, side)
	}
	c := &cells.Cells{Width: side, Height: side, Labels: make([]uint16, side*side), Nucleus: make([]bool, side*side)}
	for i := range c.Labels {
		label := binary.LittleEndian.Uint16(labels[2*i:])
		if label == lime.NoRegion {
			continue
		}
		if int(label) >= side*side {
			return nil, fmt.Errorf("a cell has the number %d in a field of %d x %d pixels", label, side, side)
		}
		if missing := int(label) + 1 - len(c.List); missing > 0 {
			c.List = append(c.List, make([]cells.Cell, missing)...)
		}
		c.Labels[i] = label + 1
		c.List[label].Area++
	}
	for i := range c.List {
		if c.List[i].Area == 0 {
			return nil, fmt.Errorf("cell %d of %d has no pixel", i, len(c.List))
		}
	}
	return c, nil
}
