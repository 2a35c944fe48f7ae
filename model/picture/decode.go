package picture

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/disintegration/imaging"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// The limits of what is read. A picture's size is known and checked before any
// of its pixels are decoded; the worst kinds of file (progressive JPEG, 16 bits
// per colour) take about 16 bytes a pixel while they are decoded.
const (
	// MaxFileBytes is the size of the largest file.
	MaxFileBytes = 100_000_000
	// MaxPixels is the largest width times height: 8192 x 8192.
	MaxPixels = 1 << 26
	// MaxSide is the longest side, in pixels.
	MaxSide = 32768
)

// codec reads one format.
type codec struct {
	config func(data []byte) (image.Config, error)
	decode func(data []byte) (image.Image, error)
}

var codecs = map[Format]codec{
	JPEG: {from(jpeg.DecodeConfig), from(jpeg.Decode)},
	PNG:  {from(png.DecodeConfig), from(png.Decode)},
	GIF:  {from(gif.DecodeConfig), decodeGIF},
	BMP:  {from(bmp.DecodeConfig), from(bmp.Decode)},
	TIFF: {from(tiff.DecodeConfig), from(tiff.Decode)},
	WebP: {from(webp.DecodeConfig), decodeWebP},
}

// from makes a function of bytes of a function of a reader.
func from[T any](read func(io.Reader) (T, error)) func([]byte) (T, error) {
	return func(data []byte) (T, error) { return read(bytes.NewReader(data)) }
}

// Decode reads a picture file. The orientation that the file's EXIF data, or the
// same tag of a TIFF file, asks for is applied; colour profiles are not. Every
// error is an *Error.
//
// A file that is cut short is refused, unless all pixels are there: of an animated
// GIF or WebP only the first frame has to be complete, of a TIFF only the first
// page, and these three may lose what follows the pixels.
func Decode(data []byte) (*Picture, error) {
	return decode(data, MaxPixels)
}

// decode is Decode with another limit on the number of pixels.
func decode(data []byte, maxPixels int) (p *Picture, err error) {
	if len(data) == 0 {
		return nil, &Error{Code: Empty}
	}
	if len(data) > MaxFileBytes {
		return nil, &Error{Code: FileTooLarge, Bytes: len(data)}
	}
	format := sniff(data)
	if format == "" {
		return nil, &Error{Code: NotAPicture, Looks: looksLike(data)}
	}
	// Nothing panics across a package boundary: a decoder that trips over a
	// damaged file must not take the program with it.
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, refusal(format, fmt.Errorf("the %s decoder failed: %v", format, r))
		}
	}()
	codec := codecs[format]
	config, err := codec.config(data)
	if err != nil {
		return nil, refusal(format, err)
	}
	if err := checkSize(format, config.Width, config.Height, maxPixels); err != nil {
		return nil, err
	}
	about, err := inspect(format, data)
	if err != nil {
		return nil, refusal(format, err)
	}
	img, err := codec.decode(data)
	if err != nil {
		return nil, refusal(format, err)
	}
	sixteen, cmyk := kindOf(img)
	p, opaque := fromImage(orient(img, about.orientation))
	p.Format = format
	p.note(Animated, about.animated)
	p.note(SeveralPages, about.pages)
	p.note(SixteenBit, sixteen)
	p.note(CMYK, cmyk)
	p.note(Rotated, about.orientation > 1)
	p.note(Transparent, !opaque)
	p.note(Grey, p.grey())
	return p, nil
}

// checkSize refuses what has no pixels or too many of them.
func checkSize(format Format, w, h, maxPixels int) error {
	switch {
	case w <= 0 || h <= 0:
		return &Error{Code: NoPixels, Format: format}
	case w > MaxSide || h > MaxSide || w*h > maxPixels:
		return &Error{Code: TooManyPixels, Format: format, Width: w, Height: h}
	}
	return nil
}

// kindOf tells the kinds of pixels that lose something when they become RGB.
func kindOf(img image.Image) (sixteen, cmyk bool) {
	switch img.(type) {
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return true, false
	case *image.CMYK:
		return false, true
	}
	return false, false
}

// decodeGIF reads the first frame where it lies on the logical screen: the
// standard decoder gives the frame alone, which may be smaller.
func decodeGIF(data []byte) (image.Image, error) {
	screen, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return onScreen(frame, frame.Bounds().Min, screen.Width, screen.Height), nil
}

// onScreen puts a frame on an empty screen of w x h pixels.
func onScreen(frame image.Image, at image.Point, w, h int) image.Image {
	if frame.Bounds().Dx() == w && frame.Bounds().Dy() == h {
		return frame
	}
	return imaging.Paste(image.NewNRGBA(image.Rect(0, 0, w, h)), frame, at)
}
