package card

import (
	"fmt"
	"strings"

	"allnet/model/evaluation"
)

// failures lists what is known to go wrong with the shipped networks, from the
// results.
func (d *document) failures() string {
	var b strings.Builder
	for _, n := range d.networks {
		for _, failure := range n.failures() {
			fmt.Fprintf(&b, "- `%s`: %s\n", n.Name(), failure)
		}
	}
	if b.Len() == 0 {
		return notMeasured + "\n"
	}
	return b.String()
}

// refusedEnough is the share of pictures of another kind from which on their
// refusal is no failure.
const refusedEnough = 0.95

// failures are sentences. What the test side tells is taken from the evaluation as
// shipped.
func (n *network) failures() (all []string) {
	if n.test != nil {
		if m := mistakes(&n.test.Summary); m != "" {
			all = append(all, fmt.Sprintf("On the test pictures: %s.", m))
		}
	}
	if n.calibration == nil {
		return all
	}
	for i, l := range n.calibration.Levels {
		if lost := l.Before.Accuracy - n.calibration.Levels[0].Before.Accuracy; i > 0 && lost < -0.02 {
			all = append(all, fmt.Sprintf("Pictures %s: right on %s before any is refused, %.1f points less than as they are.", l.Name, percent(l.Before.Accuracy), -100*lost))
		}
	}
	var open []string
	for _, k := range n.calibration.Foreign {
		if k.Share.Share < refusedEnough {
			open = append(open, fmt.Sprintf("%s (%.0f %% of %d)", k.Name, 100*(1-k.Share.Share), k.N))
		}
	}
	if len(open) > 0 {
		all = append(all, "Pictures of another kind that get one of the four names: "+list(open)+".")
	}
	return all
}

// confusionOf is a summary's confusion matrix with the pictures without an answer.
func confusionOf(caption string, s *evaluation.Summary) *table {
	t := (&outcome{summaries: []evaluation.Summary{*s}}).confusionTable(caption)
	t.head = append(t.head, "no answer")
	for i := range t.rows {
		missing := s.Classes[i].Support
		for _, n := range s.Confusion[i] {
			missing -= n
		}
		t.rows[i] = append(t.rows[i], fmt.Sprint(missing))
	}
	return t
}
