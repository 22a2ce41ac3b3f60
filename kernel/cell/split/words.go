package split

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
	"unicode/utf8"
)

// parserProblems turns the errors of go/parser about a piece into problems: at
// the same place, in the compiler's words, with help where the reason is known.
func parserProblems(file *token.File, text string, p piece, prefix int, kind Kind, err error) []Problem {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return []Problem{{file.Pos(p.start), "syntax error: " + err.Error(), ""}}
	}
	var out []Problem
	for _, e := range list {
		off := p.start + e.Pos.Offset - prefix
		end := off >= p.end
		if end && len(out) > 0 {
			break // what the parser skipped after an error is not missing
		}
		off = max(p.start, min(off, p.end))
		at := p.at(file, off)
		found := p.found(file, text, at, end)
		if at, message, help := p.special(file, text, at, e.Msg); message != "" {
			out = append(out, Problem{at, message, help})
			continue
		}
		message := p.within(at, parserWords(e.Msg, found, kind))
		if k := p.clause(file, at); k != "" && (found == "newline" || found == "end of cell") {
			message = "syntax error: unexpected " + found + ", expected { after " + k + " clause"
		}
		out = append(out, Problem{file.Pos(off), message, p.help(text, file, at, message)})
	}
	return out
}

// special words what the compiler finds by checking, or words with the text around it.
func (p *piece) special(file *token.File, text string, at int, msg string) (pos token.Pos, message, help string) {
	for _, word := range []token.Token{token.DEFER, token.GO} {
		if msg != "expression in "+word.String()+" must be function call" {
			continue
		}
		for i := min(at, len(p.tokens)) - 1; i >= 0; i-- {
			if p.tokens[i].tok == word && i+1 < len(p.tokens) {
				return p.tokens[i+1].pos, msg, "write: " + word.String() + " f(), or " + word.String() + " func() { … }()"
			}
		}
	}
	switch {
	case msg == "expected 1 expression":
		depth := 0
		for i := at; i <= len(p.tokens); i++ {
			t := tok{tok: token.SEMICOLON, lit: "\n"}
			if i < len(p.tokens) {
				t = p.tokens[i]
			}
			switch t.tok {
			case token.LPAREN, token.LBRACK, token.LBRACE:
				depth++
			case token.RPAREN, token.RBRACK, token.RBRACE:
				depth--
			}
			if depth < 0 || depth == 0 && t.tok == token.SEMICOLON {
				return p.pos(file, i), "syntax error: unexpected " + p.found(file, text, i, i == len(p.tokens)) + ", expected := or = or comma", "a cell shows one expression; for several values write fmt.Println(x, y)"
			}
		}
	case msg == "can only use ... with final parameter in list", msg == "can only use ... with final parameter":
		return p.pos(file, at), "can only use ... with final parameter", ""
	case msg == "expected at most 2 expressions":
		return p.pos(file, at), "range clause permits at most two iteration variables", "write: for i, x := range list { … }"
	case strings.HasPrefix(msg, "expected boolean expression, found assignment"), strings.HasPrefix(msg, "expected switch expression, found assignment"),
		strings.HasPrefix(msg, "cannot use assignment"):
		if pos, what := p.assignment(file, text, at); what != "" {
			return pos, "syntax error: cannot use " + what + " as value", "= assigns; compare with =="
		}
	}
	return 0, "", ""
}

// pos is the place of a token.
func (p *piece) pos(file *token.File, i int) token.Pos {
	if i < len(p.tokens) {
		return p.tokens[i].pos
	}
	return file.Pos(p.end)
}

