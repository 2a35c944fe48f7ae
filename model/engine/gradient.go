package engine

import (
	"fmt"
	"slices"
)

// FeatureMap is the map of the last convolution block, after ReLU and pooling: what
// global average pooling averages.
type FeatureMap struct {
	Height, Width, Channels int
	Values                  []float32 // [Height][Width][Channels]
	// Position (x, y) lies in the middle of what it sees of the picture, at the pixel
	// (Offset + x*Stride, Offset + y*Stride); a pixel's middle has whole numbers.
	Offset, Stride float64
}

// newFeatureMap makes a map of its values, which it keeps.
func (n *Network) newFeatureMap(values []float32) *FeatureMap {
	last := n.convs[len(n.convs)-1]
	m := &FeatureMap{Height: last.ph, Width: last.pw, Channels: last.out, Values: values, Stride: 1}
	for range n.convs {
		m.Offset += 1.5 * m.Stride // the middle of 3x3, and of 2x2
		m.Stride *= 2
	}
	return m
}

// LastMap is the map of the picture with everything shown, but for the rounding of
// float32 sums that of a forward pass.
func (p *Perturbation) LastMap() (*FeatureMap, error) {
	if p.tables != nil {
		return p.net.newFeatureMap(slices.Clone(p.tables.shown)), nil
	}
	s := p.net.NewSession()
	if err := s.Logits(p.direct.input, make([]float32, p.Classes())); err != nil {
		return nil, err
	}
	return p.net.newFeatureMap(slices.Clone(s.lastMap())), nil
}

// lastMap is that of the last picture; the next overwrites it.
func (s *Session) lastMap() []float32 {
	last := len(s.net.convs) - 1
	return s.maps[last%2][:len(s.rows)*s.net.convs[last].out]
}

// shownMap picks the vectors of the states in which all is shown, [h][w][channels], from
// those of the last level.
func (p *tablePlan) shownMap(vectors []float32) []float32 {
	l := &p.levels[len(p.levels)-1]
	shown := make([]float32, 0, l.h*l.w*l.channels)
	for i, set := range l.set {
		v := l.hidden[i]
		if all := int32(p.sets.states(set) - 1); all != 0 {
			v = l.first[i] + all
		}
		shown = append(shown, vectors[int(v)*l.channels:][:l.channels]...)
	}
	return shown
}

// Gradients are the derivatives of each logit with respect to each pooled feature,
// [Classes][Features]: the weights of the dense layers multiplied through, without those
// units that ReLU has set to 0, whose derivative counts as 0. With respect to a position
// of the feature map they are the same at each, divided by the number of positions.
func (n *Network) Gradients(features []float32) ([][]float64, error) {
	if len(features) != n.Features() {
		return nil, fmt.Errorf("engine: gradients at %d features, want %d", len(features), n.Features())
	}
	// Forward, in float64, to find which units ReLU passes.
	dense := n.spec.Dense
	passes := make([][]bool, len(dense))
	x := make([]float64, len(features))
	for i, v := range features {
		x[i] = float64(v)
	}
	for i, l := range dense {
		y := make([]float64, l.Out)
		passes[i] = make([]bool, l.Out)
		for o := range y {
			sum := float64(l.Bias[o])
			x := x[:l.In]
			for j, w := range l.Weight[o*l.In:][:len(x)] {
				sum += float64(float64(w) * x[j])
			}
			if passes[i][o] = !l.ReLU || sum > 0; passes[i][o] {
				y[o] = sum
			}
		}
		x = y
	}
	// Backward: gradient [class][output] is with respect to a layer's outputs.
	gradient := make([][]float64, n.Classes())
	for class := range gradient {
		gradient[class] = make([]float64, n.Classes())
		gradient[class][class] = 1
	}
	for i, l := range slices.Backward(dense) {
		below := make([][]float64, len(gradient))
		for class := range below {
			below[class] = make([]float64, l.In)
		}
		for o, pass := range passes[i] {
			if !pass {
				continue
			}
			weights := l.Weight[o*l.In:][:l.In]
			for class, above := range gradient {
				g, sums := above[o], below[class][:len(weights)]
				for j, w := range weights {
					sums[j] += float64(g * float64(w))
				}
			}
		}
		gradient = below
	}
	return gradient, nil
}
