//go:build !js

package cases

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"allnet/model"
)

// nasty are names that pictures may come with: what a spreadsheet runs, or cuts a cell at.
var nasty = []string{
	"=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1+1.png", "＝1+1", "=HYPERLINK(\"http://x\",\"y\").png",
	"a, b.png", "a \"b\".png", "\"a, b\".png", "a\nb.png", "\n=1+1", "a\rb.png", "\r=1+1.png",
	"a;=1+1;b.png", "a\t=1+1\tb.png", "a|=1+1|b.png", "a\n=1+1", "a\r=1+1",
	"Müller-Ödem ß.png", "骨髄.png", "'=1+1", "'quoted'.png", "''", " =1+1.png", "smear 3.png",
}

// nastyCase is a case of pictures of nasty names and notes, answered and refused ones among them.
func nastyCase(t *testing.T) *Case {
	t.Helper()
	d := sample(t)
	drawn := d.Pictures
	d.Pictures = nil
	for i, name := range nasty {
		p := drawn[i%len(drawn)]
		p.Answer.Record.File = name
		p.Decision = &Decision{Class: class(model.Pre), Certainty: Certain, Note: nasty[len(nasty)-1-i]}
		d.Pictures = append(d.Pictures, p)
	}
	c, _ := assembled(t, d)
	return c
}

// cell is one of a spreadsheet.
type cell struct {
	kind    string // of its value, as OpenDocument names it; "" where it is empty
	value   string // of a number
	text    string
	formula string
}

// calc lets LibreOffice Calc open tables whose cells it cuts at one of these signs and gives the cells of each, by
// row. What looks like a formula it may run. The test is left out where there is no LibreOffice.
func calc(t *testing.T, separators string, tables ...[]byte) [][][]cell {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("left out: LibreOffice Calc (Debian package libreoffice-calc-nogui) is not installed, so no spreadsheet opened the table")
	}
	dir := t.TempDir()
	profile := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, "profile"))}
	var codes []string
	for _, r := range separators {
		codes = append(codes, strconv.Itoa(int(r)))
	}
	// Separators, quotes, UTF-8, from the first line on; then in English, numbers and dates told from text, and formulas run.
	filter := "CSV:" + strings.Join(codes, "/") + ",34,76,1,,1033,false,true,false,,,,true"
	args := []string{"-env:UserInstallation=" + profile.String(), "--headless", "--convert-to", "fods", "--infilter=" + filter, "--outdir", dir}
	for i, text := range tables {
		name := filepath.Join(dir, strconv.Itoa(i)+".csv")
		if err := os.WriteFile(name, text, 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	limit, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	if said, err := exec.CommandContext(limit, office, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	sheets := make([][][]cell, len(tables))
	for i := range tables {
		text, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(i)+".fods"))
		if err != nil {
			t.Fatal(err)
		}
		sheets[i] = cellsOf(t, text)
	}
	return sheets
}

// flat is a flat OpenDocument spreadsheet, as far as it is looked at.
type flat struct {
	Rows []struct {
		Repeated int `xml:"number-rows-repeated,attr"`
		Cells    []struct {
			Repeated   int    `xml:"number-columns-repeated,attr"`
			Kind       string `xml:"value-type,attr"`
			Value      string `xml:"value,attr"`
			Formula    string `xml:"formula,attr"`
			Paragraphs []struct {
				Inner []byte `xml:",innerxml"`
			} `xml:"p"`
		} `xml:"table-cell"`
	} `xml:"body>spreadsheet>table>table-row"`
}

// cellsOf are the cells of a sheet by row, without the empty ones at the ends.
func cellsOf(t *testing.T, text []byte) (rows [][]cell) {
	t.Helper()
	var of flat
	if err := xml.Unmarshal(text, &of); err != nil {
		t.Fatal(err)
	}
	for _, r := range of.Rows {
		var row []cell
		for _, c := range r.Cells {
			var lines []string
			for _, p := range c.Paragraphs {
				lines = append(lines, paragraph(t, p.Inner))
			}
			one := cell{kind: c.Kind, value: c.Value, text: strings.Join(lines, "\n"), formula: c.Formula}
			if one == (cell{}) && c.Repeated > 100 {
				continue // the rest of the sheet
			}
			row = append(row, slices.Repeat([]cell{one}, max(1, c.Repeated))...)
		}
		for len(row) > 0 && row[len(row)-1] == (cell{}) {
			row = row[:len(row)-1]
		}
		if row == nil && r.Repeated > 100 {
			continue
		}
		rows = append(rows, slices.Repeat([][]cell{row}, max(1, r.Repeated))...)
	}
	return rows
}

