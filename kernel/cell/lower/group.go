package lower

import (
	"encoding/json"
	"fmt"
	"go/types"
	"sort"
	"strings"
)

// Struct types that refer to each other are made by rt.Structs, as a group, and
// imported by the text that uses them.

const groupPath = "netsplit/types/"

// typeExpr and structExpr are what rt.Structs is told; see rt.TypeExpr.
type typeExpr struct {
	K    string      `json:"k"`
	N    int         `json:"n,omitempty"`
	E    *typeExpr   `json:"e,omitempty"`
	Key  *typeExpr   `json:"key,omitempty"`
	In   []*typeExpr `json:"in,omitempty"`
	Out  []*typeExpr `json:"out,omitempty"`
	Dots bool        `json:"dots,omitempty"`
}

type structExpr struct {
	Name   string      `json:"name"`
	Fields []string    `json:"fields"`
	Types  []*typeExpr `json:"types"`
}

// structRefs calls visit for each structure that t contains, directly or behind
// pointers, in elements and so on.
func (p *pass) structRefs(t types.Type, visit func(*types.Struct), seen map[string]bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if erasedNamed(t) == nil {
			return
		}
		t = p.overlaid(t)
		if s, ok := t.Underlying().(*types.Struct); ok {
			if s.NumFields() > 0 {
				visit(s)
			}
			return
		}
		k := p.key(t)
		if !seen[k] {
			seen[k] = true
			p.structRefs(t.Underlying(), visit, seen)
		}
	case *types.Struct:
		if t.NumFields() > 0 {
			visit(t)
		}
	case *types.Pointer:
		p.structRefs(t.Elem(), visit, seen)
	case *types.Slice:
		p.structRefs(t.Elem(), visit, seen)
	case *types.Array:
		p.structRefs(t.Elem(), visit, seen)
	case *types.Chan:
		p.structRefs(t.Elem(), visit, seen)
	case *types.Map:
		p.structRefs(t.Key(), visit, seen)
		p.structRefs(t.Elem(), visit, seen)
	case *types.Signature:
		for _, v := range append(vars(t.Params()), vars(t.Results())...) {
			p.structRefs(v.Type(), visit, seen)
		}
	}
}

// structGroup are the structures that refer to t and that t refers to, by key:
// more than one only if there are others than t itself.
func (p *pass) structGroup(t *types.Struct) map[string]*types.Struct {
	start := p.structKey(t, false)
	all := map[string]*types.Struct{}
	refs := map[string][]string{}
	var walk func(k string, t *types.Struct)
	walk = func(k string, t *types.Struct) {
		all[k] = t
		for i := range t.NumFields() {
			p.structRefs(t.Field(i).Type(), func(s *types.Struct) {
				sk := p.structKey(s, false)
				if _, done := p.structs.get(sk); done && sk != start {
					return
				}
				refs[k] = append(refs[k], sk)
				if all[sk] == nil {
					walk(sk, s)
				}
			}, map[string]bool{})
		}
	}
	walk(start, t)
	back := map[string][]string{}
	for k, list := range refs {
		for _, to := range list {
			back[to] = append(back[to], k)
		}
	}
	group := map[string]*types.Struct{}
	var mark func(k string)
	mark = func(k string) {
		if group[k] == nil && all[k] != nil {
			group[k] = all[k]
			for _, from := range back[k] {
				mark(from)
			}
		}
	}
	mark(start)
	return group
}

// emitGroup makes the structures of a group. What they are made of is defined in
// the text before the one that uses them.
func (p *pass) emitGroup(members map[string]*types.Struct) {
	var keys []string
	for k := range members {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	id := p.nextID()
	path := fmt.Sprintf("%sg%d", groupPath, id)
	alias := p.alias(path)
	index := map[string]int{}
	for i, k := range keys {
		index[k] = i
		p.structs.set(k, fmt.Sprintf("%s.T%d", alias, i+1))
	}
	g := &groupWriter{pass: p, index: index, leaves: map[string]int{}}
	var list []structExpr
	for i, k := range keys {
		s := members[k]
		e := structExpr{Name: fmt.Sprintf("T%d", i+1)}
		for j := range s.NumFields() {
			e.Fields = append(e.Fields, fieldName(s, j))
			e.Types = append(e.Types, g.expr(s.Field(j).Type()))
		}
		list = append(list, e)
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	var leaves strings.Builder
	for _, l := range g.list {
		leaves.WriteString(", (*" + l + ")(nil)")
	}
	fmt.Fprintf(&p.typeDefs, "var _ = %s(%q, %q%s)\n", p.rt("Structs"), path, text, leaves.String())
	types := p.typeDefs.String()
	p.typeDefs.Reset()
	p.output.Define = append(p.output.Define, p.importText(types)+types)
}

// groupWriter describes the types of fields to rt.
type groupWriter struct {
	*pass
	index  map[string]int
	leaves map[string]int
	list   []string
}

func (g *groupWriter) refers(t types.Type) bool {
	found := false
	g.structRefs(t, func(s *types.Struct) {
		if _, ok := g.index[g.structKey(s, false)]; ok {
			found = true
		}
	}, map[string]bool{})
	return found
}

func (g *groupWriter) expr(t types.Type) *typeExpr {
	t = types.Unalias(t)
	if !g.refers(t) {
		et := g.typ(t)
		n, ok := g.leaves[et]
		if !ok {
			n = len(g.list)
			g.leaves[et] = n
			g.list = append(g.list, et)
		}
		return &typeExpr{K: "l", N: n}
	}
	if n, ok := t.(*types.Named); ok {
		t = g.overlaid(n).Underlying()
	}
	switch t := t.(type) {
	case *types.Struct:
		return &typeExpr{K: "s", N: g.index[g.structKey(t, false)]}
	case *types.Pointer:
		return &typeExpr{K: "p", E: g.expr(t.Elem())}
	case *types.Slice:
		return &typeExpr{K: "S", E: g.expr(t.Elem())}
	case *types.Array:
		return &typeExpr{K: "a", N: int(t.Len()), E: g.expr(t.Elem())}
	case *types.Map:
		return &typeExpr{K: "m", Key: g.expr(t.Key()), E: g.expr(t.Elem())}
	case *types.Chan:
		dir := map[types.ChanDir]int{types.SendRecv: 3, types.SendOnly: 2, types.RecvOnly: 1}[t.Dir()]
		return &typeExpr{K: "c", N: dir, E: g.expr(t.Elem())}
	case *types.Signature:
		e := &typeExpr{K: "f", Dots: t.Variadic()}
		for _, v := range vars(t.Params()) {
			e.In = append(e.In, g.expr(v.Type()))
		}
		for _, v := range vars(t.Results()) {
			e.Out = append(e.Out, g.expr(v.Type()))
		}
		return e
	}
	panic(fmt.Sprintf("lower: type %s in a group of structs", t))
}
