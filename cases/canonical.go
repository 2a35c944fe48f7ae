package cases

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// marshal writes a value as JSON on one line. Unlike json.Marshal it leaves <, > and & as
// they are, as JavaScript does.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// canonical writes JSON anew so that the same values in the same order have the same bytes,
// whichever program wrote them: without spaces, strings and numbers as marshal writes them, and
// no minus before a zero, which JavaScript's numbers keep and its JSON loses.
func canonical(text []byte) ([]byte, error) {
	if !json.Valid(text) {
		return nil, errors.New("it is not JSON")
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
		case c == '"':
			end := endOfString(text, i)
			var err error
			if out, err = appendString(out, text[i:end]); err != nil {
				return nil, err
			}
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(text) && strings.IndexByte("+-.eE0123456789", text[end]) >= 0 {
				end++
			}
			var err error
			if out, err = appendNumber(out, text[i:end]); err != nil {
				return nil, err
			}
			i = end
		default: // brackets, commas, colons, true, false, null
			out = append(out, c)
			i++
		}
	}
	return out, nil
}

// endOfString is where a string of valid JSON ends that begins at i.
func endOfString(text []byte, i int) int {
	for i++; text[i] != '"'; i++ {
		if text[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// repeatedKey is a key, in quotes, that an object of JSON in canonical form has twice; empty where
// there is none.
func repeatedKey(text []byte) string {
	var open []map[string]bool // keys of the objects that are not closed yet; a list has none
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := endOfString(text, i)
			if end < len(text) && text[end] == ':' {
				key, last := string(text[i:end]), len(open)-1
				if open[last][key] {
					return key
				}
				if open[last] == nil {
					open[last] = make(map[string]bool)
				}
				open[last][key] = true
			}
			i = end - 1
		}
	}
	return ""
}

// appendString appends a string of JSON, which stands in quotes.
func appendString(out, quoted []byte) ([]byte, error) {
	plain := true
	for _, c := range quoted {
		plain = plain && c != '\\' && c < 0x80
	}
	if plain {
		return append(out, quoted...), nil
	}
	var text string
	if err := json.Unmarshal(quoted, &text); err != nil {
		return nil, err
	}
	anew, err := marshal(text)
	return append(out, anew...), err
}

// appendNumber appends a number of JSON.
func appendNumber(out, digits []byte) ([]byte, error) {
	if len(digits) <= 15 && !bytes.ContainsAny(digits, ".eE") && digits[0] != '-' {
		return append(out, digits...), nil
	}
	v, err := strconv.ParseFloat(string(digits), 64)
	if err != nil {
		return nil, errors.New("it holds the number " + string(digits) + ", which is too large")
	}
	if v == 0 {
		return append(out, '0'), nil
	}
	anew, err := json.Marshal(v)
	return append(out, anew...), err
}
