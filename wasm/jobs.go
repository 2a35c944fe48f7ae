//go:build js && wasm

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"runtime"
	"time"

	"github.com/hack-pad/safejs"

	"allnet/cases"
	"allnet/lime"
	"allnet/model"
	"allnet/model/cells"
	"allnet/model/explain"
	"allnet/model/picture"
	"allnet/model/synthetic"
	"allnet/wasm/ask"
)

// desk is where jobs are done.
type desk struct {
	worker safejs.Value
	// networks are those that were asked for so far and can be used, unfit why others cannot;
	// checked have passed their self-check.
	networks map[string]*network
	unfit    map[string]unfit
	checked  map[string]bool

	// What is known of the picture that was explained last, and of the one that was read
	// last. It only saves time: no answer depends on it.
	explained explained
	explainer *explain.Session
	reading   reading
}

// network is a shipped network at work.
type network struct {
	model   *model.Model
	session *model.Session
}

// explained says what an explainer was made for.
type explained struct {
	network    string
	correction string
	rgb        []uint8
	cells      []byte
	scale      float64
}

// reading is a picture as it was read, with the SHA-256 of all that it was read from.
type reading struct {
	of [sha256.Size]byte
	*cases.Reading
}

// correction is what corrects the network, in full; empty for none.
func (n *network) correction() string {
	if c := n.model.Correction(); c != nil {
		return fmt.Sprint(*c)
	}
	return ""
}

// unfit is the error of a network that cannot be relied on here: the fault is not
// the picture's, and no picture can be given to it.
type unfit struct{ error }

// asked returns the network that a job names, with the correction that comes with the job, or an
// error, which is unfit where the network is at fault.
func (d *desk) asked(j job) (*network, error) {
	name, err := j.text("network")
	if err != nil {
		return nil, err
	}
	n, err := d.network(name)
	if err != nil || !j.has("correction") {
		return n, err
	}
	text, err := j.text("correction")
	if err != nil {
		return nil, err
	}
	c := new(model.Correction)
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, fmt.Errorf("reading what corrects the network: %w", err)
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return &network{n.model.Corrected(c), n.session.Corrected(c)}, nil
}

// network returns a network as it is shipped, or an error that is unfit. One that nobody asks for
// costs no time.
func (d *desk) network(name string) (*network, error) {
	if err, found := d.unfit[name]; found {
		return nil, err
	}
	if d.networks[name] == nil {
		n, err := d.open(name)
		if err != nil {
			d.unfit[name] = unfit{err}
			return nil, d.unfit[name]
		}
		d.networks[name] = n
	}
	return d.networks[name], nil
}

// open makes a network ready and lets it check itself: on a machine that computes
// otherwise than the one that the golden numbers come from, no answer may be given.
func (d *desk) open(name string) (*network, error) {
	if !d.checked[name] {
		if err := model.SelfCheck(name); err != nil {
			return nil, err
		}
		d.checked[name] = true
	}
	m, err := model.Named(name)
	if err != nil {
		return nil, err
	}
	return &network{m, m.NewSession()}, nil
}

// answer does a job and posts its answer. Only an answer that cannot be posted is
// an error here. A message without a number of its own is answered without one.
func (d *desk) answer(j job) error {
	id, err := j.number("id")
	known := err == nil
	var reply message
	if known {
		reply, err = d.do(id, j)
	}
	if err != nil {
		reply = message{"type": "error", "message": err.Error(), "unfit": errors.As(err, new(unfit))}
	} else {
		reply["type"] = "done"
	}
	if known {
		reply["id"] = id
	}
	reply["memory"] = memory()
	return post(d.worker, reply)
}

// do does a job. A panic is a defect of this program; it costs the job alone.
func (d *desk) do(id int, j job) (reply message, err error) {
	defer func() {
		if r := recover(); r != nil {
			d.explained, d.explainer, d.reading = explained{}, nil, reading{} // it may be half done
			err = fmt.Errorf("the program failed inside: %v", r)
		}
	}()
	name, err := j.text("job")
	if err != nil {
		return nil, err
	}
	if err := supply(j); err != nil {
		return nil, err
	}
	switch name {
	case "example":
		return example(j)
	case "classify":
		return d.classify(j)
	case "frame":
		return d.frame(j)
	case "original":
		return original(j)
	case "links":
		return links(j)
	case "explain":
		return d.explain(id, j)
	case "shapley":
		return d.shapley(id, j)
	case "draw":
		return draw(j)
	case "summarise":
		return summarise(j)
	case "case":
		return writeCase(j)
	case "compare":
		return compare(j)
	case "judged":
		return judged(j)
	case "profile":
		return fitProfile(j)
	case "readProfile":
		return readProfile(j)
	}
	return nil, fmt.Errorf("there is no job %q", name)
}

