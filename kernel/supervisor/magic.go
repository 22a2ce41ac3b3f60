package supervisor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"netsplit/kernel/cell"
)

// A magic is a line of a cell that speaks to the kernel. It begins with % and
// stands anywhere outside strings and comments. Magics act before the cell's Go.
type magic struct {
	line      int // from 1
	name      string
	arguments []string
	takesCell bool // the cell's Go is what it is about, and is not run
}

// magics are all there are, in the order in which help lists them.
var magics = []struct{ name, usage, help string }{
	{"help", "%help [name]", "show this list, or what is known about a name"},
	{"goroutines", "%goroutines", "list the goroutines that live, with the cells and lines that started them"},
	{"stop", "%stop [cell ...]", "stop the goroutines that earlier cells left, all or those of the cells named"},
	{"lowered", "%lowered [cell]", "show what the Go below (or an earlier cell) becomes for the interpreter; the Go below is not run"},
	{"limits", "%limits", "show what cells may use and how much memory they hold"},
	{"reset", "%reset [all]", "take a fresh worker: variables go, functions, types and imports stay; with all these go too"},
}

// cutMagics takes the magics out of a cell's text. Their lines stay as blank ones,
// so that positions remain right. bad is a magic that does not exist.
func cutMagics(code string) (text string, found []magic, bad *cell.Diagnostic) {
	if !strings.Contains(code, "%") {
		return code, nil, nil
	}
	lines := strings.SplitAfter(code, "\n")
	var inside byte // ` in a raw string, * in a comment, 0 elsewhere
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		if inside != 0 || !strings.HasPrefix(trimmed, "%") {
			inside = scanLine(line, inside)
			continue
		}
		words := strings.Fields(trimmed[1:])
		m := magic{line: i + 1}
		if len(words) > 0 {
			m.name, m.arguments = words[0], words[1:]
		}
		known := slices.ContainsFunc(magics, func(k struct{ name, usage, help string }) bool { return k.name == m.name })
		if !known && bad == nil {
			bad = &cell.Diagnostic{
				Line: i + 1, Col: strings.Index(line, "%") + 1, Source: strings.TrimRight(line, "\r\n"),
				Message: "there is no magic %" + m.name, Help: "These exist:\n" + magicList(),
			}
		}
		m.takesCell = m.name == "lowered" && len(m.arguments) == 0
		found = append(found, m)
		lines[i] = line[len(strings.TrimRight(line, "\r\n")):]
	}
	return strings.Join(lines, ""), found, bad
}

// blankMagics puts blanks where magics are: what editors ask about the rest keeps
// its positions.
func blankMagics(code string) string {
	if !strings.Contains(code, "%") {
		return code
	}
	lines := strings.SplitAfter(code, "\n")
	var inside byte
	for i, line := range lines {
		if inside == 0 && strings.HasPrefix(strings.TrimSpace(line), "%") {
			lines[i] = strings.Map(func(r rune) rune {
				if r == '\n' || r == '\r' {
					return r
				}
				return ' '
			}, line)
			continue
		}
		inside = scanLine(line, inside)
	}
	return strings.Join(lines, "")
}

// scanLine follows Go's strings and comments through a line.
func scanLine(line string, inside byte) byte {
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case inside == '`':
			if c == '`' {
				inside = 0
			}
		case inside == '*':
			if strings.HasPrefix(line[i:], "*/") {
				inside = 0
				i++
			}
		case c == '`':
			inside = '`'
		case strings.HasPrefix(line[i:], "//"):
			return 0
		case strings.HasPrefix(line[i:], "/*"):
			inside = '*'
			i++
		case c == '"' || c == '\'':
			for i++; i < len(line) && line[i] != c && line[i] != '\n'; i++ {
				if line[i] == '\\' {
					i++
				}
			}
		}
	}
	return inside
}

func magicList() string {
	var b strings.Builder
	for _, m := range magics {
		fmt.Fprintf(&b, "  %-17s %s\n", m.usage, m.help)
	}
	return strings.TrimRight(b.String(), "\n")
}

