package stress

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"

	"allnet/lime"
	"allnet/model"
	"allnet/model/explain"
	"allnet/model/nuclei"
	"allnet/model/picture"
	"allnet/model/standard"
)

// EvidenceRow says how much of the weight of explanations lies on nuclei, for the
// most probable class. A network that looks anywhere alike has a Share of about Even.
// Regions are superpixels, or, of a network that reads cells, these cells.
type EvidenceRow struct {
	// Method is "LIME" or "Shapley", Mask one of SegmentationMask, StainedMask and
	// FoundMask.
	Method string `json:"method"`
	Mask   string `json:"mask"`
	// N counts the pictures that the figures are about. LeftOut counts those left out,
	// because the mask holds no nucleus or no weight is positive.
	N       int `json:"n"`
	LeftOut int `json:"leftOut"`
	// Share is the mean share of positive weight on nuclei, Area the mean share of the
	// picture that they cover, Even the mean share that equal weights of all
	// regions would put there. (Superpixels are smaller where there is detail.)
	Share Estimate `json:"share"`
	Area  Estimate `json:"area"`
	Even  Estimate `json:"even"`
	// Ratio is Share over Area, MedianRatio the median of the pictures' own ratios. Even
	// weights have a ratio above 1, so neither says how much more than chance Share is.
	Ratio       Estimate `json:"ratio"`
	MedianRatio Estimate `json:"medianRatio"`
	// Cells counts the cells that speak for the answer; of a network that reads cells alone.
	Cells *CellEvidence `json:"cells,omitempty"`
}

// Masks of evidence. The first two owe nothing to the finder of the cells that a network
// reads, so that a nucleus that is none is seen as that.
const (
	// SegmentationMask is the nuclei of the data set's own masks, which miss many pale ones.
	SegmentationMask = "segmentation"
	// StainedMask is what nuclei.Stained finds.
	StainedMask = "stained cells"
	// FoundMask is the cells, nucleus and rim, that a network which reads cells is given: all
	// of the weight of such a network lies there by construction.
	FoundMask = "found cells"
)

// CellEvidence says of cells of positive weight whether they are cells by the mask, too.
type CellEvidence struct {
	// Positive counts them in all pictures; of Marked the mask covers at least half of the
	// nucleus. Share is that of all, Weight the mean share of a picture's positive weight that
	// is theirs.
	Positive int      `json:"positive"`
	Marked   int      `json:"marked"`
	Share    Estimate `json:"share"`
	Weight   Estimate `json:"weight"`
}

// Estimate is a figure with its 95 % interval by the bootstrap over pictures
// (percentiles of 2,000 resamples).
type Estimate struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
}

// evidence is where the weight of one explanation lies, as shares in [0,1].
type evidence struct{ share, area, even float64 }

// weighing adds up where the positive weights of a picture's regions lie, of which there are so
// many.
type weighing struct {
	regions            int
	positive, on, even float64
}

// add adds regions whose positive weights [regions] are each spread evenly over their region
// and count so many times; marked are pixels of the regions' picture.
func (w *weighing) add(seg *lime.Segmentation, weights []float64, marked []bool, times float64) {
	area, inside := make([]float64, seg.Count), make([]float64, seg.Count)
	for i, label := range seg.Labels {
		if label == lime.NoRegion {
			continue
		}
		area[label]++
		if marked[i] {
			inside[label]++
		}
	}
	for s, v := range weights {
		v = max(0, v) * times
		w.positive += v
		w.on += v * inside[s] / area[s]
		w.even += inside[s] / area[s] / float64(w.regions)
	}
}

// of is the evidence on a mask of the whole picture; ok is false where no pixel is marked or
// no weight is positive.
func (w *weighing) of(mask []bool) (e evidence, ok bool) {
	marked := 0.0
	for _, set := range mask {
		if set {
			marked++
		}
	}
	if marked == 0 || w.positive == 0 {
		return evidence{}, false
	}
	return evidence{w.on / w.positive, marked / float64(len(mask)), w.even}, true
}

// weigh returns where the positive weights [superpixels] lie.
func weigh(seg *lime.Segmentation, weights []float64, nuclei []bool) (e evidence, ok bool) {
	w := weighing{regions: seg.Count}
	w.add(seg, weights, nuclei, 1)
	return w.of(nuclei)
}

// masks of evidence, with their names.
type namedMask struct {
	name   string
	pixels []bool
}

// evidenceMasks are those of a picture; found is the picture made ready for a network that
// reads cells.
func (p *Picture) evidenceMasks(found *model.Specimen) []namedMask {
	masks := []namedMask{{StainedMask, nuclei.Stained(p.RGB)}, {FoundMask, foundIn(found)}}
	if p.Nuclei == nil {
		return masks
	}
	return append([]namedMask{{SegmentationMask, p.Nuclei}}, masks...)
}

// foundIn marks the cells of a specimen, nuclei and rims, in its picture.
func foundIn(s *model.Specimen) []bool {
	mask := make([]bool, side*side)
	for i := range mask {
		for _, f := range s.Fields {
			x, y := int((float64(i%side-f.Source.Min.X)+0.5)*s.Standard.Scale), int((float64(i/side-f.Source.Min.Y)+0.5)*s.Standard.Scale)
			if i%side < f.Source.Min.X || i/side < f.Source.Min.Y || x >= side || y >= side {
				continue
			}
			mask[i] = mask[i] || f.Cells.Labels[y*side+x] > 0
		}
	}
	return mask
}

// inField is a mask of a picture in the pixels of a field; beyond the picture nothing is marked.
func inField(mask []bool, f *model.Field, scale float64) []bool {
	out := make([]bool, side*side)
	for i := range out {
		x, y := f.Source.Min.X+int((float64(i%side)+0.5)/scale), f.Source.Min.Y+int((float64(i/side)+0.5)/scale)
		out[i] = x < side && y < side && mask[y*side+x]
	}
	return out
}

