package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"slices"
	"testing"

	"github.com/disintegration/imaging"
)

// exif is a directory with one tag, the orientation, in either byte order.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	magic := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		magic = "MM\x00*"
	}
	b := order.AppendUint32([]byte(magic), 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 274)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, orientation)
	return append(b, 0, 0, 0, 0, 0, 0)
}

func app1(body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2)), body...)
}

// pngChunk is a chunk with its length and its checksum.
func pngChunk(name string, body []byte) []byte {
	named := append([]byte(name), body...)
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), named...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(named))
}

// stored tells where the pixel (x, y) of the upright picture of w x h pixels lies
// in the file. From the EXIF standard's words on what row 0 and column 0 of the
// file are: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top,
// 6 right top, 7 right bottom, 8 left bottom.
func stored(orientation, x, y, w, h int) (sx, sy int) {
	left, top, right, bottom := x, y, w-1-x, h-1-y
	switch orientation {
	case 2:
		return right, top
	case 3:
		return right, bottom
	case 4:
		return left, bottom
	case 5:
		return top, left
	case 6:
		return top, right
	case 7:
		return bottom, right
	case 8:
		return bottom, left
	}
	return left, top
}

func TestOrientationIsApplied(t *testing.T) {
	jpg := encode(asJPEG, ramp())
	pngFile := encode(png.Encode, ramp())
	lossless := testdata("lossless.webp")
	for o := 1; o <= 8; o++ {
		little, big := exif(binary.LittleEndian, uint16(o)), exif(binary.BigEndian, uint16(o))
		header := []byte("Exif\x00\x00")
		xmp := app1([]byte("http://ns.adobe.com/xap/1.0/\x00<x/>"))
		extended := []byte{8, 0, 0, 0, rampW - 1, 0, 0, rampH - 1, 0, 0}
		oriented := map[string][]byte{
			"jpeg":           slices.Concat(jpg[:2], app1(slices.Concat(header, little)), jpg[2:]),
			"jpeg, Motorola": slices.Concat(jpg[:2], app1(slices.Concat(header, big)), jpg[2:]),
			"jpeg after XMP": slices.Concat(jpg[:2], xmp, app1(slices.Concat(header, big)), jpg[2:]),
			"png":            slices.Concat(pngFile[:33], pngChunk("eXIf", big), pngFile[33:]),
			"tiff":           withOrientation(testdata("lzw.tiff"), uint16(o)),
			"webp":           riff(slices.Concat(chunk("VP8X", extended), lossless[12:], chunk("EXIF", little))),
		}
		for name, data := range oriented {
			t.Run(fmt.Sprint(name, " ", o), func(t *testing.T) {
				p, err := Decode(data)
				if err != nil {
					t.Fatal(err)
				}
				if p.Has(Rotated) != (o > 1) {
					t.Errorf("notes %q", p.Notes)
				}
				upright := image.Pt(rampW, rampH)
				if o >= 5 {
					upright = image.Pt(rampH, rampW)
				}
				if p.Width != upright.X || p.Height != upright.Y {
					t.Fatalf("%d x %d pixels", p.Width, p.Height)
				}
				plain, err := Decode(jpg)
				if err != nil {
					t.Fatal(err)
				}
				for y := range p.Height {
					for x := range p.Width {
						sx, sy := stored(o, x, y, p.Width, p.Height)
						want := onRamp(sx, sy)
						if p.Format == JPEG { // What it shows without the tag.
							want = [3]uint8(plain.Pix[3*(sy*rampW+sx):])
						}
						if got := [3]uint8(p.Pix[3*(y*p.Width+x):]); got != want {
							t.Fatalf("pixel %d, %d is %v, expected %v", x, y, got, want)
						}
					}
				}
			})
		}
		img, err := imaging.Decode(bytes.NewReader(oriented["jpeg"]), imaging.AutoOrientation(true))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Decode(oriented["jpeg"])
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p.Pix, rgbOf(imaging.Clone(img))) {
			t.Errorf("orientation %d is not that of imaging.AutoOrientation", o)
		}
	}
}

// withOrientation moves the directory of a little-endian TIFF file to its end and
// adds the tag.
func withOrientation(data []byte, orientation uint16) []byte {
	const tag = 274
	le := binary.LittleEndian
	start := int(le.Uint32(data[4:]))
	n := int(le.Uint16(data[start:]))
	out := le.AppendUint16(bytes.Clone(data), uint16(n+1))
	le.PutUint32(out[4:], uint32(len(data)))
	entry := exif(le, orientation)[10:22]
	for i := range n {
		old := data[start+2+12*i:][:12]
		if entry != nil && le.Uint16(old) > tag {
			out, entry = append(out, entry...), nil
		}
		out = append(out, old...)
	}
	return append(out, 0, 0, 0, 0)
}

func TestADamagedOrientationIsNone(t *testing.T) {
	whole := exif(binary.LittleEndian, 6)
	if got := exifOrientation(whole); got != 6 {
		t.Fatalf("orientation %d, expected 6", got)
	}
	for n := range 22 {
		if got := exifOrientation(whole[:n]); got != 0 {
			t.Errorf("cut to %d bytes: orientation %d", n, got)
		}
	}
	for _, o := range []uint16{0, 9, 65535} {
		if got := exifOrientation(exif(binary.BigEndian, o)); got != 0 {
			t.Errorf("orientation %d, expected none", got)
		}
	}
	far := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(far[4:], 1<<32-1)
	if got := exifOrientation(far); got != 0 {
		t.Errorf("directory beyond the end: orientation %d", got)
	}
}
