//go:build !js

// Package internal_test holds the house's plan: which room may lead to which.
package internal_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// dependencies lists the packages of this module that are built into the given
// ones, for the given platform.
func dependencies(t *testing.T, platform []string, packages ...string) []string {
	t.Helper()
	list := exec.Command("go", append([]string{"list", "-deps"}, packages...)...)
	list.Dir = ".."
	list.Env = append(os.Environ(), platform...)
	out, err := list.Output()
	if err != nil {
		if failed, ok := err.(*exec.ExitError); ok {
			t.Fatalf("go list -deps %s: %s", strings.Join(packages, " "), failed.Stderr)
		}
		t.Fatal(err)
	}
	var own []string
	for _, name := range strings.Fields(string(out)) {
		if strings.HasPrefix(name, "allnet/") {
			own = append(own, strings.TrimPrefix(name, "allnet/"))
		}
	}
	return own
}

// in tells whether a package lies in a room or in a room within it.
func in(name, room string) bool { return name == room || strings.HasPrefix(name, room+"/") }

func TestNoRoomOpensADoorThatItMayNot(t *testing.T) {
	page := []string{"GOOS=js", "GOARCH=wasm"}
	for _, door := range []struct {
		platform        []string
		from            []string
		forbidden, that string
	}{
		{nil, []string{"./model/..."}, "lab", "the network at work needs nothing of what proves it"},
		{page, []string{"./model/..."}, "lab", "the network at work needs nothing of what proves it"},
		{nil, []string{"./lime/..."}, "lab", "explanations need nothing of what proves a network"},
		{nil, []string{"./cases/..."}, "lab", "a case is written by page and command line alike"},
		{page, []string{"./cases/..."}, "wasm", "a case is written by page and command line alike"},
		{page, []string{"./wasm"}, "lab", "what runs in the page holds nothing of what proves it"},
		{nil, []string{"./build/..."}, "lab", "the page is built of committed files alone"},
		{nil, []string{"./lime/..."}, "model", "explanations know a model only as logits of masks"},
		{nil, []string{"./lime/..."}, "internal", "lime can be taken along into another project"},
	} {
		packages := dependencies(t, door.platform, door.from...)
		if len(packages) == 0 {
			t.Errorf("%v holds no package of this module", door.from)
		}
		for _, name := range packages {
			if in(name, door.forbidden) {
				t.Errorf("%s depends on %s, but %s", strings.Join(door.from, " "), name, door.that)
			}
		}
	}
}

// Only explain joins the two: the network itself knows nothing of explanations,
// but for the elementary functions that give the same bits everywhere.
func TestOnlyExplainKnowsBothNetworkAndLIME(t *testing.T) {
	list := exec.Command("go", "list", "-f", "{{.ImportPath}}: {{join .Imports \" \"}}", "./model/...")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	joined := false
	for line := range strings.Lines(string(out)) {
		name, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for _, imported := range strings.Fields(imports) {
			if imported != "allnet/lime" {
				continue
			}
			if name != "allnet/model/explain" {
				t.Errorf("%s imports %s", name, imported)
			}
			joined = true
		}
	}
	if !joined {
		t.Error("nothing joins network and explanations; expected allnet/model/explain")
	}
}

// What runs over many machines brings a hundred modules, which page and command line are spared.
func TestTheArchiveIsAModuleThatNothingNeeds(t *testing.T) {
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(module), "apache/beam") {
		t.Error("go.mod names Apache Beam; expected archive/go.mod alone to do so")
	}
	list := exec.Command("go", "list", "-deps", ".")
	list.Dir = "../archive"
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	needs := make(map[string]bool)
	for _, name := range strings.Fields(string(out)) {
		own, is := strings.CutPrefix(name, "allnet/")
		needs[own] = is
		if is && (in(own, "cmd") || in(own, "wasm") || in(own, "build") || in(own, "lab") && own != "lab/dataset") {
			t.Errorf("archive depends on %s", own)
		}
	}
	if !needs["model"] || !needs["cases/evidence"] {
		t.Error("archive reads pictures without the packages of page and command line")
	}
}
