package cell

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"

	"netsplit/kernel/cell/check"
	"netsplit/kernel/cell/lower"
	"netsplit/kernel/cell/split"
)

// The firewall refuses, while submissions are graded, what a cell could forge points
// with or reach out of the notebook by. Nobody tells the kernel which cells are tests,
// so its rules are for every cell:
//
//   - No declaration at cell level takes a predeclared name, or that of a preloaded
//     package, or of one that an earlier cell has imported; nothing imports package
//     grade under another name. Tests use these names.
//     Inside of functions and blocks every name is free.
//   - No function, and no later cell, sees a score: what a cell opens belongs to it.
//   - Nothing assigns to the variables of packages, or takes their addresses.
//   - Some packages cannot be imported, and some functions not be named.
//
// A function of the lesson that tests call can be declared anew: that is a cell's good
// right. Tests should therefore call what they check, and nothing else of the notebook.

const gradePath = "netsplit/runtime/grade"

// NewGraded gives an empty session behind the firewall.
func NewGraded() *Session {
	s := New()
	s.graded = true
	return s
}

const whileGraded = "while a submission is graded"

// gradingHelp is for whoever meets the firewall and is not graded: nbgrader's formgrader
// leaves the variable to kernels that it starts after a failure.
const gradingHelp = "This kernel grades, because NBGRADER_EXECUTION is set in its environment."

// refusedImports are packages, with all below them but those in keptImports.
var refusedImports = map[string]string{
	"net":                   "there is no network",
	"crypto/tls":            "there is no network",
	"log/syslog":            "there is no network",
	"expvar":                "there is no network",
	"os/exec":               "no programs are started",
	"os/signal":             "there are no signals",
	"os/user":               "the machine and its users are not in sight",
	"syscall":               "the operating system is not in reach",
	"unsafe":                "memory is not in reach",
	"plugin":                "no programs are started",
	"runtime/pprof":         "the worker process cannot be looked into",
	"runtime/trace":         "the worker process cannot be looked into",
	"runtime/coverage":      "the worker process cannot be looked into",
	"runtime/cgo":           "the worker process cannot be looked into",
	"debug":                 "programs are not in sight",
	"go/build":              "no programs are started",
	"go/importer":           "no programs are started",
	"netsplit/runtime/host": "it is the seam to the kernel itself",
	"netsplit/kernel":       "it is the kernel itself",
}

var keptImports = map[string]bool{"net/url": true, "net/netip": true, "net/mail": true, "go/build/constraint": true}

// refusedNames are functions and methods by types.Func.FullName.
var refusedNames = map[string]string{
	"os.NewFile":      "the descriptors of the worker process are its own",
	"os.StartProcess": "no programs are started",

	"reflect.NewAt":                 "memory is not in reach",
	"reflect.SliceAt":               "memory is not in reach",
	"(reflect.Value).UnsafePointer": "memory is not in reach",
	"(reflect.Value).UnsafeAddr":    "memory is not in reach",
	"(reflect.Value).SetPointer":    "memory is not in reach",
	"runtime/debug.SetGCPercent":    "limits stay as they are",
	"runtime/debug.SetMemoryLimit":  "limits stay as they are",
	"runtime/debug.SetMaxStack":     "limits stay as they are",
	"runtime/debug.SetMaxThreads":   "limits stay as they are",
	"runtime/debug.SetPanicOnFault": "limits stay as they are",
	"runtime/debug.SetTraceback":    "limits stay as they are",
	"runtime/debug.SetCrashOutput":  "limits stay as they are",
	"runtime/debug.WriteHeapDump":   "the worker process cannot be looked into",
	"runtime.SetCPUProfileRate":     "the worker process cannot be looked into",
	"(*os.Process).Kill":            "other processes are not in reach",
	"(*os.Process).Signal":          "other processes are not in reach",
	"(*os.File).SyscallConn":        "the descriptors of the worker process are its own",
	"(*testing.M).Run":              "it would end the worker process",
	"testing.Main":                  "it would end the worker process",
	"testing.MainStart":             "it would end the worker process",
}

// refusal is why a path cannot be imported; "" when it can.
func refusal(imported string) string {
	if keptImports[imported] {
		return ""
	}
	for p := imported; p != "." && p != "/"; p = path.Dir(p) {
		if why := refusedImports[p]; why != "" {
			return why
		}
	}
	return ""
}

