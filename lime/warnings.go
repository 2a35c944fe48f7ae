package lime

import (
	"fmt"
	"strconv"
	"strings"
)

// WarningCode names a reason for caution.
type WarningCode string

const (
	WarnConstantTarget WarningCode = "constant-target"      // severe; see MinProbabilitySD and MinLogOddsSD
	WarnOutOfClass     WarningCode = "out-of-class"         // severe if the target is the probability; see MaxLowShare
	WarnClassAbsent    WarningCode = "class-absent"         // a note: out of class, and not in it in the picture itself either
	WarnFewSamples     WarningCode = "few-samples"          // severe: no degree of freedom is left to the regression
	WarnPoorFit        WarningCode = "poor-fit"             // severe; see MinR2
	WarnUnstable       WarningCode = "unstable"             // severe; see MinAgreement
	WarnOneSuperpixel  WarningCode = "one-superpixel"       // severe
	WarnOneCell        WarningCode = "one-cell"             // severe: the same, where the superpixels are cells
	WarnNoPositive     WarningCode = "no-positive-region"   // a note
	WarnFewPositive    WarningCode = "few-positive-regions" // a note
)

// Warning is one reason for caution. A severe one means that the weights should not be read.
type Warning struct {
	Code   WarningCode `json:"code"`
	Severe bool        `json:"severe"`
	Value  float64     `json:"value"` // what was measured; its meaning depends on the code, see Sentence
}

// Sentence says the warning in English.
func (w Warning) Sentence() string {
	switch w.Code {
	case WarnConstantTarget:
		return fmt.Sprintf("Hiding regions hardly changes the network's answer for this class (standard deviation %s), so the weights describe nothing.", plain(w.Value))
	case WarnOutOfClass:
		share, _ := apart(100*w.Value, 100, 0) // most of them are not all
		return fmt.Sprintf("In %s%% of the perturbed pictures the network gives this class less than %.0f%%: they hardly look like pictures of it.", share, 100*LowProbability)
	case WarnClassAbsent:
		return fmt.Sprintf("The network gives this class a probability of %s%% in the picture itself, and hardly more when regions are hidden: the weights describe small changes.", plain(100*w.Value))
	case WarnFewSamples:
		return fmt.Sprintf("There are too few samples for so many regions (worth %.0f equally weighted ones): the regression can fit anything.", w.Value)
	case WarnPoorFit:
		has, least := apart(w.Value, MinR2, 2)
		return fmt.Sprintf("The weights explain too little of what the network does when regions are hidden (R² %s after allowing for the number of regions; at least %s is needed).", has, least)
	case WarnUnstable:
		has, least := apart(100*w.Value, 100*MinAgreement, 0)
		return fmt.Sprintf("The weights depend on chance: of the regions that either half of the samples has among its %d strongest, both have only %s%% (at least %s%% is needed).", AgreementTop, has, least)
	case WarnOneSuperpixel:
		return "The picture is one single region, so nothing can be said about where the evidence lies."
	case WarnOneCell:
		return "There is one cell alone: hiding it leaves nothing, so its weight cannot be compared with another's."
	case WarnNoPositive:
		return "No region speaks for this class."
	case WarnFewPositive:
		if w.Value == 1 {
			return "Only 1 region speaks for this class, fewer than were asked for."
		}
		return fmt.Sprintf("Only %.0f regions speak for this class, fewer than were asked for.", w.Value)
	}
	return string(w.Code)
}

// apart writes two numbers with the given decimals, or with as many more as tell them
// apart: what just misses a limit must not be written like the limit.
func apart(a, b float64, decimals int) (string, string) {
	for ; ; decimals++ {
		x, y := strconv.FormatFloat(a, 'f', decimals, 64), strconv.FormatFloat(b, 'f', decimals, 64)
		if x != y || a == b || decimals == 17 {
			return unsigned(x), unsigned(y)
		}
	}
}

