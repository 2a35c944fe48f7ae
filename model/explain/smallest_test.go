package explain

import (
	"context"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"allnet/lime"
	"allnet/model"
)

// game answers for each set of cells, the bits of shown, with logits of its own.
type game struct {
	logits func(shown uint) [len(model.Classes)]float64
	asked  int
}

func (g *game) Classes() int { return len(model.Classes) }

func (g *game) Logits(_ context.Context, m lime.Masks, out []float64) error {
	g.asked += m.N
	for i := range m.N {
		shown := uint(0)
		for cell, bit := range m.Row(i) {
			shown |= uint(bit) << cell
		}
		z := g.logits(shown)
		copy(out[4*i:], z[:])
	}
	return nil
}

// random is a game without any sense.
func random(seed uint64, k int) *game {
	r := rand.New(rand.NewPCG(seed, 1))
	all := make([][4]float64, 1<<k)
	for set := range all {
		for class := range all[set] {
			all[set][class] = r.NormFloat64()
		}
		// Most sets are of class 1, so that those of others are not all small.
		all[set][1] += 2.5
	}
	return &game{logits: func(shown uint) [4]float64 { return all[shown] }}
}

// votes is a game in which cells speak for class 2 or against it, each by itself.
func votes(seed uint64, k int) *game {
	r := rand.New(rand.NewPCG(seed, 2))
	weights, sum := make([]float64, k), 0.0
	for i := range weights {
		weights[i] = r.NormFloat64() + 0.5
		sum += weights[i]
	}
	return &game{logits: func(shown uint) (z [4]float64) {
		for i, w := range weights {
			z[2] += w * float64(shown>>i&1)
		}
		z[2] -= sum / 2
		return z
	}}
}

// sizes are those of the smallest decisive and of the smallest sufficient set, by going
// through all; more than k where there is none.
func (g *game) sizes(k int) (decisive, sufficient int) {
	decisive, sufficient = k+1, k+1
	class := func(set uint) int { z := g.logits(set); return top(z[:]) }
	all := uint(1)<<k - 1
	for set := range all + 1 {
		n := bits.OnesCount(set)
		if class(set) == class(all) {
			sufficient = min(sufficient, n)
		} else {
			decisive = min(decisive, k-n)
		}
	}
	return decisive, sufficient
}

// check holds a set against the size of the smallest.
func (g *game) check(t *testing.T, what string, s CellSet, k, size int, shown uint8) {
	t.Helper()
	set := uint(0)
	for _, cell := range s.Superpixels {
		set |= 1 << cell
	}
	all := uint(1)<<k - 1
	if shown == 0 {
		set ^= all
	}
	whole, z := g.logits(all), g.logits(set)
	switch {
	case s.Found && (top(z[:]) == top(whole[:])) != (shown == 1):
		t.Errorf("%s: %+v does not do it", what, s)
	case s.Found && int(s.Reading.Class) != top(z[:]):
		t.Errorf("%s: %+v makes the picture read as %d", what, s, top(z[:]))
	case s.Found && len(s.Superpixels) < size:
		t.Errorf("%s: %+v, smaller than the smallest, %d", what, s, size)
	case s.Found && !slices.IsSorted(s.Superpixels):
		t.Errorf("%s: %+v does not ascend", what, s)
	case s.Proven && (s.Found != (size <= k) || s.Found && len(s.Superpixels) != size):
		t.Errorf("%s: %+v is said to be the smallest, which has %d cells", what, s, size)
	case s.Found && !s.Proven && len(s.Superpixels) <= s.Tried+1:
		t.Errorf("%s: %+v is the smallest, for no set of %d does it", what, s, s.Tried)
	case size <= s.Tried && len(s.Superpixels) != size:
		t.Errorf("%s: %+v, though a set of %d was tried", what, s, size)
	}
}

func TestASetIsCalledSmallestOnlyWhereItIs(t *testing.T) {
	proven := map[bool]int{}
	for name, make := range map[string]func(uint64, int) *game{"random": random, "votes": votes} {
		for seed := range uint64(12) {
			for _, k := range []int{1, 2, 5, 9} {
				for _, budget := range []int{0, 1, k, 20, 60, 1 << k} {
					g := make(seed, k)
					r, err := readings(context.Background(), g, k, 0.5, budget, func(int, int) {})
					if err != nil {
						t.Fatal(err)
					}
					decisive, sufficient := g.sizes(k)
					what := fmt.Sprintf("%s %d of %d cells within %d", name, seed, k, budget)
					g.check(t, what+", decisive", r.Decisive, k, decisive, 0)
					g.check(t, what+", sufficient", r.Sufficient, k, sufficient, 1)
					if budget == 1<<k && !(r.Decisive.Proven && r.Sufficient.Proven) {
						t.Errorf("%s: %+v and %+v are not proven", what, r.Decisive, r.Sufficient)
					}
					proven[r.Decisive.Proven]++
					proven[r.Sufficient.Proven]++
				}
			}
		}
	}
	if proven[true] < 100 || proven[false] < 100 {
		t.Errorf("proven and not: %v", proven)
	}
}

