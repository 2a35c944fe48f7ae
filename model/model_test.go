package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model"
	"allnet/model/picture"
)

// within is how far logits may be from those of PyTorch.
const within = 1e-4

func TestShippedModelsAgreeWithPyTorch(t *testing.T) {
	for _, b := range model.Shipped() {
		comparisons, err := model.Verify(b.Name, math.MaxInt)
		if err != nil {
			t.Fatal(err)
		}
		if len(comparisons) != len(golden.Pictures()) {
			t.Errorf("%s: %d pictures were compared, want %d", b.Name, len(comparisons), len(golden.Pictures()))
		}
		for _, c := range comparisons {
			if d := c.Difference(); !(d <= within) {
				t.Errorf("%s, %s: logits %v, PyTorch's %v: %.1e apart", b.Name, c.Name, c.Logits, c.Want, d)
			}
		}
	}
}

func TestWideModelAgreesWithPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/golden-wide.json")
	if err != nil {
		t.Fatal(err)
	}
	file, err := golden.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Load(golden.Encode(graph(golden.Wide...)))
	if err != nil {
		t.Fatal(err)
	}
	session := m.NewSession()
	for i, c := range file.Cases {
		in, err := model.Preprocess(&picture.Picture{Width: golden.Side, Height: golden.Side, Pix: file.Draw(i)})
		if err != nil {
			t.Fatal(err)
		}
		r, err := session.Classify(in)
		if err != nil {
			t.Fatal(err)
		}
		comparison := model.Verification{Logits: r.Logits, Want: c.Logits64}
		if d := comparison.Difference(); !(d <= within) {
			t.Errorf("%s: logits %v, PyTorch's %v: %.1e apart", c.Name, r.Logits, c.Logits64, d)
		}
	}
}

func TestABundleSaysOfItsNetworkWhatTheNetworkSays(t *testing.T) {
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		if hash, err := b.Hash(); err != nil || hash != m.Hash() || b.Reads != m.Reads() {
			t.Errorf("%s: said to have the hash %s, error %v, and to read %v; it is %s and %v", b.Name, hash, err, b.Reads, m.Hash(), m.Reads())
		}
		if b.CalibrationHash() != m.CalibrationHash() {
			t.Errorf("%s: said to have the calibration %s; it has %s", b.Name, b.CalibrationHash(), m.CalibrationHash())
		}
		if err := model.Supply(b.Name, nil); b.Apart || err == nil {
			t.Errorf("%s, which has its weights, takes others", b.Name)
		}
		b.Calibration = nil
		if hash, err := b.Hash(); err != nil || hash != m.Hash() {
			t.Errorf("%s without a calibration: hash %s, error %v; want %s", b.Name, hash, err, m.Hash())
		}
		b.Calibration = []byte(`{"split": {"weights": "another"}, "weights": "this"}`)
		if hash, err := b.Hash(); err != nil || hash != "this" {
			t.Errorf("%s with another order: hash %s, error %v; want this", b.Name, hash, err)
		}
		for _, damaged := range []string{"", "{", "{}", `{"weights"`, `{"weights": 1}`, `{"split": "`} {
			b.Calibration = []byte(damaged)
			if hash, err := b.Hash(); err == nil {
				t.Errorf("%s with the calibration %q: hash %s", b.Name, damaged, hash)
			}
		}
	}
}

func TestWeightsOfNoNetworkAreRefused(t *testing.T) {
	if err := model.Supply("none", nil); err == nil || !strings.Contains(err.Error(), `no shipped network "none"`) {
		t.Errorf("error %v", err)
	}
}

func TestShippedModelIsTheArticles(t *testing.T) {
	m, err := model.Named("article")
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Network().Parameters(); got != 787268 { // lab/ARTICLE.md, "Parameters"
		t.Errorf("%d parameters, want 787268", got)
	}
	if got := math.Round(float64(m.Network().MultiplyAdds()) / 1e6); got != 462 { // there, too
		t.Errorf("%.0f million multiply-adds, want 462", got)
	}
}

func TestSelfCheckPasses(t *testing.T) {
	for _, b := range model.Shipped() {
		if err := model.SelfCheck(b.Name); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
}

// Without a calibration; what one does to the logits has its own tests.
func TestProbabilitiesAreTheSoftmaxOfTheLogits(t *testing.T) {
	const article = 1
	shipped := model.Shipped()[article]
	comparisons, err := model.Verify(shipped.Name, 2)
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.Load(shipped.Weights())
	if err != nil {
		t.Fatal(err)
	}
	session := m.NewSession()
	for _, c := range comparisons {
		r, err := session.Classify(c.Input)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, p := range r.Probabilities {
			sum += p
			if r.Logits[i] > r.Logits[r.Predicted] {
				t.Errorf("%s: predicted %s, but %s has the larger logit", c.Name, r.Predicted, model.Class(i))
			}
			ratio := float64(r.Logits[i] - r.Logits[r.Predicted])
			if got := math.Log(p / r.Probabilities[r.Predicted]); math.Abs(got-ratio) > 1e-5 {
				t.Errorf("%s: log of a ratio of probabilities is %v, of the logits %v", c.Name, got, ratio)
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s: probabilities sum to %v", c.Name, sum)
		}
	}
}

func TestRecordWithoutAnAnswerHasNoProbabilities(t *testing.T) {
	unsure := model.Result{
		Abstained: true, Reason: "The file is empty.", Code: model.Close, Predicted: model.Pre, Probabilities: [4]float64{0.25, 0.25, 0.375, 0.125},
		Checks: []model.Check{{Code: model.Close, Value: 0.375, Limit: 0.5}},
	}
	for _, c := range []struct {
		record model.Record
		rest   string
	}{
		{model.NewRecord("a.png", nil, errors.New("The file is empty.")), `,"code":"unreadable"`},
		{model.NewRecord("a.png", &unsure, nil), `,"code":"close","checks":[{"code":"close","value":0.375,"limit":0.5,"passed":false}]`},
	} {
		text, err := json.Marshal(c.record)
		if err != nil {
			t.Fatal(err)
		}
		if want := `{"file":"a.png","predicted":null,"probabilities":null,"abstained":true,"reason":"The file is empty."` + c.rest + `}`; string(text) != want {
			t.Errorf("got %s, want %s", text, want)
		}
	}
}

func TestRecordNamesClassesAsTheDataSetDoes(t *testing.T) {
	r := model.Result{Predicted: model.Pre, Probabilities: [4]float64{0.125, 0.25, 0.5, 0.125}}
	text, err := json.Marshal(model.NewRecord("a.png", &r, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"file":"a.png","predicted":"Pre","probabilities":{"Benign":0.125,"Early":0.25,"Pre":0.5,"Pro":0.125},"abstained":false,"reason":""}`
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	var back model.Record
	if err := json.Unmarshal(text, &back); err != nil || *back.Predicted != model.Pre {
		t.Errorf("read back: %+v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"predicted":"Post"}`), &back); err == nil {
		t.Error("an unknown class was read")
	}
}
