package check

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// The checker of the library and the compiler's are one program in two copies, which
// differ in where they see some errors, and in the words of errors about labels, which
// the compiler finds when it parses. What follows makes the compiler's of the library's.

// compilerError gives place and words of an error as the compiler prints them.
func (s *segment) compilerError(pos token.Pos, msg string) (token.Pos, string) {
	if strings.Contains(msg, " literal)") {
		msg = s.functionLiterals(msg)
	}
	switch {
	case strings.HasPrefix(msg, "in call to show·, cannot infer "):
		return s.show.Pos(), "cannot use generic function " + types.ExprString(s.show) + " without instantiation"
	case strings.Contains(msg, "not enough arguments in call to "):
		// At the last argument, or the call.
		if c := find(s, func(c *ast.CallExpr) bool { return c.Rparen == pos }); c != nil {
			if n := len(c.Args); n > 0 {
				return c.Args[n-1].Pos(), msg
			}
			return c.Pos(), msg
		}
	case strings.HasPrefix(msg, "invalid operation: not enough arguments for "), strings.HasPrefix(msg, "invalid operation: too many arguments for "):
		if c := find(s, func(c *ast.CallExpr) bool { return c.Rparen == pos }); c != nil {
			return c.Pos(), msg
		}
	case strings.HasPrefix(msg, "in call to ") && strings.Contains(msg, ", cannot infer "),
		strings.Contains(msg, " does not satisfy "):
		// What is wrong with inferred type arguments is seen at the parenthesis.
		if c := find(s, func(c *ast.CallExpr) bool { return c.Pos() == pos && !indexed(c.Fun) && s.genericCall(c, msg) }); c != nil {
			return c.Lparen, strings.TrimSuffix(msg, " (declared at -)")
		}
	case strings.HasPrefix(msg, "cannot index "), strings.HasPrefix(msg, "invalid operation: cannot index "):
		if x := find(s, func(x *ast.IndexExpr) bool {
			return x.X.Pos() == pos && strings.Contains(msg, "cannot index "+types.ExprString(x.X)+" ")
		}); x != nil {
			return x.Lbrack, msg
		}
	case strings.HasPrefix(msg, "invalid operation: cannot send to "):
		if x := find(s, func(x *ast.SendStmt) bool { return x.Arrow == pos }); x != nil {
			return x.Pos(), msg
		}
	case strings.HasPrefix(msg, "invalid use of [...] array"):
		if x := find(s, func(x *ast.ArrayType) bool { return x.Len != nil && x.Len.Pos() == pos }); x != nil {
			return x.Lbrack, msg
		}
	}
	return pos, s.labelWords(pos, msg)
}

// find is the first node of a kind that is accepted, outermost first.
func find[N ast.Node](s *segment, accept func(N) bool) (found N) {
	done := false
	for _, d := range s.file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if x, ok := n.(N); ok && !done && accept(x) {
				found, done = x, true
			}
			return !done
		})
	}
	return found
}

// indexed tells whether type arguments are written.
func indexed(fun ast.Expr) bool {
	switch unparen(fun).(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

// genericCall tells whether an error about type arguments can be of a call: of the
// function that it names, or of one that has type parameters.
func (s *segment) genericCall(c *ast.CallExpr, msg string) bool {
	if rest, ok := strings.CutPrefix(msg, "in call to "); ok {
		return strings.HasPrefix(rest, types.ExprString(c.Fun)+",")
	}
	id, ok := unparen(c.Fun).(*ast.Ident)
	if sel, isSel := unparen(c.Fun).(*ast.SelectorExpr); isSel {
		id, ok = sel.Sel, true
	}
	if !ok {
		return false
	}
	f, ok := s.out.Info.Uses[id].(*types.Func)
	return ok && f.Signature().TypeParams().Len() > 0
}

// functionLiterals writes the function literals of a message as the compiler does:
// func(x int) {…}, not (func(x int) literal).
func (s *segment) functionLiterals(msg string) string {
	for _, d := range s.file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				body := " {…}"
				if len(f.Body.List) == 0 {
					body = " {}"
				}
				msg = strings.ReplaceAll(msg, types.ExprString(f), types.ExprString(f.Type)+body)
			}
			return true
		})
	}
	return msg
}

