package cases

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"allnet/model"
)

// validator checks values against a JSON Schema (2020-12), as far as ours goes: a keyword that
// it does not know is an error, not passed over.
type validator struct{ root map[string]any }

func (v validator) check(path string, schema any, value any) error {
	s, ok := schema.(map[string]any)
	if !ok {
		return fmt.Errorf("%s: the schema is %v", path, schema)
	}
	for keyword, want := range s {
		if err := v.keyword(path, s, keyword, want, value); err != nil {
			return err
		}
	}
	return nil
}

func (v validator) keyword(path string, s map[string]any, keyword string, want, value any) error {
	fail := func() error { return fmt.Errorf("%s: %v does not keep %s %v", path, value, keyword, want) }
	number, isNumber := value.(float64)
	text, isText := value.(string)
	list, isList := value.([]any)
	object, isObject := value.(map[string]any)
	holds := true
	switch keyword {
	case "$schema", "title", "description", "$defs":
	case "$ref":
		name, ok := strings.CutPrefix(want.(string), "#/$defs/")
		def, found := v.root["$defs"].(map[string]any)[name]
		if !ok || !found {
			return fmt.Errorf("the schema refers to %v", want)
		}
		return v.check(path, def, value)
	case "anyOf":
		var errs []string
		for _, one := range want.([]any) {
			err := v.check(path, one, value)
			if err == nil {
				return nil
			}
			errs = append(errs, err.Error())
		}
		return fmt.Errorf("%s: neither of anyOf (%s)", path, strings.Join(errs, "; "))
	case "type":
		switch want {
		case "object":
			holds = isObject
		case "array":
			holds = isList
		case "string":
			holds = isText
		case "number":
			holds = isNumber
		case "integer":
			holds = isNumber && number == math.Trunc(number)
		case "boolean":
			_, holds = value.(bool)
		case "null":
			holds = value == nil
		default:
			return fmt.Errorf("the schema has the type %v", want)
		}
	case "const":
		holds = reflect.DeepEqual(value, want)
	case "enum":
		holds = slices.ContainsFunc(want.([]any), func(one any) bool { return reflect.DeepEqual(one, value) })
	case "minimum":
		holds = !isNumber || number >= want.(float64)
	case "maximum":
		holds = !isNumber || number <= want.(float64)
	case "maxLength":
		holds = !isText || float64(utf8.RuneCountInString(text)) <= want.(float64)
	case "pattern":
		holds = !isText || regexp.MustCompile(want.(string)).MatchString(text)
	case "minItems":
		holds = !isList || float64(len(list)) >= want.(float64)
	case "maxItems":
		holds = !isList || float64(len(list)) <= want.(float64)
	case "items":
		for i, one := range list {
			if err := v.check(fmt.Sprintf("%s[%d]", path, i), want, one); err != nil {
				return err
			}
		}
	case "required":
		for _, name := range want.([]any) {
			if _, found := object[name.(string)]; isObject && !found {
				return fmt.Errorf("%s lacks %v", path, name)
			}
		}
	case "properties":
		for name, one := range want.(map[string]any) {
			if inner, found := object[name]; found {
				if err := v.check(path+"."+name, one, inner); err != nil {
					return err
				}
			}
		}
	case "additionalProperties":
		properties, _ := s["properties"].(map[string]any)
		for name := range object {
			if _, known := properties[name]; !known && want == false {
				return fmt.Errorf("%s has the unknown key %s", path, name)
			}
		}
	default:
		return fmt.Errorf("the schema has the keyword %s, which is not checked here", keyword)
	}
	if !holds {
		return fail()
	}
	return nil
}

