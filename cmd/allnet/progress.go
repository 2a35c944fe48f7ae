package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress draws a bar with the time left, on one line that is drawn again and
// again, at most ten times a second. Its methods must not be called from several
// goroutines at once.
type progress struct {
	w      io.Writer
	label  string
	start  time.Time
	last   time.Time
	active bool
}

func newProgress(w io.Writer, label string) *progress {
	return &progress{w: w, label: label, start: time.Now()}
}

func (p *progress) update(done, total int) {
	now := time.Now()
	if total == 0 || (done < total && now.Sub(p.last) < 100*time.Millisecond) {
		return
	}
	p.last = now
	const width = 30
	filled := width * done / total
	left := "--"
	if done > 0 {
		elapsed := now.Sub(p.start)
		left = (elapsed*time.Duration(total)/time.Duration(done) - elapsed).Round(time.Second).String()
	}
	fmt.Fprintf(p.w, "\r%s [%s%s] %d/%d, %s left  ", p.label, strings.Repeat("#", filled), strings.Repeat("-", width-filled), done, total, left)
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
