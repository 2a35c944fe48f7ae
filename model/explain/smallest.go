package explain

import (
	"context"
	"fmt"
	"slices"

	"allnet/lime"
	"allnet/lime/detmath"
	"allnet/model"
)

// Set is a set of superpixels that decides something.
type Set struct {
	// Found says whether there is such a set; where not, Superpixels is empty and Reading nil.
	Found bool `json:"found"`
	// Superpixels are their numbers, ascending; none where the picture without any reads
	// the same.
	Superpixels []int `json:"superpixels"`
	// Proven says that no smaller set does it or, if none was found, that there is
	// none. Otherwise Superpixels is the smallest that a search by steps found, an upper
	// bound, and each set of up to Tried superpixels was tried.
	Proven bool `json:"proven"`
	Tried  int  `json:"tried"`
	// Reading is what the picture reads as without these superpixels, or with them alone.
	Reading *Reading `json:"reading"`
}

// CellSet is a Set whose superpixels are cells, and are called so.
type CellSet struct {
	Found       bool     `json:"found"`
	Superpixels []int    `json:"cells"`
	Proven      bool     `json:"proven"`
	Tried       int      `json:"tried"`
	Reading     *Reading `json:"reading"`
}

// top is the class of the greatest logit, the first of equals, as an answer's is.
func top(logits []float64) int {
	best := 0
	for class, z := range logits {
		if z > logits[best] {
			best = class
		}
	}
	return best
}

// lead is how far a class's logit is above the greatest other.
func lead(logits []float64, class int) float64 {
	lead := logits[class] - logits[(class+1)%len(logits)]
	for other, z := range logits {
		if other != class {
			lead = min(lead, logits[class]-z)
		}
	}
	return lead
}

// questions asks an evaluator about pictures with some of k superpixels.
type questions struct {
	ctx       context.Context
	evaluator lime.Evaluator
	k         int
	threshold float64
	doing     string // what an error says was being done
}

// ask returns the logits of each mask.
func (q *questions) ask(masks [][]uint8) ([][]float64, error) {
	if err := q.ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", q.doing, err)
	}
	if len(masks) == 0 {
		return nil, nil
	}
	classes := q.evaluator.Classes()
	all := make([]float64, len(masks)*classes)
	if err := q.evaluator.Logits(q.ctx, lime.Masks{N: len(masks), K: q.k, Bits: slices.Concat(masks...)}, all); err != nil {
		return nil, fmt.Errorf("%s: %w", q.doing, err)
	}
	answers := make([][]float64, len(masks))
	for i := range answers {
		answers[i] = all[i*classes:][:classes:classes]
		for class, z := range answers[i] {
			if !(z >= -lime.MaxLogit && z <= lime.MaxLogit) {
				return nil, fmt.Errorf("%s: the network gave %v for class %s; a finite number is expected", q.doing, z, model.Class(class))
			}
		}
	}
	return answers, nil
}

// reading makes probabilities of calibrated logits.
func (q *questions) reading(logits []float64) Reading {
	r := Reading{Class: model.Class(top(logits))}
	sum := 0.0
	for class, z := range logits {
		r.Probabilities[class] = detmath.Exp(z - logits[r.Class])
		sum += r.Probabilities[class]
	}
	for class := range r.Probabilities {
		r.Probabilities[class] /= sum
	}
	r.Neither = r.Probabilities[r.Class] < q.threshold
	return r
}

// trial is a set of superpixels with what came of it.
type trial struct {
	set    []int // ascending; nil: no trial
	logits []float64
	does   bool    // what is searched for
	by     float64 // how clearly, or, below zero, how far from it
}

// better prefers what does it, then what does so by more; equals are not better.
func (t *trial) better(than *trial) bool {
	if t.does != than.does {
		return t.does
	}
	return t.by > than.by
}

// search asks for the smallest set of superpixels that does something when its members
// have the bit shown in a mask and all others the opposite.
type search struct {
	shown uint8
	// judge says of logits whether they are what is searched for, and by how much.
	judge func(logits []float64) (does bool, by float64)
	// least is the size of the smallest set that is asked about.
	least int
	// budget bounds the sets that are gone through size by size, again those in which one
	// superpixel of a set that does it is left out, and again those in which one takes the
	// place of two.
	budget int
	// steps bounds the sets that are asked about while one superpixel after another is
	// added; 0: as many as it takes.
	steps int
	// known is a set that does it, ascending; nil where none is known. Steps go no further.
	known []int
}

// try returns the best of some sets, the first of equals; nil of none.
func (q *questions) try(s *search, sets [][]int) (*trial, error) {
	var best *trial
	const block = 1024
	for from := 0; from < len(sets); from += block {
		part := sets[from:min(from+block, len(sets))]
		masks := make([][]uint8, len(part))
		for i, set := range part {
			masks[i] = slices.Repeat([]uint8{1 - s.shown}, q.k)
			for _, superpixel := range set {
				masks[i][superpixel] = s.shown
			}
		}
		answers, err := q.ask(masks)
		if err != nil {
			return nil, err
		}
		for i, logits := range answers {
			t := &trial{set: part[i], logits: logits}
			if t.does, t.by = s.judge(logits); best == nil || t.better(best) {
				best = t
			}
		}
	}
	return best, nil
}

