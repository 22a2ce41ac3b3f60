package notebook

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"netsplit/kernel/session"
)

// Options say how a notebook is executed.
type Options struct {
	AllowErrors bool   // go on behind a cell that fails
	Version     string // of the kernel

	// Show gets text as it comes; nil for none.
	Show func(stream, text string)

	// Started is called once with what interrupts the cell that runs.
	Started func(interrupt func())
}

// CellError is the failure that ended a run.
type CellError struct {
	Cell      int // position in the notebook, from 1, all kinds of cells counted
	Count     int // execution count, the n of In [n]
	Line      int // in the cell, from 1; 0 where no line is known
	Name      string
	Value     string
	Traceback []string // with ANSI colours
}

func (e *CellError) Error() string {
	line := ""
	if e.Line > 0 {
		line = fmt.Sprintf(", line %d", e.Line)
	}
	return fmt.Sprintf("cell %d (In [%d])%s: %s: %s", e.Cell, e.Count, line, e.Name, e.Value)
}

// Run executes the code cells of a notebook in order, as nbclient does: blank cells
// and cells tagged skip-execution are left alone, a cell tagged raises-exception may
// fail. The evaluator is shut down. The error is a *CellError when a cell failed; the
// outputs up to then are in the notebook.
func (n *Notebook) Run(evaluator session.Evaluator, o Options) error {
	c, s, stop := connect(evaluator, o.Version)
	defer stop()
	if o.Started != nil {
		o.Started(s.Interrupt)
	}
	n.setLanguage()
	r := &recorder{show: o.Show}
	count := 0
	for i, cell := range n.cells {
		if !cell.IsCode() || strings.TrimSpace(cell.Source()) == "" || cell.HasTag("skip-execution") {
			continue
		}
		allowed := o.AllowErrors || cell.HasTag("raises-exception")
		r.begin(cell)
		answer, err := c.execute(cell.Source(), cell.ID(), !allowed, r.take)
		if err != nil {
			return fmt.Errorf("cell %d: the kernel ended: %w", i+1, err)
		}
		count++
		cell.fields["execution_count"] = json.Number(strconv.Itoa(count))
		if answer.Status == "error" && !allowed {
			return &CellError{
				Cell: i + 1, Count: count, Line: line(answer, count),
				Name: answer.Name, Value: answer.Value, Traceback: answer.Traceback,
			}
		}
	}
	r.widgets.note(n.Metadata())
	return nil
}

// setLanguage notes in the metadata what the kernel says about its language.
func (n *Notebook) setLanguage() {
	raw, err := json.Marshal(session.LanguageInfo())
	if err != nil {
		return
	}
	if info, err := decode(raw); err == nil {
		n.Metadata()["language_info"] = info
	}
}

var (
	colour    = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")
	position  = regexp.MustCompile(`^(\d+):\d+: `)
	elsewhere = regexp.MustCompile(`\(cell \[\d+\]\)$`) // the position is one of another cell
)

// line is where in the cell an error was met: its value begins with the position, or
// its trace has a line "cell [3], line 7".
func line(r *reply, count int) int {
	if m := position.FindStringSubmatch(r.Value); m != nil && !elsewhere.MatchString(r.Value) {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	here := regexp.MustCompile(`\[` + strconv.Itoa(count) + `\](?:,| at)? line (\d+)`)
	if m := here.FindStringSubmatch(Plain(strings.Join(r.Traceback, "\n"))); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// Plain is text without the escape sequences for colours.
func Plain(text string) string { return colour.ReplaceAllString(text, "") }