// finding is the evidence of one picture under one method and mask; ok is false
// where there is none.
type finding struct {
	method, mask string
	evidence
	ok bool
	// positive counts the cells of positive weight, marked those of them that the mask
	// marks, and weight is the share of the positive weight that is theirs, of a network that
	// reads cells.
	positive, marked int
	weight           float64
}

var methods = [...]string{"LIME", "Shapley"}

// explained explains the answer for one picture by both methods.
func explained(ctx context.Context, m *model.Model, p *Picture) ([]finding, error) {
	whole := &picture.Picture{Width: side, Height: side, Pix: p.RGB}
	found, err := m.ReadingCells().Prepare(whole, model.Options{})
	if err != nil && !errors.As(err, new(model.Unassessable)) && !errors.As(err, new(*standard.TooSmall)) {
		return nil, err
	}
	if err != nil {
		found = new(model.Specimen) // in which no cell can be found
	}
	masks := p.evidenceMasks(found)
	if m.Reads() == model.Cells {
		return explainedByCells(ctx, m, found, masks)
	}
	in, err := input(p.RGB)
	if err != nil {
		return nil, err
	}
	answer, err := m.NewSession().Classify(in)
	if err != nil {
		return nil, err
	}
	session := explain.NewSession(m, in)
	seg, weights, err := weightsOf(ctx, session, lime.DefaultPreset().Settings, answer.Predicted)
	if err != nil {
		return nil, err
	}
	var findings []finding
	for _, mask := range masks {
		for k, method := range methods {
			e, ok := weigh(seg, weights[k], mask.pixels)
			findings = append(findings, finding{method: method, mask: mask.name, evidence: e, ok: ok})
		}
	}
	return findings, nil
}

// weightsOf are the regions' weights for a class, by each of methods.
func weightsOf(ctx context.Context, session *explain.Session, settings lime.Settings, class model.Class) (seg *lime.Segmentation, weights [len(methods)][]float64, err error) {
	first, err := session.Explain(ctx, settings, nil)
	if err != nil {
		return nil, weights, err
	}
	second, err := session.Shapley(ctx, settings.ShapleySettings(lime.DefaultPermutations), nil)
	if err != nil {
		return nil, weights, err
	}
	return first.Segmentation, [...][]float64{first.Explanation.Classes[class].Coefficients, second.Shapley.Classes[class].Values}, nil
}

// explainedByCells is explained for a network that reads cells: they are the regions, and those
// of each field count as much as the field does in the answer.
func explainedByCells(ctx context.Context, m *model.Model, specimen *model.Specimen, masks []namedMask) ([]finding, error) {
	var findings []finding
	for _, mask := range masks {
		for _, method := range methods {
			findings = append(findings, finding{method: method, mask: mask.name})
		}
	}
	if specimen.Count() == 0 {
		return findings, nil
	}
	answer, err := m.NewSession().Read(specimen)
	if err != nil {
		return nil, err
	}
	sums := slices.Repeat([]weighing{{regions: specimen.Count()}}, len(findings))
	for i := range specimen.Fields {
		f := &specimen.Fields[i]
		if len(f.Cells.List) == 0 {
			continue
		}
		session, err := explain.NewCells(m, *f, answer.Scale)
		if err != nil {
			return nil, err
		}
		seg, weights, err := weightsOf(ctx, session, lime.CellsPreset(), answer.Predicted)
		if err != nil {
			return nil, err
		}
		for k := range findings {
			mask, weight := masks[k/len(methods)], weights[k%len(methods)]
			inside := inField(mask.pixels, f, specimen.Standard.Scale)
			if mask.name == FoundMask { // itself, not scaled to the picture and back
				inside = make([]bool, side*side)
				for pixel, label := range f.Cells.Labels {
					inside[pixel] = label > 0
				}
			}
			sums[k].add(seg, weight, inside, answer.Fields[i].Weight)
			nucleus := make([]int, len(f.Cells.List))
			for pixel, set := range inside {
				if set && f.Cells.Nucleus[pixel] {
					nucleus[f.Cells.Labels[pixel]-1]++
				}
			}
			for cell, w := range weight {
				if w > 0 {
					findings[k].positive++
					if 2*nucleus[cell] >= f.Cells.List[cell].NucleusArea {
						findings[k].marked++
						findings[k].weight += w * answer.Fields[i].Weight
					}
				}
			}
		}
	}
	for k := range findings {
		if findings[k].evidence, findings[k].ok = sums[k].of(masks[k/len(methods)].pixels); findings[k].ok {
			findings[k].weight /= sums[k].positive
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
		var cells []finding
		for _, p := range pictures {
			if p[k].ok {
				found = append(found, p[k].evidence)
				if p[k].positive > 0 {
					cells = append(cells, p[k])
				}
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
		if len(cells) > 0 {
			r.Cells = &CellEvidence{Share: estimate(cells, markedShare), Weight: estimate(cells, func(s []finding) float64 {
				sum := 0.0
				for _, f := range s {
					sum += f.weight
				}
				return sum / float64(len(s))
			})}
			for _, c := range cells {
				r.Cells.Positive, r.Cells.Marked = r.Cells.Positive+c.positive, r.Cells.Marked+c.marked
			}
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

// markedShare is the share of the cells of positive weight of all pictures that are marked.
func markedShare(list []finding) float64 {
	positive, marked := 0, 0
	for _, f := range list {
		positive, marked = positive+f.positive, marked+f.marked
	}
	return float64(marked) / float64(positive)
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
