package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// State is what a session has lowered so far: emitted names, type ids, boxes,
// helpers and positions. It changes only by Output.Commit.
type State struct {
	canon   layer[types.Object, types.Object] // newer object of the same thing to its oldest
	entries layer[string, *entry]             // by object key: functions, methods, instances
	vars    layer[types.Object, *global]
	ids     layer[types.Object, int]     // of declared types
	keyIDs  layer[string, int]           // of composed types, by identity key
	structs layer[string, string]        // emitted struct types, by identity key of the structure
	wraps   layer[string, string]        // emitted wrappers of recursive types that are not structs
	boxes   layer[int, *boxInfo]         // types with a descriptor
	helpers layer[string, string]        // emitted helper functions and function values, by what they do
	decls   layer[types.Object, *source] // syntax of functions and methods, for instances
	natives layer[string, bool]          // instances of generic functions of std

	lastID    int
	locals    map[*types.TypeName]localType // types declared in functions
	positions []position
}

// source is a function declaration with what the checker found out about it.
type source struct {
	decl *ast.FuncDecl
	info *types.Info
	fset *token.FileSet
	cell int
	std  string // import path for a function of the standard library
}

// entry is an emitted function.
type entry struct {
	name string
	id   int

	recovers bool // it calls recover
}

// global is a cell-level variable.
type global struct{ name string }

// boxInfo is a type that values in interfaces have.
type boxInfo struct {
	id      int
	kind    string // Go type of its boxes, in rt
	typ     types.Type
	methods string // what the descriptor said: a change makes a new one
}

// position is a place in a cell that lowered text refers to by number.
type position struct {
	cell int
	fset *token.FileSet
	pos  token.Pos
	fn   string
}

// Position is what a position number stands for.
type Position struct {
	Cell int
	token.Position
	Func string // the learner's name of the function; "" at cell level
}

// New is the state of a new session.
func New() *State { return &State{positions: make([]position, 1)} }

// Locate tells where the position with this number lies.
func (s *State) Locate(pos int) (Position, bool) {
	if pos <= 0 || pos >= len(s.positions) {
		return Position{}, false
	}
	p := s.positions[pos]
	return Position{p.cell, p.fset.Position(p.pos), p.fn}, true
}

// Output is the text of a lowered cell.
type Output struct {
	Define []string // definitions, to be sent again to a fresh worker, in order
	Run    []string // text that only this run of the cell needs, after Define
	Entry  []string // functions to call, in order: func() []any

	commit func()
}

// Commit makes the state remember what the output defines.
func (o *Output) Commit() { o.commit() }

// Error is a construct that cannot be lowered, or a mistake of the translation.
type Error struct {
	Pos  token.Position
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Pos, e.Text) }

// Errors are all errors of a lowering.
type Errors []*Error

func (e Errors) Error() string {
	text := ""
	for i, one := range e {
		if i > 0 {
			text += "\n"
		}
		text += one.Error()
	}
	return text
}

// layer is a map whose changes can be dropped until they are committed.
type layer[K comparable, V any] struct{ base, top map[K]V }

func (l *layer[K, V]) get(k K) (V, bool) {
	if v, ok := l.top[k]; ok {
		return v, true
	}
	v, ok := l.base[k]
	return v, ok
}

func (l *layer[K, V]) at(k K) V {
	v, _ := l.get(k)
	return v
}

func (l *layer[K, V]) set(k K, v V) {
	if l.top == nil {
		l.top = map[K]V{}
	}
	l.top[k] = v
}

func (l *layer[K, V]) drop() { l.top = nil }

func (l *layer[K, V]) commit() {
	if l.base == nil {
		l.base = map[K]V{}
	}
	for k, v := range l.top {
		l.base[k] = v
	}
	l.top = nil
}

// layers are all maps of the state, for commit and drop.
func (s *State) layers() []interface{ commit() } {
	return []interface{ commit() }{&s.canon, &s.entries, &s.vars, &s.ids, &s.keyIDs, &s.structs, &s.wraps, &s.boxes, &s.helpers, &s.decls, &s.natives}
}

func (s *State) drop() {
	for _, l := range s.layers() {
		l.(interface{ drop() }).drop()
	}
}
