package packing

import (
	"cmp"
	"slices"
)

// longest is the length of the longest code word in bits; a table of all beginnings of that length
// is what makes reading fast.
const longest = 13

// lengthsOf returns the length of each symbol's code word, 0 for symbols that do not occur: those
// of Huffman's code (Proc. IRE 40, 1952), of counts that are made flatter until no word is too long.
// At least two symbols have one, so that every beginning of a stream means something.
func lengthsOf(counts []int) []uint8 {
	counts = slices.Clone(counts)
	for i := 0; occurring(counts) < 2; i++ {
		counts[i] = max(counts[i], 1)
	}
	for {
		lengths := huffman(counts)
		if slices.Max(lengths) <= longest {
			return lengths
		}
		for i, n := range counts {
			counts[i] = (n + 1) / 2
		}
	}
}

func occurring(counts []int) (n int) {
	for _, count := range counts {
		if count > 0 {
			n++
		}
	}
	return n
}

// huffman joins the two rarest again and again; of equally rare ones those that were there first.
func huffman(counts []int) []uint8 {
	type node struct {
		count, order int
		leaves       []int
	}
	lengths := make([]uint8, len(counts))
	var nodes []node
	for symbol, n := range counts {
		if n > 0 {
			nodes = append(nodes, node{n, symbol, []int{symbol}})
		}
	}
	for order := len(counts); len(nodes) > 1; order++ {
		slices.SortFunc(nodes, func(a, b node) int { return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.order, b.order)) })
		joined := node{nodes[0].count + nodes[1].count, order, slices.Concat(nodes[0].leaves, nodes[1].leaves)}
		for _, symbol := range joined.leaves {
			lengths[symbol]++
		}
		nodes = append(nodes[2:], joined)
	}
	return lengths
}

// codesOf returns the code words: those of one length are successive numbers in the order of their
// symbols, and shorter ones come first (the canonical code), so that the lengths say all.
func codesOf(lengths []uint8) []uint32 {
	codes := make([]uint32, len(lengths))
	next := uint32(0)
	for length := uint8(1); length <= longest; length++ {
		next <<= 1
		for symbol, l := range lengths {
			if l == length {
				codes[symbol] = next
				next++
			}
		}
	}
	return codes
}

// writer appends bits to out, the highest of each byte first.
type writer struct {
	out   []byte
	held  uint64 // the last count bits were not written yet
	count int
}

// write appends the last n bits of value; n is at most 32.
func (w *writer) write(value uint64, n int) {
	w.held = w.held<<n | value
	w.count += n
	for w.count >= 8 {
		w.count -= 8
		w.out = append(w.out, byte(w.held>>w.count))
	}
}

// finish fills the last byte with zeros.
func (w *writer) finish() []byte {
	if w.count > 0 {
		w.write(0, 8-w.count)
	}
	return w.out
}
