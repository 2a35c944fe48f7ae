//go:build !js

package crosscheck

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
	"allnet/model/onnx"
	"allnet/model/synthetic"
)

// Grad-CAM's closed form is what automatic differentiation gives, on the shipped weights:
// gorgonia pools the last feature map, runs the dense layers and differentiates each
// logit with respect to each value of the map.
func TestGradCAMIsThatOfAutomaticDifferentiation(t *testing.T) {
	for _, b := range model.Shipped() {
		t.Run(b.Name, func(t *testing.T) {
			m, err := model.Named(b.Name)
			if err != nil {
				t.Fatal(err)
			}
			drawing, err := synthetic.Draw("synthetic-2")
			if err != nil {
				t.Fatal(err)
			}
			in, err := model.Preprocess(drawing)
			if err != nil {
				t.Fatal(err)
			}
			// Two regions, the left and the right half.
			seg := &lime.Segmentation{Width: model.Side, Height: model.Side, Count: 2, Labels: make([]uint16, model.Side*model.Side)}
			for i := range seg.Labels {
				seg.Labels[i] = uint16(i % model.Side / (model.Side / 2))
			}
			p, err := m.Network().Perturb(t.Context(), in.Tensor, seg.Labels, seg.Count, make([]float32, 6), engine.PerturbOptions{})
			if err != nil {
				t.Fatal(err)
			}
			last, err := p.LastMap()
			if err != nil {
				t.Fatal(err)
			}
			cams, err := explain.GradCAMs(m, p, seg)
			if err != nil {
				t.Fatal(err)
			}
			graph, err := onnx.Parse(b.Weights())
			if err != nil {
				t.Fatal(err)
			}
			positions := last.Height * last.Width
			for class, cam := range cams {
				gradient := differentiate(t, graph, float64s(last.Values), positions, last.Channels, class)
				// Selvaraju et al., equations 1 and 2, but for the last ReLU.
				weights := make([]float64, last.Channels)
				for i, g := range gradient {
					weights[i%last.Channels] += g / float64(positions)
				}
				greatest := 0.0
				want := make([]float64, positions)
				for i, v := range last.Values {
					want[i/last.Channels] += weights[i%last.Channels] * float64(v)
					greatest = max(greatest, math.Abs(want[i/last.Channels]))
				}
				for i, w := range want {
					if math.Abs(float64(cam.Map.Values[i])-w) > 1e-5*greatest {
						t.Fatalf("%s: the map is %v at position %d, by automatic differentiation %v", model.Class(class), cam.Map.Values[i], i, w)
					}
				}
				if greatest == 0 {
					t.Errorf("%s: the map is 0 throughout, so that nothing was compared", model.Class(class))
				}
			}
		})
	}
}

// differentiate has gorgonia compute the derivatives of a class's logit with respect to a
// map [positions][channels].
func differentiate(t *testing.T, g *onnx.Graph, values []float64, positions, channels, class int) []float64 {
	t.Helper()
	graph := gorgonia.NewGraph()
	matrix := func(name string, rows, columns int, values []float64) *gorgonia.Node {
		return gorgonia.NewMatrix(graph, tensor.Float64, gorgonia.WithShape(rows, columns), gorgonia.WithName(name),
			gorgonia.WithValue(tensor.New(tensor.WithShape(rows, columns), tensor.WithBacking(values))))
	}
	feature := matrix("map", positions, channels, values)
	x := gorgonia.Must(gorgonia.Mul(matrix("mean", 1, positions, slices.Repeat([]float64{1 / float64(positions)}, positions)), feature))
	for i, node := range g.Nodes {
		switch {
		case node.Op == "Gemm":
			w, bias := g.Initializers[node.Inputs[1]], g.Initializers[node.Inputs[2]]
			out, in := int(w.Dims[0]), int(w.Dims[1])
			transposed := make([]float64, in*out)
			for o := range out {
				for j := range in {
					transposed[j*out+o] = float64(w.Data[o*in+j])
				}
			}
			x = gorgonia.Must(gorgonia.Add(gorgonia.Must(gorgonia.Mul(x, matrix(fmt.Sprint("weights ", i), in, out, transposed))), matrix(fmt.Sprint("bias ", i), 1, out, float64s(bias.Data))))
		case node.Op == "Relu" && slices.ContainsFunc(g.Nodes[:i], func(n onnx.Node) bool { return n.Op == "Gemm" }):
			x = gorgonia.Must(gorgonia.Rectify(x))
		}
	}
	one := make([]float64, len(model.Classes))
	one[class] = 1
	logit := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.HadamardProd(x, matrix("class", 1, len(one), one)))))
	gradients, err := gorgonia.Grad(logit, feature)
	if err != nil {
		t.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(graph)
	defer machine.Close()
	if err := machine.RunAll(); err != nil {
		t.Fatal(err)
	}
	return gradients[0].Value().Data().([]float64)
}

func float64s(values []float32) []float64 {
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	return wide
}
