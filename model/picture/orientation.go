package picture

import (
	"bytes"
	"encoding/binary"
	"image"

	"github.com/disintegration/imaging"
)

// orient applies an EXIF orientation, 1 to 8. The transforms are those of
// imaging.AutoOrientation, which itself reads the tag of JPEG files only, and
// only where no other APP1 segment comes first.
func orient(img image.Image, orientation int) image.Image {
	switch orientation {
	case 2:
		return imaging.FlipH(img)
	case 3:
		return imaging.Rotate180(img)
	case 4:
		return imaging.FlipV(img)
	case 5:
		return imaging.Transpose(img)
	case 6:
		return imaging.Rotate270(img)
	case 7:
		return imaging.Transverse(img)
	case 8:
		return imaging.Rotate90(img)
	}
	return img
}

// exifOrientation returns the orientation that EXIF data asks for, 1 to 8, or 0.
// The data has its JPEG header in JPEG files, in some WebP files, not in PNG.
func exifOrientation(exif []byte) int {
	tags, _ := readIFD(bytes.TrimPrefix(exif, []byte("Exif\x00\x00")))
	return validOrientation(tags)
}

func validOrientation(tags map[uint16]uint32) int {
	const orientation = 274
	if o := tags[orientation]; 1 <= o && o <= 8 {
		return int(o)
	}
	return 0
}

// readIFD reads the first directory of a TIFF file, which EXIF data is too: the
// first value of every tag that holds one whole number in place, and whether
// another directory follows. What is damaged is left out.
func readIFD(tiff []byte) (tags map[uint16]uint32, more bool) {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case has(tiff, 0, "II*\x00"):
	case has(tiff, 0, "MM\x00*"):
		order = binary.BigEndian
	default:
		return nil, false
	}
	if len(tiff) < 8 {
		return nil, false
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return nil, false
	}
	tags = map[uint16]uint32{}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			return tags, false
		}
		tag, kind, count, value := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:]), entries[8:12]
		if count == 1 {
			switch kind {
			case 1: // BYTE
				tags[tag] = uint32(value[0])
			case 3: // SHORT
				tags[tag] = uint32(order.Uint16(value))
			case 4: // LONG
				tags[tag] = order.Uint32(value)
			}
		}
		entries = entries[12:]
	}
	return tags, len(entries) >= 4 && order.Uint32(entries) != 0
}
