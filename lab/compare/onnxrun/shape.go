package onnxrun

import (
	"fmt"
	"slices"
)

func identity(n *node) error {
	n.ignore("ratio", "seed", "is_test")
	if training := n.input(2); training != nil && !training.constant() {
		return fmt.Errorf("its training mode is computed; expected inference")
	}
	return n.view(n.in[0], n.in[0].dims)
}

// cast lets numbers of one kind be that kind. Half precision is computed in float32.
func cast(n *node) error {
	const float32Type, int32Type, int64Type, float16Type = 1, 6, 7, 10
	to := n.int("to", 0)
	if whole := to == int32Type || to == int64Type; whole != n.in[0].whole || (!whole && to != float32Type && to != float16Type) {
		return fmt.Errorf("it turns numbers into data type %d, which is not known here", to)
	}
	return n.view(n.in[0], n.in[0].dims)
}

func constantNode(n *node) error {
	n.ignore("value", "value_float", "value_int", "value_ints")
	for name, a := range n.Attributes {
		switch name {
		case "value":
			if a.Tensor != nil {
				n.out = constant(*a.Tensor)
			}
		case "value_float":
			n.out = &value{data: []float32{a.Float}}
		case "value_int":
			return n.list(nil, []int{int(a.Int)})
		case "value_ints":
			return n.list([]int{len(a.Ints)}, toInts(a.Ints))
		}
	}
	if n.out == nil {
		return fmt.Errorf("it holds no number")
	}
	return nil
}

// constantOfShape builds the lists of zeros, or of another whole number, that
// exporters make widths from.
func constantOfShape(n *node) error {
	n.ignore("value")
	filled := n.Attributes["value"].Tensor
	want := n.in[0]
	if filled == nil || len(filled.Ints) != 1 || !want.whole || len(want.ints) != 1 || want.ints[0] < 0 || want.ints[0] > 64 {
		return fmt.Errorf("it is of shape %v; expected a short list of one whole number", want.ints)
	}
	return n.list(want.ints, slices.Repeat(toInts(filled.Ints), want.ints[0]))
}

func shape(n *node) error {
	return n.list([]int{len(n.in[0].dims)}, n.in[0].dims)
}

// gather picks elements of a list of whole numbers: what exporters do with shapes.
func gather(n *node) error {
	from, at := n.in[0], n.in[1]
	if _, err := n.axis(0, 1); err != nil || !from.whole || !at.whole || len(from.dims) != 1 {
		return fmt.Errorf("it picks from %v; expected constant whole numbers", from.dims)
	}
	var picked []int
	for _, i := range at.ints {
		i, err := within(i, len(from.ints))
		if err != nil {
			return err
		}
		picked = append(picked, from.ints[i])
	}
	return n.list(at.dims, picked)
}

func concat(n *node) error {
	first := n.in[0]
	axis, err := n.axis(1, len(first.dims))
	if err != nil {
		return err
	}
	dims := slices.Clone(first.dims)
	dims[axis] = 0
	var ints []int
	for _, v := range n.in {
		if v == nil || v.whole != first.whole || len(v.dims) != len(dims) {
			return fmt.Errorf("its inputs are of unlike shapes")
		}
		rest := slices.Clone(v.dims)
		dims[axis] += rest[axis]
		rest[axis] = dims[axis]
		if !slices.Equal(rest, dims) {
			return fmt.Errorf("it joins shapes %v and %v, which do not fit together", first.dims, v.dims)
		}
		ints = append(ints, v.ints...)
	}
	if first.whole {
		return n.list(dims, ints)
	}
	outer, row := elements(dims[:axis]), elements(dims[axis:])
	parts := n.in
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		at := 0
		for k, part := range parts {
			size := elements(part.dims[axis:])
			for i := range outer {
				copy(out[i*row+at:], in[k][i*size:][:size])
			}
			at += size
		}
	})
}

func flatten(n *node) error {
	dims := n.in[0].dims
	axis := n.int("axis", 1)
	if axis != len(dims) {
		var err error
		if axis, err = within(axis, len(dims)); err != nil {
			return err
		}
	}
	return n.view(n.in[0], []int{elements(dims[:axis]), elements(dims[axis:])})
}

func reshape(n *node) error {
	x, want := n.in[0], n.in[1]
	if !want.whole {
		return fmt.Errorf("its shape is no constant")
	}
	if n.int("allowzero", 0) != 0 {
		return fmt.Errorf("it has allowzero, which is not known")
	}
	dims := slices.Clone(want.ints)
	open, rest := -1, 1
	for i, d := range dims {
		switch {
		case d == 0 && i < len(x.dims):
			dims[i] = x.dims[i]
		case d == -1 && open < 0:
			open = i
			continue
		case d <= 0:
			return fmt.Errorf("it makes %v of %v; expected positive sizes", want.ints, x.dims)
		}
		if rest > maxElements/dims[i] {
			return fmt.Errorf("it makes %v of %v; expected as many numbers", want.ints, x.dims)
		}
		rest *= dims[i]
	}
	if open >= 0 {
		dims[open] = elements(x.dims) / rest
	}
	return n.view(x, dims)
}

func squeeze(n *node) error {
	axes, given, err := n.wholeNumbers("axes", 1)
	if err != nil {
		return err
	}
	x := n.in[0]
	remove := make([]bool, len(x.dims))
	for i, d := range x.dims {
		remove[i] = !given && d == 1
	}
	for _, axis := range axes {
		if axis, err = within(axis, len(x.dims)); err != nil {
			return err
		}
		remove[axis] = true
	}
	var dims []int
	for i, d := range x.dims {
		if !remove[i] {
			dims = append(dims, d)
		}
	}
	return n.view(x, dims)
}

