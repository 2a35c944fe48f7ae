package picture_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"allnet/model/picture"
)

// slide is a PNG file of 4 x 2 violet pixels, half of them transparent.
func slide() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 4, 2))
	for i := range 8 {
		img.Set(i%4, i/4, color.NRGBA{R: 120, G: 60, B: 160, A: uint8(255 * (i / 4))})
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		panic(err)
	}
	return file.Bytes()
}

func ExampleDecode() {
	p, err := picture.Decode(slide())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s, %d x %d\n", p.Format, p.Width, p.Height)
	fmt.Println("first pixel:", p.Pix[:3], "last pixel:", p.Pix[len(p.Pix)-3:])
	for _, note := range p.Notes {
		fmt.Println(note.Sentence())
	}
	// Output:
	// PNG, 4 x 2
	// first pixel: [255 255 255] last pixel: [120 60 160]
	// The transparent parts of the picture were laid over white.
}

func ExampleFromRGBA() {
	// What a page gets from a canvas, two pixels wide and one high.
	p, err := picture.FromRGBA([]uint8{120, 60, 160, 255, 200, 180, 220, 255}, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Pix, p.Notes)
	// Output:
	// [120 60 160 200 180 220] [canvas]
}

func ExamplePicture_Resize() {
	p := &picture.Picture{Width: 4, Height: 1, Pix: []uint8{0, 0, 0, 40, 40, 40, 80, 80, 80, 120, 120, 120}}
	half := p.Resize(2, 1)
	fmt.Println(half.Width, half.Height, half.Pix)
	// Output:
	// 2 1 [29 29 29 91 91 91]
}

func ExamplePicture_Has() {
	p, err := picture.Decode(slide())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Has(picture.Transparent), p.Has(picture.Rotated))
	// Output:
	// true false
}

func ExampleNote_Sentence() {
	fmt.Println(picture.Rotated.Sentence())
	// Output:
	// The picture was turned as the camera's orientation mark in the file says.
}

// A refusal is a sentence for the reader and a code for the program.
func ExampleError() {
	_, err := picture.Decode([]byte("%PDF-1.7 ..."))
	var refused *picture.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Code)
		fmt.Println(refused)
	}
	// Output:
	// not-a-picture
	// This file is not a picture that can be read: it looks like a PDF document. Expected a JPEG, PNG, GIF, BMP, TIFF or WebP picture.
}