// assignment finds the assignment that stands as a condition and begins at a token:
// the place of its operator, and its text as the compiler quotes it.
func (p *piece) assignment(file *token.File, text string, from int) (pos token.Pos, what string) {
	depth, op, end := 0, -1, -1
	for i := from; i < len(p.tokens) && end < 0; i++ {
		switch t := p.tokens[i]; t.tok {
		case token.LPAREN, token.LBRACK:
			depth++
		case token.RPAREN, token.RBRACK:
			depth--
		case token.LBRACE, token.SEMICOLON:
			if depth <= 0 && op > 0 {
				end = i
			}
		case token.ASSIGN, token.DEFINE:
			if op < 0 && depth == 0 {
				op = i
			}
		}
	}
	if op <= from || end < 0 {
		return 0, ""
	}
	part := func(a, b int) string {
		s := strings.TrimSpace(text[file.Offset(p.tokens[a].pos):file.Offset(p.tokens[b].pos)])
		if b-a > 1 && p.tokens[op].tok == token.ASSIGN {
			s = "(" + s + ")"
		}
		return s
	}
	left, right := part(from, op), part(op+1, end)
	if p.tokens[op].tok == token.ASSIGN {
		return p.tokens[op].pos, "assignment " + left + " = " + right
	}
	return p.tokens[op].pos, left + " := " + right
}

// within words what a token of this kind does in a struct or interface type.
func (p *piece) within(at int, message string) string {
	what, ok := strings.CutSuffix(message, " at end of statement")
	if !ok {
		return message
	}
	for i := min(at, len(p.tokens)) - 1; i >= 0 && strings.HasSuffix(what, " :="); i-- {
		switch p.tokens[i].tok {
		case token.VAR, token.CONST:
			return what + ", expected ="
		case token.SEMICOLON, token.LBRACE:
			return message
		}
	}
	depth := 0
	for i := min(at, len(p.tokens)) - 1; i > 0; i-- {
		switch p.tokens[i].tok {
		case token.RBRACE:
			depth++
		case token.LBRACE:
			if depth > 0 {
				depth--
				continue
			}
			switch k := p.tokens[i-1].tok; k {
			case token.STRUCT, token.INTERFACE:
				return what + " in " + k.String() + " type; possibly missing semicolon or newline or }"
			}
			return message
		}
	}
	return message
}

// clause names the if, for or switch that begins the line which ends at a token.
func (p *piece) clause(file *token.File, i int) string {
	if i == 0 || i < len(p.tokens) && p.tokens[i].tok != token.SEMICOLON {
		return ""
	}
	line := file.PositionFor(p.tokens[i-1].pos, false).Line
	for k := i - 1; k >= 0; k-- {
		t := p.tokens[k]
		if file.PositionFor(t.pos, false).Line != line {
			return ""
		}
		switch t.tok {
		case token.IF, token.FOR, token.SWITCH:
			if k == i-1 {
				return ""
			}
			return t.tok.String()
		case token.LBRACE:
			return ""
		}
	}
	return ""
}

// at gives the index of the token at an offset, or of the first behind it;
// len(p.tokens) means the end of the piece.
func (p *piece) at(file *token.File, off int) int {
	for i, t := range p.tokens {
		if file.Offset(t.pos) >= off {
			return i
		}
	}
	return len(p.tokens)
}

// found names the token that was not expected, as the compiler does.
func (p *piece) found(file *token.File, text string, i int, end bool) string {
	if end || i >= len(p.tokens) {
		if p.end >= len(text) {
			return "end of cell"
		}
		if text[p.end] == ';' {
			return "semicolon"
		}
		return "newline"
	}
	return p.tokens[i].describe()
}

func (t tok) describe() string {
	switch {
	case t.tok == token.IDENT:
		return "name " + t.lit
	case t.tok.IsLiteral():
		return "literal " + t.lit
	case t.tok.IsKeyword():
		return "keyword " + t.tok.String()
	case t.tok == token.COMMA:
		return "comma"
	case t.tok == token.SEMICOLON && t.lit == "\n":
		return "newline"
	case t.tok == token.SEMICOLON:
		return "semicolon"
	}
	return t.tok.String()
}

// expectations are go/parser's names for what it wants, in the compiler's words.
var expectations = map[string]string{
	"operand": "expression", "1 expression": "expression", "'IDENT'": "name", "'STRING'": "a path in quotes",
	"selector or type assertion": "name or (", "'{'": "{", "'}'": "}", "'('": "(", "')'": ")", "'['": "[", "']'": "]",
	"'='": "=", "':'": ":", "':='": ":=", "','": ",", "';'": ";",
	"for loop condition": "for loop condition", "boolean expression": "boolean expression",
	"declaration": "declaration", "statement": "statement", "type": "type", "'}' or newline": "} or newline",
}

