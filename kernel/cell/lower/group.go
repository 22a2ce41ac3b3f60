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
// pointers, in elements and so on, and for each recursive type that is none but lies in
// a struct of its own; key is that of the structure or type.
func (p *pass) structRefs(t types.Type, visit func(t types.Type, key string), seen map[string]bool) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if erasedNamed(t) == nil {
			return
		}
		t = p.overlaid(t)
		if s, ok := t.Underlying().(*types.Struct); ok {
			if s.NumFields() > 0 {
				visit(s, p.structKey(s, false))
			}
			return
		}
		k := p.key(t)
		if p.wrapped(t) {
			visit(t, k)
			return
		}
		if !seen[k] {
			seen[k] = true
			p.structRefs(t.Underlying(), visit, seen)
		}
	case *types.Struct:
		if t.NumFields() > 0 {
			visit(t, p.structKey(t, false))
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

// made tells whether the structure or recursive type with a key is emitted already.
func (p *pass) made(key string) bool {
	if _, ok := p.structs.get(key); ok {
		return true
	}
	_, ok := p.wraps.get(key)
	return ok
}

// structGroup are the structures, and recursive types, that refer to t and that t refers
// to, by key: more than one only if there are others than t itself.
func (p *pass) structGroup(t types.Type) map[string]types.Type {
	_, start := p.parts(t)
	all := map[string]types.Type{}
	refs := map[string][]string{}
	var walk func(k string, t types.Type)
	walk = func(k string, t types.Type) {
		all[k] = t
		parts, _ := p.parts(t)
		for _, part := range parts {
			p.structRefs(part, func(s types.Type, sk string) {
				if p.made(sk) && sk != start {
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
	group := map[string]types.Type{}
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

// mixes tells whether a type that refers to itself is beyond yaegi, because something
// else in it does so, too, or a part of it refers to it and to another structure: yaegi
// takes one for the other, or rebuilds such a part for ever. Parts are the types that it
// is made of, key is its own.
func (p *pass) mixes(parts []types.Type, key string, levels int) bool {
	refers, recursive := false, false
	for _, t := range parts {
		self, others := p.mentioned(t, key)
		if self && (len(others) > 0 || !p.plainRef(t, levels)) {
			return true
		}
		refers = refers || self
		for _, o := range others {
			recursive = recursive || p.holdsRecursive(o, map[string]bool{key: true})
		}
	}
	return refers && recursive
}

// plainRef tells whether a type is one of those through which yaegi's types refer to
// themselves well: pointers, slices and maps of at most two levels; a third level
// stands for the function type that a recursive type is.
func (p *pass) plainRef(t types.Type, levels int) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if _, isStruct := n.Underlying().(*types.Struct); isStruct || p.wrapped(n) {
			return true
		}
		return p.plainRef(n.Underlying(), levels)
	}
	if levels == 0 {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return p.plainRef(t.Elem(), levels-1)
	case *types.Slice:
		return p.plainRef(t.Elem(), levels-1)
	case *types.Map:
		_, basic := t.Key().Underlying().(*types.Basic)
		return basic && p.plainRef(t.Elem(), levels-1)
	case *types.Signature:
		for _, v := range append(vars(t.Params()), vars(t.Results())...) {
			if _, basic := v.Type().Underlying().(*types.Basic); !basic && !isInterface(v.Type()) && !p.plainRef(v.Type(), 2) {
				return false
			}
		}
		return levels == 3
	}
	return false
}

// parts are the types of the fields of a structure, or what a recursive type that is
// no structure stands for; key is the type's own.
func (p *pass) parts(t types.Type) (parts []types.Type, key string) {
	if n, ok := t.(*types.Named); ok && p.wrapped(n) {
		return []types.Type{n.Underlying()}, p.key(n)
	}
	s, ok := t.Underlying().(*types.Struct)
	if !ok || !erasedStruct(s) {
		return nil, ""
	}
	return fieldTypes(s), p.structKey(s, false)
}

func fieldTypes(s *types.Struct) []types.Type {
	var list []types.Type
	for i := range s.NumFields() {
		list = append(list, s.Field(i).Type())
	}
	return list
}

// holdsRecursive tells whether a type, or one that it is made of, refers to itself.
func (p *pass) holdsRecursive(t types.Type, seen map[string]bool) bool {
	parts, key := p.parts(t)
	if key == "" || seen[key] {
		return false
	}
	seen[key] = true
	for _, part := range parts {
		self, others := p.mentioned(part, key)
		if self {
			return true
		}
		for _, o := range others {
			if p.holdsRecursive(o, seen) {
				return true
			}
		}
	}
	return false
}

// mentioned tells whether a type is made of the structure, or recursive type, with a
// key, and of which others it is made.
func (p *pass) mentioned(t types.Type, key string) (self bool, others []types.Type) {
	note := func(t types.Type, k string) {
		if k == key {
			self = true
		} else {
			others = append(others, t)
		}
	}
	var walk func(t types.Type)
	walk = func(t types.Type) {
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			switch t.Underlying().(type) {
			case *types.Interface, *types.Basic:
				return
			}
			if erasedNamed(t) == nil {
				others = append(others, t)
				return
			}
			t = p.overlaid(t)
			if p.wrapped(t) {
				note(t, p.key(t))
				return
			}
			walk(t.Underlying())
		case *types.Struct:
			if t.NumFields() > 0 {
				note(t, p.structKey(t, false))
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Signature:
			for _, v := range append(vars(t.Params()), vars(t.Results())...) {
				walk(v.Type())
			}
		}
	}
	walk(t)
	return self, others
}

// emitGroup makes the structures of a group. What they are made of is defined in
// the text before the one that uses them.
func (p *pass) emitGroup(members map[string]types.Type) {
	var keys []string
	for k := range members {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	path := fmt.Sprintf("%sg%d", groupPath, p.nextID())
	alias := p.alias(path)
	g := &groupWriter{pass: p, index: map[string]int{}, leaves: map[string]int{}}
	for i, k := range keys {
		g.index[k] = i
		name := fmt.Sprintf("%s.T%d", alias, i+1)
		if _, ok := members[k].(*types.Struct); ok {
			p.structs.set(k, name)
		} else {
			p.wraps.set(k, name)
		}
	}
	var list []structExpr
	for i, k := range keys {
		e := structExpr{Name: fmt.Sprintf("T%d", i+1)}
		parts, _ := p.parts(members[k])
		for j, part := range parts {
			name := "M"
			if s, ok := members[k].(*types.Struct); ok {
				name = fieldName(s, j)
			}
			e.Fields = append(e.Fields, name)
			e.Types = append(e.Types, g.expr(part))
		}
		list = append(list, e)
	}
	g.emit(path, list)
}

// emit has rt make the structures, in a text before the one that uses them.
func (g *groupWriter) emit(path string, list []structExpr) {
	p := g.pass
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
	g.structRefs(t, func(_ types.Type, key string) {
		if _, ok := g.index[key]; ok {
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
		if i, ok := g.index[g.key(n)]; ok {
			return &typeExpr{K: "s", N: i}
		}
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
