package cases

import (
	"allnet/model"
	"allnet/model/explain"
)

// Row is what a summary needs to know of a picture: little enough that a summary of thousands
// is there before anybody waits for it.
type Row struct {
	SHA256 string `json:"sha256"`
	// Predicted is null where there is no answer; Code then names the reason. Probability is
	// that of Predicted, else 0.
	Predicted   *model.Class `json:"predicted"`
	Probability float64      `json:"probability"`
	Code        model.Code   `json:"code,omitempty"`
	// Fields counts the fields of a picture with an answer by their own most probable class;
	// none where the network reads whole pictures. Cells is the number of cells found.
	Fields Counts `json:"fields,omitzero"`
	Cells  int    `json:"cells"`
	// Tally counts what the cells of the explained field read as alone; nil where that was
	// not asked.
	Tally    *explain.Tally `json:"tally,omitempty"`
	Decision *Decision      `json:"decision,omitempty"`
}

// Counts are numbers of anything of each class.
type Counts struct{ Benign, Early, Pre, Pro int }

// of is the number of a class.
func (c *Counts) of(class model.Class) *int {
	return [...]*int{&c.Benign, &c.Early, &c.Pre, &c.Pro}[class]
}

func (c *Counts) sum() int { return c.Benign + c.Early + c.Pre + c.Pro }

// leading is the class with the greatest number, the first of several.
func (c *Counts) leading() model.Class {
	leading := model.Benign
	for _, class := range model.Classes {
		if *c.of(class) > *c.of(leading) {
			leading = class
		}
	}
	return leading
}

// divided tells whether there is more than one class.
func (c *Counts) divided() bool { return c.sum() > *c.of(c.leading()) }

// likeliest is the most probable class, the first of several, and its probability.
func likeliest(p *model.Probabilities) (model.Class, float64) {
	all := [...]float64{p.Benign, p.Early, p.Pre, p.Pro}
	best := model.Benign
	for _, class := range model.Classes {
		if all[class] > all[best] {
			best = class
		}
	}
	return best, all[best]
}

// Row is the answer in short, before it is explained and judged.
func (a *Answer) Row() Row {
	r := Row{SHA256: a.Source.SHA256, Predicted: a.Record.Predicted, Code: a.Record.Code}
	if p := a.Record.Probabilities; p != nil {
		_, r.Probability = likeliest(p)
	}
	if s := a.Record.Standardised; s != nil {
		r.Cells = s.Cells
		for _, f := range s.Fields {
			if f.Probabilities != nil {
				class, _ := likeliest(f.Probabilities)
				*r.Fields.of(class)++
			}
		}
	}
	return r
}

// row is the picture in short; b is its explanation in short or nil.
func (p *Picture) row(b *brief) Row {
	r := p.Answer.Row()
	r.Decision = p.Decision
	if b != nil {
		r.Tally = b.tally
	}
	return r
}