func unsqueeze(n *node) error {
	axes, _, err := n.wholeNumbers("axes", 1)
	if err != nil {
		return err
	}
	x := n.in[0]
	rank := len(x.dims) + len(axes)
	dims := make([]int, rank)
	for _, axis := range axes {
		if axis, err = within(axis, rank); err != nil {
			return err
		}
		dims[axis] = 1
	}
	rest := x.dims
	for i := range dims {
		if dims[i] == 0 {
			if len(rest) == 0 {
				return fmt.Errorf("it has the axes %v; expected each once", axes)
			}
			dims[i], rest = rest[0], rest[1:]
		}
	}
	return n.view(x, dims)
}

func transpose(n *node) error {
	x := n.in[0]
	order, err := n.ints("perm", len(x.dims), 0)
	if err != nil {
		return err
	}
	if _, given := n.Attributes["perm"]; !given {
		for i := range order {
			order[i] = len(order) - 1 - i
		}
	}
	from, seen := strides(x.dims, len(x.dims)), make([]bool, len(order))
	dims, steps := make([]int, len(order)), make([]int, len(order))
	for i, axis := range order {
		if axis < 0 || axis >= len(order) || seen[axis] {
			return fmt.Errorf("its perm is %v; expected each axis once", order)
		}
		seen[axis] = true
		dims[i], steps[i] = x.dims[axis], from[axis]
	}
	return n.pick(dims, 0, steps)
}

// pick builds an array of dims from the first input's numbers at the given steps.
func (n *node) pick(dims []int, start int, steps []int) error {
	last := len(dims) - 1
	if last < 0 {
		return n.view(n.in[0], dims)
	}
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		rows(dims, steps, steps, func(at, ix, _ int) {
			for i := range dims[last] {
				out[at+i] = in[0][start+ix+i*steps[last]]
			}
		})
	})
}

// slice builds a part of an array: along some axes, every step-th number between
// a start and an end, which may be negative and then count from the end.
func slice(n *node) error {
	x := n.in[0]
	var lists [4][]int
	for i, name := range []string{"starts", "ends", "axes", "steps"} {
		given := false
		var err error
		if lists[i], given, err = n.wholeNumbers(name, 1+i); err != nil {
			return err
		}
		for k := 0; !given && k < len(lists[0]); k++ { // axes in order, steps of one
			lists[i] = append(lists[i], map[string]int{"axes": k, "steps": 1}[name])
		}
		if len(lists[i]) != len(lists[0]) {
			return fmt.Errorf("it has %d starts, but %d %s", len(lists[0]), len(lists[i]), name)
		}
	}
	dims, from, start := slices.Clone(x.dims), strides(x.dims, len(x.dims)), 0
	for i, axis := range lists[2] {
		axis, err := within(axis, len(dims))
		if err != nil {
			return err
		}
		begin, end, step, size := lists[0][i], lists[1][i], lists[3][i], x.dims[axis]
		if step == 0 || step < -maxElements || step > maxElements {
			return fmt.Errorf("it has a step of %d", step)
		}
		// The first and the one past the last index that there are, in the step's direction.
		lowest, highest := 0, size
		if step < 0 {
			lowest, highest = -1, size-1
		}
		if begin < 0 {
			begin += size
		}
		if end < 0 && end+size >= lowest {
			end += size
		}
		begin, end = min(max(begin, lowest), highest), min(max(end, lowest), highest)
		dims[axis] = 0
		if step > 0 && end > begin {
			dims[axis] = (end - begin + step - 1) / step
		} else if step < 0 && begin > end {
			dims[axis] = (begin - end - step - 1) / -step
		}
		start += begin * from[axis]
		from[axis] *= step
	}
	return n.pick(dims, start, from)
}

// pad builds a border of one number; negative widths, which cut, are refused.
func pad(n *node) error {
	x := n.in[0]
	n.known["mode"] = true
	if mode := n.Attributes["mode"].Text; mode != "" && mode != "constant" {
		return fmt.Errorf("its mode is %q; expected constant", mode)
	}
	widths, _, err := n.wholeNumbers("pads", 1)
	if err != nil {
		return err
	}
	fill := n.float("value", 0)
	if v := n.input(2); v != nil {
		if !v.constant() || v.whole || elements(v.dims) != 1 {
			return fmt.Errorf("its value is no constant number")
		}
		fill = v.numbers()[0]
	}
	rank := len(x.dims)
	if x.whole || rank == 0 || len(widths) != 2*rank || n.input(3) != nil {
		return fmt.Errorf("it pads %v by %v; expected two widths for each axis", x.dims, widths)
	}
	dims, start, steps := make([]int, rank), 0, make([]int, rank)
	step := 1
	for i := rank - 1; i >= 0; i-- {
		if widths[i] < 0 || widths[rank+i] < 0 || widths[i] > maxElements || widths[rank+i] > maxElements {
			return fmt.Errorf("it pads by %v; expected no negative widths, and no larger ones than %d", widths, maxElements)
		}
		dims[i] = widths[i] + x.dims[i] + widths[rank+i]
		steps[i] = step
		start += widths[i] * step
		step *= dims[i]
	}
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		for i := range out {
			out[i] = fill
		}
		rows(x.dims, steps, steps, func(at, to, _ int) {
			copy(out[start+to:], in[0][at:][:x.dims[rank-1]])
		})
	})
}
