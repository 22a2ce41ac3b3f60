package notebook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// marshal writes a value as Python's json.dumps does with indent=1, sort_keys=True and
// ensure_ascii=False. It knows what decoding JSON gives: object, list, string, number,
// bool, nil.
func marshal(v any) []byte {
	var b bytes.Buffer
	write(&b, v, 0)
	return b.Bytes()
}

func write(b *bytes.Buffer, v any, depth int) {
	switch v := v.(type) {
	case nil:
		b.WriteString("null")
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case string:
		writeText(b, v)
	case int:
		b.WriteString(strconv.Itoa(v))
	case json.Number:
		b.WriteString(number(v))
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return
		}
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			newLine(b, depth+1)
			write(b, item, depth+1)
		}
		newLine(b, depth)
		b.WriteByte(']')
	case object:
		if len(v) == 0 {
			b.WriteString("{}")
			return
		}
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		sort.Strings(names) // the order of bytes is that of code points
		b.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			newLine(b, depth+1)
			writeText(b, name)
			b.WriteString(": ")
			write(b, v[name], depth+1)
		}
		newLine(b, depth)
		b.WriteByte('}')
	default:
		panic(fmt.Sprintf("notebook: a %T in JSON", v))
	}
}

func newLine(b *bytes.Buffer, depth int) {
	b.WriteByte('\n')
	for range depth {
		b.WriteByte(' ')
	}
}

func writeText(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\f':
			b.WriteString(`\f`)
		case r == '\b':
			b.WriteString(`\b`)
		case r < 0x20:
			fmt.Fprintf(b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
}

// number is a number as Python writes it once it has read it: whole numbers digit by
// digit, others as repr does.
func number(n json.Number) string {
	text := string(n)
	if !strings.ContainsAny(text, ".eE") {
		if text == "-0" {
			return "0"
		}
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil { // beyond all floats; Python would write Infinity, which is no JSON
		return text
	}
	return repr(f)
}

// repr is a floating-point number as Python's repr writes it: 4.0, 0.1, 1e-05.
func repr(f float64) string {
	short := strconv.FormatFloat(f, 'e', -1, 64)
	_, exponent, _ := strings.Cut(short, "e")
	if e, _ := strconv.Atoi(exponent); e >= -4 && e < 16 {
		short = strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(short, ".") {
			short += ".0"
		}
	}
	return short
}

// split cuts a text into lines as Python's str.splitlines(keepends=True) does.
func split(text string) []any {
	lines := []any{}
	for text != "" {
		end := len(text)
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size
			if r == '\r' && strings.HasPrefix(text[i:], "\n") {
				i++
			}
			switch r {
			case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
				end = i
			default:
				continue
			}
			break
		}
		lines = append(lines, text[:end])
		text = text[end:]
	}
	return lines
}
