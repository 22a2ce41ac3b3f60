package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Dict is a JSON object. It is {} when nil.
type Dict map[string]any

func (d Dict) MarshalJSON() ([]byte, error) {
	if d == nil {
		return []byte("{}"), nil
	}
	return marshal(map[string]any(d))
}

// List is a JSON array. It is [] when nil.
type List[T any] []T

func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return marshal([]T(l))
}

// marshal is json.Marshal without escapes for HTML, which would double the size of
// program text.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func (h Header) MarshalJSON() ([]byte, error) {
	return marshal(struct {
		ID       string `json:"msg_id"`
		Session  string `json:"session"`
		Username string `json:"username"`
		Date     string `json:"date"`
		Type     string `json:"msg_type"`
		Version  string `json:"version"`
		Subshell string `json:"subshell_id,omitempty"`
	}(h))
}

// parseHeader reads a header. It must be an object, in UTF-8 since it is repeated to
// every subscriber, that names the message and its type; everything else may be
// absent or of any type.
func parseHeader(raw []byte) (Header, error) {
	var h Header
	if !utf8.Valid(raw) {
		return h, errors.New("not UTF-8")
	}
	f, err := object(raw)
	if err != nil {
		return h, err
	}
	f.text("msg_id", &h.ID)
	f.text("session", &h.Session)
	f.text("username", &h.Username)
	f.text("date", &h.Date)
	f.text("msg_type", &h.Type)
	f.text("version", &h.Version)
	f.text("subshell_id", &h.Subshell)
	switch {
	case h.ID == "":
		return h, errors.New("no msg_id")
	case h.Type == "":
		return h, errors.New("no msg_type")
	}
	return h, nil
}

// fields are the members of a JSON object that came from outside. The readers leave
// their target as it is, that is at its default, when the member is absent or null;
// when it is of the wrong type too, but then they say so.
type fields map[string]json.RawMessage

func object(raw []byte) (fields, error) {
	if err := checkDepth(raw, MaxDepth); err != nil {
		return nil, err
	}
	var f fields
	if err := json.Unmarshal(raw, &f); err != nil {
		if typed := (*json.UnmarshalTypeError)(nil); errors.As(err, &typed) {
			return nil, fmt.Errorf("%s where an object belongs", typed.Value)
		}
		return nil, err
	}
	if f == nil {
		return nil, errors.New("null where an object belongs")
	}
	return f, nil
}

func (f fields) text(name string, to *string) error { return read(f, name, "string", to) }
func (f fields) bool(name string, to *bool) error   { return read(f, name, "boolean", to) }

// int takes any number; a fraction is cut off.
func (f fields) int(name string, to *int) error {
	x := float64(*to)
	if err := read(f, name, "number", &x); err != nil {
		return err
	}
	const most = 1 << 53
	*to = int(max(-most, min(most, x)))
	return nil
}

func (f fields) dict(name string, to *Dict) error {
	m := map[string]any(*to)
	if err := read(f, name, "object", &m); err != nil {
		return err
	}
	*to = m
	return nil
}

func read[T any](f fields, name, want string, to *T) error {
	raw, ok := f[name]
	if !ok || string(raw) == "null" {
		return nil
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("%s is %s, want a %s", name, kindOf(raw), want)
	}
	*to = v
	return nil
}

// kindOf names the type of a JSON value.
func kindOf(raw []byte) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "empty"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// checkDepth refuses JSON that nests deeper than most. It goes through the bytes
// once and keeps nothing, so that it may stand before every other look at them.
func checkDepth(raw []byte, most int) error {
	depth, inText := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case inText:
			switch c {
			case '\\':
				i++
			case '"':
				inText = false
			}
		case c == '"':
			inText = true
		case c == '{' || c == '[':
			if depth++; depth > most {
				return fmt.Errorf("JSON nested deeper than %d", most)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
