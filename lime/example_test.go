package lime_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"allnet/lime"
)

const side = 60

// spots is a picture of five red and two green spots on grey.
func spots() []uint8 {
	rgb := make([]uint8, 3*side*side)
	for i := range side * side {
		x, y := i%side, i/side
		copy(rgb[3*i:], []uint8{170, 170, 170})
		for n, at := range [][2]int{{10, 10}, {30, 8}, {50, 12}, {12, 48}, {46, 46}, {10, 30}, {48, 29}} {
			if dx, dy := x-at[0], y-at[1]; dx*dx+dy*dy < 36 {
				copy(rgb[3*i:], [][]uint8{{200, 40, 60}, {60, 160, 60}}[n/5])
			}
		}
	}
	return rgb
}

// redness is a classifier of two classes, "not red" and "red": a logistic function of how much more red than green light the picture
// has on average. It stands for any network: lime asks it about pictures in which regions are hidden.
type redness struct {
	rgb     []uint8
	seg     *lime.Segmentation
	colours [][3]float64 // of hidden regions
}

func (redness) Classes() int { return 2 }

func (r redness) Logits(_ context.Context, m lime.Masks, out []float64) error {
	picture := make([]float64, len(r.rgb)) // 0 to 1
	for i := range m.N {
		lime.Perturbed(picture, r.rgb, r.seg, r.colours, m.Row(i))
		red := 0.0
		for p := 0; p < len(picture); p += 3 {
			red += picture[p] - picture[p+1]
		}
		out[2*i], out[2*i+1] = 0, 40*red/float64(len(picture)/3)
	}
	return nil
}

// From a picture and a classifier to the regions that speak for a class, with what says whether they can be relied on.
func Example() {
	ctx, rgb := context.Background(), spots()
	settings := lime.FaithfulPreset()
	settings.Segmentation.KernelSize = 2 // the spots are small
	settings.Hide = lime.HideBlack       // a flat region is its own mean colour: hidden under it nothing would change

	seg, err := lime.Quickshift(ctx, rgb, side, side, settings.Segmentation)
	if err != nil {
		log.Fatal(err)
	}
	classifier := redness{rgb, seg, lime.HiddenColours(rgb, seg, settings.Hide)}
	explanation, err := lime.Explain(ctx, seg, classifier, settings, nil)
	if err != nil {
		log.Fatal(err)
	}

	red := explanation.Classes[1]
	fmt.Printf("probability %.2f, R² %.2f, readable: %v\n", explanation.Probabilities[1], red.R2, red.Readable)
	for _, w := range red.Warnings {
		fmt.Println(w.Sentence())
	}
	regions, err := lime.Regions(seg, &red)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range regions[:7] {
		fmt.Printf("region at (%d, %d): %+.1f\n", r.X, r.Y, r.Weight)
	}
	// Output:
	// probability 0.95, R² 1.00, readable: true
	// region at (12, 48): +0.8
	// region at (46, 46): +0.8
	// region at (53, 9): +0.8
	// region at (7, 7): +0.8
	// region at (30, 8): +0.8
	// region at (48, 29): -0.5
	// region at (10, 30): -0.5
}

// Superpixels, and the colours that hide them.
func ExampleQuickshift() {
	rgb := spots()
	seg, err := lime.Quickshift(context.Background(), rgb, side, side, lime.QuickshiftOptions{KernelSize: 2, MaxDist: 200, Ratio: 0.2})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("superpixels:", seg.Count)
	first := seg.Labels[10*side+10] // of the pixel (10, 10)
	colour := lime.HiddenColours(rgb, seg, lime.HideMean)[first]
	fmt.Printf("mean colour of the first spot's: %.2f\n", colour)
	// Output:
	// superpixels: 20
	// mean colour of the first spot's: [0.73 0.38 0.43]
}

// The samples that Explain asks about: the whole picture first, then random sets of superpixels to show.
func ExamplePerturb() {
	masks := lime.Perturb(42, 4, 6)
	for i, d := range lime.CosineDistances(masks) {
		fmt.Printf("%d %.3f\n", masks.Row(i), d)
	}
	// Output:
	// [1 1 1 1 1 1] 0.000
	// [0 0 1 0 0 0] 0.592
	// [0 1 0 1 1 1] 0.184
	// [0 1 0 1 1 1] 0.184
}

