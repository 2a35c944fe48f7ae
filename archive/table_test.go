package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx"
)

func TestTablesKeepNamesByteForByte(t *testing.T) {
	c := &Config{Output: t.TempDir()}
	want := fields{"", `"quoted"`, "tab\tand\nline", "no UTF-8: \xff\xfe", `back\slash`, "\"\xff\"\t", " ", "\r", ""}
	for _, rows := range []int{1, 100} { // in the element, and in a file
		table, err := c.hold(t.Context(), slices.Repeat(want.append(nil), rows))
		if err != nil || (table.File == "") != (rows == 1) {
			t.Fatalf("%d rows: %+v, %v", rows, table, err)
		}
		n := 0
		if err := merge(t.Context(), []Table{table}, func(got fields) error {
			if n++; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			return nil
		}); err != nil || n != rows {
			t.Errorf("%d of %d rows, %v", n, rows, err)
		}
	}
}

func TestATableThatIsCutShortIsNoTable(t *testing.T) {
	c := &Config{Output: t.TempDir()}
	name := c.in(namesFolder, "cut.tsv")
	for _, text := range []string{"a\tb\nc", "\"a\n"} {
		write(t, name, []byte(text))
		if err := merge(t.Context(), []Table{{File: name}}, func(fields) error { return nil }); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

// More than unitFn keeps at a time, in more tables than are merged at a time.
func TestEachPathComesToTheUnitOfItsPictureOnce(t *testing.T) {
	c := &Config{Output: t.TempDir()}
	const pictures, tables = 30_000, fanIn + 50
	parts := make([][]fields, tables)
	for i := range pictures {
		f := Found{SHA256: fmt.Sprintf("%08x%056d", uint32(i)*2654435761, i), Path: fmt.Sprintf("in a folder/%06d.png", i), Month: "2024-03"}
		copied := Found{SHA256: f.SHA256, Path: fmt.Sprintf("shard %d.tar/%d.png", i%5, i), Container: fmt.Sprintf("shard %d.tar", i%5), Entry: "x.png"}
		if i%10 == 0 { // the first path is in a container
			f, copied.Path = copied, "z"+copied.Path
		}
		for k, found := range []Found{f, copied, f} { // one is found twice
			at := (i + k*17) % tables
			parts[at] = append(parts[at], found.fields())
		}
	}
	var held []Table
	for _, rows := range parts {
		table, err := c.hold(t.Context(), tableOf(rows))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, table)
	}
	next := func(table *Table) bool {
		if len(held) == 0 {
			return false
		}
		*table, held = held[0], held[1:]
		return true
	}
	units := make(map[string][]Table)
	emitted := 0
	if err := (&unitFn{Config: *c}).ProcessElement(t.Context(), 0, next, pictures, func(unit string, table Table) {
		units[unit] = append(units[unit], table)
		emitted++
	}); err != nil {
		t.Fatal(err)
	}
	if emitted <= len(units) {
		t.Errorf("%d tables of %d units; expected more than is handed on at once", emitted, len(units))
	}
	n := 0
	for unit, tables := range units {
		tasks, err := tasksOf(t.Context(), tables)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			if n++; len(task.Paths) != 2 || task.Path != task.Paths[0] || task.Paths[0] > task.Paths[1] || len(task.Months) != 2 || unitOf(task.SHA256, task.Container, bitsFor(pictures, chunk)) != unit {
				t.Fatalf("in unit %s: %+v", unit, task)
			}
		}
	}
	if n != pictures {
		t.Errorf("%d pictures, want %d", n, pictures)
	}
}

// Prism keeps in memory what goes through Beam. Beam itself counts and measures it here.
func TestWhatGoesThroughBeamIsLittleBesideTheNamesOfTheFiles(t *testing.T) {
	beam.Init()
	beamlog.SetupLogging("warn", "text")
	dir := filepath.Join(t.TempDir(), "a folder")
	const files = 3 * together
	names := 0
	for i := range files {
		name := filepath.Join(dir, fmt.Sprintf("damaged %06d.png", i))
		write(t, name, fmt.Appendf(nil, "no picture %d", i))
		names += len(name)
	}
	set := flag.NewFlagSet("", flag.PanicOnError)
	a := define(set)
	if err := set.Parse([]string{"-input", dir, "-output", t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	c, err := a.config()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.prepare(t.Context(), *a.network, *a.profile); err != nil {
		t.Fatal(err)
	}
	p, s := beam.NewPipelineWithRoot()
	pipeline(s, c)
	result, err := beamx.RunWithMetrics(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	var elements, size int64
	for _, collection := range result.Metrics().AllMetrics().PCols() {
		n, of := collection.Committed.ElementCount, collection.Committed.SampledByteSize
		elements += n
		if of.Count > 0 {
			size += n * of.Sum / of.Count
		}
	}
	t.Logf("%d files, %d bytes of names: %d elements of all steps together, %d bytes", files, names, elements, size)
	if elements < 10 || size < 1000 {
		t.Error("Beam has not measured what went through it")
	}
	if elements > files/8 || size > int64(names)/4 {
		t.Errorf("%d elements of %d bytes for %d files with %d bytes of names; expected an eighth of their number and a fourth of their bytes at most", elements, size, files, names)
	}
	if left, err := os.ReadDir(c.in(linesFolder)); err != nil || len(left) == 0 {
		t.Errorf("%d files of lines, %v", len(left), err)
	}
}
