package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync"

	"allnet/internal/options"
	"allnet/internal/terminal"
	"allnet/lab/dataset"
	"allnet/model"
	"allnet/model/picture"
)

func classify(set *flag.FlagSet) action {
	asJSON := set.Bool("json", false, "write one JSON object a line")
	reading := options.ReadingFlags(set)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		m, choices, err := reading.Open()
		if err != nil {
			return err
		}
		items := make([]dataset.Item, len(args))
		for i, name := range args {
			items[i].File = name
		}
		var failed int
		err = classifyAll(ctx, m, choices.Options(), "", items, func(r model.Record) error {
			// That a picture cannot be assessed is an answer; that it cannot be read is none.
			if r.Code == model.Unreadable {
				failed++
			}
			if *asJSON {
				line, err := r.Line()
				if err == nil {
					_, err = stdout.Write(line)
				}
				return err
			}
			return writeRecord(stdout, r)
		})
		if err == nil && failed > 0 {
			err = fmt.Errorf("%d of %d pictures could not be read", failed, len(items))
		}
		return err
	}
}

// classifyAll classifies the items of dir on all cores and hands the records to
// use in the items' order, each as soon as it and all before it are there. A
// picture that cannot be read costs its own record only; an error of use ends the
// work.
func classifyAll(ctx context.Context, m *model.Model, o model.Options, dir string, items []dataset.Item, use func(model.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sessions := sync.Pool{New: func() any { return m.NewSession() }}
	records := make([]*model.Record, len(items))
	var mu sync.Mutex
	var next int
	var useErr error
	err := dataset.ForEach(ctx, dir, items, func(i int, p *picture.Picture, err error) {
		session := sessions.Get().(*model.Session)
		record := session.Answer(items[i].File, p, err, o).Record
		sessions.Put(session)
		mu.Lock()
		defer mu.Unlock()
		records[i] = &record
		for ; next < len(records) && records[next] != nil; next++ {
			if useErr == nil {
				if useErr = use(*records[next]); useErr != nil {
					cancel()
				}
			}
			*records[next] = model.Record{} // let go of it; the pointer marks it done
		}
	})
	if useErr != nil {
		return useErr
	}
	return err
}

// writeRecord writes an answer as a sentence, and below how the picture was made ready.
func writeRecord(w io.Writer, r model.Record) error {
	var b strings.Builder
	if r.Abstained {
		fmt.Fprintf(&b, "%s: cannot assess (%s): %s\n", terminal.Shown(r.File), r.Code, r.Reason)
	} else {
		p := r.Probabilities
		fmt.Fprintf(&b, "%s: %s (Benign %.1f %%, Early %.1f %%, Pre %.1f %%, Pro %.1f %%)\n",
			terminal.Shown(r.File), r.Predicted, 100*p.Benign, 100*p.Early, 100*p.Pre, 100*p.Pro)
		for _, note := range r.Notes {
			fmt.Fprintf(&b, "  %s\n", note.Sentence())
		}
	}
	if r.Profile != "" {
		fmt.Fprintf(&b, "  corrected by the laboratory's profile %s\n", r.Profile)
	}
	if s := r.Standardised; s != nil {
		for _, step := range s.Steps {
			fmt.Fprintf(&b, "  %s\n", step.Sentence)
		}
		for i, f := range s.Fields {
			if len(s.Fields) > 1 {
				fmt.Fprintf(&b, "  %s\n", fieldSentence(i, f))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fieldSentence says what was read in one field of several.
func fieldSentence(i int, f model.FieldRecord) string {
	text := fmt.Sprintf("field %d, %d x %d pixels at (%d, %d): %d cells", i+1, f.Width, f.Height, f.X, f.Y, f.Cells)
	if p := f.Probabilities; p != nil {
		text += fmt.Sprintf(", alone Benign %.1f %%, Early %.1f %%, Pre %.1f %%, Pro %.1f %%", 100*p.Benign, 100*p.Early, 100*p.Pre, 100*p.Pro)
	}
	return text
}
