package picture

import (
	"errors"
	"strings"
	"testing"
)

func TestFilesThatAreNoPicturesAreNamed(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"pdf", "%PDF-1.7\n%\xE2\xE3\xCF\xD3", "a PDF document"},
		{"dicom", strings.Repeat("\x00", 128) + "DICM\x02\x00", "a DICOM file"},
		{"bigtiff", "II+\x00\x08\x00\x00\x00", "a BigTIFF file"},
		{"zeiss", "ZISRAWFILE\x00\x00", "a CZI file"},
		{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "a HEIC photo"},
		{"heif", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00", "a HEIF photo"},
		{"avif", "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "an AVIF picture"},
		{"video", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00", "a video"},
		{"jpeg 2000", "\x00\x00\x00\x0CjP  \r\n\x87\n", "a JPEG 2000 picture"},
		{"office", "PK\x03\x04\x14\x00\x06\x00[Content_Types].xml", "an Office document"},
		{"old office", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Office document"},
		{"zip", "PK\x03\x04\x14\x00\x00\x00smear.jpg", "an archive of files (ZIP)"},
		{"svg", "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "an SVG drawing"},
		{"html", "\n<!DOCTYPE html><title>404</title>", "a web page (HTML)"},
		{"text", "Dear colleague, please find attached", "text"},
		{"text in German, cut in a letter", strings.Repeat("x", 4095) + "ä", "text"},
		{"text that begins like a bitmap", "BMP pictures are old.", "text"},
		{"noise", "\x00\x01\x02\x03\x04\x05\x06\x07", ""},
		{"riff without a picture", "RIFF\x04\x00\x00\x00WAVE", ""},
		{"one byte of a JPEG", "\xFF", ""},
	} {
		_, err := Decode([]byte(c.data))
		var e *Error
		if !errors.As(err, &e) || e.Code != NotAPicture {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !strings.HasPrefix(e.Looks, c.want) || (c.want == "") != (e.Looks == "") {
			t.Errorf("%s looks like %q, expected %q", c.name, e.Looks, c.want)
		}
		isSentence(t, e.Error())
	}
}

func TestTheSentenceForAPDFDocument(t *testing.T) {
	_, err := Decode([]byte("%PDF-1.4"))
	const want = "This file is not a picture that can be read: it looks like a PDF document. " +
		"Expected a JPEG, PNG, GIF, BMP, TIFF or WebP picture."
	if err == nil || err.Error() != want {
		t.Errorf("%v\nexpected %s", err, want)
	}
}
