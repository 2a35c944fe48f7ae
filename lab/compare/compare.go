// Package compare judges classifiers side by side: networks from ONNX files of any
// maker, and forests that see nothing but a picture's colours or its scale bar. It
// is the article's Table 6, under splits that keep what is judged apart from what
// was learned.
package compare

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
	"allnet/model/picture"
)

// File is what `allnet compare -json` writes.
type File struct {
	// Command is what was called, with DIR for the folder of pictures.
	Command string `json:"command"`
	// Go is the release of Go that ran it, and Platform the system and processor.
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Sides are those of the splits' sides on which the classifiers were judged.
	Sides   []dataset.Side `json:"sides"`
	Columns []Column       `json:"columns"`
	// Shifts are the changes of the pictures that were tried, the first none.
	Shifts []string `json:"shifts"`
	Rows   []Row    `json:"rows"`
	// Published are the article's own figures, on its own split and pictures.
	Published []Published `json:"published"`
}

// Column is a split, or several whose judged pictures are counted together.
type Column struct {
	Name string `json:"name"`
	// Splits are the SHA-256 of the split files.
	Splits []string `json:"splits"`
}

// Kind tells what a row is.
type Kind string

// A network comes from an ONNX file; a forest was grown here, on the training side
// of each split.
const (
	OfNetwork Kind = "network"
	OfForest  Kind = "forest"
)

// Row is one classifier.
type Row struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
	// Sees is what a forest is given of a picture.
	Sees string `json:"sees,omitempty"`
	// Models are the SHA-256 of a network's ONNX files.
	Models []string `json:"models,omitempty"`
	// Parameters are a network's learned numbers, and MultiplyAdds those of one
	// picture; 0 where they are not known, and for forests.
	Parameters   int64 `json:"parameters,omitempty"`
	MultiplyAdds int64 `json:"multiplyAdds,omitempty"`
	// Milliseconds is the median time for one picture on one core, decoding
	// excluded; RunBy tells what ran it, since the times of unlike programs say
	// little about the networks.
	Milliseconds float64 `json:"milliseconds"`
	RunBy        string  `json:"runBy"`
	// Results are by column and shift; columns on which the classifier was not judged
	// are missing.
	Results []Result `json:"results"`
}

// Result is how often a classifier was right.
type Result struct {
	Column string `json:"column"`
	Shift  string `json:"shift"`
	// TrainingKnown is set where the classifier learned from the column's training
	// side and nothing else; otherwise it may have seen what it is judged on.
	TrainingKnown bool    `json:"trainingKnown"`
	N             int     `json:"n"`
	Correct       int     `json:"correct"`
	Accuracy      float64 `json:"accuracy"`
	// Interval is the 95 % Wilson interval of Accuracy.
	Interval [2]float64 `json:"interval"`
}

// Published is a figure of the article.
type Published struct {
	Name     string  `json:"name"`
	Accuracy float64 `json:"accuracy"`
}

// Table6 is the article's Table 6: accuracies on its augmented data, 80:20 after
// augmentation.
var Table6 = []Published{
	{"EfficientNet", 0.2822}, {"MobileNetV3", 0.5015}, {"VGG-19", 0.9632}, {"Xception", 0.9670}, {"InceptionV3", 0.9693},
	{"ResNet50V2", 0.9785}, {"VGG-16", 0.9801}, {"NASNetLarge", 0.9816}, {"DenseNet201", 0.9985}, {"ALL-Net", 0.9932},
}

// Split is a split file to judge by.
type Split struct {
	// Column is the name of the column in which its pictures are counted.
	Column string
	// SHA256 is that of the file.
	SHA256 string
	// Train are the pictures that forests learn from, Judged those that everything is
	// judged on.
	Train, Judged []dataset.Item
}

// Shift is a change of a picture, [model.Side][model.Side][3], that leaves what the
// picture shows as it is. Apply returns new pixels; it gives the same for the same
// picture, which file names.
type Shift struct {
	Name  string
	Apply func(file string, rgb []uint8) ([]uint8, error)
}

