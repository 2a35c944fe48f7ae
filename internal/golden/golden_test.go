package golden

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/internal/packing"
	"allnet/model/onnx"
)

// read reads a golden file.
func read(t *testing.T, path string) *File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(data)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

// The hashes in the file are of what golden.py drew: integer arithmetic written
// twice, in numpy and in Go.
func TestPicturesAndMadeUpWeightsAreThoseOfPyTorch(t *testing.T) {
	f := read(t, "../../model/testdata/golden-wide.json")
	for i, p := range Pictures() {
		rgb := f.Draw(i)
		if sum := fmt.Sprintf("%x", sha256.Sum256(rgb)); f.Cases[i].Name != p.Name || f.Cases[i].SHA256 != sum || !bytes.Equal(rgb, p.RGB) {
			t.Errorf("picture %d is %q with hash %s; PyTorch was given %q with %s", i, p.Name, sum, f.Cases[i].Name, f.Cases[i].SHA256)
		}
	}
	if !slices.Equal(f.Filters, Wide) {
		t.Errorf("filters %v, want %v", f.Filters, Wide)
	}
	if got := Hash(Weights(Wide...)); got != f.WeightsSHA256 {
		t.Errorf("weights have hash %s, PyTorch's have %s", got, f.WeightsSHA256)
	}
}

// A golden file is written together with the weights; neither may change alone.
func TestGoldenNumbersBelongToTheShippedWeights(t *testing.T) {
	networks, err := filepath.Glob("../../model/*.onnx")
	if err != nil || len(networks) == 0 {
		t.Fatalf("no networks, error %v", err)
	}
	for _, name := range networks {
		f := read(t, strings.TrimSuffix(name, ".onnx")+".golden.json")
		for i, p := range Pictures() {
			if c := f.Cases[i]; c.Name != p.Name || c.SHA256 != fmt.Sprintf("%x", sha256.Sum256(p.RGB)) {
				t.Errorf("%s: PyTorch was given %q with hash %s, which is not what is drawn here", name, c.Name, c.SHA256)
			}
		}
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		g, err := onnx.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := Hash(Tensors(g)); got != f.WeightsSHA256 {
			t.Errorf("%s holds weights with hash %s, its golden file is for %s: make both with lab/train/golden.py", name, got, f.WeightsSHA256)
		}
	}
}

// The article's parameter count for its code's filters (lab/ARTICLE.md,
// "Parameters"); for its text's
// filters the count follows from the layer sizes.
func TestWeightsHaveTheNetworksParameters(t *testing.T) {
	for _, c := range []struct {
		filters []int
		want    int
	}{{[]int{32, 64, 128}, 787_268}, {Wide, 1_097_604}} {
		got := 0
		for _, tensor := range Weights(c.filters...) {
			size := 1
			for _, n := range tensor.Shape {
				size *= n
			}
			if size != len(tensor.Values) {
				t.Errorf("%s %v holds %d values", tensor.Name, tensor.Shape, len(tensor.Values))
			}
			got += size
		}
		if got != c.want {
			t.Errorf("filters %v: %d parameters, want %d", c.filters, got, c.want)
		}
	}
}

func TestEncodeIsTheInverseOfParse(t *testing.T) {
	g := Graph(Weights(32, 64, 128))
	got, err := onnx.Parse(Encode(g))
	if err != nil {
		t.Fatal(err)
	}
	for i := range g.Nodes {
		if g.Nodes[i].Attributes == nil {
			g.Nodes[i].Attributes = map[string]onnx.Attribute{}
		}
	}
	if !reflect.DeepEqual(got, g) {
		t.Error("the graph that was read is not the one that was written")
	}
}

// The weights are rounded to half precision, eleven binary digits, or further, so that they take little of the page.
func TestShippedWeightsAreRounded(t *testing.T) {
	networks, err := filepath.Glob("../../model/*.onnx")
	if err != nil || len(networks) == 0 {
		t.Fatalf("no networks, error %v", err)
	}
	for _, name := range networks {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		g, err := onnx.Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		count, most := 0, 0
		for _, tensor := range Tensors(g) {
			count += len(tensor.Values)
			for _, v := range tensor.Values {
				const stored = 23 // digits, after a first that is not
				rest := math.Float32bits(v) & (1<<stored - 1)
				most = max(most, stored+1-min(stored, bits.TrailingZeros32(rest)))
			}
		}
		var compressed bytes.Buffer
		w, err := gzip.NewWriterLevel(&compressed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(packing.Pack(file)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		each := float64(compressed.Len()) / float64(count)
		t.Logf("%s: %d binary digits, %.2f bytes for each of %d weights", filepath.Base(name), most, each, count)
		if most > 11 || each > 1.9 {
			t.Errorf("%s: a weight of %d binary digits, %.2f bytes for each; at most 11 and 1.9 are expected", name, most, each)
		}
	}
}
