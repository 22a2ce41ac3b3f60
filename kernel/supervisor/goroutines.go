package supervisor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"netsplit/kernel/pipe"
)

// list asks the worker which goroutines live, those of side runs left out.
func (k *Kernel) list() ([]pipe.Goroutine, *worker) {
	k.mu.Lock()
	w := k.worker
	k.mu.Unlock()
	if w == nil {
		return nil, nil
	}
	m := w.ask(&pipe.Message{Kind: pipe.List})
	if m == nil {
		return nil, nil
	}
	return m.List, w
}

func (k *Kernel) goroutineTable() string {
	list, _ := k.list()
	if len(list) == 0 {
		return "no goroutines"
	}
	front := k.frontEnd()
	rows := [][]string{{"goroutine", "cell", "line", "state", "source"}}
	for _, g := range list {
		row := []string{strconv.Itoa(g.ID), "[" + strconv.Itoa(g.Cell) + "]", "", g.State, ""}
		if g.Cell <= 0 {
			row[1] = "-"
		}
		if at, ok := front.Locate(g.Pos); ok {
			row[2], row[4] = strconv.Itoa(at.Line), strings.TrimSpace(at.Source)
			if at.Cell != g.Cell {
				row[2] = fmt.Sprintf("[%d]:%d", at.Cell, at.Line)
			}
		}
		rows = append(rows, row)
	}
	return table(rows)
}

// stopGoroutines stops what finished cells left running. Cells that run are the
// business of an interrupt.
func (k *Kernel) stopGoroutines(r *run, m magic, say func(string, ...any)) *Error {
	var only []int
	for _, word := range m.arguments {
		n, err := strconv.Atoi(strings.Trim(word, "[],"))
		if err != nil {
			return m.usageError(r, "%stop wants numbers of cells, not "+strconv.Quote(word))
		}
		only = append(only, n)
	}
	busy := map[int]bool{}
	for _, other := range k.running() {
		busy[other.number] = true
	}
	chosen := func(list []pipe.Goroutine) (ids []int, cells []int) {
		for _, g := range list {
			if busy[g.Cell] || only != nil && !slices.Contains(only, g.Cell) {
				continue
			}
			ids = append(ids, g.ID)
			if !slices.Contains(cells, g.Cell) {
				cells = append(cells, g.Cell)
			}
		}
		return ids, cells
	}
	list, w := k.list()
	ids, cells := chosen(list)
	if len(ids) == 0 {
		say("no goroutines to stop")
		return nil
	}
	for _, number := range cells {
		w.tell(&pipe.Message{Kind: pipe.Interrupt, Cell: number, Name: "Interrupted"})
	}
	var left []int
	for deadline := time.Now().Add(k.options.Grace); ; time.Sleep(5 * time.Millisecond) {
		list, _ := k.list()
		alive, _ := chosen(list)
		left = slices.DeleteFunc(alive, func(id int) bool { return !slices.Contains(ids, id) })
		if len(left) == 0 || time.Now().After(deadline) || r.isStopped() {
			break
		}
	}
	count := func(n int) string {
		if n == 1 {
			return "1 goroutine"
		}
		return fmt.Sprintf("%d goroutines", n)
	}
	say("stopped %s", count(len(ids)-len(left)))
	if len(left) > 0 {
		say("%s did not stop: inside compiled code nothing can end it. %%reset takes a fresh worker.", count(len(left)))
	}
	return nil
}
