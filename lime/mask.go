package lime

import (
	"fmt"
	"slices"
)

// MaskOptions are those of get_image_and_mask (SPEC section 7).
type MaskOptions struct {
	PositiveOnly bool
	NegativeOnly bool    // not together with PositiveOnly
	HideRest     bool    // black outside the chosen regions
	NumFeatures  int     // at most so many regions
	MinWeight    float64 // regions with a smaller absolute weight are left out
}

// ImageAndMask is get_image_and_mask for the picture rgb [Height][Width][3]. temp is the picture, or black with HideRest, in which the
// chosen regions show; mask [Height][Width] is 1 there. With neither PositiveOnly nor NegativeOnly the regions against the class are -1
// in mask, and temp is green to the full in those for it and red in those against it.
func ImageAndMask(rgb []uint8, seg *Segmentation, c *ClassExplanation, o MaskOptions) (temp []uint8, mask []int8, err error) {
	if err := checkSegmented(rgb, seg); err != nil {
		return nil, nil, err
	}
	if o.PositiveOnly && o.NegativeOnly {
		return nil, nil, fmt.Errorf("lime: a mask cannot be positive only and negative only at once")
	}
	values, err := regionValues(seg, c, o)
	if err != nil {
		return nil, nil, err
	}
	temp, mask = make([]uint8, len(rgb)), make([]int8, len(seg.Labels))
	if !o.HideRest {
		copy(temp, rgb)
	}
	full := slices.Max(rgb)
	for i, l := range seg.Labels {
		r, ok := seg.region(l)
		if !ok || values[r] == 0 {
			continue
		}
		v := values[r]
		mask[i] = v
		p := temp[3*i:][:3]
		copy(p, rgb[3*i:])
		switch {
		case o.PositiveOnly || o.NegativeOnly:
		case v > 0:
			p[1] = full
		default:
			p[0] = full
		}
	}
	return temp, mask, nil
}

// regionValues returns each superpixel's value in the mask.
func regionValues(seg *Segmentation, c *ClassExplanation, o MaskOptions) ([]int8, error) {
	if err := checkFits(seg, c); err != nil {
		return nil, err
	}
	values, left := make([]int8, seg.Count), o.NumFeatures
	for _, s := range c.Order {
		if left <= 0 {
			break
		}
		w := c.Coefficients[s]
		switch {
		case o.PositiveOnly:
			if w > 0 && w > o.MinWeight {
				values[s] = 1
				left--
			}
		case o.NegativeOnly:
			if w < 0 && -w > o.MinWeight {
				values[s] = 1
				left--
			}
		default:
			left-- // the cut comes before MinWeight
			switch {
			case max(w, -w) < o.MinWeight:
			case w < 0:
				values[s] = -1
			default: // a weight of 0 counts as positive
				values[s] = 1
			}
		}
	}
	return values, nil
}

// checkFits checks that an explanation belongs to a segmentation.
func checkFits(seg *Segmentation, c *ClassExplanation) error {
	if len(c.Coefficients) != seg.Count {
		return fmt.Errorf("lime: explanation of %d superpixels does not fit a segmentation of %d", len(c.Coefficients), seg.Count)
	}
	return checkOrder(c.Order, seg.Count)
}

// checkOrder checks that an order names superpixels that exist, and none twice.
func checkOrder(order []int, count int) error {
	named := make([]bool, count)
	for _, s := range order {
		if s < 0 || s >= count {
			return fmt.Errorf("lime: explanation names superpixel %d; 0..%d exist", s, count-1)
		}
		if named[s] {
			return fmt.Errorf("lime: explanation names superpixel %d twice", s)
		}
		named[s] = true
	}
	return nil
}
