package main

import (
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
)

func init() {
	register.DoFn3x1[context.Context, string, func(Table), error](&findFn{})
	register.DoFn4x1[context.Context, Table, func(int, Table), func(int), error](&sumFn{})
	register.DoFn5x1[context.Context, int, func(*Table) bool, int, func(string, Table), error](&unitFn{})
	register.DoFn4x1[context.Context, string, func(*Table) bool, func(string, Tally), error](&readFn{})
	register.DoFn3x1[context.Context, int, func(*string, *Tally) bool, error](&summaryFn{})
	register.Function2x1(joined)
	register.Function2x1(sum)
	register.Iter1[Table]()
	register.Iter2[string, Tally]()
	register.Emitter1[Table]()
	register.Emitter1[int]()
	register.Emitter2[int, Table]()
	register.Emitter2[string, Table]()
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
//	patterns ─find─▶ paths ─sum─▶ pictures by SHA-256 ─group─▶ pictures by unit ─group, read─▶ lines, and tallies by folder ─join─▶ summary
//
// What goes through Beam are the names of tables (see Table), since Prism keeps all elements in memory. Names of files go from file to file,
// as pictures, answers and evidence do.
func pipeline(s beam.Scope, c *Config) {
	patterns := beam.CreateList(s, c.Inputs)
	files := beam.ParDo(s.Scope("find"), &findFn{Config: *c}, patterns)
	bySum, counts := beam.ParDo2(s.Scope("sum"), &sumFn{Config: *c}, beam.Reshuffle(s, files))
	count := beam.Combine(s, sum, beam.Flatten(s, counts, beam.Create(s, 0))) // 0 where there are none
	byUnit := beam.ParDo(s.Scope("unit"), &unitFn{Config: *c}, beam.GroupByKey(s, bySum), beam.SideInput{Input: count})
	tallies := beam.ParDo(s.Scope("read"), &readFn{Config: *c}, beam.GroupByKey(s, byUnit))
	joined := beam.CombinePerKey(s, joined, tallies)
	beam.ParDo0(s.Scope("summary"), &summaryFn{Config: *c}, beam.Create(s, 0), beam.SideInput{Input: joined})
}

// findFn finds the files that patterns match.
type findFn struct{ Config Config }

func (f *findFn) ProcessElement(ctx context.Context, pattern string, emit func(Table)) error {
	deal := func(paths []byte) error {
		table, err := f.Config.hold(ctx, paths)
		if err == nil {
			emit(table)
		}
		return err
	}
	var paths []byte
	n := 0
	err := find(ctx, pattern, f.Config.Output, func(name string) error {
		if isContainer(name) { // many pictures: dealt alone
			return deal(fields{name}.append(nil))
		}
		paths = fields{name}.append(paths)
		if n++; n < together {
			return nil
		}
		err := deal(paths)
		paths, n = paths[:0], 0
		return err
	}, func(string) { countPassedOver.Inc(ctx, 1) })
	if err != nil || n == 0 {
		return err
	}
	return deal(paths)
}

// together is how many files that are no containers are dealt to a worker at a time, and most how many pictures a worker keeps before it hands
// them on.
const (
	together = 1024
	most     = 16_384
)

// sumFn hashes each picture of files, which may be containers, and hands on tables of pictures whose SHA-256 begin with the same digit.
type sumFn struct {
	Config Config
	found  [16][]fields // by the first digit of the SHA-256, not yet handed on
	n      int
}

func (f *sumFn) StartBundle(context.Context, func(int, Table), func(int)) {
	f.found, f.n = [16][]fields{}, 0
}

func (f *sumFn) FinishBundle(ctx context.Context, emit func(int, Table), number func(int)) error {
	for first, rows := range f.found {
		if len(rows) == 0 {
			continue
		}
		pictures, err := f.Config.hold(ctx, tableOf(rows))
		if err != nil {
			return err
		}
		emit(first, pictures)
	}
	number(f.n)
	f.found, f.n = [16][]fields{}, 0
	return nil
}

func (f *sumFn) ProcessElement(ctx context.Context, paths Table, emit func(int, Table), number func(int)) error {
	return merge(ctx, []Table{paths}, func(name fields) error {
		return f.file(ctx, name[0], func(found Found, data []byte, err error) error {
			sum := sha256.Sum256(data)
			if err != nil {
				found.Reason = err.Error()
				sum = sha256.Sum256([]byte("unread\x00" + found.Path)) // no two of these are one picture
			}
			countBytes.Inc(ctx, int64(len(data)))
			seen.found.Add(1)
			found.SHA256 = hex.EncodeToString(sum[:])
			first := sum[0] >> 4
			f.found[first] = append(f.found[first], found.fields())
			if f.n++; f.n < most {
				return ctx.Err()
			}
			return f.FinishBundle(ctx, emit, number)
		})
	})
}

// file hands on the pictures of a file: their bytes, or why there are none.
func (f *sumFn) file(ctx context.Context, name string, hand func(found Found, data []byte, err error) error) error {
	if !isContainer(name) {
		data, err := readPicture(ctx, name)
		return hand(Found{Path: name, Month: monthOf(name, changedAt(ctx, name))}, data, err)
	}
	var failed error // to hand on, which is no fault of the container
	err := eachPicture(ctx, name, func(entry string, changed time.Time, read content) error {
		data, err := read()
		p := name + "/" + entry
		failed = hand(Found{Path: p, Container: name, Entry: entry, Month: monthOf(p, changed)}, data, err)
		return failed
	}, func(string) { countPassedOver.Inc(ctx, 1) })
	switch {
	case failed != nil:
		return failed
	case err == nil || ctx.Err() != nil:
		return ctx.Err()
	}
	return hand(Found{Path: name, Month: monthOf(name, changedAt(ctx, name))}, nil, err)
}

// unitFn says of each picture in which unit it is read, with all of its paths.
type unitFn struct{ Config Config }

// pending is how many bytes of tables unitFn keeps before it hands them on.
const pending = 4 << 20

func (f *unitFn) ProcessElement(ctx context.Context, _ int, next func(*Table) bool, pictures int, emit func(string, Table)) error {
	units := make(map[string][]byte)
	size := 0
	deal := func() error {
		for _, unit := range slices.Sorted(maps.Keys(units)) {
			table, err := f.Config.hold(ctx, units[unit])
			if err != nil {
				return err
			}
			emit(unit, table)
		}
		clear(units)
		size = 0
		return nil
	}
	bits := bitsFor(pictures, f.Config.chunk())
	var last Found
	var unit string
	err := merge(ctx, all(next), func(r fields) error {
		found, err := foundOf(r)
		switch {
		case err != nil:
			return err
		case found.SHA256 != last.SHA256: // the first path of a picture
			unit = unitOf(found.SHA256, found.Container, bits)
			seen.tasks.Add(1)
		case found.Path == last.Path: // patterns may match a file twice
			return nil
		}
		last = found
		before := len(units[unit])
		units[unit] = r.append(units[unit])
		if size += len(units[unit]) - before; size < pending {
			return nil
		}
		return deal()
	})
	if err != nil {
		return err
	}
	return deal()
}

// all collects the tables of one key.
func all(next func(*Table) bool) (tables []Table) {
	for t := (Table{}); next(&t); t = (Table{}) {
		tables = append(tables, t)
	}
	return tables
}

// readFn reads the pictures of a unit, writes their lines and counts them by folder and month.
type readFn struct{ Config Config }

func (f *readFn) ProcessElement(ctx context.Context, unit string, next func(*Table) bool, emit func(string, Tally)) error {
	tasks, err := tasksOf(ctx, all(next))
	if err != nil {
		return err
	}
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

// sum stands in the place of Beam's package for statistics, which takes as long to compile as all of Beam's core.
func sum(a, b int) int { return a + b }

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
