package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// The table method. A position of a feature map sees the k superpixels that its
// receptive field meets, so it takes at most 2^k values ("states"), each a
// vector over channels. One level of vectors gives the next:
//
//	pixels ─▶ pool 1 ─▶ pool 2 ─▶ pool 3 ─▶ tables ─▶ any mask's pooled features
//
// A pooled position depends on 4x4 positions of the level below. For the first
// level these are pixels: each state's 4x4 patch is drawn and convolved, but for
// the states in which all is shown, which one ordinary pass over the picture
// gives. For the further levels all distinct vectors of the level below are
// multiplied once by the weights of the nine taps, a plain matrix product; each
// state of the pooled position then adds up looked-up tap products (kernel
// assemble). Only four rows of tap products are ever held. Or each state's window is
// convolved as an ordinary pass does it (kernel winogradWindows), where that takes
// fewer multiplications: where positions have few states.
//
// When all superpixels that a position meets are hidden behind one colour, and
// what else it sees has that colour too, it sees a uniform picture: such vectors
// are shared, one for each colour.
//
// At the end, global average pooling is a sum over the positions of the last
// level. Positions are grouped by maximal sets of superpixels, and each set
// gets a table: the sum of its positions' vectors for each state of the set. A
// mask's pooled features are the sum of one row of each table.

// level is a plan of the vectors of one feature map, restricted to the
// positions that the output depends on.
type level struct {
	h, w, channels int
	set            []int32 // [h][w], the superpixels that a position meets
	colour         []int32 // [h][w], of the uniform picture that a position sees when they are hidden, or -1
	first          []int32 // [h][w], the vector of state s > 0 is number first+s
	hidden         []int32 // [h][w], the vector of state 0
	row            []int32 // [h+1], the first vector of each row's own
	vectors        int     // the first ones are those of the uniform colours
	byWindows      bool    // how they are computed, see raiser
}

// tablePlan is everything known before the arithmetic starts.
type tablePlan struct {
	net     *Network
	taps    []tapLayer
	picture maskedInput
	sets    *labelSets
	colours []uint16  // for each distinct hiding colour, a superpixel that has it
	levels  []level   // pixels (of which only sets and colours are used), then one for each convolution
	groups  []int32   // maximal sets of the last level
	cells   [][]int32 // for each group, the positions of the last level
	offsets []int32   // for each group, its first row in the tables; one more for the end
	peak    int64     // bytes
	work    int64     // multiply-adds
}

// tooMuchError says why the table method was not used.
type tooMuchError string

func (e tooMuchError) Error() string { return string(e) }

// planTables enumerates all vectors. It returns a tooMuchError if building the
// tables would take more than limit bytes.
func (n *Network) planTables(picture maskedInput, limit int64) (*tablePlan, error) {
	if limit < 0 {
		return nil, tooMuchError("direct evaluation was asked for")
	}
	p := &tablePlan{net: n, taps: n.taps(), levels: make([]level, len(n.convs)+1), picture: picture}
	// Sizes, from the output down to the pixels that it depends on.
	last := n.convs[len(n.convs)-1]
	h, w := last.ph, last.pw
	for i := len(n.convs); i >= 0; i-- {
		p.levels[i].h, p.levels[i].w = h, w
		h, w = 2*h+2, 2*w+2
	}
	p.layPixels()
	for i := range p.taps {
		p.levels[i+1].channels = p.taps[i].out
		if err := p.lay(&p.levels[i+1], &p.levels[i], limit); err != nil {
			return nil, err
		}
		p.account(i)
	}
	if err := p.group(limit); err != nil {
		return nil, err
	}
	if p.peak > limit {
		return nil, tooMuchError(fmt.Sprintf("tables would take %d MiB, more than the limit of %d", p.peak>>20, limit>>20))
	}
	return p, nil
}