// firewall looks at what a cell declares and imports.
func (s *Session) firewall(cell *split.Cell) (errs Errors) {
	refuse := func(pos token.Pos, format string, args ...any) {
		errs = append(errs, s.diagnostic(pos, fmt.Sprintf(format, args...), gradingHelp))
	}
	for _, it := range cell.Items {
		if it.Kind == split.Import {
			for _, spec := range it.Decl.(*ast.GenDecl).Specs {
				sp, ok := spec.(*ast.ImportSpec)
				if !ok {
					continue
				}
				imported, err := strconv.Unquote(sp.Path.Value)
				if err != nil {
					continue
				}
				name := ""
				if sp.Name != nil {
					name = sp.Name.Name
				} else if p, err := s.importer.Import(imported); err == nil {
					name = p.Name()
				}
				was := s.live.path(name)
				switch why := refusal(imported); {
				case why != "":
					refuse(sp.Path.Pos(), "package %s is not available %s: %s", imported, whileGraded, why)
				case imported == gradePath && name != "grade" && name != "_":
					refuse(sp.Path.Pos(), "package grade has no other name %s", whileGraded)
				case protects(name) != "" && preloaded()[name] != imported:
					refuse(sp.Pos(), "an import cannot be called %s %s: %s", name, whileGraded, protects(name))
				case sp.Name != nil && was != "" && was != imported:
					refuse(sp.Pos(), "an import cannot be called %s %s: that is the package %s of cell %s", name, whileGraded, was, s.label(s.live.get(name).cell))
				}
			}
			continue
		}
		for _, id := range check.Declares(it) {
			why := protects(id.Name)
			if was := s.live.path(id.Name); was != "" && why == "" {
				why = fmt.Sprintf("that is the package %s of cell %s", was, s.label(s.live.get(id.Name).cell))
			}
			if why != "" {
				refuse(id.Pos(), "a cell cannot declare %s %s: %s; inside of a function it can", id.Name, whileGraded, why)
			}
		}
	}
	return errs
}

// protects says why a name must keep its meaning at cell level; "" when it need not.
func protects(name string) string {
	if types.Universe.Lookup(name) != nil {
		return "that is a name of Go itself, which tests use"
	}
	if preloaded()[name] != "" {
		return "that is a package, which tests use"
	}
	return ""
}

// fireproof looks at what a checked cell uses.
func (s *Session) fireproof(cell *split.Cell, segments []*lower.Segment) (errs Errors) {
	refuse := func(pos token.Pos, format string, args ...any) {
		errs = append(errs, s.diagnostic(pos, fmt.Sprintf(format, args...), gradingHelp))
	}
	use := func(id *ast.Ident) types.Object {
		for _, seg := range segments {
			if o := seg.Info.Uses[id]; o != nil {
				return o
			}
		}
		return nil
	}
	for _, it := range cell.Items {
		var node ast.Node = it.Decl
		if it.Kind == split.Statement {
			node = it.Stmt
		}
		ast.Inspect(node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				o := use(n)
				if f, ok := o.(*types.Func); ok {
					if why := refusedNames[f.Origin().FullName()]; why != "" {
						refuse(n.Pos(), "%s is not available %s: %s", n.Name, whileGraded, why)
					}
				}
				if v, ok := o.(*types.Var); ok && it.Kind == split.Func && ofSession(v) && holdsScore(v.Type()) {
					refuse(n.Pos(), "a function cannot use the score %s %s: only the cell that opens a score does", n.Name, whileGraded)
				}
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, e := range n.Lhs {
						s.foreign(e, use, refuse)
					}
				}
			case *ast.IncDecStmt:
				s.foreign(n.X, use, refuse)
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					for _, e := range []ast.Expr{n.Key, n.Value} {
						if e != nil {
							s.foreign(e, use, refuse)
						}
					}
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					s.foreign(n.X, use, refuse)
				}
			}
			return true
		})
	}
	return errs
}

// foreign refuses an expression that is a variable of a package, or a part of one.
func (s *Session) foreign(e ast.Expr, use func(*ast.Ident) types.Object, refuse func(token.Pos, string, ...any)) {
	for {
		var id *ast.Ident
		var rest ast.Expr
		switch x := e.(type) {
		case *ast.ParenExpr:
			rest = x.X
		case *ast.Ident:
			id = x
		case *ast.SelectorExpr:
			id, rest = x.Sel, x.X
		case *ast.IndexExpr:
			rest = x.X
		}
		if id != nil {
			if v, ok := use(id).(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Pkg().Path() != "main" {
				refuse(e.Pos(), "variables of packages keep their values %s: %s.%s cannot be assigned to", whileGraded, v.Pkg().Name(), v.Name())
				return
			}
		}
		if rest == nil {
			return
		}
		e = rest
	}
}

// ofSession tells whether a variable is one of the cells and not of a function.
func ofSession(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "main" && v.Parent() == v.Pkg().Scope()
}

// holdsScore tells whether values of a type can hold something of package grade.
func holdsScore(t types.Type) bool { return findScore(t, map[types.Type]bool{}) }

func findScore(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	tuple := func(list *types.Tuple) bool {
		for i := range list.Len() {
			if findScore(list.At(i).Type(), seen) {
				return true
			}
		}
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if p := t.Obj().Pkg(); p != nil && p.Path() == gradePath {
			return true
		}
		for i := range t.TypeArgs().Len() {
			if findScore(t.TypeArgs().At(i), seen) {
				return true
			}
		}
		if p := t.Obj().Pkg(); p != nil && strings.Contains(p.Path(), "/") || p == nil {
			return false // compiled packages hold no cell's score
		}
		return findScore(t.Underlying(), seen)
	case *types.Pointer:
		return findScore(t.Elem(), seen)
	case *types.Slice:
		return findScore(t.Elem(), seen)
	case *types.Array:
		return findScore(t.Elem(), seen)
	case *types.Chan:
		return findScore(t.Elem(), seen)
	case *types.Map:
		return findScore(t.Key(), seen) || findScore(t.Elem(), seen)
	case *types.Signature:
		return tuple(t.Params()) || tuple(t.Results())
	case *types.Struct:
		for i := range t.NumFields() {
			if findScore(t.Field(i).Type(), seen) {
				return true
			}
		}
	}
	return false
}
