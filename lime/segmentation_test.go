package lime

import (
	"strings"
	"testing"
)

func TestSegmentationsThatAreNone(t *testing.T) {
	for want, s := range map[string]*Segmentation{
		"one label for each":           {2, 2, 1, make([]uint16, 3)},
		"has 0 superpixels":            {1, 1, 0, make([]uint16, 1)},
		"pixel (1,0) has label 1":      {2, 1, 1, []uint16{0, 1}},
		"no pixel has label 0":         {2, 1, 2, []uint16{1, 1}}, // what SLIC with start_label 1 gives
		"has 65537 superpixels; 1 to ": {1, 1, 65537, make([]uint16, 1)},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	if err := testSegmentation(3).Validate(); err != nil {
		t.Error(err)
	}
}

func TestAWidthAndHeightWhoseProductOverflowsAreNoSegmentation(t *testing.T) {
	height := int64(7905747460161236407) // times 7 it is 1 in 64 bits
	s := &Segmentation{Width: 7, Height: int(height), Count: 1, Labels: make([]uint16, 1)}
	if err := s.Validate(); err == nil || !strings.Contains(err.Error(), "one label for each") {
		t.Errorf("%d x %d with one label: error %v", s.Width, s.Height, err)
	}
}
