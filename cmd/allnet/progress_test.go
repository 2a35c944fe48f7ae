package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Drawn again and again, the bar is for a terminal alone.
func TestProgressIsDrawnOnTerminalsOnly(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var buffer bytes.Buffer
	for _, bar := range []*progress{newProgress(file, "reading"), newProgress(&buffer, "reading")} {
		bar.update(1, 2)
		bar.update(2, 2)
		bar.close()
	}
	if info, err := file.Stat(); err != nil || info.Size() != 0 || buffer.Len() != 0 {
		t.Errorf("%d bytes in a file, %q in a buffer, %v", info.Size(), buffer.String(), err)
	}
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	if !isTerminal(device) { // a character device, as terminals are
		t.Error("nothing would be drawn on a character device")
	}
}

func TestProgressSaysPerCentForEachStage(t *testing.T) {
	var w bytes.Buffer
	bar := &progress{w: &w, drawn: true}
	bar.stage("tables")
	bar.update(1_500_000_000, 6_000_000_000)
	bar.stage("samples")
	bar.update(1000, 1000)
	bar.close()
	want := regexp.MustCompile(`^\rtables \[#{7}-{23}\]  25 %, \d+s left  \n\rsamples \[#{30}\] 100 %, 0s left  \n$`)
	if !want.MatchString(w.String()) {
		t.Errorf("got %q", w.String())
	}
}
