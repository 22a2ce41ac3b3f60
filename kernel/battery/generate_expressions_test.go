package battery

import (
	"fmt"
	"strings"
)

var integers = map[string]bool{"int": true, "int8": true, "uint8": true, "int16": true, "uint16": true, "int32": true, "uint32": true, "int64": true, "uint64": true, "MyInt": true}

// expr gives an expression of a type. Deep says how much it may hold.
func (g *generator) expr(typ string, deep int) string {
	if deep <= 0 || g.rnd.Intn(5) == 0 {
		return g.simple(typ)
	}
	if g.rnd.Intn(6) == 0 {
		if e := g.call(typ, deep); e != "" {
			return e
		}
	}
	sub := func(t string) string { return g.expr(t, deep-1) }
	switch {
	case integers[typ]:
		switch g.rnd.Intn(9) {
		case 0, 1, 2:
			return fmt.Sprintf("(%s %s %s)", g.value(typ), g.pick("+", "-", "*", "&", "|", "^", "&^"), sub(typ))
		case 3:
			// It may panic. Go leaves open whether operators do before or after the calls
			// beside them, so this is a call.
			return fmt.Sprintf("%s(%s, %s)", g.pick("div", "rem"), g.value(typ), g.value(typ))
		case 4:
			return fmt.Sprintf("(%s %s (uint(%s) %% 70))", g.value(typ), g.pick("<<", ">>"), g.value("uint8"))
		case 5:
			from := g.pick("int", "int8", "uint8", "int16", "uint32", "int64", "uint64", "MyInt")
			return fmt.Sprintf("%s(%s)", typ, g.valueOf(from, deep-1))
		case 6:
			return fmt.Sprintf("%s(%s)", g.pick("min", "max"), g.value(typ)+", "+sub(typ))
		case 7:
			if typ == "int" {
				return g.integer(deep)
			}
			return fmt.Sprintf("-%s", g.value(typ))
		default:
			return fmt.Sprintf("Total(%s, %s)", g.value(typ), sub(typ))
		}
	case typ == "float64":
		switch g.rnd.Intn(4) {
		case 0:
			return fmt.Sprintf("float64(%s)", g.valueOf(g.pick("int", "uint8", "int16"), deep-1))
		case 1:
			return fmt.Sprintf("%s.Area()", g.composite("P", deep-1))
		default:
			return fmt.Sprintf("(%s %s %s)", g.value(typ), g.pick("+", "-", "*"), sub(typ))
		}
	case typ == "bool":
		t := g.pick("int", "string", "float64", "uint8", "MyInt", "[3]int", "P", "any", "bool")
		ops := []string{"==", "!="}
		switch t {
		case "int", "string", "float64", "uint8", "MyInt":
			ops = append(ops, "<", "<=", ">")
		case "any":
			return fmt.Sprintf("(any(%s) == any(%s))", g.comparable(deep-1), g.comparable(deep-1))
		case "bool":
			return fmt.Sprintf("(%s %s !%s)", sub("bool"), g.pick("&&", "||"), sub("bool"))
		}
		return fmt.Sprintf("(%s %s %s)", g.valueOf(t, deep-1), g.pick(ops...), g.valueOf(t, deep-1))
	case typ == "string":
		switch g.rnd.Intn(8) {
		case 0:
			return fmt.Sprintf("fmt.Sprint(%s)", g.expr(g.pick("int", "MyInt", "P", "[]int", "map[string]int", "bool", "float64", "Name", "[]P"), deep-1))
		case 1:
			return fmt.Sprintf("fmt.Sprintf(%q, %s)", g.pick("%v", "%+v", "%T"), g.expr(g.pick("int", "MyInt", "P", "[3]int", "Pair[string, int]", "[]string", "map[string]P"), deep-1))
		case 2:
			return fmt.Sprintf("strings.Repeat(%s, %d)", sub("string"), g.rnd.Intn(3))
		case 3:
			return fmt.Sprintf("strings.Join(%s, \"-\")", sub("[]string"))
		case 4:
			return fmt.Sprintf("string(%s)", g.valueOf("Name", deep-1))
		case 5:
			return fmt.Sprintf("kind(%s)", sub("any"))
		case 6:
			return fmt.Sprintf("%s.String()", g.value("MyInt"))
		default:
			return fmt.Sprintf("(%s + %s)", sub("string"), sub("string"))
		}
	case typ == "Name":
		return fmt.Sprintf("Name(%s)", g.valueOf("string", deep-1))
	}
	return g.composite(typ, deep)
}

