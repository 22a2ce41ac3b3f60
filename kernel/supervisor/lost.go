package supervisor

import (
	"fmt"
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"netsplit/kernel/cell"
)

// variables remembers which cells gave which variables their values, to name them
// when the values are gone.
type variables struct {
	given []givenBy
	gone  map[string]int // and not given again: the cell that gave it
}

type givenBy struct {
	cell   int
	cellID string
	code   string
	names  []string
}

// give notes that a cell has begun to run. The same cell run earlier, under
// another number, is forgotten: its place in the notebook shows the new number.
func (v *variables) give(number int, request Request, names []string) {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "_" })
	for _, name := range names {
		delete(v.gone, name)
	}
	v.given = slices.DeleteFunc(v.given, func(g givenBy) bool {
		if g.cellID != "" && request.CellID != "" {
			return g.cellID == request.CellID
		}
		return g.code == request.Code
	})
	if len(names) > 0 {
		v.given = append(v.given, givenBy{number, request.CellID, request.Code, names})
	}
}

// lose forgets all and says, in a sentence or two, what the learner has lost; ""
// when nothing. The cell that ended the worker is not to be run again.
func (v *variables) lose(culprit int) string {
	var names []string
	var cells []int
	if v.gone == nil {
		v.gone = map[string]int{}
	}
	for _, g := range v.given {
		for _, name := range g.names {
			v.gone[name] = g.cell
		}
		if g.cell == culprit {
			continue
		}
		for _, name := range g.names {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		if g.cell > 0 && !slices.Contains(cells, g.cell) {
			cells = append(cells, g.cell)
		}
	}
	v.given = nil
	if len(names) == 0 {
		return ""
	}
	slices.Sort(cells)
	const most = 12
	more := len(names) - most
	if more > 0 {
		names = append(names[:most:most], fmt.Sprintf("%d more", more))
	}
	one := len(names) == 1
	text := "The variables " + enumerate(names)
	if one {
		text = "The variable " + names[0]
	}
	labels := make([]string, len(cells))
	for i, n := range cells {
		labels[i] = fmt.Sprintf("[%d]", n)
	}
	const most2 = 20
	if more := len(labels) - most2; more > 0 {
		labels = append(labels[:most2:most2], fmt.Sprintf("%d more", more))
	}
	switch len(cells) {
	case 0:
	case 1:
		text += " of cell " + labels[0]
	default:
		text += " of cells " + enumerate(labels)
	}
	text += pick(one, " is", " are") + " gone"
	switch len(cells) {
	case 0:
	case 1:
		text += ": run that cell again to have " + pick(one, "it", "them") + " back"
	default:
		text += ": run these cells again to have " + pick(one, "it", "them") + " back"
	}
	return text + ". Functions, types, constants and imports are still there."
}

// missing finds the variables that a cell needs and that are gone. Zero values would
// stand in their place, and the learner would not notice.
func (v *variables) missing(reads []string, text string) cell.Errors {
	var found cell.Errors
	for _, name := range reads {
		from, gone := v.gone[name]
		if !gone {
			continue
		}
		d := firstUse(name, text)
		d.Message = "the value of " + name + " was lost with the worker process"
		if from > 0 {
			d.Help = fmt.Sprintf("Run cell [%d] again, or give %s a new value.", from, name)
		} else {
			d.Help = "Give " + name + " a new value."
		}
		found = append(found, d)
	}
	return found
}

// firstUse is the place where a text first names a variable.
func firstUse(name, text string) cell.Diagnostic {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, 0)
	afterDot := false
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return cell.Diagnostic{Line: 1, Col: 1}
		}
		if tok == token.IDENT && literal == name && !afterDot {
			at := file.PositionFor(pos, false)
			return cell.Diagnostic{Line: at.Line, Col: at.Column, Source: strings.Split(text, "\n")[at.Line-1]}
		}
		afterDot = tok == token.PERIOD
	}
}

// enumerate is "a", "a and b", "a, b and c".
func enumerate(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func pick(one bool, singular, plural string) string {
	if one {
		return singular
	}
	return plural
}