// parserWords words an error of go/parser as the compiler would.
func parserWords(msg, found string, kind Kind) string {
	if what, rest, ok := strings.Cut(msg, ", found "); ok && strings.HasPrefix(what, "expected ") {
		what = strings.TrimPrefix(what, "expected ")
		switch what {
		case "';'", "'}'", "'EOF'", "declaration", "statement":
			switch {
			case what == "declaration" && kind != Statement:
				return "syntax error: unexpected " + found + " after top level declaration"
			case what == "statement":
				return "syntax error: unexpected " + found + ", expected statement"
			}
			return "syntax error: unexpected " + found + " at end of statement"
		case "boolean expression", "switch expression":
			if strings.HasPrefix(rest, "assignment") {
				return "syntax error: cannot use assignment as value"
			}
		}
		if w, ok := expectations[what]; ok {
			what = w
		}
		return "syntax error: unexpected " + found + ", expected " + what
	}
	if rest, ok := strings.CutPrefix(msg, "missing ',' "); ok {
		where := strings.TrimPrefix(strings.TrimPrefix(rest, "before newline "), "in ")
		closer := map[string]string{"composite literal": "}", "argument list": ")", "parameter list": ")", "type argument list": "]"}[where]
		if closer == "" {
			closer = "closing bracket"
		}
		return "syntax error: unexpected " + found + " in " + where + "; possibly missing comma or " + closer
	}
	switch {
	case strings.HasPrefix(msg, "missing import path"):
		return "syntax error: missing import path; require quoted string"
	case strings.HasPrefix(msg, "missing condition in if statement"):
		return "syntax error: missing condition in if statement"
	}
	return "syntax error: " + msg
}

// scannerWords words an error of go/scanner. Rest is the text from its place on; at is
// how much further the compiler sees the error.
func scannerWords(msg, rest string) (message string, at int, help string) {
	r, _ := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(msg, "illegal character"), strings.HasPrefix(msg, "curly quotation mark"):
		message = fmt.Sprintf("invalid character %U", r)
		if r != utf8.RuneError {
			message += fmt.Sprintf(" '%c'", r)
		}
		switch r {
		case '“', '”', '„', '‘', '’', '«', '»', '´':
			help = `this is a typographic quotation mark; Go wants the plain " (text copied from a document often has the wrong ones)`
		case '#':
			help = "a comment begins with //"
		case '?':
			help = "Go has no ?: operator; use if and else"
		case '$', '@', '\\':
			help = "this character has no meaning in Go outside of strings"
		case '–', '—', '−':
			help = "this is a typographic dash; minus is the plain -"
		case '\u00a0', '\u200b', '\u3000', '\ufeff':
			help = "this is an invisible character; replace it by a plain space"
		}
		return message, 0, help
	case msg == "string literal not terminated":
		line, _, _ := strings.Cut(rest, "\n")
		return "newline in string", len(line), `the closing " is missing; a text over several lines stands between two backquotes`
	case msg == "raw string literal not terminated":
		return "string not terminated", 0, "the closing backquote is missing"
	case msg == "comment not terminated":
		return "comment not terminated", 0, "the closing */ is missing"
	case msg == "rune literal not terminated":
		return "rune literal not terminated", 0, `single quotes hold one character; text stands in double quotes: "…"`
	case msg == "illegal rune literal":
		if strings.HasPrefix(rest, "''") {
			return "empty rune literal or unescaped '", 1, `single quotes hold one character; the empty text is ""`
		}
		return "more than one character in rune literal", 0, `single quotes hold one character; text stands in double quotes: "…"`
	case msg == "unknown escape sequence":
		return "unknown escape", 0, `a backslash itself is written \\; or put the text between backquotes`
	}
	return msg, 0, ""
}

// unmatched is the error for a closing bracket without its partner.
func unmatched(file *token.File, open []tok, t tok) Problem {
	if len(open) == 0 {
		return Problem{t.pos, "syntax error: unexpected " + t.tok.String() + ", nothing is open", "one closing bracket too many, or its opening one is missing"}
	}
	o := open[len(open)-1]
	return Problem{t.pos, fmt.Sprintf("syntax error: unexpected %s, expected %s", t.tok, partner[o.tok]),
		fmt.Sprintf("the %s in line %d is still open", o.tok, file.PositionFor(o.pos, false).Line)}
}

