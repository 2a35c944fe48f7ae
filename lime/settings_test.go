package lime

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestPresets(t *testing.T) {
	for _, p := range Presets() {
		got, err := PresetByName(p.Name)
		if err != nil || got != p || p.Settings.Validate() != nil {
			t.Errorf("%s: %+v, %v, %v", p.Name, got, err, p.Settings.Validate())
		}
	}
	a, f := ArticlePreset(), FaithfulPreset()
	if a.Hide != HideBlack || a.Target != TargetProbability || a.Samples != 1000 || a.Features != 5 {
		t.Errorf("article: %+v", a)
	}
	if f.Hide != HideMean || f.Target != TargetLogOdds || f.Samples != 1000 || f.Features != 5 {
		t.Errorf("faithful: %+v", f)
	}
	if c := CellsPreset(); c.Hide != HideRemoved || c.Target != TargetLogOdds || c.Samples != 1000 || c.Features != 5 || c.Regions != RegionsCells {
		t.Errorf("cells: %+v", c)
	}
	if d := DefaultPreset(); d.Name != "faithful" || d.Settings != f {
		t.Errorf("default: %+v", d)
	}
	if _, err := PresetByName("Article"); err == nil || !strings.Contains(err.Error(), "article, faithful or cells") {
		t.Error(err)
	}
}

func TestSettingsSurviveJSON(t *testing.T) {
	for _, p := range Presets() {
		text, err := json.Marshal(p.Settings)
		if err != nil {
			t.Fatal(err)
		}
		var got Settings
		if err := json.Unmarshal(text, &got); err != nil || got != p.Settings {
			t.Errorf("%s: %s, %v", p.Name, text, err)
		}
	}
	text, _ := json.Marshal(ArticlePreset())
	const want = `{"hide":"black","target":"probability","samples":1000,"features":5,"seed":42,` +
		`"segmentation":{"kernelSize":4,"maxDist":200,"ratio":0.2,"seed":42}}`
	if string(text) != want {
		t.Errorf("%s", text)
	}
	text, _ = json.Marshal(CellsPreset())
	if string(text) != `{"hide":"removed","target":"log-odds","samples":1000,"features":5,"seed":42,"regions":"cells"}` {
		t.Errorf("%s", text)
	}
	var s Settings
	if err := json.Unmarshal([]byte(`{"regions":"squares"}`), &s); err == nil || !strings.Contains(err.Error(), "expected quickshift or cells") {
		t.Error(err)
	}
	if err := json.Unmarshal([]byte(`{"hide":"grey"}`), &s); err == nil || !strings.Contains(err.Error(), "expected black, mean or removed") {
		t.Error(err)
	}
	if _, err := json.Marshal(Settings{Target: 7}); err == nil {
		t.Error("an unknown target became JSON")
	}
}

func TestSettingsOutOfRange(t *testing.T) {
	for want, change := range map[string]func(*Settings){
		"hiding colour 3":     func(s *Settings) { s.Hide = 3 },
		"kind of regions 2":   func(s *Settings) { s.Regions = 2 },
		"leave no ground":     func(s *Settings) { s.Hide = HideRemoved },
		"must be left out":    func(s *Settings) { s.Regions = RegionsCells },
		"target -1":           func(s *Settings) { s.Target = -1 },
		"19 samples":          func(s *Settings) { s.Samples = 19 },
		"100001 samples":      func(s *Settings) { s.Samples = 100001 },
		"0 features":          func(s *Settings) { s.Features = 0 },
		"101 features":        func(s *Settings) { s.Features = 101 },
		"kernel size is +Inf": func(s *Settings) { s.Segmentation.KernelSize = math.Inf(1) },
	} {
		s := FaithfulPreset()
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
	if s := Hide(9).String(); s != "unknown (9)" {
		t.Error(s)
	}
}
