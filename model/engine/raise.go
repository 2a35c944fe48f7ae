package engine

// raise computes the vectors of level i+1 from those of level i. It calls step
// after each row with the multiply-adds done.
func (p *tablePlan) raise(i int, in []float32, step func(work int64) error) ([]float32, error) {
	l, colours := &p.levels[i+1], len(p.colours)
	out := make([]float32, l.vectors*l.channels)
	windows := make([]int32, max(l.rowVectors(), colours)*window*window)
	for c := range colours {
		for j := range window * window {
			windows[c*window*window+j] = int32(c)
		}
	}
	r := p.raiser(i, in)
	work := r.begin() + r.outputs(out[:colours*l.channels], windows[:colours*window*window])
	states := make([]int32, 1<<maxSet)
	for y := range l.h {
		shift, prepared := r.row(y)
		n := 0
		for x := range l.w {
			n += p.fillWindows(windows[n*window*window:], &p.levels[i], l, y, x, &shift, states)
		}
		work += prepared + r.outputs(out[int(l.row[y])*l.channels:][:n*l.channels], windows[:n*window*window])
		if err := step(work); err != nil {
			return nil, err
		}
		work = 0
	}
	return out, nil
}

// raiser computes vectors of a level from those of the level below, row by row. All of its functions but row tell
// the multiply-adds done, and row does so beside.
type raiser interface {
	// begin prepares the vectors of the uniform colours.
	begin() int64
	// row prepares the rows of the level below that row y depends on, and tells how far from its own number each vector
	// of each of the four stands in what outputs is given.
	row(y int) (shift [window]int32, work int64)
	// outputs computes a vector of each window, [n][4][4].
	outputs(out []float32, windows []int32) int64
}

func (p *tablePlan) raiser(i int, in []float32) raiser {
	if p.levels[i+1].byWindows {
		return &byWindows{conv: &p.net.convs[i], in: in, scratch: make([]float32, p.net.convs[i].scratch())}
	}
	below, tap := &p.levels[i], &p.taps[i]
	t := &byTaps{tap: tap, below: below, in: in, colours: len(p.colours), band: below.bandVectors()}
	t.products = make([]float32, (t.colours+2*t.band)*9*tap.out)
	return t
}

// byWindows convolves each vector's window anew.
type byWindows struct {
	conv        *convLayer
	in, scratch []float32
}

func (w *byWindows) begin() int64 { return 0 }

func (w *byWindows) row(int) (shift [window]int32, work int64) { return shift, 0 }

func (w *byWindows) outputs(out []float32, windows []int32) int64 {
	winogradWindows(out, w.in, windows, w.conv.in, w.conv.transformed, w.conv.bias, w.scratch)
	return windowsWork(len(windows)/(window*window), w.conv.in, w.conv.out)
}

// windowsWork is the multiply-adds of n vectors by windows.
func windowsWork(n, in, out int) int64 { return int64(n) * int64(winogradTerms*in*out) }

// byTaps adds up tap products of the vectors below: first those of the uniform colours, then of two bands. Rows 2b and
// 2b+1 of the level below make band b, which stands at b%2.
type byTaps struct {
	tap           *tapLayer
	below         *level
	in, products  []float32
	colours, band int
}

func (t *byTaps) multiply(at int, from, to int32) int64 {
	product(t.products[at*9*t.tap.out:], t.in[int(from)*t.tap.in:], int(to-from), t.tap.in, t.tap.weight, t.tap.zero, false)
	return int64(to-from) * int64(t.tap.in*9*t.tap.out)
}

func (t *byTaps) place(b int) int { return t.colours + b%2*t.band }

func (t *byTaps) multiplyBand(b int) int64 {
	return t.multiply(t.place(b), t.below.row[2*b], t.below.row[2*b+2])
}

func (t *byTaps) begin() int64 { return t.multiply(0, 0, int32(t.colours)) + t.multiplyBand(0) }

func (t *byTaps) row(y int) (shift [window]int32, work int64) {
	work = t.multiplyBand(y + 1)
	for dy := range shift {
		b := y + dy/2
		shift[dy] = int32(t.place(b)) - t.below.row[2*b]
	}
	return shift, work
}

func (t *byTaps) outputs(out []float32, windows []int32) int64 {
	assemble(out, t.products, windows, t.tap.bias)
	return int64(len(windows)/(window*window)) * int64(36*t.tap.out)
}

// fillWindows writes the windows of position (y, x)'s own vectors, [n][4][4]
// places in the tap products, and returns n.
func (p *tablePlan) fillWindows(windows []int32, below, l *level, y, x int, shift *[window]int32, states []int32) int {
	set := l.set[y*l.w+x]
	count, colours := p.sets.states(set), len(p.colours)
	skip := p.ownFrom(l, y*l.w+x)
	last := int32(-1)
	for dy := range window {
		for dx := range window {
			i := (2*y+dy)*below.w + 2*x + dx
			part := below.set[i]
			if part != last {
				p.sets.project(set, part, states[:count])
				last = part
			}
			first, hidden := below.first[i]+shift[dy], below.hidden[i]
			if int(hidden) >= colours {
				hidden += shift[dy]
			}
			at := dy*window + dx
			for _, s := range states[skip:count] {
				v := hidden
				if s != 0 {
					v = first + s
				}
				windows[at] = v
				at += window * window
			}
		}
	}
	return count - skip
}
