//go:build js && wasm

// Command wasm is the worker's program: the page sends it a message for each
// job and it answers with messages. Every message carries all that its answer
// depends on, so that another worker can take over at any time; what is kept of
// the picture explained last (superpixels and tables) only saves time. All that
// it computes is done by the packages that the command line uses too.
//
// # Messages
//
// Its first message says that it is ready, or why it is not; the latter may come after the former, as
// the calibration is read last, and before any answer:
//
//	{type: "ready", json: {program: {version, revision, go}, networks: [{name, weights, cells, apart}], examples, presets, default, permutations, limits}}
//	{type: "failed", message}
//
// A job has an id, a name and a few values; big ones are transferred, not copied:
//
//	{id, job: "example", name}                                 a built-in drawn picture, for its thumbnail
//	{id, job: "classify", network, name, bytes}                the bytes of a picture file
//	{id, job: "classify", network, name, rgba, width, height}  the pixels of a canvas
//	{id, job: "classify", network, name, example}              a built-in drawn picture
//	{id, job: "original", most, part, bytes or …}              a picture, or a part of it, as it is, at most so many pixels long
//	{id, job: "links", rgba, cells, json}                      the pixels that classify answered with, {segmentation, from, to}: of quickshift, and some rows
//	{id, job: "explain", network, rgba, links, json}           the same pixels, the links of all rows where others found them, the settings
//	{id, job: "shapley", network, rgba, json}                  the same pixels, {explanation, permutations}
//	{id, job: "draw", rgba, labels, json}                      the same pixels, the label map, {class: {coefficients, order}, features, gradCAM}
//	{id, job: "summarise", json}                               {rows}, what classify said of each picture in short
//	{id, job: "case", json}                                    {label, page, pictures: [{answer, explained, decision}]}, as the jobs answered
//	{id, job: "compare", saved, json}                          the bytes of a saved case, and its pictures read again, as for case
//	{id, job: "judged", json}                                  {cases}, each as for case, with the reader's decisions
//	{id, job: "profile", json}                                 the same
//	{id, job: "readProfile", file}                             the bytes of a saved profile
//
// where network is a name of model.Shipped. classify may be told choices, what a reader knows
// better of the picture (model.Choices, as JSON), and the number of the field that is to be
// shown; explain and shapley need, where the network reads cells, cells and scale as
// classify answered with them, so that what is explained are the cells that were read. All of them, and frame, take the
// correction of a profile (model.Correction, as JSON). Where a network is apart, its weights (packed: internal/packing)
// come with the first job that names it to each worker, as weights. Each job
// is answered by any number of
//
//	{id, type: "progress", stage, done, total}
//
// and one of
//
//	{id, type: "done", memory, json, …}   values as JSON, pixels and label maps as arrays beside it:
//	                                      example  rgba (no JSON)
//	                                      classify {record, network, weights, calibration, logits, scale, source, choices,
//	                                               correction, picture, field, regions, row}, rgba, cells
//	                                      original {width, height}, rgba
//	                                      links    (no JSON), 32 bits for each pixel: which one it is linked to
//	                                      explain  {explanation, evaluation, sentences, nuclei, readings, faithfulness, tested, regions}, labels
//	                                      shapley  {shapley, evaluation, agreement}
//	                                      draw     {regions, legend, gradCAM}, alone, heat, gradCAM, and outline, three times as wide and high
//	                                      summarise a cases.Summary
//	                                      case     {summary}, file and table: the bytes of the case's JSON and CSV
//	                                      compare  a cases.Comparison
//	                                      judged   a profile.Standing
//	                                      profile, readProfile  {profile, correction}, file: the profile's bytes
//	{id, type: "error", memory, message, unfit}  a sentence to show; unfit where the network failed its self-check;
//	                                             no id where the message had none that is a whole number
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/hack-pad/safejs"

	"allnet/lime"
	"allnet/model"
	"allnet/model/synthetic"
)

// version and revision are set by the build.
var (
	version  = "development"
	revision = "unknown"
)

func main() {
	worker := safejs.Global()
	first := model.Shipped()[0].Name
	usual := debug.SetGCPercent(-1) // the little that a start leaves behind is cheaper kept than looked for
	err := model.SelfCheck(first)
	debug.SetGCPercent(usual)
	if err == nil {
		err = serve(worker, first)
	}
	if err != nil {
		post(worker, message{"type": "failed", "message": err.Error()})
		os.Exit(1)
	}
}

// serve takes jobs, one after another, and never returns without an error. first is the network that
// has checked itself.
func serve(worker safejs.Value, first string) error {
	jobs := make(chan safejs.Value, 16)
	onmessage, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		if data, err := args[0].Get("data"); err == nil {
			jobs <- data
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := worker.Set("onmessage", onmessage); err != nil {
		return err
	}
	hello, err := greeting()
	if err != nil {
		return err
	}
	if err := post(worker, message{"type": "ready", "json": hello}); err != nil {
		return err
	}
	desk := &desk{worker: worker, networks: make(map[string]*network), checked: map[string]bool{first: true}, unfit: make(map[string]unfit)}
	if _, err := desk.network(first); err != nil { // reads its calibration, while the page shows that it is ready
		return err
	}
	for data := range jobs {
		if err := desk.answer(job{data}); err != nil {
			return fmt.Errorf("a message could not be answered: %w", err)
		}
	}
	return nil
}

// greeting says what this program is and what it offers by name, as JSON.
func greeting() (string, error) {
	var examples []map[string]string
	for _, example := range synthetic.Examples() {
		examples = append(examples, map[string]string{"name": example.Name, "caption": example.Caption})
	}
	var networks []map[string]any
	for _, b := range model.Shipped() {
		weights, err := b.Hash()
		if err != nil {
			return "", err
		}
		networks = append(networks, map[string]any{"name": b.Name, "weights": weights, "cells": b.Reads == model.Cells, "apart": b.Apart})
	}
	text, err := json.Marshal(map[string]any{
		"program":      program(),
		"networks":     networks,
		"examples":     examples,
		"presets":      lime.Presets(),
		"default":      lime.DefaultPreset().Name,
		"permutations": lime.DefaultPermutations,
		"limits": map[string]int{
			"minSamples": lime.MinSamples, "maxSamples": lime.MaxSamples, "maxFeatures": lime.MaxFeatures,
			"minPermutations": lime.MinPermutations, "maxPermutations": lime.MaxPermutations,
		},
	})
	return string(text), err
}
