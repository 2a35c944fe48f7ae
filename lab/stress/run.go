package stress

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Plan says what is to be tested with what.
type Plan struct {
	Model *model.Model
	// Items are the labelled pictures of the folder Dir; at least two, for some changes
	// need another picture.
	Dir   string
	Items []dataset.Item
	// Masks is a folder laid out as Dir whose pictures are black but for the nuclei;
	// empty where there is none.
	Masks string
	// Foreign are folders of foreign pictures.
	Foreign []string
	// Each is how many pictures of each of Kinds are made.
	Each int
	// Explained are those of Items whose explanations are looked at.
	Explained []dataset.Item
}

// FirstReported is the number of the first foreign picture of a kind that Run makes:
// those before are left to lab/calibration, which fits limits to some of them.
const FirstReported = 1000

// Progress is told how far a stage of the tests is. It is not called by several
// goroutines at once.
type Progress func(stage string, done, total int)

// Run makes all tests on all cores. The report is a function of the plan alone;
// Origin is left to the caller.
func Run(ctx context.Context, plan Plan, progress Progress) (*File, error) {
	if len(plan.Items) < 2 {
		return nil, fmt.Errorf("stress: %d pictures; expected at least 2", len(plan.Items))
	}
	var mu sync.Mutex
	pictures, err := plan.read(ctx)
	if err != nil {
		return nil, err
	}
	report := &File{Masks: plan.Masks != ""}
	each := func(stage string, n int, do func(s *model.Session, i int) error) error {
		done := 0
		return parallel(ctx, plan.Model, n, func(s *model.Session, i int) error {
			err := do(s, i)
			mu.Lock()
			defer mu.Unlock()
			done++
			progress(stage, done, n)
			return err
		})
	}

	changes := Changes()
	unchanged := make([]outcome, len(pictures))
	changed := make([][]outcome, len(changes))
	for k := range changed {
		changed[k] = make([]outcome, len(pictures))
	}
	err = each("changing", len(pictures), func(s *model.Session, i int) error {
		var err error
		if unchanged[i], err = classify(s, pictures[i].RGB); err != nil {
			return err
		}
		for k := range changes {
			if err := ctx.Err(); err != nil {
				return err
			}
			rgb, err := changes[k].Apply(pictures[i])
			if err != nil {
				return err
			}
			if changed[k][i], err = classify(s, rgb); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	labels := make([]model.Class, len(plan.Items))
	for i, item := range plan.Items {
		labels[i] = item.Label
	}
	report.Unchanged = newRow(Change{Family: "unchanged", Strength: Whole}, labels, unchanged, unchanged)
	for k, c := range changes {
		report.Changes = append(report.Changes, newRow(c, labels, changed[k], unchanged))
	}

	for _, dir := range plan.Foreign {
		row, err := plan.folder(dir, each)
		if err != nil {
			return nil, err
		}
		report.Foreign = append(report.Foreign, row)
	}
	for _, kind := range Kinds() {
		outcomes := make([]outcome, plan.Each)
		err := each(kind.Name, plan.Each, func(s *model.Session, i int) error {
			// Spread over the pictures, which are sorted by class.
			rgb, err := kind.Make(FirstReported+i, pictures[i*len(pictures)/plan.Each])
			if err == nil {
				outcomes[i], err = classify(s, rgb)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		report.Foreign = append(report.Foreign, newForeignRow(kind.Name, kind.Detail, kind.Use, outcomes))
	}

	findings := make([][]finding, len(plan.Explained))
	err = each("explaining", len(findings), func(_ *model.Session, i int) error {
		p, err := plan.readOne(plan.Explained[i])
		if err != nil {
			return err
		}
		findings[i], err = explained(ctx, plan.Model, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	report.Evidence = evidenceRows(findings)
	return report, nil
}

// parallel calls do for every i < n on all cores, each with a session of its own,
// until one fails or ctx is cancelled.
func parallel(ctx context.Context, m *model.Model, n int, do func(s *model.Session, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			session := m.NewSession()
			for i := range next {
				if err := do(session, i); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// input is what the network sees of pixels, [Side][Side][3].
func input(rgb []uint8) (*model.Input, error) {
	return model.Preprocess(&picture.Picture{Width: side, Height: side, Pix: rgb})
}

// classify asks for an answer as the product would give it. A picture that is refused
// before the network sees it cannot be assessed either.
func classify(s *model.Session, rgb []uint8) (outcome, error) {
	return answer(s, &picture.Picture{Width: side, Height: side, Pix: rgb})
}

var refused = outcome{abstained: true, code: model.Unreadable}

func answer(s *model.Session, p *picture.Picture) (outcome, error) {
	specimen, err := s.Model().Prepare(p, model.Options{})
	switch {
	case errors.As(err, new(*standard.TooSmall)):
		return outcome{abstained: true, code: model.TooSmall}, nil
	case errors.As(err, new(model.Unassessable)):
		return refused, nil
	case err != nil:
		return outcome{}, err
	}
	r, err := s.Read(specimen)
	if err != nil {
		return outcome{}, err
	}
	return outcome{
		seen: true, predicted: r.Predicted, top: slices.Max(r.Probabilities[:]),
		abstained: r.Abstained, code: r.Code,
	}, nil
}

// read reads the pictures and gives each another one, of another class where there
// is one.
func (plan *Plan) read(ctx context.Context) ([]*Picture, error) {
	pictures := make([]*Picture, len(plan.Items))
	err := parallel(ctx, plan.Model, len(pictures), func(_ *model.Session, i int) (err error) {
		pictures[i], err = plan.readOne(plan.Items[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, p := range pictures {
		var others []int
		for k, item := range plan.Items {
			if item.Label != plan.Items[i].Label {
				others = append(others, k)
			}
		}
		other := (i + 1) % len(pictures)
		if len(others) > 0 {
			other = others[random(p.File, "other").IntN(len(others))]
		}
		p.Other = pictures[other]
	}
	return pictures, nil
}

func (plan *Plan) readOne(item dataset.Item) (*Picture, error) {
	in, err := dataset.ReadInput(filepath.Join(plan.Dir, filepath.FromSlash(item.File)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", item.File, err)
	}
	p := &Picture{File: item.File, RGB: in.RGB}
	if plan.Masks == "" {
		return p, nil
	}
	data, err := os.ReadFile(filepath.Join(plan.Masks, filepath.FromSlash(item.File)))
	if err == nil {
		p.Nuclei, err = readMask(data)
	}
	if err != nil {
		return nil, fmt.Errorf("the mask of %s: %w", item.File, err)
	}
	return p, nil
}

// readMask reads a picture that is black but for the nuclei. JPEG leaves faint traces
// on the black around them, which do not count.
func readMask(data []byte) ([]bool, error) {
	p, err := picture.Decode(data)
	if err != nil {
		return nil, err
	}
	const black = 32 // mean level
	rgb := p.Resize(side, side).Pix
	mask := make([]bool, side*side)
	for i := range mask {
		mask[i] = sum(rgb[3*i:]) > 3*black
	}
	return mask, nil
}

// folder tests all files of a folder of foreign pictures, those in folders of it
// too.
func (plan *Plan) folder(dir string, each func(string, int, func(*model.Session, int) error) error) (ForeignRow, error) {
	var files []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.HasPrefix(entry.Name(), ".") {
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		return ForeignRow{}, err
	}
	if len(files) == 0 {
		return ForeignRow{}, fmt.Errorf("%s holds no files; expected foreign pictures", dir)
	}
	name := filepath.Base(dir)
	outcomes := make([]outcome, len(files))
	err = each(name, len(files), func(s *model.Session, i int) error {
		p, err := dataset.Read(files[i])
		if unread := (*dataset.FileError)(nil); errors.As(err, &unread) {
			return err
		}
		outcomes[i] = refused // a file that is no picture gets no answer either
		if err == nil {
			outcomes[i], err = answer(s, p)
			return err
		}
		return nil
	})
	return newForeignRow(name, "folder of pictures", "", outcomes), err
}
