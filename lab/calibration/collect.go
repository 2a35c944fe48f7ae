package calibration

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"allnet/lab/dataset"
	"allnet/lab/fields"
	"allnet/lab/stress"
	"allnet/model"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Source names the pictures that a calibration is fitted to and reported on.
type Source struct {
	// Dir is the folder of labelled pictures.
	Dir string
	// Training, Validation and Test are the pictures of the split's sides.
	Training, Validation, Test []dataset.Item
	// Foreign are files of pictures that are to be refused: the first half is fitted
	// to, the second reported on. There may be none.
	Foreign []string
	// Abroad are files of smears of other laboratories without malignant cells, for a network
	// that reads cells: those among the pictures that it learned from. There may be none.
	Abroad []string
}

// Held are the pictures that a calibration is reported on. None of them was fitted
// to.
type Held struct {
	// Levels are the pictures of the test side: as they are, with their stain changed,
	// and as a camera changes them.
	Levels []Set
	// Foreign are kinds of pictures that are to be refused. Fitted[i] says whether the
	// calibration was fitted to other pictures of the kind Foreign[i].
	Foreign []Set
	Fitted  []bool
}

// Where all pictures would take long and tell little more, every second, fourth or
// eighth is enough.
const (
	half   = 2
	few    = 4
	fewest = 8
)

// draws is how often the colours of a picture are changed to measure them.
const draws = 4

// Collect observes all pictures. progress, which may be nil, is told how far it is.
func Collect(ctx context.Context, m *model.Model, s Source, progress func(done, total int)) (*Data, *Held, error) {
	var h Held
	c := collector{dir: s.Dir, model: m}

	training := c.set("training", thinned(s.Training, fewest), nil)
	levels := func(items []dataset.Item, step int) (sets []*Set) {
		sets = append(sets, c.set("unchanged", items, nil))
		some := thinned(items, step)
		if m.Reads() == model.Cells {
			sets = append(sets, c.simulated(some))
		}
		for _, change := range stress.Stain.Changes() {
			sets = append(sets, c.set(change.Name(), some, []stress.Change{change}))
		}
		return append(sets, c.set("camera/moderate", some, camera()))
	}
	// A few of the test side are enough here: how answers fare when the stain is
	// changed is what allnet stress reports, on all of its pictures.
	validation, test := levels(s.Validation, half), levels(s.Test, few)
	var blurred []*Set
	for _, change := range stress.Blur.Changes() {
		blurred = append(blurred, c.set(change.Name(), thinned(s.Validation, fewest), []stress.Change{change}))
	}

	var fit, held []*Set
	hold := func(set *Set, fitted bool) {
		held, h.Fitted = append(held, set), append(h.Fitted, fitted)
	}
	for _, change := range stress.Erased.Changes() {
		changes, fitted := []stress.Change{change}, slices.Contains(erasures[:], change.Variant)
		if fitted {
			fit = append(fit, c.set(change.Name(), thinned(s.Validation, fewest), changes))
		}
		hold(c.set(change.Name(), thinned(s.Test, fewest), changes), fitted)
	}
	for _, kind := range stress.Kinds() {
		if kind.Use == stress.Fit {
			fit = append(fit, c.foreign(kind, 0, s.Validation))
		}
		hold(c.foreign(kind, made, s.Test), kind.Use == stress.Fit)
	}
	if n := len(s.Foreign) / 2; n > 0 {
		fit = append(fit, c.files(otherSmears, thinned(s.Foreign[:n], half)))
		hold(c.files(otherSmears, thinned(s.Foreign[n:], half)), true)
	}
	var abroad *Set
	if len(s.Abroad) > 0 {
		abroad = c.files("other laboratories", s.Abroad) // class 0: benign
	}
	if err := c.run(ctx, progress); err != nil {
		return nil, nil, err
	}

	d := &Data{Training: training.Samples, Levels: contents(validation), Foreign: contents(fit)}
	if abroad != nil {
		d.Abroad = abroad.Samples
		d.Levels = append(d.Levels, *abroad)
	}
	if err := c.measure(ctx, d, s.Validation, blurred); err != nil {
		return nil, nil, err
	}
	h.Levels, h.Foreign = contents(test), contents(held)
	return d, &h, nil
}

