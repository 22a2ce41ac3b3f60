package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"netsplit/kernel/cell/split"
	"netsplit/kernel/symbols"
)

// helpFor finds what may be wrong, for the errors that beginners meet most.
func (s *segment) helpFor(pos token.Pos, msg string) string {
	if name, ok := strings.CutPrefix(msg, "undefined: "); ok {
		return s.undefinedHelp(pos, name)
	}
	if strings.Contains(msg, "has no field or method ") || strings.HasPrefix(msg, "unknown field ") {
		return s.memberHelp(pos, msg)
	}
	switch {
	case strings.Contains(msg, "(value of type float64) as int value"), strings.Contains(msg, "(variable of type float64) as int value"):
		return "convert it: int(x) cuts off the fraction"
	case strings.Contains(msg, "mismatched types") && strings.Contains(msg, "string"):
		return "Go does not turn numbers into text by itself; use fmt.Sprint(x) or strconv.Itoa(n)"
	case strings.Contains(msg, "mismatched types int and float64"), strings.Contains(msg, "mismatched types float64 and int"):
		return "convert one of them: float64(n)"
	case strings.HasPrefix(msg, "declared and not used: "):
		return "use it, remove it, or write _ = " + strings.TrimPrefix(msg, "declared and not used: ")
	case msg == "use of untyped nil in assignment", msg == "use of untyped nil in variable declaration":
		return "nil alone has no type; write for example: var x *T"
	case strings.Contains(msg, "has pointer receiver"):
		return "the methods of a pointer belong to &x, not to x"
	case strings.HasPrefix(msg, "missing return"):
		return "every way through the function must end with return"
	case strings.HasPrefix(msg, "cannot assign to struct field") && strings.Contains(msg, "in map"):
		return "take the value out, change it and put it back, or store pointers in the map"
	case strings.HasPrefix(msg, "initialization cycle"):
		return "a variable cannot be computed from itself"
	}
	return ""
}

// undefinedHelp offers an import, or a name that is spelled alike.
func (s *segment) undefinedHelp(pos token.Pos, name string) string {
	if paths := symbols.Named(name); len(paths) > 0 && s.selects(pos) {
		h := fmt.Sprintf("add: import %q", paths[0])
		for _, p := range paths[1:] {
			if len(h) < 60 {
				h += fmt.Sprintf(" (or %q)", p)
			}
		}
		return h
	}
	if pkg, member, ok := strings.Cut(name, "."); ok {
		return s.packageHelp(pkg, member)
	}
	if h := split.Elsewhere(name); h != "" && !s.called(pos) {
		return h
	}
	if len(name) < 3 {
		return "" // everything short is alike
	}
	var names []string
	for n := range s.declared {
		if len(n) > 1 && !strings.Contains(n, "·") {
			names = append(names, n)
		}
	}
	return meant(name, append(names, types.Universe.Names()...))
}

// meant offers the name that is spelled most alike.
func meant(name string, names []string) string {
	best, bestDistance := "", 3
	if len(name) < 5 {
		bestDistance = 2
	}
	sort.Strings(names)
	for _, n := range names {
		if d := distance(name, n, bestDistance); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	if best != "" && best != name {
		return "did you mean " + best + "?"
	}
	return ""
}

// packageHelp offers a name of a package instead of one that it has not.
func (s *segment) packageHelp(name, member string) string {
	for id, o := range s.out.Info.Uses {
		p, ok := o.(*types.PkgName)
		if !ok || id.Name != name {
			continue
		}
		var names []string
		for _, n := range p.Imported().Scope().Names() {
			if token.IsExported(n) {
				names = append(names, n)
			}
		}
		return meant(member, names)
	}
	return ""
}

// memberHelp offers a field or method instead of one that a type has not.
func (s *segment) memberHelp(pos token.Pos, msg string) string {
	if strings.Contains(msg, ", but does have ") {
		return ""
	}
	var t types.Type
	name := ""
	if x := find(s, func(x *ast.SelectorExpr) bool { return x.Sel.Pos() == pos }); x != nil {
		t, name = s.out.Info.TypeOf(x.X), x.Sel.Name
	} else if x := find(s, func(x *ast.CompositeLit) bool {
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.Pos() == pos {
				return true
			}
		}
		return false
	}); x != nil {
		t, name = s.out.Info.TypeOf(x), strings.Fields(strings.TrimPrefix(msg, "unknown field "))[0]
	}
	if t == nil || len(name) < 3 {
		return ""
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	var names []string
	if st, ok := t.Underlying().(*types.Struct); ok {
		for i := range st.NumFields() {
			names = append(names, st.Field(i).Name())
		}
	}
	if strings.HasPrefix(msg, "unknown field ") {
		return meant(name, names)
	}
	methods := types.NewMethodSet(types.NewPointer(t))
	if types.IsInterface(t) {
		methods = types.NewMethodSet(t)
	}
	for i := range methods.Len() {
		if m := methods.At(i).Obj(); m.Exported() || m.Pkg() == s.out.Pkg {
			names = append(names, m.Name())
		}
	}
	return meant(name, names)
}

// selects tells whether the identifier at a position is followed by a selector: only
// then can it be a package.
func (s *segment) selects(pos token.Pos) bool {
	return s.parent(pos, func(n ast.Node) ast.Expr {
		if e, ok := n.(*ast.SelectorExpr); ok {
			return e.X
		}
		return nil
	})
}

// called tells whether the identifier at a position is called.
func (s *segment) called(pos token.Pos) bool {
	return s.parent(pos, func(n ast.Node) ast.Expr {
		if e, ok := n.(*ast.CallExpr); ok {
			return e.Fun
		}
		return nil
	})
}

// parent tells whether an identifier at a position is what part gives for some node.
func (s *segment) parent(pos token.Pos, part func(ast.Node) ast.Expr) bool {
	found := false
	for _, d := range s.file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if n != nil && !found {
				if id, ok := part(n).(*ast.Ident); ok && id.Pos() == pos {
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// distance is the number of letters to change, insert, remove or swap, at most limit.
func distance(a, b string, limit int) int {
	ra, rb := []rune(a), []rune(b)
	if d := len(ra) - len(rb); d >= limit || -d >= limit {
		return limit
	}
	var older, old []int
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		older, old = old, row
		row = make([]int, len(rb)+1)
		row[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			row[j] = min(old[j]+1, row[j-1]+1, old[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return min(row[len(rb)], limit)
}
