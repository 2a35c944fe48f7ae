// Package evaluation counts how often a model's answers are right, and how far
// their probabilities can be believed.
package evaluation

import (
	"math"

	"allnet/model"
)

// Summary is the outcome of an evaluation. Pictures without an answer count as
// errors: they are in N and in their class's support, but in no prediction.
type Summary struct {
	Accuracy float64 `json:"accuracy"`
	// Interval is the 95 % Wilson interval of Accuracy.
	Interval  [2]float64 `json:"interval"`
	N         int        `json:"n"`
	Correct   int        `json:"correct"`
	Abstained int        `json:"abstained"`
	// Reasons counts the pictures without an answer by why there is none.
	Reasons map[model.Code]int `json:"reasons"`
	// Confusion counts pictures: rows are true classes, columns predicted ones.
	Confusion   [len(model.Classes)][len(model.Classes)]int `json:"confusion"`
	Classes     [len(model.Classes)]ClassSummary            `json:"classes"`
	Calibration Reliability                                 `json:"calibration"`
	// Acceptance is a curve: how right the answers are when only the surer ones are
	// accepted.
	Acceptance []Acceptance `json:"acceptance"`
}

// ClassSummary is how one class fared. Precision or recall is 0 where nothing
// was predicted as, or belongs to, the class.
type ClassSummary struct {
	Class     model.Class `json:"class"`
	Precision float64     `json:"precision"`
	Recall    float64     `json:"recall"`
	F1        float64     `json:"f1"`
	Support   int         `json:"support"`
	// PrecisionInterval and RecallInterval are 95 % Wilson intervals.
	PrecisionInterval [2]float64 `json:"precisionInterval"`
	RecallInterval    [2]float64 `json:"recallInterval"`
}

// Summarise compares records with their labels; records without one are passed
// over.
func Summarise(records []model.Record) Summary {
	var confusion [len(model.Classes)][len(model.Classes)]int
	var unanswered [len(model.Classes)]int
	reasons := make(map[model.Code]int)
	for _, r := range records {
		switch {
		case r.Label == nil:
		case r.Predicted == nil:
			unanswered[*r.Label]++
			reasons[r.Code]++
		default:
			confusion[*r.Label][*r.Predicted]++
		}
	}
	s := count(confusion, unanswered)
	s.Reasons = reasons
	s.Calibration = reliabilityOf(records)
	s.Acceptance = accept(records, s.N)
	return s
}

// OfConfusion summarises what a confusion matrix tells (rows: true class): all but
// the calibration and the acceptance curve.
func OfConfusion(confusion [len(model.Classes)][len(model.Classes)]int) Summary {
	return count(confusion, [len(model.Classes)]int{})
}

func count(confusion [len(model.Classes)][len(model.Classes)]int, unanswered [len(model.Classes)]int) Summary {
	s := Summary{Confusion: confusion}
	for i, class := range model.Classes {
		s.Abstained += unanswered[i]
		right, support, predicted := confusion[i][i], unanswered[i], 0
		for j := range model.Classes {
			support += confusion[i][j]
			predicted += confusion[j][i]
		}
		s.N += support
		s.Correct += right
		c := ClassSummary{Class: class, Precision: share(right, predicted), Recall: share(right, support), Support: support}
		c.PrecisionInterval[0], c.PrecisionInterval[1] = Wilson(right, predicted)
		c.RecallInterval[0], c.RecallInterval[1] = Wilson(right, support)
		if sum := c.Precision + c.Recall; sum > 0 {
			c.F1 = 2 * c.Precision * c.Recall / sum
		}
		s.Classes[i] = c
	}
	s.Accuracy = share(s.Correct, s.N)
	s.Interval[0], s.Interval[1] = Wilson(s.Correct, s.N)
	return s
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// Wilson returns the 95 % score interval of a proportion of which count of n were
// observed (Wilson 1927, J. Am. Stat. Assoc. 22:209); 0 and 1 where n is 0.
func Wilson(count, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959963984540054 // 97.5 % quantile of the normal distribution
	total, p := float64(n), float64(count)/float64(n)
	scale := 1 + z*z/total
	centre := (p + z*z/(2*total)) / scale
	half := z / scale * math.Sqrt(p*(1-p)/total+z*z/(4*total*total))
	return max(0, centre-half), min(1, centre+half)
}
