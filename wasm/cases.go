//go:build js && wasm

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"allnet/cases"
	"allnet/cases/profile"
	"allnet/model"
)

// program is this build, as a case names it.
func program() cases.Program {
	return cases.Program{Version: version, Revision: revision, Go: runtime.Version()}
}

// summarise answers with what rows say together.
func summarise(j job) (message, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	var asked struct {
		Rows []cases.Row `json:"rows"`
	}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return nil, fmt.Errorf("reading the rows: %w", err)
	}
	return jsonReply(cases.Summarise(asked.Rows))
}

// draft reads the pictures of a case; the program that reads them is this one.
func draft(j job) (*cases.Draft, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	d, err := cases.ParseDraft([]byte(text))
	if err != nil {
		return nil, err
	}
	d.Program = program()
	return d, nil
}

// writeCase answers with a case, as the texts that are saved.
func writeCase(j job) (message, error) {
	d, err := draft(j)
	if err != nil {
		return nil, err
	}
	c, err := cases.Assemble(d)
	if err != nil {
		return nil, err
	}
	text, err := c.JSON()
	if err != nil {
		return nil, err
	}
	table, err := c.CSV()
	if err != nil {
		return nil, err
	}
	reply, err := jsonReply(map[string]any{"summary": c.Summary})
	if err != nil {
		return nil, err
	}
	reply["file"], reply["table"] = text, table
	return reply, nil
}

// compare answers with a saved case beside its pictures, read again.
func compare(j job) (message, error) {
	saved, err := j.bytes("saved")
	if err != nil {
		return nil, err
	}
	d, err := draft(j)
	if err != nil {
		return nil, err
	}
	comparison, err := cases.Compare(saved, d)
	if err != nil {
		return nil, err
	}
	return jsonReply(comparison)
}

// examples are the pictures of a job's cases that the reader judged.
func examples(j job) ([]profile.Example, cases.Network, error) {
	var network cases.Network
	text, err := j.text("json")
	if err != nil {
		return nil, network, err
	}
	var asked struct {
		Cases []cases.Draft `json:"cases"`
	}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return nil, network, fmt.Errorf("reading the judged pictures: %w", err)
	}
	var all []*cases.Case
	for _, d := range asked.Cases {
		all = append(all, &cases.Case{Label: d.Label, Pictures: d.Pictures})
	}
	return profile.Examples(all)
}

// judged answers with how many pictures of cases there are to fit a profile to.
func judged(j job) (message, error) {
	of, _, err := examples(j)
	if err != nil {
		return nil, err
	}
	return jsonReply(profile.Stand(of))
}

// fitProfile answers with a profile of the pictures of cases that the reader judged, or with why there is
// none, without the figures of what is not given out.
func fitProfile(j job) (message, error) {
	of, network, err := examples(j)
	if err != nil {
		return nil, err
	}
	p, err := profile.Fit(network, program(), of)
	if refusal := new(profile.Refusal); errors.As(err, &refusal) {
		return nil, errors.New(refusal.Why)
	}
	if err != nil {
		return nil, err
	}
	file, err := p.JSON()
	if err != nil {
		return nil, err
	}
	return parsedProfile(file)
}

// readProfile answers with a profile that was saved.
func readProfile(j job) (message, error) {
	file, err := j.bytes("file")
	if err != nil {
		return nil, err
	}
	return parsedProfile(file)
}

// parsedProfile is the answer of both: what a profile's file holds, with the correction for its network.
func parsedProfile(file []byte) (message, error) {
	p, err := profile.Parse(file)
	if err != nil {
		return nil, err
	}
	network, err := model.BundleNamed(p.Network.Name)
	if err != nil {
		return nil, err
	}
	weights, err := network.Hash()
	if err != nil {
		return nil, err
	}
	c, err := p.For(weights, network.CalibrationHash())
	if err != nil {
		return nil, err
	}
	reply, err := jsonReply(map[string]any{"profile": p, "correction": c})
	if err == nil {
		reply["file"] = file
	}
	return reply, err
}