// smallest searches. Sets are gone through size by size within the budget; beyond it
// one superpixel after another is added, the best each time, and what is found, or known,
// is made smaller while one superpixel can be left out or two be replaced by one, within the
// budget once more each.
func (q *questions) smallest(s search) (Set, error) {
	best, tried, err := q.exhaust(&s)
	if err != nil {
		return Set{}, err
	}
	if best != nil && best.does || tried == q.k {
		return q.found(best, true, tried), nil
	}
	if best == nil {
		best = new(trial)
	}
	if best, err = q.grow(&s, best); err != nil {
		return Set{}, err
	}
	if !best.does {
		return q.found(best, false, tried), nil
	}
	if best, err = q.shrink(&s, best, tried); err != nil {
		return Set{}, err
	}
	return q.found(best, len(best.set) == tried+1, tried), nil
}

// found makes a set of a trial.
func (q *questions) found(t *trial, proven bool, tried int) Set {
	s := Set{Found: t.does, Superpixels: []int{}, Proven: proven, Tried: tried}
	if t.does {
		r := q.reading(t.logits)
		s.Superpixels, s.Reading = append(s.Superpixels, t.set...), &r
	}
	return s
}

// exhaust goes through sets size by size within the budget until one does it. It returns
// the best of the last size, nil if there was none, and up to which size all were tried.
func (q *questions) exhaust(s *search) (best *trial, tried int, err error) {
	tried = s.least - 1
	spent := 0
	for size := s.least; size <= q.k; size++ {
		sets := choices(q.k, size, s.budget-spent)
		if sets == nil {
			break
		}
		spent += len(sets)
		if best, err = q.try(s, sets); err != nil {
			return nil, 0, err
		}
		tried = size
		if best.does {
			break
		}
	}
	return best, tried, nil
}

// grow adds superpixels to a set, the best each time, until it does it. Where it would
// become no smaller than the known set, it returns that.
func (q *questions) grow(s *search, best *trial) (*trial, error) {
	most := q.k
	if s.known != nil {
		most = len(s.known) - 1
	}
	spent := 0
	for !best.does && len(best.set) < most {
		sets := extended(best.set, q.k)
		if spent += len(sets); s.steps > 0 && spent > s.steps {
			break
		}
		t, err := q.try(s, sets)
		if err != nil {
			return nil, err
		}
		best = t
	}
	if best.does || s.known == nil {
		return best, nil
	}
	return q.try(s, [][]int{s.known})
}

// shrink makes a set that does it smaller, down to one more than the size up to which all
// were tried, while the budget lasts.
func (q *questions) shrink(s *search, best *trial, tried int) (*trial, error) {
	omissions, exchanges := s.budget, s.budget
	for len(best.set) > tried+1 {
		t, err := q.spend(s, shortened(best.set), &omissions)
		if err == nil && (t == nil || !t.does) {
			t, err = q.spend(s, exchanged(best.set, q.k, exchanges), &exchanges)
		}
		if err != nil {
			return nil, err
		}
		if t == nil || !t.does {
			break
		}
		best = t
	}
	return best, nil
}

// spend is try at the cost of a budget; nil where the sets are more than is left of it.
func (q *questions) spend(s *search, sets [][]int, left *int) (*trial, error) {
	if len(sets) > *left {
		return nil, nil
	}
	*left -= len(sets)
	return q.try(s, sets)
}

// decisive searches for the smallest set without which another class than the given one
// is the most probable.
func decisive(class model.Class) search {
	return search{shown: 0, least: 1, judge: func(logits []float64) (bool, float64) {
		return top(logits) != int(class), -lead(logits, int(class))
	}}
}

// sufficient searches for the smallest set that alone makes the given class the most
// probable.
func sufficient(class model.Class) search {
	return search{shown: 1, least: 0, judge: func(logits []float64) (bool, float64) {
		return top(logits) == int(class), lead(logits, int(class))
	}}
}

// choices are all sets of so many of k superpixels, in ascending order, or nil if they are
// more than limit.
func choices(k, size, limit int) [][]int {
	count := 1
	for i := range min(size, k-size) { // none of these is more than the last
		if count = count * (k - i) / (i + 1); count > limit {
			return nil
		}
	}
	if count > limit {
		return nil
	}
	sets := make([][]int, 0, count)
	set := make([]int, size)
	for i := range set {
		set[i] = i
	}
	for {
		sets = append(sets, slices.Clone(set))
		at := size - 1
		for at >= 0 && set[at] == k-size+at {
			at--
		}
		if at < 0 {
			return sets
		}
		set[at]++
		for i := at + 1; i < size; i++ {
			set[i] = set[i-1] + 1
		}
	}
}

// extended are the sets with one more of k superpixels.
func extended(set []int, k int) (sets [][]int) {
	for superpixel := range k {
		if at, ok := slices.BinarySearch(set, superpixel); !ok {
			sets = append(sets, slices.Insert(slices.Clone(set), at, superpixel))
		}
	}
	return sets
}

// shortened are the sets with one superpixel less.
func shortened(set []int) (sets [][]int) {
	for i := range set {
		sets = append(sets, slices.Delete(slices.Clone(set), i, i+1))
	}
	return sets
}

// exchanged are the sets with another of k superpixels in place of two, or none if they are
// more than limit.
func exchanged(set []int, k, limit int) (sets [][]int) {
	n := len(set)
	if n*(n-1)/2*(k-n) > limit {
		return nil
	}
	for j := range set {
		for i := range j {
			rest := slices.Delete(slices.Clone(set), j, j+1)
			rest = slices.Delete(rest, i, i+1)
			for _, extended := range extended(rest, k) {
				if !isSubset(extended, set) {
					sets = append(sets, extended)
				}
			}
		}
	}
	return sets
}

func isSubset(part, whole []int) bool {
	return !slices.ContainsFunc(part, func(superpixel int) bool { return !slices.Contains(whole, superpixel) })
}
