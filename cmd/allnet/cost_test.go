package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	comparison "allnet/lab/compare"
	"allnet/lab/compare/onnxruntime"
)

func TestCost(t *testing.T) {
	if _, err := onnxruntime.New(t.Context(), ".").Version(); err != nil {
		t.Skip("left out: networks in ONNX Runtime, for", err)
	}
	out := filepath.Join(t.TempDir(), "cost.json")
	status, stdout, stderr := allnet("cost", "-rounds", "2", "-json", out, "ALL-Net=article", "ours=robust")
	if status != 0 {
		t.Fatal(stderr)
	}
	for _, want := range []string{"ALL-Net  ", "787268", "461.6 M", "3.2 MB", "engine", "onnxruntime-web", "in 2 rounds", "that of ALL-Net", "not measured here"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in\n%s", want, stdout)
		}
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var f comparison.CostFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	if f.Command != "allnet cost -rounds 2 ALL-Net=article ours=robust" || len(f.Networks) != 2 || f.Networks[1].Parameters != 233300 {
		t.Errorf("command %q, networks %+v", f.Command, f.Networks)
	}
	if strings.Contains(string(data), "ccuracy") {
		t.Error("an accuracy stands where none was measured")
	}
}

func TestCostRefuses(t *testing.T) {
	for _, c := range []struct {
		status int
		want   string
		args   []string
	}{
		{2, "got 0 arguments", nil},
		{1, "expected NAME=FILE", []string{"article"}},
		{1, "expected NAME=FILE", []string{"=article"}},
		{1, "missing.onnx: The file could not be opened", []string{"net=missing.onnx"}},
		{1, "there are 0 rounds", []string{"-rounds", "0", "net=article"}},
	} {
		if status, _, stderr := allnet(append([]string{"cost"}, c.args...)...); status != c.status || !strings.Contains(stderr, c.want) {
			t.Errorf("%v: status %d, %q; want %d and %q", c.args, status, stderr, c.status, c.want)
		}
	}
}
