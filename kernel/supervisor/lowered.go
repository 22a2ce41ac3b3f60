package supervisor

import (
	"fmt"
	"strconv"
	"strings"

	"netsplit/kernel/cell"
)

func (k *Kernel) showLowered(r *run, m magic, text string, say func(string, ...any)) *Error {
	if len(m.arguments) > 0 {
		n, err := strconv.Atoi(strings.Trim(m.arguments[0], "[]"))
		if err != nil {
			return m.usageError(r, "%lowered wants the number of a cell, not "+strconv.Quote(m.arguments[0]))
		}
		k.mu.Lock()
		lowered, ok := k.programs.find(n)
		k.mu.Unlock()
		if !ok {
			return m.usageError(r, fmt.Sprintf("cell [%d] has not run, or too long ago", n))
		}
		say("%s", lowered)
		return nil
	}
	if strings.TrimSpace(text) == "" {
		k.mu.Lock()
		lowered, ok := k.programs.last()
		k.mu.Unlock()
		if !ok {
			return m.usageError(r, "no cell has run yet, and there is no Go below")
		}
		say("%s", lowered)
		return nil
	}
	k.defining.Lock()
	program, err := k.frontEnd().Prepare(r.number, text)
	k.defining.Unlock()
	if err != nil {
		if found, ok := err.(cell.Errors); ok {
			return compileError(r.number, found)
		}
		return plainError("CompileError", err.Error())
	}
	say("%s", loweredText(program))
	return nil
}

func loweredText(p *cell.Program) string {
	text := strings.TrimRight(strings.Join(p.Define, "\n"), "\n")
	if len(p.Entry) > 0 {
		text += "\n\n// run: " + strings.Join(p.Entry, "(), ") + "()"
	}
	return text
}

// programs keeps what the latest cells became.
type programs struct {
	numbers []int
	text    map[int]string
}

// keptPrograms is how many.
const keptPrograms = 500

func (p *programs) keep(number int, program *cell.Program) {
	if number <= 0 {
		return
	}
	if p.text == nil {
		p.text = map[int]string{}
	}
	if _, again := p.text[number]; !again {
		p.numbers = append(p.numbers, number)
	}
	p.text[number] = loweredText(program)
	if len(p.numbers) > keptPrograms {
		delete(p.text, p.numbers[0])
		p.numbers = p.numbers[1:]
	}
}

func (p *programs) find(number int) (string, bool) {
	text, ok := p.text[number]
	return text, ok
}

func (p *programs) last() (string, bool) {
	if len(p.numbers) == 0 {
		return "", false
	}
	return p.find(p.numbers[len(p.numbers)-1])
}
