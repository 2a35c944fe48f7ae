package engine

// The second kind of convolution, with fewer multiplications: Winograd's minimal filtering
// F(2x2, 3x3) (Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks",
// CVPR). The four places of a pooling window take 16 multiplications a channel, not
// 36. What is multiplied are sums and differences of neighbouring inputs,
// which cost additions only and serve all filters, so it pays where both input channels
// and filters are many: from the second block on. The sums differ from those of
// convReLUPool in the last digits.

const (
	// winogradTerms is how many products take the place of the 36 of a pooled output.
	winogradTerms = 16
	// winogradTiles is how many pooled positions the SIMD twin transforms before it multiplies.
	winogradTiles = 16
	// leastWinograd is the number of input channels from which it is faster; channels must also
	// fill vectors of four.
	leastWinograd = 16
)

// usesWinograd says which of the two convolutions a block takes.
func usesWinograd(cin int) bool { return cin >= leastWinograd && cin%4 == 0 }

// winogradScratch is how many float32s winograd works in: transformed inputs, with a line between
// their parts that keeps these from falling into the same places of a cache, products and a patch.
func winogradScratch(cin int) int {
	return winogradTerms * (winogradTiles*cin + 16 + winogradTiles*block + cin)
}

// run computes a block: in is [h][w][in], out [ph][pw][out]. It works in scratch, which has at
// least as many values as l.scratch tells.
func (l *convLayer) run(out, in, scratch []float32) {
	if l.transformed != nil {
		winograd(out, in, l.h, l.w, l.in, l.transformed, l.bias, scratch)
		return
	}
	convReLUPool(out, in, l.h, l.w, l.in, l.weight, l.bias)
}

// work is how many multiplications so many pooled outputs of a block take.
func (l *convLayer) work(outputs int) int64 {
	terms := 36
	if l.transformed != nil {
		terms = winogradTerms
	}
	return int64(outputs) * int64(terms*l.in*l.out)
}

func (l *convLayer) scratch() int {
	if l.transformed == nil {
		return 0
	}
	return winogradScratch(l.in)
}

// winogradGo computes what convReLUPoolGo does, and takes the same arguments, but for the
// weights, which winogradWeights has made.
//
//	weight  [cout/8][16][cin][8]
//	scratch [winogradScratch(cin)]
//
// Per pooled position (y, x), where d is the input's [4][4] at (2y, 2x) for each channel:
//
//	for each row of d: // along x
//		a = [d[0]-d[2], d[1]+d[2], d[2]-d[1], d[1]-d[3]]
//	v = the same of the rows of a, along y // [4][4]
//	for each output o and each of the 16 places:
//		m = 0
//		for c in order: // added one after another
//			m += v[c] * weight[o/8][place][c][o%8]
//	for each row of m: // along x
//		b = [(m[0]+m[1])+m[2], (m[1]-m[2])-m[3]]
//	s = the same of the rows of b, along y // [2][2]
//	out[y][x][o] = max(max(s) + bias[o], 0)
func winogradGo(out, in []float32, h, w, cin int, weight [][block]float32, bias, scratch []float32) {
	ph, pw, cout := (h-2)/2, (w-2)/2, len(bias)
	for y := range ph {
		for x := range pw {
			winogradOutputs(out[(y*pw+x)*cout:], in[(2*y*w+2*x)*cin:], w, cin, weight, bias, scratch)
		}
	}
}

// winogradWindowsGo computes pooled outputs as winogradGo does, with the same bits, of inputs that lie
// anywhere.
//
//	vectors [any][cin]
//	windows [n][4][4], the vectors that one output's window holds
//	out     [n][cout]
func winogradWindowsGo(out, vectors []float32, windows []int32, cin int, weight [][block]float32, bias, scratch []float32) {
	cout := len(bias)
	patch, rest := scratch[:window*window*cin], scratch[window*window*cin:]
	for n := 0; n < len(windows)/(window*window); n++ {
		for at, vector := range windows[n*window*window:][:window*window] {
			copy(patch[at*cin:][:cin], vectors[int(vector)*cin:])
		}
		winogradOutputs(out[n*cout:], patch, window, cin, weight, bias, rest)
	}
}

// winogradOutputs computes the outputs of the pooled position whose inputs begin with in, in a map of width w.
func winogradOutputs(out, in []float32, w, cin int, weight [][block]float32, bias, scratch []float32) {
	terms := winogradTerms * cin
	v := scratch[:terms] // [16][cin]
	for c := range cin {
		var a [window][window]float32
		for i := range a {
			at := i*w*cin + c
			d0, d1, d2, d3 := in[at], in[at+cin], in[at+2*cin], in[at+3*cin]
			a[i] = [window]float32{d0 - d2, d1 + d2, d2 - d1, d1 - d3}
		}
		for j := range window {
			v[(0*window+j)*cin+c] = a[0][j] - a[2][j]
			v[(1*window+j)*cin+c] = a[1][j] + a[2][j]
			v[(2*window+j)*cin+c] = a[2][j] - a[1][j]
			v[(3*window+j)*cin+c] = a[1][j] - a[3][j]
		}
	}
	for o := 0; o < len(bias); o += block {
		wo := weight[o/block*terms:][:terms]
		var m [winogradTerms][block]float32
		for k := range m {
			accumulate(&m[k], v[k*cin:][:cin], wo[k*cin:][:cin])
		}
		dst := (*[block]float32)(out[o:])
		for i, b := range (*[block]float32)(bias[o:]) {
			var r [window][2]float32
			for j := range r {
				m0, m1, m2, m3 := m[4*j][i], m[4*j+1][i], m[4*j+2][i], m[4*j+3][i]
				r[j] = [2]float32{(m0 + m1) + m2, (m1 - m2) - m3}
			}
			dst[i] = max(max(
				(r[0][0]+r[1][0])+r[2][0], (r[0][1]+r[1][1])+r[2][1],
				(r[1][0]-r[2][0])-r[3][0], (r[1][1]-r[2][1])-r[3][1])+b, 0)
		}
	}
}

// winogradWeights are a convolution's weights as winograd takes them: G g Gᵀ of each 3x3 filter g,
// rounded once to float32, with
//
//	    ⎡ 1    0    0  ⎤
//	G = ⎢1/2  1/2  1/2 ⎥
//	    ⎢1/2 -1/2  1/2 ⎥
//	    ⎣ 0    0    1  ⎦
func winogradWeights(l Conv) [][block]float32 {
	// Sums of float32 numbers and their halves are exact in float64, or nearly: no product is rounded
	// before it is added, so all platforms give the same.
	along := func(g [3]float64) [4]float64 {
		return [4]float64{g[0], (g[0] + g[1] + g[2]) / 2, (g[0] - g[1] + g[2]) / 2, g[2]}
	}
	packed := make([][block]float32, l.Out/block*winogradTerms*l.In)
	for o := range l.Out {
		for c := range l.In {
			g := l.Weight[(o*l.In+c)*9:][:9]
			var rows [3][4]float64
			for i := range rows {
				rows[i] = along([3]float64{float64(g[3*i]), float64(g[3*i+1]), float64(g[3*i+2])})
			}
			for j := range window {
				for i, u := range along([3]float64{rows[0][j], rows[1][j], rows[2][j]}) {
					packed[(o/block*winogradTerms+i*window+j)*l.In+c][o%block] = float32(u)
				}
			}
		}
	}
	return packed
}
