package card

import (
	"fmt"
	"slices"
	"strings"

	"allnet/lab/calibration"
	"allnet/lab/evaluation"
	"allnet/model"
)

// calibrationTable says how far the percentages are what they claim to be, before
// and after calibration.
func (d *document) calibrationTable() *table {
	t := &table{
		caption: "Calibration on test pictures",
		head:    []string{"network", "pictures", "right", "expected calibration error before", "after", "bins of equal size, after", "Brier score before", "after", "negative log-likelihood before", "after"},
	}
	for _, n := range d.networks {
		if n.calibration == nil {
			t.add(n.Name(), "as they are", notMeasured, "", "", "", "", "", "", "")
			continue
		}
		for _, l := range n.calibration.Levels {
			b, c := l.Before.Calibration, l.Calibrated.Calibration
			t.add(n.Name(), l.Name, percent(l.Before.Accuracy), fmt.Sprintf("%.4f", b.ECE), fmt.Sprintf("%.4f", c.ECE), fmt.Sprintf("%.4f", c.AdaptiveECE),
				fmt.Sprintf("%.4f", b.Brier), fmt.Sprintf("%.4f", c.Brier), fmt.Sprintf("%.4f", b.NLL), fmt.Sprintf("%.4f", c.NLL))
		}
	}
	return t
}

// protocolCalibrationTable is about every way to divide the pictures, where nothing
// is calibrated, and about the shipped networks, which are.
func (d *document) protocolCalibrationTable() *table {
	t := &table{
		caption: "Calibration by the way the pictures were divided",
		head:    []string{"pictures divided", "network", "answers", "right", "expected calibration error", "bins of equal size", "Brier score", "negative log-likelihood"},
	}
	add := func(way, network string, s *evaluation.Summary) {
		c := s.Calibration
		t.add(way, network, fmt.Sprint(c.N), percent(share(s.Correct, c.N)),
			fmt.Sprintf("%.4f", c.ECE), fmt.Sprintf("%.4f", c.AdaptiveECE), fmt.Sprintf("%.4f", c.Brier), fmt.Sprintf("%.4f", c.NLL))
	}
	for _, protocol := range protocols {
		for _, network := range networks {
			if o := outcomes(d.Runs, protocol.name, network.name); o != nil {
				add(protocol.title, network.title, &o.together)
			}
		}
	}
	for _, name := range sorted(d.Evaluations) {
		e := d.Evaluations[name]
		add(fmt.Sprintf("the shipped split, %s side, calibrated", list(e.Sides)), "`"+e.Name+"` as shipped", &e.Summary)
	}
	return t
}

// refusalTable says how often test pictures get no answer, and why.
func (d *document) refusalTable() *table {
	t := &table{
		caption: "Test pictures without an answer",
		head:    []string{"network", "pictures", "number", "no answer (95 % interval)", "reasons", "right among the answered", "right, no answer counted as an error"},
	}
	for _, n := range d.networks {
		if n.calibration == nil {
			t.add(n.Name(), "as they are", notMeasured, "", "", "", "")
			continue
		}
		for _, l := range n.calibration.Levels {
			a := l.Answered
			var interval [2]float64
			interval[0], interval[1] = evaluation.Wilson(a.Abstained, a.N)
			t.add(n.Name(), l.Name, fmt.Sprint(a.N), withInterval(share(a.Abstained, a.N), interval), reasons(a.Reasons),
				percent(share(a.Correct, a.N-a.Abstained)), percent(a.Accuracy))
		}
	}
	return t
}

// foreignTable says how often pictures of another kind are refused.
func (d *document) foreignTable() *table {
	t := &table{caption: "Pictures of another kind", head: []string{"pictures", "limits fitted to this kind"}}
	var kinds []calibration.Kind // of any network, in the order of its file
	for _, n := range d.networks {
		t.head = append(t.head, columnHead(d.networks, n, "no answer (95 % interval)"), columnHead(d.networks, n, "mean top probability"))
		if n.calibration == nil {
			continue
		}
		for _, k := range n.calibration.Foreign {
			if !slices.ContainsFunc(kinds, func(other calibration.Kind) bool { return other.Name == k.Name }) {
				kinds = append(kinds, k)
			}
		}
	}
	for _, k := range kinds {
		row := []string{k.Name, yes(k.Fitted)}
		for _, n := range d.networks {
			row = append(row, n.foreign(k.Name)...)
		}
		t.add(row...)
	}
	for _, fitted := range []bool{false, true} {
		row := []string{"all kinds that the limits were not fitted to", yes(fitted)}
		if fitted {
			row[0] = "all kinds that they were fitted to"
		}
		for _, n := range d.networks {
			if n.calibration == nil {
				row = append(row, notMeasured, "")
				continue
			}
			s := n.calibration.Refused.Reported
			if fitted {
				s = n.calibration.Refused.Fitted
			}
			row = append(row, withInterval(s.Share, s.Interval)+fmt.Sprintf(" of %d", s.N), "")
		}
		t.add(row...)
	}
	return t
}