// erasures are the ways of erasing cells that are fitted to; the others are only
// reported on.
var erasures = [...]string{"stained cells, smooth", "all cells, plain"}

// made is how many pictures of a kind are made to fit to, numbers 0 to made-1, and as
// many to report on, numbers made to 2*made-1; fewer where there are fewer pictures to
// make them from.
const made = 20

// The stress tests make pictures of other numbers, or this does not compile.
const _ = uint(stress.FirstReported - 2*made)

// otherSmears names the set of foreign files.
const otherSmears = "other smears"

// camera are the moderate changes of what a camera and a program do to a picture.
func camera() (changes []stress.Change) {
	for _, family := range []stress.Family{stress.Brightness, stress.Gamma, stress.Blur, stress.JPEG} {
		for _, change := range family.Changes() {
			if change.Strength == stress.Moderate {
				changes = append(changes, change)
			}
		}
	}
	return changes
}

// thinned takes every step-th.
func thinned[T any](all []T, step int) (some []T) {
	for i := 0; i < len(all); i += step {
		some = append(some, all[i])
	}
	return some
}

// collector gathers what is to be observed, and then observes it.
type collector struct {
	dir   string
	model *model.Model
	looks []look
}

// look is one picture to observe.
type look struct {
	model   *model.Model
	picture func() (*picture.Picture, error)
	sample  *Sample
}

// set adds labelled pictures. The first is changed in the first way, the second in the
// second, and so on, from the first way again after the last; without changes they
// stay as they are.
func (c *collector) set(name string, items []dataset.Item, changes []stress.Change) *Set {
	return c.drawn(name, len(items), func(i int) (pixels func() ([]uint8, error), label model.Class) {
		return func() ([]uint8, error) {
			rgb, err := read(filepath.Join(c.dir, filepath.FromSlash(items[i].File)))
			if err != nil || len(changes) == 0 {
				return rgb, err
			}
			return changes[i%len(changes)].Apply(&stress.Picture{File: items[i].File, RGB: rgb})
		}, items[i].Label
	})
}

// drawn adds n pictures, which may be read or made.
func (c *collector) drawn(name string, n int, of func(i int) (pixels func() ([]uint8, error), label model.Class)) *Set {
	set := &Set{Name: name, Samples: make([]Sample, n)}
	for i := range set.Samples {
		pixels, label := of(i)
		set.Samples[i].Label = label
		of := func() (*picture.Picture, error) {
			rgb, err := pixels()
			return &picture.Picture{Width: model.Side, Height: model.Side, Pix: rgb}, err
		}
		c.looks = append(c.looks, look{c.model, of, &set.Samples[i]})
	}
	return set
}

// foreign adds made pictures of a kind, from number first on, made from the items
// where the kind needs them.
func (c *collector) foreign(kind stress.Kind, first int, items []dataset.Item) *Set {
	n := min(made, len(items))
	return c.drawn(kind.Name, n, func(i int) (func() ([]uint8, error), model.Class) {
		return func() ([]uint8, error) {
			if !kind.NeedsPicture {
				return kind.Make(first+i, nil)
			}
			item := items[i*len(items)/n]
			rgb, err := read(filepath.Join(c.dir, filepath.FromSlash(item.File)))
			if err != nil {
				return nil, err
			}
			return kind.Make(first+i, &stress.Picture{File: item.File, RGB: rgb})
		}, 0
	})
}

// simulated adds labelled pictures as other laboratories would have taken them.
func (c *collector) simulated(items []dataset.Item) *Set {
	return c.drawn("simulated laboratory", len(items), func(i int) (func() ([]uint8, error), model.Class) {
		return func() ([]uint8, error) {
			rgb, err := read(filepath.Join(c.dir, filepath.FromSlash(items[i].File)))
			if err != nil {
				return nil, err
			}
			name := items[i].File + "\x00calibration"
			l := fields.Draw(name, 1)
			p, err := l.Take(&picture.Picture{Width: model.Side, Height: model.Side, Pix: rgb}, name)
			if err != nil {
				return nil, err
			}
			return p.Pix, nil
		}, items[i].Label
	})
}

