package lime

import (
	"fmt"
	"slices"
)

// FindBoundaries marks with 1 the pixels [height][width] whose label differs from that of a neighbour above, below, left or right:
// find_boundaries with mode 'thick' (SPEC section 8). The line is two pixels wide. labels must have width x height elements.
func FindBoundaries[T int8 | uint8 | uint16 | int](labels []T, width, height int) []uint8 {
	edge := make([]uint8, width*height)
	for y := range height {
		row := y * width
		for i := row; i < row+width; i++ {
			if i+1 < row+width && labels[i] != labels[i+1] {
				edge[i], edge[i+1] = 1, 1
			}
			if y+1 < height && labels[i] != labels[i+width] {
				edge[i], edge[i+width] = 1, 1
			}
		}
	}
	return edge
}

// MarkBoundaries returns a copy of the picture rgb [height][width][3] with the boundaries of mask [height][width] in a colour:
// mark_boundaries with mode 'thick'.
func MarkBoundaries(rgb []uint8, width, height int, mask []int8, colour [3]uint8) ([]uint8, error) {
	if err := checkPicture(rgb, width, height); err != nil {
		return nil, err
	}
	if len(mask) != width*height {
		return nil, fmt.Errorf("lime: mask of %d x %d needs %d elements, got %d", width, height, width*height, len(mask))
	}
	marked := slices.Clone(rgb)
	for i, e := range FindBoundaries(mask, width, height) {
		if e != 0 {
			copy(marked[3*i:], colour[:])
		}
	}
	return marked, nil
}