// Where each cell speaks for itself, steps find the smallest set also where there are
// too many to go through.
func TestStepsFindTheSmallestSetOfCellsThatActAlone(t *testing.T) {
	const k = 18
	for seed := range uint64(10) {
		g := votes(seed, k)
		decisive, sufficient := g.sizes(k)
		g.asked = 0
		r, err := readings(context.Background(), g, k, 0.5, 200, func(int, int) {})
		if err != nil {
			t.Fatal(err)
		}
		if asked := 2 + 2*k + 2*(2*200+k*k); g.asked > asked {
			t.Errorf("seed %d: %d sets were asked about, at most %d are expected", seed, g.asked, asked)
		}
		for _, c := range []struct {
			what string
			set  CellSet
			size int
		}{{"decisive", r.Decisive, decisive}, {"sufficient", r.Sufficient, sufficient}} {
			if c.set.Found != (c.size <= k) || c.set.Found && len(c.set.Superpixels) != c.size {
				t.Errorf("seed %d: %s set %+v; the smallest has %d cells", seed, c.what, c.set, c.size)
			}
		}
	}
}

// A set that is known to do it bounds the steps: what is found is no larger, is true, and
// is called the smallest only where it is.
func TestAKnownSetAndItsStepsBoundTheSearch(t *testing.T) {
	const k, budget, steps = 14, 14, 42
	smaller, unknown := 0, 0
	for seed := range uint64(40) {
		for name, g := range map[string]*game{"random": random(seed, k), "votes": votes(seed, k)} {
			all := g.logits(1<<k - 1)
			class := model.Class(top(all[:]))
			size, _ := g.sizes(k)
			// Known: one superpixel hidden after another, in an order of chance.
			var known []int
			shown := uint(1)<<k - 1
			for _, superpixel := range rand.New(rand.NewPCG(seed, 3)).Perm(k) {
				shown &^= 1 << superpixel
				known = append(known, superpixel)
				if z := g.logits(shown); top(z[:]) != int(class) {
					break
				}
			}
			slices.Sort(known)
			of := decisive(class)
			of.budget, of.steps = budget, steps
			if z := g.logits(shown); top(z[:]) != int(class) {
				of.known = known
			}
			g.asked = 0
			q := &questions{ctx: context.Background(), evaluator: g, k: k, threshold: DefaultThreshold}
			s, err := q.smallest(of)
			if err != nil {
				t.Fatal(err)
			}
			what := fmt.Sprintf("%s %d, known %v", name, seed, of.known)
			g.check(t, what, CellSet(s), k, size, 0)
			if of.known == nil {
				unknown++
				continue
			}
			if !s.Found || len(s.Superpixels) > len(known) {
				t.Errorf("%s: %+v", what, s)
			}
			if len(s.Superpixels) < len(known) {
				smaller++
			}
			// All sets of one, the steps, the known one, and what makes it smaller by leaving out and exchanging.
			if most := k + steps + 1 + 2*budget; g.asked > most {
				t.Errorf("%s: %d sets were asked about, at most %d are expected", what, g.asked, most)
			}
		}
	}
	if smaller == 0 || unknown == 0 {
		t.Errorf("%d sets were made smaller, %d were unknown; both should occur", smaller, unknown)
	}
}

// A large set is made smaller as long as the budget lasts, and then is told as it is, not as the smallest.
func TestALargeKnownSetIsMadeSmallerWithinTheBudget(t *testing.T) {
	const k, budget = 60, 100
	// Any nine of the first forty decide, so that one after another of those known can be left out.
	g := &game{logits: func(shown uint) (z [4]float64) {
		z[0] = 8.5
		z[1] = float64(bits.OnesCount(^shown & (1<<40 - 1)))
		return z
	}}
	of := decisive(model.Benign)
	of.budget, of.steps = budget, 1
	for i := range 40 {
		of.known = append(of.known, i)
	}
	q := &questions{ctx: context.Background(), evaluator: g, k: k, threshold: DefaultThreshold}
	s, err := q.smallest(of)
	if err != nil {
		t.Fatal(err)
	}
	// Each alone, the known one, and 40 + 39 sets with one less: 38 more are too many.
	if g.asked != k+1+40+39 || len(s.Superpixels) != 38 || !s.Found || s.Proven || s.Tried != 1 {
		t.Errorf("%+v after %d questions; a set of 38 that is not called the smallest is expected after %d", s, g.asked, k+1+40+39)
	}
}

