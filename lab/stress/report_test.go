package stress

import (
	"testing"

	"allnet/model"
)

func TestARowCountsWhatBecameOfEachPicture(t *testing.T) {
	given := func(class model.Class, top float64) outcome { return outcome{seen: true, predicted: class, top: top} }
	withheld := func(class model.Class, top float64) outcome {
		return outcome{seen: true, predicted: class, top: top, abstained: true, code: model.Close}
	}
	labels := []model.Class{model.Pre, model.Pre, model.Pro, model.Pro, model.Early}
	unchanged := []outcome{given(model.Pre, 1), given(model.Pre, 1), given(model.Pro, 1), withheld(model.Pro, 0.4), given(model.Early, 1)}
	changed := []outcome{given(model.Pre, 0.9), given(model.Pro, 0.5), withheld(model.Pro, 0.5), withheld(model.Early, 0.5), refused}
	r := newRow(Stain.Changes()[0], labels, changed, unchanged)
	if r.N != 5 || r.Correct != 1 || r.Abstained != 3 || r.Unsure != 4 || r.Nearest != 2 {
		t.Errorf("got %+v", r)
	}
	// The last picture's most probable class is not known.
	if r.Changed != 3 || r.Withheld != 2 || r.Flipped != 2 {
		t.Errorf("%d changed, %d of them withheld, and %d flipped, want 3, 2 and 2", r.Changed, r.Withheld, r.Flipped)
	}
	if r.Reasons[model.Close] != 2 || r.Reasons[model.Unreadable] != 1 || len(r.Reasons) != 2 {
		t.Errorf("reasons %v", r.Reasons)
	}
	near(t, "mean top probability", r.Top, 0.6, 1e-12) // of the four that were seen
	near(t, "accuracy", r.Accuracy, 0.2, 1e-12)
	// Wilson's interval of 1 of 5, as published tables have it.
	near(t, "lower end", r.Interval[0], 0.0362, 1e-4)
	near(t, "upper end", r.Interval[1], 0.6245, 1e-4)
	f := newForeignRow("noise", "", Fit, changed)
	if f.N != 5 || f.Abstained != 3 {
		t.Errorf("got %+v", f)
	}
	near(t, "lower end", f.Interval[0], 0.2307, 1e-4)
	near(t, "upper end", f.Interval[1], 0.8824, 1e-4)
}
