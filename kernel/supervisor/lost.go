package supervisor

import (
	"fmt"
	"slices"
	"strings"
)

// variables remembers which cells gave which variables their values, to name them
// when the values are gone.
type variables struct {
	given []givenBy
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
	for _, g := range v.given {
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
