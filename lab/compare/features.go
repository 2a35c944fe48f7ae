package compare

import (
	"math"

	"allnet/model"
)

// feature is what a forest is given instead of the picture: numbers made of its
// pixels, [model.Side][model.Side][3].
type feature struct {
	// name and meaning go into the results.
	name, meaning string
	of            func(rgb []uint8) []float32
}

// features are the trivial rivals: none of them sees a cell.
var features = []feature{
	{"colour histogram", "how often each of 16 levels of red, green and blue occurs (48 numbers)", histogram},
	{"background colour", "mean and standard deviation of red, green and blue in the brightest 30 % of the pixels (6 numbers)", background},
	{"scale-bar corner", "the pixels of the bottom right corner, 40 wide and 24 high (2,880 numbers)", corner},
}

func histogram(rgb []uint8) []float32 {
	counts := make([]float32, 3*16)
	for i, v := range rgb {
		counts[i%3*16+int(v>>4)]++
	}
	return counts
}

func background(rgb []uint8) []float32 {
	const brightest = 0.3
	brightness := func(i int) int { return int(rgb[i]) + int(rgb[i+1]) + int(rgb[i+2]) }
	var counts [3*255 + 1]int
	for i := 0; i < len(rgb); i += 3 {
		counts[brightness(i)]++
	}
	least, wanted := len(counts), int(brightest*float64(len(rgb)/3))
	for taken := 0; taken < wanted; {
		least--
		taken += counts[least]
	}
	var n, sum, squares [3]float64
	for i := 0; i < len(rgb); i += 3 {
		if brightness(i) < least {
			continue
		}
		for c := range 3 {
			v := float64(rgb[i+c])
			n[c]++
			sum[c] += v
			squares[c] += v * v
		}
	}
	var numbers []float32
	for c := range 3 {
		mean := sum[c] / n[c]
		numbers = append(numbers, float32(mean), float32(math.Sqrt(max(0, squares[c]/n[c]-mean*mean))))
	}
	return numbers
}

func corner(rgb []uint8) []float32 {
	const width, height = 40, 24
	numbers := make([]float32, 0, width*height*3)
	for y := model.Side - height; y < model.Side; y++ {
		for _, v := range rgb[(y*model.Side+model.Side-width)*3 : (y+1)*model.Side*3] {
			numbers = append(numbers, float32(v))
		}
	}
	return numbers
}
