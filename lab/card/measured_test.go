package card

import (
	"slices"
	"strings"
	"testing"

	"allnet/lab/calibration"
	"allnet/lab/compare"
	"allnet/lab/evaluation"
	"allnet/lab/stress"
	"allnet/model"
)

// changed is the row of 100 changed pictures.
func changed(family stress.Family, variant string, strength stress.Strength, correct, other, unsure int, top float64) stress.Row {
	return stress.Row{
		Family: family, Variant: variant, Strength: strength, Counts: stress.Counts{N: 100, Abstained: 1, Unsure: unsure, Top: top},
		Correct: correct, Accuracy: float64(correct) / 100, Nearest: correct + 1, Changed: other,
	}
}

// measuredNetwork is a shipped network that reads whole pictures, with made results.
func measuredNetwork(t *testing.T) (*document, *network) {
	t.Helper()
	const name = "robust"
	r := &Results{
		Stress: map[string]*stress.File{name: {
			Unchanged: changed("unchanged", "", stress.Whole, 98, 0, 2, 0.97),
			Changes: []stress.Row{
				changed(stress.Stain, "", stress.Mild, 97, 2, 2, 0.97), changed(stress.Stain, "", stress.Moderate, 95, 4, 5, 0.95), changed(stress.Stain, "", stress.Strong, 90, 9, 9, 0.9),
				changed(stress.Blur, "", stress.Mild, 98, 0, 2, 0.97), changed(stress.Blur, "", stress.Moderate, 93, 6, 5, 0.95), changed(stress.Blur, "", stress.Strong, 50, 60, 9, 0.8),
				changed(stress.Gamma, "up", stress.Moderate, 97, 6, 5, 0.95),
				changed(stress.ScaleBar, "moved", stress.Whole, 98, 0, 2, 0.97),
				changed(stress.Background, "light", stress.Whole, 80, 20, 12, 0.9), changed(stress.Background, "tinted", stress.Whole, 32, 70, 12, 0.9),
				changed(stress.Erased, "plain", stress.Whole, 30, 70, 40, 0.7), changed(stress.Erased, "smooth", stress.Whole, 20, 80, 95, 0.5),
			},
			Evidence: []stress.EvidenceRow{
				{Method: "LIME", Mask: "segmentation", N: 60, Share: stress.Estimate{Value: 0.4}, Area: stress.Estimate{Value: 0.2}, Even: stress.Estimate{Value: 0.25}, Ratio: stress.Estimate{Value: 2}},
				{Method: "LIME", Mask: "stained cells", N: 60, Share: stress.Estimate{Value: 0.5}, Area: stress.Estimate{Value: 0.25}, Even: stress.Estimate{Value: 0.4}, Ratio: stress.Estimate{Value: 2}},
			},
		}},
		Calibrations: map[string]*calibration.Report{name: {
			Temperature: 1.5,
			Levels: []calibration.Level{{Name: "as they are", Answered: evaluation.Summary{
				N: 200, Correct: 190, Abstained: 4, Accuracy: 0.95, Reasons: map[model.Code]int{model.Close: 3, model.Blurred: 1},
			}}},
			Foreign: []calibration.Kind{
				{Name: "landscape", Share: calibration.Share{Count: 30, N: 30, Share: 1, Interval: [2]float64{0.88, 1}}},
				{Name: "other smears", Share: calibration.Share{Count: 10, N: 40, Share: 0.25, Interval: [2]float64{0.14, 0.4}}},
			},
		}},
	}
	r.Calibrations[name].Refused.Reported = calibration.Share{Count: 40, N: 70, Share: 4.0 / 7, Interval: [2]float64{0.455, 0.68}}
	networks, err := r.shipped()
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range networks {
		if n.Name() == name && n.Reads() == model.WholePictures {
			return &document{Results: r, networks: networks[i : i+1]}, n
		}
	}
	t.Fatalf("no network %s that reads whole pictures is shipped", name)
	return nil, nil
}