// layPixels makes level 0, where each position meets one superpixel or none, and
// finds the distinct hiding colours.
func (p *tablePlan) layPixels() {
	c, width := p.net.Channels(), p.net.Width()
	hidden := p.picture.hidden
	colours := make([]int32, len(hidden)/c)
	number := map[string]int32{}
	for i := range colours {
		key := fmt.Sprint(hidden[i*c:][:c])
		if _, ok := number[key]; !ok {
			number[key] = int32(len(number))
			p.colours = append(p.colours, uint16(i))
		}
		colours[i] = number[key]
	}
	p.sets = newLabelSets(len(colours))
	empty := int32(-1) // no set of this kind yet
	l := &p.levels[0]
	l.set, l.colour = make([]int32, l.h*l.w), make([]int32, l.h*l.w)
	input := p.picture.input
	var last []float32 // the colour of a pixel that is never hidden: its neighbour's is often the same
	known := int32(-1) // which hiding colour that is
	for y := range l.h {
		labels := p.picture.labels[y*width:][:l.w]
		sets, named := l.set[y*l.w:][:l.w], l.colour[y*l.w:][:l.w]
		for x, label := range labels {
			if int(label) < len(colours) {
				sets[x], named[x] = int32(label), colours[label]
				continue
			}
			if empty < 0 {
				empty = p.sets.add(nil)
			}
			colour := input[(y*width+x)*c:][:c]
			if last == nil || !slices.Equal(colour, last) {
				last, known = colour, int32(slices.IndexFunc(p.colours, func(superpixel uint16) bool {
					return slices.Equal(colour, hidden[int(superpixel)*c:][:c])
				}))
			}
			sets[x], named[x] = empty, known
		}
	}
}

func (l *level) alloc() {
	l.set, l.colour = make([]int32, l.h*l.w), make([]int32, l.h*l.w)
	l.first, l.hidden = make([]int32, l.h*l.w), make([]int32, l.h*l.w)
	l.row = make([]int32, l.h+1)
}

// windowOf is what a map of the level below, of width w, has at the 4x4 positions on
// which position (y, x) depends, row by row.
func windowOf(values []int32, w, y, x int) (rows [window][]int32) {
	for dy := range rows {
		at := (2*y+dy)*w + 2*x
		rows[dy] = values[at : at+window : at+window]
	}
	return rows
}

// common is the value that all have, or -1.
func common(rows *[window][]int32) int32 {
	v := rows[0][0]
	for _, row := range rows {
		four := (*[window]int32)(row)
		if four[0] != v || four[1] != v || four[2] != v || four[3] != v {
			return -1
		}
	}
	return v
}

// lay enumerates the vectors of a level from the level below.
func (p *tablePlan) lay(l, below *level, limit int64) error {
	l.alloc()
	next := int64(len(p.colours))
	for y := range l.h {
		l.row[y] = int32(next)
		for x := range l.w {
			i := y*l.w + x
			sets := windowOf(below.set, below.w, y, x)
			set := common(&sets)
			if set < 0 {
				var ok bool
				if set, ok = p.sets.union(&sets); !ok {
					return tooMuchError(fmt.Sprintf("a position meets more than %d superpixels", maxSet))
				}
			}
			l.set[i] = set
			colours := windowOf(below.colour, below.w, y, x)
			l.colour[i] = common(&colours)
			if colour := l.colour[i]; colour >= 0 {
				l.hidden[i], l.first[i] = colour, int32(next-1)
			} else {
				l.hidden[i], l.first[i] = int32(next), int32(next)
			}
			next = int64(l.first[i]) + int64(p.sets.states(set))
		}
		if bytes := next * int64(l.channels) * 4; bytes > limit || next > math.MaxInt32/2 {
			return tooMuchError(fmt.Sprintf("a feature map takes more than %d MiB of distinct values", limit>>20))
		}
	}
	l.vectors = int(next)
	l.row[l.h] = int32(next)
	return nil
}

// bandVectors is the largest number of vectors that two rows of a level have,
// an even row and the next.
func (l *level) bandVectors() int {
	most := 0
	for y := 0; y < l.h; y += 2 {
		most = max(most, int(l.row[y+2]-l.row[y]))
	}
	return most
}

// rowVectors is the largest number of vectors that a row of a level has.
func (l *level) rowVectors() int {
	most := 0
	for y := range l.h {
		most = max(most, int(l.row[y+1]-l.row[y]))
	}
	return most
}

