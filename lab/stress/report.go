package stress

import (
	"allnet/lab/evaluation"
	"allnet/model"
)

// File is what one model did under all tests, as `allnet stress -json` writes it.
type File struct {
	evaluation.Origin
	// Masks says whether there was a segmentation of the nuclei.
	Masks bool `json:"masks"`

	// Unchanged is the row of the pictures as they are.
	Unchanged Row `json:"unchanged"`
	// Changes has a row for each change, in the order of Changes.
	Changes []Row `json:"changes"`
	// Foreign has a row for each folder of foreign pictures and for each of Kinds.
	Foreign []ForeignRow `json:"foreign"`
	// Evidence has a row for each method and mask; none where no picture was to be
	// explained.
	Evidence []EvidenceRow `json:"evidence,omitempty"`
}

// Counts is what became of some pictures. The decision on a picture is a class or
// that it cannot be assessed.
type Counts struct {
	N int `json:"n"`
	// Abstained counts the pictures that could not be assessed, Reasons why.
	Abstained int                `json:"abstained"`
	Reasons   map[model.Code]int `json:"reasons,omitempty"`
	// Top is the mean top probability over all pictures that the network saw, whether or
	// not it then gave an answer. It is calibrated where the model is.
	Top float64 `json:"top"`
	// Unsure counts the pictures that were not assessed or whose top probability was
	// below Confident.
	Unsure int `json:"unsure"`
}

// Confident is the top probability below which a model has lost its confidence.
const Confident = 0.6

// Row is what became of pictures that were changed in one way.
type Row struct {
	Family   Family   `json:"family"`
	Variant  string   `json:"variant,omitempty"`
	Strength Strength `json:"strength"`
	Detail   string   `json:"detail"`
	Counts
	// Correct counts right answers; what could not be assessed is none. Accuracy is
	// their share and Interval its 95 % Wilson interval.
	Correct  int        `json:"correct"`
	Accuracy float64    `json:"accuracy"`
	Interval [2]float64 `json:"interval"`
	// Nearest counts the pictures whose most probable class is the right one, whether
	// or not it was given as an answer.
	Nearest int `json:"nearest"`
	// Changed counts the pictures on which the decision is another than on the unchanged
	// picture, and Withheld those among them that can no longer be assessed. Flipped counts
	// the pictures whose most probable class became another one, given as an answer or not.
	Changed  int `json:"changed"`
	Withheld int `json:"withheld"`
	Flipped  int `json:"flipped"`
}

// ForeignRow is what became of foreign pictures.
type ForeignRow struct {
	// Name is that of the kind or of the folder.
	Name   string `json:"name"`
	Detail string `json:"detail"`
	// Use is empty for a folder.
	Use Use `json:"use,omitempty"`
	Counts
	// Interval is the 95 % Wilson interval of the share that was not assessed.
	Interval [2]float64 `json:"interval"`
}

// outcome is what became of one picture.
type outcome struct {
	// seen is false where the picture did not reach the network.
	seen      bool
	predicted model.Class
	top       float64
	abstained bool
	code      model.Code
}

// differs tells whether the decisions differ.
func (o outcome) differs(p outcome) bool {
	return o.abstained != p.abstained || (!o.abstained && o.predicted != p.predicted)
}

func count(outcomes []outcome) Counts {
	c := Counts{N: len(outcomes)}
	seen := 0
	for _, o := range outcomes {
		if o.abstained {
			c.Abstained++
			if c.Reasons == nil {
				c.Reasons = make(map[model.Code]int)
			}
			c.Reasons[o.code]++
		}
		if o.abstained || o.top < Confident {
			c.Unsure++
		}
		if o.seen {
			seen++
			c.Top += o.top
		}
	}
	c.Top /= float64(max(1, seen))
	return c
}

// newRow counts the outcomes of pictures with these labels; unchanged are those of
// the same pictures as they are.
func newRow(c Change, labels []model.Class, outcomes, unchanged []outcome) Row {
	r := Row{Family: c.Family, Variant: c.Variant, Strength: c.Strength, Detail: c.Detail, Counts: count(outcomes)}
	for i, o := range outcomes {
		if o.seen && o.predicted == labels[i] {
			r.Nearest++
			if !o.abstained {
				r.Correct++
			}
		}
		if o.differs(unchanged[i]) {
			r.Changed++
			if o.abstained {
				r.Withheld++
			}
		}
		if o.seen && unchanged[i].seen && o.predicted != unchanged[i].predicted {
			r.Flipped++
		}
	}
	r.Accuracy = float64(r.Correct) / float64(max(1, r.N))
	r.Interval[0], r.Interval[1] = evaluation.Wilson(r.Correct, r.N)
	return r
}

func newForeignRow(name, detail string, use Use, outcomes []outcome) ForeignRow {
	r := ForeignRow{Name: name, Detail: detail, Use: use, Counts: count(outcomes)}
	r.Interval[0], r.Interval[1] = evaluation.Wilson(r.Abstained, r.N)
	return r
}
