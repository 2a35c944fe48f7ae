package card

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"allnet/lab/compare"
	"allnet/model"
)

// The article's Table 6 with what its networks take, measured here. Its accuracies are
// the article's own, for the networks whose cost was measured learned nothing here.

// articles is what the article's own network is called in its Table 6, and articleNetwork
// where it is shipped.
const articles, articleNetwork = "ALL-Net", "article"

// cost returns what a network takes, by the name of the article's table or of the
// network that is shipped; nil where it was not measured.
func (d *document) cost(name string) *compare.Cost {
	if name == articles {
		name = articleNetwork
	}
	if d.Costs == nil {
		return nil
	}
	i := slices.IndexFunc(d.Costs.Networks, func(c compare.Cost) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return &d.Costs.Networks[i]
}

// publishedTable is the article's Table 6 beside what its networks take; the shipped
// networks that are not the article's follow.
func (d *document) publishedTable() *table {
	t := &table{caption: "The article's Table 6, on its own division of the pictures, beside what the networks take", head: []string{
		"network", "accuracy, as the article prints it", "parameters", "multiply-adds (million)", "file (MB)", "ms a picture, one thread (a quarter, 3 quarters)", "times " + articles}}
	add := func(name, accuracy string) {
		row := []string{name, accuracy, notMeasured, notMeasured, notMeasured, notMeasured, notMeasured}
		if c, base := d.cost(name), d.cost(articles); c != nil && base != nil {
			by := c.Times[0]
			row = append(row[:2], grouped(c.Parameters), grouped(int64(math.Round(float64(c.MultiplyAdds)/1e6))), fmt.Sprintf("%.1f", float64(c.Bytes)/1e6),
				fmt.Sprintf("%.0f (%.0f, %.0f)", by.Milliseconds, by.Quartiles[0], by.Quartiles[1]), times(by.Ratio/base.Times[0].Ratio))
		}
		t.add(row...)
	}
	for _, p := range compare.Table6 {
		add(p.Name, percent(p.Accuracy))
	}
	for _, n := range d.networks {
		if n.Name() != articleNetwork {
			add(n.Name(), "")
		}
	}
	return t
}

// times writes a ratio with two digits.
func times(ratio float64) string {
	if ratio >= 9.95 {
		return fmt.Sprintf("%.0f", ratio)
	}
	return fmt.Sprintf("%.1f", ratio)
}

// publishedNotes says what the table's figures are and are not, and what becomes of
// the article's claim.
func (d *document) publishedNotes() string {
	base := d.cost(articles)
	if base == nil {
		return ""
	}
	notes := []string{
		"- The accuracies are those that the article prints, “on the same augmented dataset”: in its own division copies of a picture stand on both sides. For the other nine it cites Ghaderzadeh et al. (2022). None of them was measured here.",
		fmt.Sprintf("- What they take was measured on networks that learned nothing: layer by layer the published ones (`lab/train/published.py`; a test holds their parameters with 1,000 outputs to the published numbers), with four outputs and random weights. Every one was given the same drawn picture of %d x %[1]d, the article's size, on which Xception and InceptionV3 (published for 299 x 299) and NASNetLarge (for 331 x 331) take less than on their own.", d.Costs.Side),
		"- Parameters, multiply-adds and bytes are those of the ONNX files, in which normalisations are folded into convolutions; multiply-adds are those of convolutions and dense layers.",
		fmt.Sprintf("- Times are by %s for all, on one thread, in %d rounds in which each network answered once; the machine had other work. The last column is the median over the rounds of the ratio to %s's time in the same round, which other work changes less than the times themselves.", base.Times[0].RunBy, d.Costs.Rounds, articles),
	}
	for _, n := range d.networks {
		if n.Reads() == model.Cells && d.cost(n.Name()) != nil {
			notes = append(notes, fmt.Sprintf("- Of `%s` it is the network's time for one field; measuring, standardising and finding cells come before it and are not in it.", n.Name()))
		}
	}
	for _, more := range []string{d.engineTimes(base), d.lessComplex(base)} {
		if more != "" {
			notes = append(notes, more)
		}
	}
	return strings.Join(notes, "\n") + "\n"
}

// engineTimes says how long this project's engine takes for its own networks.
func (d *document) engineTimes(base *compare.Cost) string {
	var words []string
	for i, c := range d.Costs.Networks {
		if len(c.Times) > 1 {
			by := d.Costs.Networks[i].Times[1]
			words = append(words, fmt.Sprintf("`%s` %.0f ms (%s times)", c.Name, by.Milliseconds, times(by.Ratio/base.Times[0].Ratio)))
		}
	}
	if words == nil {
		return ""
	}
	return fmt.Sprintf("- By this project's engine, outside a browser and on one thread, beside %s's time by ONNX Runtime: %s.", articles, list(words))
}

// lessComplex holds the article's claim against what was measured.
func (d *document) lessComplex(base *compare.Cost) string {
	kinds := []struct {
		what string
		of   func(c *compare.Cost) float64
	}{
		{"parameters", func(c *compare.Cost) float64 { return float64(c.Parameters) }},
		{"multiply-adds", func(c *compare.Cost) float64 { return float64(c.MultiplyAdds) }},
		{"time", func(c *compare.Cost) float64 { return c.Times[0].Ratio }},
	}
	var all, dense []string
	for _, k := range kinds {
		var fewer []string
		least, most := math.Inf(1), 0.0
		for _, p := range compare.Table6 {
			c := d.cost(p.Name)
			if c == nil || p.Name == articles {
				continue
			}
			ratio := k.of(c) / k.of(base)
			if ratio < 1 {
				fewer = append(fewer, fmt.Sprintf("%s (%.2f times)", p.Name, ratio))
			} else {
				least, most = min(least, ratio), max(most, ratio)
			}
			if p.Name == "DenseNet201" {
				dense = append(dense, fmt.Sprintf("%s times the %s", times(ratio), k.what))
			}
		}
		if most == 0 {
			return ""
		}
		words := fmt.Sprintf("%s: %s to %s times as much", k.what, times(least), times(most))
		if fewer != nil {
			words += ", but less in " + list(fewer)
		}
		all = append(all, words)
	}
	if dense == nil {
		return ""
	}
	return fmt.Sprintf("- The article says that %[1]s is “significantly less complex than DenseNet201” and “can operate faster than those with more layers”. DenseNet201 takes %[2]s. All nine beside %[1]s: %[3]s.",
		articles, list(dense), strings.Join(all, "; "))
}

// frozen is the recipe of lab/train/frozen.py, and frozenNetworks what it names.
const frozen = "frozen"

var frozenNetworks = []kind{
	{"inceptionv3-frozen", "InceptionV3, frozen features", ""},
	{"mobilenetv2-frozen", "MobileNetV2 (not V3), frozen features", ""},
}

// frozenTable is how far the features of networks that others trained carry, beside
// the networks that were trained here.
func (d *document) frozenTable() *table {
	t := &table{caption: "Frozen features with a head that was trained here", head: []string{"network"}}
	ways := []string{honest, block}
	for _, way := range ways {
		t.head = append(t.head, title(protocols, way))
	}
	for _, n := range slices.Concat(frozenNetworks, networks) {
		row := []string{n.title}
		measured := false
		for _, way := range ways {
			o := outcomes(d.Runs, way, n.name)
			measured = measured || o != nil
			switch {
			case o == nil:
				row = append(row, notMeasured)
			default:
				accuracy, interval := o.accuracy()
				row = append(row, fmt.Sprintf("%s of %d", withInterval(accuracy, interval), o.summaries[0].N)+o.blocks())
			}
		}
		if measured {
			t.add(row...)
		}
	}
	return t
}

// blocks names the folds.
func (o *outcome) blocks() string {
	if len(o.folds) == 0 {
		return ""
	}
	return fmt.Sprintf("; %s %s", plural("block", len(o.folds)), strings.Join(o.folds, ", "))
}

// frozenNotes says what the features are.
func (d *document) frozenNotes() string {
	if !slices.ContainsFunc(d.Runs, func(r *Run) bool { return r.Recipe == frozen }) {
		return ""
	}
	return strings.Join([]string{
		"- The article calls its other networks “pretrained CNNs used as feature extractors”. Weights as Keras offers them could not be had here. The npm package nsfwjs 4.3.0 (MIT licence) holds InceptionV3 and MobileNetV2 that began with such weights, were then taught to tell five kinds of photographs apart, and were rounded to 8 bits: other weights than the article's source had, and likely worse features.",
		"- Their features, 2,048 and 1,280 means of channels, are computed of the pictures as they are, 224 x 224, without any change; a multinomial logistic regression is fitted to those of the training side (`lab/train/frozen.py`, which refuses the network unless it gives the numbers of TensorFlow.js). The strength of its penalty is chosen on pictures that are not counted: the validation side, or, in the blocks, the last fifth of each class's training pictures.",
		"- Under “" + title(protocols, honest) + "” the frozen networks are counted on the test side alone, the others on the validation side too, of which they learned nothing.",
	}, "\n") + "\n"
}

// costFigure sets accuracy against time: the published accuracies, and those that were
// measured here under splits that keep what is judged apart from what was learned. It
// is nil where the times were not measured.
func (d *document) costFigure() *figure {
	published := series{name: "printed in the article, copies on both sides", style: 0}
	for _, p := range compare.Table6 {
		if c := d.cost(p.Name); c != nil {
			published.add(p.Name, c.Times[0].Milliseconds, p.Accuracy)
		}
	}
	if published.points == nil {
		return nil
	}
	all := []series{published}
	for i, way := range []string{honest, block} {
		s := series{name: "measured here, " + title(protocols, way), style: i + 1}
		for _, n := range slices.Concat(networks, frozenNetworks) {
			// A head of one dense layer takes nothing worth measuring beside its network.
			name := n.name
			if name == "inceptionv3-frozen" {
				name = "InceptionV3"
			}
			c, o := d.cost(name), outcomes(d.Runs, way, n.name)
			if c != nil && o != nil {
				accuracy, _ := o.accuracy()
				s.add(n.name, c.Times[0].Milliseconds, accuracy)
			}
		}
		if s.points != nil {
			all = append(all, s)
		}
	}
	const close = 0.9 // from here on the upper panel shows
	var near, far []series
	for _, s := range all {
		near = append(near, s.within(close, 1, true))
		far = append(far, s.within(0, close, false))
	}
	x := logTicks(all)
	const label = "ms a picture, one thread, ONNX Runtime (logarithmic)"
	return &figure{
		title:       "Accuracy and time",
		description: "Each network's accuracy against the time for one picture: what the article's Table 6 prints, for a division where copies of a picture stand on both sides, and what was measured here on pictures that were kept apart. The upper panel enlarges the uppermost tenth of the lower one.",
		columns:     1, panelWidth: 640, panelHeight: 300,
		panels: []panel{
			{title: "from 90 % on", xLabel: label, yLabel: "accuracy", xTicks: x, yTicks: percentTicks(close), series: near},
			{title: "all", xLabel: label, yLabel: "accuracy", xTicks: x, yTicks: percentTicks(0), series: far},
		},
	}
}

// add puts a named point at a time, on a logarithmic axis.
func (s *series) add(name string, milliseconds, accuracy float64) {
	s.labels = append(s.labels, name)
	s.points = append(s.points, [2]float64{math.Log10(milliseconds), accuracy})
}

// within keeps the names of the points from low to high; the other points lose theirs,
// or, where they are left out, are not there.
func (s series) within(low, high float64, leaveOut bool) series {
	kept := s
	kept.labels, kept.points = nil, nil
	for i, p := range s.points {
		name, inside := s.labels[i], low <= p[1] && p[1] <= high
		if !inside && leaveOut {
			continue
		}
		if !inside {
			name = ""
		}
		kept.labels, kept.points = append(kept.labels, name), append(kept.points, p)
	}
	return kept
}

// logTicks divides a logarithmic axis that holds all points.
func logTicks(all []series) []tick {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range all {
		for _, p := range s.points {
			low, high = min(low, p[0]), max(high, p[0])
		}
	}
	var ticks []tick
	for exponent := -3; exponent < 7; exponent++ {
		for _, digit := range []float64{1, 3} {
			value := digit * math.Pow10(exponent)
			at := math.Log10(value)
			switch {
			case at <= low:
				ticks = []tick{{at, fmt.Sprint(value)}}
			case len(ticks) > 0 && ticks[len(ticks)-1].at < high:
				ticks = append(ticks, tick{at, fmt.Sprint(value)})
			}
		}
	}
	return ticks
}
