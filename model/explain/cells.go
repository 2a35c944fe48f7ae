package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"allnet/lime"
	"allnet/lime/detmath"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/engine"
)

// MaxExactCells is up to how many cells every coalition of them is asked about: the
// Shapley values are exact, and of the sets of Readings none is overlooked. There are
// 4,096 coalitions of twelve.
const MaxExactCells = 12

// DefaultThreshold is the least probability of a class that a cell can be said to
// read as: what is less likely than not is neither class.
const DefaultThreshold = 0.5

// NewCells returns a session for a field of which nothing but its cells is left:
// all that belongs to none has the level model.Ground. scale is what the logits are
// multiplied by, that of the answer (model.Result.Scale), so that what is said of a
// field and of its cells compares with what is said of the whole picture. Settings
// with lime.RegionsCells are answered by cells, which lime.HideRemoved gives that
// level; those with lime.RegionsQuickshift by superpixels of what the network sees.
func NewCells(m *model.Model, f model.Field, scale float64) (*Session, error) {
	c, in := f.Cells, f.Input
	seg, err := Segment(c)
	if err != nil {
		return nil, err
	}
	if !(scale > 0 && scale <= lime.MaxLogit) {
		return nil, fmt.Errorf("the logits would be multiplied by %v; expected a number above 0", scale)
	}
	if c.Width != model.Side || c.Height != model.Side || len(in.RGB) != 3*len(c.Labels) || len(in.Tensor) != len(in.RGB) {
		return nil, fmt.Errorf("cells of a picture of %d x %d pixels; expected %d x %d", c.Width, c.Height, model.Side, model.Side)
	}
	for i, v := range in.RGB {
		if pixel := i / 3; c.Labels[pixel] == 0 && (v != model.Ground || in.Tensor[i] != model.Levels[model.Ground]) {
			return nil, fmt.Errorf("pixel (%d,%d) belongs to no cell and is %v; expected %d in each channel", pixel%c.Width, pixel/c.Width, in.RGB[3*pixel:][:3], model.Ground)
		}
	}
	return &Session{model: m, in: in, cells: seg, scale: scale}, nil
}

// Segment makes superpixels of cells: number i is List[i], and what belongs to no
// cell is none's.
func Segment(c *cells.Cells) (*lime.Segmentation, error) {
	if c == nil || len(c.List) == 0 {
		return nil, errors.New("no cells were found in the picture, so it cannot be explained by them")
	}
	seg := &lime.Segmentation{Width: c.Width, Height: c.Height, Count: len(c.List), Labels: make([]uint16, len(c.Labels))}
	for i, label := range c.Labels {
		seg.Labels[i] = lime.NoRegion
		if label != 0 {
			seg.Labels[i] = label - 1
		}
	}
	return seg, seg.Validate()
}

// hidden are the hiding colours of the session's superpixels.
func (s *Session) hidden(hide lime.Hide) []float32 {
	if hide == lime.HideRemoved {
		return slices.Repeat([]float32{model.Levels[model.Ground]}, 3*s.seg.Count)
	}
	return hiddenColours(s.in, s.seg, hide)
}

// remembering is an evaluator that asks another about each coalition once.
type remembering struct {
	lime.Evaluator
	known  []bool    // [coalitions]; bit i of a coalition's number says whether superpixel i is shown
	logits []float64 // [coalitions][classes]
}

func newRemembering(e lime.Evaluator, superpixels int) *remembering {
	return &remembering{e, make([]bool, 1<<superpixels), make([]float64, e.Classes()<<superpixels)}
}

