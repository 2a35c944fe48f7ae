package calibration

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"allnet/model"
)

// softmax of logits divided by a temperature, to draw true classes from.
func softmax(z [4]float32, temperature float64) (p [4]float64) {
	top, sum := slices.Max(z[:]), 0.0
	for i, v := range z {
		p[i] = math.Exp(float64(v-top) / temperature)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}

// world draws pictures whose features lie around one centre for each class, one
// unit wide in each of eight directions, and whose logits are right as often as
// softmax at the temperature says.
type world struct {
	*rand.Rand
	temperature func(distance float64) float64
}

// sample draws a picture; its features are moved away from the centre by shift
// units in each direction.
func (w world) sample(shift float64) Sample {
	const dimensions = 8
	class := w.IntN(4)
	features, square := make([]float32, dimensions), 0.0
	for i := range features {
		v := w.NormFloat64() + shift
		square += v * v
		features[i] = float32(v)
	}
	features[0] += float32(100 * class)
	var logits [4]float32
	for i := range logits {
		logits[i] = float32(3 * w.NormFloat64())
	}
	s := Sample{Observation: &model.Observation{Logits: logits, Features: features}, Label: model.Class(class)}
	for i := range s.Colours {
		s.Colours[i] = w.NormFloat64()
	}
	// The largest logit belongs to the class around whose centre the picture lies only
	// as often as its probability says; centres do not tell the label here.
	p, u := softmax(logits, w.temperature(math.Sqrt(square/dimensions))), w.Float64()
	for i, v := range p {
		if u -= v; u < 0 {
			s.Label = model.Class(i)
			break
		}
	}
	return s
}

func (w world) set(name string, n int, shift float64) Set {
	s := Set{Name: name}
	for range n {
		s.Samples = append(s.Samples, w.sample(shift))
	}
	return s
}

// data are enough pictures of a world to fit to.
func (w world) data(levels ...Set) Data {
	d := Data{Levels: levels, Foreign: []Set{w.set("far", 200, 12)}, Blurred: []Blurred{{w.set("blurred a little", 200, 0), []float64{-1, 0}}}}
	for _, s := range w.set("training", 1000, 0).Samples {
		s.Label = model.Class(math.Round(float64(s.Features[0]) / 100))
		d.Training = append(d.Training, s)
	}
	for range 500 {
		d.Colours = append(d.Colours, w.sample(0).Colours)
	}
	return d
}

func TestFitFindsTheTemperature(t *testing.T) {
	for _, c := range []struct {
		name        string
		temperature func(distance float64) float64
	}{
		{"overconfident", func(float64) float64 { return 2.5 }},
		{"underconfident", func(float64) float64 { return 0.6 }},
		{"worse with distance", func(d float64) float64 { return 1.5 * math.Pow(1+d*d/4, 0.6) }},
	} {
		w := world{rand.New(rand.NewPCG(1, 2)), c.temperature}
		fitted, err := Fit(w.data(w.set("unchanged", 600, 0), w.set("moved", 600, 2), w.set("moved more", 600, 4)))
		if err != nil {
			t.Fatal(err)
		}
		for _, shift := range []float32{0, 1, 2, 4} {
			features := make([]float32, 8)
			for i := range features {
				features[i] = shift
			}
			want := c.temperature(float64(shift))
			if got := 1 / fitted.Scale(features); math.Abs(got/want-1) > 0.25 {
				t.Errorf("%s: temperature %v at distance %v, want %v", c.name, got, shift, want)
			}
		}
	}
}

// certain draws pictures whose answers are all right, and sure.
func certain() world {
	return world{rand.New(rand.NewPCG(3, 4)), func(float64) float64 { return 1e-3 }}
}

func TestFitKeepsTheBudgetsAndRefusesWhatIsForeign(t *testing.T) {
	w := certain()
	d := w.data(w.set("unchanged", 1000, 0), w.set("moved", 1000, 1))
	for i := range 3 { // some pictures of the validation side lie far out
		d.Levels[0].Samples[i].Features[3] += 40
	}
	c, err := Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(set Set) float64 { return ReportKind(c, set, false).Share.Share }
	if got := refused(d.Levels[0]); got > asTheyAre || got == 0 {
		t.Errorf("%v of the unchanged pictures are refused, want more than 0 and at most %v", got, asTheyAre)
	}
	if got := refused(d.Levels[1]); got > withChange {
		t.Errorf("%v of the changed pictures are refused, want at most %v", got, withChange)
	}
	if got := refused(w.set("far, others", 300, 12)); got != 1 {
		t.Errorf("%v of the foreign pictures are refused, want all", got)
	}
	if l := c.Limits; !(l.Strangeness > 0 && l.Strangeness < 1) || l.Confidence != 0.5 {
		t.Errorf("limits %+v", l)
	}
}

// A change under which the network is wrong is no reason to accept pictures that
// lie as far away.
func TestFitDoesNotAcceptWhatTheNetworkGetsWrong(t *testing.T) {
	w := certain()
	d := w.data(w.set("unchanged", 1000, 0), w.set("moved", 1000, 0), w.set("moved", 1000, 0))
	wrong := w.set("moved far", 1000, 9)
	for i := range wrong.Samples {
		wrong.Samples[i].Label = (wrong.Samples[i].Label + 1) % 4
	}
	d.Levels = append(d.Levels, wrong)
	c, err := Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	if got := ReportKind(c, wrong, false).Share.Share; got < 0.99 {
		t.Errorf("%v of the pictures on which the network is wrong are refused, want all", got)
	}
}

func TestTheSameDataGiveTheSameCalibration(t *testing.T) {
	fit := func() *model.Calibration {
		w := certain()
		c, err := Fit(w.data(w.set("unchanged", 300, 0)))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if a, b := fit(), fit(); !reflect.DeepEqual(a, b) {
		t.Error("the same pictures gave two calibrations")
	}
}

func TestFitRefusesDataThatLackPictures(t *testing.T) {
	w := certain()
	for name, change := range map[string]func(*Data){
		"no levels":     func(d *Data) { d.Levels = nil },
		"empty level":   func(d *Data) { d.Levels[0].Samples = nil },
		"nothing else":  func(d *Data) { d.Foreign = nil },
		"no training":   func(d *Data) { d.Training = nil },
		"no colours":    func(d *Data) { d.Colours = nil },
		"no blur":       func(d *Data) { d.Blurred = nil },
		"few trainings": func(d *Data) { d.Training = d.Training[:1] },
	} {
		d := w.data(w.set("unchanged", 100, 0))
		change(&d)
		if _, err := Fit(d); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Points around two centres with covariance [[4, 3], [3, 9]], whose correlation of
// 0.5 the space shrinks to 0.45.
func TestSpaceMeasuresInUnitsOfTheSpread(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	groups := make([][][]float64, 3) // the last one is empty
	for g, centre := range [][2]float64{{0, 0}, {100, -50}} {
		for range 20000 {
			a, b := random.NormFloat64(), random.NormFloat64()
			groups[g] = append(groups[g], []float64{centre[0] + 2*a, centre[1] + 1.5*a + math.Sqrt(9-1.5*1.5)*b})
		}
	}
	s, err := fitSpace(groups)
	if err != nil {
		t.Fatal(err)
	}
	// Of the vector (2, 0): 1 / (1 - 0.45²) squared, over 2 dimensions.
	for _, point := range [][]float64{{2, 0}, {102, -50}, {0, 3}} {
		want := math.Sqrt(1 / (1 - 0.45*0.45) / 2)
		if got := s.Distance(point); math.Abs(got-want) > 0.02 {
			t.Errorf("distance of %v is %v, want %v", point, got, want)
		}
	}
}

// A picture may be as blurred as the network can be relied on for, and no more.
func TestFitRefusesTheBlurThatTheNetworkCannotTake(t *testing.T) {
	w := certain()
	d := w.data(w.set("unchanged", 300, 0))
	d.Blurred = nil
	for i, sharpness := range []float64{-1, -2, -3} {
		set := w.set("blurred", 200, 0)
		for j := range set.Samples {
			if i == 2 && j%5 == 0 {
				set.Samples[j].Label = (set.Samples[j].Label + 1) % 4
			}
		}
		d.Blurred = append(d.Blurred, Blurred{set, []float64{sharpness, sharpness + 0.5}})
	}
	c, err := Fit(d)
	if err != nil {
		t.Fatal(err)
	}
	if c.Limits.Sharpness != -2 {
		t.Errorf("sharpness of at least %v is needed, want -2", c.Limits.Sharpness)
	}
}