// unsigned takes the sign from a number that was rounded to nothing.
func unsigned(number string) string {
	if strings.Trim(number, "-0.") == "" {
		return strings.TrimPrefix(number, "-")
	}
	return number
}

// plain writes a small number that is not negative to one digit without an exponent,
// as in 0.004; below a millionth only that it is below.
func plain(x float64) string {
	if x > 0 && x < 1e-6 {
		return "under 0.000001"
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 1, 64), 64) // what FormatFloat wrote is a number
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// Thresholds of the warnings: choices, not measurements, so each says why it is what it is.
const (
	// MinR2 is the least R², adjusted for the number of superpixels, of an explanation to be read (WarnPoorFit): below it the linear
	// model leaves more than half of the variance unexplained.
	MinR2 = 0.5
	// MinAgreement is the least Jaccard index of the two halves' top regions (WarnUnstable), and both the least Jaccard index and the
	// least rank correlation at which Agree says that LIME and Shapley values agree. Two top-five sets that share three regions have
	// the index 3/7, four shared regions give 4/6: fewer than four is too few.
	MinAgreement = 0.5
	// AgreementTop is how many regions a top set has at most: as many as the article outlines.
	AgreementTop = 5
	// LowProbability is below what a class is out of the running: one in twenty.
	LowProbability = 0.05
	// MaxLowShare is the share of samples below LowProbability from which on WarnOutOfClass or WarnClassAbsent is given: with fewer than one
	// sample in twenty still in the class, the regression's positive examples are a matter of chance.
	MaxLowShare = 0.95
	// MinProbabilitySD and MinLogOddsSD are the least standard deviations of the target over the samples (WarnConstantTarget). A
	// float32 network's own rounding is about 1e-6 in a probability and 1e-5 in a logit; ten times that is no signal.
	MinProbabilitySD = 1e-5
	MinLogOddsSD     = 1e-4
)

// findWarnings judges a fitted class: probability is that of the unhidden picture, low the share of samples below LowProbability, effective
// what the samples are worth.
func findWarnings(c *ClassExplanation, s Settings, probability, low, effective float64) []Warning {
	warnings := []Warning{} // JSON: an empty list, not null
	add := func(code WarningCode, severe bool, value float64) {
		warnings = append(warnings, Warning{code, severe, value})
	}
	k := len(c.Coefficients)
	switch {
	case k == 1 && s.Regions == RegionsCells:
		add(WarnOneCell, true, 1)
	case k == 1:
		add(WarnOneSuperpixel, true, 1)
	}
	switch {
	case low < MaxLowShare:
	case probability < LowProbability: // the samples did not lose what the picture never had
		add(WarnClassAbsent, false, probability)
	default:
		add(WarnOutOfClass, s.Target == TargetProbability, low)
	}
	smallest := MinProbabilitySD
	if s.Target == TargetLogOdds {
		smallest = MinLogOddsSD
	}
	switch freedom := effective - float64(k) - 1; {
	case c.Samples.Target.SD < smallest:
		add(WarnConstantTarget, true, c.Samples.Target.SD)
	case freedom < 1:
		add(WarnFewSamples, true, effective)
	default:
		// R² is taken on the samples that were fitted, which flatters it where they are few (SPEC section 9.5): adjust it.
		if adjusted := 1 - (1-c.R2)*(effective-1)/freedom; adjusted < MinR2 {
			add(WarnPoorFit, true, adjusted)
		}
		if c.Agreement < MinAgreement {
			add(WarnUnstable, true, c.Agreement)
		}
	}
	positive, asked := 0, s.Features
	if s.Regions == RegionsCells {
		asked = min(asked, k) // a picture of few cells lacks nothing
	}
	for _, v := range c.Coefficients {
		if v > 0 {
			positive++
		}
	}
	switch {
	case positive == 0:
		add(WarnNoPositive, false, 0)
	case positive < asked:
		add(WarnFewPositive, false, float64(positive))
	}
	return warnings
}
