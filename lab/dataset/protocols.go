package dataset

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"regexp"
	"slices"
	"strconv"

	"allnet/model"
)

// Protocol is one way of dividing a data set, by the name that results carry. Its
// sides are Train and Test only.
type Protocol struct {
	Name  string
	Split []Assignment
}

// Protocols are the splits that MakeProtocols made.
type Protocols struct {
	Protocols []Protocol
	// BySimilarity are the classes whose blocks were formed by likeness, because
	// not all of their files carry a number.
	BySimilarity []model.Class
	// Listing is all that the folder holds.
	Listing *Listing
	// Unreadable tells, by file, why a picture was left out.
	Unreadable map[string]error
}

// Blocks is the number of folds of the block split.
const Blocks = 5

// testShare is the test side's part in all protocols that are not folds (lab/ARTICLE.md,
// "Training": 80 : 20).
const testShare = 0.2

// benignGrowth is the growth of the article's Benign class by altered copies: 504
// pictures became 957 (lab/ARTICLE.md, "Augmentation").
const benignGrowth = 957.0 / 504

// MakeProtocols divides the pictures of dir in these ways; o.TestShare,
// o.ValidationShare and o.Split are not used:
//
//	article-unaugmented  all pictures shuffled, near-duplicates apart as it happens, 80:20
//	article-augmented    Benign grown by altered copies first, then as above, so that a copy
//	                     and its source may stand on different sides: what the authors did
//	honest               Split: near-duplicate groups whole, 80:20 of each class
//	block-0 … block-4    each class in the order of the numbers in its file names, in five
//	                     stretches; the test side is one of them. A near-duplicate group stands
//	                     where its first picture does
//
// A class in which a file has no number is divided by likeness instead.
func MakeProtocols(ctx context.Context, dir string, o Options) (*Protocols, error) {
	listing, err := List(dir)
	if err != nil {
		return nil, err
	}
	p := &Protocols{Listing: listing}
	items, thumbnails := listing.Items, make([]*thumbnail, len(listing.Items))
	p.Unreadable, err = readAll(ctx, dir, items, o.Progress, func(i int, in *model.Input) { thumbnails[i] = newThumbnail(in) })
	if err != nil {
		return nil, err
	}
	read := func(i int) bool { return thumbnails[i] != nil }
	items, thumbnails = keep(items, read), keep(thumbnails, read)
	if len(items) == 0 {
		return nil, errNoneReadable(dir)
	}
	groups := group(thumbnails, knownPairs(items, o.Known))
	p.add("article-unaugmented", shuffled(assign(items, groups), rand.New(rand.NewPCG(o.Seed, 2))))
	p.add("article-augmented", augmented(assign(items, groups), rand.New(rand.NewPCG(o.Seed, 3))))
	p.add("honest", Split(items, groups, testShare, o.Seed))
	var folds []int
	folds, p.BySimilarity = blocks(items, groups, thumbnails)
	for fold := range Blocks {
		split := assign(items, groups)
		for i := range split {
			if folds[i] == fold {
				split[i].Side = Test
			}
		}
		p.add(fmt.Sprintf("block-%d", fold), split)
	}
	return p, nil
}

func (p *Protocols) add(name string, split []Assignment) {
	p.Protocols = append(p.Protocols, Protocol{name, split})
}

// shuffled puts a fifth of the rows, rounded up, on the test side, whatever their
// class or group.
func shuffled(split []Assignment, random *rand.Rand) []Assignment {
	for _, i := range random.Perm(len(split))[:int(math.Ceil(testShare*float64(len(split))))] {
		split[i].Side = Test
	}
	return split
}

// augmented adds a copy of so many Benign pictures as the article did, and
// shuffles.
func augmented(split []Assignment, random *rand.Rand) []Assignment {
	var benign []Assignment
	for _, a := range split {
		if a.Label == model.Benign {
			a.Copy = 1
			benign = append(benign, a)
		}
	}
	copies := random.Perm(len(benign))[:int(math.Round((benignGrowth-1)*float64(len(benign))))]
	slices.Sort(copies)
	for _, i := range copies {
		split = append(split, benign[i])
	}
	return shuffled(split, random)
}

