package dataset

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"allnet/model"
)

func onSide(split []Assignment, side Side) (chosen []Assignment) {
	for _, a := range split {
		if a.Side == side {
			chosen = append(chosen, a)
		}
	}
	return chosen
}

// The article's own numbers (lab/ARTICLE.md, "Augmentation"): 504 Benign pictures among 3,256 grow to 957
// among 3,709, of which 742 are tested.
func TestTheArticlesAugmentationPutsCopiesAndTheirSourcesOnDifferentSides(t *testing.T) {
	var items []Item
	for i, n := range []int{504, 985, 963, 804} {
		for k := range n {
			class := model.Classes[i]
			items = append(items, Item{fmt.Sprintf("%s/%d.jpg", class, k), class})
		}
	}
	split := augmented(assign(items, make([]int, len(items))), rand.New(rand.NewPCG(1, 3)))
	if len(split) != 3709 || len(onSide(split, Test)) != 742 {
		t.Errorf("%d of %d rows are tested, want 742 of 3709", len(onSide(split, Test)), len(split))
	}
	sides := make(map[string]Side)
	copies, apart := make(map[string]int), 0
	for _, a := range split {
		if a.Copy == 0 {
			sides[a.File] = a.Side
			continue
		}
		if a.Label != model.Benign {
			t.Errorf("%s of class %s is copied", a.File, a.Label)
		}
		copies[a.File]++
		if sides[a.File] != a.Side {
			apart++
		}
	}
	if len(copies) != 453 {
		t.Errorf("%d Benign pictures have a copy, want 453", len(copies))
	}
	// The leak: 2 · 0.8 · 0.2 of the copies stand apart from their source; the standard
	// deviation is 10.
	if apart < 105 || apart > 185 {
		t.Errorf("%d copies stand apart from their source, expected about 145", apart)
	}
}

// A split that keeps no group together tears pairs apart in 2 · 0.8 · 0.2 of
// the cases.
func TestTheArticlesSplitKeepsNoGroupTogether(t *testing.T) {
	var items []Item
	var groups []int
	for i := range 1000 {
		items = append(items, Item{fmt.Sprintf("Pre/%d.jpg", i), model.Pre})
		groups = append(groups, i/2)
	}
	split := shuffled(assign(items, groups), rand.New(rand.NewPCG(1, 2)))
	torn := 0
	for i := 0; i < len(split); i += 2 {
		if split[i].Side != split[i+1].Side {
			torn++
		}
	}
	if n := len(onSide(split, Test)); n != 200 || torn < 120 || torn > 200 {
		t.Errorf("%d pictures are tested and %d pairs torn, want 200 and about 160", n, torn)
	}
}

// Numbers are compared as numbers, and the groups {2, 40} and {19, 20} stay whole where
// their first picture stands.
func TestBlocksAreStretchesOfNumbers(t *testing.T) {
	var items []Item
	var groups []int
	for _, class := range model.Classes {
		for n := 1; n <= 50; n++ {
			items = append(items, Item{fmt.Sprintf("%s/slide 7 field %d b.jpg", class, n), class})
			groups = append(groups, 100*int(class)+map[int]int{40: 2, 20: 19}[n])
			if groups[len(groups)-1]%100 == 0 {
				groups[len(groups)-1] += n
			}
		}
	}
	order := rand.New(rand.NewPCG(1, 1)).Perm(len(items))
	shuffledItems, shuffledGroups := make([]Item, len(items)), make([]int, len(items))
	for i, from := range order {
		shuffledItems[i], shuffledGroups[i] = items[from], groups[from]
	}
	folds, bySimilarity := blocks(shuffledItems, shuffledGroups, nil)
	if len(bySimilarity) != 0 {
		t.Errorf("%v were divided by likeness", bySimilarity)
	}
	for i, item := range shuffledItems {
		n, _ := number(item.File)
		want := (n - 1) / 10
		if n == 40 {
			want = 0
		}
		if folds[i] != want {
			t.Errorf("%s is in fold %d, want %d", item.File, folds[i], want)
		}
	}
}

