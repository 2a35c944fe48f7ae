// Package packing writes an ONNX file in fewer bytes, for the way to the reader, and takes that
// back to the last bit.
//
// Of a trained layer's numbers, which are rounded to bfloat16 or to half precision, gzip can save
// little: it sees bytes, and the bits that repeat (the exponent) share their bytes with bits that
// do not (sign and mantissa). Here the exponent and the three bits after it are one symbol with a
// Huffman code of its layer's, the other bits follow as they are, and those that are zero in all of
// the layer are left out. That is within three hundredths of a bit of the entropy of such numbers.
package packing

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"

	"google.golang.org/protobuf/encoding/protowire"
)

// mark begins a packed file. An ONNX file cannot begin so.
var mark = []byte("packed weights\n")

// A number's 32 bits are its sign, a symbol, and the lower bits of its mantissa.
const (
	symbolBits = 11 // the exponent and three bits of the mantissa
	lowerBits  = 32 - 1 - symbolBits
	symbols    = 1 << symbolBits
)

// fewest is how many numbers are worth a code of their own.
const fewest = 512

// Pack packs an ONNX file, or any other bytes: of those it saves nothing. What Unpack makes of the
// result are the same bytes.
//
// After the mark follow, each as a varint, the length of the file and, for each stretch of numbers,
// the number of bytes before it since the last, its numbers, and how many lower bits are left out;
// then its code, and a stream of bits from the highest of each byte on; at last what remains.
func Pack(file []byte) []byte {
	out := binary.AppendUvarint(bytes.Clone(mark), uint64(len(file)))
	at := 0
	for _, s := range stretches(file) {
		out = binary.AppendUvarint(out, uint64(s.from-at))
		out = append(out, file[at:s.from]...)
		out = appendNumbers(out, file[s.from:s.to])
		at = s.to
	}
	out = binary.AppendUvarint(out, uint64(len(file)-at))
	return append(out, file[at:]...)
}

// stretch is where numbers stand in a file.
type stretch struct{ from, to int }

// stretches finds the raw data of the initializers of an ONNX model: field 9 of the messages in
// field 5 of field 7 (onnx.proto3, versions 3 to 10). What is no such file has none.
func stretches(file []byte) (found []stretch) {
	within(file, 0, []protowire.Number{7, 5, 9}, func(from, to int) {
		if n := to - from; n%4 == 0 && n/4 >= fewest {
			found = append(found, stretch{from, to})
		}
	})
	return found
}

// within calls use with the place of each field that a path of field numbers leads to. It ends
// where the message, which begins at offset, cannot be read.
func within(message []byte, offset int, path []protowire.Number, use func(from, to int)) {
	for at := 0; at < len(message); {
		number, kind, n := protowire.ConsumeTag(message[at:])
		if n < 0 {
			return
		}
		at += n
		size := protowire.ConsumeFieldValue(number, kind, message[at:])
		if size < 0 {
			return
		}
		if kind == protowire.BytesType && number == path[0] {
			content, _ := protowire.ConsumeBytes(message[at:])
			from := at + size - len(content)
			if len(path) == 1 {
				use(offset+from, offset+at+size)
			} else {
				within(content, offset+from, path[1:], use)
			}
		}
		at += size
	}
}

// symbolOf takes a number apart: its symbol, and the bits beside it, the sign above the lower ones.
func symbolOf(v uint32) (symbol, beside uint32) {
	return v >> lowerBits % symbols, v>>31<<lowerBits | v%(1<<lowerBits)
}

// appendNumbers packs 32-bit numbers, in little-endian order.
func appendNumbers(out, numbers []byte) []byte {
	counts := make([]int, symbols)
	var used uint32
	for i := 0; i < len(numbers); i += 4 {
		symbol, beside := symbolOf(binary.LittleEndian.Uint32(numbers[i:]))
		counts[symbol]++
		used |= beside
	}
	zero := min(bits.TrailingZeros32(used), lowerBits)
	lengths := lengthsOf(counts)
	codes := codesOf(lengths)
	out = binary.AppendUvarint(out, uint64(len(numbers)/4))
	out = append(out, byte(zero))
	out = appendLengths(out, lengths)
	w := writer{out: out}
	for i := 0; i < len(numbers); i += 4 {
		symbol, beside := symbolOf(binary.LittleEndian.Uint32(numbers[i:]))
		w.write(uint64(codes[symbol]), int(lengths[symbol]))
		w.write(uint64(beside>>zero), 1+lowerBits-zero)
	}
	return w.finish()
}

