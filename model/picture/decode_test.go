package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/disintegration/imaging"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// The ramp that the pictures of this test and of testdata show.
const rampW, rampH = 48, 32

func rampAt(x, y int) (r, g, b uint8) {
	return uint8(x * 255 / (rampW - 1)), uint8(y * 255 / (rampH - 1)), uint8(255 - x*255/(rampW-1))
}

// isClear is where the pictures with alpha in testdata are transparent.
func isClear(x, y int) bool { return x < y+9 }

var rampRect = image.Rect(0, 0, rampW, rampH)

// draw makes the ramp an image of the same type as img, alpha by alphaAt.
func draw(img interface {
	image.Image
	Set(x, y int, c color.Color)
}, alphaAt func(x, y int) uint8) image.Image {
	for y := range rampH {
		for x := range rampW {
			r, g, b := rampAt(x, y)
			img.Set(x, y, color.NRGBA{r, g, b, alphaAt(x, y)})
		}
	}
	return img
}

func opaque(x, y int) uint8 { return 255 }
func half(x, y int) uint8   { return 128 }

func ramp() image.Image { return draw(image.NewNRGBA(rampRect), opaque) }

// What a pixel of each picture should be.
type expected func(x, y int) [3]uint8

func onRamp(x, y int) [3]uint8 {
	r, g, b := rampAt(x, y)
	return [3]uint8{r, g, b}
}

func onClearedRamp(x, y int) [3]uint8 {
	if isClear(x, y) {
		return [3]uint8{255, 255, 255}
	}
	return onRamp(x, y)
}

func onHalfRamp(x, y int) (c [3]uint8) {
	for i, v := range onRamp(x, y) {
		c[i] = uint8((int(v)*128 + 255*127 + 127) / 255)
	}
	return c
}

// onGreyRamp follows the weights of color.GrayModel, which drew the picture.
func onGreyRamp(x, y int) [3]uint8 {
	r, g, b := rampAt(x, y)
	v := color.GrayModel.Convert(color.NRGBA{r, g, b, 255}).(color.Gray).Y
	return [3]uint8{v, v, v}
}

// The steps picture has 16 columns of one colour each, for palettes.
func onSteps(x, y int) [3]uint8 { return onRamp(x/3*3, 0) }

func steps() *image.Paletted {
	var palette color.Palette
	for i := range 16 {
		c := onRamp(3*i, 0)
		palette = append(palette, color.NRGBA{c[0], c[1], c[2], 255})
	}
	img := image.NewPaletted(rampRect, palette)
	for i := range img.Pix {
		img.Pix[i] = uint8(i % rampW / 3)
	}
	return img
}

func encode(encoder func(io.Writer, image.Image) error, img image.Image) []byte {
	var b bytes.Buffer
	if err := encoder(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func asJPEG(w io.Writer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: 95})
}
func asGIF(w io.Writer, img image.Image) error { return gif.Encode(w, img, nil) }
func asTIFF(w io.Writer, img image.Image) error {
	return tiff.Encode(w, img, nil)
}
func asDeflatedTIFF(w io.Writer, img image.Image) error {
	return tiff.Encode(w, img, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
}

func testdata(name string) []byte {
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		panic(err)
	}
	return data
}

// sample is one kind of picture file that is read.
type sample struct {
	name   string
	data   []byte
	format Format
	want   expected
	// Largest and mean difference of a level; lossy files lose most where the
	// ramp ends or where it borders on transparency.
	most  int
	mean  float64
	notes []Note
}