// unclosed is the error for brackets that are open at the end.
func unclosed(file *token.File, text string, open []tok) Problem {
	o := open[len(open)-1]
	at := len(strings.TrimRight(text, " \t\r\n"))
	return Problem{file.Pos(at), fmt.Sprintf("syntax error: unexpected end of cell, expected %s", partner[o.tok]),
		fmt.Sprintf("the %s in line %d is never closed", o.tok, file.PositionFor(o.pos, false).Line)}
}

// elsewhere has what other languages say, and what Go says instead.
var elsewhere = map[string]string{
	"while": "Go has no while; write: for condition { … }", "until": "Go has no until; write: for !condition { … }",
	"foreach": "write: for i, x := range list { … }", "do": "Go has no do; write: for { … if done { break } }",
	"elif": "write: } else if condition {", "elseif": "write: } else if condition {", "elsif": "write: } else if condition {",
	"def": "a function begins with func: func name(x int) int { … }", "fn": "a function begins with func: func name(x int) int { … }",
	"function": "a function begins with func: func name(x int) int { … }", "fun": "a function begins with func: func name(x int) int { … }",
	"lambda": "write: func(x int) int { return … }",
	"let":    "write: x := value", "auto": "write: x := value", "val": "write: x := value",
	"class": "Go has no classes; write: type Name struct { … } and methods func (n Name) Method() { … }",
	"enum":  "Go has no enum; write: const ( A = iota; B; C )", "public": "a name that begins with a capital letter is public",
	"private": "a name that begins with a small letter is private to its package", "static": "Go has no static; leave it out",
	"try": "Go has no exceptions; a function returns an error: if err != nil { … }", "catch": "Go has no exceptions; a function returns an error: if err != nil { … }",
	"except": "Go has no exceptions; a function returns an error: if err != nil { … }", "throw": "Go has no exceptions; return an error: return errors.New(\"…\")",
	"raise": "Go has no exceptions; return an error: return errors.New(\"…\")", "unless": "write: if !condition { … }",
	"from": `write: import "package"`, "using": `write: import "package"`, "include": `write: import "package"`,
	"print": "a call needs parentheses: fmt.Println(…)", "echo": "write: fmt.Println(…)", "then": "Go has no then; the block stands in braces",
	"and": "write && for and", "or": "write || for or", "not": "write ! for not", "in": "write: for i, x := range list { … }",
	"async": "write go f() to start f concurrently", "await": "receive from a channel: <-done", "del": "write: delete(m, key)", "pass": "an empty block is { }",
}

var typeNames = map[string]bool{"int": true, "string": true, "bool": true, "float64": true, "float": true, "double": true, "char": true,
	"int64": true, "int32": true, "uint": true, "byte": true, "rune": true, "error": true, "long": true, "void": true, "boolean": true, "String": true}

// commas tells whether a for clause is written with commas.
func (p *piece) commas() bool {
	define := false
	for _, t := range p.tokens {
		switch t.tok {
		case token.DEFINE, token.ASSIGN:
			define = true
		case token.COMMA:
			if define {
				return true
			}
		case token.RANGE, token.LBRACE, token.SEMICOLON:
			return false
		}
	}
	return false
}

// lineStart gives the first token of the line that holds a token.
func (p *piece) lineStart(file *token.File, i int) int {
	i = min(i, len(p.tokens)-1)
	for i > 0 && file.PositionFor(p.tokens[i-1].pos, false).Line == file.PositionFor(p.tokens[i].pos, false).Line {
		i--
	}
	return i
}

func bracketOrComma(t token.Token) bool {
	switch t {
	case token.LPAREN, token.LBRACK, token.LBRACE, token.COMMA, token.SEMICOLON, token.COLON:
		return true
	}
	return false
}

// Elsewhere tells what Go has instead of a word of another language, or "".
func Elsewhere(word string) string { return elsewhere[word] }

