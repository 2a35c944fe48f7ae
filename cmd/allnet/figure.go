package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"html"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"allnet/cases/evidence"
	"allnet/internal/options"
	"allnet/lab/dataset"
	"allnet/model"
)

// drawFigure writes the article's figure of explanations (lab/ARTICLE.md, "Explanation") for any
// pictures, a row each, with what each explanation is worth under it.
func drawFigure(set *flag.FlagSet) action {
	out := set.String("out", "figure.svg", "`file` for the figure")
	reading := options.ReadingFlags(set)
	asked := options.SettingsFlags(set)
	return func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
		m, choices, err := reading.Open()
		if err != nil {
			return err
		}
		preset, settings, err := asked.Settings(m)
		if err != nil {
			return err
		}
		file, err := createOut(*out)
		if err != nil {
			return err
		}
		defer file.discard()
		bar := newProgress(stderr, "")
		defer bar.close()
		session := m.NewSession()
		var rows []figureRow
		failed := 0
		for i, name := range args {
			bar.update(i, len(args))
			p, err := dataset.Read(name)
			read := session.Answer(name, p, err, choices.Options())
			row := figureRow{name: filepath.Base(name)}
			if read.Result == nil {
				row.captions = []string{read.Record.Reason}
				failed++
			} else if err := row.explain(ctx, m, read, evidence.Asked{Field: read.Specimen.Fullest(), Preset: preset, Settings: settings}); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		bar.close()
		if _, err := io.WriteString(file, figureOf(rows)); err != nil {
			return err
		}
		if err := file.commit(); err != nil {
			return err
		}
		if failed > 0 {
			return fmt.Errorf("%d of %d pictures could not be read; the figure says why", failed, len(args))
		}
		return nil
	}
}

// figureColumns are the drawings of a row, from the left.
var figureColumns = []string{"What the network is given", "Regions, outlined", "Regions alone", "Heat map: red for, blue against"}

// figureRow is a picture with its evidence.
type figureRow struct {
	name     string
	drawings [][]byte // PNG files, as figureColumns has them; none where the picture could not be read
	captions []string
}

// explain fills in the evidence for the class that the network ranks first.
func (r *figureRow) explain(ctx context.Context, m *model.Model, reading *model.Reading, a evidence.Asked) error {
	a.Class = reading.Result.Predicted
	e, err := evidence.Of(ctx, m, reading.Record, reading.Specimen, reading.Result, a, nil)
	if err != nil {
		return err
	}
	files, err := e.Encode()
	if err != nil {
		return err
	}
	var given bytes.Buffer
	if err := png.Encode(&given, evidence.Opaque(reading.Specimen.Fields[a.Field].Picture)); err != nil {
		return err
	}
	r.drawings = append([][]byte{given.Bytes()}, files[:len(figureColumns)-1]...)
	if reading.Result.Abstained {
		r.captions = append(r.captions, reading.Record.Reason, fmt.Sprintf("Evidence for %s, which the network would rank first:", a.Class.Term()))
	} else {
		r.captions = append(r.captions, fmt.Sprintf("%s, %.1f %%. Evidence for it:", a.Class.Term(), 100*reading.Result.Probabilities[a.Class]))
	}
	c := e.Explained
	worth := fmt.Sprintf("R² %.2f, agreement of the halves %.2f.", c.R2, c.Agreement)
	if !c.Readable {
		worth += " This explanation should not be read."
	}
	r.captions = append(r.captions, worth)
	if readings := e.Results().Readings; readings != nil {
		r.captions = append(r.captions, readings.Tally.Sentence())
	} else {
		r.captions = append(r.captions, e.Nuclei.Sentences())
	}
	return nil
}

// figureOf lays the rows out as an SVG file that needs no other.
func figureOf(rows []figureRow) string {
	const gap, line, characters = 12, 16, 140 // pixels, pixels, and what stands in a line of text
	width := len(figureColumns)*(model.Side+gap) + gap
	var body strings.Builder
	y := gap
	text := func(x int, style, words string) {
		fmt.Fprintf(&body, "<text x=\"%d\" y=\"%d\"%s>%s</text>\n", x, y+line-4, style, html.EscapeString(words))
	}
	for column, title := range figureColumns {
		text(gap+column*(model.Side+gap), "", title)
	}
	y += line + gap/2
	for _, r := range rows {
		for column, file := range r.drawings {
			fmt.Fprintf(&body, "<image x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" href=\"data:image/png;base64,%s\"/>\n",
				gap+column*(model.Side+gap), y, model.Side, model.Side, base64.StdEncoding.EncodeToString(file))
		}
		if len(r.drawings) > 0 {
			y += model.Side + gap/2
		}
		text(gap, ` font-weight="bold"`, r.name)
		y += line
		for _, caption := range r.captions {
			for _, words := range wrapped(caption, characters) {
				text(gap, "", words)
				y += line
			}
		}
		y += gap
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n",
		width, y, width, y, body.String())
}

// wrapped breaks a text into lines of at most so many characters, longer words aside.
func wrapped(text string, most int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > most {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
