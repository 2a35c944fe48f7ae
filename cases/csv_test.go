package cases

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allnet/model"
)

// table is a case's CSV, read by the rules of RFC 4180, as maps by column.
func table(t *testing.T, c *Case) (text []byte, rows []map[string]string) {
	t.Helper()
	text, err := c.CSV()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		row := make(map[string]string)
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return text, rows
}

func TestTheTableHoldsWhatTheCaseHolds(t *testing.T) {
	c, _ := assembled(t, sample(t))
	_, rows := table(t, c)
	if len(rows) != len(c.Pictures) {
		t.Fatalf("%d lines of %d pictures", len(rows), len(c.Pictures))
	}
	for i, row := range rows {
		p := &c.Pictures[i]
		r := &p.Answer.Record
		if row["file"] != p.File() || row["sha256"] != p.Answer.Source.SHA256 || row["weights_sha256"] != p.Answer.Weights || row["calibration_sha256"] != p.Answer.Calibration {
			t.Errorf("line %d: %v", i, row)
		}
		if r.Predicted == nil {
			if row["answer"] != "cannot assess" || row["reason"] != r.Reason || row["reason_code"] != string(r.Code) || row["pre"] != "" || row["width"] != "" || row["r2"] != "" {
				t.Errorf("line %d: %v", i, row)
			}
			continue
		}
		b, err := p.brief()
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]float64{
			"benign": r.Probabilities.Benign, "early": r.Probabilities.Early, "pre": r.Probabilities.Pre, "pro": r.Probabilities.Pro,
			"cells": float64(r.Standardised.Cells), "scale_of_logits": p.Answer.Scale, "r2": b.of(*r.Predicted).R2, "seed": 42,
			"cells_read": float64(b.tally.Cells), "cells_pre": float64(b.tally.Classes[model.Pre]), "cells_neither": float64(b.tally.Neither), "width": model.Side,
		} {
			if got, err := strconv.ParseFloat(row[name], 64); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %v", p.File(), name, row[name], want)
			}
		}
		if row["answer"] != r.Predicted.String() || row["explained_class"] != row["answer"] || row["readable"] == "" {
			t.Errorf("line %d: %v", i, row)
		}
	}
	if r := rows[1]; r["reader_class"] != "Benign" || r["reader_certainty"] != "certain" || r["reader_blind"] != "true" {
		t.Errorf("the decision: %v", r)
	}
	if r := rows[2]["reader_note"]; r != "Ein Ödem?\n'=SUM(A1)" {
		t.Errorf("the note: %q", r)
	}
}

func TestTheTableIsRFC4180AndUTF8(t *testing.T) {
	d := sample(t)
	d.Pictures[0].Answer.Record.File = "a,\"b\"\xff.png"
	c, _ := assembled(t, d)
	text, rows := table(t, c)
	outside := regexp.MustCompile(`"[^"]*"`).ReplaceAll(text, nil) // what stands in quotes has line breaks of its own
	if ends := bytes.Count(outside, []byte("\r\n")); bytes.HasPrefix(text, []byte("\xEF\xBB\xBF")) || ends != 1+len(rows) || bytes.Count(outside, []byte("\n")) != ends || bytes.Count(outside, []byte("\r")) != ends || !bytes.HasSuffix(text, []byte("\r\n")) {
		t.Error("lines do not end with CR LF alone, or a mark stands before them")
	}
	if !slices.ContainsFunc(rows, func(r map[string]string) bool { return r["file"] == "a,\"b\"\uFFFD.png" }) {
		t.Errorf("got %v", rows)
	}
	if !bytes.Contains(text, []byte(`"a,""b""`)) {
		t.Error("quotes are not doubled")
	}
}

// What a spreadsheet would run stands behind an apostrophe; all else is as it was.
func TestNoTextIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t'=1", "\r=1": "'\r'=1", "＝1": "'＝1",
		" =1": " '=1", "\"=1": "\"'=1", "a\n=1": "a\n'=1", "a;=1": "a;'=1", "a; =1": "a; '=1", "a|@b": "a|'@b", ";;-": ";;'-",
		"=": "'=", "-=+": "'-=+",
		"": "", "a=1": "a=1", "smear-3.png": "smear-3.png", "12 x 3 - 4": "12 x 3 - 4", "a, -5": "a, -5", "µ=3": "µ=3", "'": "''", "''": "'''", "'q": "''q", "a 'q": "a 'q",
	} {
		if got := guarded(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	d := sample(t)
	d.Pictures[0].Answer.Record.File = `=HYPERLINK("http://x","y").png`
	d.Pictures[1].Answer.Record.Predicted, d.Pictures[1].Answer.Record.Reason, d.Pictures[1].Answer.Record.Code = nil, "@reason", "+code"
	d.Pictures[1].Decision.Note = "-1+cmd|'/c calc'!A1"
	d.Pictures[1].Answer.Network = "=network"
	c, _ := assembled(t, d)
	text, rows := table(t, c)
	for _, row := range rows {
		for name, value := range row {
			if value != "" && strings.ContainsAny(value[:1], "=+-@\t\r") {
				if _, err := strconv.ParseFloat(value, 64); err != nil {
					t.Errorf("%s: %q", name, value)
				}
			}
		}
	}
	if !bytes.Contains(text, []byte("\"'=HYPERLINK(\"\"http")) {
		t.Errorf("the name of the file was altered otherwise: %s", text)
	}
	if json, err := c.JSON(); err != nil || !bytes.Contains(json, []byte(`"file":"=HYPERLINK(`)) {
		t.Errorf("the JSON does not hold the name as it is: %v", err)
	}
}

// Line breaks within a text are those that it has, a lone CR, too.
func TestTheTableKeepsTheLineBreaksOfAText(t *testing.T) {
	d := sample(t)
	for i, name := range []string{"a\rb.png", "\r=1.png", "a\nb.png", "a\r"} {
		d.Pictures[i].Answer.Record.File = name
	}
	c, _ := assembled(t, d)
	_, rows := table(t, c)
	for i, row := range rows {
		if got, want := Unguarded(row["file"]), c.Pictures[i].File(); got != want {
			t.Errorf("%q stands for %q, want %q", row["file"], got, want)
		}
	}
}

// What a table says of a text is that text: a reader gives back the table that a case came with.
func TestWhatIsGuardedComesBack(t *testing.T) {
	for _, text := range []string{
		"", "a", "'", "''", "'q.png", "'twas x;=y", "=a", "'=a", "''=a", "a;'=b", "a;=b", "a;''b", "\t\t=1", "\t'=1", " '", "\"'x", "a|'b'", "'\n'", "＝'", "'＝",
	} {
		if got := Unguarded(guarded(text)); got != text {
			t.Errorf("%q: %q stands for %q", text, guarded(text), got)
		}
	}
	// So it does of each text of these signs up to six long.
	signs := []rune("'=\t; ax")
	var all func(text string, more int)
	all = func(text string, more int) {
		if got := Unguarded(guarded(text)); got != text {
			t.Errorf("%q: %q stands for %q", text, guarded(text), got)
		}
		for _, r := range signs {
			if more > 0 {
				all(text+string(r), more-1)
			}
		}
	}
	all("", 6)
	// A table that was written by hand guards nothing.
	for _, text := range []string{"'twas", "it's", "' x", "rock 'n' roll"} {
		if got := Unguarded(text); got != text {
			t.Errorf("%q stands for %q", text, got)
		}
	}
}
