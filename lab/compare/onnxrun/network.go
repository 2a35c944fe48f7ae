// Package onnxrun runs classifiers of 224 x 224 pictures from ONNX files of any
// maker: feed-forward graphs of the operators that image classifiers are commonly
// built from, on one picture at a time, in float32. It is for comparisons; the
// project's own networks run on model/engine, which is faster and gives the same
// bits everywhere.
//
// Batches and shapes are fixed when a file is loaded, so that every shape is known
// before the first picture, and what does not fit together is refused then.
// Operator semantics are those of the ONNX operator documentation, opsets 7 to 22.
package onnxrun

import (
	"fmt"
	"slices"

	"allnet/model/onnx"
)

// Side is the width and height of the pictures.
const Side = 224

// maxElements bounds every array of a network, so that a damaged file cannot ask
// for more memory than there is.
const maxElements = 1 << 27

// Network is a classifier with its weights. It is immutable and safe for
// concurrent use.
type Network struct {
	// Parameters counts the learned numbers: constants of convolutions, dense layers
	// and normalisations (gain and shift, not the running statistics), and those of
	// more than one number that are added or multiplied.
	Parameters int64
	// MultiplyAdds counts those of one picture's convolutions and matrix products.
	MultiplyAdds int64
	// Classes is how many numbers the network answers.
	Classes int
	// Probabilities is set where the network ends in a softmax.
	Probabilities bool

	channelsLast  bool
	input, output *value
	steps         []step
	buffers       int             // of a session; the first is the input's
	counted       map[*value]bool // constants that are in Parameters already
}

// value is an array of the graph: a constant, or what a step computes.
type value struct {
	dims []int
	// data are the numbers of a constant; ints, where whole is set.
	data  []float32
	ints  []int
	whole bool
	// source is the value whose memory this one shares, another shape of it.
	source *value
	// softmax is set where the numbers are a softmax's.
	softmax bool
	// last is the index of the last step that reads the memory, buffer the memory's
	// number in a session.
	last, buffer int
}

func (v *value) constant() bool { return v.root().data != nil || v.whole }

func (v *value) root() *value {
	for v.source != nil {
		v = v.source
	}
	return v
}

// numbers are the contents of a constant.
func (v *value) numbers() []float32 { return v.root().data }

// kernel computes one operator's result from its inputs; an input that is left
// out is nil.
type kernel func(s *scratch, out []float32, in [][]float32)

type step struct {
	in  []*value
	out *value
	run kernel
}

// Load reads a network. It refuses, by name, operators, attributes and shapes that
// it does not know, and files that are no classifiers of one 224 x 224 RGB picture
// ([N][3][224][224] or [N][224][224][3], where N, and sizes left open, become
// 1 and 224).
func Load(file []byte) (*Network, error) {
	g, err := onnx.Parse(file)
	if err != nil {
		return nil, err
	}
	n, err := compile(g)
	if err != nil {
		return nil, fmt.Errorf("the network cannot be run: %w", err)
	}
	return n, nil
}

func compile(g *onnx.Graph) (*Network, error) {
	if g.Opset < 7 || g.Opset > 22 {
		return nil, fmt.Errorf("it uses ONNX operator set %d; expected 7 to 22", g.Opset)
	}
	net := &Network{counted: make(map[*value]bool)}
	if err := net.takeInput(g.Inputs); err != nil {
		return nil, err
	}
	if len(g.Outputs) != 1 {
		return nil, fmt.Errorf("it has %d outputs; expected one", len(g.Outputs))
	}
	values := map[string]*value{g.Inputs[0].Name: net.input}
	for name, t := range g.Initializers {
		values[name] = constant(t)
	}
	for i := range g.Nodes {
		n := node{Node: &g.Nodes[i], opset: int(g.Opset), net: net, known: make(map[string]bool)}
		if err := n.build(values); err != nil {
			return nil, fmt.Errorf("operator %s (%q): %w", n.Op, n.Name, err)
		}
	}
	if net.output = values[g.Outputs[0].Name]; net.output == nil {
		return nil, fmt.Errorf("nothing computes its output %q", g.Outputs[0].Name)
	}
	net.Classes = elements(net.output.dims)
	if net.output.constant() || net.Classes != slices.Max(append(net.output.dims, 1)) {
		return nil, fmt.Errorf("its output has shape %v; expected one row of numbers, one for each class", net.output.dims)
	}
	net.Probabilities = net.output.softmax
	net.plan()
	return net, nil
}

