package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"allnet/model"
	"allnet/model/synthetic"
)

// TestMain is the program itself where a test starts it as a process of its own.
func TestMain(m *testing.M) {
	if os.Getenv("ALLNET_RUN_MAIN") != "" {
		main()
		return
	}
	status := m.Run()
	os.Remove(commandLineFile)
	os.Exit(status)
}

// commandLineFile is where the tests put the command line that they build.
var commandLineFile = filepath.Join(os.TempDir(), fmt.Sprintf("allnet-archive-test-%d", os.Getpid()))

// program is this program as a process.
func program(t *testing.T, args ...string) (process *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	process = exec.Command(itself, args...)
	process.Env = append(os.Environ(), "ALLNET_RUN_MAIN=1")
	process.Stdout, process.Stderr = stdout, stderr
	return process, stdout, stderr
}

// archive runs the program, which must succeed, and returns how many pictures it computed and found in the store. (Beam's counters
// do not tell it to the last one: see README.md.)
func archive(t *testing.T, args ...string) (computed, stored int) {
	t.Helper()
	process, _, stderr := program(t, args...)
	if err := process.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr)
	}
	_, last, _ := strings.Cut(stderr.String(), "computed by this process: ")
	if n, err := fmt.Sscanf(last, "%d, found in the store: %d\n", &computed, &stored); n != 2 {
		t.Fatalf("what was computed is not told (%v):\n%s", err, stderr)
	}
	return computed, stored
}

// commandLine builds the command line once.
var commandLine = sync.OnceValues(func() (string, error) {
	build := exec.Command("go", "build", "-o", commandLineFile, "./cmd/allnet")
	build.Dir = ".."
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return commandLineFile, nil
})