// A classifier that gives probabilities instead of logits.
func ExampleExplain_probabilities() {
	seg := &lime.Segmentation{Width: 2, Height: 1, Count: 2, Labels: []uint16{0, 1}}
	left := lime.FromProbabilities(2, func(_ context.Context, m lime.Masks, out []float64) error {
		for i := range m.N {
			p := 0.1 + 0.8*float64(m.Row(i)[0]) // sees the left pixel alone
			out[2*i], out[2*i+1] = p, 1-p
		}
		return nil
	})
	explanation, err := lime.Explain(context.Background(), seg, left, lime.FaithfulPreset(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.2f\n", explanation.Classes[0].Coefficients)
	// Output:
	// [4.34 -0.02]
}

// Shapley values as a second opinion on the same superpixels.
func ExampleShapley() {
	ctx, rgb := context.Background(), spots()
	settings := lime.FaithfulPreset()
	settings.Segmentation.KernelSize = 2
	settings.Hide = lime.HideBlack
	seg, err := lime.Quickshift(ctx, rgb, side, side, settings.Segmentation)
	if err != nil {
		log.Fatal(err)
	}
	classifier := redness{rgb, seg, lime.HiddenColours(rgb, seg, settings.Hide)}
	explanation, err := lime.Explain(ctx, seg, classifier, settings, nil)
	if err != nil {
		log.Fatal(err)
	}
	second, err := lime.Shapley(ctx, seg, classifier, settings.ShapleySettings(lime.DefaultPermutations), nil)
	if err != nil {
		log.Fatal(err)
	}
	agreement, err := lime.Agree(explanation, second)
	if err != nil {
		log.Fatal(err)
	}
	red := second.Classes[1]
	sum := 0.0
	for _, v := range red.Values {
		sum += v
	}
	fmt.Printf("values add up to %.2f, from %.2f to %.2f\n", sum, red.Base, red.Full)
	fmt.Printf("agree: %v\n", agreement[1].Agree)
	// Output:
	// values add up to 2.85, from 0.00 to 2.85
	// agree: true
}

// Do the weights order the superpixels as the network does? They are hidden and shown one after another, by weight and at random.
func ExampleMeasureFaithfulness() {
	seg := &lime.Segmentation{Width: 8, Height: 1, Count: 8, Labels: []uint16{0, 1, 2, 3, 4, 5, 6, 7}}
	ctx, classifier := context.Background(), lime.FromProbabilities(2, func(_ context.Context, m lime.Masks, out []float64) error {
		for i := range m.N {
			p := 0.05
			for superpixel, bit := range m.Row(i) {
				p += float64(bit) * float64(superpixel+1) / 40
			}
			out[2*i], out[2*i+1] = p, 1-p
		}
		return nil
	})
	explanation, err := lime.Explain(ctx, seg, classifier, lime.FaithfulPreset(), nil)
	if err != nil {
		log.Fatal(err)
	}
	f, err := lime.MeasureFaithfulness(ctx, explanation, classifier, []int{0}, nil)
	if err != nil {
		log.Fatal(err)
	}
	c := f.Classes[0]
	fmt.Printf("areas: hidden by weight %.2f, shown by weight %.2f, at random %.2f ± %.2f\n", c.Deletion.Area, c.Insertion.Area, c.Random.Area, c.Random.StandardError)
	fmt.Printf("until class 0 is lost: %d by weight, %d at random\n", f.Removal.ByWeight, f.Removal.Median)
	// Output:
	// areas: hidden by weight 0.37, shown by weight 0.63, at random 0.50 ± 0.00
	// until class 0 is lost: 3 by weight, 4 at random
}

// Where superpixels are few, all of their coalitions are asked about.
func ExampleExactShapley() {
	seg := &lime.Segmentation{Width: 4, Height: 1, Count: 3, Labels: []uint16{0, lime.NoRegion, 1, 2}} // three objects on a ground
	pair := lime.FromProbabilities(2, func(_ context.Context, m lime.Masks, out []float64) error {
		for i := range m.N {
			shown := m.Row(i)
			p := 0.1 + 0.8*float64(shown[0]*max(shown[1], shown[2])) // needs the first and one of the others
			out[2*i], out[2*i+1] = p, 1-p
		}
		return nil
	})
	settings := lime.CellsPreset()
	settings.Target = lime.TargetProbability
	values, err := lime.ExactShapley(context.Background(), seg, pair, settings.ShapleySettings(lime.DefaultPermutations), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f, exact: %v\n", values.Classes[0].Values, values.Exact)
	// Output:
	// [0.533 0.133 0.133], exact: true
}

// The drawings: outlines and a heat map to lay over the picture.
func ExampleHeatMap() {
	seg := &lime.Segmentation{Width: 3, Height: 1, Count: 3, Labels: []uint16{0, 1, 2}}
	class := &lime.ClassExplanation{Coefficients: []float64{2, -1, 0}, Order: []int{0, 1, 2}}
	heat, err := lime.HeatMap(seg, class)
	if err != nil {
		log.Fatal(err)
	}
	for x := range 3 {
		fmt.Println(heat.NRGBAAt(x, 0))
	}
	fmt.Println(lime.LegendFor(class).Ticks)
	// Output:
	// {255 0 0 255}
	// {128 128 255 255}
	// {255 255 255 255}
	// [-2 -1 0 1 2]
}

// A drawing is an image like any other.
func ExampleOutlineLayer() {
	rgb := spots()
	seg := &lime.Segmentation{Width: side, Height: side, Count: 2, Labels: make([]uint16, side*side)}
	for i := range side * side / 2 {
		seg.Labels[i] = 1 // the upper half
	}
	class := &lime.ClassExplanation{Coefficients: []float64{-1, 3}, Order: []int{1, 0}}
	layer, err := lime.OutlineLayer(seg, class, 1)
	if err != nil {
		log.Fatal(err)
	}
	drawn := image.NewNRGBA(layer.Rect)
	for i := range side * side {
		c := color.NRGBA{rgb[3*i], rgb[3*i+1], rgb[3*i+2], 255}
		if layer.Pix[4*i+3] == 255 {
			c = color.NRGBA{A: 255}
		}
		drawn.SetNRGBA(i%side, i/side, c)
	}
	file, err := os.Create(filepath.Join(os.TempDir(), "outline.png"))
	if err != nil {
		log.Fatal(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	fmt.Println(png.Encode(file, drawn), drawn.NRGBAAt(0, side/2), drawn.NRGBAAt(10, 10))
	// Output:
	// <nil> {0 0 0 255} {200 40 60 255}
}
