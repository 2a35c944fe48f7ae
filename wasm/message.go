//go:build js && wasm

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math"

	"github.com/hack-pad/safejs"

	"allnet/cases"
	"allnet/model"
)

// message is what the worker posts to the page: strings, numbers and arrays of bytes
// ([]byte becomes a Uint8Array, whose memory is given away, not copied).
type message map[string]any

// post sends a message to the page.
func post(worker safejs.Value, m message) error {
	fields := make(map[string]any, len(m))
	var transfer []any
	for name, value := range m {
		if data, isBytes := value.([]byte); isBytes {
			array, err := toJS(data)
			if err != nil {
				return err
			}
			buffer, err := array.Get("buffer")
			if err != nil {
				return err
			}
			transfer = append(transfer, buffer)
			value = array
		}
		fields[name] = value
	}
	_, err := worker.Call("postMessage", fields, transfer)
	return err
}

// toJS copies data into a new Uint8Array.
func toJS(data []byte) (safejs.Value, error) {
	constructor, err := safejs.Global().Get("Uint8Array")
	if err != nil {
		return safejs.Value{}, err
	}
	array, err := constructor.New(len(data))
	if err != nil {
		return safejs.Value{}, err
	}
	_, err = safejs.CopyBytesToJS(array, data)
	return array, err
}

// job is a message from the page.
type job struct {
	data safejs.Value
}

// text returns a field that must be a string.
func (j job) text(name string) (string, error) {
	value, err := j.data.Get(name)
	if err != nil {
		return "", err
	}
	if value.Type() != safejs.TypeString {
		return "", fmt.Errorf("message lacks the text %q", name)
	}
	return value.String()
}

// number returns a field that must be a whole number.
func (j job) number(name string) (int, error) {
	value, err := j.data.Get(name)
	if err != nil {
		return 0, err
	}
	number, err := value.Float()
	if err != nil {
		return 0, err
	}
	if number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return 0, fmt.Errorf("message has %v for %q, which must be a whole number", number, name)
	}
	return int(number), nil
}

// float returns a field that must be a finite number.
func (j job) float(name string) (float64, error) {
	value, err := j.data.Get(name)
	if err != nil {
		return 0, err
	}
	number, err := value.Float()
	if err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		err = fmt.Errorf("message has %v for %q, which must be a finite number", number, name)
	}
	return number, err
}

// has reports whether the page sent a field.
func (j job) has(name string) bool {
	value, err := j.data.Get(name)
	return err == nil && !value.IsUndefined()
}

// bytes returns a copy of a field that must be a Uint8Array.
func (j job) bytes(name string) ([]byte, error) {
	value, err := j.data.Get(name)
	if err != nil {
		return nil, err
	}
	length, err := value.Length()
	if err != nil {
		return nil, fmt.Errorf("message lacks the bytes %q: %w", name, err)
	}
	data := make([]byte, length)
	_, err = safejs.CopyBytesToGo(data, value)
	return data, err
}

// sourceOf says what a job's picture is read from, with the width that goes with pixels.
func sourceOf(j job) (s cases.Source, width int, err error) {
	switch {
	case j.has("example"):
		name, err := j.text("example")
		if err != nil {
			return s, 0, err
		}
		s, _, err = cases.Drawn(name)
		return s, 0, err
	case j.has("rgba"):
		width, err := j.number("width")
		if err != nil {
			return s, 0, err
		}
		pix, err := j.bytes("rgba")
		return cases.SourceOf(cases.Pixels, "", pix), width, err
	default:
		data, err := j.bytes("bytes")
		return cases.SourceOf(cases.File, "", data), 0, err
	}
}

// identity is the SHA-256 of all that a reading of a picture depends on.
func identity(n *network, choices *model.Choices, s cases.Source, width int) (sum [sha256.Size]byte, err error) {
	text, err := json.Marshal(choices)
	return sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s %d %s", n.model.Name(), n.correction(), text, s.Kind, width, s.SHA256)), err
}
