package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
)

// facts are what a file says about itself beside its pixels.
type facts struct {
	orientation int  // the EXIF orientation, 1 to 8; 0 where there is none
	animated    bool // more than one frame
	pages       bool // more than one page
}

// maxScans bounds the passes of a progressive JPEG, which usually has ten: a
// short file can ask for any number of passes over any number of pixels.
const maxScans = 200

// inspect reads the facts, and refuses what a decoder would not refuse itself.
// It believes nothing: what is damaged is left out here and found by the decoder.
func inspect(format Format, data []byte) (f facts, err error) {
	switch format {
	case JPEG:
		const app1, startOfScan = 0xE1, 0xDA
		scans := 0
		for marker, body := range jpegSegments(data) {
			switch {
			case marker == app1 && f.orientation == 0:
				f.orientation = exifOrientation(body)
			case marker == startOfScan:
				scans++
			}
		}
		if scans > maxScans {
			return f, fmt.Errorf("%d scans, expected at most %d", scans, maxScans)
		}
	case PNG:
		for name, body := range pngChunks(data) {
			switch {
			case name == "acTL" && len(body) >= 4: // Animation control: number of frames, ...
				f.animated = binary.BigEndian.Uint32(body) > 1
			case name == "eXIf":
				f.orientation = exifOrientation(body)
			}
		}
	case GIF:
		f.animated = gifFrames(data) > 1
	case WebP:
		frames := 0
		for name, body := range riffChunks(data) {
			switch name {
			case "ANMF":
				frames++
			case "EXIF":
				f.orientation = exifOrientation(body)
			}
		}
		f.animated = frames > 1
	case TIFF:
		const samplesPerPixel, planarConfiguration = 277, 284
		tags, more := readIFD(data)
		// The decoder does not look at this tag, and would take a plane of one
		// colour for pixels.
		if tags[planarConfiguration] == 2 && tags[samplesPerPixel] > 1 {
			return f, fmt.Errorf("%w: colours in separate planes", errUnsupported)
		}
		f.orientation = validOrientation(tags)
		f.pages = more
	}
	return f, nil
}

// jpegSegments yields the marker and the body of every segment that has a body.
// Like the decoder it takes whatever stands between two segments, the coded
// pixels above all, for something to be skipped.
func jpegSegments(data []byte) iter.Seq2[byte, []byte] {
	const endOfImage, restart0, restart7 = 0xD9, 0xD0, 0xD7
	return func(yield func(byte, []byte) bool) {
		for rest := data[2:]; ; {
			i := bytes.IndexByte(rest, 0xFF)
			if i < 0 || len(rest) < i+4 {
				return
			}
			marker := rest[i+1]
			switch {
			case marker == 0xFF: // A fill byte.
				rest = rest[i+1:]
				continue
			case marker == 0, restart0 <= marker && marker <= restart7:
				rest = rest[i+2:]
				continue
			case marker == endOfImage:
				return
			}
			n := int(binary.BigEndian.Uint16(rest[i+2:])) // Counts itself.
			if n < 2 || len(rest) < i+2+n || !yield(marker, rest[i+4:i+2+n]) {
				return
			}
			rest = rest[i+2+n:]
		}
	}
}

// pngChunks yields the name and the body of every chunk.
func pngChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := data[8:]; len(rest) >= 8; {
			n, name := uint64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
			if uint64(len(rest)) < 12+n || !yield(name, rest[8:8+n]) {
				return
			}
			rest = rest[12+n:]
		}
	}
}

// riffChunks yields the name and the body of every chunk of a WebP file.
func riffChunks(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for rest := data[12:]; len(rest) >= 8; {
			n, name := uint64(binary.LittleEndian.Uint32(rest[4:])), string(rest[:4])
			if uint64(len(rest)) < 8+n || !yield(name, rest[8:8+n]) {
				return
			}
			rest = rest[min(8+n+n%2, uint64(len(rest))):]
		}
	}
}

// gifFrames counts the frames, but not beyond two.
func gifFrames(data []byte) (frames int) {
	// Beyond the end every byte is 0, which ends both loops.
	at := func(i int) int {
		if i < len(data) {
			return int(data[i])
		}
		return 0
	}
	tableSize := func(flags int) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	for i := 13 + tableSize(at(10)); ; {
		switch at(i) {
		case 0x21: // An extension: its label, then blocks.
			i += 2
		case 0x2C: // A frame: its descriptor, its colours, the width of its codes, then blocks.
			if frames++; frames == 2 {
				return frames
			}
			i += 10 + tableSize(at(i+9)) + 1
		default:
			return frames
		}
		for at(i) > 0 {
			i += 1 + at(i)
		}
		i++
	}
}
