// Package terminal writes names and errors so that none of them acts on a terminal.
package terminal

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"allnet/lab/dataset"
)

// Shown is a file's name as it is printed: quoted where it holds a line break or
// another character that would act on the terminal.
func Shown(name string) string {
	if utf8.ValidString(name) && !strings.ContainsFunc(name, acts) {
		return name
	}
	return strconv.Quote(name)
}

func acts(r rune) bool { return !unicode.IsGraphic(r) }

// Message is an error as it is printed, on one line. What the system said of a
// file ("open x: no such file or directory") becomes "x: " and a sentence.
func Message(err error) string {
	text := err.Error()
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		text = strings.ReplaceAll(text, p.Error(), Shown(p.Path)+": "+(&dataset.FileError{Cause: p}).Error())
	}
	var line strings.Builder
	for _, r := range text {
		if acts(r) {
			quoted := strconv.QuoteRune(r)
			line.WriteString(quoted[1 : len(quoted)-1])
		} else {
			line.WriteRune(r)
		}
	}
	return line.String()
}
