package lime_test

import (
	"context"
	"fmt"

	"allnet/lime"
)

// redShare is a stand-in for a network: the redder the lower right quarter of a picture, the surer it is of class 1.
type redShare struct {
	rgb     []uint8
	seg     *lime.Segmentation
	colours [][3]float64
}

func (redShare) Classes() int { return 2 }

func (n redShare) Logits(_ context.Context, m lime.Masks, out []float64) error {
	picture := make([]float64, len(n.rgb))
	for i := range m.N {
		lime.Perturbed(picture, n.rgb, n.seg, n.colours, m.Row(i))
		red := 0.0
		for y := n.seg.Height / 2; y < n.seg.Height; y++ {
			for x := n.seg.Width / 2; x < n.seg.Width; x++ {
				red += picture[3*(y*n.seg.Width+x)]
			}
		}
		out[2*i], out[2*i+1] = 0, red/100-2
	}
	return nil
}

// A picture of four coloured quarters, of which the lower right one is red.
func Example() {
	const size = 40
	rgb := make([]uint8, 3*size*size)
	for i := range size * size {
		quarter := i/size/(size/2)*2 + i%size/(size/2)
		copy(rgb[3*i:], [][]uint8{{40, 40, 160}, {60, 160, 60}, {150, 150, 150}, {200, 40, 60}}[quarter])
	}
	ctx := context.Background()
	settings := lime.DefaultPreset().Settings
	settings.Hide = lime.HideBlack // a flat region's mean is the region itself: hidden under it nothing would change
	seg, err := lime.Quickshift(ctx, rgb, size, size, settings.Segmentation)
	if err != nil {
		fmt.Println(err)
		return
	}
	network := redShare{rgb, seg, lime.HiddenColours(rgb, seg, settings.Hide)}
	explanation, err := lime.Explain(ctx, seg, network, settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	class := explanation.Classes[1]
	regions, err := lime.Regions(seg, &class)
	if err != nil {
		fmt.Println(err)
		return
	}
	red := true
	for _, r := range regions[:len(regions)/4] {
		red = red && r.Weight > 0 && r.X >= size/2 && r.Y >= size/2
	}
	fmt.Println("the strongest regions lie on the red quarter:", red)
	fmt.Println("readable:", class.Readable)
	// Output:
	// the strongest regions lie on the red quarter: true
	// readable: true
}
