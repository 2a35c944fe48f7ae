package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"allnet/internal/golden"
	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/engine"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
)

func shipped(t *testing.T) *model.Model {
	t.Helper()
	m, err := model.Named("robust")
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

// small returns a network of few filters and made-up weights, for tests of what is asked
// and kept, whatever the answers are.
func small(t *testing.T) *model.Model {
	t.Helper()
	m, err := readSmall()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var readSmall = sync.OnceValues(func() (*model.Model, error) {
	return model.Load(golden.Encode(golden.Graph(golden.Weights(8, 8, 8))))
})

// shown is a picture with its superpixels and its cells, each found once for all tests.
type shown struct {
	name    string
	in      *model.Input
	regions func() (*lime.Segmentation, error)
	cells   func() *cells.Cells
}

var readPictures = sync.OnceValues(func() (all []shown, err error) {
	add := func(name string, p *picture.Picture) error {
		in, err := model.Preprocess(p)
		if err != nil {
			return err
		}
		all = append(all, shown{name, in,
			sync.OnceValues(func() (*lime.Segmentation, error) {
				return lime.Quickshift(context.Background(), in.RGB, model.Side, model.Side, lime.DefaultQuickshift())
			}),
			sync.OnceValue(func() *cells.Cells { return cells.Find(in.RGB, model.Side, model.Side, cells.RedCells{}) }),
		})
		return nil
	}
	for _, name := range []string{"synthetic-2", "synthetic-4"} {
		p, err := synthetic.Draw(name)
		if err != nil {
			return nil, err
		}
		if err := add(name, p); err != nil {
			return nil, err
		}
	}
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	for _, class := range model.Classes {
		files, err := filepath.Glob(filepath.Join(dir, "data", "pbs", class.String(), "*.jpg"))
		if err != nil || len(files) == 0 {
			continue
		}
		data, err := os.ReadFile(files[len(files)/2])
		if err != nil {
			return nil, err
		}
		p, err := picture.Decode(data)
		if err != nil {
			return nil, err
		}
		if err := add(filepath.Base(files[len(files)/2]), p); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// drawings is how many of pictures are drawn.
const drawings = 2

// pictures are two drawings and, where they are at hand, a real picture of each
// class.
func pictures(t *testing.T) []shown {
	t.Helper()
	all, err := readPictures()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < drawings+len(model.Classes) {
		t.Logf("left out: %d real pictures, because ALLNET_SHARED has none", drawings+len(model.Classes)-len(all))
	}
	return all
}

// telling are masks of k superpixels at whose ends a wrong table would show: all shown, none,
// all but one, one alone, and as many by chance.
func telling(k int) lime.Masks {
	m := lime.Perturb(1, 5, k) // the first row is of the whole picture
	clear(m.Row(1))
	for superpixel := range k {
		m.Row(2)[superpixel], m.Row(3)[superpixel] = 1, 0
	}
	m.Row(2)[k/2], m.Row(3)[k/2] = 0, 1
	return m
}

// The tables of the engine give what a forward pass on the masked picture gives, on the
// trained weights with the superpixels of quickshift. Each network, each picture and
// both hiding colours are there, each network with every third pair of a picture and a colour where
// there are real pictures; in WebAssembly, where it takes long, with one pair.
func TestSamplesEqualForwardPassesOnMaskedPictures(t *testing.T) {
	all := pictures(t)
	for n, b := range model.Shipped() {
		t.Run(b.Name, func(t *testing.T) {
			m, err := model.Named(b.Name)
			if err != nil {
				t.Fatal(err)
			}
			for i, p := range all {
				for h, hide := range []lime.Hide{lime.HideBlack, lime.HideMean} {
					taken := (n+i+h)%3 == 0 || len(all) == drawings
					if runtime.GOOS == "js" {
						taken = i == n%len(all) && h == n%2
					}
					if taken {
						sampledAsMasked(t, m, p, hide)
					}
				}
			}
		})
	}
}

func sampledAsMasked(t *testing.T, m *model.Model, p shown, hide lime.Hide) {
	t.Helper()
	in := p.in
	seg, err := p.regions()
	if err != nil {
		t.Fatal(err)
	}
	evaluator, info, err := explain.Evaluator(t.Context(), m, in, seg, hide, nil)
	if err != nil {
		t.Fatal(err)
	}
	if info.Method != engine.Tables {
		t.Errorf("%s: evaluated by %s, want tables", p.name, info.Method)
	}
	masks := telling(seg.Count)
	got := make([]float64, masks.N*len(model.Classes))
	if err := evaluator.Logits(t.Context(), masks, got); err != nil {
		t.Fatal(err)
	}
	colours := lime.HiddenColours(in.RGB, seg, hide)
	session := m.NewSession()
	scale := 0.0
	for i := range masks.N {
		masked := &model.Input{RGB: in.RGB, Tensor: slices.Clone(in.Tensor)}
		for pixel, label := range seg.Labels {
			for c := range 3 {
				if masks.Row(i)[label] == 0 {
					masked.Tensor[3*pixel+c] = float32(colours[label][c])
				}
			}
		}
		o, err := session.Observe(model.AsIs(masked))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			scale = m.Temper(o.Features, 0)
		}
		z := make([]float64, len(o.Logits))
		for class, logit := range o.Logits {
			z[class] = scale * float64(logit)
		}
		probabilities := softmax(got[4*i:][:4])
		for class, want := range softmax(z) {
			if diff := math.Abs(probabilities[class] - want); !(diff <= 1e-5) {
				t.Errorf("%s, %s, sample %d: probability of %s is %v, want %v", p.name, hide, i, model.Class(class), probabilities[class], want)
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
	ended := make(map[explain.Stage]int)
	r, err := explain.Explain(t.Context(), m, in, lime.FaithfulPreset(), func(stage explain.Stage, done, total int) {
		if done < 0 || done > total {
			t.Errorf("%s: %d of %d done", stage, done, total)
		}
		ended[stage] = 100 * done / total
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, stage := range []explain.Stage{explain.Segmentation, explain.Tables, explain.Samples} {
		if ended[stage] != 100 {
			t.Errorf("%s ended at %d %%", stage, ended[stage])
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
	m, in := small(t), drawn(t, "synthetic-1")
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

// stages records which stages report progress.
func stages(seen *[]explain.Stage) explain.Progress {
	*seen = nil
	return func(stage explain.Stage, _, _ int) {
		if n := len(*seen); n == 0 || (*seen)[n-1] != stage {
			*seen = append(*seen, stage)
		}
	}
}

// What a session knows it does not find again, and what it answers is what a new
// one would.
func TestSessionKeepsWhatIsKnown(t *testing.T) {
	m, in := small(t), drawn(t, "synthetic-4")
	session := explain.NewSession(m, in)
	first := lime.FaithfulPreset()
	first.Samples = 100
	target, black, other := first, first, first
	target.Target, target.Samples = lime.TargetProbability, 200
	black.Hide = lime.HideBlack
	other.Segmentation.KernelSize = 3
	var seen []explain.Stage
	for _, step := range []struct {
		what     string
		settings lime.Settings
		want     []explain.Stage
	}{
		{"the first question", first, []explain.Stage{explain.Segmentation, explain.Tables, explain.Samples}},
		{"another target", target, []explain.Stage{explain.Samples}},
		{"another hiding colour", black, []explain.Stage{explain.Tables, explain.Samples}},
		{"the first hiding colour again", first, []explain.Stage{explain.Samples}},
		{"other superpixels", other, []explain.Stage{explain.Segmentation, explain.Tables, explain.Samples}},
	} {
		r, err := session.Explain(t.Context(), step.settings, stages(&seen))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(seen, step.want) {
			t.Errorf("%s takes the stages %v, want %v", step.what, seen, step.want)
		}
		fresh, err := explain.Explain(t.Context(), m, in, step.settings, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r, fresh) {
			t.Errorf("%s: the session's answer is not that of a new one", step.what)
		}
	}
	r, err := session.Shapley(t.Context(), other.ShapleySettings(lime.MinPermutations), stages(&seen))
	if err != nil {
		t.Fatal(err)
	}
	if want := []explain.Stage{explain.Permutations}; !slices.Equal(seen, want) {
		t.Errorf("the second opinion takes the stages %v, want %v", seen, want)
	}
	if r.Segmentation.Count != r.Shapley.Superpixels || r.Evaluation.Method != engine.Tables {
		t.Errorf("%d superpixels, %d in the result; %+v", r.Segmentation.Count, r.Shapley.Superpixels, r.Evaluation)
	}
}

// Shapley values divide the rise from nothing shown to the network's own answer,
// for every class.
func TestShapleyValuesAddUpToTheAnswer(t *testing.T) {
	m, in := shipped(t), drawn(t, "synthetic-2")
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	s := lime.FaithfulPreset()
	s.Target = lime.TargetProbability
	r, err := explain.NewSession(m, in).Shapley(t.Context(), s.ShapleySettings(lime.MinPermutations), nil)
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range answer.Probabilities {
		c := r.Shapley.Classes[class]
		sum := c.Base
		for _, v := range c.Values {
			sum += v
		}
		if math.Abs(sum-want) > 1e-5 {
			t.Errorf("%s: base and values add up to %v, the network gives %v", model.Class(class), sum, want)
		}
	}
}

// An interrupted preparation leaves nothing half done behind.
func TestSessionGoesOnAfterAnInterruption(t *testing.T) {
	m, in := small(t), drawn(t, "synthetic-1")
	session := explain.NewSession(m, in)
	s := lime.FaithfulPreset().ShapleySettings(lime.MinPermutations)
	for _, stage := range []explain.Stage{explain.Segmentation, explain.Tables, explain.Permutations} {
		ctx, cancel := context.WithCancel(t.Context())
		_, err := session.Shapley(ctx, s, func(at explain.Stage, done, total int) {
			if at == stage && done < total {
				cancel()
			}
		})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted in %s: %v", stage, err)
		}
	}
	got, err := session.Shapley(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	want, err := explain.NewSession(m, in).Shapley(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("the answer after interruptions is another one")
	}
	s.Permutations = 7
	if _, err := session.Shapley(t.Context(), s, nil); err == nil {
		t.Error("seven permutations were accepted")
	}
}

// What is explained are the probabilities of the answer, which are calibrated.
func TestExplanationsAreOfTheCalibratedProbabilities(t *testing.T) {
	weights := golden.Encode(golden.Graph(golden.Weights(8, 8, 8)))
	plain, err := model.Load(weights)
	if err != nil {
		t.Fatal(err)
	}
	wide := func(dimensions int) model.Space {
		s := model.Space{Centres: [][]float64{make([]float64, dimensions)}}
		for i := range dimensions {
			row := make([]float64, i+1)
			row[i] = 0.5
			s.Whitening = append(s.Whitening, row)
		}
		return s
	}
	file, err := json.Marshal(model.Calibration{
		Weights: plain.Hash(), Temperature: 0.4, Reach: 1, Growth: 0.3, Features: wide(8), Colours: new(wide(9)),
		Limits: model.Limits{Sharpness: -100, Colours: 100, Strangeness: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.LoadCalibrated(weights, file)
	if err != nil {
		t.Fatal(err)
	}
	in := drawn(t, "synthetic-2")
	want, err := m.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	other, err := plain.NewSession().Classify(in)
	if err != nil {
		t.Fatal(err)
	}
	settings := lime.ArticlePreset()
	settings.Target, settings.Samples = lime.TargetProbability, 100
	r, err := explain.Explain(t.Context(), m, in, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	for class, p := range want.Probabilities {
		if math.Abs(p-other.Probabilities[class]) < 1e-3 {
			t.Errorf("%s: calibration does not move its probability, %v", model.Class(class), p)
		}
		for what, got := range map[string]float64{"probability": r.Explanation.Probabilities[class], "target": r.Explanation.Classes[class].TargetValue} {
			if math.Abs(got-p) > 1e-5 {
				t.Errorf("%s: the explanation's %s is %v, the answer's probability %v", model.Class(class), what, got, p)
			}
		}
	}
}

func TestLinksThatWereFoundElsewhereGiveTheSameExplanation(t *testing.T) {
	ctx, m, in, settings := context.Background(), small(t), drawn(t, "synthetic-4"), lime.ArticlePreset()
	settings.Samples = 40
	want, err := explain.Explain(ctx, m, in, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	var links []int32
	for _, rows := range [][2]int{{0, 100}, {100, model.Side}} {
		some, err := lime.QuickshiftLinks(ctx, in.RGB, model.Side, model.Side, settings.Segmentation, rows[0], rows[1])
		if err != nil {
			t.Fatal(err)
		}
		links = append(links, some...)
	}
	s := explain.NewSession(m, in)
	if err := s.Link(settings.Segmentation, links); err != nil {
		t.Fatal(err)
	}
	got, err := s.Explain(ctx, settings, func(stage explain.Stage, _, _ int) {
		if stage == explain.Segmentation {
			t.Error("the superpixels were looked for again")
		}
	})
	if err != nil || !reflect.DeepEqual(got.Segmentation, want.Segmentation) || !reflect.DeepEqual(got.Explanation, want.Explanation) {
		t.Errorf("another explanation, %v", err)
	}
	// What is known already is not asked of links, which may then be anything; others are not believed.
	if err := s.Link(settings.Segmentation, nil); err != nil {
		t.Error(err)
	}
	settings.Segmentation.KernelSize++
	if err := s.Link(settings.Segmentation, links[1:]); err == nil || !strings.Contains(err.Error(), "links") {
		t.Errorf("error %v", err)
	}
}