func samples() []sample {
	// The lossy tolerances are what 95 % quality may lose on a smooth ramp with
	// halved chroma; reading WebP's luma in the wrong range loses 16 levels.
	return []sample{
		{"jpeg", encode(asJPEG, ramp()), JPEG, onRamp, 12, 3, nil},
		{"jpeg grey", encode(asJPEG, draw(image.NewGray(rampRect), opaque)), JPEG, onGreyRamp, 4, 1, []Note{Grey}},
		{"jpeg progressive", testdata("progressive.jpg"), JPEG, onRamp, 8, 2, nil},
		{"jpeg cmyk", testdata("cmyk.jpg"), JPEG, onRamp, 8, 2, []Note{CMYK}},
		{"jpeg with text behind", append(encode(asJPEG, ramp()), "trailer"...), JPEG, onRamp, 12, 3, nil},
		{"png", encode(png.Encode, ramp()), PNG, onRamp, 0, 0, nil},
		{"png alpha", encode(png.Encode, draw(image.NewNRGBA(rampRect), half)), PNG, onHalfRamp, 0, 0, []Note{Transparent}},
		{"png 16 bit", encode(png.Encode, draw(image.NewRGBA64(rampRect), opaque)), PNG, onRamp, 0, 0, []Note{SixteenBit}},
		{"png 16 bit alpha", encode(png.Encode, draw(image.NewNRGBA64(rampRect), half)), PNG, onHalfRamp, 0, 0, []Note{SixteenBit, Transparent}},
		{"png grey", encode(png.Encode, draw(image.NewGray(rampRect), opaque)), PNG, onGreyRamp, 0, 0, []Note{Grey}},
		{"png grey 16 bit", encode(png.Encode, draw(image.NewGray16(rampRect), opaque)), PNG, onGreyRamp, 1, 1, []Note{SixteenBit, Grey}},
		{"png palette", encode(png.Encode, steps()), PNG, onSteps, 0, 0, nil},
		{"png animated", testdata("animated.png"), PNG, onRamp, 0, 0, []Note{Animated}},
		{"gif", encode(asGIF, steps()), GIF, onSteps, 0, 0, nil},
		{"gif animated", animatedGIF(), GIF, onSteps, 0, 0, []Note{Animated}},
		{"gif small frame", smallFrameGIF(), GIF, onSmallFrame, 0, 0, []Note{Transparent}},
		{"bmp 8 bit", encode(bmp.Encode, steps()), BMP, onSteps, 0, 0, nil},
		{"bmp 24 bit", encode(bmp.Encode, ramp()), BMP, onRamp, 0, 0, nil},
		{"bmp 32 bit", encode(bmp.Encode, draw(image.NewNRGBA(rampRect), half)), BMP, onRamp, 0, 0, nil},
		{"tiff", encode(asTIFF, draw(image.NewRGBA(rampRect), opaque)), TIFF, onRamp, 0, 0, nil},
		{"tiff deflate", encode(asDeflatedTIFF, ramp()), TIFF, onRamp, 0, 0, nil},
		{"tiff lzw", testdata("lzw.tiff"), TIFF, onRamp, 0, 0, nil},
		{"tiff packbits", testdata("packbits.tiff"), TIFF, onRamp, 0, 0, nil},
		{"tiff pages", testdata("pages.tiff"), TIFF, onRamp, 0, 0, []Note{SeveralPages}},
		{"tiff alpha", encode(asTIFF, draw(image.NewNRGBA(rampRect), half)), TIFF, onHalfRamp, 0, 0, []Note{Transparent}},
		{"tiff 16 bit", encode(asTIFF, draw(image.NewRGBA64(rampRect), opaque)), TIFF, onRamp, 0, 0, []Note{SixteenBit}},
		{"tiff grey", encode(asTIFF, draw(image.NewGray(rampRect), opaque)), TIFF, onGreyRamp, 0, 0, []Note{Grey}},
		{"tiff grey 16 bit", encode(asTIFF, draw(image.NewGray16(rampRect), opaque)), TIFF, onGreyRamp, 1, 1, []Note{SixteenBit, Grey}},
		{"tiff palette", encode(asTIFF, steps()), TIFF, onSteps, 0, 0, nil},
		{"webp lossy", testdata("lossy.webp"), WebP, onRamp, 12, 3, nil},
		{"webp lossless", testdata("lossless.webp"), WebP, onRamp, 0, 0, nil},
		{"webp lossy alpha", testdata("lossy-alpha.webp"), WebP, onClearedRamp, 32, 3, []Note{Transparent}},
		{"webp lossless alpha", testdata("lossless-alpha.webp"), WebP, onClearedRamp, 0, 0, []Note{Transparent}},
		{"webp animated", testdata("animated.webp"), WebP, onRamp, 0, 0, []Note{Animated}},
		{"webp animated, small frame with alpha", testdata("animated-alpha.webp"), WebP, onClearedRamp, 32, 3, []Note{Animated, Transparent}},
	}
}

func animatedGIF() []byte {
	second := image.NewPaletted(rampRect, steps().Palette)
	return encode(func(w io.Writer, _ image.Image) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{steps(), second}, Delay: []int{1, 1}})
	}, nil)
}

var smallFrame = image.Rect(6, 4, 30, 20)

func onSmallFrame(x, y int) [3]uint8 {
	if image.Pt(x, y).In(smallFrame) {
		return onSteps(x, y)
	}
	return [3]uint8{255, 255, 255}
}

