package card

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"allnet/internal/golden"
	"allnet/lab/abroad"
	"allnet/lab/cells"
	"allnet/lab/compare"
	"allnet/lab/stress"
	"allnet/model"
)

// readsCells is a network with made-up weights whose calibration has limits of cells.
func readsCells(t *testing.T) *network {
	t.Helper()
	weights := golden.Encode(golden.Graph(golden.Weights(8, 8, 8)))
	plain, err := model.Load(weights)
	if err != nil {
		t.Fatal(err)
	}
	identity := model.Space{Centres: [][]float64{make([]float64, 8)}}
	for i := range 8 {
		row := make([]float64, i+1)
		row[i] = 1
		identity.Whitening = append(identity.Whitening, row)
	}
	calibration, err := json.Marshal(&model.Calibration{
		Weights: plain.Hash(), Temperature: 1, Reach: 1, Features: identity,
		Cells: &model.CellLimits{Count: 1, Nucleus: [2]float64{12.3, 31.9}, Restaining: math.Log(2.5)},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := model.LoadCalibrated(weights, calibration)
	if err != nil {
		t.Fatal(err)
	}
	return &network{Model: m}
}

// says fails where a text lacks one of several passages.
func says(t *testing.T, got string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q does not say %q", got, w)
		}
	}
}

func TestTheReasonsAreThoseOfWhatTheNetworksRead(t *testing.T) {
	_, whole := measuredNetwork(t)
	n := readsCells(t)
	both, alone := &document{networks: []*network{n, whole}}, &document{networks: []*network{whole}}
	says(t, both.reasonsText(), "no stained cell, or too few", "its magnification is not known", "stain of the nuclei",
		"at least 1 stained cell, for nuclei whose median width is 12.3 to 31.9 pixels once a red cell is about 16.5 pixels wide", "by at most 2.5 in optical density",
		"gives none when a picture cannot be read, is too blurred, has colours far from")
	if text := alone.reasonsText(); strings.Contains(text, "stained cell") || whole.limitsSentence() != "" {
		t.Errorf("of a network that reads whole pictures: %q", text)
	}
	says(t, both.inputs(), "of which nothing but the stained cells is left", "It is resized to 224 x 224 pixels")
	if text := alone.inputs(); strings.Contains(text, "stained cells") {
		t.Errorf("of a network that reads whole pictures: %q", text)
	}
	if got := reasons(map[model.Code]int{model.Stain: 2, model.NoCells: 3, model.TooSmall: 1, model.FewCells: 4, model.Magnification: 5}); got != "less than a field 1, no cells 3, too few cells 4, another magnification 5, nuclei of another stain 2" {
		t.Errorf("%q", got)
	}
}

// Every reason of a refusal has a name in the documents: one without would be counted and not told.
func TestEveryReasonHasAName(t *testing.T) {
	for _, code := range []model.Code{model.Unreadable, model.TooSmall, model.NoCells, model.FewCells, model.Magnification,
		model.Blurred, model.Colours, model.Stain, model.Foreign, model.Close} {
		if reasons(map[model.Code]int{code: 1}) == "" {
			t.Errorf("%s has no name", code)
		}
	}
}

func TestWithoutCellsANetworkOfCellsHasNothingToRead(t *testing.T) {
	n := readsCells(t)
	erased := func(variant string, empty int) stress.Row {
		r := changed(stress.Erased, variant, stress.Whole, 0, 100, 99, 0.4)
		r.Abstained, r.Reasons = 98, map[model.Code]int{model.NoCells: empty, model.Foreign: 98 - empty}
		return r
	}
	n.stress = &stress.File{
		Unchanged: changed("unchanged", "", stress.Whole, 98, 0, 2, 0.97),
		Changes: []stress.Row{erased("plain", 90), erased("smooth", 80),
			changed(stress.Background, "light", stress.Whole, 95, 3, 2, 0.9)},
	}
	says(t, n.backgroundSentence(), "(what it would say of empty ground counted in)", "On 80.0 to 90.0 % no cell was found in them, which is its reason")
	table := erasedTable([]*network{n})
	if head := table.head[len(table.head)-1]; head != "no answer because no cell was found" || table.rows[0][len(table.head)-1] != "90.00 %" {
		t.Errorf("%q, %q", table.head, table.rows)
	}
	says(t, n.replacedSentence(), "it is right on 95.0 % of the pictures, where", "It is given nothing of the background")
	if got := abstained(&n.stress.Changes[0].Counts); got != "98 (no cells 90, not a smear of this kind 8)" {
		t.Errorf("%q", got)
	}
	if got := abstained(&stress.Counts{N: 9, Abstained: 2, Reasons: map[model.Code]int{model.NoCells: 2}}); got != "2 (no cells)" {
		t.Errorf("%q", got)
	}
}