// paragraph is the text of one, in which spaces and tabs are elements.
func paragraph(t *testing.T, inner []byte) string {
	t.Helper()
	var b strings.Builder
	parts := xml.NewDecoder(bytes.NewReader(inner))
	parts.Strict = false // the names of its elements are declared elsewhere
	for {
		token, err := parts.Token()
		if err != nil {
			return b.String()
		}
		switch token := token.(type) {
		case xml.CharData:
			b.Write(token)
		case xml.StartElement:
			switch token.Name.Local {
			case "tab":
				b.WriteByte('\t')
			case "line-break":
				b.WriteByte('\n')
			case "s":
				n := 1
				for _, a := range token.Attr {
					if a.Name.Local == "c" {
						n, _ = strconv.Atoi(a.Value)
					}
				}
				b.WriteString(strings.Repeat(" ", n))
			}
		}
	}
}

// oneBreak is a text whose line breaks are all told by LF, as in a spreadsheet's cell.
func oneBreak(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// unguardedTable is a table that guards nothing: what the guarded one is held against.
func unguardedTable(t *testing.T, names []string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, name := range names {
		if err := w.Write([]string{name, name}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

// formulas are those of a sheet.
func formulas(sheet [][]cell) (found []string) {
	for _, row := range sheet {
		for _, c := range row {
			if c.formula != "" {
				found = append(found, c.formula)
			}
		}
	}
	return found
}

// LibreOffice Calc shows each cell in its column as it was written: numbers as numbers, names and notes as text.
func TestCalcShowsTheTableAsItWasWritten(t *testing.T) {
	c := nastyCase(t)
	text, rows := table(t, c)
	sheets := calc(t, ",", text, unguardedTable(t, nasty))
	if len(formulas(sheets[1])) < 4 {
		t.Fatalf("Calc runs no formulas here, so this test shows nothing: %v", sheets[1])
	}
	if found := formulas(sheets[0]); len(found) > 0 {
		t.Errorf("Calc runs %q", found)
	}
	sheet := sheets[0]
	if len(sheet) != 1+len(rows) {
		t.Fatalf("%d rows, want %d", len(sheet), 1+len(rows))
	}
	var header []string
	for _, c := range sheet[0] {
		header = append(header, c.text)
	}
	if !slices.Equal(header, columns) {
		t.Errorf("the columns are %q", header)
	}
	for i, row := range rows {
		for j, name := range columns {
			var got cell
			if j < len(sheet[1+i]) {
				got = sheet[1+i][j]
			}
			checkCell(t, name, row[name], got)
		}
		if len(sheet[1+i]) > len(columns) {
			t.Errorf("line %d goes on behind the last column: %v", i, sheet[1+i][len(columns):])
		}
		// Calc makes a line feed of a lone CR, before which no apostrophe stands.
		if name := c.Pictures[i].File(); !strings.Contains(name, "\r") && Unguarded(sheet[1+i][0].text) != name {
			t.Errorf("the name reads %q, want %q", Unguarded(sheet[1+i][0].text), name)
		}
	}
}

// checkCell holds a spreadsheet's cell against what was written into it.
func checkCell(t *testing.T, column, want string, got cell) {
	t.Helper()
	number, err := strconv.ParseFloat(want, 64)
	switch {
	case want == "":
		if got != (cell{}) {
			t.Errorf("%s: %+v, want an empty cell", column, got)
		}
	case want == "true" || want == "false":
		if got.kind != "boolean" || !strings.EqualFold(got.text, want) {
			t.Errorf("%s: %+v, want %s", column, got, want)
		}
	case err == nil: // of which a file of Calc's holds 15 digits
		if v, err := strconv.ParseFloat(got.value, 64); got.kind != "float" || err != nil || math.Abs(v-number) > 1e-14*math.Abs(number) {
			t.Errorf("%s: %+v, want the number %s", column, got, want)
		}
	default:
		if got.kind != "string" || got.text != oneBreak(want) {
			t.Errorf("%s: %+v, want the text %q", column, got, want)
		}
	}
}

// Nor does a spreadsheet run anything that cuts cells at other signs, as one does whose numbers have a comma.
func TestCalcWithOtherSeparatorsRunsNothing(t *testing.T) {
	text, _ := table(t, nastyCase(t))
	for _, separators := range []string{";", "\t|"} {
		sheets := calc(t, separators, text, unguardedTable(t, []string{"a" + separators[:1] + "=1+1"}))
		if len(formulas(sheets[1])) == 0 {
			t.Fatalf("separators %q: Calc runs no formulas here, so this test shows nothing: %v", separators, sheets[1])
		}
		if found := formulas(sheets[0]); len(found) > 0 {
			t.Errorf("separators %q: Calc runs %q", separators, found)
		}
	}
}
