package card

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"path"
	"slices"
	"strings"

	"allnet/lab/evaluation"
	"allnet/model"
)

// Run is one training and how it ended, as lab/train/train.py wrote it.
type Run struct {
	// Protocol names the split, Network the recipe: see protocols and networks.
	Protocol string `json:"protocol"`
	Network  string `json:"network"`
	// Recipe names the settings that train.py began with.
	Recipe  string `json:"recipe"`
	Filters []int  `json:"filters"`
	Seed    int    `json:"seed"`
	// Epochs counts all epochs, CropEpochs the first of them, on parts of the
	// pictures.
	Epochs     int      `json:"epochs"`
	CropEpochs int      `json:"crop_epochs"`
	Augment    string   `json:"augment"`
	Split      string   `json:"split_sha256"`
	Classes    []string `json:"classes"`
	// Confusion counts the test side after the last epoch: rows are true classes.
	Confusion [len(model.Classes)][len(model.Classes)]int `json:"confusion"`
	TrainN    int                                         `json:"train_n"`
	TestN     int                                         `json:"test_n"`
	Correct   int                                         `json:"correct"`
	// Answers are the test side's pictures: the true class, and the network's
	// probabilities without any calibration.
	Answers [][1 + len(model.Classes)]float64 `json:"answers"`
	History []Epoch                           `json:"history"`
	Seconds float64                           `json:"seconds"`
	// Start is the training whose weights this one began with, nil where it began
	// with random ones.
	Start   *Start `json:"start"`
	Command string `json:"command"`
}

// Start is an earlier training of the same network on the same split.
type Start struct {
	// Finished counts its epochs.
	Finished int     `json:"finished"`
	Seconds  float64 `json:"seconds"`
}

// epochs counts those of the training and of the one that it began with.
func (r *Run) epochs() int {
	if r.Start == nil {
		return r.Epochs
	}
	return r.Epochs + r.Start.Finished
}

// minutes is how long they took.
func (r *Run) minutes() float64 {
	if r.Start == nil {
		return r.Seconds / 60
	}
	return (r.Seconds + r.Start.Seconds) / 60
}

// Epoch is one epoch of a training; losses are mean cross-entropies. The test side
// is not measured after every epoch.
type Epoch struct {
	Epoch         int      `json:"epoch"`
	TrainLoss     float64  `json:"train_loss"`
	TrainAccuracy float64  `json:"train_accuracy"`
	TestLoss      *float64 `json:"test_loss"`
	TestAccuracy  *float64 `json:"test_accuracy"`
	Seconds       float64  `json:"seconds"`
}

// kind is a word of the result files and what it is called in the documents.
type kind struct {
	name, title string
	// about says more, in a sentence.
	about string
}

// protocols are the ways to divide the pictures (dataset.MakeProtocols), from the
// most to the least flattering.
var protocols = []kind{
	{"article-unaugmented", "as the article, unaugmented", "All pictures shuffled, 80:20; near-duplicates of training pictures may be among the test pictures."},
	{"article-augmented", "as the article, augmented", "Benign grown by altered copies first, then shuffled, 80:20: a copy of a training picture may be a test picture. This is the article's headline figure."},
	{honest, "split first", "80:20 of each class with near-duplicates kept together; only training pictures are augmented. Test pictures still come from the same slides."},
	{block, "blocks", "Each class in the order of its file numbers, cut into five stretches, one of which is tested: the nearest that these data come to slides never seen before."},
}

// honest is the protocol of the shipped split.
const honest = "honest"

// block is the protocol whose folds are named block-0 … block-4 in the files.
const block = "block"

// networks are what was trained.
var networks = []kind{
	{"article", "article's network, 32/64/128 filters", "The article's network, taught as the article taught it, in less time: nothing keeps it from answering by the colour of the background, and the figures below show how far it does."},
	{"article-wide", "article's network, 64/128/256 filters", "The article's network with the widths of its text."},
	{"robust", "ours, whole pictures", "This project's network that reads whole pictures. In training the stain, the light, the focus and the background of the pictures were changed at random and the scale bar was painted over, so that these tell it less and the cells have to tell it more; and it was shown pictures without cells and pictures of other things, of which it must not be sure."},
	{"cells", "ours, cells alone", "This project's network that reads cells. The picture is brought to one magnification, one light and one stain, stained cells are found in it, and all else becomes one constant, in training and in use: background, red cells and scale bar cannot carry the answer, unless they are taken for cells. In training cells were hidden and added, stain, light, focus and magnification were changed at random, fields were shown as simulated other laboratories would have taken them, healthy white cells of two other laboratories were shown as benign, and of pictures without recognisable cells it must not be sure."},
}

// fold splits the name of a protocol's fold.
func (r *Run) fold() (protocol, fold string) {
	if name, fold, found := strings.Cut(r.Protocol, "-"); found && name == block {
		return name, fold
	}
	return r.Protocol, ""
}

func loadRuns(results fs.FS) ([]*Run, error) {
	files, err := fs.Glob(results, "runs/*.json")
	if err != nil {
		return nil, err
	}
	var runs []*Run
	for _, name := range files {
		r := new(Run)
		if err := readJSON(results, name, r); err != nil {
			return nil, err
		}
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if want := fmt.Sprintf("%s-%s-s%d.json", r.Protocol, r.Network, r.Seed); path.Base(name) != want {
			return nil, fmt.Errorf("%s holds what belongs into %s", name, want)
		}
		for _, other := range runs {
			if other.Protocol == r.Protocol && other.Split != r.Split {
				return nil, fmt.Errorf("%s is about another split than %s-%s-s%d.json; expected one split for all runs of %s", name, other.Protocol, other.Network, other.Seed, r.Protocol)
			}
		}
		runs = append(runs, r)
	}
	slices.SortStableFunc(runs, func(a, b *Run) int {
		pa, fa := a.fold()
		pb, fb := b.fold()
		return cmp.Or(cmp.Compare(place(protocols, pa), place(protocols, pb)), cmp.Compare(pa, pb),
			cmp.Compare(place(networks, a.Network), place(networks, b.Network)), cmp.Compare(a.Network, b.Network),
			cmp.Compare(fa, fb), cmp.Compare(a.Seed, b.Seed))
	})
	return runs, nil
}

