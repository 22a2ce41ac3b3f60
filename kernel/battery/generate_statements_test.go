package battery

// statement writes one statement.
func (g *generator) statement() {
	choices := 40 // from 26 on: shapes
	if g.depth > 4 {
		choices = 9 // no further blocks
	}
	switch n := g.rnd.Intn(choices); n {
	case 0, 1:
		t := g.pick(append(basics, composites...)...)
		name := g.fresh("v")
		e := g.expr(t, 3)
		if g.rnd.Intn(2) == 0 {
			g.line("var %s %s = %s", name, t, e)
		} else {
			g.line("%s := %s(%s)", name, conversion(t), e)
		}
		g.line("_ = %s", name)
		g.declare(name, t)
	case 2, 3:
		t := g.pick(append(basics, composites...)...)
		if vs := g.vars(t, true); len(vs) > 0 {
			g.line("%s = %s", g.pick(vs...), g.expr(t, 3))
		} else {
			g.print(g.expr(t, 3), t)
		}
	case 4:
		t := g.pick("int", "uint8", "int16", "float64", "string", "uint64", "MyInt")
		if vs := g.vars(t, true); len(vs) > 0 {
			op := "+="
			if t != "string" {
				op = g.pick("+=", "-=", "*=")
			}
			g.line("%s %s %s", g.pick(vs...), op, g.expr(t, 2))
		}
	case 5:
		// Parallel assignment, with everything evaluated first.
		t := g.pick("int", "string", "P", "[3]int", "any")
		if vs := g.vars(t, true); len(vs) > 1 {
			a, b := g.pick(vs...), g.pick(vs...)
			if a != b {
				g.line("%s, %s = %s, %s", a, b, g.expr(t, 2), g.expr(t, 2))
			}
		}
	case 6:
		g.element()
	case 7:
		t := g.pick(append(basics, composites...)...)
		g.print(g.expr(t, 3), t)
	case 8:
		if vs := g.vars("*P", false); len(vs) > 0 {
			v := g.pick(vs...)
			g.line("if %s != nil { %s.Move(%s); fmt.Println(*%s) }", v, v, g.expr("int", 2), v)
		}
	case 9, 10:
		g.line("if (%s) {", g.expr("bool", 3))
		g.block(1+g.rnd.Intn(3), nil)
		if g.rnd.Intn(2) == 0 {
			g.line("} else {")
			g.block(1+g.rnd.Intn(3), nil)
		}
		g.line("}")
	case 11, 12, 13:
		g.loop()
	case 14:
		g.line("switch (%s) {", g.expr("int", 2))
		seen := map[int]bool{}
		for range 1 + g.rnd.Intn(3) {
			n := g.rnd.Intn(7)
			if seen[n] {
				continue
			}
			seen[n] = true
			g.line("case %d:", n)
			g.block(1+g.rnd.Intn(2), nil)
			if g.rnd.Intn(4) == 0 {
				g.line("\tfallthrough")
			}
		}
		g.line("default:")
		g.block(1, nil)
		g.line("}")
	case 15:
		g.line("switch x := (%s); {", g.expr("int", 2))
		g.line("case x > %s:", g.expr("int", 1))
		g.block(1, nil)
		g.line("case x < 3, %s:", g.expr("bool", 2))
		g.block(1, nil)
		g.line("}")
	case 16:
		g.line("fmt.Println(kind(%s))", g.expr("any", 3))
	case 17:
		g.line("run(%q, func() {", g.fresh("part "))
		g.block(1+g.rnd.Intn(3), nil)
		g.line("})")
	case 18:
		// Deferred calls see the arguments of now.
		g.line("func() {")
		g.block(1, func() {
			for range 1 + g.rnd.Intn(3) {
				t := g.pick("int", "string", "bool", "MyInt")
				g.line("defer fmt.Println(\"deferred\", %s)", g.expr(t, 2))
			}
			g.statement()
		})
		g.line("}()")
	case 19:
		// Closures over a loop's variable, called later.
		name := g.fresh("fs")
		g.line("var %s []func() int", name)
		i := g.fresh("i")
		g.line("for %s := 0; %s < 3; %s++ {", i, i, i)
		g.line("\t%s = append(%s, func() int { %s += 10; return %s })", name, name, i, i)
		g.line("\tif %s > 20 { %s -= 20 }", i, i)
		g.line("}")
		g.line("for _, f := range %s { fmt.Print(f(), f(), \" \") }", name)
		g.line("fmt.Println()")
	case 20:
		c, n := g.fresh("c"), 1+g.rnd.Intn(4)
		g.line("%s := make(chan int, %d)", c, g.rnd.Intn(3))
		g.line("go func() {")
		g.line("\tdefer close(%s)", c)
		g.line("\tfor i := range %d {", n)
		g.line("\t\t%s <- i * %d", c, 1+g.rnd.Intn(9))
		g.line("\t}")
		g.line("}()")
		if g.rnd.Intn(2) == 0 {
			g.line("for v := range %s { fmt.Print(v, \" \") }", c)
		} else {
			g.line("for {")
			g.line("\tselect {")
			g.line("\tcase v, ok := <-%s:", c)
			g.line("\t\tif ok { fmt.Print(v, \";\"); continue }")
			g.line("\t}")
			g.line("\tbreak")
			g.line("}")
		}
		g.line("fmt.Println()")
	case 21:
		outer, i, j := g.fresh("outer"), g.fresh("i"), g.fresh("j")
		g.line("%s:", outer)
		g.line("for %s := range 4 {", i)
		g.line("\tfor %s := range 4 {", j)
		g.line("\t\tif %s == %d { continue %s }", j, g.rnd.Intn(4), outer)
		g.line("\t\tif %s == %d { break %s }", i, 1+g.rnd.Intn(3), outer)
		g.line("\t\tfmt.Print(%s, %s, \" \")", i, j)
		g.line("\t}")
		g.line("}")
		g.line("fmt.Println()")
	case 22:
		v := g.fresh("err")
		g.line("var %s error = fmt.Errorf(\"wrapped: %%w\", %s)", v, g.pick("ErrBase", "&Failure{4}", "errors.Join(ErrBase, &Failure{5})"))
		t := g.fresh("t")
		g.line("var %s *Failure", t)
		g.line("fmt.Println(%s, errors.Is(%s, ErrBase), errors.As(%s, &%s), %s != nil && %s.Code > 4)", v, v, v, t, t, t)
	case 23:
		v := g.fresh("m")
		g.line("%s := map[string]%s{\"a\": %s, \"b\": %s}", v, "int", g.expr("int", 2), g.expr("int", 2))
		g.line("for _, k := range keys(%s) { %s[k] *= 2; fmt.Print(k, %s[k], \" \") }", v, v, v)
		g.line("if x, ok := %s[(%s)]; ok { fmt.Println(x) } else { fmt.Println(\"none\", len(%s)) }", v, g.expr("string", 1), v)
	default:
		g.shape()
	case 24:
		f := g.fresh("method")
		g.line("%s := %s.Sum", f, g.expr("P", 2))
		g.line("fmt.Println(%s(), P.Area(%s))", f, g.expr("P", 1))
	case 25:
		s := g.fresh("s")
		g.line("%s := &Stack[%s]{}", s, "string")
		g.line("%s.Push(%s); %s.Push(%s)", s, g.expr("string", 2), s, g.expr("string", 1))
		g.line("fmt.Println(%s.Len(), %s.items, Map(%s.items, func(x string) int { return len(x) }))", s, s, s)
	}
}

