package main

import (
	"bytes"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allnet/internal/options"
	"allnet/model"
)

func TestVerifyFindsTheEnginesInAgreement(t *testing.T) {
	status, stdout, stderr := allnet("verify", filepath.Join(smears(t), "Early", "synthetic-2.png"))
	if n := len(model.Shipped()); status != 0 || strings.Count(stdout, "all agree") != n || strings.Count(stdout, "synthetic-2.png") != n {
		t.Errorf("status %d, want %d networks in agreement: %s%s", status, n, stdout, stderr)
	}
}

// Another file of weights has no numbers of PyTorch.
func TestVerifyTakesAnotherModel(t *testing.T) {
	weights := filepath.Join(t.TempDir(), "other.onnx")
	write(t, weights, model.Shipped()[0].Weights())
	status, stdout, stderr := allnet("verify", "-model", weights)
	if status != 0 || !strings.Contains(stdout, "all agree") {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	rows := strings.Split(stdout, "\n")[4:]
	if len(rows) < 3 {
		t.Fatalf("no pictures in %s", stdout)
	}
	for _, row := range rows[:len(rows)-2] { // without "all agree" and the end
		if fields := strings.Fields(row); len(fields) < 3 || fields[len(fields)-2] != "-" {
			t.Errorf("the row %q has a number of PyTorch", row)
		}
	}
}

// A row of PyTorch's that is off by two tolerances, and a weight file that is not
// the one that our engine runs, are found.
func TestVerifyFailsWhereNumbersDiffer(t *testing.T) {
	m, err := model.Named("article")
	if err != nil {
		t.Fatal(err)
	}
	comparisons, err := model.Verify("article", 1)
	if err != nil {
		t.Fatal(err)
	}
	c := comparisons[0]
	good := check{name: "good", in: c.Input, torch: c.Want[:]}
	damaged := check{name: "damaged", in: c.Input, torch: slices.Clone(c.Want[:])}
	damaged.torch[1] += 2 * agreement
	weights, err := options.ReadWeights("article")
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Clone(weights)
	for i := range 4096 {
		other[len(other)/2+i] ^= 0x80 // signs of a thousand weights among them
	}
	for _, test := range []struct {
		what   string
		file   []byte
		checks []check
		want   string
	}{
		{"right numbers", weights, []check{good}, ""},
		{"a damaged row of PyTorch's", weights, []check{good, damaged}, "1 of 2 pictures differ"},
		{"other weights in gorgonia", other, []check{good}, "1 of 1 pictures differ"},
	} {
		var out bytes.Buffer
		err := compare(t.Context(), &out, m, test.file, test.checks)
		if test.want == "" && (err != nil || !strings.Contains(out.String(), "all agree")) {
			t.Errorf("%s: %v\n%s", test.what, err, out.String())
		}
		if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(out.String(), "all agree")) {
			t.Errorf("%s: got error %v, want %q\n%s", test.what, err, test.want, out.String())
		}
	}
}

// The difference of logits is absolute, however large they are; that of
// probabilities is of softmax's: of logits 0 and 0 against 0 and ln 3, 1/2 against
// 3/4.
func TestDifferenceIsAbsolute(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		a, b    []float64
		logits  float64
		allowed bool
	}{
		{[]float64{100, -50}, []float64{100, -50}, 0, true},
		{[]float64{100, -50}, []float64{100.0005, -50}, 0.0005, false}, // 5e-6 of the largest
		{[]float64{100, -50}, []float64{100, -50.00005}, 0.00005, true},
		{[]float64{0, 0}, []float64{0}, math.Inf(1), false},
		{[]float64{0, nan}, []float64{0, 0}, nan, false},
	} {
		d := differ(c.a, c.b)
		if d.allowed() != c.allowed || (math.Abs(d.logits-c.logits) > 1e-12 && !math.IsInf(c.logits, 1)) {
			t.Errorf("%v and %v: %+v, want %g", c.a, c.b, d, c.logits)
		}
	}
	if d := differ([]float64{0, 0}, []float64{0, math.Log(3)}); math.Abs(d.probabilities-0.25) > 1e-12 {
		t.Errorf("probabilities differ by %g, want 0.25", d.probabilities)
	}
	if (difference{logits: 0, probabilities: 2 * agreement}).allowed() {
		t.Error("probabilities that differ are allowed")
	}
}
