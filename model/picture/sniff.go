package picture

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// Format names what a picture was read from.
type Format string

// The formats that Decode reads, and Canvas for FromRGBA.
const (
	JPEG   Format = "JPEG"
	PNG    Format = "PNG"
	GIF    Format = "GIF"
	BMP    Format = "BMP"
	TIFF   Format = "TIFF"
	WebP   Format = "WebP"
	Canvas Format = "canvas"
)

// sniff tells the format by the first bytes, never by a name: "" where it is none.
func sniff(data []byte) Format {
	switch {
	case has(data, 0, "\xFF\xD8\xFF"):
		return JPEG
	case has(data, 0, "\x89PNG\r\n\x1A\n"):
		return PNG
	case has(data, 0, "GIF87a"), has(data, 0, "GIF89a"):
		return GIF
	case has(data, 0, "II*\x00"), has(data, 0, "MM\x00*"):
		return TIFF
	case has(data, 0, "RIFF") && has(data, 8, "WEBP"):
		return WebP
	case isBMP(data):
		return BMP
	}
	return ""
}

// isBMP asks for a known size of the second header as well: two letters alone
// begin many a text.
func isBMP(data []byte) bool {
	if !has(data, 0, "BM") || len(data) < 18 {
		return false
	}
	switch binary.LittleEndian.Uint32(data[14:]) {
	case 12, 16, 40, 52, 56, 64, 108, 124:
		return true
	}
	return false
}

// looks are the signatures of files that are mistaken for pictures, or are
// pictures of formats that are not read; the first that fits counts.
var looks = []struct {
	at    int
	magic string
	what  string
}{
	{0, "%PDF-", "a PDF document"},
	{128, "DICM", "a DICOM file, as medical image archives keep them"},
	{0, "II+\x00", "a BigTIFF file, as slide scanners write them"},
	{0, "MM\x00+", "a BigTIFF file, as slide scanners write them"},
	{0, "ZISRAWFILE", "a CZI file of a Zeiss microscope"},
	{0, "\xDA\xCE\xBE\x0A", "an ND2 file of a Nikon microscope"},
	{4, "ftypheic", "a HEIC photo, as many phones take them"},
	{4, "ftypheix", "a HEIC photo, as many phones take them"},
	{4, "ftyphevc", "a HEIC photo, as many phones take them"},
	{4, "ftypheim", "a HEIC photo, as many phones take them"},
	{4, "ftypmif1", "a HEIF photo, as many phones take them"},
	{4, "ftypmsf1", "a HEIF photo, as many phones take them"},
	{4, "ftypavif", "an AVIF picture"},
	{4, "ftypavis", "an AVIF picture"},
	{4, "ftypcrx", "a raw camera file"},
	{4, "ftyp", "a video"},
	{0, "\x1A\x45\xDF\xA3", "a video"},
	{8, "AVI LIST", "a video"},
	{0, "\x00\x00\x00\x0CjP  ", "a JPEG 2000 picture"},
	{0, "\xFF\x4F\xFF\x51", "a JPEG 2000 picture"},
	{0, "\x00\x00\x00\x0CJXL ", "a JPEG XL picture"},
	{0, "\xFF\x0A", "a JPEG XL picture"},
	{0, "8BPS", "a Photoshop file"},
	{0, "\x00\x00\x01\x00", "an icon"},
	{0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Office document"},
	{0, "{\\rtf", "a text document"},
	{0, "Rar!", "an archive of files (RAR)"},
	{0, "7z\xBC\xAF\x27\x1C", "an archive of files (7z)"},
	{0, "\x1F\x8B", "a compressed file (gzip)"},
}

// looksLike says what data that is no picture looks like, with its article, or
// "" where that is not easily told.
func looksLike(data []byte) string {
	for _, l := range looks {
		if has(data, l.at, l.magic) {
			return l.what
		}
	}
	head := data[:min(len(data), 4096)]
	if has(data, 0, "PK\x03\x04") {
		for _, part := range []string{"[Content_Types].xml", "word/", "xl/", "ppt/", "mimetypeapplication/vnd.oasis"} {
			if bytes.Contains(head, []byte(part)) {
				return "an Office document"
			}
		}
		return "an archive of files (ZIP)"
	}
	if !isText(head) {
		return ""
	}
	lower := bytes.ToLower(head)
	switch {
	case bytes.Contains(lower, []byte("<svg")):
		return "an SVG drawing"
	case bytes.Contains(lower, []byte("<!doctype html")), bytes.Contains(lower, []byte("<html")):
		return "a web page (HTML)"
	}
	return "text"
}

// isText reports whether head is UTF-8 without control characters other than
// white space. Its last character may be cut.
func isText(head []byte) bool {
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		switch {
		case r == utf8.RuneError && n == 1 && (i+utf8.UTFMax <= len(head) || utf8.FullRune(head[i:])):
			return false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f':
			return false
		}
		i += n
	}
	return true
}

// has reports whether magic stands at offset at of data.
func has(data []byte, at int, magic string) bool {
	return len(data) >= at+len(magic) && string(data[at:at+len(magic)]) == magic
}
