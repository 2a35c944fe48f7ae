package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"allnet/lime/detmath"
)

// Calibration makes probabilities of a network's logits that are right as often
// as they say, and says when no answer is to be given. It is fitted to one network
// by lab/calibration, on pictures on which the network was not trained.
type Calibration struct {
	// Weights is the SHA-256 of the ONNX file that it belongs to.
	Weights string `json:"weights"`
	// Split is the SHA-256 of the split file whose validation side it was fitted on.
	Split string `json:"split"`
	// Temperature, Reach and Growth make the temperature that a picture's logits are
	// divided by: Temperature (1 + (d / Reach)²)^Growth, where d is the picture's
	// distance from the training pictures in Features. The farther a picture lies from
	// all that the network has seen, the less its logits are worth.
	Temperature float64 `json:"temperature"`
	Reach       float64 `json:"reach"`
	Growth      float64 `json:"growth"`
	// Features are the training pictures in the space of pooled features, a centre
	// for each class; Colours those of the validation side, with their stain
	// changed, in the space of Observation.Colours, of a network that reads whole pictures.
	Features Space  `json:"features"`
	Colours  *Space `json:"colours,omitempty"`
	// Strangeness weighs how foreign a picture looks: the logistic function of
	// Foreignness. A network that was taught to doubt is undecided before a foreign
	// picture; for one that was not, the distance tells.
	Strangeness [3]float64 `json:"strangeness"`
	Limits      Limits     `json:"limits"`
	// Cells are there where the network reads cells, and in no other case.
	Cells *CellLimits `json:"cells,omitempty"`
}

// CellLimits are what the cells of a picture must keep for it to be given an answer.
type CellLimits struct {
	// Count is their least number.
	Count float64 `json:"count"`
	// Nucleus is the least and the greatest median width of their nuclei, in pixels of the
	// fields: beyond, the magnification is another one, or they are no nuclei.
	Nucleus [2]float64 `json:"nucleus"`
	// Restaining is the greatest CellsObserved.Restaining.
	Restaining float64 `json:"restaining"`
}

// Limits are what a picture must keep to be given an answer.
type Limits struct {
	// Sharpness is the least Observation.Sharpness.
	Sharpness float64 `json:"sharpness"`
	// Colours is the greatest distance in Calibration.Colours, where that is there.
	Colours float64 `json:"colours"`
	// Strangeness is the greatest value of the logistic function of
	// Calibration.Foreignness.
	Strangeness float64 `json:"strangeness"`
	// Confidence is the least top probability.
	Confidence float64 `json:"confidence"`
	// Ordinary is the distance in Calibration.Features beyond which too low a top
	// probability is laid to the picture being none of this kind, not to its classes
	// being close.
	Ordinary float64 `json:"ordinary"`
}

// Space measures how far a point is from a set of points: by the Mahalanobis
// distance from the nearest of several centres, all with one covariance.
type Space struct {
	// Centres are [centres][dimensions].
	Centres [][]float64 `json:"centres"`
	// Whitening is the inverse of the covariance's Cholesky factor, a lower triangle
	// whose row i has i+1 numbers.
	Whitening [][]float64 `json:"whitening"`
}

// Distance returns the distance of a point from the nearest centre, divided by the
// square root of the number of dimensions: about 1 for a point of the set.
func (s *Space) Distance(point []float64) float64 {
	nearest := math.Inf(1)
	difference := make([]float64, len(point))
	for _, centre := range s.Centres {
		for i, v := range point {
			difference[i] = v - centre[i]
		}
		square := 0.0
		for _, row := range s.Whitening {
			sum := 0.0
			for i, w := range row {
				sum += float64(w * difference[i])
			}
			square += float64(sum * sum)
		}
		nearest = min(nearest, square)
	}
	return math.Sqrt(nearest / float64(len(point)))
}

// check fails where the shapes do not fit together.
func (s *Space) check(dimensions int) error {
	if len(s.Centres) == 0 || len(s.Whitening) != dimensions {
		return fmt.Errorf("%d centres and %d rows; expected at least one centre, and %d rows", len(s.Centres), len(s.Whitening), dimensions)
	}
	for _, centre := range s.Centres {
		if len(centre) != dimensions {
			return fmt.Errorf("a centre has %d coordinates; expected %d", len(centre), dimensions)
		}
	}
	for i, row := range s.Whitening {
		if len(row) != i+1 {
			return fmt.Errorf("row %d has %d numbers; expected %d", i, len(row), i+1)
		}
	}
	for _, row := range slices.Concat(s.Centres, s.Whitening) {
		if err := bounded(row...); err != nil {
			return err
		}
	}
	return nil
}

// The numbers of a calibration lie far within these bounds. Beyond them a distance
// or a temperature could overflow, and the probabilities would be none.
const (
	greatest = 1e9
	smallest = 1e-9 // of what is divided by
)

// bounded fails where a number is greater than any calibration needs.
func bounded(values ...float64) error {
	for _, v := range values {
		if !(math.Abs(v) <= greatest) {
			return fmt.Errorf("the number %g; expected at most %g", v, float64(greatest))
		}
	}
	return nil
}

