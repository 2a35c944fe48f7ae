package stress

import (
	"context"
	"math/rand/v2"
	"slices"

	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
	"allnet/model/nuclei"
)

// EvidenceRow says how much of the weight of explanations lies on nuclei, for the
// most probable class. A network that looks anywhere alike has a Share of about Even.
type EvidenceRow struct {
	// Method is "LIME" or "Shapley", Mask "segmentation" (the nuclei of the data set's
	// own masks, which miss many pale ones) or "stained cells" (see nuclei.Stained).
	Method string `json:"method"`
	Mask   string `json:"mask"`
	// N counts the pictures that the figures are about. LeftOut counts those left out,
	// because the mask holds no nucleus or no weight is positive.
	N       int `json:"n"`
	LeftOut int `json:"leftOut"`
	// Share is the mean share of positive weight on nuclei, Area the mean share of the
	// picture that they cover, Even the mean share that equal weights of all
	// superpixels would put there. (Superpixels are smaller where there is detail.)
	Share Estimate `json:"share"`
	Area  Estimate `json:"area"`
	Even  Estimate `json:"even"`
	// Ratio is Share over Area, MedianRatio the median of the pictures' own ratios. Even
	// weights have a ratio above 1, so neither says how much more than chance Share is.
	Ratio       Estimate `json:"ratio"`
	MedianRatio Estimate `json:"medianRatio"`
}

// Estimate is a figure with its 95 % interval by the bootstrap over pictures
// (percentiles of 2,000 resamples).
type Estimate struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
}

// evidence is where the weight of one explanation lies, as shares in [0,1].
type evidence struct{ share, area, even float64 }

// weigh returns where the positive weights [superpixels] lie, each spread evenly over
// its superpixel. ok is false where no pixel is marked or no weight is positive.
func weigh(seg *lime.Segmentation, weights []float64, nuclei []bool) (e evidence, ok bool) {
	area, inside := make([]float64, seg.Count), make([]float64, seg.Count)
	marked := 0.0
	for i, label := range seg.Labels {
		area[label]++
		if nuclei[i] {
			inside[label]++
			marked++
		}
	}
	positive := 0.0
	for s, w := range weights {
		w = max(0, w)
		positive += w
		e.share += w * inside[s] / area[s]
		e.even += inside[s] / area[s] / float64(seg.Count)
	}
	if marked == 0 || positive == 0 {
		return evidence{}, false
	}
	e.share /= positive
	e.area = marked / float64(len(nuclei))
	return e, true
}

// masks of evidence, with their names.
type namedMask struct {
	name   string
	pixels []bool
}

func (p *Picture) evidenceMasks() []namedMask {
	stained := namedMask{"stained cells", nuclei.Stained(p.RGB)}
	if p.Nuclei == nil {
		return []namedMask{stained}
	}
	return []namedMask{{"segmentation", p.Nuclei}, stained}
}

// finding is the evidence of one picture under one method and mask; ok is false
// where there is none.
type finding struct {
	method, mask string
	evidence
	ok bool
}

// explained explains the answer for one picture by both methods.
func explained(ctx context.Context, m *model.Model, p *Picture) ([]finding, error) {
	in, err := input(p.RGB)
	if err != nil {
		return nil, err
	}
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		return nil, err
	}
	settings := lime.DefaultPreset().Settings
	session := explain.NewSession(m, in)
	first, err := session.Explain(ctx, settings, nil)
	if err != nil {
		return nil, err
	}
	second, err := session.Shapley(ctx, settings.ShapleySettings(lime.DefaultPermutations), nil)
	if err != nil {
		return nil, err
	}
	var findings []finding
	for _, mask := range p.evidenceMasks() {
		for _, method := range []struct {
			name    string
			weights []float64
		}{
			{"LIME", first.Explanation.Classes[answer.Predicted].Coefficients},
			{"Shapley", second.Shapley.Classes[answer.Predicted].Values},
		} {
			e, ok := weigh(first.Segmentation, method.weights, mask.pixels)
			findings = append(findings, finding{method.name, mask.name, e, ok})
		}
	}
	return findings, nil
}

// evidenceRows summarises the findings, [pictures][methods and masks].
func evidenceRows(pictures [][]finding) []EvidenceRow {
	if len(pictures) == 0 {
		return nil
	}
	var rows []EvidenceRow
	for k, f := range pictures[0] {
		var found []evidence
		for _, p := range pictures {
			if p[k].ok {
				found = append(found, p[k].evidence)
			}
		}
		r := EvidenceRow{Method: f.method, Mask: f.mask, N: len(found), LeftOut: len(pictures) - len(found)}
		if len(found) > 0 {
			share, area, even := func(e evidence) float64 { return e.share }, func(e evidence) float64 { return e.area }, func(e evidence) float64 { return e.even }
			r.Share = estimate(found, func(s []evidence) float64 { return mean(s, share) })
			r.Area = estimate(found, func(s []evidence) float64 { return mean(s, area) })
			r.Even = estimate(found, func(s []evidence) float64 { return mean(s, even) })
			r.Ratio = estimate(found, func(s []evidence) float64 { return mean(s, share) / mean(s, area) })
			r.MedianRatio = estimate(found, medianRatio)
		}
		rows = append(rows, r)
	}
	return rows
}

func mean(list []evidence, of func(evidence) float64) float64 {
	sum := 0.0
	for _, e := range list {
		sum += of(e)
	}
	return sum / float64(len(list))
}

func medianRatio(list []evidence) float64 {
	ratios := make([]float64, len(list))
	for i, e := range list {
		ratios[i] = e.share / e.area
	}
	slices.Sort(ratios)
	n := len(ratios)
	return (ratios[(n-1)/2] + ratios[n/2]) / 2
}

// estimate adds the bootstrap interval to a statistic of at least one item.
func estimate[T any](items []T, statistic func([]T) float64) Estimate {
	const resamples = 2000
	random := rand.New(rand.NewPCG(1, 1))
	values := make([]float64, resamples)
	sample := make([]T, len(items))
	for i := range values {
		for k := range sample {
			sample[k] = items[random.IntN(len(items))]
		}
		values[i] = statistic(sample)
	}
	slices.Sort(values)
	return Estimate{statistic(items), [2]float64{values[resamples/40], values[resamples-1-resamples/40]}}
}
