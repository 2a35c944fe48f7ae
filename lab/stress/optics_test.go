package stress

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"testing"
)

func TestBlurKeepsConstantPictures(t *testing.T) {
	rgb := plain(200, 13, 255)
	if got := blur(rgb, 2); !bytes.Equal(got, rgb) {
		t.Error("a picture of one colour changed")
	}
}

// A point becomes a Gaussian: the same light, with the variance in each direction
// that was asked for (less the little that lies beyond three deviations).
func TestBlurSpreadsAPointByItsDeviation(t *testing.T) {
	for _, sigma := range []float64{1, 2, 6} {
		point := make([]float64, side*side)
		point[100*side+90] = 1
		total, across, along, mixed := 0.0, 0.0, 0.0, 0.0
		for i, v := range smooth(point, 1, sigma) {
			x, y := float64(i%side-90), float64(i/side-100)
			total += v
			across, along, mixed = across+v*x*x, along+v*y*y, mixed+v*x*y
		}
		if math.Abs(total-1) > 1e-9 || math.Abs(mixed) > 1e-9 {
			t.Errorf("σ %g: light %g, covariance %g", sigma, total, mixed)
		}
		for _, variance := range []float64{across, along} {
			if d := variance / (sigma * sigma); d < 0.96 || d > 1.005 {
				t.Errorf("σ %g: variance %g", sigma, variance)
			}
		}
	}
}

func TestNoiseHasItsDeviation(t *testing.T) {
	change := Noise.Changes()[1]
	got, err := change.Apply(&Picture{File: "a", RGB: plain(128, 128, 128)})
	if err != nil {
		t.Fatal(err)
	}
	sum, squares := 0.0, 0.0
	for _, v := range got {
		sum += float64(v) - 128
		squares += (float64(v) - 128) * (float64(v) - 128)
	}
	n := float64(len(got))
	if mean, sd := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 0.1 || math.Abs(sd-8) > 0.1 {
		t.Errorf("mean %.3f and deviation %.3f, want 0 and 8", mean, sd)
	}
}

func TestJPEGIsThatOfTheStandardLibrary(t *testing.T) {
	p := drawn(t, 2)
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for i := range side * side {
		img.Set(i%side, i/side, color.NRGBA{p.RGB[3*i], p.RGB[3*i+1], p.RGB[3*i+2], 255})
	}
	for i, quality := range []int{70, 40, 15} {
		var file bytes.Buffer
		if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		want, err := jpeg.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		got, err := JPEG.Changes()[i].Apply(p)
		if err != nil {
			t.Fatal(err)
		}
		for k := range side * side {
			r, g, b, _ := want.At(k%side, k/side).RGBA()
			for c, v := range []uint32{r, g, b} {
				if d := int(got[3*k+c]) - int(v>>8); d < -1 || d > 1 {
					t.Fatalf("quality %d, pixel %d: %d, want %d", quality, k, got[3*k+c], v>>8)
				}
			}
		}
	}
}

// A square in the middle grows or shrinks by the factor, and stays in the middle to
// half a pixel of the picture as it was.
func TestZoomMagnifiesAboutTheCentre(t *testing.T) {
	rgb := plain(250, 250, 250)
	const half = 40
	for y := side/2 - half; y < side/2+half; y++ {
		for x := side/2 - half; x < side/2+half; x++ {
			copy(rgb[3*(y*side+x):], []uint8{10, 10, 10})
		}
	}
	for _, factor := range []float64{1.1, 1.25, 1.5, 0.9, 0.8, 0.67} {
		dark, sumX, sumY := 0.0, 0.0, 0.0
		for i, v := range zoom(rgb, factor) {
			if i%3 == 0 {
				weight := (250 - float64(v)) / 240
				dark += weight
				sumX, sumY = sumX+weight*float64(i/3%side), sumY+weight*float64(i/3/side)
			}
		}
		if got := math.Sqrt(dark) / (2 * half); math.Abs(got/factor-1) > 0.01 {
			t.Errorf("× %g: the square became %.3f times as wide", factor, got)
		}
		const centre = float64(side-1) / 2
		if x, y := sumX/dark, sumY/dark; math.Abs(x-centre) > 0.8 || math.Abs(y-centre) > 0.8 {
			t.Errorf("× %g: the square moved to (%.1f, %.1f)", factor, x, y)
		}
	}
}

func TestMirrorGoesBackIntoThePicture(t *testing.T) {
	for i, want := range map[int]int{-2: 2, -1: 1, 0: 0, 223: 223, 224: 222, 226: 220, -300: 146} {
		if got := mirror(i); got != want {
			t.Errorf("mirror(%d) = %d, want %d", i, got, want)
		}
	}
}
