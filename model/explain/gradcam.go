package explain

import (
	"fmt"
	"image"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
)

// GradCAM is a third opinion on what speaks for a class (Selvaraju et al. 2017, ICCV,
// doi 10.1109/ICCV.2017.74): the feature maps of the last convolution block, each weighed
// by how much the class's logit rises with it, on average over its positions. Behind
// global average pooling that rise is the same at each position, so that it needs no
// automatic differentiation, but the weights of the dense layers multiplied through
// (engine.Network.Gradients). Of a model that a laboratory taught, the logit is the
// corrected one (model.Correction.Gradients). It asks about no picture but the one that is
// there: it says what the logit would do if the features changed a little, not what it does
// when something is hidden.
type GradCAM struct {
	Class model.Class `json:"class"`
	Map   GradCAMMap  `json:"map"`
	// Weights are the regions': each value of the map counts once, divided among the regions as the
	// pixels are whose interpolated value it makes; those of regions that cover the picture add up to
	// the map. The sum over a region, not the mean, because LIME's and Shapley's weights are of whole regions,
	// too: a region twice as large that is alike has twice the effect on an average over positions.
	Weights []float64 `json:"weights"`
	// Agreement is with LIME's weights for the class. The map is of the logit, and LIME
	// hides regions, so they need not be equal.
	Agreement lime.Agreement `json:"agreement"`
}

// GradCAMMap is a map at its own resolution, before Grad-CAM's last ReLU: above 0 speaks
// for the class. The values add up to the logit less what the biases make of it, but for
// the scale of its calibration.
type GradCAMMap struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	// Value (x, y) lies over the pixel (Offset + x*Stride, Offset + y*Stride), the middle
	// of what it sees.
	Offset float64   `json:"offset"`
	Stride float64   `json:"stride"`
	Values []float32 `json:"values"` // [Height][Width]
}

// validate says what of a map does not fit together.
func (m *GradCAMMap) validate() error {
	if m.Width < 1 || m.Height < 1 || m.Height > len(m.Values) || len(m.Values) != m.Width*m.Height {
		return fmt.Errorf("a map of Grad-CAM of %d x %d has %d values; one each is expected", m.Width, m.Height, len(m.Values))
	}
	if !(m.Stride > 0 && m.Stride <= model.Side && m.Offset >= 0 && m.Offset <= model.Side) {
		return fmt.Errorf("a map of Grad-CAM begins at %v and goes on every %v pixels; numbers above 0 are expected, up to %d", m.Offset, m.Stride, model.Side)
	}
	for _, v := range m.Values {
		if v-v != 0 {
			return fmt.Errorf("a map of Grad-CAM holds %v; finite numbers are expected", v)
		}
	}
	return nil
}

// between is where a pixel lies between two values of a row or column.
type between struct {
	first, second int
	part          float64 // of the second
}

// places says for each of size pixels between which of count values it lies; beyond the
// first and the last it is at that.
func (m *GradCAMMap) places(size, count int) []between {
	all := make([]between, size)
	for pixel := range all {
		at := max(0, min((float64(pixel)-m.Offset)/m.Stride, float64(count-1)))
		first := int(at)
		all[pixel] = between{first, min(first+1, count-1), at - float64(first)}
	}
	return all
}

// interpolate is the value at a pixel, bilinear as in the original.
func (m *GradCAMMap) interpolate(x, y between) float64 {
	row := func(y int) float64 {
		a, b := float64(m.Values[y*m.Width+x.first]), float64(m.Values[y*m.Width+x.second])
		return a + float64(x.part*(b-a))
	}
	above, below := row(y.first), row(y.second)
	return above + float64(y.part*(below-above))
}

// Legend is the scale of Layer: as red as LIME's heat map at the greatest value, and white
// from 0 down.
func (m *GradCAMMap) Legend() lime.Legend {
	var limit float32
	for _, v := range m.Values {
		limit = max(limit, v)
	}
	if limit == 0 {
		return lime.Legend{Ticks: []float64{0}}
	}
	return lime.Legend{Limit: float64(limit), Ticks: []float64{0, float64(limit) / 2, float64(limit)}}
}

