package cases

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"

	"allnet/model"
)

// columns are those of the CSV, in order.
var columns = []string{
	"file", "sha256", "bytes", "width", "height", "format",
	"network", "weights_sha256", "calibration_sha256", "profile_sha256",
	"answer", "benign", "early", "pre", "pro", "reason_code", "reason",
	"fields", "cells", "red_cell_pixels", "scale_of_logits",
	"explained_field", "explained_class", "r2", "agreement_of_halves", "readable", "seed",
	"cells_read", "cells_benign", "cells_early", "cells_pre", "cells_pro", "cells_neither",
	"reader_class", "reader_certainty", "reader_blind", "reader_note",
}

// CSV writes the case's pictures as a table: RFC 4180, UTF-8 without a mark, lines ended by CR
// LF, a header, numbers with a point. What is not known is empty. A text that a spreadsheet
// could take for a formula has an apostrophe before it, see guarded; else it stands as it is, with the line
// breaks that it has. The JSON has it as it is.
func (c *Case) CSV() ([]byte, error) {
	var b bytes.Buffer
	if err := writeLine(&b, columns); err != nil {
		return nil, err
	}
	for i := range c.Pictures {
		line, err := c.Pictures[i].line()
		if err != nil {
			return nil, err
		}
		if err := writeLine(&b, line); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// writeLine appends a line of a table, ended by CR LF. csv.Writer would end it so by UseCRLF, but leave
// out each CR of the texts as well.
func writeLine(b *bytes.Buffer, cells []string) error {
	w := csv.NewWriter(b)
	if err := w.Write(cells); err != nil {
		return err
	}
	w.Flush()
	b.Truncate(b.Len() - len("\n"))
	b.WriteString("\r\n")
	return w.Error()
}

// line is a picture's line of the table.
func (p *Picture) line() ([]string, error) {
	cells := make(map[string]string, len(columns))
	number := func(name string, v float64) { cells[name] = strconv.FormatFloat(v, 'g', -1, 64) }
	count := func(name string, n int) { cells[name] = strconv.Itoa(n) }
	a, r := &p.Answer, &p.Answer.Record
	cells["file"], cells["sha256"], cells["network"] = guarded(r.File), a.Source.SHA256, guarded(a.Network)
	cells["weights_sha256"], cells["calibration_sha256"] = a.Weights, a.Calibration
	if a.Correction != nil {
		cells["profile_sha256"] = guarded(a.Correction.Profile)
	}
	if a.Source.SHA256 != "" {
		count("bytes", a.Source.Bytes)
	}
	if d := a.Picture; d != nil {
		count("width", d.Width)
		count("height", d.Height)
		cells["format"] = guarded(string(d.Format))
	}
	if q := r.Probabilities; q != nil && r.Predicted != nil {
		cells["answer"] = r.Predicted.String()
		number("benign", q.Benign)
		number("early", q.Early)
		number("pre", q.Pre)
		number("pro", q.Pro)
	} else {
		cells["answer"], cells["reason_code"], cells["reason"] = "cannot assess", guarded(string(r.Code)), guarded(r.Reason)
	}
	if s := r.Standardised; s != nil {
		count("fields", len(s.Fields))
		count("cells", s.Cells)
		if s.Diameter > 0 {
			number("red_cell_pixels", s.Diameter)
		}
	}
	if a.Logits != nil {
		number("scale_of_logits", a.Scale)
	}
	b, err := p.brief()
	if err != nil {
		return nil, err
	}
	if b != nil {
		if err := p.explainedCells(b, cells); err != nil {
			return nil, err
		}
	}
	if d := p.Decision; d != nil {
		cells["reader_class"] = "cannot tell"
		if d.Class != nil {
			cells["reader_class"] = d.Class.String()
		}
		cells["reader_certainty"], cells["reader_blind"], cells["reader_note"] = string(d.Certainty), strconv.FormatBool(d.Blind), guarded(d.Note)
	}
	line := make([]string, len(columns))
	for i, name := range columns {
		line[i] = cells[name]
	}
	return line, nil
}

// explainedCells are the table's cells about an explanation: that of the answer, where there is
// one.
func (p *Picture) explainedCells(b *brief, cells map[string]string) error {
	if f := p.Answer.Field; f != nil {
		cells["explained_field"] = strconv.Itoa(*f)
	}
	seed, err := b.seed()
	if err != nil {
		return err
	}
	cells["seed"] = seed
	if class := p.Answer.Record.Predicted; class != nil {
		if e := b.of(*class); e != nil {
			cells["explained_class"] = class.String()
			cells["r2"] = strconv.FormatFloat(e.R2, 'g', -1, 64)
			cells["agreement_of_halves"] = strconv.FormatFloat(e.Agreement, 'g', -1, 64)
			cells["readable"] = strconv.FormatBool(e.Readable)
		}
	}
	if t := b.tally; t != nil {
		cells["cells_read"], cells["cells_neither"] = strconv.Itoa(t.Cells), strconv.Itoa(t.Neither)
		for _, class := range model.Classes {
			cells["cells_"+strings.ToLower(class.String())] = strconv.Itoa(t.Classes[class])
		}
	}
	return nil
}

// guarded is a text that no spreadsheet takes for a formula: an apostrophe stands before each
// = + - @, their full-width twins, tab and carriage return with which it begins, or with which it
// goes on after what a spreadsheet set to another separator would cut it at (semicolon, tab,
// bar, line break). See OWASP, "CSV Injection". An apostrophe of its own at such a place is doubled, so
// that Unguarded gives the text back.
func guarded(text string) string {
	var b strings.Builder
	begins := true
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if begins && isGuarded(r) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		begins = beginsAfter(r, begins)
	}
	return b.String()
}

// Unguarded is the text that a cell of a table stands for: without the apostrophes that guard it. One
// that guards nothing is the text's own, as in a table that was written by hand.
func Unguarded(cell string) string {
	var b strings.Builder
	begins, rest := true, []rune(cell)
	for len(rest) > 0 {
		if begins && len(rest) > 1 && rest[0] == '\'' && isGuarded(rest[1]) {
			rest = rest[1:]
		}
		b.WriteRune(rest[0])
		begins = beginsAfter(rest[0], begins)
		rest = rest[1:]
	}
	return b.String()
}

// isGuarded tells whether an apostrophe stands before a sign where a text begins.
func isGuarded(r rune) bool { return strings.ContainsRune("=+-@\t\r＝＋－＠'", r) }

// beginsAfter tells whether after a sign a spreadsheet may see a text begin; before says whether it might
// before the sign.
func beginsAfter(r rune, before bool) bool {
	return strings.ContainsRune("\t\r;|\n", r) || before && strings.ContainsRune(" \"\u00A0", r)
}