// lacking returns the path of the first field of a struct type that an object of valid JSON
// does not hold, or "" where it holds all. A field that is missing would be read as
// zero, and a limit of zero lets everything pass or nothing.
func lacking(object []byte, kind reflect.Type) string {
	held := members(object)
	for i := range kind.NumField() {
		field := kind.Field(i)
		name, optional := strings.CutSuffix(field.Tag.Get("json"), ",omitempty")
		value := held[name]
		if value == nil || string(value) == "null" {
			if optional {
				continue
			}
			return name
		}
		if field.Type.Kind() == reflect.Array {
			var elements []json.RawMessage
			if err := json.Unmarshal(value, &elements); err == nil && len(elements) < field.Type.Len() {
				return fmt.Sprintf("%s[%d]", name, len(elements))
			}
		}
		inside := field.Type
		if optional {
			inside = inside.Elem()
		}
		if inside.Kind() == reflect.Struct {
			if inner := lacking(value, inside); inner != "" {
				return name + "." + inner
			}
		}
	}
	return ""
}

// members are the members of an object, as they are written in JSON that is known to be valid: a
// calibration is long, and package json would look at each of its numbers four times more.
func members(object []byte) map[string][]byte {
	const space = " \t\r\n"
	found := make(map[string][]byte)
	rest, isObject := bytes.CutPrefix(bytes.TrimLeft(object, space), []byte("{"))
	rest = bytes.TrimLeft(rest, space)
	for isObject && len(rest) > 0 && rest[0] == '"' {
		end := valueEnd(rest, ':')
		var key string
		if json.Unmarshal(rest[:end], &key) != nil {
			break
		}
		rest = bytes.TrimLeft(rest[end:], space+":")
		end = valueEnd(rest, ',')
		found[key] = bytes.TrimRight(rest[:end], space)
		rest = bytes.TrimLeft(rest[end:], space+",")
	}
	return found
}

// valueEnd is where a value ends in valid JSON: at a separator, or at what closes the value around it.
func valueEnd(text []byte, separator byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == separator || c == '}' || c == ']'):
			return i
		case c == '}' || c == ']':
			depth--
		}
	}
	return len(text)
}

// readCalibration reads a calibration, as JSON, for a network with the given
// SHA-256 and number of pooled features.
func readCalibration(file []byte, weights string, features int) (*Calibration, error) {
	c := new(Calibration)
	if err := json.Unmarshal(file, c); err != nil {
		return nil, fmt.Errorf("the calibration is not readable: %w", err)
	}
	if path := lacking(file, reflect.TypeFor[Calibration]()); path != "" {
		return nil, fmt.Errorf("the calibration lacks %s", path)
	}
	if c.Weights != weights {
		return nil, fmt.Errorf("the calibration belongs to the network with SHA-256 %s; expected %s", c.Weights, weights)
	}
	if !(c.Temperature >= smallest && c.Reach >= smallest) {
		return nil, fmt.Errorf("the calibration has temperature %g and reach %g; expected positive ones, of at least %g", c.Temperature, c.Reach, float64(smallest))
	}
	l := &c.Limits
	if err := bounded(append(c.Strangeness[:], c.Temperature, c.Reach, c.Growth, l.Sharpness, l.Colours, l.Strangeness, l.Confidence, l.Ordinary)...); err != nil {
		return nil, fmt.Errorf("the calibration has %w", err)
	}
	if err := c.Features.check(features); err != nil {
		return nil, fmt.Errorf("the calibration's features: %w", err)
	}
	switch {
	case c.Colours == nil && c.Cells == nil:
		return nil, fmt.Errorf("there are no limits of cells, and the calibration lacks colours")
	case c.Colours != nil && c.Cells != nil:
		return nil, fmt.Errorf("the calibration has colours and cells; expected one of both: cells, where the network reads cells")
	}
	if c.Colours != nil {
		if err := c.Colours.check(len(Observation{}.Colours)); err != nil {
			return nil, fmt.Errorf("the calibration's colours: %w", err)
		}
	}
	if l := c.Cells; l != nil {
		if err := bounded(l.Count, l.Nucleus[0], l.Nucleus[1], l.Restaining); err != nil {
			return nil, fmt.Errorf("the calibration's cells: %w", err)
		}
	}
	return c, nil
}

// Scale is what the logits of a picture with these Observation.Features are multiplied
// by before softmax: one by its temperature. A nil Calibration leaves them as they
// are.
func (c *Calibration) Scale(features []float32) float64 {
	if c == nil {
		return 1
	}
	return c.scale(c.Features.Distance(wide(features)))
}

// scale is Scale at a distance.
func (c *Calibration) scale(distance float64) float64 {
	far := distance / c.Reach
	return detmath.Exp(-float64(c.Growth*detmath.Log(1+float64(far*far)))) / c.Temperature
}

// Foreignness takes logarithms of a distance and of how decided the network is. These
// bounds keep them finite: no picture lies nearer than the first, and a network less
// decided than the second is simply undecided.
const (
	nearest       = 0.1
	leastDecision = 0.02
)

