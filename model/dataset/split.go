package dataset

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"allnet/model"
)

// Side is the side of the split on which a picture stands.
type Side string

// A network learns from the pictures of the training side and is judged on those
// of the test side.
const (
	Train Side = "train"
	Test  Side = "test"
)

// Assignment says where one picture stands in a split.
type Assignment struct {
	Item
	// Group numbers the near-duplicate group; pictures of one group share it.
	Group int
	Side  Side
}

// Split puts about the fraction testShare of each class on the test side, chosen
// by seed. A near-duplicate group stays whole: otherwise a test picture could
// have its twin among the training pictures.
func Split(items []Item, groups []int, testShare float64, seed uint64) []Assignment {
	members := make(map[model.Class]map[int][]int)
	for i, item := range items {
		if members[item.Label] == nil {
			members[item.Label] = make(map[int][]int)
		}
		members[item.Label][groups[i]] = append(members[item.Label][groups[i]], i)
	}
	split := make([]Assignment, len(items))
	for i, item := range items {
		split[i] = Assignment{Item: item, Group: groups[i], Side: Train}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for _, class := range model.Classes {
		ids := slices.Sorted(maps.Keys(members[class]))
		random.Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
		count := 0
		for _, id := range ids {
			count += len(members[class][id])
		}
		left := int(math.Round(testShare * float64(count)))
		for _, id := range ids {
			group := members[class][id]
			if len(group) > left {
				continue
			}
			left -= len(group)
			for _, i := range group {
				split[i].Side = Test
			}
		}
	}
	return split
}

// WriteSplit writes one line a picture: file, class, group, side, tab-separated,
// below a heading line.
func WriteSplit(w io.Writer, split []Assignment) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "file\tclass\tgroup\tside")
	for _, a := range split {
		fmt.Fprintf(b, "%s\t%s\t%d\t%s\n", a.File, a.Label, a.Group, a.Side)
	}
	return b.Flush()
}

// ReadSplit reads what WriteSplit wrote.
func ReadSplit(r io.Reader) ([]Assignment, error) {
	var split []Assignment
	scanner := bufio.NewScanner(r)
	for line := 1; scanner.Scan(); line++ {
		if line == 1 {
			continue
		}
		fields := strings.Split(scanner.Text(), "\t")
		if len(fields) != 4 {
			return nil, fmt.Errorf("split: line %d has %d fields; expected file, class, group, side", line, len(fields))
		}
		label, err := model.ParseClass(fields[1])
		if err != nil {
			return nil, fmt.Errorf("split: line %d: %w", line, err)
		}
		group, err := strconv.Atoi(fields[2])
		if err != nil {
			return nil, fmt.Errorf("split: line %d: group: %w", line, err)
		}
		side := Side(fields[3])
		if side != Train && side != Test {
			return nil, fmt.Errorf("split: line %d: side %q; expected train or test", line, side)
		}
		split = append(split, Assignment{Item: Item{File: fields[0], Label: label}, Group: group, Side: side})
	}
	return split, scanner.Err()
}
