// Package check type-checks one segment of a cell with go/types.
//
// # The idea
//
// A segment is checked as a package of its own, with path main. Into its scope go
// first the objects of earlier cells that it names; then its own declarations, and
// those of earlier cells that must be checked once more because a name they use is
// declared again (Input.Again, Input.Vars). Its statements become the body of one
// function. So every message, type, constant and conversion is the compiler's.
//
// # What differs from a file of Go
//
//   - `x := e` at cell level declares a variable of the package, as `var x = e`
//     would. A label before it stays behind as a label of nothing.
//   - Imports are taken apart: repeated ones are one, unused ones are not looked at,
//     and a name that is not declared but is preloaded, or imported by an earlier
//     cell, is imported. Names of dot imports go into the package's scope.
//   - The last expression of a cell is its result and need not be "used".
//   - A statement sees the variables declared before it, not those that follow.
//   - `init` is renamed and called where it stands, behind the run of variable
//     declarations around it; `main` is called at the end.
//
// # Traps of go/types
//
// An imported package cannot be put into a scope, hence the import declarations made
// here. A literal without field names of a struct that an earlier cell declared is
// refused when the struct has unexported fields, because its package is another one:
// such literals get their names and the segment is checked again (keyed.go). In
// A method is only possible on a type of the same files (strangers). In
// `type B A` the search for cycles expects A in the same files when it is in the same
// scope, and crashes; in parentheses A is not looked at (bracket).
package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"sort"
	"strings"

	"netsplit/kernel/cell/split"
)

// Input is a segment to check.
type Input struct {
	Fset     *token.FileSet
	Importer types.Importer
	Items    []*split.Item // in source order
	Last     bool          // the last item is the cell's last
	Local    bool          // the only item declares variables from their own older meaning: x := x + 1

	// Kept are names in statements x, y := e that assign to a variable there is.
	Kept map[*split.Item]map[string]bool

	// Again are declarations of earlier cells to be checked with the segment.
	Again []ast.Decl
	// Vars are variables of earlier cells whose type mentions a type that is declared
	// in Items or Again: they are declared by such types.
	Vars []Var

	// Lookup gives the newest object of a name of earlier cells, or nil. It is not
	// asked for names that are declared in the segment.
	Lookup func(name string) types.Object
	// ImportPath gives what an earlier cell imported under a name, or what is preloaded.
	ImportPath func(name string) (path string, ok bool)
	// Dots are the packages that earlier cells imported with a dot.
	Dots []string
}

// Var is a variable of an earlier cell, to be declared with a type written anew.
type Var struct {
	Old  *types.Var
	Type ast.Expr
	// Names are objects that Type mentions under made-up names.
	Names []types.Object
}

// Output is a checked segment.
type Output struct {
	Pkg       *types.Package
	Info      *types.Info
	Body      []ast.Stmt
	Show      ast.Expr
	ShowError bool
	Decls     []ast.Decl        // types, constants and functions of Items, as they were checked
	Imports   map[string]string // name to path, of import declarations in Items
	Dots      []string          // paths imported with a dot in Items
	Vars      []*types.Var      // variables that Items declare, in order
	Again     []*types.Var      // new objects of Input.Vars, in order
	Errors    []Error           // by position
	Recut     []*split.Item     // statements that cannot keep their variables: the types differ
}

// Error is what the checker found wrong.
type Error struct {
	Pos     token.Pos
	Message string // in the compiler's words, with earlier cells' types still named main.T
	Help    string
}

// Segment checks one segment.
func Segment(in *Input) *Output {
	for round := 0; ; round++ {
		s := &segment{in: in, out: &Output{Imports: map[string]string{}}}
		s.run()
		if round == 0 && s.nameFields() {
			continue
		}
		return s.out
	}
}

// segment is one pass over an Input.
type segment struct {
	in       *Input
	out      *Output
	file     *ast.File
	declared map[string]bool // names that the segment declares at package level
	body     []element       // in source order
	show     ast.Expr        // the last expression, if it may be the result
	wrapped  *ast.CallExpr   // its disguise
	hoisted  map[*ast.AssignStmt]bool
	errs     []types.Error
	mainDecl *ast.FuncDecl
	keeps    []keep
	refused  map[string]bool // names of imports that were errors
	last     struct {        // error that was reported
		line int
		msg  string
	}
}