// files adds pictures as they are.
func (c *collector) files(name string, files []string) *Set {
	set := &Set{Name: name, Samples: make([]Sample, len(files))}
	for i := range files {
		c.looks = append(c.looks, look{c.model, func() (*picture.Picture, error) { return dataset.Read(files[i]) }, &set.Samples[i]})
	}
	return set
}

// measure measures what needs no network. Colours are measured on pictures whose stain
// is changed strongly, each several times, and on pictures that a camera changed
// moderately; sharpness on blurred ones.
func (c *collector) measure(ctx context.Context, d *Data, items []dataset.Item, blurred []*Set) error {
	changes := camera()
	for _, change := range stress.Stain.Changes() {
		if change.Strength == stress.Strong {
			for range draws {
				changes = append(changes, change)
			}
		}
	}
	blurs := stress.Blur.Changes()
	colours, sharpness := make([][9]float64, len(changes)*len(items)), make([]float64, len(blurs)*len(items))
	err := parallel(ctx, len(items), func() func(i int) error {
		return func(i int) error {
			rgb, err := read(filepath.Join(c.dir, filepath.FromSlash(items[i].File)))
			if err != nil {
				return err
			}
			for j, change := range changes {
				if c.model.Reads() != model.WholePictures {
					break
				}
				// The name seeds the change.
				changed, err := change.Apply(&stress.Picture{File: fmt.Sprint(items[i].File, "#", j), RGB: rgb})
				if err != nil {
					return err
				}
				colours[i*len(changes)+j] = model.ColoursOf(changed)
			}
			for j, blur := range blurs {
				changed, err := blur.Apply(&stress.Picture{File: items[i].File, RGB: rgb})
				if err != nil {
					return err
				}
				specimen, err := c.model.Prepare(&picture.Picture{Width: model.Side, Height: model.Side, Pix: changed}, model.Options{})
				if refused(err) {
					sharpness[j*len(items)+i] = math.NaN()
					continue
				}
				if err != nil {
					return err
				}
				sharpness[j*len(items)+i] = model.SharpnessOf(specimen.Fields[0].Picture)
			}
			return nil
		}
	})
	if c.model.Reads() == model.WholePictures {
		d.Colours = colours
	}
	for j, set := range blurred {
		measured := slices.DeleteFunc(sharpness[j*len(items):][:len(items):len(items)], math.IsNaN)
		d.Blurred = append(d.Blurred, Blurred{*set, measured})
	}
	return err
}

func contents(sets []*Set) (all []Set) {
	for _, set := range sets {
		all = append(all, *set)
	}
	return all
}

// observe fills in the sample's observation. A picture that is refused before the
// network sees it gets none.
func (l *look) observe(session *model.Session) error {
	p, err := l.picture()
	if err != nil {
		return err
	}
	specimen, err := l.model.Prepare(p, model.Options{})
	if refused(err) {
		return nil
	}
	if err != nil {
		return err
	}
	o, err := session.Observe(specimen)
	if err == nil {
		l.sample.Observation = &o.Observation
	}
	return err
}

// refused tells whether an error is that of a picture that is refused before a network sees
// it.
func refused(err error) bool {
	return errors.As(err, new(model.Unassessable)) || errors.As(err, new(*standard.TooSmall))
}

func read(file string) ([]uint8, error) {
	in, err := dataset.ReadInput(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return in.RGB, nil
}

// run observes all that was gathered.
func (c *collector) run(ctx context.Context, progress func(done, total int)) error {
	var mu sync.Mutex // of done, and for progress
	done := 0
	return parallel(ctx, len(c.looks), func() func(i int) error {
		session := c.model.NewSession()
		return func(i int) error {
			if err := c.looks[i].observe(session); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done++
			if progress != nil {
				progress(done, len(c.looks))
			}
			return nil
		}
	})
}

// parallel does n things on all cores, each with what worker returns for the core,
// until the first error.
func parallel(ctx context.Context, n int, worker func() func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			do := worker()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					cancel(fmt.Errorf("calibration: %w", err))
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}
