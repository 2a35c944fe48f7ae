package cases

import (
	"context"
	"errors"

	"allnet/lime"
	"allnet/model"
	"allnet/model/engine"
	"allnet/model/explain"
)

// Explained is the explanation of one field of a picture. A case keeps it as the JSON that it
// was written as, so that what is added here needs no change there.
type Explained struct {
	Explanation *lime.Explanation `json:"explanation"`
	Evaluation  Evaluation        `json:"evaluation"`
	// Sentences are the warnings of each class, in words.
	Sentences [][]string `json:"sentences"`
	// Nuclei says for each class what its weights make of the stained nuclei.
	Nuclei []explain.Nuclei `json:"nuclei"`
	// Readings are what the cells read as, where they are the regions; else null.
	Readings *explain.Readings `json:"readings"`
	// Faithfulness is what came of putting the explanation to the test; Tested says it in words,
	// for each class the most telling sentence first.
	Faithfulness *explain.Faithfulness `json:"faithfulness"`
	Tested       [][]string            `json:"tested"`
	// Regions say which pixels of the field belong to which region.
	Regions *RegionMap `json:"regions"`
}

// Evaluation says how pictures with some regions hidden were evaluated. What that took of time
// and memory is no part of an explanation.
type Evaluation struct {
	Method engine.Method `json:"method"`
	// Reason is why the slower method was taken; empty for the other.
	Reason string `json:"reason"`
}

// Explain explains by a session and returns the label map beside it.
func Explain(ctx context.Context, session *explain.Session, settings lime.Settings, progress explain.Progress) (*Explained, *lime.Segmentation, error) {
	result, err := session.Explain(ctx, settings, progress)
	if err != nil {
		return nil, nil, err
	}
	e := &Explained{
		Explanation: result.Explanation, Evaluation: Evaluation{result.Evaluation.Method, result.Evaluation.Reason}, Nuclei: result.Nuclei,
		Sentences: make([][]string, len(result.Explanation.Classes)), Regions: NewRegionMap(result.Segmentation),
	}
	for i, class := range result.Explanation.Classes {
		e.Sentences[i] = []string{}
		for _, warning := range class.Warnings {
			e.Sentences[i] = append(e.Sentences[i], warning.Sentence())
		}
	}
	if settings.Regions == lime.RegionsCells {
		readings, err := session.Readings(ctx, explain.DefaultThreshold, progress)
		if err != nil {
			return nil, nil, err
		}
		e.Readings = readings.Readings
	}
	if e.Faithfulness, err = session.Faithfulness(ctx, result.Explanation, nil); err != nil { // a small part of it all
		return nil, nil, err
	}
	for _, class := range model.Classes {
		e.Tested = append(e.Tested, e.Faithfulness.Sentences(class, settings.Regions))
	}
	return e, result.Segmentation, nil
}

// JSON writes the explanation as a case keeps it.
func (e *Explained) JSON() ([]byte, error) { return marshal(e) }

// Explicable tells whether the shown field can be explained by settings: something of it was
// read, and where it is to be explained by its cells, there are some.
func (r *Reading) Explicable(s *lime.Settings) bool {
	return r.Answer.Logits != nil && r.Answer.Field != nil && (s.Regions != lime.RegionsCells || r.Answer.Regions != nil)
}

// Explainer returns the session that explains the shown field of a reading by a network.
func (r *Reading) Explainer(m *model.Model) (*explain.Session, error) {
	field := r.Shown()
	if field == nil || r.Answer.Logits == nil {
		return nil, errors.New("nothing of the picture was read, so there is nothing to explain")
	}
	if m.Reads() == model.Cells {
		return explain.NewCells(m, *field, r.Answer.Scale)
	}
	return explain.NewSession(m, field.Input), nil
}
