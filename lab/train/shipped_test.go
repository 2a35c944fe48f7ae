package train_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"allnet/lab/dataset"
	"allnet/lab/evaluation"
	"allnet/model"
	"allnet/model/picture"
)

// shared is the folder of real pictures, or "" with a line in the log.
func shared(t *testing.T) string {
	dir := os.Getenv("ALLNET_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "pbs")); err != nil {
		t.Log("left out: the real pictures, because ALLNET_SHARED has none")
		return ""
	}
	return filepath.Join(dir, "data")
}

func shippedSplit(t *testing.T) []dataset.Assignment {
	t.Helper()
	file, err := os.ReadFile("../split.tsv")
	if err != nil {
		t.Fatal(err)
	}
	split, err := dataset.ReadSplit(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return split
}

// The shipped weights are right on at least as large a share of the pictures that
// they did not learn from, validation and test side together, as was asked for: the
// article's unaugmented 97.85 %, and 99.5 % for the robust network. That is also
// what PyTorch counted after the last epoch, but for the rounding of the weights.
func TestShippedWeightsAreRightOnPicturesTheyDidNotLearnFrom(t *testing.T) {
	dir := shared(t)
	if dir == "" {
		return
	}
	if testing.Short() {
		t.Skip("left out: the real pictures take half a minute")
	}
	var items []dataset.Item
	for _, a := range shippedSplit(t) {
		if a.Side != dataset.Train {
			items = append(items, a.Item)
		}
	}
	least := map[string]float64{"article": 0.9785, "robust": 0.995, "cells": 0.99}
	for _, b := range model.Shipped() {
		m, err := model.Load(b.Weights()) // without its calibration: every picture gets an answer
		if err != nil {
			t.Fatal(err)
		}
		if named, err := model.Named(b.Name); err != nil {
			t.Fatal(err)
		} else if named.Reads() == model.Cells {
			m = m.ReadingCells()
		}
		records := make([]model.Record, len(items))
		sessions := sync.Pool{New: func() any { return m.NewSession() }}
		err = dataset.ForEach(t.Context(), filepath.Join(dir, "pbs"), items, func(i int, p *picture.Picture, err error) {
			var result *model.Result
			var in *model.Specimen
			if err == nil {
				in, err = m.Prepare(p, model.Options{})
			}
			if err == nil {
				session := sessions.Get().(*model.Session)
				result, err = session.Read(in)
				sessions.Put(session)
			}
			records[i] = model.NewRecord(items[i].File, result, err)
			records[i].Label = &items[i].Label
		})
		if err != nil {
			t.Fatal(err)
		}
		s := evaluation.Summarise(records)
		t.Logf("%s: %d of %d right", b.Name, s.Correct, s.N)
		if s.Accuracy < least[b.Name] {
			t.Errorf("%s: accuracy %.4f, want at least %.4f", b.Name, s.Accuracy, least[b.Name])
		}
		data, err := os.ReadFile(filepath.Join("shipped", b.Name, "curves.json"))
		if err != nil {
			t.Fatal(err)
		}
		var curves struct {
			Epochs []struct {
				Accuracy float64 `json:"test_accuracy"`
			}
		}
		if err := json.Unmarshal(data, &curves); err != nil {
			t.Fatal(err)
		}
		if last := curves.Epochs[len(curves.Epochs)-1].Accuracy; math.Abs(last-s.Accuracy)*float64(s.N) > 1.5 {
			t.Errorf("%s: accuracy %v, but the last epoch's was %v", b.Name, s.Accuracy, last)
		}
	}
}

// No published near-duplicate group stands on two sides of the shipped split.
func TestShippedSplitKeepsPublishedGroupsWhole(t *testing.T) {
	dir := shared(t)
	if dir == "" {
		return
	}
	sides := make(map[string]dataset.Side)
	for _, a := range shippedSplit(t) {
		sides[a.File] = a.Side
	}
	list, err := os.ReadFile(filepath.Join(dir, "near_dup_groups.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	group := make(map[string]dataset.Side)
	for line := range strings.Lines(string(list)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		side, listed := sides[fields[1]+"/"+fields[2]]
		if !listed {
			continue
		}
		if other, seen := group[fields[0]]; seen && other != side {
			t.Errorf("group %s stands on two sides", fields[0])
		}
		group[fields[0]] = side
	}
	if len(group) < 70 {
		t.Errorf("only %d groups were compared", len(group))
	}
}