// valid checks a case's JSON against the schema that is printed.
func valid(t *testing.T, text []byte) error {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	if root["$schema"] != "https://json-schema.org/draft/2020-12/schema" {
		t.Fatalf("the schema's own schema is %v", root["$schema"])
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return validator{root}.check("", root, value)
}

func TestWhatIsWrittenFitsTheSchema(t *testing.T) {
	drafts := map[string]*Draft{"the drawings": sample(t), "nothing": {}, "with a page": sample(t)}
	drafts["with a page"].Page = strings.Repeat("0f", 32)
	told := sample(t)
	told.Pictures[0].Answer.Choices = &model.Choices{Crop: &model.Part{Width: 3, Height: 4}, Diameter: 16.5, Ground: &[3]uint8{250, 240, 255}, KeepStain: true}
	told.Pictures[0].Answer.Correction = &model.Correction{Profile: strings.Repeat("a", 64), Bias: [4]float64{-1, 0.5, 0.25, 0.25}}
	drafts["told of"] = told
	drafts["of the page alone"] = &Draft{Pictures: []Picture{{Answer: Answer{Network: "cells", Weights: strings.Repeat("0", 64),
		Record: model.Record{File: "a", Abstained: true, Reason: "The program stopped.", Code: "crashed"}}}}}
	for what, d := range drafts {
		_, text := assembled(t, d)
		if err := valid(t, text); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A network that reads whole pictures has other keys.
func TestACaseOfWholePicturesFitsTheSchema(t *testing.T) {
	m, err := model.Named("article")
	if err != nil {
		t.Fatal(err)
	}
	source, p, err := Drawn("synthetic-2")
	if err != nil {
		t.Fatal(err)
	}
	r := Read(m.NewSession(), "synthetic-2", p, nil, source, new(model.Choices))
	if r.Answer.Field == nil || r.Answer.Regions != nil || r.Answer.Record.Standardised != nil {
		t.Errorf("got %+v", r.Answer)
	}
	_, text := assembled(t, &Draft{Pictures: []Picture{{Answer: r.Answer}}})
	if err := valid(t, text); err != nil {
		t.Error(err)
	}
}

func TestTheSchemaRefusesWhatIsNoCase(t *testing.T) {
	_, text := assembled(t, sample(t))
	for what, change := range map[string]func(c map[string]any){
		"another format":       func(c map[string]any) { c["format"] = "allnet case 2" },
		"an unknown key":       func(c map[string]any) { c["more"] = 1 },
		"no summary":           func(c map[string]any) { delete(c, "summary") },
		"a name":               func(c map[string]any) { c["label"] = "Ann Smith" },
		"a short digest":       func(c map[string]any) { c["digest"] = "00" },
		"an unknown class":     func(c map[string]any) { record(c)["predicted"] = "Mature" },
		"a probability of 2":   func(c map[string]any) { record(c)["probabilities"].(map[string]any)["Pre"] = 2.0 },
		"half a cell":          func(c map[string]any) { record(c)["standardised"].(map[string]any)["cells"] = 0.5 },
		"three logits":         func(c map[string]any) { answer(c)["logits"] = []any{1.0, 2.0, 3.0} },
		"no explanation's R²":  func(c map[string]any) { delete(firstClass(c), "r2") },
		"an unknown certainty": func(c map[string]any) { second(c)["decision"].(map[string]any)["certainty"] = "very" },
		"a negative order":     func(c map[string]any) { c["summary"].(map[string]any)["order"] = []any{-1.0} },
	} {
		var value map[string]any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatal(err)
		}
		change(value)
		changed, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if err := valid(t, changed); err == nil {
			t.Errorf("%s is valid", what)
		}
	}
}

// second is the case's second picture, the first that could be read.
func second(c map[string]any) map[string]any { return c["pictures"].([]any)[1].(map[string]any) }
func answer(c map[string]any) map[string]any { return second(c)["answer"].(map[string]any) }
func record(c map[string]any) map[string]any { return answer(c)["record"].(map[string]any) }

func firstClass(c map[string]any) map[string]any {
	return second(c)["explained"].(map[string]any)["explanation"].(map[string]any)["classes"].([]any)[0].(map[string]any)
}

// What is explained may come to hold more, and must not make a case invalid or unreadable.
func TestAnExplanationMayHoldMoreThanIsKnownHere(t *testing.T) {
	d := sample(t)
	d.Pictures[0].Explained = append(d.Pictures[0].Explained[:len(d.Pictures[0].Explained)-1], `,"curves":{"deletion":[1,0.5]}}`...)
	c, text := assembled(t, d)
	if err := valid(t, text); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(c.Pictures[1].Explained), `"curves":{"deletion":[1,0.5]}`) {
		t.Error("what is not known was lost")
	}
}
