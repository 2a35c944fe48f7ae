package card

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
)

// accuracySentence says how often a network was right on the test side.
func (n *network) accuracySentence() string {
	e := n.test
	if e == nil {
		return "How often it is right on the pictures that were kept aside for the test was not measured."
	}
	wrong := e.N - e.Correct - e.Abstained
	text := fmt.Sprintf("Of %s kept aside for the test it named %d correctly and %s wrongly", count(e.N, "picture"), e.Correct, none(wrong))
	if d := directions(e.Confusion); d != "" {
		text += " (" + d + ")"
	}
	if e.Abstained > 0 {
		text += fmt.Sprintf("; on %d it gave no answer", e.Abstained)
	}
	return text + fmt.Sprintf(". That is %s, 95 %% interval %.2f to %.2f %%.", percent(e.Accuracy), 100*e.Interval[0], 100*e.Interval[1])
}

// directions says which way the errors of a confusion matrix go, a leukaemia called
// benign first: it is the one that would harm most. It is empty where there are none.
func directions(confusion [len(model.Classes)][len(model.Classes)]int) string {
	var missed, alarms, mistaken int
	for truth, row := range confusion {
		for answer, n := range row {
			switch {
			case truth == answer:
			case model.Class(answer) == model.Benign:
				missed += n
			case model.Class(truth) == model.Benign:
				alarms += n
			default:
				mistaken += n
			}
		}
	}
	if missed+alarms+mistaken == 0 {
		return ""
	}
	words := []string{"no leukaemia called benign"}
	if missed > 0 {
		words[0] = count(missed, "leukaemia") + " called benign"
	}
	if alarms > 0 {
		words = append(words, count(alarms, "benign picture")+" called a leukaemia")
	}
	if mistaken > 0 {
		words = append(words, count(mistaken, "leukaemia")+" taken for another subtype")
	}
	return list(words)
}

// none writes a number, "none" for 0.
func none(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// sameSlides is what every accuracy has to be read with.
const sameSlides = "These pictures come from the same hospital, and mostly from the same slides, as those that it learned from: the figure says how well it knows these slides, not how well it knows leukaemia."

// blocksSentence says how a network trained in the same way fared on stretches of
// pictures that it had not seen.
func blocksSentence(runs []*Run, name string) string {
	o := outcomes(runs, block, name)
	if o == nil {
		return "How it does on whole stretches of pictures that were kept from its training was not measured."
	}
	accuracy, interval := o.accuracy()
	text := fmt.Sprintf("Trained anew, for %s (an epoch is one pass through the training pictures), without whole stretches of neighbouring pictures, the nearest that these data come to a new slide, its most probable class was right on %s of those (95 %% interval %.2f to %.2f %%; %s of %d; none refused).",
		o.epochs(), percent(accuracy), 100*interval[0], 100*interval[1], stretches(len(o.folds)), dataset.Blocks)
	if d := directions(o.summaries[0].Confusion); d != "" {
		text += " Its errors there: " + d + "."
	}
	return text
}

func stretches(n int) string {
	if n == 1 {
		return "1 stretch"
	}
	return fmt.Sprintf("%d stretches", n)
}

// leakSentence compares the article's way of dividing the pictures with the
// honest one.
func leakSentence(runs []*Run) string {
	leaky, honest := outcomes(runs, "article-augmented", "article"), outcomes(runs, honest, "article")
	blocked := outcomes(runs, block, "article")
	if leaky == nil || honest == nil {
		return "What the article's way of dividing the pictures adds to the accuracy was not measured."
	}
	a, _ := leaky.accuracy()
	b, _ := honest.accuracy()
	text := fmt.Sprintf("The article's network reaches %s when copies are made before the pictures are divided, as in the article, and %s when the pictures are divided first", percent(a), percent(b))
	if blocked != nil {
		c, _ := blocked.accuracy()
		text += fmt.Sprintf("; on stretches that it has not seen, %s", percent(c))
	}
	return text + "."
}

// calibrationSentence says whether the percentages can be believed.
func (n *network) calibrationSentence() string { return n.claims(true) }

// claims is calibrationSentence, with the expected calibration error or, beside an
// answer, without.
func (n *network) claims(withError bool) string {
	e := n.test
	if e == nil || e.Calibration.N == 0 {
		return "Whether its percentages can be believed was not measured."
	}
	c := e.Calibration
	mean := 0.0
	for _, b := range c.Bins {
		mean += float64(b.N) * b.Confidence / float64(c.N)
	}
	right := share(e.Correct, c.N)
	text := fmt.Sprintf("On the test pictures that it answered it claimed %.1f %% on average and was right on %.1f %%.", 100*mean, 100*right)
	if withError {
		text += fmt.Sprintf(" Where answers that claim about as much are taken together, claim and truth are %.1f points apart on average (expected calibration error %.3f)", 100*c.ECE, c.ECE)
		if c.ECE > math.Abs(mean-right)+0.0005 {
			text += ": some claims are too high and some too low, which the two averages above do not show"
		}
		text += "."
	}
	return text + unsureSentence(&e.Summary) + " That holds for pictures like these. On other pictures the percentages prove nothing."
}

// fewUnsure is how many answers must claim less than 90 % for their claims to be
// compared with the truth.
const fewUnsure = 50

// unsureSentence says where too few answers lie low to tell whether they are what
// they claim to be.
func unsureSentence(s *evaluation.Summary) string {
	for _, a := range s.Acceptance {
		if math.Abs(a.Threshold-0.9) < 1e-9 {
			if n := s.Calibration.N - a.Accepted; n < fewUnsure {
				return fmt.Sprintf(" Only %d of these %d answers claimed less than 90 %%: too few to say whether 70 %% means 70 %%.", n, s.Calibration.N)
			}
		}
	}
	return ""
}

// mistakes lists which classes were taken for which, a leukaemia called benign first,
// then the most frequent.
func mistakes(s *evaluation.Summary) string {
	type mistake struct {
		truth, answer model.Class
		n             int
	}
	var all []mistake
	for i, truth := range model.Classes {
		for j, answer := range model.Classes {
			if i != j && s.Confusion[i][j] > 0 {
				all = append(all, mistake{truth, answer, s.Confusion[i][j]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b mistake) int {
		if missed := a.answer == model.Benign; missed != (b.answer == model.Benign) {
			if missed {
				return -1
			}
			return 1
		}
		return b.n - a.n
	})
	var words []string
	for _, m := range all {
		word := fmt.Sprintf("%s taken for %s (%d", m.truth, m.answer, m.n)
		if m.answer == model.Benign {
			word += ": leukaemia called benign"
		}
		words = append(words, word+")")
	}
	return list(words)
}

// acceptSentence says what accepting only the surer answers brings.
func (n *network) acceptSentence() string {
	e := n.test
	if e == nil {
		return ""
	}
	for _, a := range e.Acceptance {
		if math.Abs(a.Threshold-0.9) < 1e-9 {
			return fmt.Sprintf("Whoever accepts only answers of at least 90 %% keeps %.1f %% of the pictures, of which %.2f %% are right.", 100*a.Coverage, 100*a.Accuracy)
		}
	}
	return ""
}

// sentences joins those that are there.
func sentences(parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " ")
}
