package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
)

func init() {
	register.DoFn3x1[context.Context, string, func(Paths), error](&findFn{})
	register.DoFn4x1[context.Context, Paths, func(int, Batch), func(int), error](&sumFn{})
	register.DoFn5x1[context.Context, int, func(*Batch) bool, int, func(string, Tasks), error](&unitFn{})
	register.DoFn4x1[context.Context, string, func(*Tasks) bool, func(string, Tally), error](&readFn{})
	register.DoFn3x1[context.Context, int, func(*string, *Tally) bool, error](&summaryFn{})
	register.Function2x1(joined)
	register.Iter1[Batch]()
	register.Iter1[Tasks]()
	register.Iter2[string, Tally]()
	register.Emitter1[Paths]()
	register.Emitter1[int]()
	register.Emitter2[int, Batch]()
	register.Emitter2[string, Tasks]()
	register.Emitter2[string, Tally]()
	beam.RegisterCoder(reflect.TypeFor[Tally](), encodeTally, decodeTally)
}

// Beam's own counters; every runner shows them.
var (
	countPictures   = beam.NewCounter("archive", "pictures")
	countCopies     = beam.NewCounter("archive", "copies")
	countStored     = beam.NewCounter("archive", "pictures from the store")
	countComputed   = beam.NewCounter("archive", "pictures computed")
	countAnswered   = beam.NewCounter("archive", "answers")
	countRefused    = beam.NewCounter("archive", "refusals")
	countUnreadable = beam.NewCounter("archive", "unreadable")
	countEvidence   = beam.NewCounter("archive", "explanations that failed")
	countPassedOver = beam.NewCounter("archive", "files passed over")
	countBytes      = beam.NewCounter("archive", "bytes")
	perUnit         = beam.NewDistribution("archive", "pictures a unit")
)

// pipeline adds to s all that becomes of the pictures:
//
//	patterns ─find─▶ files ─sum─▶ pictures by SHA-256 ─group─▶ tasks by unit ─group, read─▶ lines, and tallies by folder ─join─▶ summary
//
// What goes through Beam are names and sums, many in one element, since Prism keeps all in memory, and an element takes more of it
// than a name does. Pictures, answers and evidence go from file to file.
func pipeline(s beam.Scope, c *Config) {
	patterns := beam.CreateList(s, c.Inputs)
	files := beam.ParDo(s.Scope("find"), &findFn{Config: *c}, patterns)
	bySum, counts := beam.ParDo2(s.Scope("sum"), &sumFn{Config: *c}, beam.Reshuffle(s, files))
	count := stats.Sum(s, beam.Flatten(s, counts, beam.Create(s, 0))) // 0 where there are none
	tasks := beam.ParDo(s.Scope("unit"), &unitFn{Config: *c}, beam.GroupByKey(s, bySum), beam.SideInput{Input: count})
	tallies := beam.ParDo(s.Scope("read"), &readFn{Config: *c}, beam.GroupByKey(s, tasks))
	joined := beam.CombinePerKey(s, joined, tallies)
	beam.ParDo0(s.Scope("summary"), &summaryFn{Config: *c}, beam.Create(s, 0), beam.SideInput{Input: joined})
}

// findFn finds the files that patterns match.
type findFn struct{ Config Config }

func (f *findFn) ProcessElement(ctx context.Context, pattern string, emit func(Paths)) error {
	var paths []string
	err := find(ctx, pattern, f.Config.Output, func(name string) {
		if paths = append(paths, name); len(paths) == together {
			emit(Paths{paths})
			paths = nil
		}
	}, func(string) { countPassedOver.Inc(ctx, 1) })
	if len(paths) > 0 {
		emit(Paths{paths})
	}
	return err
}

// together is how many files are dealt to a worker at a time, and most how many pictures a worker keeps before it hands them on.
const (
	together = 64
	most     = 20_000
)

// Paths are those of files.
type Paths struct{ Paths []string }

// Found is a picture that was found; Container and Entry are empty where it is a file of its own.
type Found struct {
	SHA256                                []byte
	Path, Container, Entry, Month, Reason string
}

// Batch are pictures whose SHA-256 begin with the same byte.
type Batch struct{ Pictures []Found }

// sumFn hashes each picture of files, which may be containers.
type sumFn struct {
	Config Config
	found  map[int][]Found // by the first byte of the SHA-256, not yet handed on
	n      int
}

func (f *sumFn) StartBundle(context.Context, func(int, Batch), func(int)) {
	f.found, f.n = make(map[int][]Found), 0
}

func (f *sumFn) FinishBundle(_ context.Context, emit func(int, Batch), number func(int)) {
	for first, pictures := range f.found {
		emit(first, Batch{pictures})
	}
	number(f.n)
	f.found, f.n = make(map[int][]Found), 0
}

