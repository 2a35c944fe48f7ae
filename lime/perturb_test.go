package lime

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
)

const fixtureSeed = 123 // random_state of every fixture

func TestPerturbationsDistancesAndWeights(t *testing.T) {
	for _, e := range explained {
		t.Run(e.name, func(t *testing.T) {
			m := Perturb(fixtureSeed, 1000, e.count)
			if !slices.Equal(m.Bits, fixture(t, e.name+".perturb.u8")) {
				t.Error("perturbation bits differ")
			}
			d := CosineDistances(m)
			for i, want := range fixtureFloats(t, e.name+".dist.f64") {
				closeTo(t, fmt.Sprint("distance ", i), d[i], want, 1e-13)
			}
			w := KernelWeights(d)
			for i, want := range fixtureFloats(t, e.name+".weights.f64") {
				closeTo(t, fmt.Sprint("weight ", i), w[i], want, 1e-13)
			}
		})
	}
}

func TestPerturbOfNothingIsEmpty(t *testing.T) {
	for _, m := range []Masks{Perturb(1, 0, 5), Perturb(1, 5, 0), Perturb(1, -1, -1)} {
		if m.N != 0 || m.K != 0 || m.Bits != nil {
			t.Errorf("%+v", m)
		}
	}
}

func TestAllHiddenRowHasDistanceOne(t *testing.T) {
	d := CosineDistances(Masks{N: 2, K: 2, Bits: []uint8{1, 1, 0, 0}})
	if d[0] != 0 || d[1] != 1 {
		t.Error(d)
	}
}

func TestHiddenColours(t *testing.T) {
	for _, e := range explained {
		for _, h := range []Hide{HideBlack, HideMean} {
			t.Run(e.name+" "+h.String(), func(t *testing.T) {
				rgb, w, hgt := fixturePicture(t, e.name)
				seg := &Segmentation{w, hgt, e.count, fixtureUint16(t, e.name+".labels.u16")}
				want := fixtureJSON[explanationFixture](t, e.name+"."+h.String()+".json").Hidden
				for i, got := range HiddenColours(rgb, seg, h) {
					for c := range got {
						closeTo(t, fmt.Sprint("superpixel ", i, " channel ", c), got[c], want[i][c], 1e-13)
					}
				}
			})
		}
	}
}

// toyModel is the fixtures' model.json: linear in the mean colours of the picture's quadrants.
type toyModel struct {
	A [4][4][3]float64 `json:"A"` // [class][quadrant][channel]
	B [4]float64       `json:"b"`
}

// logits of a picture [height][width][3].
func (m *toyModel) logits(picture []float64, width, height int, out []float64) {
	var mean [4][3]float64
	var area [4]float64
	for i := range width * height {
		q := 0
		if i%width >= width/2 {
			q = 1
		}
		if i/width >= height/2 {
			q += 2
		}
		area[q]++
		for c := range 3 {
			mean[q][c] += picture[3*i+c]
		}
	}
	for k := range out {
		out[k] = m.B[k]
		for q := range 4 {
			for c := range 3 {
				out[k] += m.A[k][q][c] * mean[q][c] / area[q]
			}
		}
	}
}

// bySuperpixel returns the model's logits as a function of the mask. The model is linear in the pixels, so their sums over each superpixel
// and quadrant are all it takes.
func (m *toyModel) bySuperpixel(rgb []uint8, seg *Segmentation, colours [][3]float64) func(mask []uint8, out []float64) {
	whole, picture := make([]float64, 4), make([]float64, len(rgb))
	shown, hidden := make([][]float64, seg.Count), make([][]float64, seg.Count)
	m.logits(make([]float64, len(rgb)), seg.Width, seg.Height, whole) // of black: the bias
	for s := range seg.Count {
		for _, bit := range []uint8{0, 1} {
			for i, l := range seg.Labels {
				for c := range 3 {
					switch {
					case int(l) != s:
						picture[3*i+c] = 0
					case bit == 1:
						picture[3*i+c] = float64(rgb[3*i+c]) / 255
					default:
						picture[3*i+c] = colours[s][c]
					}
				}
			}
			z := make([]float64, 4)
			m.logits(picture, seg.Width, seg.Height, z)
			for k := range z {
				z[k] -= whole[k]
			}
			if bit == 1 {
				shown[s] = z
			} else {
				hidden[s] = z
			}
		}
	}
	return func(mask []uint8, out []float64) {
		copy(out, whole)
		for s, b := range mask {
			z := hidden[s]
			if b == 1 {
				z = shown[s]
			}
			for k := range out {
				out[k] += z[k]
			}
		}
	}
}

func TestProbabilitiesOfPerturbedPictures(t *testing.T) {
	var model toyModel
	if err := json.Unmarshal(fixture(t, "model.json"), &model); err != nil {
		t.Fatal(err)
	}
	for _, e := range explained {
		for _, h := range []Hide{HideBlack, HideMean} {
			t.Run(e.name+" "+h.String(), func(t *testing.T) {
				rgb, w, hgt := fixturePicture(t, e.name)
				seg := &Segmentation{w, hgt, e.count, fixtureUint16(t, e.name+".labels.u16")}
				want := fixtureFloats(t, e.name+"."+h.String()+".probs.f64")
				colours := HiddenColours(rgb, seg, h)
				picture, z, p := make([]float64, len(rgb)), make([]float64, 4), make([]float64, 4)
				m := Perturb(fixtureSeed, 1000, e.count)
				step := 1
				if w == 224 {
					step = 9 // every ninth sample: the pictures are large
				}
				for i := 0; i < m.N; i += step {
					Perturbed(picture, rgb, seg, colours, m.Row(i))
					model.logits(picture, w, hgt, z)
					softmax(p, z)
					for k := range p {
						if !(math.Abs(p[k]-want[4*i+k]) <= 1e-10) {
							t.Fatalf("sample %d class %d: %v, want %v", i, k, p[k], want[4*i+k])
						}
					}
				}
			})
		}
	}
}
