package onnxrun

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"allnet/model/onnx"
)

// node is an operator that is being turned into a step.
type node struct {
	*onnx.Node
	opset int
	net   *Network
	// in are the inputs, nil where one is left out.
	in []*value
	// out is the result and run computes it; run is nil where there is nothing to
	// compute.
	out *value
	run kernel
	// known are the attributes that were looked at.
	known map[string]bool
}

// operator is how one kind of node is read: how many inputs it takes, and what
// builds it. build sets out, and run where there is something to compute.
type operator struct {
	least, most int
	build       func(n *node) error
}

var operators map[string]operator

func init() {
	const any = 1 << 30
	operators = map[string]operator{
		"Conv":               {2, 3, conv},
		"BatchNormalization": {5, 5, batchNormalization},
		"MaxPool":            {1, 1, maxPool},
		"AveragePool":        {1, 1, averagePool},
		"GlobalAveragePool":  {1, 1, globalPool},
		"GlobalMaxPool":      {1, 1, globalPool},
		"ReduceMean":         {1, 2, reduceMean},
		"Gemm":               {2, 3, gemm},
		"MatMul":             {2, 2, matMul},
		"Softmax":            {1, 1, softmax},
		"Concat":             {1, any, concat},
		"Flatten":            {1, 1, flatten},
		"Reshape":            {2, 2, reshape},
		"Squeeze":            {1, 2, squeeze},
		"Unsqueeze":          {1, 2, unsqueeze},
		"Transpose":          {1, 1, transpose},
		"Slice":              {1, 5, slice},
		"Pad":                {1, 4, pad},
		"Identity":           {1, 1, identity},
		"Dropout":            {1, 3, identity},
		"Cast":               {1, 1, cast},
		"Constant":           {0, 0, constantNode},
		"ConstantOfShape":    {1, 1, constantOfShape},
		"Shape":              {1, 1, shape},
		"Gather":             {2, 2, gather},
		"Clip":               {1, 3, clip},
	}
	for name := range unary {
		operators[name] = operator{1, 1, elementwise}
	}
	for name := range binary {
		operators[name] = operator{2, 2, arithmetic}
	}
}

// build finds the node's inputs among values, builds it, and adds its result to
// values.
func (n *node) build(values map[string]*value) error {
	op, ok := operators[n.Op]
	if !ok || (n.Domain != "" && n.Domain != "ai.onnx") {
		return fmt.Errorf("it is not among the operators that are known: %v", slices.Sorted(maps.Keys(operators)))
	}
	for _, name := range n.Inputs {
		v := values[name]
		if name != "" && v == nil {
			return fmt.Errorf("it reads %q, which nothing before it computes", name)
		}
		n.in = append(n.in, v)
	}
	if len(n.in) < op.least || len(n.in) > op.most || slices.Contains(n.in[:op.least], nil) || len(n.Outputs) == 0 {
		return fmt.Errorf("it has the inputs %q and outputs %q; expected at least %d inputs and an output", n.Inputs, n.Outputs, op.least)
	}
	if err := op.build(n); err != nil {
		return err
	}
	for name := range n.Attributes {
		if !n.known[name] {
			return fmt.Errorf("it has the attribute %s, which is not known", name)
		}
	}
	values[n.Outputs[0]] = n.out // others, such as Dropout's mask, are not computed
	if n.run != nil {
		n.add()
	}
	return nil
}

// add makes a step of the node, or computes it now where all its inputs are
// constants.
func (n *node) add() {
	folded := true
	for _, v := range n.in {
		folded = folded && (v == nil || v.constant())
	}
	if !folded {
		n.net.steps = append(n.net.steps, step{in: n.in, out: n.out, run: n.run})
		return
	}
	in := make([][]float32, len(n.in))
	for i, v := range n.in {
		switch {
		case v != nil && v.whole:
			in[i] = converted[float32](v.ints)
		case v != nil:
			in[i] = v.numbers()
		}
	}
	n.out.data = make([]float32, elements(n.out.dims))
	n.run(new(scratch), n.out.data, in)
	// What whole numbers are moved or joined are shapes and widths, which float32
	// holds exactly.
	if n.out.whole = len(n.in) > 0 && n.in[0].whole; n.out.whole {
		n.out.data, n.out.ints = nil, converted[int](n.out.data)
	}
}

