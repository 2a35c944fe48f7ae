package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// seen is how far this process is. With a runner on other machines it stays at 0 here, and the runner's own page shows Beam's
// counters.
var seen struct{ found, stored, computed, tasks atomic.Int64 }

// progress tells on w how far a run is: on a terminal on one line that is drawn anew each second, elsewhere in a line a minute.
// The function that it returns ends it.
func progress(w io.Writer) (stop func()) {
	every, end := time.Minute, "\n"
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			every, end = time.Second, "   \r"
		}
	}
	quit := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		var began time.Time
		for {
			select {
			case <-quit:
				if end != "\n" {
					fmt.Fprintln(w)
				}
				return
			case now := <-tick.C:
				if seen.computed.Load() > 0 && began.IsZero() {
					began = now.Add(-every)
				}
				fmt.Fprint(w, state(began, now)+end)
			}
		}
	})
	return func() { close(quit); waiting.Wait() }
}

// state says in words how far a run is, of which the first picture was computed after began.
func state(began, now time.Time) string {
	found, tasks, stored, computed := seen.found.Load(), seen.tasks.Load(), seen.stored.Load(), seen.computed.Load()
	if tasks == 0 {
		return fmt.Sprintf("%d pictures found", found)
	}
	text := fmt.Sprintf("%d of %d different pictures read", stored+computed, tasks)
	if began.IsZero() || computed == 0 {
		return text
	}
	rate := float64(computed) / now.Sub(began).Seconds()
	left := time.Duration(float64(max(0, tasks-stored-computed)) / rate * float64(time.Second)).Round(time.Second)
	return fmt.Sprintf("%s, %.1f a second, %s left", text, rate, left)
}
