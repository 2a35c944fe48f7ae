package explain

import (
	"context"
	"fmt"

	"allnet/lime"
	"allnet/model"
)

// Faithfulness is what came of putting an explanation to the test. It says whether the
// weights describe this network, not whether the network is right, and it knows nothing of
// what a haematologist would go by.
type Faithfulness struct {
	*lime.Faithfulness
	// Decisive is the smallest set of superpixels without which another class is the most
	// probable one; of superpixels of quickshift often only the smallest that was found, see
	// Set.Proven.
	Decisive Set `json:"decisive"`
	// GradCAM is the third opinion, for each class.
	GradCAM []GradCAM `json:"gradCAM"`
}

// Superpixels of quickshift are so many that a search through all sets would cost more than
// the explanation: each alone is tried where they are no more than superpixelBudget, and
// growing a set from them ends after superpixelSteps questions, or where it becomes as
// large as the smallest set that an order of hiding them gave, and does not begin where no order
// made another class the most probable one. What is found is made smaller by superpixelBudget
// questions that leave one out, and as many that put one in the place of two.
const (
	superpixelBudget = 200
	superpixelSteps  = 120
)

// Faithfulness puts an explanation of this session's picture to the test, for every class. It takes nothing
// but the evaluation of samples where the explanation's tables are still there.
func (s *Session) Faithfulness(ctx context.Context, e *lime.Explanation, progress Progress) (*Faithfulness, error) {
	p, err := s.prepare(ctx, e.Settings.Regions, e.Settings.Segmentation, e.Settings.Hide, progress)
	if err != nil {
		return nil, err
	}
	if e.Superpixels != s.seg.Count {
		return nil, fmt.Errorf("an explanation of %d superpixels is to be tested on a picture of %d; that of the same picture is expected", e.Superpixels, s.seg.Count)
	}
	classes := make([]int, len(model.Classes))
	for class := range classes {
		classes[class] = class
	}
	tested, err := lime.MeasureFaithfulness(ctx, e, p.evaluator, classes, progress.at(Orders))
	if err != nil {
		return nil, err
	}
	f := &Faithfulness{Faithfulness: tested}
	if f.Decisive, err = s.decisive(ctx, p, tested.Removal); err != nil {
		return nil, err
	}
	if f.GradCAM, err = GradCAMs(s.model, p.perturbation, s.seg); err != nil {
		return nil, err
	}
	for class := range f.GradCAM {
		c := &f.GradCAM[class]
		if c.Agreement, err = e.Classes[class].AgreesWith(c.Weights); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// decisive is the smallest set without which another class is the most probable one. Of
// cells it is searched for as for Readings, so that there is one answer; of superpixels
// the fewest that any order of hiding them gave bound the search.
func (s *Session) decisive(ctx context.Context, p *prepared, removal *lime.Removal) (Set, error) {
	if p.decisive != nil {
		return *p.decisive, nil
	}
	of := decisive(model.Class(removal.Class))
	if s.regions == lime.RegionsCells {
		of.budget = cellsBudget(s.seg.Count)
	} else {
		of.budget, of.steps, of.known = superpixelBudget, superpixelSteps, removal.Fewest
		if of.known == nil { // of some hundred pictures none was of another class
			of.steps = 1
		}
	}
	q := &questions{ctx: ctx, evaluator: p.evaluator, k: s.seg.Count, threshold: DefaultThreshold, doing: "searching for the smallest set"}
	set, err := q.smallest(of)
	if err != nil {
		return Set{}, err
	}
	if s.regions == lime.RegionsCells {
		p.decisive = &set
	}
	return set, nil
}

// units are what regions are called, one and several.
func units(kind lime.RegionKind) (one, several string) {
	if kind == lime.RegionsCells {
		return "cell", "cells"
	}
	return "region", "regions"
}

// Sentences says in English what came of the test of the weights for a class, the most
// telling sentence first. kind is what the regions are. Of cells the smallest set is said by
// Readings and left out here.
func (f *Faithfulness) Sentences(class model.Class, kind lime.RegionKind) []string {
	one, several := units(kind)
	if f.Superpixels == 1 {
		return []string{fmt.Sprintf("There is one %s alone, so there is no order of weights to test.", one)}
	}
	var all []string
	if class == model.Class(f.Removal.Class) {
		all = append(all, f.removalSentence(one, several))
	}
	all = append(all, f.curvesSentence(class, several))
	if class == model.Class(f.Removal.Class) {
		if n := len(f.Removal.Top); n > 0 {
			all = append(all, f.topSentence(n, one, several))
		}
		if kind != lime.RegionsCells {
			all = append(all, f.decisiveSentence(one, several))
		}
	}
	return append(all, f.opinionsSentence(class))
}

// removalSentence says how many have to be hidden until the most probable class is
// another one.
func (f *Faithfulness) removalSentence(one, several string) string {
	r := f.Removal
	class, then := model.Class(r.Class).Term(), model.Class(r.Then).Term()
	if r.ByWeight == 0 {
		said := fmt.Sprintf("%s stays the most probable class while the %s are hidden in the order of their weights, even with all of them hidden", class, several)
		if r.Changed == 0 {
			return said + fmt.Sprintf("; so it does in each of %d random orders.", f.Orders)
		}
		return said + fmt.Sprintf("; in %d of %d random orders it does not stay it throughout.", r.Changed, f.Orders)
	}
	said := fmt.Sprintf("Hiding the %d %s with most weight makes %s the most probable class", r.ByWeight, several, then)
	switch r.ByWeight {
	case 1:
		said = fmt.Sprintf("Hiding the %s with most weight makes %s the most probable class", one, then)
	case f.Superpixels:
		said = fmt.Sprintf("By weight all %d %s have to be hidden until another class, %s, is the most probable one", f.Superpixels, several, then)
	}
	switch {
	case r.Changed == 0:
		return said + fmt.Sprintf("; in none of %d random orders is another class ever the most probable one.", f.Orders)
	case 2*r.Changed <= f.Orders: // no more than half, so that no number is that of most
		return said + fmt.Sprintf("; in %d of %d random orders %s stays it to the end.", f.Orders-r.Changed, f.Orders, class)
	case r.Median == r.ByWeight:
		return said + fmt.Sprintf("; in random order it takes no more (%d, median of %d orders).", r.Median, f.Orders)
	case r.Median < r.ByWeight:
		return said + fmt.Sprintf("; in random order it takes fewer (%d, median of %d orders).", r.Median, f.Orders)
	}
	return said + fmt.Sprintf("; in random order it takes %d (median of %d orders).", r.Median, f.Orders)
}

// curvesSentence says how many random orders the weights' own is ahead of.
func (f *Faithfulness) curvesSentence(class model.Class, several string) string {
	c := &f.Classes[class]
	return fmt.Sprintf("Hidden in the order of their weights, the %s leave %s less probability than in %d of %d random orders; shown in that order, they give it more than in %d of %d (on average over all steps).",
		several, class.Term(), c.Deletion.Ahead, f.Orders, c.Insertion.Ahead, f.Orders)
}

// topSentence says what becomes of the class without the n regions that weigh most.
func (f *Faithfulness) topSentence(n int, one, several string) string {
	top, class := f.Removal.Top[n-1], model.Class(f.Removal.Class).Term()
	hidden, others := fmt.Sprintf("the %d %s with most weight", n, several), fmt.Sprintf("%d chosen at random", n)
	if n == 1 {
		hidden, others = fmt.Sprintf("the %s with most weight", one), "one chosen at random"
	}
	then := fmt.Sprintf("%s is still the most probable class", class)
	if top.Class != f.Removal.Class {
		then = fmt.Sprintf("%s is no longer the most probable class", class)
	}
	return fmt.Sprintf("Without %s %s; without %s it still is in %d of %d draws.", hidden, then, others, top.RandomKept, f.Orders)
}

// decisiveSentence says how large the smallest set is, and how sure that is.
func (f *Faithfulness) decisiveSentence(one, several string) string {
	d, class := &f.Decisive, model.Class(f.Removal.Class).Term()
	switch {
	case !d.Found && d.Proven:
		return fmt.Sprintf("%s is the most probable class whichever %s are hidden.", class, several)
	case !d.Found:
		return fmt.Sprintf("No set of %s was found without which %s is not the most probable class; not all were tried.", several, class)
	case len(d.Superpixels) == 1:
		return fmt.Sprintf("One %s is enough: without it %s is the most probable class.", one, d.Reading.Class.Term())
	case d.Proven:
		return fmt.Sprintf("Fewer than %d %s are not enough, whichever they are: without those %d %s is the most probable class.", len(d.Superpixels), several, len(d.Superpixels), d.Reading.Class.Term())
	}
	return fmt.Sprintf("The smallest set that was found without which another class, %s, is the most probable one has %d %s; not all smaller ones were tried.", d.Reading.Class.Term(), len(d.Superpixels), several)
}

// opinionsSentence says whether two other methods order the regions alike.
func (f *Faithfulness) opinionsSentence(class model.Class) string {
	say := func(method string, a lime.Agreement) string {
		verdict := "agree"
		if !a.Agree {
			verdict = "do not agree"
		}
		return fmt.Sprintf("%s and LIME %s (rank correlation %.2f, Jaccard index of the top five %.2f)", method, verdict, a.RankCorrelation, a.Top)
	}
	c := &f.Classes[class]
	return fmt.Sprintf("%s; %s.", say(fmt.Sprintf("Shapley values from %d random orders", f.Orders), c.Shapley), say("Grad-CAM", f.GradCAM[class].Agreement))
}
