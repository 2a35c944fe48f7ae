package model_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/model"
)

// plane is a space of two dimensions around the origin and (10, 0), in which the
// first coordinate counts double.
var plane = model.Space{Centres: [][]float64{{0, 0}, {10, 0}}, Whitening: [][]float64{{2}, {0, 1}}}

// identity is a space around the origin in which every coordinate counts alike.
func identity(dimensions int) model.Space {
	s := model.Space{Centres: [][]float64{make([]float64, dimensions)}}
	for i := range dimensions {
		row := make([]float64, i+1)
		row[i] = 1
		s.Whitening = append(s.Whitening, row)
	}
	return s
}

func TestDistanceIsFromTheNearestCentre(t *testing.T) {
	for _, c := range []struct {
		point []float64
		want  float64
	}{
		{[]float64{0, 0}, 0},
		{[]float64{1, 0}, math.Sqrt(4 / 2.)},
		{[]float64{0, 3}, math.Sqrt(9 / 2.)},
		{[]float64{12, 1}, math.Sqrt(17 / 2.)},
	} {
		near(t, fmt.Sprint("distance of ", c.point), plane.Distance(c.point), c.want)
	}
}

// judged is a calibration for two features that refuses by every reason.
func judged() *model.Calibration {
	return &model.Calibration{
		Temperature: 2, Reach: 0.5, Growth: 1, Features: plane, Colours: new(identity(9)),
		// 4 log d - log(u + 0.02), at most log 32
		Strangeness: [3]float64{0, 4, 1},
		Limits:      model.Limits{Sharpness: -3, Colours: 4, Strangeness: 32. / 33, Confidence: 0.5, Ordinary: 1},
	}
}

func TestJudgeGivesEachReason(t *testing.T) {
	sure := [4]float32{90, 0, 0, 0}
	// At distance 0 the logits are halved: (0.8, 0, 0, 0) gives exp(0.4) / (exp(0.4) + 3).
	unsure := [4]float32{0.8, 0, 0, 0}
	for _, c := range []struct {
		name string
		o    model.Observation
		code model.Code
		says string
	}{
		{"an answer", model.Observation{Logits: sure, Features: []float32{0, 0}}, "", ""},
		{"blurred", model.Observation{Logits: sure, Features: []float32{0, 0}, Sharpness: -3.1}, model.Blurred, "too blurred"},
		{"odd colours", model.Observation{Logits: sure, Features: []float32{0, 0}, Colours: [9]float64{13}}, model.Colours, "colours"},
		// At distance 10, with u near 66: 4 log 10 - log 66 > log 32.
		{"far", model.Observation{Logits: sure, Features: []float32{0, 14.142}}, model.Foreign, "does not look like"},
		{"unsure and ordinary", model.Observation{Logits: unsure, Features: []float32{0, 0}}, model.Close, "has 33%, and 50% is needed"},
		// At distance 1.2, with u = 0.07: 4 log 1.2 - log 0.09 < log 32.
		{"unsure and unusual", model.Observation{Logits: unsure, Features: []float32{0, 1.697}}, model.Foreign, "does not look like"},
		{"blurred first", model.Observation{Logits: unsure, Features: []float32{0, 9}, Colours: [9]float64{13}, Sharpness: -4}, model.Blurred, "too blurred"},
	} {
		r := judged().Judge(&c.o)
		if r.Abstained != (c.code != "") || r.Code != c.code || (c.says == "") != (r.Reason == "") || !strings.Contains(r.Reason, c.says) {
			t.Errorf("%s: abstained %v, code %q, reason %q", c.name, r.Abstained, r.Code, r.Reason)
		}
		if len(r.Checks) != 4 {
			t.Errorf("%s: %d checks", c.name, len(r.Checks))
		}
	}
}

