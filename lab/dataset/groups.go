package dataset

import (
	"runtime"
	"sync"

	"allnet/model"
)

// tiles is how many pixels the small picture by which near-duplicates are recognised
// has along each side; each is the mean of a tile of the whole picture.
const tiles = 16

// duplicateDistance is the mean absolute difference, in grey levels, below which
// two small pictures count as near-duplicates. Of the 76 pairs of pictures that
// stand in one published near-duplicate group of the article's data set, 75 lie
// below it (the last, a shifted view, at 9.6); of the other 4.3 million pairs 5
// do, and they show the same field.
const duplicateDistance = 6.5

// thumbnail is a picture averaged down to [tiles][tiles][3], in grey levels.
type thumbnail [tiles * tiles * 3]float32

func newThumbnail(in *model.Input) *thumbnail {
	const tile = model.Side / tiles
	t := new(thumbnail)
	for y := range model.Side {
		for x := range model.Side {
			for c := range 3 {
				t[(y/tile*tiles+x/tile)*3+c] += float32(in.RGB[(y*model.Side+x)*3+c]) / (tile * tile)
			}
		}
	}
	return t
}

// closer tells whether the mean absolute difference of two thumbnails is below
// limit grey levels.
func closer(a, b *thumbnail, limit float32) bool {
	left := limit * float32(len(a))
	for i := 0; i < len(a); i += tiles * 3 {
		for j := i; j < i+tiles*3; j++ {
			left -= max(a[j]-b[j], b[j]-a[j])
		}
		if left <= 0 {
			return false
		}
	}
	return true
}

// distance is the mean absolute difference of two thumbnails in grey levels.
func distance(a, b *thumbnail) float32 {
	var sum float32
	for i := range a {
		sum += max(a[i]-b[i], b[i]-a[i])
	}
	return sum / float32(len(a))
}

// disjoint holds disjoint sets of indices: each entry is another member of its
// set, or, at the set's root, itself.
type disjoint []int

func newSets(n int) disjoint {
	d := make(disjoint, n)
	for i := range d {
		d[i] = i
	}
	return d
}

// root returns the least member of i's set.
func (d disjoint) root(i int) int {
	for d[i] != i {
		d[i] = d[d[i]]
		i = d[i]
	}
	return i
}

func (d disjoint) join(i, j int) {
	a, b := d.root(i), d.root(j)
	d[max(a, b)] = min(a, b)
}

// group gives every thumbnail the number of its near-duplicate group: the index
// of the group's first member. Groups are the connected components of "closer
// than duplicateDistance", with the known pairs joined.
func group(thumbnails []*thumbnail, known [][2]int) []int {
	sets := newSets(len(thumbnails))
	for _, pair := range known {
		sets.join(pair[0], pair[1])
	}
	var mu sync.Mutex
	var workers sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		workers.Go(func() {
			for i := core; i < len(thumbnails); i += cores {
				for j := range i {
					if closer(thumbnails[i], thumbnails[j], duplicateDistance) {
						mu.Lock()
						sets.join(i, j)
						mu.Unlock()
					}
				}
			}
		})
	}
	workers.Wait()
	groups := make([]int, len(thumbnails))
	for i := range groups {
		groups[i] = sets.root(i)
	}
	return groups
}