// integer gives ints that come from elsewhere.
func (g *generator) integer(deep int) string {
	sub := func(t string) string { return g.expr(t, deep-1) }
	switch g.rnd.Intn(8) {
	case 0:
		return fmt.Sprintf("len(%s)", g.expr(g.pick("string", "[]int", "map[string]int", "[]P"), deep-1))
	case 1:
		return fmt.Sprintf("%s[%d]", g.composite("[3]int", deep-1), g.rnd.Intn(3))
	case 2:
		return fmt.Sprintf("(%s).Sum()", sub("P"))
	case 3:
		return fmt.Sprintf("func(x int) int { return x %s %d }(%s)", g.pick("+", "*", "-"), g.rnd.Intn(9), sub("int"))
	case 4:
		if vs := g.vars("[]int", false); len(vs) > 0 {
			return fmt.Sprintf("at(%s, %s)", g.pick(vs...), sub("int")) // may panic
		}
	case 5:
		if vs := g.vars("any", false); len(vs) > 0 {
			return fmt.Sprintf("number(%s)", g.pick(vs...)) // may panic
		}
	case 6:
		return fmt.Sprintf("%s[%s]", sub("map[string]int"), sub("string"))
	}
	return fmt.Sprintf("use(%s, %s)", sub("any"), sub("string"))
}

// comparable gives a value that can be compared as an interface.
func (g *generator) comparable(deep int) string {
	return g.valueOf(g.pick("int", "string", "MyInt", "P", "[3]int", "bool", "Name"), deep)
}

// value gives a variable, or an expression that is no constant, of a basic type:
// constants would overflow when the program is compiled.
func (g *generator) value(typ string) string { return g.valueOf(typ, 0) }

func (g *generator) valueOf(typ string, deep int) string {
	if vs := g.vars(typ, false); len(vs) > 0 && g.rnd.Intn(3) > 0 {
		return g.pick(vs...)
	}
	e := g.expr(typ, deep)
	return fmt.Sprintf("func() %s { var x %s = %s; return x }()", typ, typ, e)
}

// simple gives a variable or a literal.
func (g *generator) simple(typ string) string {
	if vs := g.vars(typ, false); len(vs) > 0 && g.rnd.Intn(4) > 0 {
		return g.pick(vs...)
	}
	n := g.rnd.Intn(9)
	switch typ {
	case "MyInt":
		return fmt.Sprintf("MyInt(%d)", n)
	case "float64":
		return fmt.Sprintf("float64(%d.5)", n)
	case "string":
		return fmt.Sprintf("%q", g.pick("", "a", "bc", "héé", "日本", "x y", "Z"))
	case "bool":
		return g.pick("true", "false")
	case "Name":
		return fmt.Sprintf("Name(%q)", g.pick("n", "nm", ""))
	}
	if integers[typ] {
		return fmt.Sprintf("%s(%d)", typ, n)
	}
	return g.composite(typ, 0)
}