func (r *remembering) Logits(ctx context.Context, m lime.Masks, out []float64) error {
	classes := r.Classes()
	number := func(row int) (n int) {
		for i, bit := range m.Row(row) {
			n |= int(bit) << i
		}
		return n
	}
	asked := lime.Masks{K: m.K}
	var numbers []int
	for i := range m.N {
		if n := number(i); !r.known[n] {
			r.known[n] = true
			numbers = append(numbers, n)
			asked.N, asked.Bits = asked.N+1, append(asked.Bits, m.Row(i)...)
		}
	}
	answers := make([]float64, len(numbers)*classes)
	if len(numbers) > 0 {
		if err := r.Evaluator.Logits(ctx, asked, answers); err != nil {
			for _, n := range numbers {
				r.known[n] = false
			}
			return err
		}
	}
	for i, n := range numbers {
		copy(r.logits[n*classes:][:classes], answers[i*classes:])
	}
	for i := range m.N {
		copy(out[i*classes:][:classes], r.logits[number(i)*classes:])
	}
	return nil
}

// Reading is what the network says of a field with some of its cells.
type Reading struct {
	// Probabilities are calibrated as those of the answer are.
	Probabilities [len(model.Classes)]float64 `json:"probabilities"`
	// Class is the most probable one.
	Class model.Class `json:"class"`
	// Neither says that even Class is less probable than the threshold.
	Neither bool `json:"neither"`
}

// Cell is what one cell does to the answer.
type Cell struct {
	// Cell is its number, from 0: that of its superpixel, and of cells.Cells.List.
	Cell int `json:"cell"`
	// Alone is what a field of this cell alone reads as, Without what the field reads as
	// when this cell is removed.
	Alone   Reading `json:"alone"`
	Without Reading `json:"without"`
}

// Tally counts what cells read as alone.
type Tally struct {
	Cells   int                     `json:"cells"`
	Classes [len(model.Classes)]int `json:"classes"`
	Neither int                     `json:"neither"`
}

// Sentence says it in English, the most frequent class first.
func (t Tally) Sentence() string {
	if t.Cells == 1 {
		for class, n := range t.Classes {
			if n == 1 {
				return fmt.Sprintf("The one cell reads as %s.", model.Class(class))
			}
		}
		return "The one cell reads as neither class."
	}
	order := slices.Clone(model.Classes[:])
	slices.SortStableFunc(order, func(a, b model.Class) int { return t.Classes[b] - t.Classes[a] })
	var parts []string
	for _, class := range order {
		if n := t.Classes[class]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d as %s", n, class))
		}
	}
	if t.Neither > 0 {
		parts = append(parts, fmt.Sprintf("%d as neither class", t.Neither))
	}
	if len(parts) == 0 {
		return "There are no cells."
	}
	parts[0] = strings.Replace(parts[0], " as ", " read as ", 1)
	if strings.HasPrefix(parts[0], "1 ") {
		parts[0] = strings.Replace(parts[0], " read ", " reads ", 1)
	}
	return fmt.Sprintf("Of %d cells, each shown alone, %s.", t.Cells, strings.Join(parts, ", "))
}

// Set is a set of cells that decides something.
type Set struct {
	// Found says whether there is such a set; where not, Cells is empty and Reading nil.
	Found bool `json:"found"`
	// Cells are their numbers, ascending; none where the field without any cell reads
	// the same.
	Cells []int `json:"cells"`
	// Proven says that no smaller set does it or, if none was found, that there is
	// none. Otherwise Cells is the smallest that a search by steps found, and each set
	// of up to Tried cells was tried.
	Proven bool `json:"proven"`
	Tried  int  `json:"tried"`
	// Reading is what the field reads as without these cells, or with them alone.
	Reading *Reading `json:"reading"`
}

// Readings are what the network says of a field's cells one by one, and which of
// them its answer for the field rests on.
type Readings struct {
	// Threshold is the least probability of a class that anything reads as.
	Threshold float64 `json:"threshold"`
	// Whole is what the field reads as with all cells, Empty with none.
	Whole Reading `json:"whole"`
	Empty Reading `json:"empty"`
	Cells []Cell  `json:"cells"`
	Tally Tally   `json:"tally"`
	// Decisive is the smallest set of cells without which another class is the most
	// probable than with all; Sufficient the smallest that alone gives the same class.
	// Of several of one size it is the one that does so most clearly.
	Decisive   Set `json:"decisive"`
	Sufficient Set `json:"sufficient"`
}