// appendLengths writes the code: the first symbol that has one, how many symbols follow up to the
// last, and their lengths.
func appendLengths(out []byte, lengths []uint8) []byte {
	first := 0
	for lengths[first] == 0 {
		first++
	}
	last := symbols
	for lengths[last-1] == 0 {
		last--
	}
	out = binary.AppendUvarint(out, uint64(first))
	out = binary.AppendUvarint(out, uint64(last-first))
	return append(out, lengths[first:last]...)
}

// Packed tells whether a file is a packed one.
func Packed(file []byte) bool { return bytes.HasPrefix(file, mark) }

var errDamaged = errors.New("the packed weights are damaged")

// Unpack takes Pack back. A file that was not packed is returned as it is; one that is damaged is
// an error, unless it still is the packed form of another file.
func Unpack(file []byte) ([]byte, error) {
	if !Packed(file) {
		return file, nil
	}
	r := reader{rest: file[len(mark):]}
	size := r.uvarint(maxSize)
	out := make([]byte, 0, size)
	for {
		out = append(out, r.take(r.uvarint(size-len(out)))...)
		if r.failed {
			return nil, errDamaged
		}
		if len(r.rest) == 0 {
			break
		}
		out = r.appendNumbers(out, size)
	}
	if len(out) != size {
		return nil, errDamaged
	}
	return out, nil
}

// maxSize is how large a file may say that it is, in bytes: a damaged one must not take all memory.
const maxSize = 64 << 20

// reader reads what Pack wrote. Where that is damaged it has failed, and what it returns is of no use.
type reader struct {
	rest   []byte
	failed bool
}

// uvarint reads a number that is at most most.
func (r *reader) uvarint(most int) int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > uint64(max(most, 0)) {
		r.failed = true
		return 0
	}
	r.rest = r.rest[n:]
	return int(v)
}

func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.failed = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// appendNumbers unpacks a stretch behind out, which may become size bytes long.
func (r *reader) appendNumbers(out []byte, size int) []byte {
	n := r.uvarint((size - len(out)) / 4)
	head := r.take(1)
	if r.failed || head[0] > lowerBits {
		r.failed = true
		return out
	}
	zero := int(head[0])
	table := r.table()
	if r.failed {
		return out
	}
	width := 1 + lowerBits - zero
	data, at := r.rest, 0 // the bits that were not used stand at the top of held
	var held uint64
	count := 0
	for range n {
		for count <= 56 {
			if at < len(data) {
				held |= uint64(data[at]) << (56 - count)
			}
			at++
			count += 8
		}
		e := table[held>>(64-longest)]
		held <<= e.length
		beside := uint32(held>>(64-width)) << zero
		held <<= width
		count -= int(e.length) + width
		v := beside>>lowerBits<<31 | uint32(e.symbol)<<lowerBits | beside%(1<<lowerBits)
		out = binary.LittleEndian.AppendUint32(out, v)
	}
	at -= count / 8 // whole bytes that were read ahead
	if at > len(data) {
		r.failed = true
		return out
	}
	r.rest = data[at:]
	return out
}

// table reads a code, as what each beginning of the stream means. It fails where the lengths are not
// those of a code that uses all of them.
func (r *reader) table() []entry {
	first := r.uvarint(symbols - 1)
	lengths := make([]uint8, symbols)
	copy(lengths[first:], r.take(r.uvarint(symbols-first)))
	table := make([]entry, 1<<longest)
	filled := 0
	for length := range uint8(longest + 1) {
		for symbol, l := range lengths {
			if l > longest {
				r.failed = true
			}
			if l != length || l == 0 {
				continue
			}
			n := 1 << (longest - l)
			if filled+n > len(table) {
				r.failed = true
				return nil
			}
			for i := range n {
				table[filled+i] = entry{uint16(symbol), l}
			}
			filled += n
		}
	}
	if filled != len(table) {
		r.failed = true
	}
	return table
}

// entry is the symbol that a stream begins with, and the length of its code word.
type entry struct {
	symbol uint16
	length uint8
}