// That a network of cells lays all its weight on cells is so by construction, and is not claimed
// as a finding.
func TestTheEvidenceOfCellsIsToldFromWhatHoldsByConstruction(t *testing.T) {
	n := readsCells(t)
	row := func(mask string, share, even float64, c *stress.CellEvidence) stress.EvidenceRow {
		return stress.EvidenceRow{Method: "LIME", Mask: mask, N: 30, Share: stress.Estimate{Value: share}, Even: stress.Estimate{Value: even}, Cells: c}
	}
	of := func(positive, marked int) *stress.CellEvidence {
		return &stress.CellEvidence{Positive: positive, Marked: marked, Share: stress.Estimate{Value: float64(marked) / float64(positive), Interval: [2]float64{0.5, 1}}, Weight: stress.Estimate{Value: 0.97}}
	}
	n.stress = &stress.File{Evidence: []stress.EvidenceRow{
		row(stress.SegmentationMask, 0.6, 0.55, of(200, 150)), row(stress.StainedMask, 0.7, 0.65, of(210, 200)), row(stress.FoundMask, 1, 1, of(210, 210)),
	}}
	text := n.evidenceSentence()
	says(t, text, "lies on found cells by construction", "even weights would put 65 %, and 70 % by LIME", "each cell's over nucleus and rim, would put 55 % of their sum on stained nuclei; of its weight in favour of the answer, spread alike, 60 % by LIME",
		"Of the cells that speak for the answer, 200 of 210 by LIME, with 97 % of the weight, have at least half of their nucleus on nuclei by the rule of colour.")
	if strings.Contains(text, "100 %") {
		t.Errorf("%q claims what holds by construction", text)
	}
	_, whole := measuredNetwork(t)
	whole.stress = &stress.File{Evidence: []stress.EvidenceRow{row(stress.SegmentationMask, 0.2, 0.1, nil)}}
	table := evidenceTable([]*network{n, whole})
	if len(table.rows) != 5 || table.rows[1][8] != "210" || table.rows[1][9] != "95.24 % (50.00 to 100.00)" {
		t.Fatalf("%q", table.rows)
	}
	if last := table.rows[4]; last[2] != stress.FoundMask || last[3] != notMeasured {
		t.Errorf("a network that was not held against the found cells: %q", last)
	}
	whole.stress.Evidence = append(whole.stress.Evidence, row(stress.FoundMask, 0.3, 0.25, nil))
	says(t, whole.evidenceSentence(), "On the cells, nucleus and rim, that the finder of cells finds, even weights would put 25 %, and 30 % by LIME")
}

// ofLaboratories are made-up figures of every kind of set.
func ofLaboratories() *abroad.File {
	return &abroad.File{
		Sets: []abroad.Row{
			{Set: "own", Detail: "as they are", N: 291, Answered: 290, Side: 290, Class: 289, Malignant: 245},
			{Set: "simulated, strong", Detail: "the same in full strength", N: 100, Answered: 80, Side: 79, Malignant: 60, SideInterval: [2]float64{0.9, 1}},
			{Set: "another camera", Detail: "a kind of change that no network learned from", N: 100, Answered: 70, Side: 63, Malignant: 60},
			{Set: "bccd", Detail: "as they are; no malignant cells", N: 182, Answered: 150, Side: 149, Malignant: 1, Refused: map[model.Code]int{model.TooSmall: 32}},
			{Set: "bccd, single cells", Detail: "to be refused: one white cell fills the picture", N: 182, Answered: 20},
		},
		Ranks: []abroad.Rank{
			{Malignant: "own", Benign: "own", AUROC: 1}, {Malignant: "own", Benign: "bccd", AUROC: 0.5},
			{Malignant: "simulated, strong", Benign: "simulated, strong", AUROC: 0.98}, {Malignant: "another camera", Benign: "another camera", AUROC: 0.95},
			{Malignant: "simulated, strong", Benign: "bccd", AUROC: 0.9}, {Malignant: "another camera", Benign: "own", AUROC: 0.92},
		},
	}
}

