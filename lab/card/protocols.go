package card

import (
	"fmt"
	"strconv"
	"strings"

	"allnet/lab/evaluation"
	"allnet/model"
)

// published are the article's own results on test pictures (lab/ARTICLE.md,
// "Results"): accuracy and, for each class, precision, recall and F1, in per cent.
var published = map[string]struct {
	table    string
	accuracy string
	classes  [len(model.Classes)][3]int
}{
	"article-unaugmented": {"Table 4", "97.85 %", [...][3]int{{93, 97, 95}, {98, 95, 97}, {100, 99, 100}, {99, 100, 100}}},
	"article-augmented":   {"Table 5", "99.32 %", [...][3]int{{100, 100, 100}, {98, 100, 99}, {100, 98, 99}, {99, 100, 100}}},
}

// protocolTable sets the protocols side by side: one row each, one column for each
// network.
func protocolTable(runs []*Run) *table {
	t := &table{caption: "Accuracy on test pictures, by the way the pictures were divided", head: []string{"pictures divided", "the article says"}}
	for _, network := range networks {
		t.head = append(t.head, network.title)
	}
	for _, protocol := range protocols {
		row := []string{protocol.title, published[protocol.name].accuracy}
		for _, network := range networks {
			row = append(row, outcomes(runs, protocol.name, network.name).cell())
		}
		t.add(row...)
	}
	return t
}

// cell says the accuracy and what it rests on.
func (o *outcome) cell() string {
	if o == nil {
		return notMeasured
	}
	accuracy, interval := o.accuracy()
	text := withInterval(accuracy, interval)
	if len(o.folds) > 0 {
		text += fmt.Sprintf("; %s %s", plural("block", len(o.folds)), strings.Join(o.folds, ", "))
	}
	if len(o.seeds) > 1 {
		var each []string
		for _, s := range o.summaries {
			each = append(each, fmt.Sprintf("%.2f", 100*s.Accuracy))
		}
		text += fmt.Sprintf("; %d seeds: %s", len(o.seeds), strings.Join(each, ", "))
	} else {
		text += fmt.Sprintf("; seed %d", o.seeds[0])
	}
	return text + "; " + o.epochs()
}

// epochs says how many epochs the runs had.
func (o *outcome) epochs() string {
	least, most := o.runs[0].epochs(), o.runs[0].epochs()
	for _, r := range o.runs {
		least, most = min(least, r.epochs()), max(most, r.epochs())
	}
	if least < most {
		return fmt.Sprintf("%d to %d epochs", least, most)
	}
	return count(most, "epoch")
}

// recipes says what the runs of the article's network kept of its recipe.
func recipes(runs []*Run) string {
	for _, r := range runs {
		if strings.HasPrefix(r.Network, "article") && r.Recipe == "fast" {
			return "The article's network was taught by the recipe `fast`: the article's layers, pictures and altered copies, but in training normalised blocks (folded away at the end), most epochs on parts of the pictures, and a falling learning rate. It takes a fraction of the article's own recipe, which is `--recipe article`."
		}
	}
	return ""
}

func plural(noun string, n int) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// classTable reproduces the article's table of one protocol.
func classTable(runs []*Run, protocol string) *table {
	p := published[protocol]
	t := &table{
		caption: fmt.Sprintf("The article's %s and its repetition: precision, recall and F1 in per cent", p.table),
		head:    []string{"class", "the article"},
	}
	var measured []*outcome
	for _, network := range networks {
		if o := outcomes(runs, protocol, network.name); o != nil {
			measured = append(measured, o)
			head := network.title
			if len(o.seeds) > 1 {
				head += fmt.Sprintf(", mean of %d seeds", len(o.seeds))
			}
			t.head = append(t.head, head)
		}
	}
	for i, class := range model.Classes {
		row := []string{class.String(), fmt.Sprintf("%d / %d / %d", p.classes[i][0], p.classes[i][1], p.classes[i][2])}
		for _, o := range measured {
			precision, recall, f1 := o.class(i)
			row = append(row, fmt.Sprintf("%.1f / %.1f / %.1f", 100*precision, 100*recall, 100*f1))
		}
		t.add(row...)
	}
	row := []string{"accuracy", p.accuracy}
	for _, o := range measured {
		accuracy, interval := o.accuracy()
		row = append(row, withInterval(accuracy, interval))
	}
	t.add(row...)
	return t
}

