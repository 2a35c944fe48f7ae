package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"allnet/lime"
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
	Decisive   CellSet `json:"decisive"`
	Sufficient CellSet `json:"sufficient"`
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
	r, err := readings(ctx, p.evaluator, s.seg.Count, threshold, cellsBudget(s.seg.Count), progress.at(Coalitions))
	if err != nil {
		return nil, err
	}
	if threshold == DefaultThreshold {
		set := Set(r.Decisive)
		p.decisive = &set
	}
	return &ReadingsResult{s.seg, r, p.info()}, nil
}

// searchBudget bounds the coalitions that each search for a smallest set of more than
// MaxExactCells cells goes through size by size, and again those by which it betters
// what steps found. It suffices for all sets of three of 22 cells and of two of 62.
const searchBudget = 2000

// cellsBudget is the budget of a search among k cells.
func cellsBudget(k int) int {
	if k <= MaxExactCells {
		return 1 << k
	}
	return searchBudget
}

// readings asks about k cells.
func readings(ctx context.Context, e lime.Evaluator, k int, threshold float64, budget int, step func(done, total int)) (*Readings, error) {
	q := &questions{ctx: ctx, evaluator: e, k: k, threshold: threshold, doing: "reading the cells"}
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
	for i, of := range []struct {
		set    *CellSet
		search search
	}{{&r.Decisive, decisive(r.Whole.Class)}, {&r.Sufficient, sufficient(r.Whole.Class)}} {
		of.search.budget = budget
		set, err := q.smallest(of.search)
		if err != nil {
			return nil, err
		}
		*of.set = CellSet(set)
		step(2+i, 3)
	}
	return r, nil
}