func TestTheLastNumberOfAFileNameCounts(t *testing.T) {
	for _, c := range []struct {
		file string
		want int
		ok   bool
	}{
		{"Pro/WBC-Malignant-Pro-0012.jpg", 12, true},
		{"Pro/2021 smear (3).jpeg", 3, true},
		{"Pro/smear.jp2", 0, false}, // the number of an extension is none
		{"Pro/7/smear.jpg", 0, false},
		{"Pro/99999999999999999999.jpg", 0, false},
	} {
		if n, ok := number(c.file); ok != c.ok || ok && n != c.want {
			t.Errorf("%s: got %d, %t, want %d, %t", c.file, n, ok, c.want, c.ok)
		}
	}
}

// Ten slides of ten like pictures each: no slide is torn apart, and the folds are
// of one size.
func TestWithoutNumbersLikePicturesStandInOneBlock(t *testing.T) {
	var items []Item
	var groups []int
	var thumbnails []*thumbnail
	for i := range 100 {
		slide := i % 10
		items = append(items, Item{"Benign/" + strings.Repeat("x", i+1), model.Benign})
		groups = append(groups, i)
		p := new(thumbnail)
		for k := range p {
			p[k] = float32(20*slide) + float32(i/10)/2 // slides 20 levels apart, their pictures at most 5
		}
		thumbnails = append(thumbnails, p)
	}
	groups[15] = 3 // slides 5 and 3 share a near-duplicate pair, which is stronger than any limit
	folds, bySimilarity := blocks(items, groups, thumbnails)
	if !slices.Equal(bySimilarity, []model.Class{model.Benign}) {
		t.Errorf("%v were divided by likeness, want Benign alone", bySimilarity)
	}
	if folds[15] != folds[3] {
		t.Error("near-duplicates stand in two folds")
	}
	size := make([]int, Blocks)
	for i, fold := range folds {
		size[fold]++
		if slide := i % 10; i != 15 && slide != 3 && slide != 5 && fold != folds[slide] {
			t.Errorf("picture %d of slide %d is in fold %d, another in %d", i/10, slide, fold, folds[slide])
		}
	}
	if slices.Max(size)-slices.Min(size) > 2 {
		t.Errorf("folds of %v pictures, want about 20 each", size)
	}
}

func TestEveryProtocolIsMadeOfAFolderAndEveryPictureIsTestedInOneBlock(t *testing.T) {
	dir := folder(t)
	p, err := MakeProtocols(context.Background(), dir, Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if p.Unreadable["Pre/notes.txt"] == nil || !slices.Equal(p.BySimilarity, model.Classes[:]) {
		t.Errorf("unreadable %v, by similarity %v", p.Unreadable, p.BySimilarity)
	}
	var names []string
	tested := make(map[string]int)
	for _, protocol := range p.Protocols {
		names = append(names, protocol.Name)
		group := make(map[int]Side)
		for _, a := range protocol.Split {
			if side, seen := group[a.Group]; seen && side != a.Side && !strings.HasPrefix(protocol.Name, "article") {
				t.Errorf("%s: group %d stands on both sides", protocol.Name, a.Group)
			}
			group[a.Group] = a.Side
			if strings.HasPrefix(protocol.Name, "block") && a.Side == Test {
				tested[a.File]++
			}
		}
	}
	want := []string{"article-unaugmented", "article-augmented", "honest", "block-0", "block-1", "block-2", "block-3", "block-4"}
	if !slices.Equal(names, want) {
		t.Errorf("got %v", names)
	}
	for file, n := range tested {
		if n != 1 {
			t.Errorf("%s is tested in %d folds", file, n)
		}
	}
	if len(tested) != 40 {
		t.Errorf("%d pictures are tested in the folds together, want all 40", len(tested))
	}
}

// The shipped split is the honest protocol's, with half of its test side set aside.
func TestShippedSplitIsTheHonestProtocol(t *testing.T) {
	file, err := os.Open("../split.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	shipped, err := ReadSplit(file)
	if err != nil {
		t.Fatal(err)
	}
	items, groups := make([]Item, len(shipped)), make([]int, len(shipped))
	for i, a := range shipped {
		items[i], groups[i] = a.Item, a.Group
	}
	if !slices.IsSortedFunc(items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.File, b.File)) }) {
		t.Error("the pictures are not in List's order")
	}
	want := Split(items, groups, testShare, 1)
	SetAside(want, 0.5, 1)
	if !slices.Equal(shipped, want) {
		t.Error("the shipped split is not what its seed gives")
	}
}
