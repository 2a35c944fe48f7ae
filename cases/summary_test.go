package cases

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allnet/model"
	"allnet/model/explain"
)

// answers makes rows: so many of each class, and so many refused for the reason foreign.
func answers(benign, early, pre, pro, refused int) (rows []Row) {
	for c, n := range []int{benign, early, pre, pro} {
		for range n {
			rows = append(rows, Row{Predicted: class(model.Class(c)), Probability: 0.9})
		}
	}
	for range refused {
		rows = append(rows, Row{Code: model.Foreign})
	}
	for i := range rows {
		rows[i].SHA256 = fmt.Sprintf("%064d", i)
	}
	return rows
}

func TestTheJointReadingIsGivenOnlyWherePicturesAgreeAndAreEnough(t *testing.T) {
	for _, c := range []struct {
		rows    []Row
		verdict Verdict
		leading *model.Class
	}{
		{answers(0, 0, 30, 0, 0), Agreed, class(model.Pre)},
		{answers(1, 0, 60, 0, 3), Agreed, class(model.Pre)},
		{answers(0, 0, 19, 0, 0), Agreed, class(model.Pre)},
		{answers(0, 0, 18, 0, 0), TooFew, class(model.Pre)},
		{answers(0, 1, 29, 0, 0), Disagreed, class(model.Pre)},
		{answers(0, 1, 49, 0, 0), Agreed, class(model.Pre)},
		{answers(0, 0, 5, 0, 0), TooFew, class(model.Pre)},
		{answers(0, 0, 1, 0, 0), TooFew, class(model.Pre)},
		{answers(0, 0, 20, 10, 0), Disagreed, class(model.Pre)},
		{answers(0, 200, 0, 100, 0), Disagreed, class(model.Early)},
		{answers(2, 2, 0, 0, 0), Disagreed, nil},
		{answers(1, 0, 3, 3, 0), Disagreed, nil},
		{answers(0, 0, 30, 0, 31), MostlyRefused, class(model.Pre)},
		{answers(0, 0, 0, 0, 3), NoAnswer, nil},
		{nil, NoAnswer, nil},
	} {
		j := Summarise(c.rows).Joint
		if j.Verdict != c.verdict || !reflect.DeepEqual(j.Leading, c.leading) || (j.Class != nil) != (c.verdict == Agreed) {
			t.Errorf("%d rows: %+v; want %s", len(c.rows), j, c.verdict)
		}
		if j.Interval[0] > j.Independent[0] || j.Interval[1] < j.Independent[1] {
			t.Errorf("%d rows: %v is narrower than %v", len(c.rows), j.Interval, j.Independent)
		}
		if (j.Verdict == Agreed) == strings.HasPrefix(j.Sentence, "No ") {
			t.Errorf("%s: %s", j.Verdict, j.Sentence)
		}
	}
	// Files that cannot be read say nothing of the smear.
	rows := answers(0, 0, 30, 0, 40)
	for i := range rows {
		if rows[i].Predicted == nil {
			rows[i].Code = model.Unreadable
		}
	}
	if j := Summarise(rows).Joint; j.Verdict != Agreed {
		t.Errorf("with damaged files: %+v", j)
	}
}

// A picture that was copied must not count twice.
func TestCopiesAreNoFurtherEvidence(t *testing.T) {
	rows := answers(0, 0, 5, 0, 2)
	once := Summarise(rows)
	twice := Summarise(append(slices.Clone(rows), rows...))
	if twice.Copies != 7 || twice.Pictures != 14 || twice.Assessed != 5 || !reflect.DeepEqual(twice.Joint, once.Joint) || !reflect.DeepEqual(twice.Refused, once.Refused) {
		t.Errorf("got %+v", twice)
	}
}

