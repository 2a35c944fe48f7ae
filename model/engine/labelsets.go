package engine

import (
	"math/bits"
	"slices"
)

// maxSet bounds how many superpixels one position of a feature map may meet
// in the table method; its values are enumerated over all 2^k states.
const maxSet = 12

// labelSets holds distinct sets of superpixels, each named by a number. Set i
// for i < superpixels is the set of superpixel i alone, and the next is the empty
// set where there are pixels that are never hidden. It is a hash table on
// flat arrays: most of the work of planning is to name a hundred thousand sets
// of which a few hundred are distinct.
type labelSets struct {
	start  []int32  // set i is labels[start[i]:start[i+1]]
	labels []uint16 // ascending within a set
	slots  []int32  // open addressing; 0 is empty, else 1 + number of a set
}

// newLabelSets makes the sets of one superpixel.
func newLabelSets(superpixels int) *labelSets {
	s := &labelSets{start: []int32{0}, slots: make([]int32, 1024)}
	for i := range superpixels {
		s.add([]uint16{uint16(i)})
	}
	return s
}

func (s *labelSets) of(set int32) []uint16 { return s.labels[s.start[set]:s.start[set+1]] }

func (s *labelSets) count() int { return len(s.start) - 1 }

// states is the number of states that the members of a set can be in.
func (s *labelSets) states(set int32) int { return 1 << (s.start[set+1] - s.start[set]) }

func (s *labelSets) add(labels []uint16) int32 {
	s.labels = append(s.labels, labels...)
	s.start = append(s.start, int32(len(s.labels)))
	if 2*s.count() > len(s.slots) {
		s.slots = make([]int32, 2*len(s.slots))
		for i := range s.count() {
			s.slots[s.slot(s.of(int32(i)))] = int32(i) + 1
		}
	} else {
		s.slots[s.slot(labels)] = int32(s.count())
	}
	return int32(s.count() - 1)
}

// slot is where the set with these labels stands in slots, or the empty place
// where it belongs.
func (s *labelSets) slot(labels []uint16) int {
	hash := uint32(2166136261)
	for _, l := range labels {
		hash = (hash ^ uint32(l)) * 16777619
	}
	mask := len(s.slots) - 1 // a power of two less one
	for i := int(hash^hash>>15) & mask; ; i = (i + 1) & mask {
		if s.slots[i] == 0 || slices.Equal(s.of(s.slots[i]-1), labels) {
			return i
		}
	}
}

// union names the union of the given sets. It reports false if that has more
// than maxSet members.
func (s *labelSets) union(sets *[window][]int32) (int32, bool) {
	var buffer [maxSet + 1]uint16
	labels := buffer[:0]
	last := int32(-1)
	for _, row := range sets {
		for _, set := range row {
			if set == last {
				continue
			}
			last = set
			for _, l := range s.of(set) {
				at := 0
				for at < len(labels) && labels[at] < l {
					at++
				}
				if at < len(labels) && labels[at] == l {
					continue
				}
				if len(labels) == maxSet {
					return 0, false
				}
				labels = slices.Insert(labels, at, l)
			}
		}
	}
	if found := s.slots[s.slot(labels)]; found != 0 {
		return found - 1, true
	}
	return s.add(labels), true
}

// project fills to, indexed by the states of set, with the states of part, a
// set whose members all belong to set. Bit i of a state says whether the set's
// i-th member is shown.
func (s *labelSets) project(set, part int32, to []int32) {
	var bit [maxSet]int32
	members := s.of(part)
	for i, l := range s.of(set) {
		if j, ok := slices.BinarySearch(members, l); ok {
			bit[i] = 1 << j
		}
	}
	to[0] = 0
	for state := 1; state < s.states(set); state++ {
		to[state] = to[state&(state-1)] | bit[bits.TrailingZeros(uint(state))]
	}
}

// maximal returns those of the given sets that no other contains, and for
// each given set the place, in that list, of the smallest that contains it.
func (s *labelSets) maximal(sets []int32) (list, place []int32) {
	order := make([]int32, len(sets))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return s.states(sets[b]) - s.states(sets[a]) })
	place = make([]int32, len(sets))
	var signatures []uint64 // a bit per member's label mod 64
	for _, at := range order {
		set := sets[at]
		var signature uint64
		for _, l := range s.of(set) {
			signature |= 1 << (l % 64)
		}
		found := -1
		for i := len(list) - 1; i >= 0 && found < 0; i-- {
			if signature&^signatures[i] == 0 && contains(s.of(list[i]), s.of(set)) {
				found = i
			}
		}
		if found < 0 {
			found = len(list)
			list = append(list, set)
			signatures = append(signatures, signature)
		}
		place[at] = int32(found)
	}
	return list, place
}

// contains reports whether every element of part is in whole; both ascend.
func contains(whole, part []uint16) bool {
	for _, l := range part {
		for len(whole) > 0 && whole[0] < l {
			whole = whole[1:]
		}
		if len(whole) == 0 || whole[0] != l {
			return false
		}
	}
	return true
}
