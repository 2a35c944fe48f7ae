package picture

import (
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// Code is a short stable name of what was wrong with a picture.
type Code string

// The codes of Error.
const (
	Empty         Code = "empty"           // no bytes at all
	NotAPicture   Code = "not-a-picture"   // none of the formats; see Error.Looks
	FileTooLarge  Code = "file-too-large"  // more than MaxFileBytes; see Error.Bytes
	TooManyPixels Code = "too-many-pixels" // more than MaxPixels or MaxSide; see Error.Width, Height
	NoPixels      Code = "no-pixels"       // a width or height of zero
	Unsupported   Code = "unsupported"     // a rare kind of the format
	Damaged       Code = "damaged"         // cut short, or contradicting itself
)

// Error says why a picture was refused. Its text is one sentence or two for the
// person who chose the file; Cause holds the decoder's own words.
type Error struct {
	Code Code
	// Format is what the first bytes claim; empty for the first three codes.
	Format Format
	// Looks says what a file that is not a picture looks like, with its article
	// ("a PDF document"); empty where that is not easily told.
	Looks string
	// Width and Height are those of a picture with too many pixels, in pixels;
	// 0 where not even they could be read.
	Width, Height int
	// Bytes is the size of a file that is too large.
	Bytes int
	// Cause may be nil.
	Cause error
}

const (
	expectedFormats = "Expected a JPEG, PNG, GIF, BMP, TIFF or WebP picture."
	expectedKind    = "Expected an ordinary picture: save it as PNG, or as JPEG in RGB colours, and try again."
)

// unsupportedKinds names, for each format, what its decoder does not read.
var unsupportedKinds = map[Format]string{
	JPEG: "with 12 bits per colour, lossless, arithmetic-coded, or CMYK without the Adobe mark",
	PNG:  "with an unknown compression, filter or interlacing",
	BMP:  "compressed, with 16 bits per pixel, or of the OS/2 kind",
	TIFF: "CMYK, YCbCr or Lab, compressed as JPEG, with 4, 12 or 32 bits per colour, with extra channels, or with its colours in separate planes",
}

// Error returns the sentence, in English.
func (e *Error) Error() string {
	switch e.Code {
	case Empty:
		return "The file is empty. " + expectedFormats
	case NotAPicture:
		if e.Looks == "" {
			return "This file is not a picture that can be read. " + expectedFormats
		}
		return fmt.Sprintf("This file is not a picture that can be read: it looks like %s. %s", e.Looks, expectedFormats)
	case FileTooLarge:
		return fmt.Sprintf("This file has %d megabytes, which is too large. Expected a picture file of at most %d megabytes.",
			(e.Bytes+999_999)/1_000_000, MaxFileBytes/1_000_000)
	case TooManyPixels:
		size := "This " + string(e.Format) + " picture has too many pixels."
		if e.Width > 0 {
			size = fmt.Sprintf("This %s picture has %d x %d pixels, which is too many.", e.Format, e.Width, e.Height)
		}
		return fmt.Sprintf("%s Expected at most %d megapixels and no side longer than %d pixels: cut out one field of view.",
			size, MaxPixels/1_000_000, MaxSide)
	case NoPixels:
		return fmt.Sprintf("This %s picture has a width or height of zero. Expected a picture with pixels in it.", e.Format)
	case Unsupported:
		if kinds := unsupportedKinds[e.Format]; kinds != "" {
			return fmt.Sprintf("This %s picture is of a rare kind that cannot be read (such kinds are: %s). %s", e.Format, kinds, expectedKind)
		}
		return fmt.Sprintf("This %s picture is of a rare kind that cannot be read. %s", e.Format, expectedKind)
	default:
		return fmt.Sprintf("This %s picture is damaged or cut short. Expected a complete file: copy or save it again.", e.Format)
	}
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// told are the errors of the decoders whose type says something else than what
// is wrong for the user.
var told = map[error]Code{
	png.FormatError("non-positive dimension"):                NoPixels,
	png.UnsupportedError("dimension overflow"):               TooManyPixels,
	tiff.FormatError("zero-size image"):                      NoPixels,
	tiff.FormatError("image too large"):                      TooManyPixels,
	tiff.FormatError("wrong number of samples for RGB"):      Unsupported,
	tiff.FormatError("wrong number of samples for 8bit RGB"): Unsupported,
	bmp.ErrUnsupported:                                       Unsupported,
}

// refusal is the Error for what a decoder reported.
func refusal(format Format, cause error) *Error {
	e := &Error{Code: Damaged, Format: format, Cause: cause}
	for err, code := range told {
		if errors.Is(cause, err) {
			e.Code = code
			return e
		}
	}
	var (
		unsupportedJPEG jpeg.UnsupportedError
		unsupportedPNG  png.UnsupportedError
		unsupportedTIFF tiff.UnsupportedError
	)
	if errors.As(cause, &unsupportedJPEG) || errors.As(cause, &unsupportedPNG) ||
		errors.As(cause, &unsupportedTIFF) || errors.Is(cause, errUnsupported) {
		e.Code = Unsupported
	}
	return e
}

// errUnsupported marks the kinds that are refused here although a decoder would
// take them and get them wrong.
var errUnsupported = errors.New("unsupported kind")
