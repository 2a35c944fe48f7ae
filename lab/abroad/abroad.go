// Package abroad asks a network about pictures of other laboratories: our own as a camera of
// another laboratory would have taken them, at its magnification; smears of other laboratories
// without malignant cells; and cuts of these that are to be refused. What is at hand
// holds no lymphoblast of another laboratory, so that one is only simulated.
package abroad

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/lab/fields"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/picture"
	"allnet/model/standard"
)

// Plan says what is to be asked.
type Plan struct {
	Model *model.Model
	// Dir holds the labelled Items.
	Dir   string
	Items []dataset.Item
	// Foreign are folders of smears of other laboratories without malignant cells. Only the
	// second half of each, by name, is used: networks learn from the first.
	Foreign []string
}

// File is what `allnet abroad -json` writes.
type File struct {
	evaluation.Origin
	Sets []Row `json:"sets"`
	// Ranks tell how well sets with malignant cells are told from sets without, refused
	// pictures included.
	Ranks []Rank `json:"ranks"`
}

// Row tells what became of one set of pictures.
type Row struct {
	Set      string     `json:"set"`
	Detail   string     `json:"detail"`
	N        int        `json:"n"`
	Answered int        `json:"answered"`
	Interval [2]float64 `json:"answeredInterval"`
	// Side counts the answered whose answer is on the right side of malignant and benign,
	// Class those with the right class, Malignant those that are called malignant.
	Side         int                `json:"rightSide"`
	SideInterval [2]float64         `json:"rightSideInterval"`
	Class        int                `json:"rightClass"`
	Malignant    int                `json:"malignant"`
	Refused      map[model.Code]int `json:"refused"`
}

// Rank is the area under the receiver operating characteristic of the logit of malignant
// against benign.
type Rank struct {
	Malignant string  `json:"malignant"`
	Benign    string  `json:"benign"`
	AUROC     float64 `json:"auroc"`
}

// set is a kind of pictures.
type set struct {
	name, detail string
	n            int
	// make gives picture i with its class; where known is false it has none of the four.
	make func(i int) (p *picture.Picture, class model.Class, err error)
	// malignant, benign say for which ranks its pictures count.
	cells bool
}

// outcome is the answer for one picture.
type outcome struct {
	class     model.Class // the true one
	abstained bool
	code      model.Code
	predicted model.Class
	seen      bool
	score     float64
}