// What is missing may be little, but the sentence must not say that nothing is.
func TestAConfidenceJustBelowItsLimitIsNotWrittenLikeTheLimit(t *testing.T) {
	for _, c := range []struct {
		confidence float64
		says       string
	}{
		{0.381, "has 38%, and 50% is needed."},
		{0.4951, "has 49.5%, and 50.0% is needed."},
		{0.4996, "has 49.96%, and 50.00% is needed."},
		{0.499996, "has 49.9996%, and 50.0000% is needed."},
	} {
		// Logits (log 3p/(1-p), 0, 0, 0) have the confidence p; judged halves them at distance 0.
		o := &model.Observation{Logits: [4]float32{float32(2 * math.Log(3*c.confidence/(1-c.confidence)))}, Features: []float32{0, 0}}
		if r := judged().Judge(o); r.Code != model.Close || !strings.HasSuffix(r.Reason, c.says) {
			t.Errorf("confidence %v: code %q, reason %q; want %q", c.confidence, r.Code, r.Reason, c.says)
		}
	}
}

func TestAConfidenceAtItsLimitIsAnAnswerAndOneBelowItIsNot(t *testing.T) {
	o := &model.Observation{Logits: [4]float32{2}, Features: []float32{0, 0}}
	c := judged()
	c.Limits.Confidence = c.Judge(o).Probabilities[0]
	if r := c.Judge(o); r.Abstained {
		t.Errorf("refused at its limit: %s", r.Reason)
	}
	c.Limits.Confidence = math.Nextafter(c.Limits.Confidence, 1)
	if r := c.Judge(o); r.Code != model.Close {
		t.Errorf("code %q just below the limit; want %q", r.Code, model.Close)
	}
}

// Distance and doubt both make a picture strange; beyond all doubt nothing changes.
func TestForeignnessGrowsWithDistanceAndDoubt(t *testing.T) {
	c := judged()
	c.Strangeness[0] = 5
	logits := [4]float32{4, 0, 0, 0}
	near(t, "decision", c.Foreignness(1, logits), 5-math.Log(math.Log((math.Exp(3)+3*math.Exp(-1))/4)+0.02))
	near(t, "decision of logits moved", c.Foreignness(1, [4]float32{-4, -8, -8, -8}), c.Foreignness(1, logits))
	near(t, "foreignness", c.Foreignness(2, [4]float32{7, 7, 7, 7}), 5+4*math.Log(2)-math.Log(0.02))
	near(t, "foreignness of the nearest", c.Foreignness(0, [4]float32{}), 5+4*math.Log(0.1)-math.Log(0.02))
	if v := c.Foreignness(1, [4]float32{3e38, -3e38, 0, 0}); v-v != 0 {
		t.Errorf("foreignness of great logits is %v", v)
	}
}

// The temperature is 2 at distance 0, and 2 (1 + (d / 0.5)²) where Growth is 1.
func TestTemperatureGrowsWithDistance(t *testing.T) {
	for _, c := range []struct {
		features    []float32
		temperature float64
	}{{[]float32{0, 0}, 2}, {[]float32{1, 0}, 2 * (1 + 2/0.25)}, {[]float32{0, 2}, 2 * (1 + 2/0.25)}} {
		r := judged().Judge(&model.Observation{Logits: [4]float32{3, 1, 0, -2}, Features: c.features})
		near(t, "log of a ratio", math.Log(r.Probabilities[0]/r.Probabilities[3]), 5/c.temperature)
		near(t, "scale", judged().Scale(c.features), 1/c.temperature)
	}
}

func TestNoCalibrationChangesNothing(t *testing.T) {
	var none *model.Calibration
	r := none.Judge(&model.Observation{Logits: [4]float32{1, 3, 0, 2}, Sharpness: -50})
	if r.Abstained || r.Predicted != model.Early || r.Checks != nil {
		t.Errorf("got %+v", r)
	}
	near(t, "log of a ratio", math.Log(r.Probabilities[1]/r.Probabilities[2]), 3)
	near(t, "scale", none.Scale(nil), 1)
}

// fitting is a calibration of the right shapes for a network with 8 features.
func fitting(weights []byte) *model.Calibration {
	sum := sha256.Sum256(weights)
	c := judged()
	c.Weights, c.Features = hex.EncodeToString(sum[:]), identity(8)
	return c
}