func TestWhatIsRefusedIsCountedByReason(t *testing.T) {
	rows := answers(0, 0, 2, 0, 4)
	rows[2].Code, rows[3].Code = model.Blurred, model.Close
	want := []Refusal{{model.Foreign, 2}, {model.Blurred, 1}, {model.Close, 1}}
	if s := Summarise(rows); s.Assessed != 2 || s.Answers != (Counts{Pre: 2}) || !reflect.DeepEqual(s.Refused, want) {
		t.Errorf("got %+v", s)
	}
}

func TestDisagreementsComeFirstThenTheLeastCertain(t *testing.T) {
	pre, pro := class(model.Pre), class(model.Pro)
	rows := []Row{
		0: {Predicted: pre, Probability: 0.99},
		1: {Code: model.Blurred},
		2: {Predicted: pre, Probability: 0.70},
		3: {Predicted: pro, Probability: 0.95},
		4: {Predicted: pre, Probability: 0.98, Fields: Counts{Pre: 2, Early: 1}},
		5: {Predicted: pre, Probability: 0.97, Decision: &Decision{Class: pro}},
		6: {Predicted: pre, Probability: 0.96, Decision: &Decision{Class: pro}},
		7: {Predicted: pre, Probability: 0.60, Decision: &Decision{Class: pre}},
		8: {Predicted: pre, Probability: 0.65, Decision: &Decision{}},
	}
	s := Summarise(rows)
	if want := []int{6, 5, 3, 4, 7, 8, 2, 0, 1}; !slices.Equal(s.Order, want) {
		t.Errorf("got %v, want %v", s.Order, want)
	}
	if s.Divided != 1 || s.Fields != (Counts{Pre: 2, Early: 1}) {
		t.Errorf("fields %+v, divided %d", s.Fields, s.Divided)
	}
}

// Of answers that are as frequent as each other none is the most frequent, and none another than that.
func TestOfEquallyFrequentAnswersNoneLeads(t *testing.T) {
	benign, pre := class(model.Benign), class(model.Pre)
	s := Summarise([]Row{{Predicted: benign, Probability: 0.9}, {Predicted: pre, Probability: 0.95}, {Predicted: pre, Probability: 0.6}, {Predicted: benign, Probability: 0.8}})
	if want := []int{2, 3, 0, 1}; !slices.Equal(s.Order, want) {
		t.Errorf("order %v, want %v", s.Order, want)
	}
	if j := s.Joint; j.With != 2 || j.Of != 4 || !strings.Contains(j.Sentence, "the pictures disagree. Benign and Pre-B are as frequent as each other, on 2 of 4 each (") {
		t.Errorf("got %+v", j)
	}
	three := Summarise(answers(2, 2, 1, 2, 0)).Joint
	if !strings.Contains(three.Sentence, "Benign, Early pre-B and Pro-B are as frequent as each other, on 2 of 7 each (") {
		t.Errorf("got %+v", three)
	}
}

func TestTheTallyOfCellsIsThatOfTheExplainedFields(t *testing.T) {
	tally := func(early, pre, neither int) *explain.Tally {
		return &explain.Tally{Cells: early + pre + neither, Classes: [4]int{0, early, pre, 0}, Neither: neither}
	}
	rows := answers(0, 0, 3, 0, 1)
	for i := range rows {
		rows[i].Cells = 20
	}
	rows[0].Tally, rows[1].Tally, rows[3].Tally = tally(0, 12, 2), tally(1, 3, 0), tally(9, 9, 9)
	c := Summarise(rows).Cells
	if c.Found != 60 || c.Pictures != 2 || c.Read != 18 || c.As != (Counts{Early: 1, Pre: 15}) || c.Neither != 2 {
		t.Errorf("got %+v", c)
	}
	if want := "Of 18 cells in 2 explained fields, each shown alone, 15 read as Pre-B, 1 as Early pre-B, 2 as neither class."; c.Sentence != want {
		t.Errorf("%s", c.Sentence)
	}
	rows[1].Tally, rows[0].Tally = nil, &explain.Tally{Cells: 1, Classes: [4]int{0, 0, 0, 1}}
	if s := Summarise(rows).Cells.Sentence; s != "Of 1 cell in 1 explained field, each shown alone, 1 reads as Pro-B." {
		t.Errorf("%s", s)
	}
}

