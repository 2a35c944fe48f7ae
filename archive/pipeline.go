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
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"
)

func init() {
	register.DoFn3x1[context.Context, string, func(string), error](&findFn{})
	register.DoFn4x1[context.Context, string, func([]byte, Found), func(int), error](&sumFn{})
	register.DoFn5x1[context.Context, []byte, func(*Found) bool, int, func(string, Task), error](&unitFn{})
	register.DoFn4x1[context.Context, string, func(*Task) bool, func(string, Tally), error](&readFn{})
	register.DoFn3x1[context.Context, int, func(*string, *Tally) bool, error](&summaryFn{})
	register.Function2x1(joined)
	register.Iter1[Found]()
	register.Iter1[Task]()
	register.Iter2[string, Tally]()
	register.Emitter1[string]()
	register.Emitter1[int]()
	register.Emitter2[[]byte, Found]()
	register.Emitter2[string, Task]()
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
// What goes through Beam are names and sums. Pictures, answers and evidence go from file to file, so a runner that keeps all in
// memory keeps little.
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

func (f *findFn) ProcessElement(ctx context.Context, pattern string, emit func(string)) error {
	return find(ctx, pattern, f.Config.Output, emit, func(string) { countPassedOver.Inc(ctx, 1) })
}

// Found is a picture that was found; Container and Entry are empty where it is a file of its own.
type Found struct{ Path, Container, Entry, Month, Reason string }

// sumFn hashes each picture of a file, which may be a container.
type sumFn struct{ Config Config }

func (f *sumFn) ProcessElement(ctx context.Context, name string, emit func([]byte, Found), number func(int)) error {
	n := 0
	defer func() { number(n) }()
	hand := func(found Found, data []byte, err error) {
		sum := sha256.Sum256(data)
		if err != nil {
			found.Reason = err.Error()
			sum = sha256.Sum256([]byte("unread\x00" + found.Path)) // no two of these are one picture
		}
		countBytes.Inc(ctx, int64(len(data)))
		seen.found.Add(1)
		n++
		emit(sum[:], found)
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

// unitFn makes a task of all paths of one picture and says in which unit it is read.
type unitFn struct{ Config Config }

func (f *unitFn) ProcessElement(_ context.Context, sum []byte, next func(*Found) bool, pictures int, emit func(string, Task)) error {
	var all []Found
	for found := (Found{}); next(&found); found = (Found{}) {
		all = append(all, found)
	}
	slices.SortFunc(all, func(a, b Found) int { return strings.Compare(a.Path, b.Path) })
	// Patterns may match a file twice.
	all = slices.CompactFunc(all, func(a, b Found) bool { return a.Path == b.Path })
	first := all[0]
	t := Task{SHA256: hex.EncodeToString(sum), Path: first.Path, Container: first.Container, Entry: first.Entry, Reason: first.Reason}
	for _, found := range all {
		t.Paths, t.Months = append(t.Paths, found.Path), append(t.Months, found.Month)
	}
	seen.tasks.Add(1)
	emit(unitOf(&t, bitsFor(pictures, f.Config.chunk())), t)
	return nil
}

// readFn reads the pictures of a unit, writes their lines and counts them by folder and month.
type readFn struct{ Config Config }

func (f *readFn) ProcessElement(ctx context.Context, unit string, next func(*Task) bool, emit func(string, Tally)) error {
	var tasks []*Task
	for t := new(Task); next(t); t = new(Task) {
		tasks = append(tasks, t)
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