// ReadingsResult is Readings with what is needed to draw them.
type ReadingsResult struct {
	Segmentation *lime.Segmentation
	Readings     *Readings
	// Evaluation says how fields of some of the cells were evaluated.
	Evaluation engine.PerturbInfo
}

// Readings says what each cell reads as alone, and which of them the answer rests on.
// It needs a session of NewCells, removes what it hides, and takes nothing but the
// evaluation of samples where tables are there.
func (s *Session) Readings(ctx context.Context, threshold float64, progress Progress) (*ReadingsResult, error) {
	if !(threshold >= 0 && threshold <= 1) {
		return nil, fmt.Errorf("the threshold of a reading is %v; 0 to 1 is expected", threshold)
	}
	p, err := s.prepare(ctx, lime.RegionsCells, lime.QuickshiftOptions{}, lime.HideRemoved, progress)
	if err != nil {
		return nil, err
	}
	budget := searchBudget
	if s.seg.Count <= MaxExactCells {
		budget = 1 << s.seg.Count
	}
	r, err := readings(ctx, p.evaluator, s.seg.Count, threshold, budget, progress.at(Coalitions))
	if err != nil {
		return nil, err
	}
	return &ReadingsResult{s.seg, r, p.info}, nil
}

// searchBudget bounds the coalitions that each search for a smallest set of more than
// MaxExactCells cells goes through size by size, and again those by which it betters
// what steps found. It suffices for all sets of three of 22 cells and of two of 62.
const searchBudget = 2000

