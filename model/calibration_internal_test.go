package model

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

func TestMembersAreThoseThatPackageJSONReads(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, "{\n \"a\" :\t[1, {\"b\": 2}, \"]},\"] , \"c\": {\"d\": {}} }", `{"a\"b": "c\\", "\u0064": "\"}", "": null}`,
		`{"a": [[1,2],[3]], "b": true, "a": "again"}`, `{"a": "\\\"", "b": "\\"}`,
	} {
		var want map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got := members([]byte(text))
		if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))) {
			t.Errorf("%s: members %q, want %q", text, got, want)
		}
		for key, value := range want {
			if string(got[key]) != string(value) {
				t.Errorf("%s: %q is %q, want %q", text, key, got[key], value)
			}
		}
	}
	for _, text := range []string{``, `1`, `[1, {"a": 2}]`, `"a"`, `null`} {
		if got := members([]byte(text)); len(got) > 0 {
			t.Errorf("%s has the members %q", text, got)
		}
	}
}
