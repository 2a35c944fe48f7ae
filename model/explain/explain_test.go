package explain_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

func shipped(t *testing.T) *model.Model {
	t.Helper()
	m, err := model.Default()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func input(t *testing.T, p *picture.Picture) *model.Input {
	t.Helper()
	in, err := model.Preprocess(p)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func drawn(t *testing.T, name string) *model.Input {
	t.Helper()
	p, err := synthetic.Draw(name)
	if err != nil {
		t.Fatal(err)
	}
	return input(t, p)
}

// pictures are two drawings and, where they are at hand, a real picture of each
// class.
func pictures(t *testing.T) map[string]*model.Input {
	all := map[string]*model.Input{"synthetic-2": drawn(t, "synthetic-2"), "synthetic-4": drawn(t, "synthetic-4")}
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	for _, class := range model.Classes {
		files, err := filepath.Glob(filepath.Join(dir, "data", "pbs", class.String(), "*.jpg"))
		if err != nil || len(files) == 0 {
			t.Logf("left out: real pictures of %s, because ALLNET_SHARED has none", class)
			continue
		}
		data, err := os.ReadFile(files[len(files)/2])
		if err != nil {
			t.Fatal(err)
		}
		p, err := picture.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(files[len(files)/2])] = input(t, p)
	}
	return all
}

// The tables of the engine give what a forward pass on the masked picture gives,
// on the trained weights: both hiding colours, the superpixels of quickshift.
func TestSamplesEqualForwardPassesOnMaskedPictures(t *testing.T) {
	m := shipped(t)
	for name, in := range pictures(t) {
		seg, err := lime.Quickshift(t.Context(), in.RGB, model.Side, model.Side, lime.DefaultQuickshift())
		if err != nil {
			t.Fatal(err)
		}
		for _, hide := range []lime.Hide{lime.HideBlack, lime.HideMean} {
			evaluator, info, err := explain.Evaluator(t.Context(), m, in, seg, hide, nil)
			if err != nil {
				t.Fatal(err)
			}
			if info.Method != engine.Tables {
				t.Errorf("%s: evaluated by %s, want tables", name, info.Method)
			}
			masks := lime.Perturb(1, 12, seg.Count)
			got := make([]float64, masks.N*len(model.Classes))
			if err := evaluator.Logits(t.Context(), masks, got); err != nil {
				t.Fatal(err)
			}
			colours := lime.HiddenColours(in.RGB, seg, hide)
			session := m.NewSession()
			masked := model.Input{Tensor: make([]float32, len(in.Tensor))}
			for i := range masks.N {
				for pixel, label := range seg.Labels {
					for c := range 3 {
						masked.Tensor[3*pixel+c] = in.Tensor[3*pixel+c]
						if masks.Row(i)[label] == 0 {
							masked.Tensor[3*pixel+c] = float32(colours[label][c])
						}
					}
				}
				r, err := session.Classify(&masked)
				if err != nil {
					t.Fatal(err)
				}
				p := softmax(got[4*i:][:4])
				for class, want := range r.Probabilities {
					if diff := math.Abs(p[class] - want); !(diff <= 1e-5) {
						t.Errorf("%s, %s, sample %d: probability of %s is %v, want %v", name, hide, i, model.Class(class), p[class], want)
					}
				}
			}
		}
	}
}

func softmax(z []float64) []float64 {
	sum, p := 0.0, make([]float64, len(z))
	for i := range z {
		p[i] = math.Exp(z[i] - z[0])
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

func TestExplanationBelongsToTheAnswer(t *testing.T) {
	m, in := shipped(t), drawn(t, "synthetic-4")
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	stages := make(map[explain.Stage]int)
	r, err := explain.Explain(t.Context(), m, in, lime.FaithfulPreset(), func(stage explain.Stage, done, total int) {
		if done < 0 || done > total {
			t.Errorf("%s: %d of %d done", stage, done, total)
		}
		stages[stage] = 100 * done / total
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []explain.Stage{explain.Segmentation, explain.Tables, explain.Samples} {
		if stages[stage] != 100 {
			t.Errorf("%s ended at %d %%", stage, stages[stage])
		}
	}
	for class, want := range answer.Probabilities {
		if got := r.Explanation.Probabilities[class]; math.Abs(got-want) > 1e-5 {
			t.Errorf("probability of %s in the explanation is %v, in the answer %v", model.Class(class), got, want)
		}
	}
	if n := r.Segmentation.Count; n != r.Explanation.Superpixels || n != len(r.Explanation.Classes[0].Coefficients) {
		t.Errorf("%d superpixels, %d in the explanation", n, r.Explanation.Superpixels)
	}
}

func TestExplainRefusesBadSettingsAndEndsWithItsContext(t *testing.T) {
	m, in := shipped(t), drawn(t, "synthetic-1")
	bad := lime.FaithfulPreset()
	bad.Samples = 1
	if _, err := explain.Explain(t.Context(), m, in, bad, nil); err == nil {
		t.Error("one sample was accepted")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := explain.Explain(ctx, m, in, lime.FaithfulPreset(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}