func TestSentencesSayWhatWasMeasured(t *testing.T) {
	_, n := measuredNetwork(t)
	for _, c := range []struct{ got, want string }{
		{n.stressSentence(), "On 100 pictures of the test it is right on 98.00 % as they are, and on 97.00 %, 95.00 % and 90.00 % when the stain and the white balance are changed mildly, moderately and strongly by arithmetic, where no answer counts as an error; its most probable class, given as an answer or not, is right on 98.00 %, 96.00 % and 91.00 %. " +
			"Of the other changes at moderate strength (gamma and blur), the costliest is blur: 5.0 points. Blanking or moving the burnt-in scale bar changes no answer."},
		{n.backgroundSentence(), "less than 60 % sure, on 40.0 to 95.0 % of such pictures, and claims 50.0 to 70.0 % on average"},
		{n.evidenceSentence(), "On 60 explained pictures, weights spread evenly over the regions of a picture would put 25 % of their sum on stained nuclei; of its weight in favour of the answer, 40 % by LIME (1.6 times as much) lie there. " +
			"The nuclei are those of the data set's own masks, which miss most of the pale pro-B nuclei; on the stained cells that a rule of colour finds, pale ones among them, even weights would put 40 %, and 50 % by LIME (1.2 times as much) lie there."},
		{n.stressSentence(), "cut out and put on another background (2 ways), it is right on 32.0 to 80.0 % of the pictures only, where no answer counts as an error, and gives no answer on 1.0 %; its most probable class, given as an answer or not, is right on 33.0 to 81.0 %."},
		{n.refusalSentence(), "It gives no answer on 2.0 % of the test pictures. Of 70 pictures of kinds that its limits were not fitted to (landscape and other smears) it refused 57.1 % (95 % interval 45.5 to 68.0 %); the others"},
		{n.temperatureSentence(), "Its logits are divided by a temperature of 1.50, fitted on the validation side."},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("%q does not say %q", c.got, c.want)
		}
	}
}

func TestFailuresAreNamed(t *testing.T) {
	_, n := measuredNetwork(t)
	got := n.failures()
	want := []string{
		"Changes that cost more than 2 points (no answer counts as an error): moderate stain: 3.0; strong stain: 8.0; moderate blur: 5.0; background replaced (light): 18.0; background replaced (tinted): 66.0.",
		"Still at least 60 % sure without cells: plain (60 %).",
		"Pictures of another kind that get one of the four names: other smears (75 % of 40).",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTablesOfRefusals(t *testing.T) {
	d, _ := measuredNetwork(t)
	row := d.refusalTable().rows[0]
	// Wilson's interval of 4 of 200.
	want := []string{d.networks[0].Name(), "as they are", "200", "2.00 % (0.78 to 5.03)", "too blurred 1, classes too close 3", "96.94 %", "95.00 %"}
	if !slices.Equal(row, want) {
		t.Errorf("got %q, want %q", row, want)
	}
	foreign := d.foreignTable()
	if got := foreign.rows[1]; got[0] != "other smears" || got[2] != "25.00 % (14.00 to 40.00) of 40" {
		t.Errorf("got %q", got)
	}
}

func TestComparisonMarksWhatMayHaveBeenSeen(t *testing.T) {
	d := &document{Results: &Results{Comparison: &compare.File{
		Columns: []compare.Column{{Name: "test"}}, Shifts: []string{compare.Unshifted, "strong stain"},
		Rows: []compare.Row{
			{Name: "some network", Kind: compare.OfNetwork, Parameters: 1234567, MultiplyAdds: 462_000_000, Milliseconds: 1.5, RunBy: "engine", Results: []compare.Result{
				{Column: "test", Shift: compare.Unshifted, Accuracy: 0.99, Interval: [2]float64{0.98, 1}},
			}},
			{Name: "forest", Kind: compare.OfForest, Sees: "the colours", Results: []compare.Result{
				{Column: "test", Shift: "strong stain", TrainingKnown: true, Accuracy: 0.7, Interval: [2]float64{0.6, 0.8}},
			}},
		},
	}}}
	table := d.comparisonTable()
	if want := []string{"some network", "1,234,567", "462", "1.50", "engine", "99.00 % (98.00 to 100.00) *", "not measured"}; !slices.Equal(table.rows[0], want) {
		t.Errorf("got %q, want %q", table.rows[0], want)
	}
	if want := []string{"forest", "", "", "0.00", "", "not measured", "70.00 % (60.00 to 80.00)"}; !slices.Equal(table.rows[1], want) {
		t.Errorf("got %q, want %q", table.rows[1], want)
	}
	if notes := d.comparisonNotes(); !strings.Contains(notes, "forest of decision trees that sees of each picture only the colours") || !strings.Contains(notes, "with * may be too good") {
		t.Errorf("got %s", notes)
	}
}
