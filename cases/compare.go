package cases

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Outcome says how a saved case fares when it is computed again.
type Outcome string

const (
	// Same: all is the same to the last bit.
	Same Outcome = "same"
	// Differs: something is not.
	Differs Outcome = "differs"
	// Unknown: nothing that could be compared differs, but not all could be.
	Unknown Outcome = "unknown"
)

// Cause says why something differs.
type Cause string

const (
	OtherPicture     Cause = "picture"     // the picture's bytes are others
	OtherWeights     Cause = "weights"     // the network's weights are
	OtherCalibration Cause = "calibration" // the network's calibration is
	Changed          Cause = "changed"     // the file was changed after it was written: its digest does not fit
	OtherBuild       Cause = "build"       // another build computed it
	Unexplained      Cause = "unexplained" // none of these: it was changed and sealed anew, or a machine errs
)

// Sentence says the cause in English.
func (c Cause) Sentence() string {
	return map[Cause]string{
		OtherPicture:     "The picture's bytes are not those that were read: it is another picture, or was saved anew.",
		OtherWeights:     "The network's weights are not those that it was computed with.",
		OtherCalibration: "The network's calibration is not the one that it was computed with.",
		Changed:          "The file was changed after it was written: its digest does not fit what it holds.",
		OtherBuild:       "It was computed by another build of the program.",
		Unexplained:      "Picture, weights, calibration and build are the same and the digest fits: the file was changed and sealed anew, or a machine does not compute as it should.",
	}[c]
}

// Difference is one value that is not the same.
type Difference struct {
	// File is the picture that it belongs to; empty where it is the case's own.
	File string `json:"file"`
	// Path names the value: keys and, in brackets, places from 0.
	Path string `json:"path"`
	// Saved and Again are the values as JSON, cut where they are long; "nothing" where there is
	// none.
	Saved string `json:"saved"`
	Again string `json:"again"`
	Cause Cause  `json:"cause"`
}

// Comparison is a saved case beside the same computed again.
type Comparison struct {
	Outcome  Outcome `json:"outcome"`
	Sentence string  `json:"sentence"`
	// Pictures is how many the case holds, Compared how many of them were computed again.
	Pictures int `json:"pictures"`
	Compared int `json:"compared"`
	// Differences come the case's own first, then by picture. Of each picture MostListed are
	// listed at most; More is how many others there are.
	Differences []Difference `json:"differences"`
	More        int          `json:"more"`
	// Causes are those of the differences, each once, in words.
	Causes []string `json:"causes"`
	// Missing are pictures of the case that were not given, Unanswered those whose explanation
	// was not computed again, Added such as were given and are not in the case.
	Missing    []string `json:"missing"`
	Unanswered []string `json:"unanswered"`
	Added      []string `json:"added"`
	// Remarks say what is otherwise and changes nothing, in sentences.
	Remarks []string `json:"remarks"`
}

// MostListed is how many differences of one picture, and of the case itself, are listed.
const MostListed = 20

// Compare holds a saved case against its pictures computed again, by the program and on the
// page that again names. Labels and decisions are the reader's and cannot be computed: only the
// digest tells whether they were changed. An error says why the file is no case.
func Compare(saved []byte, again *Draft) (*Comparison, error) {
	c, err := Parse(saved)
	if err != nil {
		return nil, err
	}
	k := &comparing{
		Comparison: Comparison{
			Pictures: len(c.Pictures), Differences: []Difference{}, Causes: []string{},
			Missing: []string{}, Unanswered: []string{}, Added: []string{}, Remarks: []string{},
		},
		build: c.Program != again.Program,
	}
	if err := k.itself(saved, c); err != nil {
		return nil, fmt.Errorf("this case is damaged: %w", err)
	}
	if k.build {
		k.Remarks = append(k.Remarks, fmt.Sprintf("It was computed by version %s, revision %s, %s, and again by version %s, revision %s, %s.",
			c.Program.Version, c.Program.Revision, c.Program.Go, again.Program.Version, again.Program.Revision, again.Program.Go))
	}
	if c.Page != "" && again.Page != "" && c.Page != again.Page {
		k.Remarks = append(k.Remarks, fmt.Sprintf("It was made in the page with SHA-256 %s; this is %s.", c.Page, again.Page))
	}
	rest := slices.Clone(again.Pictures)
	for i := range c.Pictures {
		p := &c.Pictures[i]
		j := matching(p, rest)
		if j < 0 {
			k.Missing = append(k.Missing, p.File())
			continue
		}
		other := rest[j]
		rest = slices.Delete(rest, j, j+1)
		if err := k.picture(i, p, &other); err != nil {
			return nil, fmt.Errorf("%s: %w", p.File(), err)
		}
	}
	for i := range rest {
		k.Added = append(k.Added, rest[i].File())
	}
	k.conclude()
	return &k.Comparison, nil
}

