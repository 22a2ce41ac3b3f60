package session

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"netsplit/kernel/wire"
)

// What history keeps; the oldest inputs are forgotten first.
const (
	maxHistory      = 10_000
	maxHistoryBytes = 64 << 20
)

// historySession is the number of this run in history. There is no other.
const historySession = 1

// history holds the inputs of the parent shell, and the text of their results.
type history struct {
	mu     sync.Mutex
	inputs []historyInput
	bytes  int
}

type historyInput struct {
	line   int
	input  string
	output *string
}

func (h *history) add(line int, input string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.inputs = append(h.inputs, historyInput{line: line, input: input})
	h.bytes += len(input)
	for len(h.inputs) > maxHistory || h.bytes > maxHistoryBytes && len(h.inputs) > 1 {
		h.bytes -= len(h.inputs[0].input)
		if h.inputs[0].output != nil {
			h.bytes -= len(*h.inputs[0].output)
		}
		h.inputs = h.inputs[1:]
	}
}

// result notes the text of a cell's result, where it had one.
func (h *history) result(line int, output *string) {
	if output == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.inputs) - 1; i >= 0; i-- {
		if h.inputs[i].line == line {
			h.inputs[i].output = output
			h.bytes += len(*output)
			return
		}
	}
}

// historyRequest answers tail (the newest n), range (lines start to stop of a session;
// 0 is this one, and so is 1) and search (the newest n that match a glob). n of 0 is
// all. Rows are in the order in which the cells ran.
func (s *Session) historyRequest(r *request) (any, error) {
	var asked wire.HistoryRequest
	if err := r.Decode(&asked); err != nil {
		return nil, err
	}
	h := &s.history
	h.mu.Lock()
	defer h.mu.Unlock()
	var found []historyInput
	switch asked.Access {
	case "tail":
		found = newest(h.inputs, asked.N)
	case "range":
		if asked.Session != 0 && asked.Session != historySession {
			break
		}
		for _, in := range h.inputs {
			if in.line >= asked.Start && (asked.Stop <= 0 || in.line < asked.Stop) {
				found = append(found, in)
			}
		}
	case "search":
		matches, err := glob(asked.Pattern)
		if err != nil {
			return nil, err
		}
		last := map[string]int{}
		for _, in := range h.inputs {
			if matches.MatchString(in.input) {
				last[in.input] = in.line
				found = append(found, in)
			}
		}
		if asked.Unique {
			all := found
			found = nil
			for _, in := range all {
				if last[in.input] == in.line {
					found = append(found, in)
				}
			}
		}
		found = newest(found, asked.N)
	default:
		return nil, fmt.Errorf("history_request: hist_access_type is %s, want range, tail or search", clip(asked.Access))
	}
	rows := wire.List[wire.HistoryRow]{}
	for _, in := range found {
		rows = append(rows, wire.HistoryRow{
			Session: historySession, Line: in.line,
			Input: in.input, WithOutput: asked.Output, Output: in.output,
		})
	}
	return wire.HistoryReply{History: rows}, nil
}

func newest(inputs []historyInput, n int) []historyInput {
	if n > 0 && n < len(inputs) {
		return inputs[len(inputs)-n:]
	}
	return inputs
}

// glob is a pattern as SQLite's GLOB has it, which is what ipykernel searches with: *
// stands for any text, ? for one character, [abc], [a-z] and [^a] for one of a set.
func glob(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; c {
		case '*':
			b.WriteString(`.*`)
			i++
		case '?':
			b.WriteString(`.`)
			i++
		case '[':
			set, length := globSet(pattern[i:])
			b.WriteString(set)
			i += length
		default:
			next := strings.IndexAny(pattern[i:], "*?[")
			if next < 0 {
				next = len(pattern) - i
			}
			b.WriteString(regexp.QuoteMeta(pattern[i : i+next]))
			i += next
		}
	}
	b.WriteString(`\z`)
	matches, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("history_request: pattern %s: %w", clip(pattern), err)
	}
	return matches, nil
}

// globSet turns the set at the start of text into a class of a regular expression. A [
// that no ] closes stands for itself.
func globSet(text string) (class string, length int) {
	from := 1
	if strings.HasPrefix(text[from:], "^") {
		from++
	}
	end := strings.IndexByte(text[min(from+1, len(text)):], ']') // a ] in the first place belongs to the set
	if end < 0 {
		return `\[`, 1
	}
	end += from + 1
	set := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`, `&`, `\&`).Replace(text[from:end])
	if from == 2 {
		set = "^" + set
	}
	return "[" + set + "]", end + 1
}
