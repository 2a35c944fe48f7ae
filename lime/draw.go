package lime

import (
	"fmt"
	"image"
	"math"
)

// The layers are pictures of the segmentation's size, straight (not premultiplied) RGBA, to be laid over one another; Pix is what a
// canvas takes.

// OutlineLayer returns thick black lines around the n regions that speak most for the class, transparent elsewhere: the article's
// drawing. Neighbouring regions share one outline; what belongs to no region keeps clear of it.
func OutlineLayer(seg *Segmentation, c *ClassExplanation, n int) (*image.NRGBA, error) {
	values, err := topRegions(seg, c, n)
	if err != nil {
		return nil, err
	}
	mask := make([]int8, len(seg.Labels))
	for i, l := range seg.Labels {
		if r, ok := seg.region(l); ok {
			mask[i] = values[r]
		}
	}
	layer := image.NewNRGBA(image.Rect(0, 0, seg.Width, seg.Height))
	for i, e := range FindBoundaries(mask, seg.Width, seg.Height) {
		if _, ok := seg.region(seg.Labels[i]); ok && e != 0 {
			layer.Pix[4*i+3] = 255
		}
	}
	return layer, nil
}

// SeparateOutlines returns a layer that is scale times as wide and high as the segmentation, transparent but for the outlines of the n
// regions that speak most for the class. Each region has a closed outline of its own that lies within it: a white line at its rim and
// a black one along that, each outlineWidth wide: it can be seen on any picture, and white lies between the black lines of regions that
// touch.
func SeparateOutlines(seg *Segmentation, c *ClassExplanation, n, scale int) (*image.NRGBA, error) {
	values, err := topRegions(seg, c, n)
	if err != nil {
		return nil, err
	}
	if scale < 1 {
		return nil, fmt.Errorf("lime: scale %d; at least 1 is expected", scale)
	}
	layer := image.NewNRGBA(image.Rect(0, 0, scale*seg.Width, scale*seg.Height))
	// near tells whether the rim of label's region is at most reach points of the layer away; beyond the picture is beyond the rim.
	near := func(label uint16, x, y, reach int) bool {
		if min(x, y) < reach || x+reach >= layer.Rect.Dx() || y+reach >= layer.Rect.Dy() {
			return true
		}
		for v := (y - reach) / scale; v <= (y+reach)/scale; v++ {
			for u := (x - reach) / scale; u <= (x+reach)/scale; u++ {
				if seg.Labels[v*seg.Width+u] != label {
					return true
				}
			}
		}
		return false
	}
	reach := (2*outlineWidth + scale - 1) / scale // of both lines, in pixels
	for i, label := range seg.Labels {
		if r, ok := seg.region(label); !ok || values[r] == 0 {
			continue
		}
		left, top := i%seg.Width, i/seg.Width
		// Most pixels are far from a rim, all of their points with them.
		if !near(label, scale*left+scale/2, scale*top+scale/2, scale*(reach+1)-1) {
			continue
		}
		for y := scale * top; y < scale*(top+1); y++ {
			for x := scale * left; x < scale*(left+1); x++ {
				at := layer.Pix[layer.PixOffset(x, y):][:4]
				switch {
				case near(label, x, y, outlineWidth):
					copy(at, []uint8{255, 255, 255, 255})
				case near(label, x, y, 2*outlineWidth):
					at[3] = 255
				}
			}
		}
	}
	return layer, nil
}

// outlineWidth is the width of each of the two lines of SeparateOutlines, in points of the layer.
const outlineWidth = 2

// RegionsAlone returns the picture rgb [Height][Width][3] with everything black but the n regions that speak most for the class; opaque.
func RegionsAlone(rgb []uint8, seg *Segmentation, c *ClassExplanation, n int) (*image.NRGBA, error) {
	if err := checkSegmented(rgb, seg); err != nil {
		return nil, err
	}
	values, err := topRegions(seg, c, n)
	if err != nil {
		return nil, err
	}
	layer := image.NewNRGBA(image.Rect(0, 0, seg.Width, seg.Height))
	for i, l := range seg.Labels {
		if r, ok := seg.region(l); ok && values[r] != 0 {
			copy(layer.Pix[4*i:], rgb[3*i:][:3])
		}
		layer.Pix[4*i+3] = 255
	}
	return layer, nil
}

func topRegions(seg *Segmentation, c *ClassExplanation, n int) ([]int8, error) {
	if err := seg.Validate(); err != nil {
		return nil, err
	}
	return regionValues(seg, c, MaskOptions{PositiveOnly: true, NumFeatures: n})
}

// HeatMap returns every region in the colour of its weight, opaque: red for the class, blue against it, white for 0, with the limits
// that LegendFor gives (SPEC section 8). What belongs to no region is transparent.
func HeatMap(seg *Segmentation, c *ClassExplanation) (*image.NRGBA, error) {
	if err := seg.Validate(); err != nil {
		return nil, err
	}
	if err := checkFits(seg, c); err != nil {
		return nil, err
	}
	legend := LegendFor(c)
	colours := make([][3]uint8, seg.Count)
	for i, w := range c.Coefficients {
		colours[i] = legend.Colour(w)
	}
	layer := image.NewNRGBA(image.Rect(0, 0, seg.Width, seg.Height))
	for i, l := range seg.Labels {
		if r, ok := seg.region(l); ok {
			copy(layer.Pix[4*i:], colours[r][:])
			layer.Pix[4*i+3] = 255
		}
	}
	return layer, nil
}

// Legend is the heat map's scale: weights from -Limit, blue, to Limit, red.
type Legend struct {
	Limit float64   `json:"limit"` // the greatest absolute weight
	Ticks []float64 `json:"ticks"` // ascending, from -Limit to Limit; only 0 if all weights are
}

// LegendFor returns the scale of a class's heat map.
func LegendFor(c *ClassExplanation) Legend {
	limit := 0.0
	for _, w := range c.Coefficients {
		limit = max(limit, math.Abs(w))
	}
	if limit == 0 {
		return Legend{Ticks: []float64{0}}
	}
	return Legend{Limit: limit, Ticks: []float64{-limit, -limit / 2, 0, limit / 2, limit}}
}

// Colour returns the colour of a weight on the scale blue-white-red; weights beyond the limits take the colour of the limit.
func (l Legend) Colour(weight float64) [3]uint8 {
	if l.Limit == 0 {
		return [3]uint8{255, 255, 255}
	}
	t := max(-1, min(1, weight/l.Limit))
	pale := uint8(math.Round(255 * (1 - math.Abs(t))))
	if t >= 0 {
		return [3]uint8{255, pale, pale}
	}
	return [3]uint8{pale, pale, 255}
}
