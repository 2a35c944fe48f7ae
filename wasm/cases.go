//go:build js && wasm

package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"allnet/cases"
	"allnet/cases/profile"
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

// fitProfile answers with a profile of the pictures of cases that the reader judged.
func fitProfile(j job) (message, error) {
	text, err := j.text("json")
	if err != nil {
		return nil, err
	}
	var asked struct {
		Cases []cases.Draft `json:"cases"`
	}
	if err := json.Unmarshal([]byte(text), &asked); err != nil {
		return nil, fmt.Errorf("reading the judged pictures: %w", err)
	}
	var all []*cases.Case
	for _, d := range asked.Cases {
		all = append(all, &cases.Case{Label: d.Label, Pictures: d.Pictures})
	}
	examples, network, err := profile.Examples(all)
	if err != nil {
		return nil, err
	}
	p, err := profile.Fit(network, program(), examples)
	if err != nil {
		return nil, err
	}
	file, err := p.JSON()
	if err != nil {
		return nil, err
	}
	return message{"json": string(file), "file": file}, nil
}
