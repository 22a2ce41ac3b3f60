package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"
)

// pass is one call of Lower. What it adds to the state becomes permanent by commit.
type pass struct {
	*State
	seg    *Segment
	output *Output
	errs   Errors

	imports map[string]string // alias to path
	typeDefs, varDefs, funcDefs,
	runFuncs, lateDefs strings.Builder
	inRun bool   // emitted functions are those of the running cell only
	part  partOf // what the segment is of its cell

	queue       []func()      // bodies still to be lowered
	dispatchers []*dispatcher // interface methods called, emitted last
	redescribe  map[int]bool
	marks       int // state.lastID and positions at the start, for drop
	posMark     int
}

// Lower translates the segments of a cell. The state is unchanged until the
// output is committed.
func (s *State) Lower(segs []*Segment) (out *Output, err error) {
	out = &Output{}
	p := &pass{State: s, output: out, marks: s.lastID, posMark: len(s.positions)}
	committed := false
	defer func() {
		if r := recover(); r != nil {
			bad, ok := r.(abort)
			if !ok {
				s.drop()
				s.lastID, s.positions = p.marks, s.positions[:p.posMark]
				panic(r)
			}
			p.errs = append(p.errs, bad.err)
		}
		if len(p.errs) > 0 {
			out, err = nil, p.errs
		}
		if err != nil {
			s.drop()
			s.lastID, s.positions = p.marks, s.positions[:p.posMark]
			return
		}
		// The layers' tops are kept aside until Commit.
		held := s.hold()
		out.commit = func() {
			if !committed {
				committed = true
				s.restore(held)
				for _, l := range s.layers() {
					l.commit()
				}
			}
		}
	}()
	for i, seg := range segs {
		p.part = whole
		if defers(segs[:min(i+1, len(segs)-1)]) {
			p.part = notLast
			if i == len(segs)-1 {
				p.part = last
			}
		}
		p.segment(i, seg, out)
	}
	return out, nil
}

// partOf tells what a segment is of a cell whose parts have to end together, because an
// earlier one defers calls to the end of the cell.
type partOf int

const (
	whole partOf = iota // it ends by itself
	notLast
	last
)

// defers tells whether a part of a cell has a defer statement of the cell.
func defers(segs []*Segment) bool {
	for _, seg := range segs {
		for _, s := range seg.Body {
			if hasDefer(s) {
				return true
			}
		}
	}
	return false
}

// hold takes the uncommitted parts of all layers away.
func (s *State) hold() *State {
	h := &State{
		canon: s.canon, entries: s.entries, vars: s.vars, ids: s.ids, keyIDs: s.keyIDs, structs: s.structs, wraps: s.wraps,
		boxes: s.boxes, helpers: s.helpers, decls: s.decls, natives: s.natives,
	}
	s.drop()
	return h
}

func (s *State) restore(h *State) {
	s.canon.top, s.entries.top, s.vars.top, s.ids.top, s.keyIDs.top = h.canon.top, h.entries.top, h.vars.top, h.ids.top, h.keyIDs.top
	s.structs.top, s.wraps.top, s.boxes.top, s.helpers.top, s.decls.top = h.structs.top, h.wraps.top, h.boxes.top, h.helpers.top, h.decls.top
	s.natives.top = h.natives.top
}

// abort ends the lowering of a segment at an error.
type abort struct{ err *Error }

func (p *pass) fail(fset *token.FileSet, pos token.Pos, format string, args ...any) {
	panic(abort{&Error{fset.Position(pos), fmt.Sprintf(format, args...)}})
}

// segment lowers one segment to one text of definitions and one entry.
func (p *pass) segment(index int, seg *Segment, out *Output) {
	p.seg = seg
	p.imports = map[string]string{}
	for _, b := range []*strings.Builder{&p.typeDefs, &p.varDefs, &p.funcDefs, &p.runFuncs, &p.lateDefs} {
		b.Reset()
	}
	p.dispatchers = nil
	p.redescribe = map[int]bool{}
	for n, o := range seg.Reuse {
		p.canon.set(n, p.canonical(o))
	}

	p.numberLocals(seg)
	p.declare(seg)
	entry := p.entryFunc(index, seg)
	for len(p.queue) > 0 {
		work := p.queue
		p.queue = nil
		for _, w := range work {
			w()
		}
	}
	p.redescribeTypes()
	p.emitDispatchers()
	for len(p.queue) > 0 {
		work := p.queue
		p.queue = nil
		for _, w := range work {
			w()
		}
	}

	if text := p.typeDefs.String() + p.varDefs.String() + p.funcDefs.String() + p.lateDefs.String(); text != "" {
		out.Define = append(out.Define, p.importText(text)+text)
	}
	if entry != "" {
		text := p.runFuncs.String()
		out.Run = append(out.Run, p.importText(text)+text)
		out.Entry = append(out.Entry, entry)
	}
}