// supply takes the weights that come with a job.
func supply(j job) error {
	if !j.has("weights") {
		return nil
	}
	name, err := j.text("network")
	if err != nil {
		return err
	}
	packed, err := j.bytes("weights")
	if err != nil {
		return err
	}
	return model.Supply(name, packed)
}

// example answers with the pixels of a drawing, for its thumbnail.
func example(j job) (message, error) {
	name, err := j.text("name")
	if err != nil {
		return nil, err
	}
	p, err := synthetic.Draw(name)
	if err != nil {
		return nil, err
	}
	return message{"rgba": toRGBA(p.Pix)}, nil
}

// answered is the answer of classify, with what a summary needs to know of it.
type answered struct {
	cases.Answer
	Row cases.Row `json:"row"`
}

// classify answers with a record and the pixels of a field, as RGBA: those that the network
// saw, or, where it reads cells, those of which it saw the cells, and the cells' labels.
// A picture that cannot be read or assessed is an answer too, not an error.
func (d *desk) classify(j job) (message, error) {
	file, err := j.text("name")
	if err != nil {
		return nil, err
	}
	n, err := d.asked(j)
	if err != nil {
		return nil, err
	}
	choices := new(model.Choices)
	if j.has("choices") {
		text, err := j.text("choices")
		if err != nil {
			return nil, err
		}
		if choices, err = model.ReadChoices(text); err != nil {
			return nil, err
		}
	}
	source, width, fault := sourceOf(j)
	var of [sha256.Size]byte // none where a picture is read at once
	if n.model.Reads() == model.Cells && fault == nil {
		if of, err = identity(n, choices, source, width); err != nil {
			return nil, err
		}
	}
	r := d.reading
	if r.of != of || of == [sha256.Size]byte{} {
		d.reading = reading{} // both would take twice the memory
		p, err := read(j)     // what has no source cannot be read either, which this says
		r = reading{of, cases.Read(n.session, "", p, err, source, choices)}
		if of != [sha256.Size]byte{} {
			d.reading = r
		}
	}
	r.Answer.Record.File = file
	if len(r.Fields()) == 0 {
		return jsonReply(answered{r.Answer, r.Answer.Row()})
	}
	shown := r.Fullest()
	if j.has("field") {
		if shown, err = j.number("field"); err != nil {
			return nil, err
		}
	}
	r.Show(shown) // or, where a saved case asks for one that there is not, the fullest
	reply, err := jsonReply(answered{r.Answer, r.Answer.Row()})
	if err != nil {
		return nil, err
	}
	field := r.Shown()
	reply["rgba"] = toRGBA(field.Picture)
	if field.Cells != nil {
		reply["cells"] = ask.CellLabels(field.Cells)
	}
	return reply, nil
}

// original answers with a picture, or a part of it, as it is before anything is done to it, no
// longer on its longer side than the job says: on it a reader points at what the program should
// know, and under the magnifier it is seen as the camera gave it.
func original(j job) (message, error) {
	most, err := j.number("most")
	if err != nil {
		return nil, err
	}
	p, err := read(j)
	if err != nil {
		return nil, err
	}
	if j.has("part") {
		if p, err = partOf(p, j); err != nil {
			return nil, err
		}
	}
	width, height := p.Width, p.Height
	if longest := max(width, height); longest > most && most > 0 {
		width, height = max(1, width*most/longest), max(1, height*most/longest)
	}
	reply, err := jsonReply(map[string]int{"width": width, "height": height})
	if err != nil {
		return nil, err
	}
	reply["rgba"] = toRGBA(p.Resize(width, height).Pix)
	return reply, nil
}

// partOf clips a picture to the part that a job names.
func partOf(p *picture.Picture, j job) (*picture.Picture, error) {
	text, err := j.text("part")
	if err != nil {
		return nil, err
	}
	var part model.Part
	if err := json.Unmarshal([]byte(text), &part); err != nil {
		return nil, fmt.Errorf("the part of the picture cannot be read: %w", err)
	}
	if _, err := (&model.Choices{Crop: &part}).For(p.Width, p.Height); err != nil {
		return nil, err
	}
	return p.Clip(image.Rect(part.X, part.Y, part.X+part.Width, part.Y+part.Height)), nil
}

// explanation returns the settings of the explanation that a job asks for.
func explanation(j job) (lime.Settings, error) {
	text, err := j.text("json")
	if err != nil {
		return lime.Settings{}, err
	}
	return ask.Explanation(text)
}

