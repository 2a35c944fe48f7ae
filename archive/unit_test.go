package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPatternsFindFilesInFoldersBelow(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.png", "b.txt", "x/c.jpg", "x/y/d.TIF", "x/y/e.tar", ".git/f.png", "x/.g.png", "out/h.png", "[1].png"} {
		write(t, filepath.Join(dir, name), nil)
	}
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "gone.png")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		pattern string
		want    string
		passed  string
	}{
		{"/**", "[1].png a.png x/c.jpg x/y/d.TIF x/y/e.tar", "b.txt gone.png"},
		{"", "[1].png a.png x/c.jpg x/y/d.TIF x/y/e.tar", "b.txt gone.png"},
		{"/**/*.png", "[1].png a.png", "gone.png"},
		{"/*", "[1].png a.png", "b.txt gone.png"},
		{"/x/**", "x/c.jpg x/y/d.TIF x/y/e.tar", ""},
		{"/*/?.jpg", "x/c.jpg", ""},
		{"/x/**/[a-d].*", "x/c.jpg x/y/d.TIF", ""},
		{"/[1].png", "[1].png", ""},
		{"/b.txt", "b.txt", ""},
		{"/missing.png", "missing.png", ""},
		{"/nowhere/**", "", ""},
	} {
		var got, passed []string
		below := func(name string) string { return strings.TrimPrefix(name, dir+"/") }
		err := find(t.Context(), dir+c.pattern, filepath.Join(dir, "out"), func(name string) error { got = append(got, below(name)); return nil }, func(name string) { passed = append(passed, below(name)) })
		slices.Sort(got)
		slices.Sort(passed)
		if err != nil || strings.Join(got, " ") != c.want || strings.Join(passed, " ") != c.passed {
			t.Errorf("%s: found %v, passed over %v, %v; want %s, and %s", c.pattern, got, passed, err, c.want, c.passed)
		}
	}
}

func TestAPatternOfThisFolderGivesNamesAsTheyWereAskedFor(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "x", "a.png"), nil)
	t.Chdir(dir)
	for pattern, want := range map[string]string{"**": "x/a.png", "./**": "./x/a.png", "*/*.png": "x/a.png", "x/*": "x/a.png"} {
		var got []string
		if err := find(t.Context(), pattern, "out", func(name string) error { got = append(got, name); return nil }, func(string) {}); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, %v; want %s", pattern, got, err, want)
		}
	}
}