// composite gives a literal of a composite type.
func (g *generator) composite(typ string, deep int) string {
	if vs := g.vars(typ, false); len(vs) > 0 && g.rnd.Intn(3) == 0 {
		return g.pick(vs...)
	}
	sub := func(t string) string { return g.expr(t, deep-1) }
	list := func(t string, n int) string {
		var out []string
		for range n {
			out = append(out, sub(t))
		}
		return strings.Join(out, ", ")
	}
	switch typ {
	case "[]int":
		switch g.rnd.Intn(4) {
		case 0:
			return fmt.Sprintf("append(%s, %s)", g.composite0("[]int"), sub("int"))
		case 1:
			return fmt.Sprintf("Map(%s, func(x int) int { return x %s %d })", g.composite0("[]int"), g.pick("+", "*"), g.rnd.Intn(5))
		case 2:
			return fmt.Sprintf("append([]int(nil), %s[%d:%d]...)", g.array(), g.rnd.Intn(2), 2+g.rnd.Intn(2))
		}
		return "[]int{" + list("int", g.rnd.Intn(4)) + "}"
	case "[]string":
		return "[]string{" + list("string", g.rnd.Intn(4)) + "}"
	case "[3]int":
		return "[3]int{" + list("int", g.rnd.Intn(4)) + "}"
	case "map[string]int":
		return fmt.Sprintf("map[string]int{\"k%d\": %s}", g.rnd.Intn(3), sub("int"))
	case "map[int]string":
		return fmt.Sprintf("map[int]string{%d: %s}", g.rnd.Intn(3), sub("string"))
	case "map[string]P":
		return fmt.Sprintf("map[string]P{\"p\": {%s}}", list("int", 2)+", "+sub("string"))
	case "P":
		if g.rnd.Intn(2) == 0 {
			return fmt.Sprintf("P{Y: %s}", sub("int"))
		}
		return fmt.Sprintf("P{%s, %s}", list("int", 2), sub("string"))
	case "*P":
		if g.rnd.Intn(5) == 0 {
			return "(*P)(nil)"
		}
		return "&P{X: " + sub("int") + "}"
	case "[]P":
		return fmt.Sprintf("[]P{{X: %s}, %s}", sub("int"), sub("P"))
	case "Q":
		return fmt.Sprintf("Q{P: %s, Tags: %s}", sub("P"), sub("[]string"))
	case "Shape":
		return fmt.Sprintf("Shape(%s)", g.pick(sub("P"), "&Circle{"+sub("float64")+"}", sub("Q"), "&"+"P{X: 2, Y: 3}"))
	case "any":
		return fmt.Sprintf("any(%s)", g.pick(sub("int"), sub("string"), sub("MyInt"), sub("P"), sub("*P"), sub("[]int"), sub("error"), sub("Shape"), sub("Name"), "nil"))
	case "error":
		return g.pick("error(nil)", "ErrBase", "error(&Failure{"+fmt.Sprint(g.rnd.Intn(5))+"})", "fmt.Errorf(\"e %v\", "+sub("int")+")")
	case "func(int) int":
		return fmt.Sprintf("func(x int) int { return x %s %s }", g.pick("+", "-", "*"), sub("int"))
	case "Stack[int]":
		return "Stack[int]{items: " + sub("[]int") + "}"
	case "Pair[string, int]":
		return fmt.Sprintf("Pair[string, int]{%s, %s}", sub("string"), sub("int"))
	}
	panic("generate: no literal of " + typ)
}

// composite0 gives a simple slice.
func (g *generator) composite0(typ string) string {
	if vs := g.vars(typ, false); len(vs) > 0 {
		return g.pick(vs...)
	}
	return typ + "{1, 2, 3}"
}

// array gives an array that can be sliced.
func (g *generator) array() string {
	if vs := g.vars("[3]int", false); len(vs) > 0 {
		return g.pick(vs...)
	}
	return "[]int{4, 5, 6}"
}

// call calls a function of the program that gives a type, or "".
func (g *generator) call(typ string, deep int) string {
	var fits []function
	for _, f := range g.funcs {
		if f.result == typ {
			fits = append(fits, f)
		}
	}
	if len(fits) == 0 {
		if vs := g.vars("func(int) int", false); typ == "int" && len(vs) > 0 {
			return fmt.Sprintf("%s(%s)", g.pick(vs...), g.expr("int", deep-1))
		}
		return ""
	}
	f := fits[g.rnd.Intn(len(fits))]
	var args []string
	for _, p := range f.params {
		args = append(args, g.expr(p, deep-1))
	}
	return fmt.Sprintf("%s(%s)", f.name, strings.Join(args, ", "))
}