// account adds the memory and work of convolution i to the plan's.
func (p *tablePlan) account(i int) {
	below, l, tap := &p.levels[i], &p.levels[i+1], &p.taps[i]
	numbers := l.vectors * l.channels
	if i > 0 {
		taps := int64(below.vectors)*int64(tap.in*9*tap.out) + int64(l.vectors)*int64(36*tap.out)
		windows := windowsWork(l.vectors, tap.in, tap.out)
		l.byWindows = p.net.convs[i].transformed != nil && windows < taps
		numbers += below.vectors*below.channels + l.rowVectors()*window*window
		if l.byWindows {
			p.work += windows
		} else {
			numbers += (len(p.colours) + 2*below.bandVectors()) * 9 * tap.out
			p.work += taps
		}
	} else {
		numbers += l.h * l.w * l.channels
		copied := 0
		for at := range l.set {
			if !p.uniform(l, at) {
				copied++
			}
		}
		p.work += p.pixelWork(l.h*l.w) + p.pixelWork(l.vectors-copied)
	}
	p.peak = max(p.peak, 4*int64(numbers))
}

// pixelWork is the multiply-adds of n pooled outputs of the first convolution.
func (p *tablePlan) pixelWork(n int) int64 {
	return int64(n) * int64(4*9*p.taps[0].in*p.taps[0].out)
}

// group finds the maximal sets of the last level and lays out their tables.
func (p *tablePlan) group(limit int64) error {
	l := &p.levels[len(p.levels)-1]
	seen := make([]int32, p.sets.count()) // 1 + place in distinct
	var distinct []int32
	for _, set := range l.set {
		if seen[set] == 0 {
			distinct = append(distinct, set)
			seen[set] = int32(len(distinct))
		}
	}
	groups, place := p.sets.maximal(distinct)
	p.groups, p.cells = groups, make([][]int32, len(groups))
	for i, set := range l.set {
		g := place[seen[set]-1]
		p.cells[g] = append(p.cells[g], int32(i))
	}
	rows := int64(0)
	for g, set := range groups {
		p.offsets = append(p.offsets, int32(rows))
		rows += int64(p.sets.states(set))
		if rows*int64(l.channels)*4 > limit {
			return tooMuchError(fmt.Sprintf("tables would take more than the limit of %d MiB", limit>>20))
		}
		p.work += int64(p.sets.states(set)) * int64(len(p.cells[g])*l.channels)
	}
	p.offsets = append(p.offsets, int32(rows))
	p.peak = max(p.peak, 4*(rows+int64(l.vectors))*int64(l.channels))
	return nil
}

func (p *tablePlan) info() PerturbInfo {
	info := PerturbInfo{Method: Tables, PeakBytes: p.peak, Lookups: len(p.groups),
		Passes: float64(p.work) / float64(p.net.MultiplyAdds())}
	last := p.levels[len(p.levels)-1]
	info.Bytes = 4 * int64(p.offsets[len(p.groups)]) * int64(last.channels)
	for _, l := range p.levels[1:] {
		info.Vectors += l.vectors
	}
	for _, set := range p.groups {
		info.Meets = max(info.Meets, len(p.sets.of(set)))
	}
	return info
}

// build does the arithmetic of a plan.
func (p *tablePlan) build(ctx context.Context, progress func(done, total int64)) (*tables, error) {
	var done int64
	step := func(work int64) error {
		done += work
		if progress != nil {
			progress(done, p.work)
		}
		return ctx.Err()
	}
	vectors, err := p.raisePixels(step)
	for i := 1; i < len(p.taps) && err == nil; i++ {
		vectors, err = p.raise(i, vectors, step)
	}
	if err != nil {
		return nil, err
	}
	t, err := p.merge(vectors, step)
	if err != nil {
		return nil, err
	}
	t.shown = p.shownMap(vectors)
	return t, nil
}