// Foreignness is the weighted sum of which the logistic function tells how foreign a
// picture looks: Strangeness[0] + Strangeness[1] log d - Strangeness[2] log(u + 0.02),
// with d the picture's distance in Features and u how decided the network is,
// log(mean of exp(logit - mean logit)): 0 where all logits are equal. (It is the
// energy of Liu et al. 2020, NeurIPS, of logits whose mean is 0.)
func (c *Calibration) Foreignness(distance float64, logits [len(Classes)]float32) float64 {
	mean := 0.0
	for _, z := range logits {
		mean += float64(z) / float64(len(logits))
	}
	// The greatest is taken out so that no exponential is too large.
	top := float64(slices.Max(logits[:])) - mean
	sum := 0.0
	for _, z := range logits {
		sum += detmath.Exp(float64(z)-mean-top) / float64(len(logits))
	}
	decided := max(0, top+detmath.Log(sum))
	return c.Strangeness[0] + float64(c.Strangeness[1]*detmath.Log(max(distance, nearest))) -
		float64(c.Strangeness[2]*detmath.Log(decided+leastDecision))
}

func wide(values []float32) []float64 {
	w := make([]float64, len(values))
	for i, v := range values {
		w[i] = float64(v)
	}
	return w
}

// Judge makes an answer of what was observed. A nil Calibration takes the logits
// as they are and asks for nothing.
func (c *Calibration) Judge(o *Observation) *Result { return c.judge(o, nil) }

// judge is Judge with a correction.
func (c *Calibration) judge(o *Observation, correction *Correction) *Result {
	r := &Result{Logits: o.Logits, Correction: correction}
	if c == nil {
		r.Scale = 1
		r.Predicted, r.Probabilities = r.of(o.Logits)
		return r
	}
	distance := c.Features.Distance(wide(o.Features))
	r.Scale = c.scale(distance)
	r.Predicted, r.Probabilities = r.of(o.Logits)
	confidence := r.Probabilities[r.Predicted]
	l := &c.Limits
	r.Checks = append(c.Looks(o),
		most(Foreign, 1/(1+detmath.Exp(-c.Foreignness(distance, o.Logits))), l.Strangeness),
		least(Close, confidence, l.Confidence),
	)
	i := slices.IndexFunc(r.Checks, func(c Check) bool { return !c.Passed })
	if i < 0 {
		return r
	}
	r.Abstained, r.Code = true, r.Checks[i].Code
	if r.Code == Close && distance > l.Ordinary {
		r.Code = Foreign
	}
	r.Reason = r.Code.sentence(confidence, l.Confidence)
	return r
}

// of are the most probable class, the first of several, and the probabilities of logits that have
// the result's scale and correction.
func (r *Result) of(logits [len(Classes)]float32) (predicted Class, p [len(Classes)]float64) {
	if r.Correction == nil {
		for class, z := range logits {
			if z > logits[predicted] {
				predicted = Class(class)
			}
		}
		return predicted, softmax(logits, r.Scale)
	}
	var scaled [len(Classes)]float64
	for class, z := range logits {
		scaled[class] = float64(z) * r.Scale
	}
	r.Correction.Apply(&scaled)
	top := scaled[0]
	for class, z := range scaled {
		if z > scaled[predicted] {
			predicted, top = Class(class), z
		}
	}
	sum := 0.0
	for class, z := range scaled {
		p[class] = detmath.Exp(z - top)
		sum += p[class]
	}
	for class := range p {
		p[class] /= sum
	}
	return predicted, p
}

// Looks are the checks of what is measured of a picture itself.
func (c *Calibration) Looks(o *Observation) []Check {
	blurred := least(Blurred, o.Sharpness, c.Limits.Sharpness)
	if c.Cells == nil {
		return []Check{blurred, most(Colours, c.Colours.Distance(o.Colours[:]), c.Limits.Colours)}
	}
	if o.Cells == nil { // an input as it is, not made ready from a picture
		return []Check{blurred}
	}
	scaled := 0.0
	if o.Cells.Scaled {
		scaled = 1
	}
	l := c.Cells
	count := least(FewCells, float64(o.Cells.Count), l.Count)
	if o.Cells.Count == 0 {
		count.Code = NoCells
	}
	return []Check{
		count,
		least(Magnification, scaled, 1),
		least(Magnification, o.Cells.Nucleus, l.Nucleus[0]),
		most(Magnification, o.Cells.Nucleus, l.Nucleus[1]),
		blurred,
		most(Stain, o.Cells.Restaining, l.Restaining),
	}
}

// softmax of scaled logits is computed in float64, in this order and with an
// exponential of our own, so that every platform gives the same bits.
func softmax(logits [len(Classes)]float32, scale float64) (p [len(Classes)]float64) {
	top := logits[0]
	for _, z := range logits {
		top = max(top, z)
	}
	sum := 0.0
	for i, z := range logits {
		p[i] = detmath.Exp(float64((float64(z) - float64(top)) * scale))
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p
}
