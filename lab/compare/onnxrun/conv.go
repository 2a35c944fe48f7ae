package onnxrun

import (
	"fmt"
	"math"
)

// conv builds a convolution of [1][in][h][w] with weights [out][in/group][kh][kw].
func conv(n *node) error {
	dims, err := n.picture()
	if err != nil {
		return err
	}
	w, err := n.weights(1, 4)
	if err != nil {
		return err
	}
	groups := n.int("group", 1)
	outputs, inputs := w.dims[0], w.dims[1]
	if groups < 1 || inputs*groups != dims[1] || outputs%groups != 0 {
		return fmt.Errorf("its weights have shape %v in %d groups, but it is given %d channels", w.dims, groups, dims[1])
	}
	if kernel, err := n.ints("kernel_shape", 2, 0); err != nil {
		return err
	} else if (kernel[0] != 0 || kernel[1] != 0) && (kernel[0] != w.dims[2] || kernel[1] != w.dims[3]) {
		return fmt.Errorf("its kernel_shape is %v; expected that of its weights, %v", kernel, w.dims[2:])
	}
	var bias []float32
	if n.input(2) != nil {
		if bias, err = n.perChannel(2, outputs); err != nil {
			return err
		}
		n.net.count(n.in[2])
	}
	area, err := n.window(dims, w.dims[2:], false)
	if err != nil {
		return err
	}
	if padded := (area[0].in + area[0].before + area[0].after) * (area[1].in + area[1].before + area[1].after); padded > maxElements/dims[1] {
		return fmt.Errorf("its padded input would have %d places; expected at most %d numbers in all", padded, maxElements)
	}
	c := &convolution{window: area, groups: groups, in: inputs, out: outputs / groups, weight: w.numbers(), bias: bias}
	c.pack()
	places := area[0].out * area[1].out
	n.net.MultiplyAdds += int64(places) * int64(len(c.weight))
	return n.compute([]int{1, outputs, area[0].out, area[1].out}, c.run)
}

// convolution holds what is known before the picture. in and out are the channels
// of one group.
type convolution struct {
	window
	groups, in, out int
	weight, bias    []float32
	packed          [][]float32 // by group, as packRows lays them out; nil for direct convolutions
}

// few is the number of outputs of a group below which packing its inputs is not
// worth it: depthwise convolutions, above all.
const few = 3

func (c *convolution) pack() {
	if c.out < few {
		return
	}
	terms := len(c.weight) / (c.groups * c.out)
	for g := range c.groups {
		c.packed = append(c.packed, packRows(c.weight[g*c.out*terms:], c.out, terms))
	}
}

func (c *convolution) run(s *scratch, out []float32, in [][]float32) {
	x, height, width := c.pad(s, in[0], c.groups*c.in)
	places := c.window[0].out * c.window[1].out
	for o, n := 0, c.groups*c.out; o < n; o++ {
		b := float32(0)
		if c.bias != nil {
			b = c.bias[o]
		}
		plane := out[o*places:][:places]
		for i := range plane {
			plane[i] = b
		}
	}
	for g := range c.groups {
		from, to := x[g*c.in*height*width:], out[g*c.out*places:][:c.out*places]
		if c.packed == nil {
			c.direct(to, from, c.weight[g*c.out*c.in*c.window[0].kernel*c.window[1].kernel:], height, width)
		} else {
			c.byProduct(s, to, from, c.packed[g], height, width)
		}
	}
}

// direct adds one weight times one shifted plane after another.
func (c *convolution) direct(out, x, weight []float32, height, width int) {
	rows, columns := &c.window[0], &c.window[1]
	places, term := rows.out*columns.out, 0
	for o := range c.out {
		for i := range c.in {
			for ky := range rows.kernel {
				for kx := range columns.kernel {
					v := weight[term]
					term++
					for y := range rows.out {
						from := x[(i*height+y*rows.stride+ky*rows.dilation)*width+kx*columns.dilation:]
						to := out[o*places+y*columns.out:][:columns.out]
						if columns.stride == 1 {
							for j, p := range from[:len(to)] {
								to[j] += v * p
							}
							continue
						}
						for j := range to {
							to[j] += v * from[j*columns.stride]
						}
					}
				}
			}
		}
	}
}

// byProduct lays the inputs of `lanes` places side by side, [terms][lanes], and
// multiplies them by all weights.
func (c *convolution) byProduct(s *scratch, out, x, packed []float32, height, width int) {
	rows, columns := &c.window[0], &c.window[1]
	terms, places := c.in*rows.kernel*columns.kernel, rows.out*columns.out
	panel := room(&s.panel, terms*lanes)
	for first := 0; first < places; first += lanes {
		var at [lanes]int
		for l := range at {
			place := min(first+l, places-1) // beyond the last one the results are dropped
			at[l] = place/columns.out*rows.stride*width + place%columns.out*columns.stride
		}
		term := 0
		for i := range c.in {
			for ky := range rows.kernel {
				from := x[(i*height+ky*rows.dilation)*width:]
				for kx := range columns.kernel {
					to := (*[lanes]float32)(panel[term:])
					shift := kx * columns.dilation
					to[0], to[1], to[2] = from[at[0]+shift], from[at[1]+shift], from[at[2]+shift]
					term += lanes
				}
			}
		}
		addProduct(out[first:], packed, panel, c.out, places, min(lanes, places-first))
	}
}

// batchNormalization builds the normalisation by running statistics.
func batchNormalization(n *node) error {
	dims := n.in[0].dims
	if n.in[0].whole || len(dims) < 2 || dims[0] != 1 {
		return fmt.Errorf("its input has shape %v; expected [1 channels ...]", dims)
	}
	n.ignore("momentum")
	epsilon := n.float("epsilon", 1e-5)
	if n.int("training_mode", 0) != 0 || n.int("spatial", 1) != 1 {
		return fmt.Errorf("it is in training mode, or normalises each place alone; expected inference by channel")
	}
	var p [4][]float32 // gain, shift, mean, variance
	for i := range p {
		var err error
		if p[i], err = n.perChannel(1+i, dims[1]); err != nil {
			return err
		}
	}
	n.net.count(n.in[1])
	n.net.count(n.in[2])
	gain, shift := make([]float32, dims[1]), make([]float32, dims[1])
	for i := range gain {
		g := float64(p[0][i]) / math.Sqrt(float64(p[3][i])+float64(epsilon))
		gain[i], shift[i] = float32(g), float32(float64(p[1][i])-float64(p[2][i])*g)
	}
	area := elements(dims[2:])
	return n.compute(dims, func(_ *scratch, out []float32, in [][]float32) {
		for c := range gain {
			g, b := gain[c], shift[c]
			to := out[c*area:][:area]
			for i, v := range in[0][c*area:][:area] {
				to[i] = v*g + b
			}
		}
	})
}
