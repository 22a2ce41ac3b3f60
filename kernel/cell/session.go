package cell

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"sort"
	"strings"
	"sync"

	"netsplit/kernel/cell/lower"
	"netsplit/kernel/cell/split"
	"netsplit/kernel/symbols"
)

// Session is what is live in a notebook: its declarations in all their versions, and
// the texts of its cells. All methods may be called at any time from any goroutine.
type Session struct {
	mu       sync.Mutex
	fset     *token.FileSet
	importer types.Importer
	live     *live
	lower    *lower.State
	texts    map[*token.File]source
	files    map[int]*token.File // of each cell, the newest
	labels   map[int]string      // of cells that are not called by their number
	defined  []string            // texts that a fresh worker needs, in order
	graded   bool                // behind the firewall

	scratchSet *token.FileSet // for what an editor asks
}

// source is a cell's text.
type source struct {
	cell  int
	lines []string
}

func (s *Session) keep(cell int, file *token.File, text string) {
	s.texts[file] = source{cell, strings.Split(text, "\n")}
	s.files[cell] = file
}

// New gives an empty session.
func New() *Session {
	fset := token.NewFileSet()
	return &Session{fset: fset, importer: symbols.Importer(fset), live: newLive(nil), lower: lower.New(), texts: map[*token.File]source{},
		files: map[int]*token.File{}, labels: map[int]string{}}
}

// preloaded are the packages that need no import.
var preloaded = sync.OnceValue(symbols.Preloaded)

// Prepare checks and lowers a cell. Nothing is taken over before Commit. When the
// cell is wrong the error is of type Errors. Label is what stands for the cell in
// messages, like "[3]"; empty means that of its number.
func (s *Session) Prepare(cell int, label, text string) (*Program, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.prepareCell(cell, label, text)
}

// prepareCell is Prepare. The kernel outlives a fault of the front end: the cell is
// refused, and nothing of it is taken over.
func (s *Session) prepareCell(cell int, label, text string) (program *Program, err error) {
	defer func() {
		if p := recover(); p != nil {
			program, err = nil, Errors{{Line: 1, Col: 1, Message: fmt.Sprintf("internal error of the front end: %v", p),
				Help: "this cell is more than Netsplit can translate; nothing of it was taken over"}}
		}
	}()
	if label != "" {
		s.labels[cell] = label
	}
	parsed := split.Parse(s.fset, "", text)
	s.keep(cell, parsed.File, text)
	if len(parsed.Problems) > 0 {
		var errs Errors
		for _, p := range parsed.Problems {
			errs = append(errs, s.diagnostic(p.Pos, p.Message, p.Help))
		}
		return nil, errs
	}
	if s.graded {
		if errs := s.firewall(parsed); len(errs) > 0 {
			return nil, errs
		}
	}
	p := &Program{Cell: cell}
	segments, deltas, errs := s.prepareParts(p, parsed)
	if len(errs) > 0 {
		return nil, errs
	}
	if s.graded {
		if errs := s.fireproof(parsed, segments); len(errs) > 0 {
			return nil, errs
		}
	}
	joinParts(segments)
	p.Reads, p.Gives = readsOf(segments, parsed.File)
	output, refused := s.lower.Lower(segments)
	if refused != nil {
		return nil, s.refused(parsed.File, refused)
	}
	p.Define = append(append([]string(nil), output.Define...), output.Run...)
	p.Entry = output.Entry
	p.commit = func() {
		for _, d := range deltas {
			s.live.merge(d)
		}
		output.Commit()
		s.defined = append(s.defined, output.Define...)
	}
	return p, nil
}

// prepareParts checks the parts of a cell, each over what those before it declare.
func (s *Session) prepareParts(p *Program, parsed *split.Cell) (segments []*lower.Segment, deltas []*live, errs Errors) {
	forced := map[*split.Item]bool{}
again:
	for {
		segments, deltas, p.Vars, p.Notes = nil, nil, nil, nil
		top := s.live
		parts := cut(parsed.Items, s.live, s.importer, forced)
		for i, part := range parts {
			pr, found := s.prepare(p.Cell, parsed.File, part, i == len(parts)-1, top)
			if len(found) > 0 {
				errs = append(errs, found...)
				top = pr.delta
				continue
			}
			if len(pr.recut) > 0 {
				for _, it := range pr.recut {
					forced[it] = true
				}
				errs = nil
				continue again
			}
			segments = append(segments, pr.segment)
			deltas = append(deltas, pr.delta)
			p.Vars = append(p.Vars, pr.vars...)
			p.Notes = append(p.Notes, pr.notes...)
			top = pr.delta
		}
		return segments, deltas, errs
	}
}

