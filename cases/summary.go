package cases

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"allnet/model"
)

// Summary is what the pictures of a case say together. Pictures whose bytes came before are
// counted as copies and for nothing else; but where a picture has no decision, that of its first copy
// with one stands in.
type Summary struct {
	Pictures int `json:"pictures"`
	Copies   int `json:"copies"`
	// Assessed is how many have an answer, Answers which. Refused counts the others by
	// reason, the most frequent first.
	Assessed int       `json:"assessed"`
	Answers  Counts    `json:"answers"`
	Refused  []Refusal `json:"refused"`
	// Fields is what the fields of assessed pictures read as, each alone, where the network
	// reads fields; Divided how many pictures have fields of more than one class.
	Fields  Counts `json:"fields"`
	Divided int    `json:"divided"`
	Cells   Cells  `json:"cells"`
	Joint   Joint  `json:"joint"`
	Reader  Reader `json:"reader"`
	// Order is the rows' numbers, from 0, in the order in which to look at them: first those
	// of which reader and network name different classes, then those with another answer
	// than most or with fields that disagree, then the other answers, then what has none; of
	// each the least certain first.
	Order []int `json:"order"`
}

// Refusal counts the pictures without an answer for one reason.
type Refusal struct {
	Code     model.Code `json:"code"`
	Pictures int        `json:"pictures"`
}

// Cells counts cells of assessed pictures: Found all of them, Read those of explained fields, by
// what each reads as alone. Each explained picture has one explained field.
type Cells struct {
	Found    int    `json:"found"`
	Pictures int    `json:"pictures"`
	Read     int    `json:"read"`
	As       Counts `json:"as"`
	Neither  int    `json:"neither"`
	Sentence string `json:"sentence"`
}

// Verdict says whether the pictures name a class together.
type Verdict string

const (
	// Agreed: the interval of the leading class's share lies above one half.
	Agreed Verdict = "agreed"
	// NoAnswer: no picture has an answer.
	NoAnswer Verdict = "none"
	// MostlyRefused: more pictures were refused than have an answer, those not counted that
	// could not be read.
	MostlyRefused Verdict = "refused"
	// TooFew: all answers are the same, but there are too few of them.
	TooFew Verdict = "few"
	// Disagreed: there are different answers, and the interval reaches down to one half.
	Disagreed Verdict = "divided"
)

// Joint is what the pictures say together. It is a statement about what the network reads on
// this smear, not about the patient.
type Joint struct {
	Verdict Verdict `json:"verdict"`
	// Class is null unless the verdict is Agreed.
	Class *model.Class `json:"class"`
	// Leading is the most frequent answer, null where there is none, or several are as frequent
	// as each other; With of Of pictures have it, or each of these.
	Leading *model.Class `json:"leading"`
	With    int          `json:"with"`
	Of      int          `json:"of"`
	// Interval is the 95 % interval of its share in pictures of such a smear, with the
	// intra-slide Correlation that is assumed; Independent what it would be if pictures of
	// one smear told as much as pictures of different ones.
	Interval    [2]float64 `json:"interval"`
	Independent [2]float64 `json:"independent"`
	Correlation float64    `json:"correlation"`
	Sentence    string     `json:"sentence"`
}

// Reader is what the reader decided.
type Reader struct {
	// Judged is how many pictures have a decision, Blind how many of these were decided before
	// the answer was seen; Named counts those with a class, CannotTell the others.
	Judged     int    `json:"judged"`
	Blind      int    `json:"blind"`
	Named      Counts `json:"named"`
	CannotTell int    `json:"cannotTell"`
	// Agreement is that with the network over all decisions, BlindAgreement over those made
	// before the answer was seen: the former is flattered by what the answer suggested.
	Agreement      *Agreement `json:"agreement"`
	BlindAgreement *Agreement `json:"blindAgreement"`
}

// Summarise says what rows say together.
func Summarise(rows []Row) *Summary {
	s := &Summary{Pictures: len(rows), Refused: []Refusal{}}
	distinct := make([]Row, 0, len(rows))
	known := make(map[string]int, len(rows)) // places in distinct
	for _, r := range rows {
		if i, found := known[r.SHA256]; found && r.SHA256 != "" {
			s.Copies++
			if distinct[i].Decision == nil {
				distinct[i].Decision = r.Decision
			}
			continue
		}
		known[r.SHA256] = len(distinct)
		distinct = append(distinct, r)
	}
	refused := make(map[model.Code]int)
	for _, r := range distinct {
		if r.Predicted == nil {
			refused[r.Code]++
			continue
		}
		s.Assessed++
		*s.Answers.of(*r.Predicted)++
		for _, class := range model.Classes {
			*s.Fields.of(class) += *r.Fields.of(class)
		}
		if r.Fields.divided() {
			s.Divided++
		}
		s.Cells.add(&r)
	}
	s.Cells.Sentence = s.Cells.sentence()
	for code, n := range refused {
		s.Refused = append(s.Refused, Refusal{code, n})
	}
	slices.SortStableFunc(s.Refused, func(a, b Refusal) int {
		return cmp.Or(b.Pictures-a.Pictures, strings.Compare(string(a.Code), string(b.Code)))
	})
	s.Joint = jointOf(s.Answers, len(distinct)-s.Assessed-refused[model.Unreadable])
	s.Reader = readerOf(distinct)
	s.Order = orderOf(rows, s.Joint.Leading)
	return s
}

