package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"allnet/cases/evidence"
	"allnet/internal/terminal"
	"allnet/model"
	"allnet/model/picture"
)

// Found is a path of a picture; Container and Entry are empty where it is a file of its own.
type Found struct {
	SHA256                   string
	Path, Month              string
	Container, Entry, Reason string
}

// fields are ordered by the picture, and then by the path.
func (f *Found) fields() fields {
	return fields{f.SHA256, f.Path, f.Month, f.Container, f.Entry, f.Reason}
}

func foundOf(r fields) (Found, error) {
	if len(r) != 6 {
		return Found{}, fmt.Errorf("a row of a picture has %d fields; expected 6", len(r))
	}
	return Found{r[0], r[1], r[2], r[3], r[4], r[5]}, nil
}

// Task is one picture with all its paths, of which the first is read.
type Task struct {
	SHA256 string
	// Path is the name that the picture goes by; Container is the tar or ZIP file that it lies in, and Entry its name there.
	Path, Container, Entry string
	// Paths and Months are those of all copies, Path's the first.
	Paths, Months []string
	// Reason is why it cannot be read; empty where it can.
	Reason string
}

// tasksOf makes a task of all paths of each picture, in the order of the SHA-256.
func tasksOf(ctx context.Context, tables []Table) (tasks []*Task, err error) {
	var t *Task
	err = merge(ctx, tables, func(r fields) error {
		found, err := foundOf(r)
		if err != nil {
			return err
		}
		if t == nil || t.SHA256 != found.SHA256 {
			t = &Task{SHA256: found.SHA256, Path: found.Path, Container: found.Container, Entry: found.Entry, Reason: found.Reason}
			tasks = append(tasks, t)
		}
		t.Paths, t.Months = append(t.Paths, found.Path), append(t.Months, found.Month)
		return nil
	})
	return tasks, err
}

// chunk is how many pictures are computed between two files of the store, and explained is the same with evidence: so much
// is lost when a run is cut off.
const (
	chunk          = 128
	explainedChunk = 16
)

func (c *Config) chunk() int {
	if c.SaveEvery > 0 {
		return c.SaveEvery
	}
	if c.Explain {
		return explainedChunk
	}
	return chunk
}

// enough tells whether an entry of the store holds all that is asked for.
func (c *Config) enough(e *Entry) bool {
	return e != nil && (!c.Explain || e.Record.Abstained || e.Evidence == c.explaining() || e.Unexplained != "")
}