// frame answers with what is said of a frame of the camera, and which pixels of the field belong to which cell.
func (d *desk) frame(j job) (message, error) {
	n, err := d.asked(j)
	if err != nil {
		return nil, err
	}
	settings, err := explanation(j)
	if err != nil {
		return nil, err
	}
	diameter, err := j.float("diameter")
	if err != nil {
		return nil, err
	}
	p, err := read(j)
	if err != nil {
		return nil, err
	}
	f, err := explain.ReadFrame(n.session, p, diameter, settings)
	if err != nil {
		return nil, err
	}
	reply, err := jsonReply(f)
	if err == nil && f.Cells != nil {
		reply["labels"] = ask.Labels(f.Cells)
	}
	return reply, err
}

// read returns the picture that a job names, in whichever way.
func read(j job) (*picture.Picture, error) {
	switch {
	case j.has("example"):
		name, err := j.text("example")
		if err != nil {
			return nil, err
		}
		return synthetic.Draw(name)
	case j.has("rgba"):
		width, err := j.number("width")
		if err != nil {
			return nil, err
		}
		height, err := j.number("height")
		if err != nil {
			return nil, err
		}
		pix, err := j.bytes("rgba")
		if err != nil {
			return nil, err
		}
		return picture.FromRGBA(pix, width, height)
	default:
		data, err := j.bytes("bytes")
		if err != nil {
			return nil, err
		}
		return picture.Decode(data)
	}
}

// explain answers with the explanation of all classes, the warnings in words, what came of
// putting it to the test, and the label map as little-endian 16-bit numbers.
func (d *desk) explain(id int, j job) (message, error) {
	settings, err := explanation(j)
	if err != nil {
		return nil, err
	}
	explainer, err := d.explainerOf(j)
	if err != nil {
		return nil, err
	}
	progress := d.progress(id)
	if j.has("links") {
		packed, err := j.bytes("links")
		if err != nil {
			return nil, err
		}
		links, err := ask.ReadLinks(packed, model.Side)
		if err != nil {
			return nil, err
		}
		if err := explainer.Link(settings.Segmentation, links); err != nil {
			return nil, err
		}
		progress(explain.Segmentation, 1, 1)
	}
	explained, seg, err := cases.Explain(context.Background(), explainer, settings, progress)
	if err != nil {
		return nil, err
	}
	reply, err := jsonReply(explained)
	if err != nil {
		return nil, err
	}
	reply["labels"] = ask.Labels(seg.Labels)
	return reply, nil
}

// links answers with the links of some rows of a picture, of which another worker makes superpixels together with
// those of the others. Nothing of it is kept.
func links(j job) (message, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	rows, err := ask.ReadRows(text)
	if err != nil {
		return nil, err
	}
	in, err := input(j)
	if err != nil {
		return nil, err
	}
	if j.has("cells") { // superpixels are those of what the network sees
		labels, err := j.bytes("cells")
		if err != nil {
			return nil, err
		}
		if in, _, err = ofCells(in, labels); err != nil {
			return nil, err
		}
	}
	found, err := lime.QuickshiftLinks(context.Background(), in.RGB, model.Side, model.Side, rows.Segmentation, rows.From, rows.To)
	if err != nil {
		return nil, err
	}
	return message{"links": ask.Links(found)}, nil
}

// shapley answers with the second opinion on an explanation that came with the
// message: the Shapley values of all classes, and how far both agree.
func (d *desk) shapley(id int, j job) (message, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	asked, err := ask.ReadSecondOpinion(text)
	if err != nil {
		return nil, err
	}
	explainer, err := d.explainerOf(j)
	if err != nil {
		return nil, err
	}
	settings := asked.Explanation.Settings.ShapleySettings(asked.Permutations)
	result, err := explainer.Shapley(context.Background(), settings, d.progress(id))
	if err != nil {
		return nil, err
	}
	agreement, err := lime.Agree(&asked.Explanation, result.Shapley)
	if err != nil {
		return nil, err
	}
	return jsonReply(map[string]any{
		"shapley":    result.Shapley,
		"evaluation": result.Evaluation,
		"agreement":  agreement,
	})
}

// explainerOf returns what explains a job's picture by its network: the same as
// last time for the same of both, so that superpixels and tables are made once.
func (d *desk) explainerOf(j job) (*explain.Session, error) {
	n, err := d.asked(j)
	if err != nil {
		return nil, err
	}
	in, err := input(j)
	if err != nil {
		return nil, err
	}
	if n.model.Reads() != model.Cells {
		return d.explainerFor(explained{network: n.model.Name(), correction: n.correction(), rgb: in.RGB}, func() (*explain.Session, error) { return explain.NewSession(n.model, in), nil })
	}
	labels, err := j.bytes("cells")
	if err != nil {
		return nil, err
	}
	scale, err := j.float("scale")
	if err != nil {
		return nil, err
	}
	return d.explainerFor(explained{n.model.Name(), n.correction(), in.RGB, labels, scale}, func() (*explain.Session, error) {
		seen, found, err := ofCells(in, labels)
		if err != nil {
			return nil, err
		}
		return explain.NewCells(n.model, model.Field{Input: seen, Picture: in.RGB, Cells: found}, scale)
	})
}