// element is a statement of the body, or a run of variable declarations with the
// init functions in it.
type element struct {
	stmts []ast.Stmt      // as they will stand in Output.Body
	specs []*ast.GenDecl  // of a run of variable declarations: one specification each
	inits []*ast.FuncDecl // declared within the run
	check []ast.Stmt      // as they stand in the function that is checked
}

func (s *segment) run() {
	s.hoisted = map[*ast.AssignStmt]bool{}
	s.declared = map[string]bool{}
	s.refused = map[string]bool{}
	s.file = &ast.File{Name: ast.NewIdent("main")}
	s.out.Pkg = types.NewPackage("main", "main")
	s.out.Info = newInfo()
	s.arrange()
	s.bind()
	s.typecheck()
	s.settle()
	s.order()
	s.before()
	s.result()
	if s.in.Local {
		s.transplant()
	}
	for _, e := range s.errs {
		s.addError(e)
	}
	sort.SliceStable(s.out.Errors, func(i, j int) bool { return s.out.Errors[i].Pos < s.out.Errors[j].Pos })
}

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
		Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
}

func (s *segment) fail(pos token.Pos, help, format string, args ...any) {
	s.out.Errors = append(s.out.Errors, Error{pos, fmt.Sprintf(format, args...), help})
}

func (s *segment) addDecl(d ast.Decl) { s.file.Decls = append(s.file.Decls, d) }

// arrange puts every item where it is checked.
func (s *segment) arrange() {
	var run *element // the run of variable declarations that is open
	statement := func(final, check []ast.Stmt) {
		run = nil
		s.body = append(s.body, element{stmts: final, check: check})
	}
	for i, it := range s.in.Items {
		switch it.Kind {
		case split.Import:
			s.imports(it.Decl.(*ast.GenDecl))
		case split.Const, split.Type:
			for _, n := range declaredNames(it) {
				s.declared[n.Name] = true
			}
			s.addDecl(it.Decl)
			s.out.Decls = append(s.out.Decls, it.Decl)
		case split.Func:
			f := it.Decl.(*ast.FuncDecl)
			if f.Recv == nil && f.Name.Name == "init" {
				if f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 {
					s.fail(f.Name.Pos(), "", "func init must have no arguments and no return values")
				}
				f = renamed(f, fmt.Sprintf("init·%d", i+1))
				if run == nil {
					s.body = append(s.body, element{})
					run = &s.body[len(s.body)-1]
				}
				run.inits = append(run.inits, f)
			}
			if f.Recv == nil {
				s.declared[f.Name.Name] = true
				if f.Name.Name == "main" {
					s.mainDecl = f
				}
			}
			s.addDecl(f)
			s.out.Decls = append(s.out.Decls, f)
		case split.Var:
			g := it.Decl.(*ast.GenDecl)
			if s.in.Local {
				st := &ast.DeclStmt{Decl: g}
				statement([]ast.Stmt{st}, []ast.Stmt{st})
				continue
			}
			if run == nil {
				s.body = append(s.body, element{})
				run = &s.body[len(s.body)-1]
			}
			for _, one := range single(g) {
				for _, n := range one.Specs[0].(*ast.ValueSpec).Names {
					s.declared[n.Name] = true
				}
				s.addDecl(one)
				run.specs = append(run.specs, one)
			}
		default:
			st := it.Stmt
			if l, ok := st.(*ast.LabeledStmt); ok && !s.in.Local {
				if a, names := Define(l.Stmt); a != nil {
					label := &ast.LabeledStmt{Label: l.Label, Colon: l.Colon, Stmt: &ast.EmptyStmt{Semicolon: l.Colon, Implicit: true}}
					statement([]ast.Stmt{label, a}, append([]ast.Stmt{label}, s.hoist(it, a, names)...))
					continue
				}
			}
			if a, names := Define(st); a != nil && !s.in.Local {
				statement([]ast.Stmt{a}, s.hoist(it, a, names))
				continue
			}
			if e, ok := st.(*ast.ExprStmt); ok && s.in.Last && i == len(s.in.Items)-1 {
				s.show = e.X
				s.disguise()
				continue
			}
			statement([]ast.Stmt{st}, []ast.Stmt{st})
		}
	}
	if s.mainDecl != nil && s.mainDecl.Type.Params.NumFields()+s.mainDecl.Type.TypeParams.NumFields() == 0 {
		at := s.mainDecl.Name.Pos()
		call := &ast.ExprStmt{X: &ast.CallExpr{Fun: &ast.Ident{NamePos: at, Name: "main"}, Lparen: at, Rparen: at}}
		statement([]ast.Stmt{call}, []ast.Stmt{call})
	}
	for _, d := range s.in.Again {
		for _, n := range DeclNames(d) {
			s.declared[n.Name] = true
		}
		s.addDecl(d)
	}
	for _, v := range s.in.Vars {
		s.declared[v.Old.Name()] = true
		id := &ast.Ident{NamePos: v.Old.Pos(), Name: v.Old.Name()}
		s.addDecl(&ast.GenDecl{Tok: token.VAR, TokPos: v.Old.Pos(), Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{id}, Type: v.Type}}})
		for _, o := range v.Names {
			s.declared[o.Name()] = true
			s.out.Pkg.Scope().Insert(o)
		}
	}
}