// smallFrameGIF has one frame that covers a part of its logical screen.
func smallFrameGIF() []byte {
	frame := steps().SubImage(smallFrame).(*image.Paletted)
	return encode(func(w io.Writer, _ image.Image) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{frame}, Delay: []int{0},
			Config: image.Config{Width: rampW, Height: rampH, ColorModel: frame.Palette}})
	}, nil)
}

func TestEveryKindOfPictureIsRead(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			p, err := Decode(s.data)
			if err != nil {
				t.Fatal(err, errors.Unwrap(err))
			}
			if p.Width != rampW || p.Height != rampH || len(p.Pix) != 3*rampW*rampH {
				t.Fatalf("%d x %d pixels in %d bytes", p.Width, p.Height, len(p.Pix))
			}
			if p.Format != s.format {
				t.Errorf("format %s, expected %s", p.Format, s.format)
			}
			if !slices.Equal(p.Notes, s.notes) {
				t.Errorf("notes %q, expected %q", p.Notes, s.notes)
			}
			most, mean := difference(p, s.want)
			if most > s.most || mean > s.mean {
				t.Errorf("levels differ by %d at most and %.2f in the mean, expected %d and %.2f", most, mean, s.most, s.mean)
			}
		})
	}
}

// difference returns the largest and the mean difference of a level.
func difference(p *Picture, want expected) (most int, mean float64) {
	for i, got := range p.Pix {
		w := want(i/3%p.Width, i/3/p.Width)[i%3]
		d := max(int(got), int(w)) - min(int(got), int(w))
		most = max(most, d)
		mean += float64(d) / float64(len(p.Pix))
	}
	return most, mean
}

// The weights are trained on these pixels. The hash was computed with
// imaging.Decode and imaging.Clone alone (imaging 1.6.2, Go 1.26.8, linux/amd64);
// it must be the same in WebAssembly, and a toolchain that changes it changes what
// the network sees.
func TestPixelsOfAnOrdinaryJPEGStayWhatTheWeightsWereTrainedOn(t *testing.T) {
	const golden = 0x58c0b8395cfc86b0
	data := encode(asJPEG, ramp())
	p, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	img, err := imaging.Decode(bytes.NewReader(data), imaging.AutoOrientation(true))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(p.Pix, rgbOf(imaging.Clone(img))) {
		t.Error("the pixels are not those of imaging.Decode")
	}
	hash := fnv.New64a()
	hash.Write(p.Pix)
	if got := hash.Sum64(); got != golden {
		t.Errorf("hash %#x, expected %#x", got, uint64(golden))
	}
}

func rgbOf(img *image.NRGBA) (rgb []uint8) {
	for i := 0; i < len(img.Pix); i += 4 {
		rgb = append(rgb, img.Pix[i:i+3]...)
	}
	return rgb
}

// A picture that is cut short is refused, or it is the whole picture: of an
// animation or of several pages the first one may be complete, and of some formats
// the last bytes say nothing about pixels.
func TestACutPictureIsNeverHalfAPicture(t *testing.T) {
	mayLoseItsEnd := []Format{GIF, TIFF, WebP}
	for _, s := range samples() {
		whole, err := Decode(s.data)
		if err != nil {
			t.Fatal(s.name, err)
		}
		for i := range 64 {
			n := len(s.data) * i / 64
			if s.name == "jpeg with text behind" {
				n = (len(s.data) - len("trailer")) * i / 64
			}
			start := time.Now()
			p, err := Decode(s.data[:n])
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%s cut to %d of %d bytes took %v", s.name, n, len(s.data), took)
			}
			var e *Error
			switch {
			case err == nil && !bytes.Equal(p.Pix, whole.Pix):
				t.Errorf("%s cut to %d of %d bytes gave other pixels", s.name, n, len(s.data))
			case err == nil && !slices.Contains(mayLoseItsEnd, s.format):
				t.Errorf("%s cut to %d of %d bytes was read", s.name, n, len(s.data))
			case err != nil && !errors.As(err, &e):
				t.Errorf("%s cut to %d of %d bytes: %T", s.name, n, len(s.data), err)
			case err != nil && n > 32 && e.Code != Damaged:
				t.Errorf("%s cut to %d of %d bytes: %s (%v)", s.name, n, len(s.data), e.Code, e.Cause)
			}
		}
	}
}

