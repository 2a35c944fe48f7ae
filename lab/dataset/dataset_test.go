package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/picture"
)

// made is a split's raw material: 50 groups of one or two pictures in each class.
func made() (items []Item, groups []int) {
	for _, class := range model.Classes {
		for i := range 50 {
			for range 1 + i%2 {
				groups = append(groups, 100*int(class)+i)
				items = append(items, Item{File: fmt.Sprintf("%s/%d.png", class, len(items)), Label: class})
			}
		}
	}
	return items, groups
}

func TestSplitKeepsGroupsWholeAndClassesInProportion(t *testing.T) {
	items, groups := made()
	sides := make(map[int]Side)
	test := make(map[model.Class]int)
	for _, a := range Split(items, groups, 0.2, 7) {
		if side, seen := sides[a.Group]; seen && side != a.Side {
			t.Errorf("group %d stands on both sides", a.Group)
		}
		sides[a.Group] = a.Side
		if a.Side == Test {
			test[a.Label]++
		}
	}
	for _, class := range model.Classes {
		if test[class] != 15 { // a fifth of 75
			t.Errorf("%d of 75 pictures of %s are on the test side, want 15", test[class], class)
		}
	}
}

// Half of each class's test pictures, in whole groups, are set aside; the training
// side stays as it was.
func TestSetAsideHalvesTheTestSide(t *testing.T) {
	items, groups := made()
	before := Split(items, groups, 0.2, 7)
	after := slices.Clone(before)
	SetAside(after, 0.5, 7)
	sides := make(map[int]Side)
	count := make(map[model.Class]map[Side]int)
	for i, a := range after {
		if (a.Side == Train) != (before[i].Side == Train) {
			t.Errorf("%s was on the %s side and is on the %s side", a.File, before[i].Side, a.Side)
		}
		if side, seen := sides[a.Group]; seen && side != a.Side {
			t.Errorf("group %d stands on two sides", a.Group)
		}
		sides[a.Group] = a.Side
		if count[a.Label] == nil {
			count[a.Label] = make(map[Side]int)
		}
		count[a.Label][a.Side]++
	}
	for _, class := range model.Classes {
		if c := count[class]; c[Validation] != 8 || c[Test] != 7 { // 15 halved
			t.Errorf("%s: %d pictures for validation and %d for the test, want 8 and 7", class, c[Validation], c[Test])
		}
	}
	again, other := slices.Clone(before), slices.Clone(before)
	SetAside(again, 0.5, 7)
	SetAside(other, 0.5, 8)
	if !slices.Equal(after, again) || slices.Equal(after, other) {
		t.Error("the halves do not follow the seed")
	}
}

func TestSplitFollowsItsSeed(t *testing.T) {
	items, groups := made()
	first := Split(items, groups, 0.2, 1)
	if !slices.Equal(first, Split(items, groups, 0.2, 1)) {
		t.Error("one seed gave two splits")
	}
	if slices.Equal(first, Split(items, groups, 0.2, 2)) {
		t.Error("two seeds gave one split")
	}
}

func TestSplitFileGivesBackTheSplit(t *testing.T) {
	items, groups := made()
	split := Split(items, groups, 0.2, 1)
	SetAside(split, 0.5, 1)
	altered := split[3]
	altered.Copy = 12
	split = append(split, altered)
	var file bytes.Buffer
	if err := WriteSplit(&file, split); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	got, err := ReadSplit(&file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text, split[3].File+"#12\t") {
		t.Error("a copy is not named by its number")
	}
	if !slices.Equal(got, split) {
		t.Error("the split that was read is not the one that was written")
	}
}