// Define tells whether a statement is x, y := e with names that can be variables of
// the cell.
func Define(st ast.Stmt) (*ast.AssignStmt, []*ast.Ident) {
	a, ok := st.(*ast.AssignStmt)
	if !ok || a.Tok != token.DEFINE {
		return nil, nil
	}
	seen := map[string]bool{}
	var names []*ast.Ident
	for _, e := range a.Lhs {
		id, ok := e.(*ast.Ident)
		if !ok || seen[id.Name] && id.Name != "_" {
			return nil, nil // the checker says what is wrong
		}
		seen[id.Name] = true
		names = append(names, id)
	}
	return a, names
}

// single makes a declaration of each specification, and of each variable that has a
// value of its own, so that they can be put in the order in which they are initialised.
func single(g *ast.GenDecl) []*ast.GenDecl {
	var out []*ast.GenDecl
	add := func(v *ast.ValueSpec) {
		out = append(out, &ast.GenDecl{Tok: token.VAR, TokPos: v.Pos(), Doc: g.Doc, Specs: []ast.Spec{v}})
	}
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) != len(v.Names) || len(v.Names) == 1 {
			add(v)
			continue
		}
		for i, n := range v.Names {
			add(&ast.ValueSpec{Doc: v.Doc, Names: []*ast.Ident{n}, Type: v.Type, Values: []ast.Expr{v.Values[i]}, Comment: v.Comment})
		}
	}
	return out
}

func renamed(f *ast.FuncDecl, name string) *ast.FuncDecl {
	c := *f
	c.Name = &ast.Ident{NamePos: f.Name.NamePos, Name: name}
	return &c
}

// bind makes the names of earlier cells, imports and preloaded packages known.
func (s *segment) bind() {
	scope := s.out.Pkg.Scope()
	var nodes []ast.Node
	for _, d := range s.file.Decls {
		nodes = append(nodes, d)
	}
	for _, e := range s.body {
		for _, st := range e.check {
			nodes = append(nodes, st)
		}
	}
	if s.show != nil {
		nodes = append(nodes, s.show)
	}
	imports := &ast.GenDecl{Tok: token.IMPORT}
	seen := map[string]bool{}
	dots := append(append([]string(nil), s.out.Dots...), s.in.Dots...)
	for _, id := range Free(nodes...) {
		name := id.Name
		if seen[name] || s.declared[name] {
			continue
		}
		seen[name] = true
		path, own := s.out.Imports[name]
		if !own {
			if o := s.in.Lookup(name); o != nil {
				scope.Insert(o)
				continue
			}
			path, own = s.in.ImportPath(name)
		}
		if own {
			imports.Specs = append(imports.Specs, importSpec(name, path, id.Pos()))
			continue
		}
		for _, d := range dots {
			if p, err := s.in.Importer.Import(d); err == nil && token.IsExported(name) {
				if o := p.Scope().Lookup(name); o != nil {
					scope.Insert(o)
					break
				}
			}
		}
	}
	if len(imports.Specs) > 0 {
		s.file.Decls = append([]ast.Decl{imports}, s.file.Decls...)
	}
	s.bracket()
	s.strangers()
}

