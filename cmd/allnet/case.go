package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"allnet/build/pagecheck"
	"allnet/cases"
	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/lime"
	"allnet/model"
	"allnet/model/picture"
)

// The files that a case is written to.
const (
	caseFile  = "case.json"
	caseTable = "case.csv"
)

func writeCase(set *flag.FlagSet) action {
	out := set.String("out", "", "`folder` for "+caseFile+" and "+caseTable+"; needed")
	label := set.String("label", "", "a number or `code` that the case goes by, never a name")
	explained := set.Bool("explain", true, "explain each picture that has an answer")
	page := set.String("page", "", "page `file` that the case is to name, with its version and revision, as one that is made in it does")
	decided := set.String("decisions", "", "CSV `file` of what a reader decided, with the columns file, reader_class, reader_certainty, reader_blind and reader_note, as "+caseTable+" has them")
	asked := options.SettingsFlags(set)
	reading := options.ReadingFlags(set)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		if *out == "" {
			return &misuse{errors.New("-out is missing; expected the folder that the case is written to")}
		}
		if err := cases.CheckLabel(*label); err != nil {
			return err
		}
		m, choices, err := reading.Open()
		if err != nil {
			return err
		}
		var decisions map[string]*cases.Decision
		if *decided != "" {
			if decisions, err = readDecisions(*decided); err != nil {
				return err
			}
		}
		_, settings, err := asked.Settings(m)
		if err != nil {
			return err
		}
		if err := settings.Validate(); err != nil {
			return err
		}
		draft := &cases.Draft{Label: *label}
		if draft.Program, draft.Page, err = thisProgram(*page); err != nil {
			return err
		}
		files, err := filesIn(args[0], filepath.Join(*out, caseFile), filepath.Join(*out, caseTable), *decided)
		if err != nil {
			return err
		}
		if files, err = casePictures(args[0], files, stderr); err != nil {
			return err
		}
		if err := decideOn(files, decisions); err != nil {
			return fmt.Errorf("%s %w", terminal.Shown(*decided), err)
		}
		jobs := make([]readingJob, len(files))
		for i, name := range files {
			jobs[i] = readingJob{file: name, path: filepath.Join(args[0], filepath.FromSlash(name)), model: m, choices: choices}
			if *explained {
				jobs[i].settings = &settings
			}
		}
		if draft.Pictures, err = readAll(ctx, jobs, stderr); err != nil {
			return err
		}
		for i := range draft.Pictures {
			p := &draft.Pictures[i]
			p.Decision = decisions[p.File()]
		}
		c, err := cases.Assemble(draft)
		if err != nil {
			return err
		}
		if err := saveCase(c, *out); err != nil {
			return err
		}
		writeTogether(stdout, &c.Summary)
		fmt.Fprintf(stdout, "written: %s, %s\n", terminal.Shown(filepath.Join(*out, caseFile)), terminal.Shown(filepath.Join(*out, caseTable)))
		if n := unreadable(c); n > 0 {
			return fmt.Errorf("%d of %d pictures could not be read", n, len(c.Pictures))
		}
		return nil
	}
}

// saveCase writes a case's two files.
func saveCase(c *cases.Case, folder string) error {
	text, err := c.JSON()
	if err != nil {
		return err
	}
	table, err := c.CSV()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		data []byte
	}{{caseFile, text}, {caseTable, table}} {
		file, err := createOut(filepath.Join(folder, f.name))
		if err != nil {
			return err
		}
		defer file.discard()
		if _, err := file.Write(f.data); err != nil {
			return err
		}
		if err := file.commit(); err != nil {
			return err
		}
	}
	return nil
}

func unreadable(c *cases.Case) (n int) {
	for i := range c.Pictures {
		if c.Pictures[i].Answer.Record.Code == model.Unreadable {
			n++
		}
	}
	return n
}

// thisProgram is what a case names as having computed it, with the SHA-256 of the page: that
// of the page's file where one is given, which then names version and revision too, else of the
// page of this release.
func thisProgram(page string) (cases.Program, string, error) {
	p := cases.Program{Version: version, Revision: sourceRevision(), Go: runtime.Version()}
	if page == "" {
		return p, pageHash, nil
	}
	file, err := readPage(page)
	if err != nil {
		return p, "", err
	}
	id, _, err := pagecheck.Take(file)
	if err != nil {
		return p, "", fmt.Errorf("%s: %w", terminal.Shown(page), err)
	}
	p.Version, p.Revision = id.Version, id.Revision
	sum := sha256.Sum256(file)
	return p, hex.EncodeToString(sum[:]), nil
}

// casePictures are those of a folder's files that may be pictures by their names; what is passed over is
// told on stderr.
func casePictures(dir string, files []string, stderr io.Writer) (pictures []string, err error) {
	var others []string
	for _, name := range files {
		if cases.MayBePicture(name) {
			pictures = append(pictures, name)
		} else {
			others = append(others, name)
		}
	}
	if len(pictures) == 0 {
		return nil, fmt.Errorf("%s holds no file that is a picture by its name; expected pictures of one smear, such as 1.jpg, 1.png or 1.tif", terminal.Shown(dir))
	}
	writePassedOver(stderr, others)
	return pictures, nil
}

