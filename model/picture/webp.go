package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"golang.org/x/image/webp"
)

// decodeWebP reads a WebP picture, or the first frame of an animated one where
// it lies on the canvas.
func decodeWebP(data []byte) (image.Image, error) {
	canvas, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	still, place, err := firstFrame(data)
	if err != nil {
		return nil, err
	}
	if !place.In(image.Rect(0, 0, canvas.Width, canvas.Height)) {
		return nil, errors.New("webp: frame outside of the canvas")
	}
	img, err := webp.Decode(bytes.NewReader(still))
	if err != nil {
		return nil, err
	}
	return onScreen(fullRange(img), place.Min, canvas.Width, canvas.Height), nil
}

// firstFrame wraps the first frame of an animated file, which the decoder does
// not read, as a file of its own, and tells its place on the canvas. A file that
// is not animated is returned as it is.
//
// https://developers.google.com/speed/webp/docs/riff_container, "Animation".
func firstFrame(data []byte) (still []byte, place image.Rectangle, err error) {
	const header = 16 // x/2, y/2, width-1, height-1, duration: 3 bytes each; flags
	uint24 := func(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
	for name, body := range riffChunks(data) {
		if name != "ANMF" {
			continue
		}
		if len(body) < header {
			return nil, place, errors.New("webp: short frame header")
		}
		place.Min = image.Pt(2*uint24(body), 2*uint24(body[3:]))
		place.Max = place.Min.Add(image.Pt(uint24(body[6:])+1, uint24(body[9:])+1))
		extended := make([]byte, 10) // flags, 3 reserved, width-1, height-1
		if has(body, header, "ALPH") {
			extended[0] = 1 << 4
		}
		copy(extended[4:], body[6:12])
		return riff(append(chunk("VP8X", extended), body[header:]...)), place, nil
	}
	return data, place, nil
}

func chunk(name string, body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body))), body...)
}

func riff(chunks []byte) []byte {
	return chunk("RIFF", append([]byte("WEBP"), chunks...))
}

// fullRange converts the colours of a lossy picture. Their luma runs from 16 to
// 235 (ITU-R BT.601), but the decoder hands them over as the JPEG kind of YCbCr,
// from 0 to 255, which would show the picture with too little contrast and
// colour (golang.org/issue/40173). The constants are BT.601's times 2^14, as
// every WebP reader uses them.
func fullRange(img image.Image) image.Image {
	var ycbcr *image.YCbCr
	alpha := func(x, y int) uint8 { return 255 }
	switch img := img.(type) {
	case *image.YCbCr:
		ycbcr = img
	case *image.NYCbCrA:
		ycbcr = &img.YCbCr
		alpha = func(x, y int) uint8 { return img.A[img.AOffset(x, y)] }
	default:
		return img // Lossless pictures hold RGB.
	}
	b := ycbcr.Rect
	out := image.NewNRGBA(b)
	for y := b.Min.Y; y < b.Max.Y; y++ {
		row := out.Pix[out.PixOffset(b.Min.X, y):]
		for x := b.Min.X; x < b.Max.X; x++ {
			c := ycbcr.COffset(x, y)
			luma, cb, cr := int(ycbcr.Y[ycbcr.YOffset(x, y)]), int(ycbcr.Cb[c]), int(ycbcr.Cr[c])
			luma = luma * 19077 >> 8
			pixel := row[:4:4]
			pixel[0] = level(luma + cr*26149>>8 - 14234)
			pixel[1] = level(luma - cb*6419>>8 - cr*13320>>8 + 8708)
			pixel[2] = level(luma + cb*33050>>8 - 17685)
			pixel[3] = alpha(x, y)
			row = row[4:]
		}
	}
	return out
}

// level takes a colour in units of 1/64 to its level.
func level(v int) uint8 {
	return uint8(min(max(v>>6, 0), 255))
}
