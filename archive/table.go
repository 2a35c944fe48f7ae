package main

import (
	"bufio"
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// fields are a row of a table of names: what is known of one file or picture, divided by tabs. Names are kept byte for
// byte, whatever they hold. Tables that are merged are ordered by their rows.
type fields []string

// append adds the row to b as a line. A field that could be mistaken for something else stands in quotes.
func (r fields) append(b []byte) []byte {
	for i, field := range r {
		if i > 0 {
			b = append(b, '\t')
		}
		if strings.HasPrefix(field, `"`) || strings.ContainsAny(field, "\t\n") {
			b = strconv.AppendQuote(b, field)
		} else {
			b = append(b, field...)
		}
	}
	return append(b, '\n')
}

// parseFields reads a line, which is not empty.
func parseFields(text string) (fields, error) {
	r := fields(strings.Split(strings.TrimSuffix(text, "\n"), "\t"))
	for i, field := range r {
		if strings.HasPrefix(field, `"`) {
			var err error
			if r[i], err = strconv.Unquote(field); err != nil {
				return nil, fmt.Errorf("a table of names holds a line that is none: %w", err)
			}
		}
	}
	return r, nil
}

// Table are a table of names as it goes through Beam: the name of a file that holds it, or the table itself where it is short. Runners may keep
// all elements in memory, Prism does, so that what an element holds must not grow with the number of files.
type Table struct{ File, Text string }

// short is how many bytes a table has at most that goes through Beam itself.
const short = 512

// hold makes an element of a table. A file is named after what it holds and stands under its name only when it is whole, so that it does no
// harm when the same is done twice, here or elsewhere.
func (c *Config) hold(ctx context.Context, table []byte) (Table, error) {
	if len(table) <= short {
		return Table{Text: string(table)}, nil
	}
	sum := sha256.Sum256(table)
	name := c.in(namesFolder, hex.EncodeToString(sum[:16])+".tsv")
	return Table{File: name}, writeFile(ctx, name, table)
}

// tableReader reads the rows of a table one after the other.
type tableReader struct {
	fields fields
	text   string // the fields as a line
	rest   *bufio.Reader
	io.Closer
}

func (t Table) open(ctx context.Context) (*tableReader, error) {
	if t.File == "" {
		return &tableReader{rest: bufio.NewReaderSize(strings.NewReader(t.Text), short), Closer: io.NopCloser(nil)}, nil
	}
	f, err := open(ctx, t.File)
	if err != nil {
		return nil, err
	}
	return &tableReader{rest: bufio.NewReader(f), Closer: f}, nil
}

// next reads the next row; false at the end.
func (r *tableReader) next() (bool, error) {
	text, err := r.rest.ReadString('\n')
	if err == io.EOF && text == "" {
		return false, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return false, err
	}
	r.text = text
	r.fields, err = parseFields(text)
	return true, err
}

// fanIn is how many tables are merged at a time.
const fanIn = 256

// merge hands on the rows of tables in their order. It holds one row of each in memory, at most fanIn: where there are more tables,
// it joins so many at a time in files of this machine first.
func merge(ctx context.Context, tables []Table, use func(r fields) error) (err error) {
	if len(tables) > fanIn {
		work, err := os.MkdirTemp("", "allnet-merge-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(work)
		for round := 0; len(tables) > fanIn; round++ {
			var joined []Table
			for part := range slices.Chunk(tables, fanIn) {
				name := filepath.Join(work, fmt.Sprintf("%d-%d", round, len(joined)))
				if err := join(ctx, part, name); err != nil {
					return err
				}
				joined = append(joined, Table{File: name})
			}
			tables = joined
		}
	}
	return mergeOpen(ctx, tables, func(r *tableReader) error { return use(r.fields) })
}

// join merges tables into a file of this machine.
func join(ctx context.Context, tables []Table, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = mergeOpen(ctx, tables, func(r *tableReader) error {
		_, err := w.WriteString(r.text)
		return err
	})
	return errors.Join(err, w.Flush(), f.Close())
}

// mergeOpen merges with all tables open.
func mergeOpen(ctx context.Context, tables []Table, use func(*tableReader) error) error {
	var h tableHeap
	for _, t := range tables {
		r, err := t.open(ctx)
		if err != nil {
			return err
		}
		defer r.Close()
		more, err := r.next()
		if err != nil {
			return err
		}
		if more {
			h = append(h, r)
		}
	}
	heap.Init(&h)
	for len(h) > 0 {
		if err := use(h[0]); err != nil {
			return err
		}
		more, err := h[0].next()
		if err != nil {
			return err
		}
		if more {
			heap.Fix(&h, 0)
		} else {
			heap.Pop(&h)
		}
	}
	return nil
}

// tableHeap has the first row on top.
type tableHeap []*tableReader

func (h tableHeap) Len() int           { return len(h) }
func (h tableHeap) Less(i, j int) bool { return slices.Compare(h[i].fields, h[j].fields) < 0 }
func (h tableHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *tableHeap) Push(x any)        { *h = append(*h, x.(*tableReader)) }
func (h *tableHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// tableOf is the table of rows, which it orders.
func tableOf(rows []fields) (table []byte) {
	slices.SortFunc(rows, slices.Compare)
	for _, r := range rows {
		table = r.append(table)
	}
	return table
}
