package planes

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

func TestWhatWasSplitIsJoinedAgainWhateverItsLength(t *testing.T) {
	for n := range 40 {
		data := make([]byte, n)
		for i := range data {
			data[i] = byte(7*i + n)
		}
		if got := Joined(Split(data)); !bytes.Equal(got, data) {
			t.Errorf("%d bytes: %v", n, got)
		}
	}
}

func TestWhatWasNotSplitStaysAsItIs(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("four"), {8, 7, 18, 0}} {
		if got := Joined(data); !bytes.Equal(got, data) {
			t.Errorf("%v became %v", data, got)
		}
	}
}

func TestShippedWeightsCompressByAFifthMore(t *testing.T) {
	files, err := filepath.Glob("../../model/*.onnx")
	if err != nil || len(files) == 0 {
		t.Fatalf("no weights, error %v", err)
	}
	packed := func(data []byte) int {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Len()
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if before, after := packed(data), packed(Split(data)); 5*after > 4*before+before/20 {
			t.Errorf("%s: %d bytes, split %d", name, before, after)
		}
	}
}
