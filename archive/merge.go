package main

import (
	"bufio"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// fanIn is how many files are merged at a time.
const fanIn = 256

// merge joins the lines of all units, in the order of the paths, into the file of the answers and that of the SHA-256 sums, in the form
// of sha256sum, and removes them. It holds one line of each file in memory, at most fanIn.
func (c *Config) merge(ctx context.Context) (err error) {
	names, err := filesIn(ctx, c.in(linesFolder))
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "allnet-merge-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for round := 0; len(names) > fanIn; round++ {
		var joined []string
		for i := 0; i < len(names); i += fanIn {
			name := filepath.Join(work, fmt.Sprintf("%d-%d", round, i))
			f, err := os.Create(name)
			if err != nil {
				return err
			}
			w := bufio.NewWriter(f)
			err = mergeFiles(ctx, names[i:min(i+fanIn, len(names))], func(l *line) error {
				_, err := w.WriteString(l.text)
				return err
			})
			if err := errors.Join(err, w.Flush(), f.Close()); err != nil {
				return err
			}
			joined = append(joined, name)
		}
		names = joined
	}
	answers, commitAnswers, err := create(ctx, c.in(answersFile))
	if err != nil {
		return err
	}
	sums, commitSums, err := create(ctx, c.in(sumsFile))
	if err != nil {
		return err
	}
	a, b := bufio.NewWriter(answers), bufio.NewWriter(sums)
	err = mergeFiles(ctx, names, func(l *line) error {
		if l.sum != noSum {
			if _, err := b.WriteString(l.sum + "  " + l.path + "\n"); err != nil {
				return err
			}
		}
		_, err := a.WriteString(l.answer)
		return err
	})
	if err := errors.Join(err, a.Flush(), b.Flush()); err != nil {
		return err
	}
	if err := errors.Join(commitAnswers(), commitSums()); err != nil {
		return err
	}
	return empty(ctx, c.in(linesFolder))
}

// line is one of a file of lines, see Config.lines.
type line struct {
	path, sum, answer string
	text              string
	rest              *bufio.Reader
}

// next reads the next line; false at the end.
func (l *line) next() (bool, error) {
	text, err := l.rest.ReadString('\n')
	if err == io.EOF && text == "" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return false, err
	}
	if l.path, err = strconv.Unquote(quoted); err != nil {
		return false, err
	}
	var found bool
	l.sum, l.answer, found = strings.Cut(text[len(quoted)+1:], "\t")
	if !found {
		return false, errors.New("a file of lines holds one that is none")
	}
	l.text = text
	return true, nil
}

// mergeFiles hands on the lines of files, each of which is ordered by path, in the order of the paths.
func mergeFiles(ctx context.Context, names []string, use func(*line) error) error {
	var h lineHeap
	for _, name := range names {
		f, err := open(ctx, name)
		if err != nil {
			return err
		}
		defer f.Close()
		l := &line{rest: bufio.NewReader(f)}
		more, err := l.next()
		if err != nil {
			return err
		}
		if more {
			h = append(h, l)
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

// lineHeap has the line of the first path on top.
type lineHeap []*line

func (h lineHeap) Len() int           { return len(h) }
func (h lineHeap) Less(i, j int) bool { return h[i].path < h[j].path }
func (h lineHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lineHeap) Push(x any)        { *h = append(*h, x.(*line)) }
func (h *lineHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