// place is the index of a name in a list; unknown names come last.
func place(list []kind, name string) int {
	if i := slices.IndexFunc(list, func(k kind) bool { return k.name == name }); i >= 0 {
		return i
	}
	return len(list)
}

// title is what a name is called; an unknown name stands for itself.
func title(list []kind, name string) string {
	if i := place(list, name); i < len(list) {
		return list[i].title
	}
	return name
}

// check finds figures that contradict each other.
func (r *Run) check() error {
	names := make([]string, len(model.Classes))
	for i, class := range model.Classes {
		names[i] = class.String()
	}
	s := evaluation.OfConfusion(r.Confusion)
	switch {
	case !slices.Equal(r.Classes, names):
		return fmt.Errorf("the classes are %q; expected %q", r.Classes, names)
	case s.N != r.TestN || s.Correct != r.Correct || s.N == 0:
		return fmt.Errorf("the confusion matrix has %d of %d right, the file says %d of %d", s.Correct, s.N, r.Correct, r.TestN)
	case r.Start != nil && r.Start.Finished <= 0:
		return fmt.Errorf("the training that it began with has %d epochs; expected at least one", r.Start.Finished)
	case slices.ContainsFunc(r.Answers, func(a [1 + len(model.Classes)]float64) bool {
		return !(a[0] >= 0 && a[0] < float64(len(model.Classes)))
	}):
		return fmt.Errorf("a class is out of range in the answers; expected classes 0 to %d", len(model.Classes)-1)
	case evaluation.Summarise(r.records()).Confusion != r.Confusion:
		return fmt.Errorf("the confusion matrix is not that of the %d answers", len(r.Answers))
	case len(r.History) != r.Epochs:
		return fmt.Errorf("the history has %d epochs; expected %d", len(r.History), r.Epochs)
	}
	return nil
}

// records are the answers as the evaluation takes them.
func (r *Run) records() []model.Record {
	var records []model.Record
	for _, answer := range r.Answers {
		label, predicted, p := model.Class(answer[0]), model.Class(0), answer[1:]
		for class, v := range p {
			if v > p[predicted] {
				predicted = model.Class(class)
			}
		}
		records = append(records, model.Record{Label: &label, Predicted: &predicted, Probabilities: &model.Probabilities{Benign: p[0], Early: p[1], Pre: p[2], Pro: p[3]}})
	}
	return records
}

// outcome is what the runs of one network under one protocol came to. The folds
// of one seed, whose test pictures differ, are added up; the seeds are not, for
// they are tested on the same pictures.
type outcome struct {
	seeds []int
	folds []string
	// summaries has one entry for each seed.
	summaries []evaluation.Summary
	// together is of the answers of all seeds and folds.
	together evaluation.Summary
	runs     []*Run
}

// outcomes gathers the runs of a network under a protocol; it is nil where there
// are none.
func outcomes(runs []*Run, protocol, network string) *outcome {
	o := new(outcome)
	sums := make(map[int]*[len(model.Classes)][len(model.Classes)]int)
	for _, r := range runs {
		name, fold := r.fold()
		if name != protocol || r.Network != network {
			continue
		}
		o.runs = append(o.runs, r)
		if sums[r.Seed] == nil {
			sums[r.Seed] = new([len(model.Classes)][len(model.Classes)]int)
			o.seeds = append(o.seeds, r.Seed)
		}
		if fold != "" && !slices.Contains(o.folds, fold) {
			o.folds = append(o.folds, fold)
		}
		for i, row := range r.Confusion {
			for j, n := range row {
				sums[r.Seed][i][j] += n
			}
		}
	}
	if len(o.runs) == 0 {
		return nil
	}
	var records []model.Record
	for _, r := range o.runs {
		records = append(records, r.records()...)
	}
	o.together = evaluation.Summarise(records)
	slices.Sort(o.seeds)
	slices.Sort(o.folds)
	for _, seed := range o.seeds {
		o.summaries = append(o.summaries, evaluation.OfConfusion(*sums[seed]))
	}
	return o
}

// accuracy is the mean over the seeds, with the interval that the mean count
// would have on one seed's test pictures.
func (o *outcome) accuracy() (mean float64, interval [2]float64) {
	correct, n := 0, 0
	for _, s := range o.summaries {
		correct += s.Correct
		n += s.N
	}
	seeds := float64(len(o.summaries))
	interval[0], interval[1] = evaluation.Wilson(int(math.Round(float64(correct)/seeds)), int(math.Round(float64(n)/seeds)))
	return float64(correct) / float64(n), interval
}

// class is the mean over the seeds of one class's figures.
func (o *outcome) class(i int) (precision, recall, f1 float64) {
	for _, s := range o.summaries {
		n := float64(len(o.summaries))
		precision += s.Classes[i].Precision / n
		recall += s.Classes[i].Recall / n
		f1 += s.Classes[i].F1 / n
	}
	return precision, recall, f1
}

func readJSON(files fs.FS, name string, into any) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