// filesIn lists the files of a folder and of those in it, as paths below it with slashes, by
// name: all but those that a desktop leaves, and those that are passed over by path.
func filesIn(dir string, passedOver ...string) (files []string, err error) {
	var over []os.FileInfo
	for _, name := range passedOver {
		if info, err := os.Stat(name); err == nil {
			over = append(over, info)
		}
	}
	err = filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == dir:
			return nil
		case dataset.LeftByDesktop(entry.Name()) && entry.IsDir():
			return filepath.SkipDir
		case entry.IsDir() || dataset.LeftByDesktop(entry.Name()) || !dataset.Regular(name):
			return nil
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(over, func(o os.FileInfo) bool { return os.SameFile(o, info) }) {
			return nil
		}
		below, err := filepath.Rel(dir, name)
		files = append(files, filepath.ToSlash(below))
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s holds no files; expected pictures of one smear", terminal.Shown(dir))
	}
	slices.Sort(files)
	return files, err
}

// readingJob is a picture to be read.
type readingJob struct {
	// file is its name in the case, path where it lies. Where drawing is not empty it is
	// that built-in drawing instead.
	file, path, drawing string
	model               *model.Model
	choices             *model.Choices
	// field is the one to explain, nil the one with the most cells; settings are nil where
	// nothing is to be explained. Always says that it is also explained where there is no
	// answer, and that an explanation that fails costs itself alone: so a case is read again.
	field    *int
	settings *lime.Settings
	always   bool
}

// readAll reads pictures on all cores; a picture that cannot be read costs its own row, and where a
// case is read again an explanation that fails costs itself, with a line that says why.
func readAll(ctx context.Context, jobs []readingJob, stderr io.Writer) ([]cases.Picture, error) {
	pictures := make([]cases.Picture, len(jobs))
	bar := newProgress(stderr, "reading")
	defer bar.close()
	var next atomic.Int64
	var workers sync.WaitGroup
	var mu sync.Mutex
	var failed error
	unexplained := make([]error, len(jobs))
	done := 0
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			sessions := make(map[*model.Model]*model.Session)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				j := &jobs[i]
				if sessions[j.model] == nil {
					sessions[j.model] = j.model.NewSession()
				}
				p, err := j.read(ctx, sessions[j.model])
				mu.Lock()
				pictures[i] = p
				switch {
				case err == nil:
				case j.always && ctx.Err() == nil:
					unexplained[i] = err
				case failed == nil:
					failed = fmt.Errorf("%s: %w", terminal.Shown(j.file), err)
				}
				done++
				bar.update(done, len(jobs))
				mu.Unlock()
			}
		})
	}
	workers.Wait()
	bar.close()
	for i, err := range unexplained {
		if err != nil {
			fmt.Fprintf(stderr, "%s: its explanation cannot be computed again: %s\n", terminal.Shown(jobs[i].file), terminal.Message(err))
		}
	}
	return pictures, errors.Join(ctx.Err(), failed)
}

// read reads and explains one picture.
func (j *readingJob) read(ctx context.Context, session *model.Session) (cases.Picture, error) {
	source, given, err := j.open()
	r := cases.Read(session, j.file, given, err, source, j.choices)
	p := cases.Picture{Answer: r.Answer}
	if j.field != nil && len(r.Fields()) > 0 {
		there := r.Show(*j.field)
		p.Answer = r.Answer
		if !there { // it is another picture, or the number was changed: the comparison says which
			return p, nil
		}
	}
	if j.settings == nil || !r.Explicable(j.settings) || r.Answer.Record.Abstained && !j.always {
		return p, nil
	}
	explainer, err := r.Explainer(j.model)
	if err != nil {
		return p, err
	}
	explained, _, err := cases.Explain(ctx, explainer, *j.settings, nil)
	if err != nil {
		return p, err
	}
	p.Explained, err = explained.JSON()
	return p, err
}

// open returns the picture, or why there is none.
func (j *readingJob) open() (cases.Source, *picture.Picture, error) {
	if j.drawing != "" {
		return cases.Drawn(j.drawing)
	}
	data, err := dataset.ReadFile(j.path)
	if err != nil {
		return cases.Source{Kind: cases.File}, nil, err
	}
	p, err := picture.Decode(data)
	return cases.SourceOf(cases.File, "", data), p, err
}

// writeTogether says what the pictures say together.
func writeTogether(w io.Writer, s *cases.Summary) {
	fmt.Fprintf(w, "%d pictures: %d with an answer (Benign %d, Early %d, Pre %d, Pro %d)", s.Pictures, s.Assessed, s.Answers.Benign, s.Answers.Early, s.Answers.Pre, s.Answers.Pro)
	var refused []string
	for _, r := range s.Refused {
		refused = append(refused, fmt.Sprintf("%s %d", r.Code, r.Pictures))
	}
	if len(refused) > 0 {
		fmt.Fprintf(w, ", without: %s", strings.Join(refused, ", "))
	}
	if s.Copies > 0 {
		fmt.Fprintf(w, ", copies of others: %d", s.Copies)
	}
	fmt.Fprintf(w, "\n%s\n%s\n", s.Joint.Sentence, s.Cells.Sentence)
}

func writeSchema(*flag.FlagSet) action {
	return func(_ context.Context, _ []string, stdout, _ io.Writer) error {
		_, err := stdout.Write(cases.Schema())
		return err
	}
}