// compute sets the node's result: dims, filled by run.
func (n *node) compute(dims []int, run kernel) error {
	total := 1
	for _, d := range dims {
		if d <= 0 || total > maxElements/d {
			return fmt.Errorf("its result would have shape %v; expected positive sizes and at most %d numbers", dims, maxElements)
		}
		total *= d
	}
	n.out, n.run = &value{dims: dims}, run
	return nil
}

// view sets the node's result to the numbers of v in another shape.
func (n *node) view(v *value, dims []int) error {
	if slices.Contains(dims, 0) || elements(dims) != elements(v.dims) {
		return fmt.Errorf("it makes %v of %v; expected as many numbers", dims, v.dims)
	}
	n.out = &value{dims: dims, source: v, whole: v.whole, ints: v.ints, softmax: v.softmax}
	return nil
}

// list sets the node's result to whole numbers.
func (n *node) list(dims []int, ints []int) error {
	n.out = &value{dims: dims, ints: ints, whole: true}
	return nil
}

func (n *node) int(name string, otherwise int) int {
	n.known[name] = true
	if a, ok := n.Attributes[name]; ok {
		return int(a.Int)
	}
	return otherwise
}

func (n *node) float(name string, otherwise float32) float32 {
	n.known[name] = true
	if a, ok := n.Attributes[name]; ok {
		return a.Float
	}
	return otherwise
}

// ints returns a list of count whole numbers, each otherwise where there is none.
func (n *node) ints(name string, count, otherwise int) ([]int, error) {
	n.known[name] = true
	a, ok := n.Attributes[name]
	if !ok {
		return slices.Repeat([]int{otherwise}, count), nil
	}
	if len(a.Ints) != count {
		return nil, fmt.Errorf("its attribute %s is %v; expected %d numbers", name, a.Ints, count)
	}
	return toInts(a.Ints), nil
}

// input returns an input that may be left out.
func (n *node) input(i int) *value {
	if i < len(n.in) {
		return n.in[i]
	}
	return nil
}

// list of whole numbers that older operator sets have as an attribute and newer
// ones as input i; ok tells whether either is there.
func (n *node) wholeNumbers(name string, i int) (ints []int, ok bool, err error) {
	n.known[name] = true
	if a, has := n.Attributes[name]; has {
		return toInts(a.Ints), true, nil
	}
	v := n.input(i)
	if v == nil {
		return nil, false, nil
	}
	if !v.whole {
		return nil, false, fmt.Errorf("its %s are no constant whole numbers", name)
	}
	return v.ints, true, nil
}

// ignore names attributes that change nothing here.
func (n *node) ignore(names ...string) {
	for _, name := range names {
		n.known[name] = true
	}
}

// weights returns input i, which must be a constant of the given rank.
func (n *node) weights(i, rank int) (*value, error) {
	v := n.input(i)
	if v == nil || v.whole || !v.constant() || len(v.dims) != rank {
		return nil, fmt.Errorf("its input %d is no constant with %d dimensions", i+1, rank)
	}
	n.net.count(v)
	return v, nil
}

// perChannel returns input i, which must be a constant of one number a channel.
func (n *node) perChannel(i, channels int) ([]float32, error) {
	v := n.input(i)
	if v == nil || !v.constant() || !slices.Equal(v.dims, []int{channels}) || v.whole {
		return nil, fmt.Errorf("its input %d is no constant of %d numbers", i+1, channels)
	}
	return v.numbers(), nil
}

// picture checks that the first input is [1][channels][h][w].
func (n *node) picture() (dims []int, err error) {
	v := n.in[0]
	if v.whole || len(v.dims) != 4 || v.dims[0] != 1 {
		return nil, fmt.Errorf("its input has shape %v; expected [1 channels height width]", v.dims)
	}
	return v.dims, nil
}

var errWhole = errors.New("it is given whole numbers where float32 is expected")

// axis returns the attribute axis within rank; negative numbers count from the end.
func (n *node) axis(otherwise, rank int) (int, error) {
	return within(n.int("axis", otherwise), rank)
}

func within(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("it has axis %d; expected one of %d", axis, rank)
	}
	return (axis + rank) % rank, nil
}