// unit reads the pictures of one unit of work and returns the entries, one for each task, and how many of them the
// store held and how many were computed.
func (c *Config) unit(ctx context.Context, name string, tasks []*Task) (entries []*Entry, stored, computed int, err error) {
	r, err := c.reader(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	r.units <- struct{}{}
	defer func() { <-r.units }()
	known, err := c.load(ctx, name)
	if err != nil {
		return nil, 0, 0, err
	}
	entries = make([]*Entry, len(tasks))
	var missing []int
	for i, t := range tasks {
		switch e := known[t.SHA256]; {
		case t.Reason != "":
			entries[i] = unread(t, errors.New(t.Reason))
		case c.enough(e):
			entries[i] = e
			stored++
		default:
			missing = append(missing, i)
		}
	}
	if len(missing) == 0 {
		return entries, stored, 0, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs, done := make(chan job), make(chan job)
	go func() {
		defer close(jobs)
		deliver(ctx, tasks, missing, jobs)
	}()
	var workers sync.WaitGroup
	for range cap(r.sessions) {
		workers.Go(func() {
			for j := range jobs {
				session := <-r.sessions
				j.entry = c.read(ctx, r, session, j.task, j.data, j.err)
				r.sessions <- session
				seen.computed.Add(1)
				select {
				case done <- j:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	go func() {
		workers.Wait()
		close(done)
	}()
	var fresh []*Entry
	for j := range done {
		entries[j.at] = j.entry
		if !j.entry.passing {
			fresh = append(fresh, j.entry)
		}
		if len(fresh) >= c.chunk() {
			if err := c.save(ctx, name, fresh); err != nil {
				return nil, 0, 0, err
			}
			fresh = nil
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, 0, err
	}
	return entries, stored, len(missing), c.save(ctx, name, fresh)
}

// job is a picture on its way through a unit.
type job struct {
	at    int
	task  *Task
	data  []byte
	err   error
	entry *Entry
}

// deliver reads the bytes of tasks and hands them on; a container's in the order in which they lie there.
func deliver(ctx context.Context, tasks []*Task, missing []int, jobs chan<- job) {
	hand := func(j job) error {
		select {
		case jobs <- j:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	container := tasks[missing[0]].Container
	if container == "" {
		for _, i := range missing {
			data, err := readPicture(ctx, tasks[i].Path)
			if hand(job{at: i, task: tasks[i], data: data, err: err}) != nil {
				return
			}
		}
		return
	}
	wanted := make(map[string]int)
	for _, i := range missing {
		wanted[tasks[i].Entry] = i
	}
	err := eachPicture(ctx, container, func(entry string, _ time.Time, read content) error {
		i, ok := wanted[entry]
		if !ok {
			return nil
		}
		delete(wanted, entry)
		data, err := read()
		return hand(job{at: i, task: tasks[i], data: data, err: err})
	}, func(string) {})
	if err == nil {
		err = errChanged
	}
	for _, i := range missing {
		if _, left := wanted[tasks[i].Entry]; left && hand(job{at: i, task: tasks[i], err: err}) != nil {
			return
		}
	}
}

const errChanged = model.Unassessable("The file was changed while the archive was read. Run it again.")

// read reads one picture of which there are bytes, or a reason why there are none.
func (c *Config) read(ctx context.Context, r *reader, session *model.Session, t *Task, data []byte, err error) *Entry {
	if err == nil {
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != t.SHA256 {
			err = errChanged
		}
	}
	if err != nil {
		return unread(t, err)
	}
	p, err := picture.Decode(data)
	reading := session.Answer("", p, err, r.options)
	e := &Entry{SHA256: t.SHA256, Record: reading.Record, Measures: measured(p, reading)}
	if c.Explain && !e.Record.Abstained {
		if err := c.explain(ctx, r, t, reading); err != nil {
			e.Unexplained = terminal.Message(err)
			e.passing = ctx.Err() != nil
		} else {
			e.Evidence = c.explaining()
		}
	}
	return e
}

// unread is the entry of a picture that cannot be read now, but perhaps the next time.
func unread(t *Task, err error) *Entry {
	return &Entry{SHA256: t.SHA256, Record: model.NewRecord("", nil, err), passing: true}
}

// explain writes the evidence of a picture as `allnet explain` does, under its SHA-256.
func (c *Config) explain(ctx context.Context, r *reader, t *Task, reading *model.Reading) error {
	field, err := evidence.FieldOf(reading.Specimen, 0)
	if err != nil {
		return err
	}
	record := reading.Record
	record.File = t.Path
	e, err := evidence.Of(ctx, r.model, record, reading.Specimen, reading.Result, evidence.Asked{
		Class: reading.Result.Predicted, Field: field, Preset: c.Preset, Settings: c.Settings,
	}, nil)
	if err != nil {
		return err
	}
	files, err := e.Encode()
	if err != nil {
		return err
	}
	for i, data := range files {
		if err := writeFile(ctx, c.in(evidenceDir, t.SHA256[:2], t.SHA256+evidence.Endings[i]), data); err != nil {
			return err
		}
	}
	return nil
}

// noSum stands where the bytes of a picture could not be read.
const noSum = "-"

// lines writes the lines of a unit's pictures, for each path one, in the order of the paths: the path, the SHA-256 of the
// picture, and the line of `allnet classify -json`.
func (c *Config) lines(ctx context.Context, unit string, tasks []*Task, entries []*Entry) error {
	type line struct {
		path string
		of   int
	}
	var all []line
	for i, t := range tasks {
		for _, path := range t.Paths {
			all = append(all, line{path, i})
		}
	}
	slices.SortFunc(all, func(a, b line) int { return strings.Compare(a.path, b.path) })
	w, commit, err := create(ctx, c.in(linesFolder, unit+".tsv"))
	if err != nil {
		return err
	}
	b := bufio.NewWriter(w)
	for _, l := range all {
		sum := tasks[l.of].SHA256
		if tasks[l.of].Reason != "" {
			sum = noSum
		}
		record := entries[l.of].Record
		record.File = l.path
		answer, err := record.Line()
		if err == nil {
			_, err = b.Write(fields{l.path, sum, strings.TrimSuffix(string(answer), "\n")}.append(b.AvailableBuffer()))
		}
		if err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := b.Flush(); err != nil {
		return errors.Join(err, w.Close())
	}
	return commit()
}