// bracket puts parentheses around a type that is nothing but a name of an earlier cell,
// in `type B A`, and takes them off again where that cell is checked along.
func (s *segment) bracket() {
	for _, d := range s.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			if p, ok := t.Type.(*ast.ParenExpr); ok && p.Lparen == p.X.Pos() {
				t.Type = p.X
			}
			if id, ok := t.Type.(*ast.Ident); ok && !s.declared[id.Name] && s.out.Pkg.Scope().Lookup(id.Name) != nil {
				t.Type = &ast.ParenExpr{Lparen: id.Pos(), X: id, Rparen: id.End() - 1}
			}
		}
	}
}

func importSpec(name, path string, pos token.Pos) *ast.ImportSpec {
	return &ast.ImportSpec{
		Name: &ast.Ident{NamePos: pos, Name: name},
		Path: &ast.BasicLit{ValuePos: pos, Kind: token.STRING, Value: fmt.Sprintf("%q", path)},
	}
}

// typecheck runs go/types over what arrange and bind have made.
func (s *segment) typecheck() {
	var stmts []ast.Stmt
	for _, e := range s.body {
		stmts = append(stmts, e.check...)
	}
	if s.wrapped != nil {
		stmts = append(stmts, &ast.ExprStmt{X: s.wrapped})
	} else if s.show != nil {
		stmts = append(stmts, &ast.ExprStmt{X: s.show})
	}
	if len(stmts) > 0 {
		s.addDecl(&ast.FuncDecl{Name: ast.NewIdent("_"), Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: &ast.BlockStmt{List: stmts}})
	}
	conf := types.Config{
		Importer:                 s.in.Importer,
		Sizes:                    types.SizesFor("gc", runtime.GOARCH),
		DisableUnusedImportCheck: true,
		Error: func(err error) {
			if e, ok := err.(types.Error); ok {
				s.errs = append(s.errs, e)
			}
		},
	}
	types.NewChecker(&conf, s.in.Fset, s.out.Pkg, s.out.Info).Files([]*ast.File{s.file})
	for _, v := range s.in.Vars {
		if o, ok := s.out.Pkg.Scope().Lookup(v.Old.Name()).(*types.Var); ok {
			s.out.Again = append(s.out.Again, o)
		} else {
			s.out.Again = append(s.out.Again, nil)
		}
	}
}

// order makes the body: runs of variable declarations in the order in which they are
// initialised, everything else as it stands.
func (s *segment) order() {
	rank := map[ast.Expr]int{}
	for i, init := range s.out.Info.InitOrder {
		rank[init.Rhs] = i + 1
	}
	for i := range s.body {
		e := &s.body[i]
		sort.SliceStable(e.specs, func(i, j int) bool {
			return specRank(e.specs[i], rank) < specRank(e.specs[j], rank)
		})
		for _, g := range e.specs {
			e.stmts = append(e.stmts, &ast.DeclStmt{Decl: g})
		}
		for _, f := range e.inits {
			e.stmts = append(e.stmts, s.callInit(f))
		}
		s.out.Body = append(s.out.Body, e.stmts...)
	}
	for _, st := range s.out.Body {
		for _, id := range StmtNames(st) {
			if v, ok := s.out.Info.Defs[id].(*types.Var); ok {
				s.out.Vars = append(s.out.Vars, v)
			}
		}
	}
}