// readings asks about k cells.
func readings(ctx context.Context, e lime.Evaluator, k int, threshold float64, budget int, step func(done, total int)) (*Readings, error) {
	q := &questions{ctx: ctx, evaluator: e, k: k, threshold: threshold}
	// With all, with none, each alone, all without each.
	masks := make([][]uint8, 0, 2+2*k)
	masks = append(masks, slices.Repeat([]uint8{1}, k), make([]uint8, k))
	for _, shown := range []uint8{1, 0} {
		for i := range k {
			mask := slices.Repeat([]uint8{1 - shown}, k)
			mask[i] = shown
			masks = append(masks, mask)
		}
	}
	step(0, 3)
	answers, err := q.ask(masks)
	if err != nil {
		return nil, err
	}
	read := make([]Reading, len(answers))
	for i, logits := range answers {
		read[i] = q.reading(logits)
	}
	r := &Readings{Threshold: threshold, Whole: read[0], Empty: read[1], Tally: Tally{Cells: k}}
	for i := range k {
		cell := Cell{Cell: i, Alone: read[2+i], Without: read[2+k+i]}
		r.Cells = append(r.Cells, cell)
		if cell.Alone.Neither {
			r.Tally.Neither++
		} else {
			r.Tally.Classes[cell.Alone.Class]++
		}
	}
	step(1, 3)
	class := r.Whole.Class
	if r.Decisive, err = q.smallest(1, budget, 0, func(logits []float64) (bool, float64) {
		return top(logits) != int(class), -lead(logits, int(class))
	}); err != nil {
		return nil, err
	}
	step(2, 3)
	if r.Sufficient, err = q.smallest(0, budget, 1, func(logits []float64) (bool, float64) {
		return top(logits) == int(class), lead(logits, int(class))
	}); err != nil {
		return nil, err
	}
	step(3, 3)
	return r, nil
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

// questions asks an evaluator about pictures with some of k cells.
type questions struct {
	ctx       context.Context
	evaluator lime.Evaluator
	k         int
	threshold float64
}

// ask returns the logits of each mask.
func (q *questions) ask(masks [][]uint8) ([][]float64, error) {
	if err := q.ctx.Err(); err != nil {
		return nil, fmt.Errorf("reading the cells: %w", err)
	}
	if len(masks) == 0 {
		return nil, nil
	}
	classes := q.evaluator.Classes()
	all := make([]float64, len(masks)*classes)
	if err := q.evaluator.Logits(q.ctx, lime.Masks{N: len(masks), K: q.k, Bits: slices.Concat(masks...)}, all); err != nil {
		return nil, fmt.Errorf("reading the cells: %w", err)
	}
	answers := make([][]float64, len(masks))
	for i := range answers {
		answers[i] = all[i*classes:][:classes:classes]
		for class, z := range answers[i] {
			if !(z >= -lime.MaxLogit && z <= lime.MaxLogit) {
				return nil, fmt.Errorf("reading the cells: the network gave %v for class %s; a finite number is expected", z, model.Class(class))
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

// trial is a set of cells with what came of it.
type trial struct {
	cells  []int // ascending; nil: no trial
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

// smallest searches for the smallest set, of at least least cells, that does something
// when its cells have the bit shown in a mask and all others the opposite: judge says
// of logits whether and by how much. Sets are gone through size by size within the
// budget; beyond it one cell after another is added, the best each time, and what
// is found is made smaller while one cell can be left out or, within the budget
// once more, two be replaced by one.
func (q *questions) smallest(least, budget int, shown uint8, judge func(logits []float64) (bool, float64)) (Set, error) {
	// try returns the best of some sets, the first of equals.
	try := func(sets [][]int) (*trial, error) {
		var best *trial
		const block = 1024
		for from := 0; from < len(sets); from += block {
			part := sets[from:min(from+block, len(sets))]
			masks := make([][]uint8, len(part))
			for i, set := range part {
				masks[i] = slices.Repeat([]uint8{1 - shown}, q.k)
				for _, cell := range set {
					masks[i][cell] = shown
				}
			}
			answers, err := q.ask(masks)
			if err != nil {
				return nil, err
			}
			for i, logits := range answers {
				t := &trial{cells: part[i], logits: logits}
				if t.does, t.by = judge(logits); best == nil || t.better(best) {
					best = t
				}
			}
		}
		return best, nil
	}
	found := func(t *trial, proven bool, tried int) Set {
		s := Set{Found: t.does, Cells: []int{}, Proven: proven, Tried: tried}
		if t.does {
			r := q.reading(t.logits)
			s.Cells, s.Reading = append(s.Cells, t.cells...), &r
		}
		return s
	}

	var best *trial
	tried, spent := least-1, 0
	for size := least; size <= q.k; size++ {
		sets := choices(q.k, size, budget-spent)
		if sets == nil {
			break
		}
		spent += len(sets)
		t, err := try(sets)
		if err != nil {
			return Set{}, err
		}
		tried, best = size, t
		if t.does {
			return found(t, true, size), nil
		}
	}
	if tried == q.k {
		return found(best, true, tried), nil
	}

	if best == nil {
		best = new(trial)
	}
	for !best.does && len(best.cells) < q.k {
		t, err := try(extended(best.cells, q.k))
		if err != nil {
			return Set{}, err
		}
		best = t
	}
	if !best.does {
		return found(best, false, tried), nil
	}
	left := budget
	for len(best.cells) > tried+1 {
		t, err := try(shortened(best.cells))
		if err != nil {
			return Set{}, err
		}
		if !t.does {
			sets := exchanged(best.cells, q.k, left)
			left -= len(sets)
			if t, err = try(sets); err != nil {
				return Set{}, err
			}
		}
		if t == nil || !t.does {
			break
		}
		best = t
	}
	return found(best, len(best.cells) == tried+1, tried), nil
}

// choices are all sets of so many of k cells, in ascending order, or nil if they are
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

// extended are the sets with one more of k cells.
func extended(set []int, k int) (sets [][]int) {
	for cell := range k {
		if at, ok := slices.BinarySearch(set, cell); !ok {
			sets = append(sets, slices.Insert(slices.Clone(set), at, cell))
		}
	}
	return sets
}

// shortened are the sets with one cell less.
func shortened(set []int) (sets [][]int) {
	for i := range set {
		sets = append(sets, slices.Delete(slices.Clone(set), i, i+1))
	}
	return sets
}

// exchanged are the sets with another of k cells in place of two, or none if they are
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
	return !slices.ContainsFunc(part, func(cell int) bool { return !slices.Contains(whole, cell) })
}
