package engine

// tapLayer is a convolution seen as a plain matrix product: one input vector
// times the [in][9*out] matrix of all taps gives that vector's tap products.
type tapLayer struct {
	in, out int
	weight  [][block]float32 // columns are [tap][out]
	zero    []float32        // [9*out], the bias of the product
	bias    []float32        // [out]
}

// taps returns the convolutions in this form, made on first use.
func (n *Network) taps() []tapLayer {
	n.tapsOnce.Do(func() {
		for _, l := range n.spec.Convs {
			n.tapsOf = append(n.tapsOf, tapLayer{
				in: l.In, out: l.Out,
				weight: pack(9*l.Out, l.In, func(col, c int) float32 {
					tap, o := col/l.Out, col%l.Out
					return l.Weight[(o*l.In+c)*9+tap]
				}),
				zero: make([]float32, 9*l.Out),
				bias: l.Bias,
			})
		}
	})
	return n.tapsOf
}