func TestTheMonthIsThatOfThePathBeforeThatOfTheFile(t *testing.T) {
	changed := time.Date(2022, 12, 31, 23, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"lab/2024-03/a.png": "2024-03", "lab/202403/a.png": "2024-03", "2021-01/scan_2024_05_17.jpg": "2024-05", "scan20240517.jpg": "2024-05",
		"lab/a.png": "2022-12", "case 202417/a.png": "2022-12", "1234202403.png": "2022-12", "x/2024/03/a.png": "2024-03",
	} {
		if got := monthOf(name, changed); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := monthOf("a.png", time.Time{}); got != "" {
		t.Errorf("of no time: %q", got)
	}
}

func TestUnitsDivideAndAreFoundAgain(t *testing.T) {
	if got := bitsFor(1000, 128); got != 3 {
		t.Errorf("%d bits for 1000 pictures, want 3: 125 each", got)
	}
	sum := "a7" + strings.Repeat("0", 62)
	for bits, want := range map[int]string{0: "p", 1: "p1", 6: "p101001", 8: "p10100111"} {
		if got := unitOf(sum, "", bits); got != want {
			t.Errorf("%d bits: %s, want %s", bits, got, want)
		}
	}
	names := []string{"c12-01", "c123-01", "p-01", "p0-01", "p10-0123", "p100-0123", "p101-03", "p101-04", "p1010-0123", "p11-0123"}
	for unit, want := range map[string]string{
		"p101": "p-01 p10-0123 p101-03 p101-04 p1010-0123", "p": "p-01 p0-01 p10-0123 p100-0123 p101-03 p101-04 p1010-0123 p11-0123",
		"p0111": "p-01 p0-01", "c12": "c12-01", "c1": "",
	} {
		if got := strings.Join(related(names, unit), " "); got != want {
			t.Errorf("%s: %s may hold its pictures; want %s", unit, got, want)
		}
	}
}

func TestQuantilesAreThoseOfTheValues(t *testing.T) {
	h := make(Histogram)
	for i := range 1000 {
		h.add(-5+0.01*float64((i*617)%1000), 0.02) // -5 to 4.99, in another order
	}
	s, some := h.spread(0.02)
	if !some || s.N != 1000 || math.Abs(s.Low+4.5) > 0.02 || math.Abs(s.Median) > 0.02 || math.Abs(s.High-4.5) > 0.02 {
		t.Errorf("%+v; want -4.5, 0 and 4.5 within a bin", s)
	}
	if _, some := (Histogram{}).spread(1); some {
		t.Error("no values have a spread")
	}
}

func tallyOf(n int, red float64) Tally {
	t := newTally()
	for range n {
		t.add(&Entry{Measures: map[Measure]float64{Red: red}}, false)
	}
	return *t
}

func TestTheReportShowsWhichFolderMoved(t *testing.T) {
	of := &Reference{Of: "the reference", Spreads: map[Measure]Spread{Red: {100, 0.1, 0.2, 0.3}}}
	s := &Summary{Parts: []Part{
		{"lab/<still>", "2024-01", tallyOf(40, 0.2)}, {"lab/moved", "2024-01", tallyOf(30, 0.35)}, {"lab/moved", "2024-02", tallyOf(30, 0.36)}, {"lab/few", "2024-02", tallyOf(5, 0.5)},
	}}
	page, err := s.report(of)
	if err != nil {
		t.Fatal(err)
	}
	rows := make(map[string]string)
	for _, row := range regexp.MustCompile(`(?s)<tr><td>([^<]*)</td>(.*?)</tr>`).FindAllStringSubmatch(string(page), -1) {
		rows[row[1]] = row[2]
	}
	for name, want := range map[string]bool{"lab/moved": true, "lab/&lt;still&gt;": false, "lab/few": false, "2024-01": false, "2024-02": true} {
		row, there := rows[name]
		if !there || strings.Contains(row, "higher") != want || strings.Contains(row, "lower") {
			t.Errorf("%s (%t): %s; want moved: %t", name, there, row, want)
		}
	}
	if strings.Contains(string(page), "<still>") || !strings.Contains(string(page), `<svg`) || strings.Contains(string(page), "http://") || strings.Contains(string(page), "<script") {
		t.Error("the page holds an unescaped name, no drawing, or something that it loads")
	}
}

func TestLinesOfManyFilesAreJoinedInTheOrderOfThePaths(t *testing.T) {
	c := &Config{Output: t.TempDir()}
	const files, each = 2*fanIn + 3, 3
	for i := range files {
		var text strings.Builder
		for k := range each {
			fmt.Fprintf(&text, "%q\tsum\t{\"file\":%d}\n", fmt.Sprintf("%09d\n", k*files+i), k*files+i)
		}
		write(t, c.in(linesFolder, fmt.Sprintf("%d.tsv", (i*7)%files)), []byte(text.String()))
	}
	if err := c.merge(context.Background()); err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range files * each {
		fmt.Fprintf(&want, "{\"file\":%d}\n", i)
	}
	if got := string(read(t, c.in(answersFile))); got != want.String() {
		t.Errorf("got %d bytes, not in order", len(got))
	}
	if left, err := os.ReadDir(c.in(linesFolder)); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
}

// What decodes and resizes pictures, and how its files are read, must be the same release in both modules: the lines are the same to
// the last bit.
func TestDecodersAreThoseOfTheCommandLine(t *testing.T) {
	own, other := string(read(t, "go.mod")), string(read(t, "../go.mod"))
	for _, name := range []string{"github.com/disintegration/imaging", "golang.org/x/image", "google.golang.org/protobuf"} {
		release := regexp.MustCompile(regexp.QuoteMeta(name) + ` (v\S+)`)
		a, b := release.FindStringSubmatch(own), release.FindStringSubmatch(other)
		if a == nil || b == nil || a[1] != b[1] {
			t.Errorf("%s: %v here, %v in the command line", name, a, b)
		}
	}
	goRelease := regexp.MustCompile(`(?m)^go (\S+)$`)
	if a, b := goRelease.FindStringSubmatch(own), goRelease.FindStringSubmatch(other); a[1] != b[1] {
		t.Errorf("Go %s here, %s in the command line", a[1], b[1])
	}
}