// epochsCell says the epochs, and how many of them were on parts of the pictures.
func (r *Run) epochsCell() string {
	cell := fmt.Sprintf("%d (%d)", r.Epochs, r.CropEpochs)
	if r.Start != nil {
		cell = fmt.Sprintf("%d of an earlier training, then %s", r.Start.Finished, cell)
	}
	return cell
}

// runTable lists all trainings.
func runTable(runs []*Run) *table {
	t := &table{
		caption: "All trainings",
		head:    []string{"pictures divided", "network", "recipe", "filters", "seed", "epochs (on parts of pictures)", "augmented", "learned from", "right", "accuracy (95 % interval)", "minutes"},
	}
	for _, r := range runs {
		protocol, fold := r.fold()
		name := title(protocols, protocol)
		if fold != "" {
			name = "block " + fold
		}
		var filters []string
		for _, n := range r.Filters {
			filters = append(filters, strconv.Itoa(n))
		}
		s := evaluation.OfConfusion(r.Confusion)
		t.add(name, title(networks, r.Network), r.Recipe, strings.Join(filters, "/"), strconv.Itoa(r.Seed),
			r.epochsCell(), r.Augment, strconv.Itoa(r.TrainN), fmt.Sprintf("%d of %d", r.Correct, r.TestN),
			withInterval(s.Accuracy, s.Interval), fmt.Sprintf("%.0f", r.minutes()))
	}
	return t
}

// confusionTable adds up the confusion matrices of the first seed's runs.
func (o *outcome) confusionTable(caption string) *table {
	t := &table{caption: caption, head: []string{"true class"}}
	for i, class := range model.Classes {
		t.head = append(t.head, "answered "+class.String())
		row := []string{class.String()}
		for _, n := range o.summaries[0].Confusion[i] {
			row = append(row, strconv.Itoa(n))
		}
		t.add(row...)
	}
	return t
}

// confusions are the confusion matrices of all protocols and networks, as
// Markdown.
func confusions(runs []*Run) string {
	var b strings.Builder
	for _, protocol := range protocols {
		for _, network := range networks {
			o := outcomes(runs, protocol.name, network.name)
			if o == nil {
				continue
			}
			what := fmt.Sprintf("%s; %s; seed %d", protocol.title, network.title, o.seeds[0])
			if len(o.folds) > 0 {
				what += fmt.Sprintf("; %s %s added up", plural("block", len(o.folds)), strings.Join(o.folds, ", "))
			}
			fmt.Fprintf(&b, "**%s**\n\n%s\n", what, o.confusionTable(what).markdown())
		}
	}
	if b.Len() == 0 {
		return notMeasured + "\n"
	}
	return b.String()
}

// trainingFigure draws the accuracy over the epochs of every run: faint on the
// training side, with marks on the test side. It is nil where there are no runs.
func trainingFigure(runs []*Run) *figure {
	f := &figure{
		title:       "Accuracy after each epoch",
		description: "Lines with marks: test pictures; faint lines: training pictures. One panel for each way the pictures were divided.",
		columns:     2,
	}
	for _, protocol := range protocols {
		p := panel{title: protocol.title, xLabel: "epoch", yLabel: "accuracy", yTicks: percentTicks(0.5)}
		epochs := 0
		for _, r := range runs {
			if name, _ := r.fold(); name != protocol.name || place(networks, r.Network) == len(networks) {
				continue
			}
			test := series{name: title(networks, r.Network), style: place(networks, r.Network)}
			training := series{style: test.style, faint: true}
			for _, e := range r.History {
				if e.TestAccuracy != nil {
					test.points = append(test.points, [2]float64{float64(e.Epoch), *e.TestAccuracy})
				}
				training.points = append(training.points, [2]float64{float64(e.Epoch), e.TrainAccuracy})
			}
			if r.Augment != "robust" && r.Augment != "cells" { // whose training pictures are altered beyond comparison
				p.series = append(p.series, training)
			}
			p.series = append(p.series, test)
			epochs = max(epochs, r.Epochs)
		}
		if epochs > 0 {
			p.xTicks = countTicks(epochs)
			f.panels = append(f.panels, p)
		}
	}
	if len(f.panels) == 0 {
		return nil
	}
	return f
}

// countTicks divides an axis of counts from 0 to at least n.
func countTicks(n int) []tick {
	step := 1
	for _, s := range []int{2, 5, 10, 20, 50} {
		if n > 5*step {
			step = s
		}
	}
	var ticks []tick
	for at := 0; ; at += step {
		ticks = append(ticks, tick{float64(at), strconv.Itoa(at)})
		if at >= n {
			return ticks
		}
	}
}