// comparing is a comparison as it is made.
type comparing struct {
	Comparison
	build  bool // another build computed the saved case
	broken bool // its digest does not fit
}

// matching finds the picture of a saved one by its name, or else by its bytes; -1: there is none.
func matching(p *Picture, among []Picture) int {
	by := func(same func(o *Picture) bool) int {
		return slices.IndexFunc(among, func(o Picture) bool { return o.Answer.Network == p.Answer.Network && same(&o) })
	}
	if i := by(func(o *Picture) bool { return o.File() == p.File() }); i >= 0 {
		return i
	}
	return by(func(o *Picture) bool {
		return o.Answer.Source.SHA256 == p.Answer.Source.SHA256 && o.Answer.Source.SHA256 != ""
	})
}

// itself holds the case against what its own pictures give: summary, lists, order, digest, and
// that it holds nothing else.
func (k *comparing) itself(saved []byte, c *Case) error {
	anew, err := Assemble(c.draft())
	if err != nil {
		return err
	}
	text, err := anew.JSON()
	if err != nil {
		return err
	}
	if bytes.Equal(text, saved) {
		return nil
	}
	before, err := keysOf(saved)
	if err != nil {
		return err
	}
	after, err := keysOf(text)
	if err != nil {
		return err
	}
	var found []Difference
	report := func(path string, saved, again []byte) {
		found = append(found, Difference{Path: path, Saved: shortened(saved), Again: shortened(again)})
	}
	for _, key := range sortedKeys(before, after) {
		if key != "pictures" && key != "digest" {
			if err := compareJSON(key, before[key], after[key], report); err != nil {
				return err
			}
		}
	}
	if err := compareJSON("pictures", before["pictures"], after["pictures"], report); err != nil {
		return err
	}
	k.broken = !intact(saved, c.Digest) && (len(found) > 0 || c.Digest != anew.Digest)
	if k.broken && c.Digest != anew.Digest {
		report("digest", quoted(c.Digest), quoted(anew.Digest))
	}
	if len(found) == 0 {
		k.Remarks = append(k.Remarks, "The file was written anew in another form; its values are the same.")
	}
	list := k.lister("", k.own())
	for _, d := range found {
		list(d)
	}
	return nil
}

// intact tells whether the text before the digest is the one that was sealed, and nothing stands
// behind it.
func intact(saved []byte, digest string) bool {
	sealed, found := bytes.CutSuffix(saved, seal(digest))
	sum := sha256.Sum256(sealed)
	return found && hex.EncodeToString(sum[:]) == digest
}

// own is why something differs that depends on no picture.
func (k *comparing) own() Cause {
	switch {
	case k.broken:
		return Changed
	case k.build:
		return OtherBuild
	}
	return Unexplained
}

// lister lists differences of one picture, or of the case itself, as far as they are listed.
func (k *comparing) lister(file string, cause Cause) func(Difference) {
	listed := 0
	return func(d Difference) {
		if listed++; listed > MostListed {
			k.More++
			return
		}
		d.File, d.Cause = file, cause
		k.Differences = append(k.Differences, d)
	}
}

// reporter lists differences as compareJSON reports them.
func (k *comparing) reporter(file string, cause Cause) reporter {
	list := k.lister(file, cause)
	return func(path string, saved, again []byte) {
		list(Difference{Path: path, Saved: shortened(saved), Again: shortened(again)})
	}
}