// magic runs one magic. page is what a pager shows.
func (k *Kernel) magic(r *run, m magic, text string) (page map[string]any, e *Error) {
	say := func(format string, args ...any) { r.stream("stdout", fmt.Sprintf(format, args...)+"\n") }
	if why := refusedMagic[m.name]; why != "" && k.options.Grading.On() {
		return nil, m.usageError(r, "%"+m.name+" is not available while a submission is graded: "+why)
	}
	switch m.name {
	case "help":
		return k.help(m.arguments), nil
	case "goroutines":
		say("%s", k.goroutineTable())
	case "stop":
		return nil, k.stopGoroutines(r, m, say)
	case "lowered":
		return nil, k.showLowered(r, m, text, say)
	case "limits":
		say("%s", k.limitsText())
	case "reset":
		return nil, k.reset(r, m, say)
	}
	return nil, nil
}

// usageError is that of a magic whose arguments make no sense.
func (m magic) usageError(r *run, problem string) *Error {
	source := "%" + strings.Join(append([]string{m.name}, m.arguments...), " ")
	i := slices.IndexFunc(magics, func(k struct{ name, usage, help string }) bool { return k.name == m.name })
	return compileError(r.number, cell.Errors{{Line: m.line, Col: 1, Message: problem, Source: source, Help: "Usage: " + magics[i].usage}})
}

func (k *Kernel) help(names []string) map[string]any {
	text := "Lines that begin with % speak to the kernel:\n" + magicList() +
		"\n\nAll else is Go. Cells see the variables, functions, types and imports of the cells that ran before."
	data := map[string]any{"text/plain": text}
	if len(names) > 0 {
		name := names[0]
		found := k.frontEnd().Inspect(name, len([]rune(name)), 1)
		data = found.Data
		if !found.Found {
			data = map[string]any{"text/plain": "Nothing is known about " + name + "."}
		}
	}
	return map[string]any{"source": "page", "data": data, "start": 0}
}

// table sets rows in columns; the last is not padded.
func table(rows [][]string) string {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, field := range row {
			width[i] = max(width[i], len([]rune(field)))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		var line strings.Builder
		for i, field := range row {
			line.WriteString(field + strings.Repeat(" ", width[i]-len([]rune(field))+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func (k *Kernel) limitsText() string {
	l := k.options.Limits
	none := func(set bool, text string) string {
		if !set {
			return "no limit"
		}
		return text
	}
	return table([][]string{
		{"memory", none(l.Memory > 0, sizeText(l.Memory)), "NETSPLIT_MEMORY", "in use: " + sizeText(k.Memory()) + "; %reset takes a fresh worker"},
		{"output of a cell", none(l.Output > 0, sizeText(l.Output)), "NETSPLIT_OUTPUT", ""},
		{"goroutines", none(l.Goroutines > 0, strconv.Itoa(l.Goroutines)), "NETSPLIT_GOROUTINES", ""},
		{"time of a cell", none(l.CellTime > 0, l.CellTime.String()), "NETSPLIT_CELL_TIME", ""},
	})
}

// reset replaces the worker, and with all the front end too.
func (k *Kernel) reset(r *run, m magic, say func(string, ...any)) *Error {
	all := len(m.arguments) == 1 && m.arguments[0] == "all"
	if len(m.arguments) > 0 && !all {
		return m.usageError(r, "%reset takes nothing or the word all")
	}
	k.defining.Lock()
	w, err := k.ensure()
	if err == nil {
		k.forgetPasts(all)
		w.kill(death{Name: "WorkerDied", Text: "%reset in " + label(r.number, r.number) + " replaced the worker process", Cell: r.number})
		<-w.dead
		if all {
			front := k.options.NewFrontEnd()
			k.mu.Lock()
			k.front, k.programs, k.given, k.lose = front, programs{}, variables{}, false
			k.mu.Unlock()
		}
		_, err = k.ensure()
	}
	k.defining.Unlock()
	if err != nil {
		return plainError("WorkerDied", "no worker process: "+err.Error())
	}
	r.mu.Lock()
	lost := r.lost
	r.died, r.lost = nil, ""
	r.mu.Unlock()
	switch {
	case all:
		say("Everything is gone: variables, functions, types and imports.")
	case lost == "":
		say("There is a fresh worker. No variables were lost.")
	default:
		say("There is a fresh worker. %s", lost)
	}
	return nil
}
