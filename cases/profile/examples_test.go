package profile

import (
	"reflect"
	"strings"
	"testing"

	"allnet/cases"
	"allnet/model"
)

func picture(sha string, d *cases.Decision) cases.Picture {
	return cases.Picture{Decision: d, Answer: cases.Answer{Network: "cells", Logits: []float32{1, 2, 3, 4}, Scale: 0.5, Source: cases.Source{SHA256: sha}}}
}

func TestExamplesAreWhatTheReaderNamedAndOneNetworkRead(t *testing.T) {
	pre := model.Pre
	c := &cases.Case{Label: "7", Pictures: []cases.Picture{
		picture("a", &cases.Decision{Class: &pre, Certainty: cases.Certain}),
		picture("a", &cases.Decision{Class: &pre}), // a copy
		picture("b", &cases.Decision{Class: &pre, Certainty: cases.Doubtful}),
		picture("c", &cases.Decision{}),
		picture("d", nil),
		{Decision: &cases.Decision{Class: &pre}, Answer: cases.Answer{Network: "cells"}}, // not read
		picture("e", &cases.Decision{Class: &pre}),
	}}
	told := &model.Choices{Diameter: 90}
	c.Pictures[6].Answer.Choices = told
	got, of, err := Examples([]*cases.Case{c})
	want := Example{Logits: [classes]float64{0.5, 1, 1.5, 2}, Class: model.Pre, Slide: "7"}
	other := want
	other.Choices = told
	if err != nil || of.Name != "cells" || !reflect.DeepEqual(got, []Example{want, other}) {
		t.Errorf("got %+v of %+v, %v", got, of, err)
	}
	c.Pictures[6].Answer.Network = "article"
	if _, _, err := Examples([]*cases.Case{c}); err == nil {
		t.Error("pictures of two networks make one profile")
	}
}

// Which case is named first must not matter: neither for what a case without a label is called, nor
// for which of several readings of one picture counts.
func TestExamplesAreTheSameInWhateverOrderCasesCome(t *testing.T) {
	pre := &cases.Decision{Class: new(model.Class)}
	*pre.Class = model.Pre
	cropped := picture("c", pre)
	cropped.Answer.Logits = []float32{4, 3, 2, 1}
	all := []*cases.Case{
		{Pictures: []cases.Picture{picture("d", pre), picture("b", nil), picture("e", pre)}},
		{Pictures: []cases.Picture{picture("c", pre), picture("f", pre)}},
		{Pictures: []cases.Picture{cropped, picture("g", pre)}},
		{Label: "7", Pictures: []cases.Picture{picture("d", pre)}},
	}
	want, _, err := Examples(all)
	if err != nil {
		t.Fatal(err)
	}
	slides := make(map[string]int)
	for _, e := range want {
		slides[e.Slide]++
	}
	if !reflect.DeepEqual(slides, map[string]int{"7": 2, " c": 3}) {
		t.Errorf("slides %v", slides)
	}
	for i := range all {
		turned := append(append([]*cases.Case(nil), all[i:]...), all[:i]...)
		if got, _, err := Examples(turned); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("from case %d on: %+v, %v; want %+v", i, got, err, want)
		}
	}
}

func TestAPictureThatWasJudgedDifferentlyIsRefused(t *testing.T) {
	pre, pro := model.Pre, model.Pro
	all := []*cases.Case{
		{Pictures: []cases.Picture{picture("a", &cases.Decision{Class: &pre}), picture("b", &cases.Decision{Class: &pro})}},
		{Pictures: []cases.Picture{picture("a", &cases.Decision{Class: &pro})}},
	}
	all[0].Pictures[0].Answer.Record.File, all[1].Pictures[0].Answer.Record.File = "1.png", "2.png"
	for range 2 {
		if _, _, err := Examples(all); err == nil || !strings.Contains(err.Error(), "one picture was judged as Pre and as Pro (1.png and 2.png have the same bytes); expected one class") {
			t.Errorf("got %v", err)
		}
		all[0], all[1] = all[1], all[0]
	}
	all[0].Pictures[0].Decision.Certainty = cases.Doubtful // that decides nothing
	if got, _, err := Examples(all); err != nil || len(got) != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Pictures of which the bytes could not be had are no copies of each other.
func TestPicturesWithoutBytesAreNoCopies(t *testing.T) {
	pre := model.Pre
	p := picture("", &cases.Decision{Class: &pre})
	if got, _, err := Examples([]*cases.Case{{Pictures: []cases.Picture{p, p, p}}}); err != nil || len(got) != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// One smear must not count as two slides because it was saved twice: under another label, or under none.
func TestCasesThatShareAPictureAreOneSlide(t *testing.T) {
	pre := model.Pre
	d := &cases.Decision{Class: &pre}
	all := []*cases.Case{
		{Label: "9", Pictures: []cases.Picture{picture("a", d), picture("b", nil)}},
		{Label: "8", Pictures: []cases.Picture{picture("c", d), picture("d", nil)}},
		{Pictures: []cases.Picture{picture("d", nil), picture("b", nil), picture("e", d)}}, // joins the two above
		{Label: "7", Pictures: []cases.Picture{picture("f", d), picture("", d)}},
		{Pictures: []cases.Picture{picture("", d), picture("g", d)}}, // unknown bytes join nothing
	}
	for range all {
		got, _, err := Examples(all)
		slides := make(map[string]int)
		for _, e := range got {
			slides[e.Slide]++
		}
		if err != nil || !reflect.DeepEqual(slides, map[string]int{"8": 3, "7": 2, " g": 2}) {
			t.Errorf("slides %v, %v", slides, err)
		}
		all = append(all[1:], all[0])
	}
}