// labelWords words errors about labels and branches.
func (s *segment) labelWords(pos token.Pos, msg string) string {
	place := func(pos token.Pos) string {
		at := s.in.Fset.Position(pos)
		return fmt.Sprintf("%d:%d", at.Line, at.Column)
	}
	label := func(name string) *ast.LabeledStmt {
		return find(s, func(l *ast.LabeledStmt) bool { return l.Label.Name == name && s.sameFunction(l.Pos(), pos) })
	}
	switch {
	case strings.HasPrefix(msg, "break not in "):
		return "break is not in a loop, switch, or select"
	case strings.HasPrefix(msg, "continue not in "):
		return "continue is not in a loop"
	case strings.HasPrefix(msg, "invalid break label "), strings.HasPrefix(msg, "invalid continue label "):
		words := strings.Fields(msg)
		if name := words[3]; label(name) == nil {
			return words[1] + " label not defined: " + name
		}
	case strings.HasPrefix(msg, "label ") && strings.HasSuffix(msg, " not declared"):
		return strings.TrimSuffix(msg, "declared") + "defined"
	case strings.HasPrefix(msg, "label ") && strings.HasSuffix(msg, " declared and not used"):
		return strings.TrimSuffix(msg, "declared and not used") + "defined and not used"
	case strings.HasPrefix(msg, "label ") && strings.HasSuffix(msg, " already declared"):
		if l := label(strings.Fields(msg)[1]); l != nil {
			return strings.TrimSuffix(msg, "declared") + "defined at " + place(l.Pos())
		}
	case strings.HasPrefix(msg, "goto ") && strings.HasSuffix(msg, " jumps into block"):
		if l := label(strings.Fields(msg)[1]); l != nil {
			var block *ast.BlockStmt
			for b := range s.around(l.Pos()) {
				block = b
			}
			if block != nil {
				return msg + " starting at " + place(block.Lbrace)
			}
		}
	case strings.HasPrefix(msg, "goto ") && strings.Contains(msg, " jumps over variable declaration at line "):
		var line int
		name := strings.Fields(msg)[1]
		fmt.Sscan(msg[strings.LastIndex(msg, " ")+1:], &line)
		for at, n := range s.declaredAtLine(pos, line) {
			return fmt.Sprintf("goto %s jumps over declaration of %s at %s", name, n, place(at))
		}
	}
	return msg
}

// around gives the blocks around a position, outermost first.
func (s *segment) around(pos token.Pos) func(yield func(*ast.BlockStmt) bool) {
	return func(yield func(*ast.BlockStmt) bool) {
		find(s, func(b *ast.BlockStmt) bool { return b.Lbrace.IsValid() && b.Pos() < pos && pos < b.End() && !yield(b) })
	}
}

// sameFunction tells whether two places belong to the same function.
func (s *segment) sameFunction(a, b token.Pos) bool {
	inner := func(pos token.Pos) (body *ast.BlockStmt) {
		for _, d := range s.file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				switch f := n.(type) {
				case *ast.FuncDecl:
					if f.Body != nil && f.Body.Lbrace.IsValid() && f.Body.Pos() <= pos && pos < f.Body.End() {
						body = f.Body
					}
				case *ast.FuncLit:
					if f.Body.Pos() <= pos && pos < f.Body.End() {
						body = f.Body
					}
				}
				return true
			})
		}
		return body
	}
	return inner(a) == inner(b)
}

// declaredAtLine gives the first variable that is declared in a line behind a position:
// the place where the compiler sees it, and its name.
func (s *segment) declaredAtLine(pos token.Pos, line int) map[token.Pos]string {
	found := map[token.Pos]string{}
	find(s, func(n ast.Stmt) bool {
		if n.Pos() <= pos || s.in.Fset.Position(n.Pos()).Line != line {
			return false
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			if id, ok := n.Lhs[0].(*ast.Ident); ok && n.Tok == token.DEFINE {
				found[n.TokPos] = id.Name
				return true
			}
		case *ast.DeclStmt:
			if v, ok := n.Decl.(*ast.GenDecl).Specs[0].(*ast.ValueSpec); ok {
				found[v.Names[0].Pos()] = v.Names[0].Name
				return true
			}
		}
		return false
	})
	return found
}