// Measure does what plan says; progress is told how far each set is.
func Measure(ctx context.Context, plan Plan, progress func(stage string, done, total int)) (*File, error) {
	sets, err := plan.sets()
	if err != nil {
		return nil, err
	}
	f := new(File)
	malignant, benign := make(map[string][]float64), make(map[string][]float64)
	for _, s := range sets {
		outcomes := make([]outcome, s.n)
		errs := make([]error, s.n)
		var wait sync.WaitGroup
		var mu sync.Mutex
		done := 0
		running := make(chan *model.Session, runtime.GOMAXPROCS(0))
		for range cap(running) {
			running <- plan.Model.NewSession()
		}
		for i := range s.n {
			session := <-running
			wait.Go(func() {
				defer func() { running <- session }()
				if errs[i] = ctx.Err(); errs[i] == nil {
					outcomes[i], errs[i] = s.ask(session, i)
				}
				mu.Lock()
				defer mu.Unlock()
				done++
				progress(s.name, done, s.n)
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		f.Sets = append(f.Sets, s.row(outcomes))
		for _, o := range outcomes {
			switch {
			case !o.seen || !s.cells:
			case o.class == model.Benign:
				benign[s.name] = append(benign[s.name], o.score)
			default:
				malignant[s.name] = append(malignant[s.name], o.score)
			}
		}
	}
	for _, m := range sets {
		for _, b := range sets {
			if len(malignant[m.name]) > 0 && len(benign[b.name]) > 0 {
				f.Ranks = append(f.Ranks, Rank{m.name, b.name, auroc(malignant[m.name], benign[b.name])})
			}
		}
	}
	return f, nil
}

func (s *set) ask(session *model.Session, i int) (outcome, error) {
	p, class, err := s.make(i)
	if err != nil {
		return outcome{}, err
	}
	o := outcome{class: class}
	specimen, err := session.Model().Prepare(p, model.Options{})
	switch {
	case errors.As(err, new(*standard.TooSmall)):
		o.abstained, o.code = true, model.TooSmall
		return o, nil
	case errors.As(err, new(model.Unassessable)):
		o.abstained, o.code = true, model.Unreadable
		return o, nil
	case err != nil:
		return o, err
	}
	r, err := session.Read(specimen)
	if err != nil {
		return o, err
	}
	o.abstained, o.code, o.predicted, o.seen = r.Abstained, r.Code, r.Predicted, specimen.Standard == nil || specimen.Count() > 0
	top := math.Inf(-1)
	for _, z := range r.Logits[model.Early:] {
		top = max(top, float64(z))
	}
	sum := 0.0
	for _, z := range r.Logits[model.Early:] {
		sum += math.Exp(float64(z) - top)
	}
	o.score = r.Scale * (top + math.Log(sum) - float64(r.Logits[model.Benign]))
	return o, nil
}

func (s *set) row(outcomes []outcome) Row {
	r := Row{Set: s.name, Detail: s.detail, N: len(outcomes), Refused: make(map[model.Code]int)}
	for _, o := range outcomes {
		if o.abstained {
			r.Refused[o.code]++
			continue
		}
		r.Answered++
		if o.predicted == o.class {
			r.Class++
		}
		if (o.predicted == model.Benign) == (o.class == model.Benign) {
			r.Side++
		}
		if o.predicted != model.Benign {
			r.Malignant++
		}
	}
	r.Interval[0], r.Interval[1] = evaluation.Wilson(r.Answered, r.N)
	r.SideInterval[0], r.SideInterval[1] = evaluation.Wilson(r.Side, r.Answered)
	return r
}

// auroc is the share of pairs in which the first is the greater, ties counting half.
func auroc(above, below []float64) float64 {
	sum := 0.0
	for _, a := range above {
		for _, b := range below {
			switch {
			case a > b:
				sum++
			case a == b:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(above)*len(below))
}

func (plan *Plan) sets() ([]set, error) {
	own := func(name, detail string, every int, change func(p *picture.Picture, name string) (*picture.Picture, error)) set {
		var items []dataset.Item
		for i := 0; i < len(plan.Items); i += every {
			items = append(items, plan.Items[i])
		}
		return set{name: name, detail: detail, n: len(items), cells: true, make: func(i int) (*picture.Picture, model.Class, error) {
			p, err := dataset.Read(filepath.Join(plan.Dir, filepath.FromSlash(items[i].File)))
			if err == nil && change != nil {
				p, err = change(p, items[i].File+"\x00abroad\x00"+name)
			}
			return p, items[i].Label, err
		}}
	}
	sets := []set{
		own("own", "as they are", 1, nil),
		own("own, enlarged", "enlarged 4 to 6 times and out of focus by half a pixel of the original", 4, func(p *picture.Picture, name string) (*picture.Picture, error) {
			return enlarged(p, name), nil
		}),
		own("simulated, moderate", "enlarged; dyes, lamp, lens, sensor and file of another laboratory, 0.6 of the strength of the strong ones", 3, func(p *picture.Picture, name string) (*picture.Picture, error) {
			return simulated(p, name, 0.6)
		}),
		own("simulated, strong", "the same in full strength", 3, func(p *picture.Picture, name string) (*picture.Picture, error) {
			return simulated(p, name, 1)
		}),
		own("another camera", "enlarged; levels of each colour raised to a power within 1.4 and 1/1.4, saturation 0.6 to 1.4, white point within 15 %: a kind of change that no network learned from", 3, camera),
	}
	for _, dir := range plan.Foreign {
		files, err := second(dir)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(dir)
		read := func(i int) (*picture.Picture, error) { return dataset.Read(files[i]) }
		sets = append(sets,
			set{name: name, detail: "as they are; no malignant cells", n: len(files), cells: true, make: func(i int) (*picture.Picture, model.Class, error) {
				p, err := read(i)
				return p, model.Benign, err
			}},
			set{name: name + ", single cells", detail: "to be refused: one white cell fills the picture", n: len(files), make: func(i int) (*picture.Picture, model.Class, error) {
				p, err := read(i)
				if err == nil {
					p = singleCell(p)
				}
				return p, model.Benign, err
			}},
			set{name: name + ", cuts", detail: "to be refused: 224 x 224 pixels of the picture's own magnification", n: len(files), make: func(i int) (*picture.Picture, model.Class, error) {
				p, err := read(i)
				if err == nil {
					p = cut(p, files[i])
				}
				return p, model.Benign, err
			}})
	}
	return sets, nil
}

// second is the second half of a folder's files, by name.
func second(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".jpg", ".jpeg", ".png":
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) < 2 {
		return nil, fmt.Errorf("%s holds %d pictures; expected two at least", dir, len(files))
	}
	return files[len(files)/2:], nil
}

func draw(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 3))
}

func enlarged(p *picture.Picture, name string) *picture.Picture {
	factor := 4 + 2*draw(name+"\x00size").Float64()
	q := p.Resize(int(float64(p.Width)*factor), int(float64(p.Height)*factor))
	return (&fields.Laboratory{Blur: factor / 2}).Defocused(q)
}

func simulated(p *picture.Picture, name string, strength float64) (*picture.Picture, error) {
	l := fields.Draw(name, strength)
	l.Blur *= 3 // of a larger picture
	return l.Take(enlarged(p, name), name)
}

func camera(p *picture.Picture, name string) (*picture.Picture, error) {
	random := draw(name)
	within := func(limit float64) float64 { return limit * (2*random.Float64() - 1) }
	q := *enlarged(p, name)
	q.Pix = slices.Clone(q.Pix)
	saturation := 1 + within(0.4)
	var white, power [3]float64
	for c := range 3 {
		white[c], power[c] = 1-0.15*random.Float64(), math.Exp(within(math.Log(1.4)))
	}
	for i := 0; i < len(q.Pix); i += 3 {
		grey := (float64(q.Pix[i]) + float64(q.Pix[i+1]) + float64(q.Pix[i+2])) / 3
		for c := range 3 {
			v := max(0, grey+saturation*(float64(q.Pix[i+c])-grey)) / 255
			q.Pix[i+c] = uint8(math.Round(min(255, 255*white[c]*math.Pow(min(1, v), power[c]))))
		}
	}
	return &q, nil
}

// singleCell is a square around the first cell of a picture, half as large again; the middle of
// a picture in which none is found.
func singleCell(p *picture.Picture) *picture.Picture {
	side := min(p.Width, p.Height) / 4
	x, y := p.Width/2, p.Height/2
	if r, _ := standard.Standardise(p, standard.Options{Pad: true}); r != nil && len(r.Fields) > 0 {
		for _, f := range r.Fields {
			if c := cells.Find(f.RGB, standard.Side, standard.Side, r.RedCells); len(c.List) > 0 {
				cell := c.List[0]
				side = int(1.5 * float64(max(cell.Box.Right-cell.Box.Left, cell.Box.Bottom-cell.Box.Top)) / r.Scale)
				x, y = f.Source.Min.X+int(cell.X/r.Scale), f.Source.Min.Y+int(cell.Y/r.Scale)
				break
			}
		}
	}
	return part(p, x, y, side).Resize(model.Side, model.Side)
}

// cut is a part of a network's size anywhere in the picture.
func cut(p *picture.Picture, name string) *picture.Picture {
	random := draw(name + "\x00cut")
	return part(p, int(random.Float64()*float64(p.Width)), int(random.Float64()*float64(p.Height)), model.Side)
}

// part is the square about a place, moved into the picture.
func part(p *picture.Picture, x, y, side int) *picture.Picture {
	side = max(1, min(side, p.Width, p.Height))
	left, top := min(max(0, x-side/2), p.Width-side), min(max(0, y-side/2), p.Height-side)
	q := *p
	q.Width, q.Height, q.Pix = side, side, make([]uint8, 0, 3*side*side)
	for row := top; row < top+side; row++ {
		q.Pix = append(q.Pix, p.Pix[3*(row*p.Width+left):3*(row*p.Width+left+side)]...)
	}
	return &q
}
