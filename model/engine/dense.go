package engine

// denseRun runs the dense layers on up to a fixed number of samples at once. It
// owns the buffers that this takes.
type denseRun struct {
	layers  []denseLayer
	vectors [2][]float32 // activations, read and written in turns
	rows    []int32      // 0, 1, …
	active  []int32      // inputs of a layer that are not zero in all samples
	sum     []float32
	in      []float32 // activations and weights of the active inputs
	weight  [][block]float32
}

// compactFrom is the number of samples from which finding the active inputs and
// copying their weights is worth its while.
const compactFrom = 8

func (n *Network) newDenseRun(samples int) *denseRun {
	d := &denseRun{layers: n.dense, rows: make([]int32, samples)}
	for i := range d.rows {
		d.rows[i] = int32(i)
	}
	width, weights := 0, 0
	for _, l := range n.dense {
		width, weights = max(width, l.in, l.out), max(weights, len(l.weight))
	}
	for i := range d.vectors {
		d.vectors[i] = make([]float32, samples*width)
	}
	if samples >= compactFrom {
		d.active, d.sum = make([]int32, 0, width), make([]float32, width)
		d.in, d.weight = make([]float32, samples*width), make([][block]float32, weights)
	}
	return d
}

// input is where the caller puts the vector of sample i, the output of global
// average pooling.
func (d *denseRun) input(i int) []float32 {
	width := d.layers[0].in
	return d.vectors[0][i*width:][:width]
}

// run returns the outputs of the last layer, [samples][padded classes].
func (d *denseRun) run(samples int) []float32 {
	for i, l := range d.layers {
		in, out := d.vectors[i%2], d.vectors[(i+1)%2]
		if samples >= compactFrom && i > 0 && d.layers[i-1].relu && d.compact(in, samples, l) {
			product(out, d.in, samples, len(d.active), d.weight, l.bias, l.relu)
		} else {
			product(out, in, samples, l.in, l.weight, l.bias, l.relu)
		}
	}
	last := d.layers[len(d.layers)-1]
	return d.vectors[len(d.layers)%2][:samples*last.out]
}

// compact gathers what remains of layer l when the inputs are left out that are
// zero in all samples, and reports whether that is worth its while. Most are:
// ReLU leaves a fifth to a third of a trained network's units active, and much
// the same ones for all versions of one picture. The sums keep their bits: they
// start at zero and are never -0, so that adding a zero product, of a finite
// weight, changes nothing.
func (d *denseRun) compact(in []float32, samples int, l denseLayer) bool {
	// Behind ReLU nothing is negative, so a sum is zero only if all terms are.
	sum := d.sum[:l.in]
	averageRows(sum, in, d.rows[:samples], 1)
	d.active = d.active[:0]
	for i, v := range sum {
		if v != 0 {
			d.active = append(d.active, int32(i))
		}
	}
	k := len(d.active)
	if 4*k > 3*l.in {
		return false
	}
	gather(d.in, in, d.active, samples, l.in)
	gatherBlocks(d.weight, l.weight, d.active, l.out/block, l.in)
	return true
}