func TestDamagedSplitFilesAreRefused(t *testing.T) {
	const heading = "file\tclass\tgroup\tside\n"
	for _, c := range []struct{ file, want string }{
		{"", "no picture is listed"},
		{heading, "no picture is listed"},
		{"Pre/x\tPre\t1\ttest\n", "line 1"}, // would lose its first picture
		{heading + "x\tPre\t1", "line 2: there are 3 fields"},
		{heading + "x\tPost\t1\ttest", `line 2: unknown class "Post"`},
		{heading + "x\tPre\tone\ttest", "line 2: group"},
		{heading + "x\tPre\t1\tleft", `line 2: side "left"`},
		{heading + "x\tPre\t1\ttrain\ny\tPre\t2\ttest\nx\tPre\t1\ttest", `line 4: "x" stands on line 2`},
		{heading + "x#2\tPre\t1\ttrain\nx#2\tPre\t1\ttest", `line 3: "x#2" stands on line 2`},
	} {
		if _, err := ReadSplit(strings.NewReader(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want %q", c.file, err, c.want)
		}
	}
}

func TestSplitFileTakesNoNameThatItCouldNotGiveBack(t *testing.T) {
	for _, name := range []string{"Pre/a\tb.png", "Pre/a\nb.png", "Pre/a\rb.png", "Pre/a.png#1"} {
		err := WriteSplit(io.Discard, []Assignment{{Item: Item{File: name, Label: model.Pre}, Side: Test}})
		if err == nil || !strings.Contains(err.Error(), strconv.Quote(name)) {
			t.Errorf("%q: got error %v", name, err)
		}
	}
}

// draw is a picture of bars whose places depend on seed; noise is added to every
// level.
func draw(seed, noise int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 100, 90))
	for y := range 90 {
		for x := range 100 {
			v := 60 + (x/(seed*7%9+4)+y/(seed*5%11+4)+seed)%7*20 + noise*((x+y)%2)
			img.Set(x, y, color.RGBA{uint8(v), uint8(v / 2), uint8(255 - v), 255})
		}
	}
	return img
}

// folder makes a data set of 10 pictures a class, the last of which is nearly the
// first, with a file that is none.
func folder(t *testing.T) string {
	dir := t.TempDir()
	for _, class := range model.Classes {
		for i := range 10 {
			img := draw(20*int(class)+i, 0)
			if i == 9 {
				img = draw(20*int(class), 2)
			}
			var data bytes.Buffer
			if err := png.Encode(&data, img); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, class.String(), fmt.Sprintf("smear %c.png", 'a'+i)), data.Bytes())
		}
	}
	write(t, filepath.Join(dir, "Pre", "notes.txt"), []byte("no picture"))
	write(t, filepath.Join(dir, "Pre", ".hidden"), []byte("nothing"))
	return dir
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestPrepareWritesTensorsAndSplitInOneOrder(t *testing.T) {
	dir, out := folder(t), t.TempDir()
	last := 0
	p, err := Prepare(context.Background(), dir, out, Options{TestShare: 0.2, Seed: 1, Progress: func(done, total int) { last = done * 100 / total }})
	if err != nil {
		t.Fatal(err)
	}
	if last != 100 {
		t.Errorf("progress ended at %d %%", last)
	}
	if len(p.Unreadable) != 1 || p.Unreadable["Pre/notes.txt"] == nil {
		t.Errorf("unreadable: %v, want Pre/notes.txt alone", p.Unreadable)
	}
	if len(p.Split) != 40 {
		t.Fatalf("%d pictures, want 40", len(p.Split))
	}
	for _, class := range model.Classes {
		at := func(name string) Assignment {
			return p.Split[slices.IndexFunc(p.Split, func(a Assignment) bool { return a.File == class.String()+"/"+name })]
		}
		if at("smear a.png").Group != at("smear j.png").Group {
			t.Errorf("%s: near-duplicates stand in two groups", class)
		}
		if at("smear b.png").Group == at("smear c.png").Group {
			t.Errorf("%s: different pictures stand in one group", class)
		}
	}

	header, pixels := npy(t, filepath.Join(out, "pixels.npy"))
	if header != "{'descr': '|u1', 'fortran_order': False, 'shape': (40,224,224,3,), }" {
		t.Errorf("pixels.npy has the header %s", header)
	}
	levelsHeader, levels := npy(t, filepath.Join(out, "levels.npy"))
	if levelsHeader != "{'descr': '<f4', 'fortran_order': False, 'shape': (256,), }" {
		t.Errorf("levels.npy has the header %s", levelsHeader)
	}
	var values [256]float32
	if err := binary.Read(bytes.NewReader(levels), binary.LittleEndian, &values); err != nil || values != model.Levels {
		t.Errorf("levels.npy does not hold the levels: %v", err)
	}
	const size = model.Side * model.Side * 3
	for _, i := range []int{0, 17, 39} {
		in, err := ReadInput(filepath.Join(dir, p.Split[i].File))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(pixels[i*size:][:size], in.RGB) {
			t.Errorf("row %d of pixels.npy is not %s", i, p.Split[i].File)
		}
	}
}