func (c *Cells) add(r *Row) {
	c.Found += r.Cells
	if t := r.Tally; t != nil {
		c.Pictures++
		c.Read += t.Cells
		c.Neither += t.Neither
		for _, class := range model.Classes {
			*c.As.of(class) += t.Classes[class]
		}
	}
}

// names are the classes' names as text has them.
var names = [...]string{"Benign", "Early pre-B", "Pre-B", "Pro-B"}

// sentence says what the cells read as, the most frequent class first.
func (c *Cells) sentence() string {
	if c.Pictures == 0 {
		return "No cell was asked what it reads as alone."
	}
	order := slices.Clone(model.Classes[:])
	slices.SortStableFunc(order, func(a, b model.Class) int { return *c.As.of(b) - *c.As.of(a) })
	var parts []string
	add := func(n int, as string) {
		verb := ""
		if len(parts) == 0 {
			if verb = "read "; n == 1 {
				verb = "reads "
			}
		}
		parts = append(parts, fmt.Sprintf("%d %sas %s", n, verb, as))
	}
	for _, class := range order {
		if n := *c.As.of(class); n > 0 {
			add(n, names[class])
		}
	}
	if c.Neither > 0 {
		add(c.Neither, "neither class")
	}
	if len(parts) == 0 {
		return "There are no cells."
	}
	return fmt.Sprintf("Of %s in %s, each shown alone, %s.", counted(c.Read, "cell"), counted(c.Pictures, "explained field"), strings.Join(parts, ", "))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// jointOf judges the answers; refused is how many pictures that could be read have none.
func jointOf(answers Counts, refused int) Joint {
	j := Joint{Of: answers.sum(), Interval: [2]float64{0, 1}, Independent: [2]float64{0, 1}, Correlation: Correlation}
	if j.Of == 0 {
		j.Verdict, j.Sentence = NoAnswer, "No picture has an answer, so there is none for all of them."
		return j
	}
	leading := answers.leading()
	j.With = *answers.of(leading)
	var most []string // names of the answers that are as frequent
	for _, class := range model.Classes {
		if *answers.of(class) == j.With {
			most = append(most, names[class])
		}
	}
	if len(most) == 1 {
		j.Leading = &leading
	}
	j.Interval, j.Independent = Interval(j.With, j.Of, Correlation), Interval(j.With, j.Of, 0)
	share := fmt.Sprintf("%s reads as %s on %d of %s with an answer (%s of such a smear's pictures, 95 %% interval, pictures of one slide not taken as independent)",
		"The smear", names[leading], j.With, counted(j.Of, "picture"), percents(j.Interval))
	switch {
	case refused > j.Of:
		j.Verdict = MostlyRefused
		j.Sentence = fmt.Sprintf("No reading for all: %d pictures were refused and %d have an answer.", refused, j.Of)
	case j.Interval[0] > 0.5:
		j.Verdict, j.Class = Agreed, &leading
		j.Sentence = share + "."
	case j.With == j.Of:
		j.Verdict = TooFew
		j.Sentence = fmt.Sprintf("No reading for all: there are too few answers, although all are %s (%d; %s).", names[leading], j.Of, percents(j.Interval))
	case j.Leading == nil:
		j.Verdict = Disagreed
		last := len(most) - 1
		j.Sentence = fmt.Sprintf("No reading for all: the pictures disagree. %s and %s are as frequent as each other, on %d of %d each (%s).", strings.Join(most[:last], ", "), most[last], j.With, j.Of, percents(j.Interval))
	default:
		j.Verdict = Disagreed
		j.Sentence = fmt.Sprintf("No reading for all: the pictures disagree. The most frequent answer is %s, on %d of %d (%s).", names[leading], j.With, j.Of, percents(j.Interval))
	}
	return j
}

// percents writes an interval so that it is not narrower than it is.
func percents(i [2]float64) string {
	low, high := int(100*i[0]), int(100*i[1])
	if float64(high) < 100*i[1] {
		high++
	}
	return fmt.Sprintf("%d to %d %%", low, high)
}

func readerOf(rows []Row) Reader {
	var r Reader
	for i := range rows {
		d := rows[i].Decision
		if d == nil {
			continue
		}
		r.Judged++
		if d.Blind {
			r.Blind++
		}
		if d.Class == nil {
			r.CannotTell++
		} else {
			*r.Named.of(*d.Class)++
		}
	}
	r.Agreement = agreementOf(rows, func(*Decision) bool { return true })
	r.BlindAgreement = agreementOf(rows, func(d *Decision) bool { return d.Blind })
	return r
}

// orderOf is Summary.Order.
func orderOf(rows []Row, leading *model.Class) []int {
	rank := func(r *Row) int {
		switch {
		case r.Predicted == nil:
			return 3
		case r.Decision != nil && r.Decision.Class != nil && *r.Decision.Class != *r.Predicted:
			return 0
		case leading != nil && *r.Predicted != *leading, r.Fields.divided():
			return 1
		}
		return 2
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(rank(&rows[a])-rank(&rows[b]), cmp.Compare(rows[a].Probability, rows[b].Probability))
	})
	return order
}
