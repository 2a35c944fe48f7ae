package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"testing"
	"time"
)

// addPictures adds a file of every kind, and headers without pixels.
func addPictures(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.data)
	}
	f.Add(webpExtended(20, 20))
	f.Add(gifHeader(20, 20))
	f.Add(bmpHeader(20, 20))
	f.Add(pngWithSize(20, 20))
	f.Add(testdata("cmyk.tiff"))
}

// Any file is a picture within the limits, the same each time and the same again
// when it is saved without loss, or is refused in words that a person can read.
func FuzzDecode(f *testing.F) {
	addPictures(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 18 // Pixels, so that lying headers do not slow the search down.
		p, err := decode(data, limit)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			if p != nil {
				t.Fatal("a picture and an error")
			}
			isSentence(t, err.Error())
			return
		}
		if p.Width <= 0 || p.Height <= 0 || p.Width > MaxSide || p.Height > MaxSide || p.Width*p.Height > limit || len(p.Pix) != 3*p.Width*p.Height {
			t.Fatalf("%d x %d pixels in %d bytes", p.Width, p.Height, len(p.Pix))
		}
		for _, note := range p.Notes {
			isSentence(t, note.Sentence())
		}
		again, err := decode(data, limit)
		if err != nil || again.Width != p.Width || !bytes.Equal(again.Pix, p.Pix) {
			t.Fatalf("read once more it is another picture (%v)", err)
		}
		img := image.NewNRGBA(image.Rect(0, 0, p.Width, p.Height))
		for i := range p.Width * p.Height {
			copy(img.Pix[4*i:], p.Pix[3*i:][:3])
			img.Pix[4*i+3] = 255
		}
		saved, err := decode(encode(png.Encode, img), limit)
		if err != nil || saved.Width != p.Width || !bytes.Equal(saved.Pix, p.Pix) {
			t.Fatalf("saved and read it is another picture (%v)", err)
		}
	})
}

// What a file says about itself is read in a time that its length bounds, whatever
// it says.
func FuzzInspect(f *testing.F) {
	addPictures(f)
	f.Add(animatedGIF())
	f.Add(animatedFrame())
	f.Fuzz(func(t *testing.T, data []byte) {
		format, start := sniff(data), time.Now()
		if format == "" {
			if len(data) > 0 {
				isSentence(t, (&Error{Code: NotAPicture, Looks: looksLike(data)}).Error())
			}
			return
		}
		about, err := inspect(format, data)
		if err != nil {
			isSentence(t, refusal(format, err).Error())
		}
		if about.orientation < 0 || about.orientation > 8 {
			t.Errorf("orientation %d", about.orientation)
		}
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%d bytes took %v", len(data), took)
		}
	})
}

// Any bytes ask for one of the eight orientations or for none, with a JPEG header
// before them and without, and what they ask for can be written again.
func FuzzOrientation(f *testing.F) {
	for o := range uint16(10) {
		f.Add(exif(binary.LittleEndian, o))
		f.Add(exif(binary.BigEndian, o))
	}
	header := []byte("Exif\x00\x00")
	f.Add(append(header[:len(header):len(header)], exif(binary.BigEndian, 6)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		o := exifOrientation(data)
		if o < 0 || o > 8 {
			t.Fatalf("orientation %d", o)
		}
		if !bytes.HasPrefix(data, header) {
			if with := exifOrientation(append(header[:len(header):len(header)], data...)); with != o {
				t.Errorf("orientation %d, with a header %d", o, with)
			}
		}
		if o == 0 {
			return
		}
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			if again := exifOrientation(exif(order, uint16(o))); again != o {
				t.Errorf("orientation %d, written again %d", o, again)
			}
		}
	})
}