// conversion is how a type stands before a value in parentheses.
func conversion(t string) string {
	switch {
	case t[0] == '*', t[0] == 'f':
		return "(" + t + ")"
	}
	return t
}

// element assigns to a part of something.
func (g *generator) element() {
	switch g.rnd.Intn(5) {
	case 0:
		if vs := g.vars("[]int", false); len(vs) > 0 {
			v := g.pick(vs...)
			g.line("if len(%s) > 1 { %s[len(%s)-1], %s[0] = %s[0], %s }", v, v, v, v, v, g.expr("int", 2))
			return
		}
	case 1:
		if vs := g.vars("map[string]int", false); len(vs) > 0 {
			v := g.pick(vs...)
			g.line("if %s != nil { %s[%s] += %s }", v, v, g.expr("string", 1), g.expr("int", 2))
			return
		}
	case 2:
		if vs := g.vars("P", true); len(vs) > 0 {
			v := g.pick(vs...)
			g.line("%s.%s = %s", v, g.pick("X", "Y"), g.expr("int", 2))
			g.line("%s.Move(1)", v)
			return
		}
	case 3:
		if vs := g.vars("[3]int", true); len(vs) > 0 {
			v := g.pick(vs...)
			c := g.fresh("c")
			g.line("%s := %s", c, v)
			g.line("%s[%d]++", v, g.rnd.Intn(3))
			g.line("fmt.Println(%s == %s, %s, %s)", c, v, c, v)
			return
		}
	case 4:
		if vs := g.vars("Q", true); len(vs) > 0 {
			v := g.pick(vs...)
			g.line("%s.P.X, %s.Tags = %s, append(%s.Tags, %s)", v, v, g.expr("int", 1), v, g.expr("string", 1))
			return
		}
	}
	g.line("fmt.Println(%s)", g.expr("string", 2))
}

// loop writes a loop that ends.
func (g *generator) loop() {
	g.scopes = append(g.scopes, nil)
	top := len(g.scopes) - 1
	i := g.fresh("i")
	fix := func(name, typ string) { g.scopes[top] = append(g.scopes[top], variable{name, typ, true}) }
	switch g.rnd.Intn(6) {
	case 0:
		g.line("for %s := 0; %s < %d; %s++ {", i, i, 1+g.rnd.Intn(4), i)
		fix(i, "int")
	case 1:
		g.line("for %s := range %d {", i, 1+g.rnd.Intn(4))
		fix(i, "int")
	case 2:
		v := g.fresh("x")
		g.line("for %s, %s := range (%s) {", i, v, g.expr("[]int", 2))
		fix(i, "int")
		g.scopes[top] = append(g.scopes[top], variable{name: v, typ: "int"})
	case 3:
		r := g.fresh("x")
		g.line("for %s, %s := range (%s) {", i, r, g.expr("string", 2))
		fix(i, "int")
		fix(r, "int32")
	case 4:
		g.line("for %s := range count(%d) {", i, 1+g.rnd.Intn(4))
		fix(i, "int")
	case 5:
		v := g.fresh("x")
		g.line("for %s, %s := range (%s) {", i, v, g.expr("[3]int", 2))
		fix(i, "int")
		fix(v, "int")
	}
	for _, v := range g.scopes[top] {
		g.line("\t_ = %s", v.name)
	}
	g.block(1+g.rnd.Intn(3), func() {
		if g.rnd.Intn(3) == 0 {
			g.line("if (%s) { %s }", g.expr("bool", 2), g.pick("break", "continue"))
		}
	})
	g.line("}")
	g.scopes = g.scopes[:top]
}
