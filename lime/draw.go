package lime

import (
	"image"
	"math"
)

// The layers are pictures of the segmentation's size, straight (not premultiplied) RGBA, to be laid over one another; Pix is what a
// canvas takes.

// OutlineLayer returns thick black lines around the n regions that speak most for the class, transparent elsewhere: the article's
// drawing. Neighbouring regions share one outline.
func OutlineLayer(seg *Segmentation, c *ClassExplanation, n int) (*image.NRGBA, error) {
	values, err := topRegions(seg, c, n)
	if err != nil {
		return nil, err
	}
	mask := make([]int8, len(seg.Labels))
	for i, l := range seg.Labels {
		mask[i] = values[l]
	}
	layer := image.NewNRGBA(image.Rect(0, 0, seg.Width, seg.Height))
	for i, e := range FindBoundaries(mask, seg.Width, seg.Height) {
		if e != 0 {
			layer.Pix[4*i+3] = 255
		}
	}
	return layer, nil
}

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
		if values[l] != 0 {
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
// that LegendFor gives (SPEC section 8).
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
		copy(layer.Pix[4*i:], colours[l][:])
		layer.Pix[4*i+3] = 255
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
