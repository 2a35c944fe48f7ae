package lime

import (
	"fmt"
	"math"
)

// Segmentation divides a picture, or parts of it, into superpixels. Labels is [Height][Width], row-major, values 0..Count-1, each of
// which occurs, or NoRegion; a superpixel need not be connected.
type Segmentation struct {
	Width  int      `json:"width"`
	Height int      `json:"height"`
	Count  int      `json:"count"`
	Labels []uint16 `json:"labels"`
}

// NoRegion is the label of a pixel that belongs to no superpixel: it is never hidden, has no weight and is not drawn. Quickshift gives
// none. (Only a segmentation into 65536 superpixels has one of that label.)
const NoRegion = math.MaxUint16

// region returns the superpixel of a label, or false if that is none's.
func (s *Segmentation) region(label uint16) (int, bool) { return int(label), int(label) < s.Count }

// Validate says what is wrong with a segmentation that was made elsewhere.
func (s *Segmentation) Validate() error {
	if s == nil || s.Width < 1 || s.Height < 1 || s.Width > len(s.Labels)/s.Height || len(s.Labels) != s.Width*s.Height {
		return fmt.Errorf("lime: segmentation must hold one label for each of width x height pixels")
	}
	if s.Count < 1 || s.Count > maxCount {
		return fmt.Errorf("lime: segmentation has %d superpixels; 1 to %d are possible", s.Count, maxCount)
	}
	areas := make([]int, s.Count)
	for i, l := range s.Labels {
		switch r, ok := s.region(l); {
		case ok:
			areas[r]++
		case l != NoRegion:
			return fmt.Errorf("lime: pixel (%d,%d) has label %d; labels must be 0..%d, or %d for none", i%s.Width, i/s.Width, l, s.Count-1, NoRegion)
		}
	}
	for l, n := range areas {
		if n == 0 {
			return fmt.Errorf("lime: no pixel has label %d; labels must be 0..%d without gaps", l, s.Count-1)
		}
	}
	return nil
}

// maxCount is what a uint16 label can number.
const maxCount = math.MaxUint16 + 1

// checkPicture checks that rgb is [height][width][3].
func checkPicture(rgb []uint8, width, height int) error {
	if width < 1 || height < 1 || width > MaxPixels/height {
		return fmt.Errorf("lime: picture is %d x %d; 1 to %d pixels in all are expected", width, height, MaxPixels)
	}
	if len(rgb) != 3*width*height {
		return fmt.Errorf("lime: picture of %d x %d needs %d RGB bytes, got %d", width, height, 3*width*height, len(rgb))
	}
	return nil
}

// MaxPixels is the greatest width times height of a picture: it keeps a pixel's index well inside int32 and the working memory below about 1 GB.
const MaxPixels = 1 << 24

// checkSegmented checks that rgb is a picture of the segmentation's size.
func checkSegmented(rgb []uint8, seg *Segmentation) error {
	if err := seg.Validate(); err != nil {
		return err
	}
	return checkPicture(rgb, seg.Width, seg.Height)
}
