package compare

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/compare/onnxruntime"
	"allnet/model"
)

// measure is MeasureCosts with the runtime of all tests, which it leaves open.
func measure(t *testing.T, rounds int, candidates ...Candidate) (*CostFile, error) {
	t.Helper()
	load(t, "", Reading{}) // leaves out
	return MeasureCosts(t.Context(), candidates, rounds, func() *onnxruntime.Runtime { return others }, func(_, _ int) {})
}

// ALL-Net's kind is timed by both programs and others by ONNX Runtime alone, and all
// sizes are those of the files.
func TestCostsAreThoseOfTheFiles(t *testing.T) {
	own := golden.Encode(golden.Graph(golden.Weights(8, 16, 8)))
	m, err := model.Load(own)
	if err != nil {
		t.Fatal(err)
	}
	f, err := measure(t, 3, Candidate{"ours", own}, Candidate{"theirs", byColour()})
	if err != nil {
		t.Fatal(err)
	}
	if f.Rounds != 3 || f.Side != model.Side || len(f.Networks) != 2 {
		t.Fatalf("%d rounds of %d networks, side %d", f.Rounds, len(f.Networks), f.Side)
	}
	ours, theirs := f.Networks[0], f.Networks[1]
	if ours.Parameters != int64(m.Network().Parameters()) || ours.MultiplyAdds != m.Network().MultiplyAdds() || ours.Bytes != len(own) {
		t.Errorf("%+v; want %d parameters, %d multiply-adds, %d bytes", ours, m.Network().Parameters(), m.Network().MultiplyAdds(), len(own))
	}
	if theirs.Parameters != 16 || theirs.MultiplyAdds != 12 || theirs.Bytes != len(byColour()) || theirs.Model != load(t, "", Reading{}).SHA256 {
		t.Errorf("%+v; want 16 parameters and 12 multiply-adds", theirs)
	}
	if len(ours.Times) != 2 || ours.Times[1].RunBy != byEngine || len(theirs.Times) != 1 || !strings.HasPrefix(theirs.Times[0].RunBy, byONNXRuntime) {
		t.Errorf("times %+v and %+v", ours.Times, theirs.Times)
	}
	for _, time := range slices.Concat(ours.Times, theirs.Times) {
		if !(time.Quartiles[0] <= time.Milliseconds && time.Milliseconds <= time.Quartiles[1] && time.Milliseconds > 0) {
			t.Errorf("%+v", time)
		}
	}
	// It has thousands of times as much to do.
	if ours.Times[0].Ratio != 1 || !(theirs.Times[0].Ratio < 0.8) {
		t.Errorf("ratios %v and %v; want 1 and much less", ours.Times[0].Ratio, theirs.Times[0].Ratio)
	}
}

// What slows a whole round, the first network with it, does not change the ratios.
func TestRatiosAreOfTheSameRound(t *testing.T) {
	var timing Timing
	timing.summarise([]float64{30, 300, 33, 60, 3}, []float64{10, 100, 11, 10, 1})
	want := Timing{Milliseconds: 33, Quartiles: [2]float64{30, 60}, Ratio: 3}
	if timing != want {
		t.Errorf("got %+v, want %+v", timing, want)
	}
}

func TestMeasureCostsRefuses(t *testing.T) {
	for _, c := range []struct {
		want       string
		rounds     int
		candidates []Candidate
	}{
		{"no network to measure", 3, nil},
		{"there are 0 rounds", 0, []Candidate{{"net", byColour()}}},
		{"two networks are called net", 3, []Candidate{{"net", byColour()}, {"net", byColour()}}},
		{"text: not a readable ONNX file", 3, []Candidate{{"text", []byte("no network")}}},
	} {
		if _, err := measure(t, c.rounds, c.candidates...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := MeasureCosts(ctx, []Candidate{{"net", byColour()}}, 1000, func() *onnxruntime.Runtime { return others }, func(done, _ int) {
		if done == 1 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got error %v", err)
	}
}