// Steps look for a smaller set than the known one, from which none can be left out, and
// give up when they have asked enough.
func TestStepsGoPastAKnownSetAndEnd(t *testing.T) {
	const k = 14
	q := &questions{ctx: context.Background(), k: k, threshold: DefaultThreshold}
	of := decisive(model.Benign)
	of.budget, of.steps, of.known = k, 3*k, []int{0, 1, 2}
	q.evaluator = &game{logits: func(shown uint) (z [4]float64) {
		z[0] = 2
		for superpixel, step := range map[int]float64{7: 1.5, 9: 1} {
			z[1] += step * float64(1-shown>>superpixel&1)
		}
		if shown&7 == 0 {
			z[2] = 3
		}
		return z
	}}
	s, err := q.smallest(of)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Superpixels, []int{7, 9}) || !s.Proven || s.Reading.Class != model.Early {
		t.Errorf("%+v, want 7 and 9", s)
	}
	constant := &game{logits: func(uint) [4]float64 { return [4]float64{1} }}
	q.evaluator, of.known = constant, nil
	if s, err = q.smallest(of); err != nil || s.Found || s.Proven || s.Tried != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	if constant.asked <= k || constant.asked > k+of.steps {
		t.Errorf("%d sets were asked about; more than %d and at most %d are expected", constant.asked, k, k+of.steps)
	}
}

// The fewest that an order of hiding gave bound the search among superpixels: one is found even where
// steps alone would find none, whichever order it was. Where no order gave any, steps do not begin.
// Among cells the search is done once.
func TestTheSmallestSetOfAnExplanationBeginsFromTheOrdersAskedAbout(t *testing.T) {
	const k = 14
	g := &game{logits: func(shown uint) (z [4]float64) {
		z[0] = 1
		if shown&(1<<9|1<<2|1<<5) == 0 {
			z[3] = 2
		}
		return z
	}}
	removal := &lime.Removal{ByWeight: 3, Changed: 20, Fewest: []int{2, 5, 9}}
	s := &Session{seg: &lime.Segmentation{Count: k}}
	got, err := s.decisive(context.Background(), &prepared{evaluator: g}, removal)
	if err != nil || !slices.Equal(got.Superpixels, []int{2, 5, 9}) || !got.Proven || got.Tried != 2 {
		t.Errorf("%+v, %v; want 2, 5 and 9", got, err)
	}
	if most := k + k*(k-1)/2 + 1; g.asked > most {
		t.Errorf("%d sets were asked about, at most %d are expected", g.asked, most)
	}

	// Seven that must go together, among 40: by single steps nothing shows which.
	const many, together = 40, uint(1<<3 | 1<<7 | 1<<20 | 1<<21 | 1<<30 | 1<<33 | 1<<39)
	hard := &game{logits: func(shown uint) (z [4]float64) {
		z[0] = 1
		if shown&together == 0 && shown != 0 {
			z[3] = 2
		}
		return z
	}}
	s.seg = &lime.Segmentation{Count: many}
	got, err = s.decisive(context.Background(), &prepared{evaluator: hard}, &lime.Removal{Changed: 3, Fewest: []int{3, 6, 7, 20, 21, 29, 30, 33, 39}})
	if err != nil || !slices.Equal(got.Superpixels, []int{3, 7, 20, 21, 30, 33, 39}) || got.Proven || got.Tried != 1 {
		t.Errorf("%+v, %v; want the seven", got, err)
	}
	hard.asked = 0
	if got, err = s.decisive(context.Background(), &prepared{evaluator: hard}, &lime.Removal{}); err != nil || got.Found || hard.asked != many {
		t.Errorf("%+v, %v after %d questions; nothing was seen, so none is expected beyond each alone", got, err, hard.asked)
	}

	s.seg = &lime.Segmentation{Count: k}
	s.regions = lime.RegionsCells
	p := &prepared{evaluator: g}
	for _, again := range []bool{false, true} {
		g.asked = 0
		got, err := s.decisive(context.Background(), p, removal)
		if err != nil || !slices.Equal(got.Superpixels, []int{2, 5, 9}) {
			t.Errorf("of cells %+v, %v; want 2, 5 and 9", got, err)
		}
		if (g.asked == 0) != again {
			t.Errorf("once more: %v, and %d sets were asked about", again, g.asked)
		}
	}
}

// Of several smallest sets the clearest is told, and of equals the first.
func TestOfEqualSetsTheClearestIsTold(t *testing.T) {
	g := &game{logits: func(shown uint) (z [4]float64) {
		z[3] = 1 // Pro, unless cell 1, 2 or 4 is missing; without 2 or 4 Early is ahead by most
		for cell, lead := range map[int]float64{1: 2, 2: 3, 4: 3} {
			if shown>>cell&1 == 0 {
				z[1] = max(z[1], lead)
			}
		}
		return z
	}}
	r, err := readings(context.Background(), g, 5, 0.5, 32, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Decisive; !slices.Equal(d.Superpixels, []int{2}) || d.Reading.Class != model.Early {
		t.Errorf("%+v, want cell 2", d)
	}
	if s := r.Sufficient; !slices.Equal(s.Superpixels, []int{1, 2, 4}) || s.Reading.Class != model.Pro {
		t.Errorf("%+v, want cells 1, 2 and 4", s)
	}
}