func TestLoadCalibratedRefusesWhatDoesNotBelong(t *testing.T) {
	weights := golden.Encode(small())
	for _, c := range []struct {
		name   string
		change func(*model.Calibration)
		want   string
	}{
		{"nothing wrong", func(*model.Calibration) {}, ""},
		{"another network's", func(c *model.Calibration) { c.Weights = strings.Repeat("0", 64) }, "belongs to the network with SHA-256 0000"},
		{"no temperature", func(c *model.Calibration) { c.Temperature = 0 }, "temperature 0"},
		{"no reach", func(c *model.Calibration) { c.Reach = 0 }, "reach 0"},
		{"no centres", func(c *model.Calibration) { c.Features.Centres = [][]float64{} }, "features: 0 centres"},
		{"a short centre", func(c *model.Calibration) { c.Features.Centres[0] = c.Features.Centres[0][1:] }, "a centre has 7 coordinates; expected 8"},
		{"a short row", func(c *model.Calibration) { c.Features.Whitening[5] = c.Features.Whitening[4] }, "row 5 has 5 numbers; expected 6"},
		{"few colours", func(c *model.Calibration) { c.Colours = new(identity(3)) }, "colours: 1 centres and 3 rows"},
	} {
		calibration := fitting(weights)
		c.change(calibration)
		text, err := json.Marshal(calibration)
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.LoadCalibrated(weights, text)
		if c.want == "" {
			if err != nil || m.Calibration() == nil {
				t.Errorf("%s: %v", c.name, err)
			}
		} else if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
	if _, err := model.LoadCalibrated(weights, []byte("{")); err == nil || !strings.Contains(err.Error(), "not readable") {
		t.Errorf("cut off: got error %v", err)
	}
}

// A limit that is missing would be zero, and refuse everything or nothing.
func TestACalibrationThatLacksAFieldIsRefusedByItsName(t *testing.T) {
	weights := golden.Encode(small())
	whole, err := json.Marshal(fitting(weights))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"weights", "split", "temperature", "reach", "growth", "features", "colours", "strangeness", "limits",
		"features.centres", "features.whitening", "colours.centres", "colours.whitening",
		"limits.sharpness", "limits.colours", "limits.strangeness", "limits.confidence", "limits.ordinary",
	} {
		for _, instead := range []any{nil, json.RawMessage("null")} {
			var file map[string]any
			if err := json.Unmarshal(whole, &file); err != nil {
				t.Fatal(err)
			}
			object, name := file, path
			if outer, inner, nested := strings.Cut(path, "."); nested {
				object, name = file[outer].(map[string]any), inner
			}
			if delete(object, name); instead != nil {
				object[name] = instead
			}
			text, err := json.Marshal(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := model.LoadCalibrated(weights, text); err == nil || !strings.HasSuffix(err.Error(), "the calibration lacks "+path) {
				t.Errorf("without %s, %v in its place: error %v", path, instead, err)
			}
		}
	}
}

// Greater numbers would make an answer of probabilities that are none.
func TestACalibrationWithNumbersThatOverflowIsRefused(t *testing.T) {
	weights := golden.Encode(small())
	for want, change := range map[string]func(*model.Calibration){
		"the number 1e+300":    func(c *model.Calibration) { c.Features.Whitening[7][3] = 1e300 },
		"the number -2e+09":    func(c *model.Calibration) { c.Strangeness[1] = -2e9 },
		"temperature 1e-300":   func(c *model.Calibration) { c.Temperature = 1e-300 },
		"and reach 1e-300":     func(c *model.Calibration) { c.Reach = 1e-300 },
		"lacks strangeness[2]": nil,
	} {
		calibration := fitting(weights)
		if change != nil {
			change(calibration)
		}
		text, err := json.Marshal(calibration)
		if err != nil {
			t.Fatal(err)
		}
		if change == nil {
			text = bytes.Replace(text, []byte(`"strangeness":[0,4,1]`), []byte(`"strangeness":[0,4]`), 1)
		}
		if _, err := model.LoadCalibrated(weights, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
}

// A value at its limit keeps it; the next number beyond does not.
func TestALimitIsKeptByTheValueThatEqualsIt(t *testing.T) {
	o := &model.Observation{Logits: [4]float32{0.8, 0, 0, 0}, Features: []float32{0.3, 0}, Sharpness: -1}
	o.Colours[0] = 3
	above, below := math.Inf(1), math.Inf(-1)
	open := judged()
	open.Limits = model.Limits{Sharpness: below, Colours: above, Strangeness: above, Confidence: below, Ordinary: above}
	measured := map[model.Code]float64{}
	for _, check := range open.Judge(o).Checks {
		measured[check.Code] = check.Value
	}
	for _, c := range []struct {
		code  model.Code
		limit func(*model.Limits) *float64
		worse float64 // where values lie that do not keep the limit
	}{
		{model.Blurred, func(l *model.Limits) *float64 { return &l.Sharpness }, below},
		{model.Colours, func(l *model.Limits) *float64 { return &l.Colours }, above},
		{model.Foreign, func(l *model.Limits) *float64 { return &l.Strangeness }, above},
		{model.Close, func(l *model.Limits) *float64 { return &l.Confidence }, below},
	} {
		value := measured[c.code]
		for limit, refused := range map[float64]bool{
			value:                           false,
			math.Nextafter(value, c.worse):  false, // the value is just better than this limit
			math.Nextafter(value, -c.worse): true,  // and just misses this one
		} {
			with := *open
			*c.limit(&with.Limits) = limit
			r := with.Judge(o)
			if r.Abstained != refused || (refused && r.Code != c.code) {
				t.Errorf("%s: value %v, limit %v: abstained %v, code %q", c.code, value, limit, r.Abstained, r.Code)
			}
		}
	}
}

// Every shipped calibration belongs to its weights: the bundles load.
func TestShippedNetworksLoad(t *testing.T) {
	for _, b := range model.Shipped() {
		m, err := model.Named(b.Name)
		if err != nil {
			t.Errorf("%s: %v", b.Name, err)
			continue
		}
		if m.Name() != b.Name || (m.Calibration() == nil) != (b.Calibration == nil) {
			t.Errorf("%s: name %q, calibration %v", b.Name, m.Name(), m.Calibration() != nil)
		}
	}
	if _, err := model.Named("nobody's"); err == nil || !strings.Contains(err.Error(), "article") {
		t.Errorf("got error %v, want one that lists the networks", err)
	}
}

// What lies beside the shipped networks would go into the page unasked.
func TestNothingIsEmbeddedThatIsNotShipped(t *testing.T) {
	shipped := make(map[string]bool)
	for _, b := range model.Shipped() {
		shipped[b.Name] = true
	}
	for _, ending := range []string{".onnx", ".golden.json", ".calibration.json"} {
		names, err := filepath.Glob("*" + ending)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !shipped[strings.TrimSuffix(name, ending)] {
				t.Errorf("%s belongs to no shipped network", name)
			}
		}
	}
}

// answersDigest is a hash of the bits of all numbers of the shipped networks'
// answers for generated pictures.
func answersDigest(t *testing.T) string {
	hash := sha256.New()
	for _, b := range model.Shipped() {
		comparisons, err := model.Verify(b.Name, 3)
		if err != nil {
			t.Fatal(err)
		}
		m, err := model.Named(b.Name)
		if err != nil {
			t.Fatal(err)
		}
		session := m.NewSession()
		for _, c := range comparisons {
			o, err := session.Observe(model.AsIs(c.Input))
			if err != nil {
				t.Fatal(err)
			}
			// Any calibration will do, and not every network need have one.
			calibration := fitting(b.Weights())
			calibration.Features = identity(len(o.Features))
			r := calibration.Judge(&o.Observation)
			values := append(append(r.Probabilities[:], o.Sharpness), o.Colours[:]...)
			for _, check := range r.Checks {
				values = append(values, check.Value)
			}
			for _, v := range values {
				binary.Write(hash, binary.LittleEndian, math.Float64bits(v))
			}
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// digestVariable is the environment variable by which one platform tells another
// its digest.
const digestVariable = "ALLNET_ANSWERS_DIGEST"

// The same pictures give the same bits on every platform: run by
// TestAnswersInNode, and anywhere else by setting the variable.
func TestAnswersDigest(t *testing.T) {
	got, want := answersDigest(t), os.Getenv(digestVariable)
	if want == "" {
		t.Logf("%s=%s; nothing to compare it with", digestVariable, got)
		return
	}
	if got != want {
		t.Errorf("digest of answers %s, want that of the other platform, %s", got, want)
	}
}