func specRank(g *ast.GenDecl, rank map[ast.Expr]int) int {
	v := g.Specs[0].(*ast.ValueSpec)
	if len(v.Values) == 0 {
		return 0
	}
	return rank[v.Values[0]]
}

// callInit is a call of an init function, with what the checker would know about it.
func (s *segment) callInit(f *ast.FuncDecl) ast.Stmt {
	id := &ast.Ident{NamePos: f.Name.NamePos, Name: f.Name.Name}
	call := &ast.CallExpr{Fun: id, Lparen: id.Pos(), Rparen: id.Pos()}
	if o := s.out.Info.Defs[f.Name]; o != nil {
		s.out.Info.Uses[id] = o
		s.out.Info.Types[id] = types.TypeAndValue{Type: o.Type()}
		s.out.Info.Types[call] = types.TypeAndValue{Type: types.NewTuple()}
	}
	return &ast.ExprStmt{X: call}
}

// before refuses statements that use a variable which the cell declares further down.
func (s *segment) before() {
	declaredIn := map[types.Object]int{}
	for i, e := range s.body {
		for _, st := range e.stmts {
			for _, id := range StmtNames(st) {
				if o := s.out.Info.Defs[id]; o != nil {
					declaredIn[o] = i
				}
			}
		}
	}
	for i, e := range s.body {
		for _, st := range e.stmts {
			ast.Inspect(st, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if !ok {
					return true
				}
				o := s.out.Info.Uses[id]
				if at, ok := declaredIn[o]; o != nil && ok && at > i {
					line := s.in.Fset.Position(o.Pos()).Line
					s.fail(id.Pos(), fmt.Sprintf("%s is declared further down, in line %d; a statement sees what stands before it", id.Name, line), "undefined: %s", id.Name)
				}
				return true
			})
		}
	}
}

// addError words an error of go/types.
func (s *segment) addError(e types.Error) {
	pos, msg := e.Pos, e.Msg
	if more, ok := strings.CutPrefix(msg, "\t"); ok {
		// A further place of the error before.
		if n := len(s.out.Errors); n > 0 && !strings.Contains(s.out.Errors[n-1].Message, " already defined at ") {
			at := s.in.Fset.Position(pos)
			s.out.Errors[n-1].Message += fmt.Sprintf("\n\t%d:%d: %s", at.Line, at.Column, more)
		}
		return
	}
	if s.dropped(e) {
		return
	}
	pos, msg = s.compilerError(pos, msg)
	for a := range s.hoisted {
		if a.Pos() <= pos && pos < a.End() {
			msg = strings.Replace(msg, "in variable declaration", "in assignment", 1)
		}
	}
	// Like the compiler: of equal errors in a line that follow one another, the first.
	line := s.in.Fset.Position(pos).Line
	if line == s.last.line && msg == s.last.msg {
		return
	}
	s.last.line, s.last.msg = line, msg
	help := s.helpFor(pos, msg)
	s.out.Errors = append(s.out.Errors, Error{pos, msg, help})
}

// dropped tells whether an error is none in a cell.
func (s *segment) dropped(e types.Error) bool {
	switch {
	case s.show != nil && strings.HasSuffix(e.Msg, " is not used") && e.Pos >= s.show.Pos() && e.Pos < s.show.End() && s.showAt(e.Pos):
		return true
	case s.in.Local && strings.HasPrefix(e.Msg, "declared and not used"):
		for _, id := range StmtNames(s.out.Body[0]) {
			if id.Pos() == e.Pos {
				return true
			}
		}
	case strings.HasPrefix(e.Msg, "initialization cycle"):
		// x := f(), where f reads x: a statement may, only a declaration may not.
		for a := range s.hoisted {
			if a.Pos() <= e.Pos && e.Pos < a.End() {
				return true
			}
		}
	case strings.HasPrefix(e.Msg, "undefined: ") && s.refused[strings.TrimPrefix(e.Msg, "undefined: ")]:
		return true // its import is the error
	case strings.HasPrefix(e.Msg, "generic function is missing function body"), strings.HasPrefix(e.Msg, "func is missing body"):
		return true
	}
	return false
}
