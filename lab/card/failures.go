package card

import (
	"fmt"
	"strings"

	"allnet/lab/evaluation"
	"allnet/lab/stress"
)

// failures lists what is known to go wrong with the shipped networks, from the
// results.
func (d *document) failures() string {
	var b strings.Builder
	for _, n := range d.networks {
		if n.test == nil && n.stress == nil && n.calibration == nil && n.abroad == nil {
			fmt.Fprintf(&b, "- `%s`: %s.\n", n.Name(), notMeasured)
		}
		for _, failure := range n.failures() {
			fmt.Fprintf(&b, "- `%s`: %s\n", n.Name(), failure)
		}
	}
	if b.Len() == 0 {
		return "None was found.\n"
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
	if n.stress != nil {
		all = append(all, n.stressFailures()...)
	}
	all = append(all, n.failuresAbroad()...)
	if n.calibration == nil {
		return all
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

// rightAbroad is the share of answers on the right side of malignant and benign from which on a
// set of pictures of another laboratory is no failure.
const rightAbroad = 0.95

// failuresAbroad are those on pictures of other laboratories, real and simulated.
func (n *network) failuresAbroad() (all []string) {
	if n.abroad == nil {
		return nil
	}
	var wrong, alarms, open []string
	for i := range n.abroad.Sets {
		r := &n.abroad.Sets[i]
		switch {
		case refusing(r):
			if share(r.N-r.Answered, r.N) < refusedEnough {
				open = append(open, fmt.Sprintf("%s (%d of %d)", r.Set, r.Answered, r.N))
			}
		case isHealthy(r):
			if r.Malignant > 0 {
				alarms = append(alarms, fmt.Sprintf("%s (%d of %d)", r.Set, r.Malignant, r.N))
			}
		case r.Answered > 0 && share(r.Side, r.Answered) < rightAbroad:
			wrong = append(wrong, fmt.Sprintf("%s (%d of %d answers)", r.Set, r.Answered-r.Side, r.Answered))
		}
	}
	if len(wrong) > 0 {
		all = append(all, "On the wrong side of malignant and benign: "+list(wrong)+".")
	}
	if len(alarms) > 0 {
		all = append(all, "Smears of other laboratories without malignant cells that are called malignant: "+list(alarms)+".")
	}
	if len(open) > 0 {
		all = append(all, "Pictures of no field at the right magnification that get one of the four names: "+list(open)+".")
	}
	return all
}

// bearable is how much of the accuracy a change may cost at moderate strength
// before it is named among the failures.
const bearable = 0.02

// stressFailures are those of the stress tests.
func (n *network) stressFailures() (all []string) {
	var costly, sure []string
	for _, r := range n.stress.Changes {
		lost := n.stress.Unchanged.Accuracy - r.Accuracy
		switch {
		case r.Family == stress.Erased:
			if share(r.Unsure, r.N) < 0.9 {
				sure = append(sure, fmt.Sprintf("%s (%.0f %%)", r.Variant, 100*share(r.N-r.Unsure, r.N)))
			}
		case lost > bearable && (r.Strength == stress.Moderate || r.Strength == stress.Whole || r.Family == stress.Stain):
			name := rowName(r.Family, r.Variant)
			if r.Strength != stress.Whole {
				name = string(r.Strength) + " " + name
			}
			costly = append(costly, fmt.Sprintf("%s: %.1f", name, 100*lost))
		}
	}
	if len(costly) > 0 {
		all = append(all, fmt.Sprintf("Changes that cost more than %.0f points (no answer counts as an error): %s.", 100*bearable, strings.Join(costly, "; ")))
	}
	if len(sure) > 0 {
		all = append(all, fmt.Sprintf("Still at least %.0f %% sure without cells: %s.", 100*stress.Confident, list(sure)))
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