func TestOfOtherLaboratoriesIsSaidWhatWasMeasuredAndThatLeukaemiasAreSimulated(t *testing.T) {
	n := readsCells(t)
	if got := n.abroadSentence(); got != "How it does on pictures of other laboratories was not measured." {
		t.Errorf("%q", got)
	}
	n.abroad = ofLaboratories()
	says(t, n.abroadSentence(),
		"changed by a program as if another camera or laboratory had taken them (“simulated, strong” and “another camera”), it gives an answer on 70.0 to 80.0 %, and of these answers 90.0 to 98.8 % are on the right side",
		"area under the curve of 0.950 to 0.980 within one kind of change and of 0.900 to 0.920 between two kinds of pictures.",
		"Of 182 smears of other laboratories without malignant cells (bccd; the second halves, by name) it answered 150 and called 1 malignant (95 % interval 0.1 to 3.0 %); the others got no answer (less than a field 32).",
		"Of 182 pictures that are no field at the right magnification (single cells, cuts) it refused 89.0 %")
	want := []string{
		"On the wrong side of malignant and benign: another camera (7 of 70 answers).",
		"Smears of other laboratories without malignant cells that are called malignant: bccd (1 of 182).",
		"Pictures of no field at the right magnification that get one of the four names: bccd, single cells (20 of 182).",
	}
	if got := n.failures(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var card strings.Builder
	for _, s := range n.sections(&Results{}) {
		card.WriteString(strings.Join(append([]string{s.heading}, s.paragraphs...), "\n"))
	}
	says(t, card.String(), "What does it make of other laboratories?", "No picture of lymphoblasts of another laboratory was available")
}

func TestTablesOfOtherLaboratoriesSayWhatWasNotMeasured(t *testing.T) {
	n := readsCells(t)
	n.abroad = ofLaboratories()
	_, whole := measuredNetwork(t)
	sets := abroadTable([]*network{n, whole})
	if got, want := sets.rows[1], []string{"simulated, strong", "the same in full strength", "100", "80.00 % (0.00 to 0.00)", "98.75 % (90.00 to 100.00)", "60 of 100", "", notMeasured, "", "", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	// What is to be refused has no right answer.
	if got := sets.rows[4]; got[4] != "" || got[5] != "0 of 182" {
		t.Errorf("%q", got)
	}
	ranks := ranksTable([]*network{n, whole})
	if got, want := ranks.rows[4], []string{"simulated, strong", "bccd", "0.900", notMeasured}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, table := range []*table{abroadTable([]*network{whole}), ranksTable([]*network{whole})} {
		if len(table.rows) != 1 || table.rows[0][0] != notMeasured || len(table.rows[0]) != len(table.head) {
			t.Errorf("%q", table.rows)
		}
	}
}

func TestThatANetworkOfCellsIsNotComparedOnWholePicturesIsSaid(t *testing.T) {
	_, whole := measuredNetwork(t)
	d := &document{Results: &Results{Comparison: &compare.File{Rows: []compare.Row{{Name: whole.Name()}}}}, networks: []*network{readsCells(t), whole}}
	if got := d.comparisonNotes(); strings.Count(got, "is not in the table: all classifiers of the table are given the whole picture") != 1 {
		t.Errorf("%s", got)
	}
}

func TestHowWellCellsAreFoundIsSaidOfTheSecondHalves(t *testing.T) {
	d := &document{Results: &Results{}}
	if got := d.foundText(); got != "How well stained cells are found was not measured." {
		t.Errorf("%q", got)
	}
	d.Cells = &cells.File{
		Classes: []cells.ClassRow{{Class: "Pre", Pictures: 10, WithMask: 10, Cells: 100, MaskNuclei: 90, MaskFound: 81, CellsInMask: 95}, {Class: "Pro", Pictures: 10, WithMask: 6, Cells: 50, MaskNuclei: 20, MaskFound: 17}},
		Foreign: []cells.Boxes{{Set: "bccd", Half: "first", White: 7}, {Set: "bccd", Half: "second", Pictures: 18, White: 20, Hit: 15, Covered: 19, Divided: 3, Outside: 1}},
		Changes: []cells.Stable{{Change: "another laboratory/strong", Cells: 100, Kept: 88}, {Change: "blur/strong", Cells: 100, Kept: 70}, {Change: "gamma/strong", Cells: 100, Kept: 90, New: 12}},
	}
	text := d.foundText()
	says(t, text, "Of the nuclei of the data set's own masks, 85 to 90 % are found", "empty in 4 of 10 pictures of class Pro",
		"of the 20 white cells in 18 pictures of bccd a nucleus covers the centre of 15 and nuclei cover a fifth of 19; 3 are taken for several cells, and outside all boxes the finder found 1 cell",
		"88 % of the cells are found again", "“blur/strong” loses most (70 % are found again), and under “gamma/strong” most is found that was not there (12 cells beside 100)")
	if strings.Contains(text, "the 7 white cells") {
		t.Error("the first half, on which limits were chosen, is told as if it were a test")
	}
}
