package golden

import "fmt"

// Tensor is an array of the network's file under the name that PyTorch gives it.
type Tensor struct {
	Name   string
	Shape  []int
	Values []float32
}

// Wide are the filter counts in the article's text, which double those of its
// code; the golden numbers of that variant belong to Weights(Wide).
var Wide = []int{64, 128, 256}

var dense = [...]int{256, 512, 1024, 4}

// denseNames are those of the dense layers in an exported file; 1, 3, 5 of the head
// are ReLU, 6 is dropout. The convolutions are called blocks.0.conv and so on.
var denseNames = [...]string{"head.0", "head.2", "head.4", "head.7"}

// Weights returns made-up weights and biases for ALL-Net with a block for each of
// the given filter counts, in the order and the shapes of an exported file: convolutions
// [out][in][3][3], dense layers [out][in]. They are multiples of a power of two,
// hence exact in float32, and about as large as He initialisation would draw
// them, so that signals neither die nor explode on the way to the logits.
func Weights(filters ...int) []Tensor {
	var tensors []Tensor
	seed := lcg(2023)
	layer := func(name string, out int, in ...int) {
		fan := 1
		for _, n := range in {
			fan *= n
		}
		shape := append([]int{out}, in...)
		tensors = append(tensors,
			Tensor{name + ".weight", shape, uniform(&seed, out*fan, limit(fan))},
			Tensor{name + ".bias", []int{out}, uniform(&seed, out, 1./16)})
	}
	in := 3
	for i, out := range filters {
		layer(fmt.Sprintf("blocks.%d.conv", i), out, in, 3, 3)
		in = out
	}
	for i, out := range dense {
		layer(denseNames[i], out, in)
		in = out
	}
	return tensors
}

// limit is the power of two nearest to sqrt(6 / fan), by ratio.
func limit(fan int) float32 {
	l := float32(1)
	for n := 12; n <= fan; n *= 4 {
		l /= 2
	}
	return l
}

// uniform draws n multiples of limit / 2^23 from [-limit, limit).
func uniform(seed *lcg, n int, limit float32) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(int(seed.next()>>8)-1<<23) * (limit / (1 << 23))
	}
	return values
}
