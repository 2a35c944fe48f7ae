// Package planes rearranges files of 32-bit numbers so that they compress better: the
// first bytes of all numbers stand together, then the second ones, and so on. Of
// weights that were rounded to bfloat16 or to half precision, as the shipped ones are,
// one or two bytes in four are then zero, or have a few values; gzip does not find that
// while they are mixed with the rest.
package planes

import "bytes"

// mark begins a file that was split. An ONNX file cannot begin so.
var mark = []byte("four planes of bytes\n")

// Split rearranges data, whatever its length. What Joined makes of the result is data.
func Split(data []byte) []byte {
	n := len(data) / 4
	out := make([]byte, 0, len(mark)+len(data))
	out = append(out, mark...)
	for plane := range 4 {
		for i := range n {
			out = append(out, data[4*i+plane])
		}
	}
	return append(out, data[4*n:]...)
}

// Joined takes Split back. Data that was not split is returned as it is.
func Joined(data []byte) []byte {
	split, found := bytes.CutPrefix(data, mark)
	if !found {
		return data
	}
	n := len(split) / 4
	out := make([]byte, len(split))
	for plane := range 4 {
		for i, b := range split[plane*n : (plane+1)*n] {
			out[4*i+plane] = b
		}
	}
	copy(out[4*n:], split[4*n:])
	return out
}
