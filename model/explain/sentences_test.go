package explain

import (
	"strings"
	"testing"

	"allnet/lime"
	"allnet/model"
)

// said is a test of ten regions, of which Early is the most probable class.
func said(r lime.Removal, d Set) *Faithfulness {
	r.Class = int(model.Early)
	f := &Faithfulness{Faithfulness: &lime.Faithfulness{Superpixels: 10, Orders: 20, Removal: &r}, Decisive: d}
	for class := range model.Classes {
		c := lime.ClassFaithfulness{Class: class, Shapley: lime.Agreement{RankCorrelation: 0.9, Top: 1, Agree: true}}
		c.Deletion.Ahead, c.Insertion.Ahead = 19, 7
		f.Classes = append(f.Classes, c)
		f.GradCAM = append(f.GradCAM, GradCAM{Agreement: lime.Agreement{RankCorrelation: -0.25, Top: 1. / 3}})
	}
	return f
}

// What is said is no wider than what came out: how many, of how many, by median or for certain.
func TestSentencesOfATestSayWhatCameOut(t *testing.T) {
	pro, early := int(model.Pro), int(model.Early)
	reading := &Reading{Class: model.Pro}
	for _, c := range []struct {
		removal  lime.Removal
		decisive Set
		kind     lime.RegionKind
		want     []string // parts, in this order
	}{
		{lime.Removal{ByWeight: 5, Then: pro, Median: 8, Changed: 20, Later: 20}, Set{}, lime.RegionsCells,
			[]string{"Hiding the 5 cells with most weight makes Pro-B the most probable class; in random order it takes 8 (median of 20 orders)."}},
		{lime.Removal{ByWeight: 1, Then: pro, Median: 4, Changed: 20}, Set{}, lime.RegionsQuickshift,
			[]string{"Hiding the region with most weight makes Pro-B the most probable class; in random order it takes 4"}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 5, Changed: 20}, Set{}, lime.RegionsCells,
			[]string{"; in random order it takes no more (5, median of 20 orders)."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 3, Changed: 20}, Set{}, lime.RegionsCells,
			[]string{"; in random order it takes fewer (3, median of 20 orders)."}},
		{lime.Removal{ByWeight: 5, Then: pro, Changed: 6}, Set{}, lime.RegionsCells,
			[]string{"makes Pro-B the most probable class; in 14 of 20 random orders Early pre-B stays it to the end."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 9, Changed: 10, Later: 20}, Set{}, lime.RegionsCells,
			[]string{"makes Pro-B the most probable class; in 10 of 20 random orders Early pre-B stays it to the end."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 9, Changed: 11, Later: 20}, Set{}, lime.RegionsCells,
			[]string{"makes Pro-B the most probable class; in random order it takes 9 (median of 20 orders)."}},
		{lime.Removal{ByWeight: 5, Then: pro}, Set{}, lime.RegionsCells,
			[]string{"; in none of 20 random orders is another class ever the most probable one."}},
		{lime.Removal{ByWeight: 10, Then: pro, Median: 10, Changed: 20}, Set{}, lime.RegionsCells,
			[]string{"By weight all 10 cells have to be hidden until another class, Pro-B, is the most probable one; in random order it takes no more (10,"}},
		{lime.Removal{Then: early}, Set{Proven: true}, lime.RegionsQuickshift,
			[]string{"Early pre-B stays the most probable class while the regions are hidden in the order of their weights, even with all of them hidden; so it does in each of 20 random orders.",
				"Early pre-B is the most probable class whichever regions are hidden."}},
		{lime.Removal{Then: early, Changed: 3, Fewest: []int{1, 2, 7}}, Set{Found: true, Superpixels: []int{1, 2, 7}, Tried: 1, Reading: reading}, lime.RegionsQuickshift,
			[]string{"in 3 of 20 random orders it does not stay it throughout.",
				"The smallest set that was found without which another class, Pro-B, is the most probable one has 3 regions;"}},
		{lime.Removal{Then: early}, Set{Tried: 1}, lime.RegionsQuickshift,
			[]string{"so it does in each of 20 random orders.",
				"No set of regions was found without which Early pre-B is not the most probable class; not all were tried."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 8, Changed: 20, Top: []lime.TopHidden{{Class: early, RandomKept: 20}, {Class: pro, RandomKept: 12}}}, Set{Found: true, Superpixels: []int{1, 7}, Proven: true, Reading: reading}, lime.RegionsQuickshift,
			[]string{"the regions leave Early pre-B less probability than in 19 of 20 random orders; shown in that order, they give it more than in 7 of 20",
				"Without the 2 regions with most weight Early pre-B is no longer the most probable class; without 2 chosen at random it still is in 12 of 20 draws.",
				"Fewer than 2 regions are not enough, whichever they are: without those 2 Pro-B is the most probable class.",
				"Shapley values from 20 random orders and LIME agree (rank correlation 0.90,", "Grad-CAM and LIME do not agree (rank correlation -0.25, Jaccard index of the top five 0.33)."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 8, Changed: 20, Top: []lime.TopHidden{{Class: early, RandomKept: 20}}}, Set{Found: true, Superpixels: []int{7}, Proven: true, Reading: reading}, lime.RegionsQuickshift,
			[]string{"Without the region with most weight Early pre-B is still the most probable class; without one chosen at random it still is in 20 of 20 draws.",
				"One region is enough: without it Pro-B is the most probable class."}},
		{lime.Removal{ByWeight: 5, Then: pro, Median: 8, Changed: 20}, Set{Found: true, Superpixels: []int{1, 2, 7}, Tried: 1, Reading: reading}, lime.RegionsQuickshift,
			[]string{"The smallest set that was found without which another class, Pro-B, is the most probable one has 3 regions; not all smaller ones were tried."}},
	} {
		all := strings.Join(said(c.removal, c.decisive).Sentences(model.Early, c.kind), " ")
		rest := all
		for _, want := range c.want {
			at := strings.Index(rest, want)
			if at < 0 {
				t.Errorf("%q does not say, in its place, %q", all, want)
				break
			}
			rest = rest[at+len(want):]
		}
	}

	// Of another class than the most probable one nothing is said of its removal, and of
	// cells the smallest set is left to the readings.
	f := said(lime.Removal{ByWeight: 5, Then: pro, Median: 8, Changed: 20, Top: []lime.TopHidden{{}}}, Set{})
	if got := f.Sentences(model.Benign, lime.RegionsQuickshift); len(got) != 2 || !strings.Contains(got[0], "leave Benign less probability") {
		t.Errorf("of another class %q", got)
	}
	if got := f.Sentences(model.Early, lime.RegionsCells); len(got) != 4 || strings.Contains(strings.Join(got, " "), "set") {
		t.Errorf("of cells %q", got)
	}
	f.Superpixels = 1
	if got := f.Sentences(model.Early, lime.RegionsCells); len(got) != 1 || got[0] != "There is one cell alone, so there is no order of weights to test." {
		t.Errorf("of one cell %q", got)
	}
}