// raisePixels computes the vectors of level 1. It calls step now and then with
// the multiply-adds done.
func (p *tablePlan) raisePixels(step func(work int64) error) ([]float32, error) {
	l, conv, c, width := &p.levels[1], p.net.convs[0], p.net.Channels(), p.net.Width()
	out := make([]float32, l.vectors*conv.out)

	shown := make([]float32, conv.ph*conv.pw*conv.out)
	convReLUPool(shown, p.picture.input, conv.h, conv.w, c, conv.weight, conv.bias)
	if err := step(p.pixelWork(l.h * l.w)); err != nil {
		return nil, err
	}

	patch := make([]float32, window*window*c)
	convolve := func(vector int) {
		convReLUPool(out[vector*conv.out:][:conv.out], patch, window, window, c, conv.weight, conv.bias)
	}
	for i, superpixel := range p.colours {
		for at := range window * window {
			copy(patch[at*c:], p.picture.hidden[int(superpixel)*c:][:c])
		}
		convolve(i)
	}
	drawn := len(p.colours)
	bit := make([]int32, len(p.picture.hidden)/c) // of each superpixel, in a state of the set at hand
	for y := range l.h {
		for x := range l.w {
			i := y*l.w + x
			if p.uniform(l, i) {
				continue
			}
			first, all := int(l.first[i]), p.sets.states(l.set[i])-1
			copy(out[(first+all)*conv.out:][:conv.out], shown[(y*conv.pw+x)*conv.out:])
			for j, label := range p.sets.of(l.set[i]) {
				bit[label] = 1 << j
			}
			for state := p.ownFrom(l, i); state < all; state++ {
				for at := range window * window {
					pixel := (2*y+at/window)*width + 2*x + at%window
					label := int(p.picture.labels[pixel])
					from := p.picture.input[pixel*c:]
					if label < len(bit) && int32(state)&bit[label] == 0 {
						from = p.picture.hidden[label*c:]
					}
					copy(patch[at*c:][:c], from)
				}
				convolve(first + state)
				drawn++
			}
		}
		if err := step(p.pixelWork(drawn)); err != nil {
			return nil, err
		}
		drawn = 0
	}
	return out, nil
}

// uniform tells whether position i of a level sees a uniform picture whatever is
// shown: no superpixel, only pixels of one hiding colour. It has no vector of its own.
func (p *tablePlan) uniform(l *level, i int) bool {
	return l.colour[i] >= 0 && p.sets.states(l.set[i]) == 1
}

// ownFrom is the first state of position i of a level that has a vector of its
// own: 1 where the vector of state 0 is shared.
func (p *tablePlan) ownFrom(l *level, i int) int {
	if int(l.hidden[i]) < len(p.colours) {
		return 1
	}
	return 0
}

// tables holds, for each group of positions of the last feature map, the sum
// of their vectors for each state of the superpixels that they meet.
type tables struct {
	rows    []float32 // [any][channels]
	members [][]uint16
	offsets []int32   // first row of each group
	shown   []float32 // the last feature map with everything shown
}

// merge adds up the vectors of the last level.
func (p *tablePlan) merge(vectors []float32, step func(work int64) error) (*tables, error) {
	l := &p.levels[len(p.levels)-1]
	t := &tables{
		rows:    make([]float32, int(p.offsets[len(p.groups)])*l.channels),
		offsets: p.offsets[:len(p.groups)],
	}
	states := make([]int32, 1<<maxSet)
	for g, set := range p.groups {
		t.members = append(t.members, p.sets.of(set))
		cells, count := p.cells[g], p.sets.states(set)
		index := make([]int32, count*len(cells)) // [states][cells]
		for i, cell := range cells {
			p.sets.project(set, l.set[cell], states)
			for s, state := range states[:count] {
				v := l.hidden[cell]
				if state != 0 {
					v = l.first[cell] + state
				}
				index[s*len(cells)+i] = v
			}
		}
		for s := range count {
			row := t.rows[(int(t.offsets[g])+s)*l.channels:][:l.channels]
			averageRows(row, vectors, index[s*len(cells):][:len(cells)], 1)
		}
		if err := step(int64(count * len(cells) * l.channels)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// features looks up the pooled features of one mask; rows is room for a row of
// each group.
func (t *tables) features(out []float32, mask []uint8, rows []int32, pooled float32) {
	for g, members := range t.members {
		row := t.offsets[g]
		for j, l := range members {
			row += int32(mask[l]) << j
		}
		rows[g] = row
	}
	averageRows(out, t.rows, rows, pooled)
}

// logits looks up the pooled features of up to batch masks and runs the dense
// layers on them.
func (t *tables) logits(n *Network, r *lookups, masks int, bits []uint8, out []float64) {
	k, classes := len(bits)/masks, n.Classes()
	for i := range masks {
		t.features(r.dense.input(i), bits[i*k:][:k], r.rows, float32(n.pooled))
	}
	logits := r.dense.run(masks)
	stride := len(logits) / masks
	for i := range masks {
		for j, v := range logits[i*stride:][:classes] {
			out[i*classes+j] = float64(v)
		}
	}
}

// lookups are the buffers that evaluating masks by tables takes.
type lookups struct {
	dense *denseRun
	rows  []int32 // of each group, the row of the mask at hand
}

func (t *tables) newLookups(n *Network) *lookups {
	return &lookups{n.newDenseRun(batch), make([]int32, len(t.members))}
}