// takeInput fixes the sizes that the file leaves open.
func (net *Network) takeInput(inputs []onnx.Value) error {
	if len(inputs) != 1 || len(inputs[0].Dims) != 4 {
		return fmt.Errorf("its inputs are %v; expected one picture, [1 3 %d %d] or [1 %d %d 3]", inputs, Side, Side, Side, Side)
	}
	declared := inputs[0].Dims
	for _, dims := range [][]int{{1, 3, Side, Side}, {1, Side, Side, 3}} {
		channels, fits := slices.Index(dims, 3), true
		for i, d := range dims {
			fits = fits && (declared[i] == int64(d) || (declared[i] < 0 && i != channels))
		}
		if fits {
			net.input, net.channelsLast = &value{dims: dims}, channels == 3
			return nil
		}
	}
	return fmt.Errorf("its input has shape %v; expected [1 3 %d %d] or [1 %d %d 3]", declared, Side, Side, Side, Side)
}

func constant(t onnx.Tensor) *value {
	v := &value{dims: toInts(t.Dims), data: t.Data}
	if v.whole = t.Ints != nil || (t.Data == nil && slices.Contains(v.dims, 0)); v.whole {
		v.data, v.ints = nil, toInts(t.Ints)
	}
	return v
}

// count adds a constant to the parameters, once.
func (net *Network) count(v *value) {
	if v == nil {
		return
	}
	if v = v.root(); v.data != nil && !net.counted[v] {
		net.counted[v] = true
		net.Parameters += int64(len(v.data))
	}
}

// plan gives every computed value a buffer; a buffer is used again as soon as the
// last step that reads it is done.
func (net *Network) plan() {
	for i, s := range net.steps {
		for _, v := range s.in {
			if v != nil {
				v.root().last = i
			}
		}
	}
	net.output.root().last = len(net.steps)
	net.buffers = 1
	var free []int
	live := []*value{net.input}
	for i, s := range net.steps {
		if len(free) > 0 {
			s.out.buffer, free = free[len(free)-1], free[:len(free)-1]
		} else {
			s.out.buffer = net.buffers
			net.buffers++
		}
		live = append(live, s.out)
		live = slices.DeleteFunc(live, func(v *value) bool {
			done := v.last <= i && v != net.input
			if done {
				free = append(free, v.buffer)
			}
			return done
		})
	}
}

// scratch is working memory of kernels; what it holds means nothing between calls.
type scratch struct {
	padded, panel, square []float32
}

// room returns n elements of *memory, which grows where it must. They are not
// cleared.
func room(memory *[]float32, n int) []float32 {
	if cap(*memory) < n {
		*memory = make([]float32, n)
	}
	return (*memory)[:n]
}

// Session runs a network on one picture after another; it is not safe for
// concurrent use.
type Session struct {
	net     *Network
	buffers [][]float32
	scratch scratch
}

// NewSession returns a session; its memory grows with the first picture.
func (net *Network) NewSession() *Session {
	return &Session{net: net, buffers: make([][]float32, net.buffers)}
}

// Run classifies one picture, [Side][Side][3], and writes Classes numbers to out:
// probabilities, where the network ends in a softmax, or logits.
func (s *Session) Run(picture []float32, out []float32) error {
	net := s.net
	if len(picture) != Side*Side*3 {
		return fmt.Errorf("the picture has %d values; expected %d x %d x 3", len(picture), Side, Side)
	}
	if len(out) != net.Classes {
		return fmt.Errorf("there is room for %d numbers; expected %d", len(out), net.Classes)
	}
	input := picture
	if !net.channelsLast {
		input = room(&s.buffers[0], len(picture))
		for i, v := range picture {
			input[i%3*Side*Side+i/3] = v
		}
	}
	content := func(v *value) []float32 {
		switch v = v.root(); {
		case v == net.input:
			return input
		case v.data != nil:
			return v.data
		default:
			return s.buffers[v.buffer][:elements(v.dims)]
		}
	}
	for _, step := range net.steps {
		in := make([][]float32, len(step.in))
		for i, v := range step.in {
			if v != nil && !v.whole {
				in[i] = content(v)
			}
		}
		step.run(&s.scratch, room(&s.buffers[step.out.buffer], elements(step.out.dims)), in)
	}
	copy(out, content(net.output))
	return nil
}

func elements(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

func converted[To, From int | int64 | float32](values []From) []To {
	to := make([]To, len(values))
	for i, v := range values {
		to[i] = To(v)
	}
	return to
}

func toInts(values []int64) []int { return converted[int](values) }
