package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Conv is one block of the network: 3x3 valid convolution with stride 1,
// bias, ReLU, and 2x2 max pooling with stride 2 that drops an odd last row or
// column.
type Conv struct {
	In, Out int
	Weight  []float32 // [Out][In][3][3], as ONNX stores it
	Bias    []float32 // [Out]
}

// Dense is a fully connected layer, with or without ReLU.
type Dense struct {
	In, Out int
	Weight  []float32 // [Out][In]
	Bias    []float32 // [Out]
	ReLU    bool
}

// Spec describes a network: convolution blocks, global average pooling, dense
// layers. Height, Width and Channels are those of the input picture.
type Spec struct {
	Height, Width, Channels int
	Convs                   []Conv
	Dense                   []Dense
}

// Network is a network ready to run. It is immutable and safe for concurrent
// use; a Session does the work.
type Network struct {
	spec   Spec
	convs  []convLayer
	dense  []denseLayer
	pooled int // positions that global average pooling averages

	tapsOnce sync.Once
	tapsOf   []tapLayer
}

// convLayer is a Conv with packed weights and the sizes of its input and of
// its pooled output.
type convLayer struct {
	h, w, in, ph, pw, out int
	weight                [][block]float32 // for convReLUPool; nil where transformed is there
	transformed           [][block]float32 // for winograd; nil where it does not pay
	bias                  []float32
}

// denseLayer is a Dense with packed weights. Its sizes are padded to
// multiples of block; what is added is zero.
type denseLayer struct {
	in, out int
	weight  [][block]float32
	bias    []float32
	relu    bool
}

// maxElements bounds a network's largest array, so that its size in bytes
// fits in the 32 bits of a WebAssembly address.
const maxElements = 1 << 28

// New checks that the shapes of spec fit together and that its weights are
// finite, and packs the weights for the kernels. Filter counts must be
// multiples of 8; dense layers may have any width. The weights are copied.
func New(spec Spec) (*Network, error) {
	if len(spec.Convs) == 0 || len(spec.Dense) == 0 {
		return nil, fmt.Errorf("engine: network has %d convolution blocks and %d dense layers, want at least one of each", len(spec.Convs), len(spec.Dense))
	}
	if err := checkSize(spec.Height, spec.Width, spec.Channels); err != nil {
		return nil, fmt.Errorf("engine: input: %w", err)
	}
	n := &Network{spec: Spec{Height: spec.Height, Width: spec.Width, Channels: spec.Channels}}
	h, w, c := spec.Height, spec.Width, spec.Channels
	for i, l := range spec.Convs {
		l.Weight, l.Bias = slices.Clone(l.Weight), slices.Clone(l.Bias)
		layer, err := newConv(l, h, w, c)
		if err != nil {
			return nil, fmt.Errorf("engine: convolution %d: %w", i+1, err)
		}
		// The first block's weights also serve the patches of the tables.
		if i > 0 && usesWinograd(l.In) {
			layer.transformed = winogradWeights(l)
		} else {
			layer.weight = convWeights(l)
		}
		n.convs = append(n.convs, layer)
		n.spec.Convs = append(n.spec.Convs, l)
		h, w, c = layer.ph, layer.pw, layer.out
	}
	n.pooled = h * w
	for i, l := range spec.Dense {
		l.Weight, l.Bias = slices.Clone(l.Weight), slices.Clone(l.Bias)
		layer, err := newDense(l, c)
		if err != nil {
			return nil, fmt.Errorf("engine: dense layer %d: %w", i+1, err)
		}
		n.dense = append(n.dense, layer)
		n.spec.Dense = append(n.spec.Dense, l)
		c = l.Out
	}
	return n, nil
}

// newConv checks a block and takes its sizes. Its weights are for New to pack.
func newConv(l Conv, h, w, channels int) (convLayer, error) {
	if l.In != channels {
		return convLayer{}, fmt.Errorf("takes %d channels, but is given %d", l.In, channels)
	}
	if l.Out <= 0 || l.Out%block != 0 {
		return convLayer{}, fmt.Errorf("has %d filters, want a positive multiple of %d", l.Out, block)
	}
	if h < window || w < window {
		return convLayer{}, fmt.Errorf("is given a map of %dx%d, want at least %dx%d: the picture is too small for this network", h, w, window, window)
	}
	if err := checkSize(h, w, max(l.In, l.Out)); err != nil {
		return convLayer{}, err
	}
	if err := checkSize(l.Out, 9, l.In); err != nil {
		return convLayer{}, err
	}
	if err := checkWeights(l.Weight, l.Out*l.In*9, l.Bias, l.Out); err != nil {
		return convLayer{}, err
	}
	return convLayer{h: h, w: w, in: l.In, ph: (h - 2) / 2, pw: (w - 2) / 2, out: l.Out, bias: l.Bias}, nil
}

