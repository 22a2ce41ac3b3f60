package notebook

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// graded is what nbgrader's metadata says of a cell, in schema 3: which part the cell
// plays, under which id, for how many points.
type graded struct {
	entry, metadata               object // entry is nil for a cell that nbgrader does not know
	grade, solution, locked, task bool
	id                            string
	points                        float64
}

// graderKeys are the keys that schema 3 knows; nbgrader refuses all others.
var graderKeys = []string{"cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"}

var graderID = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// readGraded reads nbgrader's metadata of a cell and says what is wrong with it.
func readGraded(c *Cell) (g *graded, wrong []string) {
	g = &graded{metadata: dict(c.fields, "metadata")}
	value, there := g.metadata["nbgrader"]
	if !there {
		return g, nil
	}
	refuse := func(format string, args ...any) {
		wrong = append(wrong, "metadata.nbgrader: "+fmt.Sprintf(format, args...))
	}
	entry, ok := value.(object)
	if !ok {
		refuse("is no object")
		return g, wrong
	}
	g.entry = entry
	for name := range entry {
		if !slices.Contains(graderKeys, name) {
			refuse("nbgrader knows no %s", name)
		}
	}
	if version := fmt.Sprint(entry["schema_version"]); version != "3" {
		refuse("schema_version is %s, and must be 3", version)
	}
	flag := func(name string, needed bool) bool {
		value, there := entry[name]
		b, ok := value.(bool)
		if !ok && (there || needed) {
			refuse("%s must be true or false", name)
		}
		return b
	}
	g.grade, g.solution, g.locked = flag("grade", true), flag("solution", true), flag("locked", true)
	g.task = flag("task", false)
	g.id, _ = entry["grade_id"].(string)
	if (g.grade || g.solution || g.locked || g.task) && !graderID.MatchString(g.id) {
		refuse("grade_id %q must be a name of letters, digits, - and _", g.id)
	}
	if g.grade || g.task {
		number, ok := entry["points"].(json.Number)
		points, err := number.Float64()
		if !ok || err != nil || points < 0 {
			refuse("a cell that earns points needs points, 0 or more")
		}
		g.points = points
	}
	kind := c.fields["cell_type"]
	switch {
	case g.task && (g.grade || g.solution):
		refuse("a task is neither an answer nor a test: grade and solution must be false")
	case g.task && kind != "markdown":
		refuse("a task is a markdown cell")
	case !g.task && kind == "markdown" && g.grade != g.solution:
		refuse("a markdown cell with an answer is graded by hand: grade and solution must both be true, or both false")
	}
	return g, wrong
}

// isLocked tells whether learners may not change the cell.
func (g *graded) isLocked() bool { return !g.solution && (g.grade || g.locked) }

// lock tells front ends what learners may not do with the cell.
func (g *graded) lock() {
	if g.solution || g.grade || g.locked {
		g.metadata["deletable"] = false
	}
	if g.isLocked() {
		g.metadata["editable"] = false
	}
}

// seal notes the kind of the cell and a checksum over everything that learners may not
// change, by which nbgrader sees what was changed all the same.
func (g *graded) seal(c *Cell) {
	if !g.grade && !g.solution && !g.locked {
		return
	}
	kind := fmt.Sprint(c.fields["cell_type"])
	text := c.Source() + kind + truth(g.grade) + truth(g.solution) + truth(g.isLocked()) + g.id
	if g.grade {
		text += repr(g.points)
	}
	sum := md5.Sum([]byte(text))
	g.entry["checksum"], g.entry["cell_type"] = hex.EncodeToString(sum[:]), kind
}

// truth is a bool as Python prints it.
func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