// Layer returns the map at the resolution of a picture of width x height pixels, opaque:
// the redder, the more a place speaks for the class. What speaks against it is white, as
// by Grad-CAM's definition.
func (m *GradCAMMap) Layer(width, height int) (*image.NRGBA, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	legend := m.Legend()
	layer := image.NewNRGBA(image.Rect(0, 0, width, height))
	columns := m.places(width, m.Width)
	for y, row := range m.places(height, m.Height) {
		for x, column := range columns {
			colour := legend.Colour(max(0, m.interpolate(column, row)))
			copy(layer.Pix[layer.PixOffset(x, y):], append(colour[:], 255))
		}
	}
	return layer, nil
}

// footprints says which part of each value of the map lies over each region when the map is
// at the picture's resolution, [regions][values]: what interpolate makes of it over the region's
// pixels, divided by that over all. It is the same for each class.
func (m *GradCAMMap) footprints(seg *lime.Segmentation) [][]float64 {
	all := make([][]float64, seg.Count)
	for i := range all {
		all[i] = make([]float64, len(m.Values))
	}
	columns, rows := m.places(seg.Width, m.Width), m.places(seg.Height, m.Height)
	for y, row := range rows {
		labels := seg.Labels[y*seg.Width:][:seg.Width]
		for x, column := range columns {
			label := int(labels[x])
			if label >= len(all) {
				continue
			}
			above, below := all[label][row.first*m.Width:][:m.Width], all[label][row.second*m.Width:][:m.Width]
			under := float64(column.part * row.part)
			above[column.first] += 1 - column.part - row.part + under
			above[column.second] += column.part - under
			below[column.first] += row.part - under
			below[column.second] += under
		}
	}
	wide, high := spread(columns, m.Width), spread(rows, m.Height)
	for _, footprint := range all {
		for i := range footprint {
			if footprint[i] > 0 {
				footprint[i] /= float64(wide[i%m.Width] * high[i/m.Width])
			}
		}
	}
	return all
}

// spread is over how many pixels of a row or column each of count values lies. Beyond the
// outermost values there are more than between two.
func spread(places []between, count int) []float64 {
	all := make([]float64, count)
	for _, p := range places {
		all[p.first] += 1 - p.part
		all[p.second] += p.part
	}
	return all
}

// regionWeights divides the map among the regions, by its footprints.
func (m *GradCAMMap) regionWeights(footprints [][]float64) []float64 {
	weights := make([]float64, len(footprints))
	for i, footprint := range footprints {
		for j, v := range m.Values {
			weights[i] += float64(footprint[j] * float64(v))
		}
	}
	return weights
}

// GradCAMs computes it for each class of a model, of the picture that p was made of with everything
// shown; nothing is compared yet.
func GradCAMs(m *model.Model, p *engine.Perturbation, seg *lime.Segmentation) ([]GradCAM, error) {
	last, err := p.LastMap()
	if err != nil {
		return nil, err
	}
	features, err := p.Features()
	if err != nil {
		return nil, err
	}
	gradients, err := m.Network().Gradients(features)
	if err != nil {
		return nil, err
	}
	m.Correction().Gradients(gradients)
	all := make([]GradCAM, len(gradients))
	var footprints [][]float64
	for class, gradient := range gradients {
		c := &all[class]
		c.Class, c.Map = model.Class(class), gradCAMMap(last, gradient)
		if class == 0 {
			footprints = c.Map.footprints(seg)
		}
		c.Weights = c.Map.regionWeights(footprints)
	}
	return all, nil
}

// gradCAMMap weighs a feature map by the derivatives of a logit with respect to the pooled
// features. With respect to one position they are the same divided by the number of
// positions, and so is their mean.
func gradCAMMap(m *engine.FeatureMap, gradient []float64) GradCAMMap {
	out := GradCAMMap{Width: m.Width, Height: m.Height, Offset: m.Offset, Stride: m.Stride, Values: make([]float32, m.Width*m.Height)}
	for i := range out.Values {
		sum := 0.0
		for k, v := range m.Values[i*m.Channels:][:m.Channels] {
			sum += float64(gradient[k] * float64(v))
		}
		out.Values[i] = float32(sum / float64(len(out.Values)))
	}
	return out
}