// allnet runs the command line and returns what it writes; that a picture could not be read is no failure here.
func allnet(t *testing.T, args ...string) []byte {
	t.Helper()
	name, err := commandLine()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	run := exec.Command(name, args...)
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil && !strings.Contains(stderr.String(), "pictures could not be read") {
		t.Fatalf("%v: %v\n%s", args, err, &stderr)
	}
	return out
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// drawings are the built-in drawings as PNG files.
func drawings(t *testing.T) (files [][]byte) {
	t.Helper()
	for _, example := range synthetic.Examples() {
		data, err := synthetic.PNG(example.Name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, data)
	}
	return files
}

// variant is a drawing with other bytes: decoders do not look behind the end of a PNG file.
func variant(data []byte, i int) []byte {
	return append(slices.Clone(data), fmt.Sprint("variant ", i)...)
}

func tarOf(t *testing.T, names []string, contents [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, name := range names {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(contents[i])), ModTime: time.Date(2023, 5, 6, 0, 0, 0, 0, time.UTC)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(contents[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipOf(t *testing.T, names []string, contents [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(contents[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// recordsOf reads lines; no path may stand there twice.
func recordsOf(t *testing.T, lines []byte) map[string]model.Record {
	t.Helper()
	records := make(map[string]model.Record)
	for line := range bytes.Lines(lines) {
		var r model.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if _, twice := records[r.File]; twice {
			t.Errorf("%s has two lines", r.File)
		}
		records[r.File] = r
	}
	return records
}

func TestSharedPicturesGetTheCommandLinesLines(t *testing.T) {
	shared := os.Getenv("ALLNET_SHARED")
	dir := t.TempDir()
	var files []string
	for _, from := range []string{"pbs/Benign", "pbs/Early", "pbs/Pre", "pbs/Pro", "ood/bccd", "ood/chula"} {
		names, err := filepath.Glob(filepath.Join(shared, "data", from, "*.jpg"))
		if shared == "" || err != nil || len(names) < 3 {
			t.Skip("left out: $ALLNET_SHARED/data/" + from + " is not there; the drawn pictures are tested")
		}
		for i := range 3 {
			name := filepath.Join(dir, filepath.FromSlash(from), filepath.Base(names[i*len(names)/3]))
			write(t, name, read(t, names[i*len(names)/3]))
			files = append(files, name)
		}
	}
	slices.Sort(files)
	out := t.TempDir()
	archive(t, "-input", dir+"/**", "-output", out)
	if got, want := read(t, filepath.Join(out, answersFile)), allnet(t, append([]string{"classify", "-json"}, files...)...); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// smears is a folder with all that an archive may hold, and the lines that are expected of it: those of the command line for the
// same bytes in plain files.
func smears(t *testing.T) (dir string, want []byte) {
	t.Helper()
	dir = t.TempDir()
	plain := t.TempDir() // the same, unpacked
	d := drawings(t)
	cut := d[0][:len(d[0])/2]
	files := map[string][]byte{
		"2024-03/a.png": d[0], "2024-03/b.png": d[1], "2024-04/copy of a.png": d[0], "2024-04/cut.png": cut, "2024-04/empty.jpg": {},
		"2024-04/no picture.png": []byte("%PDF-1.4"), "x/<&>\u2028 \xff\t\"\n.png": d[2],
	}
	packed := []string{"in/a.png", "in/other.png", "in/cut.png", "in/a.png"}
	contents := [][]byte{d[0], variant(d[1], 1), cut, variant(d[2], 2)}
	for name, data := range files {
		write(t, filepath.Join(dir, name), data)
		write(t, filepath.Join(plain, name), data)
	}
	write(t, filepath.Join(dir, "notes.txt"), []byte("no picture"))
	write(t, filepath.Join(dir, ".hidden.png"), d[0])
	write(t, filepath.Join(dir, "shard.tar"), tarOf(t, append(packed, "in/notes.txt"), append(contents, []byte("x"))))
	write(t, filepath.Join(dir, "shard.zip"), zipOf(t, packed, contents))
	for _, shard := range []string{"shard.tar", "shard.zip"} {
		for i, name := range []string{"in/a.png", "in/other.png", "in/cut.png", "in/a.png#2"} {
			write(t, filepath.Join(plain, shard, name), contents[i])
			files[shard+"/"+name] = contents[i]
		}
	}
	var names []string
	for name := range files {
		names = append(names, filepath.Join(plain, name))
	}
	slices.Sort(names)
	lines := allnet(t, append([]string{"classify", "-json", "--"}, names...)...)
	return dir, bytes.ReplaceAll(lines, []byte(plain), []byte(dir))
}

func TestFilesTarAndZIPGetTheCommandLinesLinesWhateverTheWorkers(t *testing.T) {
	dir, want := smears(t)
	outputs := [][]string{{"GOMAXPROCS=1", "-save-every", "1"}, {"GOMAXPROCS=3", "-save-every", "100"}}
	var first map[string][]byte
	for _, o := range outputs {
		out := t.TempDir()
		process, _, stderr := program(t, append([]string{"-input", dir + "/**", "-output", out}, o[1:]...)...)
		process.Env = append(process.Env, o[0])
		if err := process.Run(); err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		if got := read(t, filepath.Join(out, answersFile)); !bytes.Equal(got, want) {
			t.Errorf("%v: got\n%s\nwant\n%s", o, got, want)
		}
		all := make(map[string][]byte)
		for _, name := range []string{sumsFile, summaryFile, reportFile} {
			all[name] = read(t, filepath.Join(out, name))
			if first != nil && !bytes.Equal(all[name], first[name]) {
				t.Errorf("%v: %s is another one:\n%s\n%s", o, name, all[name], first[name])
			}
		}
		first = all
		if !strings.Contains(stderr.String(), "computed by this process: 8, found in the store: 0\n") {
			t.Errorf("%v: 15 paths of 8 different pictures; expected 8 to be computed:\n%s", o, stderr)
		}
		for counter, most := range map[string]int{"pictures": 15, "copies": 7, "unreadable": 5, "answers": 10, "pictures computed": 8, "files passed over": 2} {
			got := regexp.MustCompile(`(?m)^` + counter + `: ([0-9]+)$`).FindStringSubmatch(stderr.String())
			if got == nil || got[1] == "0" || len(got[1]) > 2 {
				t.Errorf("%v: Beam's counter %q is %v; expected up to %d\n%s", o, counter, got, most, stderr)
			} else if n, _ := strconv.Atoi(got[1]); n > most {
				t.Errorf("%v: Beam's counter %q is %d; expected up to %d", o, counter, n, most)
			}
		}
		var s Summary
		if err := json.Unmarshal(all[summaryFile], &s); err != nil {
			t.Fatal(err)
		}
		if sum := s.total(); sum.Pictures != 15 || sum.Copies != 7 || sum.answered() != 10 || sum.Refused[model.Unreadable] != 5 {
			t.Errorf("%v: %+v; expected 15 pictures, 7 copies, 10 answers, 5 unreadable", o, sum)
		}
		months, byMonth := s.by(func(p *Part) string { return p.Month })
		if !slices.Contains(months, "2024-03") || byMonth["2024-03"].Pictures != 2 || byMonth["2023-05"].Pictures != 4 || byMonth["2024-04"].Pictures != 4 {
			t.Errorf("%v: months %v", o, months)
		}
	}
}

func TestADamagedContainerCostsItsLineAndWhatLiesBehindTheDamage(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	d := drawings(t)
	whole := tarOf(t, []string{"a.png", "b.png"}, [][]byte{d[0], d[1]})
	write(t, filepath.Join(dir, "cut.tar"), whole[:len(whole)-len(d[1])/2-1024])
	write(t, filepath.Join(dir, "header.tar"), whole[:512+(len(d[0])+511)/512*512+100])
	packed := zipOf(t, []string{"a.png"}, [][]byte{d[0]})
	write(t, filepath.Join(dir, "cut.zip"), packed[:len(packed)-10])
	write(t, filepath.Join(dir, "none.tgz"), []byte("no gzip"))
	write(t, filepath.Join(dir, "a.png"), d[2])
	archive(t, "-input", dir+"/**", "-input", filepath.Join(dir, "missing.png"), "-input", dir+"/*.png", "-output", out)
	records := recordsOf(t, read(t, filepath.Join(out, answersFile)))
	for name, want := range map[string]string{
		"a.png": "", "cut.tar/a.png": "", "cut.tar/b.png": "could not be read from its tar or ZIP file",
		"header.tar/a.png": "", "header.tar": "cut short: 1 pictures", "cut.tar": "cut short: 1 pictures could be read from it", "cut.zip": "damaged or cut short: 0 pictures", "none.tgz": "damaged or cut short: 0 pictures",
		"missing.png": "there is no such file or folder",
	} {
		r, there := records[filepath.Join(dir, name)]
		if !there || !strings.Contains(r.Reason, want) || (want == "") != (r.Code != model.Unreadable) {
			t.Errorf("%s: %+v, want a reason with %q", name, r, want)
		}
	}
	if len(records) != 9 {
		t.Errorf("%d lines, want 9", len(records))
	}
}

func TestARunThatWasKilledGoesOnWhereItWas(t *testing.T) {
	dir, out, whole := t.TempDir(), t.TempDir(), t.TempDir()
	d := drawings(t)
	const n = 40
	for i := range n {
		write(t, filepath.Join(dir, fmt.Sprintf("%02d", i%7), fmt.Sprintf("%d.png", i)), variant(d[i%len(d)], i))
	}
	var names []string
	var packed [][]byte
	for i := range n / 2 {
		names, packed = append(names, fmt.Sprintf("%d.png", i)), append(packed, variant(d[i%len(d)], n+i))
	}
	write(t, filepath.Join(dir, "shard.tar"), tarOf(t, names, packed))
	args := []string{"-input", dir + "/**", "-save-every", "4", "-output"}
	process, _, _ := program(t, append(args, out)...)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	saved := func() []string {
		names, err := filepath.Glob(filepath.Join(out, storeFolder, "*.gz"))
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	for began := time.Now(); len(saved()) < 4; time.Sleep(time.Millisecond) {
		if time.Since(began) > 2*time.Minute {
			t.Fatal("nothing was saved in two minutes")
		}
	}
	process.Process.Kill()
	process.Wait()
	write(t, filepath.Join(out, namesFolder, "left.tsv"), []byte("of a run that was cut off\n"))
	before := make(map[string]time.Time)
	stored := 0
	for _, name := range saved() {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := unpack(read(t, name))
		if err != nil {
			t.Fatalf("a file of the store is not whole: %v", err)
		}
		before[name] = info.ModTime()
		stored += len(entries)
	}
	if _, err := os.Stat(filepath.Join(out, answersFile)); stored >= n+n/2 || !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%d of %d pictures are stored, and %v; expected the run to be cut off in its middle", stored, n+n/2, err)
	}
	if computed, found := archive(t, append(args, out)...); found != stored || computed != n+n/2-stored {
		t.Errorf("%d pictures were stored; %d were found and %d computed", stored, found, computed)
	}
	for _, folder := range []string{namesFolder, linesFolder} {
		if left, err := os.ReadDir(filepath.Join(out, folder)); err != nil || len(left) > 0 {
			t.Errorf("%d files are left in %s, %v", len(left), folder, err)
		}
	}
	var all []string
	for _, name := range saved() {
		if info, err := os.Stat(name); err != nil || before[name] != (time.Time{}) && info.ModTime() != before[name] {
			t.Errorf("%s was written again (%v)", name, err)
		}
		entries, err := unpack(read(t, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			all = append(all, e.SHA256)
		}
	}
	slices.Sort(all)
	if len(all) != n+n/2 || len(slices.Compact(all)) != n+n/2 {
		t.Errorf("the store holds %d entries; expected one for each of %d pictures", len(all), n+n/2)
	}
	// The whole run divides the pictures otherwise.
	archive(t, "-input", dir+"/**", "-output", whole)
	for _, name := range []string{answersFile, sumsFile, summaryFile, reportFile} {
		if got, want := read(t, filepath.Join(out, name)), read(t, filepath.Join(whole, name)); !bytes.Equal(got, want) {
			t.Errorf("%s is not that of a run that was not cut off", name)
		}
	}
	if got := len(recordsOf(t, read(t, filepath.Join(out, answersFile)))); got != n+n/2 {
		t.Errorf("%d lines, want %d", got, n+n/2)
	}
	// Divided otherwise, with a picture more: what is stored is found all the same.
	write(t, filepath.Join(dir, "later.png"), variant(d[0], 1000))
	if computed, found := archive(t, "-input", dir+"/**", "-output", out); computed != 1 || found != n+n/2 {
		t.Errorf("with one picture more %d were computed and %d found; expected 1 and %d", computed, found, n+n/2)
	}
}

func TestEvidenceIsWhatTheCommandLineWrites(t *testing.T) {
	dir, out, there := t.TempDir(), t.TempDir(), t.TempDir()
	d := drawings(t)
	write(t, filepath.Join(dir, "1.png"), d[1])
	write(t, filepath.Join(dir, "broken.png"), d[1][:100])
	asked := []string{"-model", "robust", "-samples", "200", "-seed", "3"}
	run := append([]string{"-input", dir + "/*", "-output", out, "-explain"}, asked...)
	archive(t, run...)
	allnet(t, append(append([]string{"explain", "-out", there}, asked...), filepath.Join(dir, "1.png"))...)
	sum, _, _ := strings.Cut(string(read(t, filepath.Join(out, sumsFile))), " ")
	files, err := filepath.Glob(filepath.Join(out, evidenceDir, sum[:2], sum+".*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("%v, %v; expected four drawings and a file", files, err)
	}
	for _, name := range files {
		if want := filepath.Join(there, "1"+strings.TrimPrefix(filepath.Base(name), sum)); !bytes.Equal(read(t, name), read(t, want)) {
			t.Errorf("%s differs from %s", name, want)
		}
	}
	if computed, found := archive(t, run...); computed != 0 || found != 2 {
		t.Errorf("started again, %d were computed and %d found; expected nothing to be computed", computed, found)
	}
	process, _, stderr := program(t, "-input", dir+"/*", "-output", out)
	if err := process.Run(); err == nil || !strings.Contains(stderr.String(), "holds answers of another network") {
		t.Errorf("another network in the same folder: %v, %s", err, stderr)
	}
}