// help finds what the writer may have meant: i is the token that was not expected.
func (p *piece) help(text string, file *token.File, i int, message string) string {
	get := func(k int) tok {
		if k >= 0 && k < len(p.tokens) {
			return p.tokens[k]
		}
		return tok{}
	}
	t, before, after := get(i), get(i-1), get(i+1)
	lineOf := func(t tok) int { return file.PositionFor(t.pos, false).Line }
	first, second := get(0), get(1) // of the line with the error
	for k := min(i, len(p.tokens)-1); k >= 0; k-- {
		if k == 0 || lineOf(p.tokens[k-1]) != lineOf(p.tokens[min(i, len(p.tokens)-1)]) || p.tokens[k-1].tok == token.SEMICOLON || p.tokens[k-1].tok == token.LBRACE {
			first, second = p.tokens[k], get(k+1)
			break
		}
	}
	switch {
	case strings.Contains(message, "cannot use assignment as value"):
		return "= assigns; compare with =="
	case strings.Contains(message, "possibly missing comma") && t.tok == token.SEMICOLON:
		return "where a list goes on in the next line, or its closing bracket stands there, the line ends with a comma"
	case strings.Contains(message, "require quoted string"):
		if t.tok == token.IDENT || before.tok == token.IDENT {
			name := t.lit
			if t.tok != token.IDENT {
				name = before.lit
			}
			return fmt.Sprintf("write: import %q", name)
		}
		return `write: import "fmt"`
	case t.tok == token.ELSE:
		return "else must stand on the line of the closing brace: } else {"
	case strings.Contains(message, "unexpected newline, expected {"),
		t.tok == token.LBRACE && before.tok == token.SEMICOLON && before.lit == "\n":
		return "the { must stand at the end of the line before"
	case t.tok == token.INC || t.tok == token.DEC, before.tok == token.INC || before.tok == token.DEC:
		return "x++ and x-- are statements of their own in Go, they have no value"
	case t.tok == token.DEFINE && first.tok == token.VAR:
		return "write x := value, or var x int = value"
	case t.tok == token.DEFINE && first.tok == token.CONST:
		return "write: const x = value"
	case t.tok == token.ASSIGN && (before.tok == token.EQL || before.tok == token.NEQ):
		return "Go compares with == and !="
	case t.tok == token.GTR && before.tok == token.ASSIGN, t.tok == token.ASSIGN && after.tok == token.GTR:
		return "write: func(x int) int { return … }"
	case t.tok == token.GTR && before.tok == token.SUB, t.tok == token.SUB && after.tok == token.GTR:
		return "the result type follows the parameters without an arrow: func f(x int) int"
	case first.tok == token.FOR && second.tok == token.IDENT && (t.tok == token.COLON || t.lit == "in" || before.lit == "in"):
		return "write: for i, x := range list { … }"
	case first.tok == token.FOR && (t.tok == token.COMMA || before.tok == token.COMMA || p.commas()):
		return "the parts of a for clause are separated by semicolons: for i := 0; i < n; i++ {"
	case t.tok == token.IDENT && before.tok == token.FUNC && i > 1:
		return "a function cannot be declared inside of another; write name := func(…) { … }"
	}
	if begin := p.lineStart(file, i); begin > 0 && lineOf(get(begin-1)) < lineOf(get(begin)) && wantsMore(get(begin-1).tok) && !bracketOrComma(get(begin-1).tok) {
		return fmt.Sprintf("line %d is not finished: something must follow %s", lineOf(get(begin-1)), get(begin-1).tok)
	}
	for _, w := range []tok{first, t, before, p.tokens[0]} {
		if w.tok == token.IDENT {
			if h := elsewhere[w.lit]; h != "" {
				return h
			}
		}
	}
	if first.tok == token.IDENT && second.tok == token.IDENT && typeNames[first.lit] {
		return fmt.Sprintf("the type stands behind the name: var %s %s", second.lit, first.lit)
	}
	if t.tok == token.IDENT && before.tok == token.IDENT && typeNames[before.lit] {
		return fmt.Sprintf("the type stands behind the name: %s %s", t.lit, before.lit)
	}
	if t.tok.IsKeyword() && strings.Contains(message, "expected name") {
		return fmt.Sprintf("%s is a word of the language and cannot be a name", t.tok)
	}
	if strings.Contains(message, "parentheses around composite literal") {
		return "put parentheses around the composite literal: if x == (T{…}) {"
	}
	return ""
}
