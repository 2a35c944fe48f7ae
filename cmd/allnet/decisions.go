package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"allnet/cases"
	"allnet/internal/terminal"
	"allnet/model"
)

// readDecisions reads what a reader decided of pictures, by their files: a CSV with the columns
// file and reader_class, and if wanted reader_certainty, reader_blind and reader_note, as case.csv has
// them; other columns are passed over. A line without a class holds no decision, one of "cannot
// tell" that the reader cannot.
func readDecisions(name string) (map[string]*cases.Decision, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := csv.NewReader(file)
	header, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("%s is no table of decisions: %w", terminal.Shown(name), err)
	}
	columns := make(map[string]int)
	for i, column := range header {
		columns[strings.TrimPrefix(column, "\uFEFF")] = i
	}
	for _, needed := range []string{"file", "reader_class"} {
		if _, found := columns[needed]; !found {
			return nil, fmt.Errorf("%s lacks the column %s; expected file and reader_class at least, as %s has them", terminal.Shown(name), needed, caseTable)
		}
	}
	decisions := make(map[string]*cases.Decision)
	for {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return decisions, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", terminal.Shown(name), err)
		}
		cell := func(column string) string {
			if i, found := columns[column]; found {
				return line[i]
			}
			return ""
		}
		picture := cases.Unguarded(cell("file"))
		d, err := decisionOf(cell)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", terminal.Shown(name), terminal.Shown(picture), err)
		}
		if d == nil {
			continue
		}
		if decisions[picture] != nil {
			return nil, fmt.Errorf("%s has two decisions of %s; expected one line with a class for each picture", terminal.Shown(name), terminal.Shown(picture))
		}
		decisions[picture] = d
	}
}

// decideOn refuses decisions of what is none of the files of a case.
func decideOn(files []string, decisions map[string]*cases.Decision) error {
	var unknown []string
	for name := range decisions {
		if !slices.Contains(files, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	switch n := len(unknown); n {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("has a decision of %s, which is no picture of the case", terminal.Shown(unknown[0]))
	case 2:
		return fmt.Errorf("has decisions of %s and %s, which are no pictures of the case", terminal.Shown(unknown[0]), terminal.Shown(unknown[1]))
	default:
		return fmt.Errorf("has decisions of %s and %d others, which are no pictures of the case", terminal.Shown(unknown[0]), n-1)
	}
}

// decisionOf reads one line; nil where it holds no decision.
func decisionOf(cell func(column string) string) (*cases.Decision, error) {
	d := &cases.Decision{Certainty: cases.Certainty(cell("reader_certainty")), Note: cases.Unguarded(cell("reader_note"))}
	switch class := cell("reader_class"); class {
	case "":
		return nil, nil
	case "cannot tell":
	default:
		c, err := model.ParseClass(class)
		if err != nil {
			return nil, fmt.Errorf("%w, or cannot tell", err)
		}
		d.Class = &c
	}
	if blind := cell("reader_blind"); blind != "" {
		b, err := strconv.ParseBool(strings.ToLower(blind)) // spreadsheets write TRUE
		if err != nil {
			return nil, fmt.Errorf("reader_blind is %q; expected true or false", blind)
		}
		d.Blind = b
	}
	return d, nil
}