// What the page adds to what classify says is all that a case knows of a picture.
func TestTheCaseSumsUpWhatThePageWould(t *testing.T) {
	d := sample(t)
	c, _ := assembled(t, d)
	var rows []Row
	for i := range c.Pictures {
		p := &c.Pictures[i]
		row := p.Answer.Row()
		row.Decision = p.Decision
		if p.Explained != nil {
			var e struct {
				Readings struct{ Tally *explain.Tally }
			}
			if err := json.Unmarshal(p.Explained, &e); err != nil {
				t.Fatal(err)
			}
			row.Tally = e.Readings.Tally
		}
		if r := p.Answer.Record; r.Predicted != nil && (*row.Fields.of(*r.Predicted) != 1 || row.Fields.sum() != 1 || row.Cells != r.Standardised.Cells || row.Probability < 0.5) {
			t.Errorf("%s: one field, of %s with %d cells, became %+v", p.File(), r.Predicted, r.Standardised.Cells, row)
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 600 {
			t.Errorf("a row has %d bytes; a summary of thousands is to be quick", len(text))
		}
		var back Row
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, back)
	}
	if s := Summarise(rows); !reflect.DeepEqual(*s, c.Summary) {
		t.Errorf("got %+v, want %+v", s, c.Summary)
	}
	if c.Summary.Assessed != 4 || c.Summary.Cells.Read == 0 || c.Summary.Reader.Agreement.Pictures != 2 || c.Summary.Reader.Agreement.Agreed != 1 {
		t.Errorf("got %+v", c.Summary)
	}
}

// thousands are the rows of a great case, as JSON.
func thousands(n int) []byte {
	rows := answers(n/20, n/20, n/2, n/20, n/10)
	for i := range rows {
		rows[i].Fields, rows[i].Cells = Counts{Pre: 3}, 40
		rows[i].Tally = &explain.Tally{Cells: 14, Classes: [4]int{0, 1, 12, 0}, Neither: 1}
		rows[i].Decision = &Decision{Class: class(model.Pre), Certainty: Certain, Note: "a note of a few words"}
	}
	text, err := json.Marshal(map[string]any{"rows": rows})
	if err != nil {
		panic(err)
	}
	return text
}

func BenchmarkSummariseTwoThousand(b *testing.B) {
	text := thousands(2700) // less what is rounded away: 2,025
	for b.Loop() {
		var asked struct{ Rows []Row }
		if err := json.Unmarshal(text, &asked); err != nil {
			b.Fatal(err)
		}
		if len(asked.Rows) < 2000 {
			b.Fatal(len(asked.Rows))
		}
		if _, err := json.Marshal(Summarise(asked.Rows)); err != nil {
			b.Fatal(err)
		}
	}
}

// A decision on a copy is one on the picture, where there is no other.
func TestADecisionOnACopyStandsInWhereThereIsNone(t *testing.T) {
	pre, pro := class(model.Pre), class(model.Pro)
	rows := []Row{
		{SHA256: "a", Predicted: pre},
		{SHA256: "a", Predicted: pre, Decision: &Decision{Class: pre, Blind: true}},
		{SHA256: "b", Predicted: pre, Decision: &Decision{Class: pro}},
		{SHA256: "b", Predicted: pre, Decision: &Decision{Class: pre}},
		{SHA256: "a", Predicted: pre, Decision: &Decision{Class: pro}},
	}
	r := Summarise(rows).Reader
	if r.Judged != 2 || r.Blind != 1 || r.Named != (Counts{Pre: 1, Pro: 1}) || r.Agreement.Pictures != 2 || r.Agreement.Agreed != 1 {
		t.Errorf("got %+v", r)
	}
	if rows[0].Decision != nil {
		t.Error("the rows were changed")
	}
}
