package golden

import (
	"os"
	"reflect"
	"testing"

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
	f := read(t, "../../testdata/golden-wide.json")
	if f.Filters != Wide {
		t.Errorf("filters %v, want %v", f.Filters, Wide)
	}
	if got := Hash(Weights(Wide)); got != f.WeightsSHA256 {
		t.Errorf("weights have hash %s, PyTorch's have %s", got, f.WeightsSHA256)
	}
}

// golden.json is written together with allnet.onnx; neither may change alone.
func TestGoldenNumbersBelongToTheShippedWeights(t *testing.T) {
	f := read(t, "../../golden.json")
	file, err := os.ReadFile("../../allnet.onnx")
	if err != nil {
		t.Fatal(err)
	}
	g, err := onnx.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	tensors, err := Tensors(g)
	if err != nil {
		t.Fatal(err)
	}
	if got := Hash(tensors); got != f.WeightsSHA256 {
		t.Errorf("allnet.onnx holds weights with hash %s, golden.json is for %s: make both with model/train/golden.py", got, f.WeightsSHA256)
	}
}

// The article's parameter count for its code's filters (FACTS); for its text's
// filters the count follows from the layer sizes.
func TestWeightsHaveTheNetworksParameters(t *testing.T) {
	for filters, want := range map[[3]int]int{{32, 64, 128}: 787_268, Wide: 1_097_604} {
		got := 0
		for _, tensor := range Weights(filters) {
			size := 1
			for _, n := range tensor.Shape {
				size *= n
			}
			if size != len(tensor.Values) {
				t.Errorf("%s %v holds %d values", tensor.Name, tensor.Shape, len(tensor.Values))
			}
			got += size
		}
		if got != want {
			t.Errorf("filters %v: %d parameters, want %d", filters, got, want)
		}
	}
}

func TestEncodeIsTheInverseOfParse(t *testing.T) {
	g := Graph(Weights([3]int{32, 64, 128}))
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
