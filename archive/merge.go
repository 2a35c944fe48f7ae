package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
)

// merge joins the lines of all units, in the order of the paths, into the file of the answers and that of the SHA-256 sums, in the form
// of sha256sum, and removes them.
func (c *Config) merge(ctx context.Context) (err error) {
	names, err := filesIn(ctx, c.in(linesFolder))
	if err != nil {
		return err
	}
	tables := make([]Table, len(names))
	for i, name := range names {
		tables[i].File = name
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
	err = merge(ctx, tables, func(line fields) error {
		if len(line) != 3 {
			return fmt.Errorf("a line has %d fields; expected a path, a SHA-256 and an answer", len(line))
		}
		path, sum, answer := line[0], line[1], line[2]
		if sum != noSum {
			if _, err := b.WriteString(sum + "  " + path + "\n"); err != nil {
				return err
			}
		}
		_, err := a.WriteString(answer + "\n")
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
