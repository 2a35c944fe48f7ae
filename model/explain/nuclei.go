package explain

import (
	"fmt"

	"allnet/lime"
	"allnet/model"
	"allnet/model/nuclei"
)

// Nuclei says what the weights for one class make of the stained nuclei, as the rule of
// colour in package nuclei finds them. A weight is spread evenly over its region.
type Nuclei struct {
	Class model.Class `json:"class"`
	// Shown is how many regions are outlined, those that speak most for the class;
	// Holding how many of them hold a stained nucleus.
	Shown   int `json:"shown"`
	Holding int `json:"holding"`
	// For and Against are the sums of the positive and of the negative weight that lies
	// on stained nuclei, of all regions; their sum is what the nuclei weigh together.
	For     float64 `json:"for"`
	Against float64 `json:"against"`
	// Found is how many of all regions hold a stained nucleus.
	Found int `json:"found"`
}

// Weight is what the nuclei weigh together: positive where they speak for the class.
func (n *Nuclei) Weight() float64 { return n.For + n.Against }

// Sentences says it in English. A network that is described well is not for that reason
// one that looks at cells.
func (n *Nuclei) Sentences() string {
	switch {
	case n.Found == 0:
		return "No stained nucleus was found in the picture (by colour)."
	case n.Shown == 0:
		return fmt.Sprintf("Together, the stained nuclei (found by colour) weigh %+.3g.", n.Weight())
	}
	holding := fmt.Sprintf("%d of the %d regions shown hold", n.Holding, n.Shown)
	switch {
	case n.Holding == 0 && n.Shown == 1:
		holding = "The one region shown does not hold"
	case n.Holding == 0:
		holding = fmt.Sprintf("None of the %d regions shown holds", n.Shown)
	case n.Holding == 1 && n.Shown == 1:
		holding = "The one region shown holds"
	case n.Holding == 1:
		holding = fmt.Sprintf("1 of the %d regions shown holds", n.Shown)
	}
	return fmt.Sprintf("%s a stained nucleus (found by colour). Together, the nuclei weigh %+.3g.", holding, n.Weight())
}

// Region is a superpixel with its weight and with what it holds of stained nuclei.
type Region struct {
	lime.Region
	// Stained is its number of stained pixels, Nucleus whether it holds a stained
	// nucleus.
	Stained int  `json:"stained"`
	Nucleus bool `json:"nucleus"`
}

// OnNuclei says what regions hold of stained nuclei.
func OnNuclei(in *model.Input, seg *lime.Segmentation, regions []lime.Region) []Region {
	stained := nuclei.Within(nuclei.Stained(in.RGB), seg.Labels, seg.Count)
	all := make([]Region, 0, len(regions))
	for _, r := range regions {
		all = append(all, Region{r, stained[r.Superpixel], nuclei.Holds(stained[r.Superpixel], r.Area)})
	}
	return all
}

// nucleiOf says for every class what its weights make of the stained pixels.
func nucleiOf(marked []bool, seg *lime.Segmentation, e *lime.Explanation) []Nuclei {
	stained := nuclei.Within(marked, seg.Labels, seg.Count)
	areas := make([]int, seg.Count)
	for _, label := range seg.Labels {
		if int(label) < seg.Count {
			areas[label]++
		}
	}
	all := make([]Nuclei, 0, len(e.Classes))
	for _, c := range e.Classes {
		n := Nuclei{Class: model.Class(c.Class)}
		for _, s := range c.Order {
			w, holds := c.Coefficients[s], nuclei.Holds(stained[s], areas[s])
			if holds {
				n.Found++
			}
			if w > 0 && n.Shown < e.Settings.Features {
				n.Shown++
				if holds {
					n.Holding++
				}
			}
			on := w * float64(stained[s]) / float64(areas[s])
			n.For += max(0, on)
			n.Against += min(0, on)
		}
		all = append(all, n)
	}
	return all
}
