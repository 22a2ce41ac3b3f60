package cell

import (
	"go/ast"
	"go/token"
	"go/types"

	"netsplit/kernel/cell/check"
	"netsplit/kernel/cell/split"
)

// part is what is checked and run together: all of most cells.
type part struct {
	items []*split.Item
	local bool // one item that declares variables from their own older meaning: x := x + 1

	// kept are, for statements x, y := e, the names that are taken to keep their variable:
	// those that the part has declared before, as in any block of Go, and those whose
	// older variable is used on the right. The checker tells where that fails.
	kept map[*split.Item]map[string]bool

	// forward are functions, types and constants that a statement uses before they are
	// declared, because the name had no older meaning.
	forward map[string]bool
}

// cut divides a cell where one meaning of a name would not do: before an item that
// declares a name again, or one that an earlier statement used in its older meaning.
// An item that needs the older meaning of a name it declares stands alone. Items that
// are forced keep no variables.
func cut(items []*split.Item, live *live, imp types.Importer, forced map[*split.Item]bool) []part {
	var parts []part
	c := cutter{known: map[string]bool{}}
	c.reset()
	older := func(n string) bool { return c.known[n] || olderMeaning(live, n) }
	for _, it := range items {
		names := check.Declares(it)
		if !forced[it] {
			names = c.keep(it, names, live)
		}
		methods := ""
		if it.Kind == split.Func {
			if base, name, ok := check.Method(it.Decl); ok {
				methods = base + "." + name
			}
		}
		imports := map[string]string{}
		if it.Kind == split.Import {
			imports = check.ImportNames(it.Decl.(*ast.GenDecl), imp)
		}
		if check.IsVarItem(it) && selfReferring(it, names, func(n string) bool {
			return c.declared[n] || c.imported[n] != "" || older(n)
		}) {
			parts = c.flush(parts)
			for _, id := range names {
				c.known[id.Name] = true
			}
			parts = append(parts, part{items: []*split.Item{it}, local: true})
			continue
		}
		clash := methods != "" && c.declared[methods]
		for _, id := range names {
			n := id.Name
			if c.used[n] && it.Kind != split.Statement && it.Kind != split.Var {
				// The cell run again must mean what it meant the first time.
				if e := live.get(n); !older(n) || e != nil && e.forward {
					c.forward[n] = true
				}
			}
			clash = clash || c.declared[n] || c.imported[n] != "" || c.used[n] && older(n) && !c.forward[n]
		}
		for n, path := range imports {
			clash = clash || c.declared[n] || c.imported[n] != "" && c.imported[n] != path || c.used[n] && live.path(n) != path && older(n)
		}
		if clash {
			parts = c.flush(parts)
			if !forced[it] {
				names = c.keep(it, check.Declares(it), live)
			}
		}
		c.add(it, names, methods, imports)
	}
	parts = c.flush(parts)
	if len(parts) == 0 {
		parts = []part{{}}
	}
	return parts
}

// keep takes away the names of a statement x, y := e that keep their variables.
func (c *cutter) keep(it *split.Item, names []*ast.Ident, live *live) []*ast.Ident {
	delete(c.kept, it)
	if it.Kind != split.Statement || len(names) == 0 {
		return names
	}
	a := check.DefineOf(it)
	if a == nil {
		return names
	}
	var values []ast.Node
	for _, e := range a.Rhs {
		values = append(values, e)
	}
	used := check.FreeNames(values...)
	var left []*ast.Ident
	kept := map[string]bool{}
	for _, id := range names {
		n := id.Name
		_, isVar := live.lookup(n).(*types.Var)
		if c.vars[n] || used[n] && isVar && !c.declared[n] && c.imported[n] == "" && !c.known[n] {
			kept[n] = true
		} else {
			left = append(left, id)
		}
	}
	if len(kept) > 0 {
		c.kept[it] = kept
	}
	return left
}

// cutter holds what is known of the part that is open.
type cutter struct {
	items    []*split.Item
	declared map[string]bool
	imported map[string]string
	used     map[string]bool // by statements, in a meaning from before this part
	pending  map[string]bool // by variable declarations, which see one another until a statement follows
	known    map[string]bool // declared in earlier parts of the cell
	vars     map[string]bool // declared as variables
	kept     map[*split.Item]map[string]bool
	forward  map[string]bool
}

func (c *cutter) reset() {
	for n := range c.declared {
		c.known[n] = true
	}
	for n := range c.imported {
		c.known[n] = true
	}
	*c = cutter{declared: map[string]bool{}, imported: map[string]string{}, used: map[string]bool{}, pending: map[string]bool{},
		known: c.known, vars: map[string]bool{}, kept: map[*split.Item]map[string]bool{}, forward: map[string]bool{}}
}

func (c *cutter) flush(parts []part) []part {
	if len(c.items) > 0 {
		parts = append(parts, part{items: c.items, kept: c.kept, forward: c.forward})
	}
	c.reset()
	return parts
}

func (c *cutter) add(it *split.Item, names []*ast.Ident, method string, imports map[string]string) {
	c.items = append(c.items, it)
	switch it.Kind {
	case split.Import:
	case split.Statement:
		for n := range check.FreeNames(it.Stmt) {
			c.pending[n] = true
		}
		for n := range c.pending {
			if !c.declared[n] {
				c.used[n] = true
			}
		}
		clear(c.pending)
		for _, id := range names {
			delete(c.used, id.Name)
		}
	case split.Var:
		for n := range check.FreeNames(it.Decl) {
			c.pending[n] = true
		}
	}
	for _, id := range names {
		c.declared[id.Name] = true
		if check.IsVarItem(it) {
			c.vars[id.Name] = true
		}
	}
	if method != "" {
		c.declared[method] = true
	}
	for n, p := range imports {
		c.imported[n] = p
	}
}

// selfReferring tells whether an item's values use a name that it declares and that
// meant something before.
func selfReferring(it *split.Item, names []*ast.Ident, older func(string) bool) bool {
	own := map[string]bool{}
	for _, id := range names {
		own[id.Name] = true
	}
	var exprs []ast.Node
	switch it.Kind {
	case split.Var:
		for _, spec := range it.Decl.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			if v.Type != nil {
				exprs = append(exprs, v.Type)
			}
			for _, e := range v.Values {
				exprs = append(exprs, e)
			}
		}
	default:
		a, ok := it.Stmt.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE {
			return false
		}
		for _, e := range a.Rhs {
			exprs = append(exprs, e)
		}
		// A variable of the cell is not visible in its own value; without an older
		// meaning that is an error, which the checker finds in the same way.
		older = func(string) bool { return true }
	}
	for _, id := range check.Free(exprs...) {
		if own[id.Name] && older(id.Name) {
			return true
		}
	}
	return false
}

// olderMeaning tells whether a name means something before the cell declares it.
func olderMeaning(live *live, name string) bool {
	return live.lookup(name) != nil || live.path(name) != "" || types.Universe.Lookup(name) != nil
}
