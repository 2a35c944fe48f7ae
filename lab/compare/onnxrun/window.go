package onnxrun

import "fmt"

// window is how a kernel moves over a feature map: along each of two axes, the
// size of the input and the output, the kernel's size, its stride, the distance of
// its elements, and the padding before and after.
type window [2]struct{ in, out, kernel, stride, dilation, before, after int }

// window reads the attributes of a convolution or pooling over a map of dims
// [..][..][h][w] with the given kernel.
func (n *node) window(dims []int, kernel []int, ceil bool) (w window, err error) {
	strides, err := n.ints("strides", 2, 1)
	if err != nil {
		return w, err
	}
	dilations, err := n.ints("dilations", 2, 1)
	if err != nil {
		return w, err
	}
	pads, err := n.ints("pads", 4, 0)
	if err != nil {
		return w, err
	}
	n.known["auto_pad"] = true
	auto := n.Attributes["auto_pad"].Text
	for i := range w {
		a := &w[i]
		a.in, a.kernel, a.stride, a.dilation = dims[2+i], kernel[i], strides[i], dilations[i]
		a.before, a.after = pads[i], pads[2+i]
		const most = 1 << 12
		for _, v := range []int{a.kernel, a.stride, a.dilation, a.before + 1, a.after + 1} {
			if v < 1 || v > most {
				return w, fmt.Errorf("its kernel is %v, strides %v, dilations %v, pads %v; expected positive numbers up to %d", kernel, strides, dilations, pads, most)
			}
		}
		reach := (a.kernel-1)*a.dilation + 1
		switch auto {
		case "", "NOTSET":
		case "VALID":
			a.before, a.after = 0, 0
		case "SAME_UPPER", "SAME_LOWER":
			total := max(0, ((a.in-1)/a.stride)*a.stride+reach-a.in)
			a.before, a.after = total/2, total-total/2
			if auto == "SAME_LOWER" {
				a.before, a.after = a.after, a.before
			}
		default:
			return w, fmt.Errorf("its auto_pad is %q, which is not known", auto)
		}
		space := a.in + a.before + a.after - reach
		if space < 0 {
			return w, fmt.Errorf("its kernel reaches over %d; expected at most the padded input's %d", reach, space+reach)
		}
		a.out = space/a.stride + 1
		// A last window that is not whole must still begin before the padding's end.
		if ceil && space%a.stride > 0 && a.out*a.stride < a.in+a.before {
			a.out++
		}
	}
	return w, nil
}

// at returns the index in the input of kernel element k of window o, outside
// [0, in) where it lies in the padding.
func (w *window) at(axis, o, k int) int {
	a := &w[axis]
	return o*a.stride - a.before + k*a.dilation
}

// pad copies planes of [h][w] into planes with the padding around them, filled with
// zeros; without padding it returns x itself.
func (w *window) pad(s *scratch, x []float32, planes int) (padded []float32, height, width int) {
	rows, columns := &w[0], &w[1]
	height, width = rows.in+rows.before+rows.after, columns.in+columns.before+columns.after
	if height == rows.in && width == columns.in {
		return x, height, width
	}
	padded = room(&s.padded, planes*height*width)
	clear(padded)
	for p := range planes {
		for y := range rows.in {
			to := (p*height+y+rows.before)*width + columns.before
			copy(padded[to:], x[(p*rows.in+y)*columns.in:][:columns.in])
		}
	}
	return padded, height, width
}