// refused words the errors of package lower.
func (s *Session) refused(file *token.File, err error) error {
	var list lower.Errors
	if !errors.As(err, &list) {
		return Errors{{Line: 1, Col: 1, Message: "internal error: " + err.Error()}}
	}
	var errs Errors
	for _, e := range list {
		pos := file.Pos(max(0, min(e.Pos.Offset, file.Size())))
		errs = append(errs, s.diagnostic(pos, e.Text, ""))
	}
	return errs
}

// Commit takes over what a program declares. It is called once the worker has taken
// the program's definitions and before it runs.
func (s *Session) Commit(p *Program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.commit != nil {
		p.commit()
		p.commit = nil
	}
}

// PrepareExpression checks and lowers one expression for its value, as Prepare does
// a cell. The program is not committed.
func (s *Session) PrepareExpression(cell int, text string) (*Program, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	parsed := split.Parse(s.fset, "", text)
	if len(parsed.Problems) == 0 && (len(parsed.Items) != 1 || !parsed.Items[0].IsExpression()) {
		s.keep(cell, parsed.File, text)
		return nil, Errors{s.diagnostic(parsed.File.Pos(0), "not an expression", "")}
	}
	p, err := s.prepareCell(cell, "", text)
	if p != nil {
		p.commit = nil
	}
	return p, err
}

// Definitions gives the texts that make a fresh worker know all live declarations.
// Variables are there again, with zero values: LostVariables names them.
func (s *Session) Definitions() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.defined...)
}

// Lose notes that the worker is gone, and with it the values of all variables. They
// stay declared, with zero values, until a cell declares them again.
func (s *Session) Lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.live.names {
		if _, ok := e.obj.(*types.Var); ok {
			e.lost = true
		}
	}
}

// Variable is a live variable and the cell that declared it.
type Variable struct {
	Name string
	Cell int
}

// LostVariables are the variables whose values end with the worker.
func (s *Session) LostVariables() []Variable {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Variable
	for _, e := range s.live.all() {
		if _, ok := e.obj.(*types.Var); ok {
			out = append(out, Variable{e.name, e.cell})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Cell < out[j].Cell })
	return out
}

// Stale tells of live declarations that still use earlier versions of something, and
// of variables whose type has been redefined since, one sentence each.
func (s *Session) Stale() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, e := range s.live.all() {
		switch o := e.obj.(type) {
		case *types.Var:
			if old := s.live.earlierType(o.Type()); old != nil {
				out = append(out, fmt.Sprintf("%s of cell %s has the type %s of cell %s, which was redefined in cell %s",
					e.name, s.label(e.cell), old.Name(), s.label(s.live.declaredAt(old)), s.label(s.live.get(old.Name()).cell)))
			}
		default:
			if e.stale != "" {
				out = append(out, fmt.Sprintf("%s of cell %s still is what it was: %s", e.name, s.label(e.cell), plain(e.stale)))
			}
		}
	}
	return out
}

// label is how a cell is called in messages.
func (s *Session) label(cell int) string {
	if l := s.labels[cell]; l != "" {
		return l
	}
	return fmt.Sprintf("[%d]", cell)
}

// IsComplete tells whether text is a whole cell.
func (s *Session) IsComplete(text string) split.Completeness { return split.IsComplete(text) }

// Locate finds what a position number of lowered code stands for; false if it is none.
func (s *Session) Locate(pos int) (Location, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.lower.Locate(pos)
	if !ok {
		return Location{}, false
	}
	l := Location{Cell: p.Cell, File: p.Filename, Line: p.Line, Col: p.Column, Func: plain(p.Func)}
	if file := s.files[p.Cell]; file != nil && p.Offset <= file.Size() {
		at := file.PositionFor(file.Pos(p.Offset), false)
		if lines := s.texts[file].lines; at.Line >= 1 && at.Line <= len(lines) {
			l.Source, l.Caret = lines[at.Line-1], at.Column
		}
	}
	return l, true
}