// ofCells returns what a network that reads cells sees of a field, whose cells came as labels, and the cells.
func ofCells(in *model.Input, labels []byte) (*model.Input, *cells.Cells, error) {
	found, err := ask.Cells(labels, model.Side)
	if err != nil {
		return nil, nil, err
	}
	seen, err := model.Preprocess(&picture.Picture{Width: model.Side, Height: model.Side, Pix: cells.Blanked(in.RGB, found, model.Ground)})
	return seen, found, err
}

// explainerFor returns the explainer of last time where it is for the same, else a new one.
func (d *desk) explainerFor(e explained, open func() (*explain.Session, error)) (*explain.Session, error) {
	last := &d.explained
	if d.explainer != nil && last.network == e.network && last.correction == e.correction && bytes.Equal(last.rgb, e.rgb) && bytes.Equal(last.cells, e.cells) && last.scale == e.scale {
		return d.explainer, nil
	}
	session, err := open()
	if err != nil {
		return nil, err
	}
	d.explained, d.explainer = e, session
	return session, nil
}

// progressEvery is how often it is told at most how far a stage is.
const progressEvery = 50 * time.Millisecond

// progress posts how far a job is.
func (d *desk) progress(id int) explain.Progress {
	var last explain.Stage
	var told time.Time
	return func(stage explain.Stage, done, total int) {
		now := time.Now()
		if stage == last && now.Sub(told) < progressEvery {
			return
		}
		last, told = stage, now
		// A lost message about progress costs nothing.
		_ = post(d.worker, message{"id": id, "type": "progress", "stage": string(stage), "done": done, "total": total})
	}
}

// outlineScale is how much larger than the picture the layer of outlines is, so that
// they are thinner than its pixels and hide little of it.
const outlineScale = 3

// draw answers with the layers of one class's explanation, as RGBA, and with its
// regions and its scale, and with those of Grad-CAM where its map is sent along. All it needs comes with the message.
func draw(j job) (message, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	labels, err := j.bytes("labels")
	if err != nil {
		return nil, err
	}
	wanted, err := ask.ReadDrawing(text, labels, model.Side)
	if err != nil {
		return nil, err
	}
	seg := wanted.Segmentation
	in, err := input(j)
	if err != nil {
		return nil, err
	}
	outline, err := lime.SeparateOutlines(seg, &wanted.Class, wanted.Features, outlineScale)
	if err != nil {
		return nil, err
	}
	alone, err := lime.RegionsAlone(in.RGB, seg, &wanted.Class, wanted.Features)
	if err != nil {
		return nil, err
	}
	heat, err := lime.HeatMap(seg, &wanted.Class)
	if err != nil {
		return nil, err
	}
	regions, err := lime.Regions(seg, &wanted.Class)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"regions": wanted.OnNuclei(in, regions), "legend": lime.LegendFor(&wanted.Class)}
	var third *image.NRGBA
	if wanted.GradCAM != nil {
		if third, err = wanted.GradCAM.Layer(seg.Width, seg.Height); err != nil {
			return nil, err
		}
		answer["gradCAM"] = wanted.GradCAM.Legend()
	}
	reply, err := jsonReply(answer)
	if err != nil {
		return nil, err
	}
	reply["outline"], reply["alone"], reply["heat"] = outline.Pix, alone.Pix, heat.Pix
	if third != nil {
		reply["gradCAM"] = third.Pix
	}
	return reply, nil
}

// input makes the network's input of the pixels that classify answered with.
func input(j job) (*model.Input, error) {
	pix, err := j.bytes("rgba")
	if err != nil {
		return nil, err
	}
	p, err := picture.FromRGBA(pix, model.Side, model.Side)
	if err != nil {
		return nil, err
	}
	return model.Preprocess(p)
}

// toRGBA adds opaque alpha to pixels [n][3], for a canvas.
func toRGBA(rgb []uint8) []uint8 {
	rgba := make([]uint8, len(rgb)/3*4)
	for i := range len(rgb) / 3 {
		copy(rgba[4*i:], rgb[3*i:][:3])
		rgba[4*i+3] = 255
	}
	return rgba
}

// jsonReply makes an answer of a value.
func jsonReply(v any) (message, error) {
	text, err := json.Marshal(v)
	return message{"json": string(text)}, err
}

// memory is what the program has taken from the browser, in bytes; WebAssembly can
// give nothing of it back.
func memory() int {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.Sys)
}
