// Package cells measures how well model/cells finds stained cells: beside the data
// set's own segmentation, beside boxes that people drew in pictures of two other
// laboratories, and beside itself when a picture is changed as another laboratory would
// have taken it.
package cells

import (
	"context"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"allnet/lab/dataset"
	"allnet/lab/stress"
	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Plan says what is to be measured.
type Plan struct {
	// Items are the labelled pictures of the folder Dir.
	Dir   string
	Items []dataset.Item
	// Masks is a folder laid out as Dir whose pictures are black but for the nuclei; empty
	// where there is none.
	Masks string
	// Foreign is a folder with bccd, bccd_boxes.tsv, chula and chula/boxes.tsv; empty
	// where there is none.
	Foreign string
	// Changed is how many of Items, of each class evenly, are changed in all ways.
	Changed int
}

// File is what `allnet cells -json` writes.
type File struct {
	// Command is what was called, with DIR for the folder of pictures.
	Command string     `json:"command"`
	Classes []ClassRow `json:"classes"`
	Foreign []Boxes    `json:"foreign"`
	Changes []Stable   `json:"changes"`
}

// Mask is what counts as a nucleus in the data set's segmentation: a connected region
// of at least 60 pixels of a level sum above 60 (below are traces of JPEG around specks).
const (
	leastRegion = 60
	leastSum    = 60
)

// ClassRow tells of one class of the data set.
type ClassRow struct {
	Class    string `json:"class"`
	Pictures int    `json:"pictures"`
	// WithCells are the pictures in which a cell was found, WithMask those in whose mask
	// there is a nucleus.
	WithCells int `json:"withCells"`
	WithMask  int `json:"withMask"`
	Cells     int `json:"cells"`
	AtRim     int `json:"atRim"`
	Smudges   int `json:"smudges"`
	// MaskNuclei are the connected nuclei of the masks, MaskFound those of which found
	// nuclei cover at least half, and CellsInMask the found nuclei of which masks cover at
	// least half.
	MaskNuclei  int `json:"maskNuclei"`
	MaskFound   int `json:"maskFound"`
	CellsInMask int `json:"cellsInMask"`
}

// Stable tells how many cells stay when pictures are changed.
type Stable struct {
	Change   string `json:"change"`
	Detail   string `json:"detail"`
	Pictures int    `json:"pictures"`
	// Cells are those of the unchanged pictures; Kept those of them that have one of the
	// changed picture within 5 pixels; New those of the changed pictures that have none.
	Cells int `json:"cells"`
	Kept  int `json:"kept"`
	New   int `json:"new"`
}

// near is how far a cell's centre may move, in pixels.
const near = 5

// Progress is told how far a stage is.
type Progress func(stage string, done, total int)

// Measure does what plan says. The result is a function of the plan alone; Command is
// left to the caller.
func Measure(ctx context.Context, plan Plan, progress Progress) (*File, error) {
	f := new(File)
	for i, item := range plan.Items {
		progress("masks", i, len(plan.Items))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(f.Classes) == 0 || f.Classes[len(f.Classes)-1].Class != item.Label.String() {
			f.Classes = append(f.Classes, ClassRow{Class: item.Label.String()})
		}
		if err := plan.compare(item, &f.Classes[len(f.Classes)-1]); err != nil {
			return nil, err
		}
	}
	if plan.Foreign != "" {
		var err error
		if f.Foreign, err = foreign(ctx, plan.Foreign, progress); err != nil {
			return nil, err
		}
	}
	var err error
	f.Changes, err = plan.changes(ctx, progress)
	return f, err
}

func read(name string) (*picture.Picture, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	p, err := picture.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// find finds the cells of a whole picture of the training's magnification.
func find(p *picture.Picture) *cells.Cells {
	r, err := standard.Standardise(p, standard.Options{KeepSize: true, Pad: true, MostFields: 1})
	if err != nil { // with Pad none is too small
		panic(err)
	}
	return cells.Find(p.Pix, p.Width, p.Height, r.RedCells)
}

// compare adds one picture to its class.
func (plan *Plan) compare(item dataset.Item, row *ClassRow) error {
	p, err := read(filepath.Join(plan.Dir, filepath.FromSlash(item.File)))
	if err != nil {
		return err
	}
	c := find(p)
	row.Pictures++
	row.Cells += len(c.List)
	row.Smudges += len(c.Smudges)
	if len(c.List) > 0 {
		row.WithCells++
	}
	for _, cell := range c.List {
		if cell.AtRim {
			row.AtRim++
		}
	}
	if plan.Masks == "" {
		return nil
	}
	m, err := read(filepath.Join(plan.Masks, filepath.FromSlash(item.File)))
	if err != nil {
		return err
	}
	if m.Width != p.Width || m.Height != p.Height {
		return fmt.Errorf("%s is %d x %d in the masks' folder; expected %d x %d", item.File, m.Width, m.Height, p.Width, p.Height)
	}
	mask := make([]bool, p.Width*p.Height)
	for i := range mask {
		mask[i] = int(m.Pix[3*i])+int(m.Pix[3*i+1])+int(m.Pix[3*i+2]) > leastSum
	}
	nuclei := regions(mask, p.Width)
	if len(nuclei) > 0 {
		row.WithMask++
	}
	in := make([]int, len(c.List)+1)
	for _, region := range nuclei {
		row.MaskNuclei++
		covered := 0
		for _, i := range region {
			if c.Nucleus[i] {
				covered++
				in[c.Labels[i]]++
			}
		}
		if 2*covered >= len(region) {
			row.MaskFound++
		}
	}
	for k, cell := range c.List {
		if 2*in[k+1] >= cell.NucleusArea {
			row.CellsInMask++
		}
	}
	return nil
}

// regions returns the 4-connected regions of a mask that have at least leastRegion pixels.
func regions(mask []bool, width int) [][]int {
	var list [][]int
	left := slices.Clone(mask)
	for start := range left {
		if !left[start] {
			continue
		}
		left[start] = false
		region := []int{start}
		for k := 0; k < len(region); k++ {
			i := region[k]
			for _, n := range [4]int{i - 1, i + 1, i - width, i + width} {
				if n < 0 || n >= len(left) || !left[n] || (n == i-1 && i%width == 0) || (n == i+1 && n%width == 0) {
					continue
				}
				left[n] = false
				region = append(region, n)
			}
		}
		if len(region) >= leastRegion {
			list = append(list, region)
		}
	}
	return list
}

// changes looks for the cells of changed pictures.
func (plan *Plan) changes(ctx context.Context, progress Progress) ([]Stable, error) {
	if plan.Changed == 0 {
		return nil, nil
	}
	list := Laboratories()
	for _, c := range stress.Changes() {
		switch {
		case c.Family == stress.Zoom, c.Family == stress.Background, c.Family == stress.Erased, c.Family == stress.ScaleBar,
			c.Strength == stress.Mild:
		default:
			list = append(list, Change{c.Name(), c.Detail, func(p *stress.Picture) ([]uint8, error) { return c.Apply(p) }})
		}
	}
	rows := make([]Stable, len(list))
	step := max(1, len(plan.Items)/plan.Changed)
	for k := step / 2; k < len(plan.Items); k += step {
		progress("changes", k, len(plan.Items))
		p, err := read(filepath.Join(plan.Dir, filepath.FromSlash(plan.Items[k].File)))
		if err != nil {
			return nil, err
		}
		before := find(p)
		for i, change := range list {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			rgb, err := change.Apply(&stress.Picture{File: path.Base(plan.Items[k].File), RGB: p.Pix})
			if err != nil {
				return nil, err
			}
			row := &rows[i]
			row.Change, row.Detail = change.Name, change.Detail
			row.add(before, find(&picture.Picture{Width: p.Width, Height: p.Height, Pix: rgb}))
		}
	}
	return rows, nil
}

// add counts one picture, before and after it was changed.
func (s *Stable) add(before, after *cells.Cells) {
	s.Pictures++
	s.Cells += len(before.List)
	taken := make([]bool, len(after.List))
	for _, cell := range before.List {
		best, at := near+1e-9, -1
		for k, other := range after.List {
			if d := math.Hypot(cell.X-other.X, cell.Y-other.Y); !taken[k] && d < best {
				best, at = d, k
			}
		}
		if at >= 0 {
			taken[at] = true
			s.Kept++
		}
	}
	for _, t := range taken {
		if !t {
			s.New++
		}
	}
}

// table reads lines of tabulators; the first line names the columns.
func table(name string, columns int) ([][]string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		row := strings.Split(strings.TrimRight(line, "\r"), "\t")
		if len(row) != columns {
			return nil, fmt.Errorf("%s, line %d has %d columns; expected %d", name, i+1, len(row), columns)
		}
		if i > 0 {
			rows = append(rows, row)
		}
	}
	return rows, nil
}