// foreign are the cells of one kind of foreign pictures.
func (n *network) foreign(name string) []string {
	if n.calibration != nil {
		for _, k := range n.calibration.Foreign {
			if k.Name == name {
				return []string{withInterval(k.Share.Share, k.Interval) + fmt.Sprintf(" of %d", k.N), percent(k.Confidence)}
			}
		}
	}
	return []string{notMeasured, notMeasured}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// reasonNames says the reasons of model.Code in a few words.
var reasonNames = []struct {
	code model.Code
	name string
}{
	{model.Unreadable, "unreadable"},
	{model.TooSmall, "less than a field"},
	{model.NoCells, "no cells"},
	{model.FewCells, "too few cells"},
	{model.Magnification, "another magnification"},
	{model.Blurred, "too blurred"},
	{model.Colours, "colours far from those of the training"},
	{model.Stain, "nuclei of another stain"},
	{model.Foreign, "not a smear of this kind"},
	{model.Close, "classes too close"},
}

// reasons lists how often each reason was given.
func reasons(counts map[model.Code]int) string {
	var words []string
	for _, r := range reasonNames {
		if n := counts[r.code]; n > 0 {
			words = append(words, fmt.Sprintf("%s %d", r.name, n))
		}
	}
	return strings.Join(words, ", ")
}

// reliability is the figure of claimed and true shares; nil where no network was
// measured.
func (d *document) reliability() *figure {
	f := &figure{
		title:       "Claim and truth",
		description: "Top probability and share of right answers. Each mark is the answers of one fifteenth of the range of the top probability. The larger the mark, the more answers. On the diagonal the claim is true; below it the network is too sure.",
		columns:     2,
	}
	for _, n := range d.networks {
		p, ok := n.reliabilityPanel()
		if ok {
			f.panels = append(f.panels, p)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	return f
}

// protocolReliability is the figure of claimed and true shares for each way to divide
// the pictures, as the networks came out of training; nil where there are no runs.
func protocolReliability(runs []*Run) *figure {
	f := &figure{
		title:       "Claim and truth, without calibration, by the way the pictures were divided",
		description: "As the networks came out of training. Marks and diagonal as above.",
		columns:     2,
	}
	for _, protocol := range protocols {
		p := reliabilityAxes(protocol.title)
		for i, network := range networks {
			if o := outcomes(runs, protocol.name, network.name); o != nil {
				p.series = append(p.series, diagram(network.title, i, &o.together))
			}
		}
		if len(p.series) > 1 {
			f.panels = append(f.panels, p)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	return f
}

// reliabilityAxes is a panel of a reliability diagram with its diagonal.
func reliabilityAxes(title string) panel {
	return panel{title: title, xLabel: "top probability", yLabel: "share that is right", xTicks: percentTicks(0), yTicks: percentTicks(0),
		series: []series{{name: "claim = truth", style: 4, faint: true, points: [][2]float64{{0, 0}, {1, 1}}}}}
}

// reliabilityPanel has the diagonal, and a line before and one after calibration;
// or, where there is no calibration report, the evaluation of the test side.
func (n *network) reliabilityPanel() (panel, bool) {
	p := reliabilityAxes(n.Name())
	switch {
	case n.calibration != nil && len(n.calibration.Levels) > 0:
		l := n.calibration.Levels[0]
		p.series = append(p.series, diagram("before calibration", 1, &l.Before), diagram("calibrated", 0, &l.Calibrated))
	case n.test != nil:
		p.series = append(p.series, diagram("as shipped", 0, &n.test.Summary))
	default:
		return p, false
	}
	return p, true
}

// diagram is the line of a reliability diagram.
func diagram(name string, style int, s *evaluation.Summary) series {
	line := series{name: name, style: style}
	for _, b := range s.Calibration.Bins {
		if b.N > 0 {
			line.points = append(line.points, [2]float64{b.Confidence, b.Accuracy})
			line.sizes = append(line.sizes, share(b.N, s.Calibration.N))
		}
	}
	return line
}

// acceptance is the figure of accuracy and coverage over the threshold; nil where
// no network was measured.
func (d *document) acceptance() *figure {
	f := &figure{
		title:       "Accepting only the surer answers",
		description: "The higher the top probability that is asked for, the fewer pictures get an answer. Calibrated, before any picture is refused.",
		columns:     2,
	}
	for _, n := range d.networks {
		if p, ok := n.acceptancePanel(); ok {
			f.panels = append(f.panels, p)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	return f
}

func (n *network) acceptancePanel() (panel, bool) {
	var s *evaluation.Summary
	switch {
	case n.calibration != nil && len(n.calibration.Levels) > 0:
		s = &n.calibration.Levels[0].Calibrated
	case n.test != nil:
		s = &n.test.Summary
	default:
		return panel{}, false
	}
	p := panel{title: n.Name(), xLabel: "least top probability", yLabel: "share"}
	right, answered := series{name: "right, of the accepted", style: 0}, series{name: "accepted, of all", style: 1}
	least := 1.0
	for _, a := range s.Acceptance {
		if a.Threshold < 0.5 {
			continue
		}
		if a.Accepted > 0 {
			right.points = append(right.points, [2]float64{a.Threshold, a.Accuracy})
			least = min(least, a.Accuracy)
		}
		answered.points = append(answered.points, [2]float64{a.Threshold, a.Coverage})
		least = min(least, a.Coverage)
	}
	p.xTicks, p.yTicks = percentTicks(0.5), percentTicks(least)
	p.series = []series{right, answered}
	return p, true
}

// calibrationText is what is said of the percentages.
func (n *network) calibrationText() string {
	return sentences(n.calibrationSentence(), n.temperatureSentence())
}

// temperatureSentence says how the logits are scaled.
func (n *network) temperatureSentence() string {
	if n.calibration == nil {
		return ""
	}
	c := n.calibration
	text := fmt.Sprintf("Its logits are divided by a temperature of %.2f", c.Temperature)
	if c.Growth != 0 {
		text += fmt.Sprintf(" (1 + (d / %.2f)²)^%.2f, where d is the picture's distance from the training pictures", c.Reach, c.Growth)
	}
	return text + ", fitted on the validation side."
}

// refusalSentence says how often the network gives no answer.
func (n *network) refusalSentence() string {
	if n.calibration == nil {
		return "How often it gives no answer was not measured."
	}
	var parts []string
	if len(n.calibration.Levels) > 0 {
		a := n.calibration.Levels[0].Answered
		parts = append(parts, fmt.Sprintf("It gives no answer on %.1f %% of the test pictures.", 100*share(a.Abstained, a.N)))
	}
	r := n.calibration.Refused
	if r.Reported.N > 0 {
		parts = append(parts, fmt.Sprintf("Of %d pictures of kinds that its limits were not fitted to (%s) it refused %s; the others got one of the four names.",
			r.Reported.N, list(n.kinds(false)), percentInterval(r.Reported)))
	}
	if r.Fitted.N > 0 {
		parts = append(parts, fmt.Sprintf("Of %d other pictures of the kinds that they were fitted to (%s) it refused %s.", r.Fitted.N, list(n.kinds(true)), percentInterval(r.Fitted)))
	}
	return strings.Join(parts, " ")
}

// percentInterval writes a share with its interval in words.
func percentInterval(s calibration.Share) string {
	return fmt.Sprintf("%.1f %% (95 %% interval %.1f to %.1f %%)", 100*s.Share, 100*s.Interval[0], 100*s.Interval[1])
}

// kinds names the kinds of foreign pictures, those that the limits were fitted to
// or the others; of variants ("cells erased/stained cells, smooth") the kind, and how
// many of its variants are meant.
func (n *network) kinds(fitted bool) (names []string) {
	variants := func(kind string, of func(calibration.Kind) bool) (count int) {
		for _, k := range n.calibration.Foreign {
			if name, _, _ := strings.Cut(k.Name, "/"); name == kind && of(k) {
				count++
			}
		}
		return count
	}
	meant := func(k calibration.Kind) bool { return k.Fitted == fitted }
	for _, k := range n.calibration.Foreign {
		name, _, _ := strings.Cut(k.Name, "/")
		if all := variants(name, func(calibration.Kind) bool { return true }); all > 1 {
			name = fmt.Sprintf("%s in %d of %d ways", name, variants(name, meant), all)
		}
		if meant(k) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// refusalText is what is said of "cannot assess".
func (n *network) refusalText() string { return sentences(n.refusalSentence(), n.acceptSentence()) }
