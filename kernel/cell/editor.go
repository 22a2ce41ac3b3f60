package cell

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/printer"
	"go/token"
	"go/types"
	"sort"

	"netsplit/kernel/cell/assist"
	"netsplit/kernel/cell/split"
)

// Complete finds what may stand at a cursor, a byte offset in a cell's text.
func (s *Session) Complete(text string, cursor int) assist.Completion {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := assist.At(text, cursor)
	if c.Nothing || c.Import {
		return assist.Complete(c, assist.Checked{})
	}
	k := assist.Checked{}
	for _, a := range c.Attempts(assist.Placeholder) {
		if got, ok := s.attempt(a); ok {
			k = got
			break
		}
	}
	k.Names = s.names()
	return assist.Complete(c, k)
}

// Inspect tells what the name at a cursor means, or the function whose arguments
// enclose it. Detail 0 shows the head of a declaration, more shows all of it.
func (s *Session) Inspect(text string, cursor, detail int) assist.Inspection {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := assist.At(text, cursor)
	if c.Start == c.End && c.Call >= 0 {
		c = assist.At(text, c.Call)
	}
	if c.Nothing || c.Import || c.Start == c.End {
		return assist.Inspection{}
	}
	for i, a := range c.Attempts(text[c.Start:c.End]) {
		k, ok := s.attempt(a)
		if !ok {
			continue
		}
		// Only the text as it stands declares names; attempts may seem to.
		if o := k.Object(); o != nil && (i == 0 || o.Pos() != k.At) {
			return assist.Inspect(o, k.Owner(), detail > 0, s.declaration)
		}
	}
	return assist.Inspection{}
}

// attempt parses and checks a text, errors or not.
func (s *Session) attempt(a assist.Attempt) (assist.Checked, bool) {
	parsed := split.Parse(s.scratch(), "", a.Text)
	at := parsed.File.Pos(a.Start)
	in := func(it *split.Item) bool { return it.Pos() <= at && at <= it.End() }
	found := false
	for _, it := range parsed.Items {
		found = found || in(it)
	}
	if !found {
		return assist.Checked{}, false
	}
	top := s.live
	parts := cut(parsed.Items, s.live, s.importer, nil)
	for i, p := range parts {
		r := s.newRound(0, parsed.File, p, i == len(parts)-1, top)
		r.fset, r.lenient = s.scratchSet, true
		r.collect()
		r.include()
		r.check()
		mine := false
		k := assist.Checked{Pkg: r.out.Pkg, Info: r.out.Info, At: at}
		for _, it := range p.items {
			mine = mine || in(it)
			if it.Decl != nil {
				k.Nodes = append(k.Nodes, it.Decl)
			} else {
				k.Nodes = append(k.Nodes, it.Stmt)
			}
		}
		if mine {
			return k, true
		}
		top = r.overlay()
	}
	return assist.Checked{}, false
}

// scratch gives a file set for texts that are not kept. It is the session's own while
// a round runs, so that errors of earlier cells have their places.
func (s *Session) scratch() *token.FileSet {
	s.scratchSet = token.NewFileSet()
	s.scratchSet.AddFile("", 1, s.fset.Base())
	return s.scratchSet
}

// overlay makes the names that a part declares visible to the next, whatever its errors.
func (r *round) overlay() *live {
	d := newLive(r.under)
	scope := r.out.Pkg.Scope()
	for _, name := range scope.Names() {
		if r.own[name] {
			d.names[name] = &entry{name: name, obj: scope.Lookup(name)}
		}
	}
	for name, path := range r.out.Imports {
		d.names[name] = &entry{name: name, path: path}
	}
	return d
}

// names lists what is live.
func (s *Session) names() []assist.Name {
	var out []assist.Name
	for _, e := range s.live.all() {
		if e.unit == nil || e.unit.base() == "" {
			out = append(out, assist.Name{Name: e.name, Object: e.obj, Path: e.path})
		}
	}
	var loaded []assist.Name
	for name, path := range preloaded() {
		if s.live.get(name) == nil {
			loaded = append(loaded, assist.Name{Name: name, Path: path})
		}
	}
	sort.Slice(loaded, func(i, j int) bool { return loaded[i].Name < loaded[j].Name })
	return append(out, loaded...)
}

// declaration finds the source of something that a cell declares.
func (s *Session) declaration(o types.Object, whole bool) (text, comment string, cell int, ok bool) {
	key := keyOf(origin(o))
	e := s.live.get(key)
	if key == "" || e == nil || e.obj == nil || e.obj != origin(o) && s.live.canonical(e.obj) != s.live.canonical(origin(o)) {
		return "", "", 0, false
	}
	if e.unit == nil {
		comment := ""
		if e.lost {
			comment = "Its value is gone with the worker that ended; run the cell again."
		}
		return assist.Declaration(o), comment, e.cell, true
	}
	return declarationText(s.fset, e.unit.decl, whole), docOf(e.unit.decl), e.cell, true
}

// declarationText prints a declaration.
func declarationText(fset *token.FileSet, d ast.Decl, whole bool) string {
	var node any = d
	switch d := d.(type) {
	case *ast.FuncDecl:
		c := *d
		c.Doc = nil
		if !whole {
			c.Body = nil
		}
		node = &c
	case *ast.GenDecl:
		c := *d
		c.Doc = nil
		if len(d.Specs) == 1 {
			if t, ok := d.Specs[0].(*ast.TypeSpec); ok {
				spec := *t
				spec.Doc = nil
				c.Specs = []ast.Spec{&spec}
			}
		}
		node = &c
	}
	var b bytes.Buffer
	if err := (&printer.Config{Mode: printer.UseSpaces | printer.TabIndent, Tabwidth: 8}).Fprint(&b, fset, node); err != nil {
		return ""
	}
	if f, err := format.Source(b.Bytes()); err == nil {
		return string(f)
	}
	return b.String()
}

func docOf(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc.Text()
	case *ast.GenDecl:
		if d.Doc == nil && len(d.Specs) == 1 {
			if t, ok := d.Specs[0].(*ast.TypeSpec); ok {
				return t.Doc.Text()
			}
		}
		return d.Doc.Text()
	}
	return ""
}
