package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The reference: the network's definition as nested loops in float64, on the
// unpacked weights, sharing nothing with the kernels.

// referenceConv is 3x3 valid convolution, bias, ReLU and then 2x2 max pooling
// of in, [h][w][l.In].
func referenceConv(l Conv, in []float64, h, w int) (out []float64, ph, pw int) {
	ch, cw := h-2, w-2
	conv := make([]float64, ch*cw*l.Out)
	for y := range ch {
		for x := range cw {
			for o := range l.Out {
				sum := float64(l.Bias[o])
				for c := range l.In {
					for ky := range 3 {
						for kx := range 3 {
							sum += in[((y+ky)*w+x+kx)*l.In+c] * float64(l.Weight[((o*l.In+c)*3+ky)*3+kx])
						}
					}
				}
				conv[(y*cw+x)*l.Out+o] = math.Max(sum, 0)
			}
		}
	}
	ph, pw = ch/2, cw/2
	out = make([]float64, ph*pw*l.Out)
	for y := range ph {
		for x := range pw {
			for o := range l.Out {
				at := func(dy, dx int) float64 { return conv[((2*y+dy)*cw+2*x+dx)*l.Out+o] }
				out[(y*pw+x)*l.Out+o] = max(at(0, 0), at(0, 1), at(1, 0), at(1, 1))
			}
		}
	}
	return out, ph, pw
}

func referenceDense(l Dense, in []float64) []float64 {
	out := make([]float64, l.Out)
	for o := range out {
		sum := float64(l.Bias[o])
		for i, v := range in {
			sum += v * float64(l.Weight[o*l.In+i])
		}
		if l.ReLU {
			sum = math.Max(sum, 0)
		}
		out[o] = sum
	}
	return out
}

// referenceFeatures is what global average pooling hands on.
func referenceFeatures(s Spec, input []float32) []float64 {
	x, h, w := float64s(input), s.Height, s.Width
	for _, l := range s.Convs {
		x, h, w = referenceConv(l, x, h, w)
	}
	width := s.Convs[len(s.Convs)-1].Out
	pooled := make([]float64, width)
	for i, v := range x {
		pooled[i%width] += v / float64(h*w)
	}
	return pooled
}

// referenceLogits is what the dense layers make of pooled features.
func referenceLogits(s Spec, pooled []float64) []float64 {
	for _, l := range s.Dense {
		pooled = referenceDense(l, pooled)
	}
	return pooled
}

func float64s(in []float32) []float64 {
	out := make([]float64, len(in))
	for i, v := range in {
		out[i] = float64(v)
	}
	return out
}

func softmax(logits []float64) []float64 {
	top := logits[0]
	for _, v := range logits {
		top = max(top, v)
	}
	p, sum := make([]float64, len(logits)), 0.0
	for i, v := range logits {
		p[i] = math.Exp(v - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// randomValues draws n values, normally distributed.
func randomValues(r *rand.Rand, n int, deviation float64) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64() * deviation)
	}
	return v
}

// randomSpec makes a network with He-initialised weights and small biases. The
// last layer has no ReLU.
func randomSpec(seed uint64, height, width, channels int, filters, dense []int) Spec {
	r := rand.New(rand.NewPCG(seed, 1))
	s := Spec{Height: height, Width: width, Channels: channels}
	in := channels
	for _, out := range filters {
		s.Convs = append(s.Convs, Conv{In: in, Out: out,
			Weight: randomValues(r, out*in*9, math.Sqrt(2/float64(9*in))), Bias: randomValues(r, out, 0.1)})
		in = out
	}
	for i, out := range dense {
		s.Dense = append(s.Dense, Dense{In: in, Out: out, ReLU: i < len(dense)-1,
			Weight: randomValues(r, out*in, math.Sqrt(2/float64(in))), Bias: randomValues(r, out, 0.1)})
		in = out
	}
	return s
}

// allNet is the article's network for 224x224 pictures with random weights.
func allNet(t testing.TB, filters ...int) *Network {
	return mustNew(t, randomSpec(7, 224, 224, 3, filters, []int{256, 512, 1024, 4}))
}

func mustNew(t testing.TB, s Spec) *Network {
	t.Helper()
	n, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// picture makes an RGB picture with values in 0..1: smooth colours with some
// noise, so that neighbouring pixels resemble each other as in a photograph.
func picture(seed uint64, height, width, channels int) []float32 {
	r := rand.New(rand.NewPCG(seed, 2))
	p := make([]float32, height*width*channels)
	fx, fy := 0.02+0.05*r.Float64(), 0.02+0.05*r.Float64()
	for y := range height {
		for x := range width {
			for c := range channels {
				v := 0.5 + 0.35*math.Sin(fx*float64(x)+float64(c))*math.Cos(fy*float64(y)-float64(c)) + 0.1*(r.Float64()-0.5)
				p[(y*width+x)*channels+c] = float32(v)
			}
		}
	}
	return p
}

// guarded is a slice of n NaNs between guards: writes outside the slice are
// found by check, reads outside it poison the result.
type guarded struct {
	all, values []float32
}

const guard = 64

func newGuarded(n int) guarded {
	all := make([]float32, n+2*guard)
	for i := range all {
		all[i] = float32(math.NaN())
	}
	return guarded{all, all[guard : guard+n : guard+n]}
}

// guardedCopy is a guarded slice with the given values.
func guardedCopy(values []float32) []float32 {
	g := newGuarded(len(values))
	copy(g.values, values)
	return g.values
}

// check fails the test if a guard was overwritten.
func (g guarded) check(t *testing.T) {
	t.Helper()
	for _, side := range [][]float32{g.all[:guard], g.all[len(g.all)-guard:]} {
		for _, v := range side {
			if v == v {
				t.Fatal("kernel wrote outside its output")
			}
		}
	}
}

// checkClose fails the test unless got is want within tol of the largest
// wanted magnitude.
func checkClose(t *testing.T, got []float32, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	scale := 1e-3
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i := range want {
		if d := math.Abs(float64(got[i]) - want[i]); !(d <= tol*scale) {
			t.Fatalf("value %d: got %v, want %v: they differ by %.2g of the largest magnitude", i, got[i], want[i], d/scale)
		}
	}
}

func shapeName(sizes ...int) string { return fmt.Sprint(sizes) }
