package worker

import (
	"fmt"
	"strings"

	"netsplit/runtime/display"
)

// result is what is shown for the values of a cell's last expression: the bundle
// of a single value, the text of several as a tuple, nil for none. It runs on the
// cell's goroutine, because it calls methods of the learner's.
func result(values []any) display.Bundle {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return display.Of(values[0])
	}
	texts := make([]string, len(values))
	for i, v := range values {
		text, ok := display.Of(v)["text/plain"].(string)
		if !ok {
			text = fmt.Sprintf("%+v", v)
		}
		texts[i] = text
	}
	return display.Bundle{"text/plain": "(" + strings.Join(texts, ", ") + ")"}
}