// Options of Run.
type Options struct {
	Splits   []Split
	Networks []*Network
	// Shifts are tried besides the pictures as they are.
	Shifts []Shift
	// Seed is that of the forests.
	Seed uint64
	// Progress, where set, is told how many pictures of a stage are done.
	Progress func(stage string, done, total int)
}

// Unshifted is the name of the pictures as they are.
const Unshifted = "none"

// entrant is a classifier on the splits on which it is judged.
type entrant struct {
	row string
	// splits are indices of Options.Splits; known is Result.TrainingKnown.
	splits []int
	known  bool
	// classify is given what answers of one picture have in common.
	classify func(p *sight) (model.Class, error)
}

// sight is a picture as the classifiers look at it.
type sight struct {
	rgb      []uint8
	tensor   []float32
	features [][]float32
}

func see(rgb []uint8) *sight {
	s := &sight{rgb: rgb, tensor: make([]float32, len(rgb))}
	for i, v := range rgb {
		s.tensor[i] = model.Levels[v]
	}
	for _, f := range features {
		s.features = append(s.features, f.of(rgb))
	}
	return s
}

// Run judges the networks and the forests on all splits, with the pictures of dir,
// and returns the results; what the caller knows (command, sides) is left empty. A
// picture that cannot be read is an error: leaving it out would change what the
// splits' hashes stand for.
func Run(ctx context.Context, dir string, o Options) (*File, error) {
	if err := checkSplits(o); err != nil {
		return nil, err
	}
	entrants, err := growForests(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	for _, n := range o.Networks {
		e := entrant{row: n.Name, known: n.TrainedOn != "", classify: n.classify}
		for i, s := range o.Splits {
			if n.TrainedOn == "" || n.TrainedOn == s.SHA256 {
				e.splits = append(e.splits, i)
			}
		}
		entrants = append(entrants, e)
	}
	shifts := append([]Shift{{Unshifted, func(_ string, rgb []uint8) ([]uint8, error) { return rgb, nil }}}, o.Shifts...)
	counts, example, err := judge(ctx, dir, o, entrants, shifts)
	if err != nil {
		return nil, err
	}
	file := &File{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Published: Table6}
	for _, s := range o.Splits {
		i := slices.IndexFunc(file.Columns, func(c Column) bool { return c.Name == s.Column })
		if i < 0 {
			i = len(file.Columns)
			file.Columns = append(file.Columns, Column{Name: s.Column})
		}
		file.Columns[i].Splits = append(file.Columns[i].Splits, s.SHA256)
	}
	for _, s := range shifts {
		file.Shifts = append(file.Shifts, s.Name)
	}
	if file.Rows, err = rows(ctx, o, entrants, example); err != nil {
		return nil, err
	}
	for i := range file.Rows {
		row := &file.Rows[i]
		for _, column := range file.Columns {
			for _, shift := range file.Shifts {
				if r, ok := gather(o, entrants, counts, row.Name, column.Name, shift); ok {
					row.Results = append(row.Results, r)
				}
			}
		}
	}
	return file, nil
}

// checkSplits refuses what would make a picture count twice for a classifier, and
// networks that would be judged nowhere.
func checkSplits(o Options) error {
	if len(o.Splits) == 0 {
		return fmt.Errorf("there is no split to judge by; expected at least one")
	}
	type place struct{ column, file string }
	seen := make(map[place]bool)
	for _, s := range o.Splits {
		if len(s.Train) == 0 || len(s.Judged) == 0 {
			return fmt.Errorf("a split of %s has %d pictures to learn from and %d to judge by; expected some of both", s.Column, len(s.Train), len(s.Judged))
		}
		for _, item := range s.Judged {
			if seen[place{s.Column, item.File}] {
				return fmt.Errorf("%s would be counted twice in %s; expected splits whose judged pictures differ, or another name for one of them", item.File, s.Column)
			}
			seen[place{s.Column, item.File}] = true
		}
	}
	for i, n := range o.Networks {
		for _, other := range o.Networks[:i] {
			if n.Name == other.Name && (n.TrainedOn == other.TrainedOn || n.TrainedOn == "" || other.TrainedOn == "") {
				return fmt.Errorf("two networks called %s would be judged on the same pictures; expected another name for one of them, or other splits that they were trained on", n.Name)
			}
		}
		if n.TrainedOn != "" && !slices.ContainsFunc(o.Splits, func(s Split) bool { return s.SHA256 == n.TrainedOn }) {
			return fmt.Errorf("%s was trained on a split that is not among those to judge by", n.Name)
		}
		if slices.ContainsFunc(features, func(f feature) bool { return f.name == n.Name }) {
			return fmt.Errorf("a network is called %q, as one of the forests is; expected another name", n.Name)
		}
	}
	return nil
}

// growForests grows the forest of each feature on each split.
func growForests(ctx context.Context, dir string, o Options) ([]entrant, error) {
	var items []dataset.Item
	at := make(map[string]int) // of a file in items
	for _, s := range o.Splits {
		for _, item := range s.Train {
			if _, listed := at[item.File]; !listed {
				at[item.File] = len(items)
				items = append(items, item)
			}
		}
	}
	samples := make([][][]float32, len(features)) // by feature and item
	for f := range samples {
		samples[f] = make([][]float32, len(items))
	}
	err := forEach(ctx, dir, items, o.progress("reading"), func(i int, in *model.Input) error {
		for f := range features {
			samples[f][i] = features[f].of(in.RGB)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var entrants []entrant
	for f := range features {
		for s, split := range o.Splits {
			var learned [][]float32
			var labels []model.Class
			for _, item := range split.Train {
				learned, labels = append(learned, samples[f][at[item.File]]), append(labels, item.Label)
			}
			forest, err := growForest(ctx, learned, labels, o.Seed)
			if err != nil {
				return nil, err
			}
			entrants = append(entrants, entrant{row: features[f].name, splits: []int{s}, known: true, classify: func(p *sight) (model.Class, error) {
				return forest.predict(p.features[f]), nil
			}})
			o.progress("growing forests")(f*len(o.Splits)+s+1, len(features)*len(o.Splits))
		}
	}
	return entrants, nil
}

func (o *Options) progress(stage string) func(done, total int) {
	return func(done, total int) {
		if o.Progress != nil {
			o.Progress(stage, done, total)
		}
	}
}

// forEach calls use for every item's picture, from several goroutines. The first
// picture that cannot be read, and the first error of use, end it.
func forEach(ctx context.Context, dir string, items []dataset.Item, progress func(done, total int), use func(i int, in *model.Input) error) error {
	within, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex
	done := 0
	err := dataset.ForEach(within, dir, items, func(i int, p *picture.Picture, err error) {
		var in *model.Input
		if err == nil {
			in, err = model.Preprocess(p)
		}
		if err == nil {
			err = use(i, in)
		}
		if err != nil {
			stop(fmt.Errorf("%s: %w", items[i].File, err))
			return
		}
		mu.Lock()
		defer mu.Unlock()
		done++
		progress(done, len(items))
	})
	if err != nil && ctx.Err() == nil {
		err = context.Cause(within)
	}
	return err
}

// count is of one entrant on one split under one shift.
type count struct{ correct, n int }

// judge lets every entrant classify every picture of its splits under every shift.
// counts are by entrant, split and shift; example is one of the pictures.
func judge(ctx context.Context, dir string, o Options, entrants []entrant, shifts []Shift) (counts [][][]count, example *sight, err error) {
	var items []dataset.Item
	in := make(map[dataset.Item]map[int]bool) // the splits that a picture is judged in
	for s, split := range o.Splits {
		for _, item := range split.Judged {
			if in[item] == nil {
				in[item] = make(map[int]bool)
				items = append(items, item)
			}
			in[item][s] = true
		}
	}
	counts = make([][][]count, len(entrants))
	for e := range counts {
		counts[e] = make([][]count, len(o.Splits))
		for s := range counts[e] {
			counts[e][s] = make([]count, len(shifts))
		}
	}
	var mu sync.Mutex
	err = forEach(ctx, dir, items, o.progress("judging"), func(i int, input *model.Input) error {
		item := items[i]
		for k, shift := range shifts {
			rgb, err := shift.Apply(item.File, input.RGB)
			if err != nil {
				return err
			}
			picture := see(rgb)
			for e, entrant := range entrants {
				wanted := slices.DeleteFunc(slices.Clone(entrant.splits), func(s int) bool { return !in[item][s] })
				if len(wanted) == 0 {
					continue
				}
				class, err := entrant.classify(picture)
				if err != nil {
					return fmt.Errorf("%s: %w", entrant.row, err)
				}
				mu.Lock()
				for _, s := range wanted {
					counts[e][s][k].n++
					if class == item.Label {
						counts[e][s][k].correct++
					}
				}
				mu.Unlock()
			}
			mu.Lock()
			if example == nil {
				example = picture
			}
			mu.Unlock()
		}
		return ctx.Err()
	})
	return counts, example, err
}

// gather adds up what one row reached in one column; ok is false where it was not
// judged there.
func gather(o Options, entrants []entrant, counts [][][]count, row, column, shift string) (r Result, ok bool) {
	k := 1 + slices.IndexFunc(o.Shifts, func(s Shift) bool { return s.Name == shift })
	r = Result{Column: column, Shift: shift, TrainingKnown: true}
	for e, entrant := range entrants {
		if entrant.row != row {
			continue
		}
		for s, split := range o.Splits {
			if c := counts[e][s][k]; split.Column == column && c.n > 0 {
				r.N += c.n
				r.Correct += c.correct
				r.TrainingKnown = r.TrainingKnown && entrant.known
			}
		}
	}
	if r.N == 0 {
		return r, false
	}
	r.Accuracy = float64(r.Correct) / float64(r.N)
	r.Interval[0], r.Interval[1] = evaluation.Wilson(r.Correct, r.N)
	return r, true
}

// rows describes every classifier once, networks first, and measures its time.
func rows(ctx context.Context, o Options, entrants []entrant, example *sight) (rows []Row, err error) {
	for _, n := range o.Networks {
		i := slices.IndexFunc(rows, func(r Row) bool { return r.Name == n.Name })
		if i < 0 {
			i = len(rows)
			rows = append(rows, Row{Name: n.Name, Kind: OfNetwork, Parameters: n.parameters, MultiplyAdds: n.multiplyAdds, RunBy: n.runBy})
		}
		if r := &rows[i]; r.Parameters != n.parameters || r.MultiplyAdds != n.multiplyAdds {
			return nil, fmt.Errorf("the files of %s have %d and %d parameters; expected the same network, or another name for one of them", n.Name, r.Parameters, n.parameters)
		}
		rows[i].Models = append(rows[i].Models, n.SHA256)
	}
	for _, f := range features {
		rows = append(rows, Row{Name: f.name, Kind: OfForest, Sees: f.meaning, RunBy: "forest"})
	}
	for i := range rows {
		first := slices.IndexFunc(entrants, func(e entrant) bool { return e.row == rows[i].Name })
		if rows[i].Milliseconds, err = milliseconds(ctx, entrants[first], example); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// milliseconds is the median time of classifying the picture from its pixels.
func milliseconds(ctx context.Context, e entrant, example *sight) (float64, error) {
	var times []time.Duration
	for range 5 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		start := time.Now()
		p := example
		if f := slices.IndexFunc(features, func(f feature) bool { return f.name == e.row }); f >= 0 {
			p = &sight{features: make([][]float32, len(features))}
			p.features[f] = features[f].of(example.rgb)
		}
		if _, err := e.classify(p); err != nil {
			return 0, err
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	return float64(times[len(times)/2].Microseconds()) / 1000, nil
}