// blocks gives every picture the number of its fold, and names the classes that
// were divided by likeness.
func blocks(items []Item, groups []int, thumbnails []*thumbnail) (folds []int, bySimilarity []model.Class) {
	folds = make([]int, len(items))
	for _, class := range model.Classes {
		var members []int
		for i, item := range items {
			if item.Label == class {
				members = append(members, i)
			}
		}
		if !divideByNumber(items, groups, members, folds) {
			bySimilarity = append(bySimilarity, class)
			divideByLikeness(groups, thumbnails, members, folds)
		}
	}
	return folds, bySimilarity
}

// divideByNumber sets the folds of one class's pictures by the numbers in their
// names, or returns false where one has none.
func divideByNumber(items []Item, groups, members, folds []int) bool {
	numbers := make(map[int]int)
	for _, i := range members {
		n, ok := number(items[i].File)
		if !ok {
			return false
		}
		numbers[i] = n
	}
	members = slices.Clone(members)
	slices.SortStableFunc(members, func(i, j int) int { return cmp.Compare(numbers[i], numbers[j]) })
	of := make(map[int]int) // a group's fold
	for place, i := range members {
		if _, seen := of[groups[i]]; !seen {
			of[groups[i]] = place * Blocks / len(members)
		}
		folds[i] = of[groups[i]]
	}
	return true
}

// lastNumber finds the last number of a file's name, less its extension.
var lastNumber = regexp.MustCompile(`([0-9]+)[^0-9]*$`)

func number(file string) (int, bool) {
	name := path.Base(file)
	match := lastNumber.FindStringSubmatch(name[:len(name)-len(path.Ext(name))])
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	return n, err == nil
}

// looseDistance is how far apart, in grey levels, two thumbnails of one class may
// be to be taken for neighbours on one slide. It matters little: in the article's
// data set nearly all of a class hangs together at this distance, and the limit
// on a group's size decides.
const looseDistance = 25

// divideByLikeness sets the folds of one class's pictures so that like pictures
// are in one fold: groups are joined, the most alike first, as long as they stay
// within half a fold, and dealt out, the largest first, to the fold that has the
// fewest pictures.
func divideByLikeness(groups []int, thumbnails []*thumbnail, members, folds []int) {
	type pair struct {
		i, j     int32
		distance float32
	}
	var pairs []pair
	for n, i := range members {
		for _, j := range members[:n] {
			if closer(thumbnails[i], thumbnails[j], looseDistance) {
				pairs = append(pairs, pair{int32(i), int32(j), distance(thumbnails[i], thumbnails[j])})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(a.distance, b.distance) })
	sets := newSets(len(groups))
	first, size := make(map[int]int), make(map[int]int)
	for _, i := range members {
		if _, seen := first[groups[i]]; !seen {
			first[groups[i]] = i
		}
		sets.join(i, first[groups[i]])
		size[first[groups[i]]]++
	}
	for _, p := range pairs {
		a, b := sets.root(int(p.i)), sets.root(int(p.j))
		if a != b && size[a]+size[b] <= len(members)/(2*Blocks) {
			size[min(a, b)] = size[a] + size[b]
			sets.join(a, b)
		}
	}
	var roots []int
	for _, i := range members {
		if sets.root(i) == i {
			roots = append(roots, i)
		}
	}
	slices.SortStableFunc(roots, func(a, b int) int { return cmp.Compare(size[b], size[a]) })
	of, filled := make(map[int]int), make([]int, Blocks)
	for _, root := range roots {
		least := slices.Index(filled, slices.Min(filled))
		of[root] = least
		filled[least] += size[root]
	}
	for _, i := range members {
		folds[i] = of[sets.root(i)]
	}
}