func newDense(l Dense, width int) (denseLayer, error) {
	if l.In != width {
		return denseLayer{}, fmt.Errorf("takes %d values, but is given %d", l.In, width)
	}
	if l.Out <= 0 {
		return denseLayer{}, fmt.Errorf("has %d outputs, want at least one", l.Out)
	}
	if err := checkSize(padded(l.Out), 1, padded(l.In)); err != nil {
		return denseLayer{}, err
	}
	if err := checkWeights(l.Weight, l.Out*l.In, l.Bias, l.Out); err != nil {
		return denseLayer{}, err
	}
	bias := make([]float32, padded(l.Out))
	copy(bias, l.Bias)
	return denseLayer{
		in: padded(l.In), out: padded(l.Out),
		weight: pack(padded(l.Out), padded(l.In), func(o, i int) float32 {
			if o >= l.Out || i >= l.In {
				return 0
			}
			return l.Weight[o*l.In+i]
		}),
		bias: bias, relu: l.ReLU,
	}, nil
}

func checkSize(h, w, c int) error {
	for _, n := range []int{h, w, c} {
		if n <= 0 || n > maxElements {
			return fmt.Errorf("size %dx%dx%d, want positive sizes", h, w, c)
		}
	}
	if h > maxElements/w/c {
		return fmt.Errorf("size %dx%dx%d, want at most %d elements", h, w, c, maxElements)
	}
	return nil
}

func checkWeights(weight []float32, weights int, bias []float32, biases int) error {
	if len(weight) != weights {
		return fmt.Errorf("has %d weights, want %d", len(weight), weights)
	}
	if len(bias) != biases {
		return fmt.Errorf("has %d biases, want %d", len(bias), biases)
	}
	for _, values := range [][]float32{weight, bias} {
		for _, v := range values {
			if v-v != 0 { // infinite or not a number
				return errors.New("has a weight or bias that is not a finite number")
			}
		}
	}
	return nil
}

// padded rounds n up to a multiple of block.
func padded(n int) int { return (n + block - 1) / block * block }

// convWeights are a block's weights as convReLUPool takes them.
func convWeights(l Conv) [][block]float32 {
	return pack(l.Out, 9*l.In, func(o, term int) float32 {
		return l.Weight[(o*l.In+term%l.In)*9+term/l.In]
	})
}

// pack lays a matrix out as the kernels read it: [cols/8][terms][8].
func pack(cols, terms int, at func(col, term int) float32) [][block]float32 {
	p := make([][block]float32, cols/block*terms)
	for col := range cols {
		for term := range terms {
			p[col/block*terms+term][col%block] = at(col, term)
		}
	}
	return p
}

// Height is the height of the input picture in pixels.
func (n *Network) Height() int { return n.spec.Height }

// Width is the width of the input picture in pixels.
func (n *Network) Width() int { return n.spec.Width }

// Channels is the number of channels of the input picture.
func (n *Network) Channels() int { return n.spec.Channels }

// Classes is the number of outputs of the last dense layer.
func (n *Network) Classes() int { return n.spec.Dense[len(n.spec.Dense)-1].Out }

// Filters returns the filter counts of the convolution blocks.
func (n *Network) Filters() []int {
	f := make([]int, len(n.convs))
	for i, l := range n.convs {
		f[i] = l.out
	}
	return f
}

// Features is the number of values that global average pooling hands on.
func (n *Network) Features() int { return n.convs[len(n.convs)-1].out }

// DenseWidths returns the number of outputs of each dense layer.
func (n *Network) DenseWidths() []int {
	d := make([]int, len(n.spec.Dense))
	for i, l := range n.spec.Dense {
		d[i] = l.Out
	}
	return d
}

// Parameters counts weights and biases.
func (n *Network) Parameters() int {
	var sum int
	for _, l := range n.spec.Convs {
		sum += len(l.Weight) + len(l.Bias)
	}
	for _, l := range n.spec.Dense {
		sum += len(l.Weight) + len(l.Bias)
	}
	return sum
}

// passWork counts the multiplications of one forward pass as a Session does it, which are
// fewer than MultiplyAdds: none for what pooling drops, and Winograd's.
func (n *Network) passWork() int64 {
	var sum int64
	for i := range n.convs {
		sum += n.convs[i].work(n.convs[i].ph * n.convs[i].pw)
	}
	for _, l := range n.spec.Dense {
		sum += int64(l.In * l.Out)
	}
	return sum
}

// MultiplyAdds counts the multiplications of one forward pass as the network
// is defined, convolution outputs that pooling drops included.
func (n *Network) MultiplyAdds() int64 {
	var sum int64
	for _, l := range n.convs {
		sum += int64(l.h-2) * int64(l.w-2) * int64(9*l.in*l.out)
	}
	for _, l := range n.spec.Dense {
		sum += int64(l.In * l.Out)
	}
	return sum
}
