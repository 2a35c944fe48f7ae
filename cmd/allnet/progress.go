package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// progress draws a bar with the time left, on one line of a terminal that is drawn
// again and again, at most ten times a second; anywhere else it draws nothing. Its
// methods must not be called from several goroutines at once.
type progress struct {
	w      io.Writer
	drawn  bool // whether w shows the bar
	label  string
	start  time.Time
	last   time.Time
	active bool
}

func newProgress(w io.Writer, label string) *progress {
	return &progress{w: w, drawn: isTerminal(w), label: label, start: time.Now()}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// stage begins another bar where label is another one.
func (p *progress) stage(label string) {
	if label != p.label {
		p.close()
		p.label, p.start, p.last = label, time.Now(), time.Time{}
	}
}

// update is told how much of the work is done, in any unit.
func (p *progress) update(done, total int) {
	now := time.Now()
	if !p.drawn || total == 0 || (done < total && now.Sub(p.last) < 100*time.Millisecond) {
		return
	}
	p.last = now
	const width = 30
	share := float64(done) / float64(total)
	filled := int(width * share)
	left := "--"
	if done > 0 {
		left = time.Duration(float64(now.Sub(p.start)) * (1/share - 1)).Round(time.Second).String()
	}
	fmt.Fprintf(p.w, "\r%s [%s%s] %3.0f %%, %s left  ", p.label, strings.Repeat("#", filled), strings.Repeat("-", width-filled), 100*share, left)
	p.active = true
	if done == total {
		p.close()
	}
}

// close ends the line.
func (p *progress) close() {
	if p.active {
		fmt.Fprintln(p.w)
		p.active = false
	}
}
