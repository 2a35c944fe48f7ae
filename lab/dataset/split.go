package dataset

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"allnet/model"
)

// Side is the side of the split on which a picture stands.
type Side string

// A network learns from the pictures of the training side. Whatever else is
// fitted or chosen (the temperature, the thresholds of abstention, one model out
// of several) is fitted on the validation side; the test side is only reported.
const (
	Train      Side = "train"
	Validation Side = "validation"
	Test       Side = "test"
)

// Sides are all sides, in that order.
var Sides = [...]Side{Train, Validation, Test}

// ParseSide checks the name of a side.
func ParseSide(name string) (Side, error) {
	if side := Side(name); slices.Contains(Sides[:], side) {
		return side, nil
	}
	return "", fmt.Errorf("side %q; expected train, validation or test", name)
}

// Assignment says where one picture stands in a split.
type Assignment struct {
	Item
	// Group numbers the near-duplicate group; pictures of one group share it.
	Group int
	Side  Side
	// Copy, where it is not 0, says that not the picture itself stands here but an
	// altered copy of it, and numbers its copies. The training program makes it
	// (lab/train/augment.py, the article's Table 3).
	Copy int
}

// row is how a split file names the picture or the copy.
func (a Assignment) row() string {
	if a.Copy == 0 {
		return a.File
	}
	return fmt.Sprintf("%s#%d", a.File, a.Copy)
}

// copyNumber is the end of a copy's row.
var copyNumber = regexp.MustCompile(`#([1-9][0-9]{0,8})$`)

// listable tells whether a split file can list a file of that name.
func listable(file string) bool {
	return !strings.ContainsAny(file, separators) && !copyNumber.MatchString(file)
}

// Split puts about the fraction testShare of each class on the test side, chosen
// by seed. A near-duplicate group stays whole: otherwise a test picture could
// have its twin among the training pictures.
func Split(items []Item, groups []int, testShare float64, seed uint64) []Assignment {
	split := assign(items, groups)
	move(split, Train, Test, testShare, rand.New(rand.NewPCG(seed, 0)))
	return split
}

// assign puts all items on the training side.
func assign(items []Item, groups []int) []Assignment {
	split := make([]Assignment, len(items))
	for i, item := range items {
		split[i] = Assignment{Item: item, Group: groups[i], Side: Train}
	}
	return split
}

// SetAside moves about the fraction share of each class's pictures on the test
// side, in whole groups chosen by seed, to the validation side.
func SetAside(split []Assignment, share float64, seed uint64) {
	move(split, Test, Validation, share, rand.New(rand.NewPCG(seed, 1)))
}

// move puts about the fraction share of each class's pictures on one side of the
// split on another, in whole groups.
func move(split []Assignment, from, to Side, share float64, random *rand.Rand) {
	members := make(map[model.Class]map[int][]int)
	counts := make(map[model.Class]int)
	for i, a := range split {
		if a.Side != from {
			continue
		}
		if members[a.Label] == nil {
			members[a.Label] = make(map[int][]int)
		}
		members[a.Label][a.Group] = append(members[a.Label][a.Group], i)
		counts[a.Label]++
	}
	for _, class := range model.Classes {
		ids := slices.Sorted(maps.Keys(members[class]))
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		left := int(math.Round(share * float64(counts[class])))
		for _, id := range ids {
			group := members[class][id]
			if len(group) > left {
				continue
			}
			left -= len(group)
			for _, i := range group {
				split[i].Side = to
			}
		}
	}
}

// heading is the first line of a split file.
const heading = "file\tclass\tgroup\tside"

// separators are the characters that a file's name in a split cannot hold.
const separators = "\t\n\r"

// WriteSplit writes one line a picture: file, class, group, side, tab-separated,
// below a heading line. An altered copy is the file's name, # and the copy's
// number. A file name that holds a tab or a line break, or itself ends in # and a
// number, is refused.
func WriteSplit(w io.Writer, split []Assignment) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, heading)
	for _, a := range split {
		if !listable(a.File) {
			return fmt.Errorf("split: the file name %q holds a tab or a line break, or ends in # and a number; expected another", a.File)
		}
		fmt.Fprintf(b, "%s\t%s\t%d\t%s\n", a.row(), a.Label, a.Group, a.Side)
	}
	return b.Flush()
}

// ReadSplit reads what WriteSplit wrote: at least one picture, and none twice.
func ReadSplit(r io.Reader) ([]Assignment, error) {
	var split []Assignment
	lines := make(map[string]int)
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		if line == 1 {
			if scanner.Text() != heading {
				return nil, fmt.Errorf("split: line 1 is %.80q; expected the heading %q", scanner.Text(), heading)
			}
			continue
		}
		a, err := readAssignment(scanner.Text())
		if err != nil {
			return nil, fmt.Errorf("split: line %d: %w", line, err)
		}
		if first, seen := lines[a.row()]; seen {
			return nil, fmt.Errorf("split: line %d: %q stands on line %d already; expected each picture once", line, a.row(), first)
		}
		lines[a.row()] = line
		split = append(split, a)
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("split: %w", err)
	}
	if len(split) == 0 {
		return nil, fmt.Errorf("split: no picture is listed; expected the heading %q and a line for each picture", heading)
	}
	return split, nil
}

func readAssignment(line string) (a Assignment, err error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 4 {
		return a, fmt.Errorf("there are %d fields; expected file, class, group, side", len(fields))
	}
	a = Assignment{Item: Item{File: fields[0]}}
	if match := copyNumber.FindStringSubmatch(a.File); match != nil {
		a.File = strings.TrimSuffix(a.File, match[0])
		a.Copy, _ = strconv.Atoi(match[1]) // at most nine digits
	}
	if a.Label, err = model.ParseClass(fields[1]); err != nil {
		return a, err
	}
	if a.Group, err = strconv.Atoi(fields[2]); err != nil {
		return a, fmt.Errorf("group: %w", err)
	}
	a.Side, err = ParseSide(fields[3])
	return a, err
}

// Choose returns the items that a split lists, in the split's order; for an
// altered copy, its source. All of them must be among items, with the class that
// the split gives.
func Choose(items []Item, split []Assignment) ([]Item, error) {
	present := make(map[Item]bool, len(items))
	for _, item := range items {
		present[item] = true
	}
	var chosen []Item
	var missing string
	for _, a := range split {
		switch {
		case present[a.Item]:
			chosen = append(chosen, a.Item)
		case missing == "":
			missing = a.File
		}
	}
	if len(chosen) < len(split) {
		return nil, fmt.Errorf("the folder holds %d of the %d pictures that the split lists, and lacks %q; expected all of them", len(chosen), len(split), missing)
	}
	return chosen, nil
}