// picture holds a picture of the case, number i, against the same computed again.
func (k *comparing) picture(i int, saved, again *Picture) error {
	k.Compared++
	path := fmt.Sprintf("pictures[%d].", i)
	was, is := &saved.Answer, &again.Answer
	for _, first := range []struct {
		path    string
		was, is string
		cause   Cause
	}{
		{"answer.source.sha256", was.Source.SHA256, is.Source.SHA256, OtherPicture},
		{"answer.weights", was.Weights, is.Weights, OtherWeights},
		{"answer.calibration", was.Calibration, is.Calibration, OtherCalibration},
	} {
		if first.was != first.is { // all else follows from it
			k.reporter(saved.File(), first.cause)(path+first.path, quoted(first.was), quoted(first.is))
			return nil
		}
	}
	if saved.File() != again.File() {
		k.Remarks = append(k.Remarks, fmt.Sprintf("%q goes by the name %q now.", saved.File(), again.File()))
		renamed := *is
		renamed.Record.File = saved.File()
		is = &renamed
	}
	report := k.reporter(saved.File(), k.own())
	before, err := marshal(was)
	if err != nil {
		return err
	}
	after, err := marshal(is)
	if err != nil {
		return err
	}
	if err := compareJSON(path+"answer", before, after, report); err != nil {
		return err
	}
	switch {
	case !explained(saved):
		return nil
	case !explained(again):
		k.Unanswered = append(k.Unanswered, saved.File())
		return nil
	}
	return compareJSON(path+"explained", saved.Explained, again.Explained, report)
}

func explained(p *Picture) bool { return len(p.Explained) > 0 && string(p.Explained) != "null" }

// conclude says what came of it.
func (k *comparing) conclude() {
	for _, d := range k.Differences {
		if s := d.Cause.Sentence(); !slices.Contains(k.Causes, s) {
			k.Causes = append(k.Causes, s)
		}
	}
	n := len(k.Differences) + k.More
	switch {
	case n > 0:
		k.Outcome = Differs
		verb := "values differ"
		if n == 1 {
			verb = "value differs"
		}
		k.Sentence = fmt.Sprintf("Not the same: %d %s, of %d of %s computed again.", n, verb, k.Compared, counted(k.Pictures, "picture"))
	case k.Compared < k.Pictures || len(k.Unanswered) > 0:
		k.Outcome = Unknown
		k.Sentence = fmt.Sprintf("It cannot be told: %d of %s were computed again, and are the same to the last bit as far as they were.", k.Compared, counted(k.Pictures, "picture"))
	default:
		k.Outcome = Same
		k.Sentence = fmt.Sprintf("The same to the last bit: %s computed again.", counted(k.Pictures, "picture"))
	}
}

// keysOf divides a JSON object.
func keysOf(text []byte) (map[string]json.RawMessage, error) {
	var keys map[string]json.RawMessage
	err := json.Unmarshal(text, &keys)
	return keys, err
}

func sortedKeys[V any](maps ...map[string]V) []string {
	var keys []string
	for _, m := range maps {
		for key := range m {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// reporter is told of a value that is not the same.
type reporter func(path string, saved, again []byte)

// compareJSON reports where two JSON texts hold other values; nil is nothing.
func compareJSON(path string, saved, again []byte, report reporter) error {
	if saved == nil || again == nil {
		if (saved == nil) != (again == nil) {
			report(path, saved, again)
		}
		return nil
	}
	a, err := canonical(saved)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b, err := canonical(again)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if bytes.Equal(a, b) {
		return nil
	}
	switch {
	case a[0] == '{' && b[0] == '{':
		was, err := keysOf(a)
		if err != nil {
			return err
		}
		is, err := keysOf(b)
		if err != nil {
			return err
		}
		for _, key := range sortedKeys(was, is) {
			if err := compareJSON(path+"."+key, was[key], is[key], report); err != nil {
				return err
			}
		}
	case a[0] == '[' && b[0] == '[':
		var was, is []json.RawMessage
		if err := json.Unmarshal(a, &was); err != nil {
			return err
		}
		if err := json.Unmarshal(b, &is); err != nil {
			return err
		}
		for i := range max(len(was), len(is)) {
			var x, y []byte
			if i < len(was) {
				x = was[i]
			}
			if i < len(is) {
				y = is[i]
			}
			if err := compareJSON(fmt.Sprintf("%s[%d]", path, i), x, y, report); err != nil {
				return err
			}
		}
	default:
		report(path, a, b)
	}
	return nil
}

func quoted(text string) []byte {
	value, _ := marshal(text) // a string can be written
	return value
}

// shortened is a value as it is told.
func shortened(value []byte) string {
	const most = 100
	if value == nil {
		return "nothing"
	}
	text := strings.ToValidUTF8(string(value), "\uFFFD")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
