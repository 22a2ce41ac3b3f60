package worker

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"unicode/utf8"

	"netsplit/kernel/rt"
	"netsplit/runtime/display"
)

// result is what is shown for the values of a cell's last expression: the bundle
// of a single value, the text of several as a tuple, nil for none. It runs on the
// cell's goroutine, because it calls methods of the learner's.
func result(values []any) display.Bundle {
	shown := together(values)
	text, ok := shown["text/plain"].(string)
	if !ok || len(text) <= mostText {
		return shown
	}
	cut := mostText
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	short := maps.Clone(shown)
	short["text/plain"] = text[:cut] + "\n… (" + rt.Bytes(int64(len(text)-cut)) + " more)"
	return short
}

// mostText is how much of a value's text is shown: a large slice at the end of a cell
// is mostly a mistake, and all front ends and the notebook would keep it.
const mostText = 1 << 20

func together(values []any) display.Bundle {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return bundle(values[0])
	}
	texts := make([]string, len(values))
	for i, v := range values {
		text, ok := bundle(v)["text/plain"].(string)
		if !ok {
			text = fmt.Sprintf("%+v", v)
		}
		texts[i] = text
	}
	return display.Bundle{"text/plain": "(" + strings.Join(texts, ", ") + ")"}
}

// bundle is what a value shows. A function shows its type: its address says
// nothing, and another one in every worker.
func bundle(v any) display.Bundle {
	if f := reflect.ValueOf(rt.Unbox(v)); f.Kind() == reflect.Func && !f.IsNil() {
		switch v.(type) {
		case fmt.Stringer, error, display.Shower:
		default:
			if _, shows := rt.MimeBundle(v); !shows {
				return display.Bundle{"text/plain": rt.Describe(v).Type}
			}
		}
	}
	return display.Of(v)
}