// Some programs end a JPEG that they could not read to its end with a proper mark.
func TestAJPEGThatWasCutAndThenClosedIsRefused(t *testing.T) {
	data := encode(asJPEG, ramp())
	pixels := bytes.Index(data, []byte{0xFF, 0xDA}) + 14
	for n := pixels; n < len(data)-8; n += 7 {
		var e *Error
		_, err := Decode(append(bytes.Clone(data[:n]), 0xFF, 0xD9))
		if !errors.As(err, &e) || e.Code != Damaged {
			t.Errorf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
}

// bmpHeader is a BMP file of 24 bits that has a header only.
func bmpHeader(w, h uint32) []byte {
	b := append([]byte("BM"), make([]byte, 52)...)
	le := binary.LittleEndian
	le.PutUint32(b[10:], 54)
	le.PutUint32(b[14:], 40)
	le.PutUint32(b[18:], w)
	le.PutUint32(b[22:], h)
	le.PutUint16(b[26:], 1)
	le.PutUint16(b[28:], 24)
	return b
}

func gifHeader(w, h uint16) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, w)
	b = binary.LittleEndian.AppendUint16(b, h)
	return append(b, 0, 0, 0)
}

// withUint16 replaces the 16-bit number at the given place.
func withUint16(data []byte, order binary.ByteOrder, at int, v uint16) []byte {
	out := bytes.Clone(data)
	order.PutUint16(out[at:], v)
	return out
}

// jpegWithSize changes the height and width in the frame header of the ramp.
func jpegWithSize(w, h uint16) []byte {
	data := encode(asJPEG, ramp())
	at := bytes.Index(data, []byte{0xFF, 0xC0}) + 5
	return withUint16(withUint16(data, binary.BigEndian, at, h), binary.BigEndian, at+2, w)
}

// jpegWithFrame changes the byte at an offset from the start of the frame header.
func jpegWithFrame(offset int, v byte) []byte {
	data := encode(asJPEG, ramp())
	data[bytes.Index(data, []byte{0xFF, 0xC0})+offset] = v
	return data
}

// pngWithSize has a correct checksum, which the decoder wants to see.
func pngWithSize(w, h uint32) []byte {
	header := binary.BigEndian.AppendUint32(nil, w)
	header = binary.BigEndian.AppendUint32(header, h)
	return append([]byte("\x89PNG\r\n\x1A\n"), pngChunk("IHDR", append(header, 8, 2, 0, 0, 0))...)
}

func tiffWithTag(data []byte, tag uint16, value uint32) []byte {
	out := bytes.Clone(data)
	le := binary.LittleEndian
	start := le.Uint32(out[4:])
	for i := range int(le.Uint16(out[start:])) {
		entry := out[int(start)+2+12*i:]
		if le.Uint16(entry) == tag {
			if le.Uint16(entry[2:]) == 3 {
				le.PutUint16(entry[8:], uint16(value))
			} else {
				le.PutUint32(entry[8:], value)
			}
			return out
		}
	}
	panic("no such tag")
}