// npy reads a file in NumPy's format.
func npy(t *testing.T, name string) (header string, data []byte) {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(file[:8]) != "\x93NUMPY\x01\x00" {
		t.Fatalf("%s begins with %q", name, file[:8])
	}
	end := 10 + int(binary.LittleEndian.Uint16(file[8:]))
	if end%64 != 0 || file[end-1] != '\n' {
		t.Errorf("%s: the data begins at %d; the format wants a multiple of 64 after a newline", name, end)
	}
	return strings.TrimRight(string(file[10:end]), " \n"), file[end:]
}

func TestKnownGroupsAreJoined(t *testing.T) {
	p, err := Prepare(context.Background(), folder(t), t.TempDir(), Options{
		TestShare: 0.2, Seed: 1, Known: [][]string{{"Pro/smear b.png", "Pro/missing.png", "Pro/smear e.png"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	groups := make(map[string]int)
	for _, a := range p.Split {
		groups[a.File] = a.Group
	}
	if groups["Pro/smear b.png"] != groups["Pro/smear e.png"] {
		t.Error("a known group was not joined")
	}
}

func TestPrepareLeavesOutNamesThatASplitCannotList(t *testing.T) {
	dir, out := folder(t), t.TempDir()
	if err := os.Rename(filepath.Join(dir, "Pre", "smear b.png"), filepath.Join(dir, "Pre", "smear\tb.png")); err != nil {
		t.Skip("left out: this system's file names cannot hold a tab")
	}
	p, err := Prepare(context.Background(), dir, out, Options{TestShare: 0.2, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Unreadable["Pre/smear\tb.png"]; err == nil || !strings.Contains(err.Error(), "tab") {
		t.Errorf("got error %v", err)
	}
	file, err := os.Open(filepath.Join(out, "split.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if split, err := ReadSplit(file); err != nil || len(split) != 39 {
		t.Errorf("%d pictures in the split, want 39: %v", len(split), err)
	}
}

// A split says all: the same pictures, order, groups and sides come out, and the
// file is the same to the byte.
func TestPrepareTakesAGivenSplit(t *testing.T) {
	dir, out := folder(t), t.TempDir()
	given := []Assignment{ // not in List's order, near-duplicates (a, j) in two groups
		{Item{"Pro/smear j.png", model.Pro}, 7, Train, 0},
		{Item{"Benign/smear c.png", model.Benign}, 3, Test, 0},
		{Item{"Pro/smear a.png", model.Pro}, 1, Test, 0},
		{Item{"Pro/smear a.png", model.Pro}, 1, Train, 2},
	}
	p, err := Prepare(context.Background(), dir, out, Options{Split: given})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Split, given) || len(p.Listing.Items) != 41 {
		t.Errorf("got %v of %d pictures", p.Split, len(p.Listing.Items))
	}
	var want bytes.Buffer
	if err := WriteSplit(&want, given); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(out, "split.tsv")); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("split.tsv holds %s, want %s", got, want.Bytes())
	}
	header, pixels := npy(t, filepath.Join(out, "pixels.npy"))
	if !strings.Contains(header, "(4,224,224,3,)") {
		t.Errorf("pixels.npy has the header %s", header)
	}
	for i, a := range given {
		in, err := ReadInput(filepath.Join(dir, a.File))
		if err != nil {
			t.Fatal(err)
		}
		if size := len(in.RGB); !bytes.Equal(pixels[i*size:][:size], in.RGB) {
			t.Errorf("row %d of pixels.npy is not %s", i, a.File)
		}
	}
}

func TestPrepareNeedsAllPicturesOfAGivenSplit(t *testing.T) {
	dir := folder(t)
	for _, c := range []struct {
		item Item
		want string
	}{
		{Item{"Pro/gone.png", model.Pro}, `1 of the 2 pictures that the split lists, and lacks "Pro/gone.png"`},
		{Item{"Pro/smear b.png", model.Pre}, `lacks "Pro/smear b.png"`}, // another class
		{Item{"Pre/notes.txt", model.Pre}, `"Pre/notes.txt" for one: This file is not a picture`},
	} {
		split := []Assignment{{Item{"Pro/smear a.png", model.Pro}, 0, Train, 0}, {c.item, 1, Test, 0}}
		_, err := Prepare(context.Background(), dir, t.TempDir(), Options{Split: split})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want %q", err, c.want)
		}
	}
}

func TestListPassesOverWhatIsNoPicture(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"Pre/a.png", "Pre/readme.txt", "Pre/.DS_Store", "Pre/Thumbs.db", "Pre/DESKTOP.INI", "Pre/more/b.png", "Pro/c.png", "Other/d.png"} {
		write(t, filepath.Join(dir, name), nil)
	}
	want := []Item{{"Pre/a.png", model.Pre}, {"Pre/readme.txt", model.Pre}, {"Pro/c.png", model.Pro}}
	over := []string{"Pre/.DS_Store", "Pre/DESKTOP.INI", "Pre/Thumbs.db", "Pre/more"}
	if os.Symlink("nowhere", filepath.Join(dir, "Pre", "dangling.png")) == nil && os.Symlink("a.png", filepath.Join(dir, "Pre", "linked.png")) == nil {
		want = slices.Insert(want, 1, Item{"Pre/linked.png", model.Pre})
		over = slices.Insert(over, 3, "Pre/dangling.png")
	}
	l, err := List(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(l.Items, want) {
		t.Errorf("pictures %v, want %v", l.Items, want)
	}
	if !slices.Equal(l.PassedOver, over) {
		t.Errorf("passed over %q, want %q", l.PassedOver, over)
	}
	if !slices.Equal(l.Missing, []model.Class{model.Benign, model.Early}) {
		t.Errorf("missing %v, want Benign and Early", l.Missing)
	}
}

func TestListNeedsTheFolders(t *testing.T) {
	if _, err := List(t.TempDir()); err == nil || !strings.Contains(err.Error(), "Benign, Early, Pre and Pro") {
		t.Errorf("got error %v, want one that names the folders", err)
	}
}

func TestForEachEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := ForEach(ctx, t.TempDir(), []Item{{File: "a"}}, func(int, *picture.Picture, error) { t.Error("called after the end") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
}

// All levels of a picture moved by n are a mean difference of n in the thumbnails,
// too: on either side of the limit of 6.5.
func TestNearDuplicatesAreToldByTheMeanDifferenceOfLevels(t *testing.T) {
	p, err := ReadInput(filepath.Join(folder(t), "Pro", "smear a.png"))
	if err != nil {
		t.Fatal(err)
	}
	moved := func(levels uint8) *thumbnail {
		rgb := slices.Clone(p.RGB)
		for i := range rgb {
			rgb[i] = rgb[i]/2 + levels // halved, so that nothing runs over
		}
		return newThumbnail(&model.Input{RGB: rgb})
	}
	for _, c := range []struct {
		levels uint8
		want   int
	}{{5, 0}, {6, 0}, {7, 1}, {8, 1}} {
		if got := group([]*thumbnail{moved(0), moved(c.levels)}, nil)[1]; got != c.want {
			t.Errorf("pictures %d levels apart: the second is in group %d, want %d", c.levels, got, c.want)
		}
	}
}

// shared is the folder of real pictures, or "" with a line in the log.
func shared(t *testing.T) string {
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		t.Log("left out: the real pictures, because ALLNET_SHARED has none")
		return ""
	}
	return filepath.Join(dir, "data")
}

// Similarity finds the published near-duplicate groups, all but one pair (a
// shifted view), and never joins two classes.
func TestSimilarityFindsThePublishedGroups(t *testing.T) {
	dir := shared(t)
	if dir == "" {
		return
	}
	listing, err := List(filepath.Join(dir, "pbs"))
	if err != nil {
		t.Fatal(err)
	}
	items := listing.Items
	thumbnails := make([]*thumbnail, len(items))
	err = ForEach(context.Background(), filepath.Join(dir, "pbs"), items, func(i int, p *picture.Picture, err error) {
		var in *model.Input
		if err == nil {
			in, err = model.Preprocess(p)
		}
		if err != nil {
			t.Errorf("%s: %v", items[i].File, err)
			return
		}
		thumbnails[i] = newThumbnail(in)
	})
	if err != nil || t.Failed() {
		t.Fatal(err)
	}
	found := make(map[string]int)
	for i, g := range group(thumbnails, nil) {
		found[items[i].File] = g
		if items[g].Label != items[i].Label {
			t.Errorf("%s and %s are in one group", items[g].File, items[i].File)
		}
	}
	list, err := os.ReadFile(filepath.Join(dir, "near_dup_groups.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	first, missed, pairs := make(map[string]string), 0, 0
	for line := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		file := fields[1] + "/" + fields[2]
		if other, seen := first[fields[0]]; !seen {
			first[fields[0]] = file
		} else if pairs++; found[file] != found[other] {
			missed++
		}
	}
	if pairs < 70 || missed > 1 {
		t.Errorf("%d of %d published pairs were missed, want at most 1", missed, pairs)
	}
}