// importText is the import declarations that a text needs.
func (p *pass) importText(text string) string {
	var lines []string
	for alias, path := range p.imports {
		if strings.Contains(text, alias+".") {
			lines = append(lines, fmt.Sprintf("import %s %q\n", alias, path))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// alias is the fixed name of a package in lowered text.
func (p *pass) alias(path string) string {
	if path == rtPath {
		p.imports["rt"] = rtPath
		return "rt"
	}
	alias := "p_" + strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path)
	if path == "reflect" {
		path = reflectPath
	}
	p.imports[alias] = path
	return alias
}

const (
	rtPath      = "netsplit/kernel/rt"
	reflectPath = "netsplit/kernel/rt/reflect" // stands for package reflect: it knows the types of cells
)

// rt is a name of package rt.
func (p *pass) rt(name string) string { return p.alias(rtPath) + "." + name }

func (p *pass) nextID() int {
	p.lastID++
	return p.lastID
}

// out is where functions go: those of the running cell apart from definitions.
func (p *pass) out() *strings.Builder {
	if p.inRun {
		return &p.runFuncs
	}
	return &p.funcDefs
}

// position gives a number to a place.
func (p *pass) position(src *source, pos token.Pos, fn string) int {
	p.positions = append(p.positions, position{src.cell, src.fset, pos, fn})
	return len(p.positions) - 1
}

// canonical is the oldest object of the same thing.
func (p *pass) canonical(o types.Object) types.Object {
	if c, ok := p.canon.get(o); ok {
		return c
	}
	return o
}

// declare makes the names of the segment's functions known, registers their
// syntax and queues their bodies.
func (p *pass) declare(seg *Segment) {
	for _, d := range seg.Decls {
		fd, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		obj, ok := seg.Info.Defs[fd.Name].(*types.Func)
		if !ok {
			p.fail(seg.Fset, fd.Pos(), "function %s was not checked", fd.Name.Name)
		}
		src := &source{decl: fd, info: seg.Info, fset: seg.Fset, cell: seg.Cell}
		p.decls.set(p.canonical(obj), src)
		if fd.Name.Name == "_" || isGeneric(obj) {
			continue
		}
		if fd.Body == nil {
			p.fail(seg.Fset, fd.Pos(), "missing function body")
		}
		p.declareFunc(obj, nil, src)
	}
	p.redescribeGrown(seg)
}

// declareFunc gives a function (an instance, with its type arguments) a name and
// queues its body. A function that takes over an earlier one's entry makes that
// one go on in the new body.
func (p *pass) declareFunc(obj *types.Func, targs []types.Type, src *source) *entry {
	key := p.funcKey(obj, targs)
	old := p.entries.at(key)
	id := p.nextID()
	e := &entry{id: id, name: fmt.Sprintf("f%d_%s", id, funcLabel(obj)), recovers: hasRecover(src.info, src.decl.Body)}
	p.entries.set(key, e)
	p.queue = append(p.queue, func() {
		run := p.inRun
		p.inRun = false
		p.function(e, obj, targs, src)
		if old != nil {
			sig := p.funcSignature(obj, targs)
			fmt.Fprintf(&p.lateDefs, "var _ = %s(%q, %s)\n", p.rt("Redirect"), old.name, p.makerOfFunc(e, sig))
		}
		p.inRun = run
	})
	return e
}

// funcLabel is the readable part of an emitted function name.
func funcLabel(obj *types.Func) string {
	name := plainName(obj.Name())
	if recv := obj.Signature().Recv(); recv != nil {
		t := types.Unalias(recv.Type())
		if ptr, ok := t.(*types.Pointer); ok {
			t = types.Unalias(ptr.Elem())
		}
		if n, ok := t.(*types.Named); ok {
			name = plainName(n.Obj().Name()) + "_" + name
		}
	}
	return name
}

// plainName leaves only letters, digits and _ of a name.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}

// funcKey identifies a function or method, or an instance of one.
func (p *pass) funcKey(obj *types.Func, targs []types.Type) string {
	o := p.canonical(obj.Origin())
	var b strings.Builder
	fmt.Fprintf(&b, "%p", o)
	for _, t := range targs {
		b.WriteString("|" + p.key(t))
	}
	return b.String()
}

// isGeneric tells whether a function has type parameters, its own or its receiver's.
func isGeneric(obj *types.Func) bool {
	sig := obj.Signature()
	return sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0
}