func (f *sumFn) ProcessElement(ctx context.Context, files Paths, emit func(int, Batch), number func(int)) error {
	for _, name := range files.Paths {
		if err := f.file(ctx, name, func() {
			if f.n >= most {
				f.FinishBundle(ctx, emit, number)
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

// file hashes the pictures of a file and calls next after each.
func (f *sumFn) file(ctx context.Context, name string, next func()) error {
	hand := func(found Found, data []byte, err error) {
		sum := sha256.Sum256(data)
		if err != nil {
			found.Reason = err.Error()
			sum = sha256.Sum256([]byte("unread\x00" + found.Path)) // no two of these are one picture
		}
		countBytes.Inc(ctx, int64(len(data)))
		seen.found.Add(1)
		found.SHA256 = sum[:]
		f.found[int(sum[0])] = append(f.found[int(sum[0])], found)
		f.n++
		next()
	}
	if !isContainer(name) {
		data, err := readPicture(ctx, name)
		hand(Found{Path: name, Month: monthOf(name, changedAt(ctx, name))}, data, err)
		return nil
	}
	err := eachPicture(ctx, name, func(entry string, changed time.Time, read content) error {
		data, err := read()
		p := name + "/" + entry
		hand(Found{Path: p, Container: name, Entry: entry, Month: monthOf(p, changed)}, data, err)
		return ctx.Err()
	}, func(string) { countPassedOver.Inc(ctx, 1) })
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	hand(Found{Path: name, Month: monthOf(name, changedAt(ctx, name))}, nil, err)
	return nil
}

// Tasks are those of one unit.
type Tasks struct{ Tasks []Task }

// unitFn makes a task of all paths of each picture and says in which unit it is read.
type unitFn struct{ Config Config }

func (f *unitFn) ProcessElement(_ context.Context, _ int, next func(*Batch) bool, pictures int, emit func(string, Tasks)) error {
	var all []Found
	for b := (Batch{}); next(&b); b = (Batch{}) {
		all = append(all, b.Pictures...)
	}
	slices.SortFunc(all, func(a, b Found) int {
		return cmp.Or(bytes.Compare(a.SHA256, b.SHA256), strings.Compare(a.Path, b.Path))
	})
	units := make(map[string][]Task)
	bits := bitsFor(pictures, f.Config.chunk())
	for len(all) > 0 {
		n := 1
		for n < len(all) && bytes.Equal(all[n].SHA256, all[0].SHA256) {
			n++
		}
		t := taskOf(all[:n])
		all = all[n:]
		unit := unitOf(&t, bits)
		units[unit] = append(units[unit], t)
		seen.tasks.Add(1)
	}
	for unit, tasks := range units {
		emit(unit, Tasks{tasks})
	}
	return nil
}

// taskOf makes a task of the paths of one picture, which are in order.
func taskOf(copies []Found) Task {
	first := copies[0]
	t := Task{SHA256: hex.EncodeToString(first.SHA256), Path: first.Path, Container: first.Container, Entry: first.Entry, Reason: first.Reason}
	for i, found := range copies {
		if i > 0 && found.Path == copies[i-1].Path { // patterns may match a file twice
			continue
		}
		t.Paths, t.Months = append(t.Paths, found.Path), append(t.Months, found.Month)
	}
	return t
}

// readFn reads the pictures of a unit, writes their lines and counts them by folder and month.
type readFn struct{ Config Config }

func (f *readFn) ProcessElement(ctx context.Context, unit string, next func(*Tasks) bool, emit func(string, Tally)) error {
	var tasks []*Task
	for part := new(Tasks); next(part); part = new(Tasks) {
		for i := range part.Tasks {
			tasks = append(tasks, &part.Tasks[i])
		}
	}
	slices.SortFunc(tasks, func(a, b *Task) int { return strings.Compare(a.SHA256, b.SHA256) })
	entries, stored, computed, err := f.Config.unit(ctx, unit, tasks)
	if err != nil {
		return err
	}
	if err := f.Config.lines(ctx, unit, tasks, entries); err != nil {
		return err
	}
	perUnit.Update(ctx, int64(len(tasks)))
	countStored.Inc(ctx, int64(stored))
	countComputed.Inc(ctx, int64(computed))
	seen.stored.Add(int64(stored))
	tallies := make(map[string]*Tally)
	for i, t := range tasks {
		if entries[i].Unexplained != "" {
			countEvidence.Inc(ctx, 1)
		}
		for k, p := range t.Paths {
			key := path.Dir(p) + "\n" + t.Months[k]
			if tallies[key] == nil {
				tallies[key] = newTally()
			}
			tallies[key].add(entries[i], k > 0)
		}
		count(ctx, entries[i], len(t.Paths))
	}
	for key, t := range tallies {
		emit(key, *t)
	}
	return nil
}

// count tells Beam's counters of one picture with so many paths.
func count(ctx context.Context, e *Entry, paths int) {
	n := int64(paths)
	countPictures.Inc(ctx, n)
	countCopies.Inc(ctx, n-1)
	switch {
	case !e.Record.Abstained:
		countAnswered.Inc(ctx, n)
	case e.Record.Code == "unreadable":
		countUnreadable.Inc(ctx, n)
		fallthrough
	default:
		countRefused.Inc(ctx, n)
	}
}

// joined is what two tallies count together.
func joined(a, b Tally) Tally {
	t := newTally()
	t.join(&a)
	t.join(&b)
	return *t
}

func encodeTally(t Tally) ([]byte, error) { return json.Marshal(t) }

func decodeTally(data []byte) (Tally, error) {
	t := newTally()
	err := json.Unmarshal(data, t)
	return *t, err
}

// summaryFn writes the summary of all folders.
type summaryFn struct{ Config Config }

func (f *summaryFn) ProcessElement(ctx context.Context, _ int, next func(*string, *Tally) bool) error {
	var parts []Part
	var key string
	for t := newTally(); next(&key, t); t = newTally() {
		folder, month, _ := strings.Cut(key, "\n")
		parts = append(parts, Part{folder, month, *t})
	}
	return f.Config.writeSummary(ctx, parts)
}

// counters are Beam's counters of a finished run, as "name: number".
func counters(r metrics.Results) (lines []string) {
	sums := make(map[string]int64) // of all steps that count the same
	for _, k := range r.AllMetrics().Counters() {
		if k.Key.Namespace == "archive" {
			sums[k.Key.Name] += k.Result()
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		lines = append(lines, fmt.Sprintf("%s: %d", name, sums[name]))
	}
	return lines
}