func TestWhatCannotBeReadIsRefusedByName(t *testing.T) {
	const imageWidth, imageLength, planar, compression = 256, 257, 284, 259
	rampTIFF := testdata("lzw.tiff")
	progressive := testdata("progressive.jpg")
	// The first scan may be repeated without harm: it sets what it set before.
	firstScan := progressive[bytes.Index(progressive, []byte{0xFF, 0xDA}):]
	firstScan = firstScan[:bytes.Index(firstScan, []byte{0xFF, 0xC4})]
	manyScans := slices.Concat(progressive[:len(progressive)-2], bytes.Repeat(firstScan, 300), []byte{0xFF, 0xD9})
	brokenPNG := encode(png.Encode, ramp())
	brokenPNG[bytes.Index(brokenPNG, []byte("IDAT"))+8] ^= 0xFF

	for _, c := range []struct {
		name   string
		data   []byte
		code   Code
		format Format
	}{
		{"nothing", nil, Empty, ""},
		{"no bytes", []byte{}, Empty, ""},
		{"text", []byte("Benign, early, pre, pro"), NotAPicture, ""},
		{"too many bytes", append(encode(png.Encode, ramp()), make([]byte, MaxFileBytes)...), FileTooLarge, ""},
		{"jpeg of 20,000 x 20,000", jpegWithSize(20000, 20000), TooManyPixels, JPEG},
		{"jpeg with a side too long", jpegWithSize(40000, 100), TooManyPixels, JPEG},
		{"jpeg without pixels", jpegWithSize(0, 20), NoPixels, JPEG},
		{"jpeg of 12 bits", jpegWithFrame(4, 12), Unsupported, JPEG},
		{"jpeg, lossless", jpegWithFrame(1, 0xC3), Unsupported, JPEG},
		{"jpeg, arithmetic coding", jpegWithFrame(1, 0xC9), Unsupported, JPEG},
		{"jpeg with 300 scans", manyScans, Damaged, JPEG},
		{"png of 20,000 x 20,000", pngWithSize(20000, 20000), TooManyPixels, PNG},
		{"png of 2^31-1 x 2^31-1", pngWithSize(1<<31-1, 1<<31-1), TooManyPixels, PNG},
		{"png without pixels", pngWithSize(0, 20), NoPixels, PNG},
		{"png header alone", pngWithSize(20, 20), Damaged, PNG},
		{"png with a wrong byte", brokenPNG, Damaged, PNG},
		{"gif of 20,000 x 20,000", gifHeader(20000, 20000), TooManyPixels, GIF},
		{"gif without pixels", gifHeader(20, 0), NoPixels, GIF},
		{"gif header alone", gifHeader(20, 20), Damaged, GIF},
		{"bmp of 20,000 x 20,000", bmpHeader(20000, 20000), TooManyPixels, BMP},
		{"bmp without pixels", bmpHeader(0, 0), NoPixels, BMP},
		{"bmp header alone", bmpHeader(20, 20), Damaged, BMP},
		{"bmp of 16 bits", withUint16(bmpHeader(20, 20), binary.LittleEndian, 28, 16), Unsupported, BMP},
		{"bmp, run-length coded", withUint16(bmpHeader(20, 20), binary.LittleEndian, 30, 1), Unsupported, BMP},
		{"tiff of 20,000 x 20,000", tiffWithTag(tiffWithTag(rampTIFF, imageWidth, 20000), imageLength, 20000), TooManyPixels, TIFF},
		{"tiff without pixels", tiffWithTag(rampTIFF, imageWidth, 0), NoPixels, TIFF},
		{"tiff, cmyk", testdata("cmyk.tiff"), Unsupported, TIFF},
		{"tiff, jpeg inside", testdata("jpeg.tiff"), Unsupported, TIFF},
		{"tiff in planes", tiffWithTag(rampTIFF, planar, 2), Unsupported, TIFF},
		{"tiff, unknown compression", tiffWithTag(rampTIFF, compression, 50000), Unsupported, TIFF},
		{"webp of 16384 x 16384", webpExtended(16384, 16384), TooManyPixels, WebP},
		{"webp without a picture", webpExtended(20, 20), Damaged, WebP},
		{"webp with a frame beyond its canvas", append(webpExtended(20, 20), chunk("ANMF", animatedFrame())...), Damaged, WebP},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			p, err := Decode(c.data)
			if took := time.Since(start); took > time.Second {
				t.Errorf("took %v", took)
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("picture %v, error %v", p != nil, err)
			}
			if e.Code != c.code || e.Format != c.format {
				t.Errorf("%s %s (%v), expected %s %s", e.Format, e.Code, e.Cause, c.format, c.code)
			}
			if p != nil {
				t.Error("a picture came with the error")
			}
			isSentence(t, e.Error())
		})
	}
}

// webpExtended is an extended WebP file that has a header only.
func webpExtended(w, h int) []byte {
	header := []byte{2, 0, 0, 0, byte(w - 1), byte((w - 1) >> 8), 0, byte(h - 1), byte((h - 1) >> 8), 0}
	return riff(chunk("VP8X", header))
}

// animatedFrame is the body of the first frame of animated.webp, 48 x 32 pixels.
func animatedFrame() []byte {
	for name, body := range riffChunks(testdata("animated.webp")) {
		if name == "ANMF" {
			return body
		}
	}
	panic("no frame")
}

// isSentence checks that the text is for a person: whole sentences, in no
// package's words.
func isSentence(t *testing.T, s string) {
	t.Helper()
	if s == "" || s[:1] != strings.ToUpper(s[:1]) || !strings.HasSuffix(s, ".") {
		t.Errorf("no sentence: %q", s)
	}
	for _, jargon := range []string{": invalid", "format:", "EOF", "png:", "gif:", "bmp:", "tiff:", "webp:", "unexpected", "%!", "  "} {
		if strings.Contains(s, jargon) {
			t.Errorf("%q contains %q", s, jargon)
		}
	}
}

// A decoder that panics must not take the program with it.
func TestAPanickingDecoderIsADamagedPicture(t *testing.T) {
	original := codecs[PNG]
	defer func() { codecs[PNG] = original }()
	codecs[PNG] = codec{original.config, func([]byte) (image.Image, error) { panic("index out of range") }}
	var e *Error
	if _, err := Decode(encode(png.Encode, ramp())); !errors.As(err, &e) || e.Code != Damaged {
		t.Error(err)
	}
}
