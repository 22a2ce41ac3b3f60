package rt

import (
	"errors"
	"fmt"
	html "html/template"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"text/template"
	"text/template/parse"
)

// Package text/template finds fields and methods by reflection, which in erased
// values it would not find. So a template that meets a value of a cell's type runs
// as a copy, in whose parse trees fields and methods are calls of the functions of
// templatevalue.go, which know such values. The template itself stays as it is.

// TemplateExecute is the method Execute of a text/template.Template.
func TemplateExecute(t *template.Template, w io.Writer, data any) error {
	return templateRun(t, t.Name(), w, data)
}

// TemplateExecuteTemplate is ExecuteTemplate.
func TemplateExecuteTemplate(t *template.Template, w io.Writer, name string, data any) error {
	if t.Lookup(name) == nil || !cellsIn(data) {
		return t.ExecuteTemplate(w, name, data)
	}
	return templateRun(t, name, w, data)
}

func templateRun(t *template.Template, name string, w io.Writer, data any) error {
	named := t.Lookup(name)
	if named == nil || named.Tree == nil || !cellsIn(data) {
		return t.Execute(w, data)
	}
	run := &templateWalk{missingKey: missingKeyOf(named)}
	c, err := named.Clone()
	if err != nil {
		return err
	}
	c.Funcs(run.functions())
	for _, each := range named.Templates() {
		if each.Tree == nil {
			continue
		}
		if _, err := c.AddParseTree(each.Name(), run.rewrite(each.Tree, each.Name())); err != nil {
			return err
		}
	}
	return run.explain(c.Execute(w, data))
}

// TemplateFuncs is the method Funcs. Functions of cells' types are made such that
// package template can call them.
func TemplateFuncs(t *template.Template, m template.FuncMap) *template.Template {
	return t.Funcs(templateFunctions(m))
}

// HTMLExecute is the method Execute of a html/template.Template.
func HTMLExecute(t *html.Template, w io.Writer, data any) error {
	if !cellsIn(data) {
		return t.Execute(w, data)
	}
	return htmlRun(t, t.Name(), w, data)
}

// HTMLExecuteTemplate is ExecuteTemplate.
func HTMLExecuteTemplate(t *html.Template, w io.Writer, name string, data any) error {
	if t.Lookup(name) == nil || !cellsIn(data) {
		return t.ExecuteTemplate(w, name, data)
	}
	return htmlRun(t, name, w, data)
}

func htmlRun(t *html.Template, name string, w io.Writer, data any) error {
	c, err := t.Clone()
	if err != nil {
		// It ran before and its trees hold the escapers already: they run as text.
		return templateRun(htmlText(t), name, w, data)
	}
	run := &templateWalk{missingKey: missingKeyOf(htmlText(t))}
	c.Funcs(html.FuncMap(run.functions()))
	for _, each := range t.Templates() {
		if each.Tree == nil {
			continue
		}
		if _, err := c.AddParseTree(each.Name(), run.rewrite(each.Tree, each.Name())); err != nil {
			return err
		}
	}
	return run.explain(c.ExecuteTemplate(w, name, data))
}

// HTMLFuncs is the method Funcs.
func HTMLFuncs(t *html.Template, m html.FuncMap) *html.Template {
	return t.Funcs(html.FuncMap(templateFunctions(template.FuncMap(m))))
}

// htmlText is the text template inside of t.
func htmlText(t *html.Template) *template.Template {
	return hidden(reflect.ValueOf(t).Elem().FieldByName("text")).Interface().(*template.Template)
}

// missingKeyOf is the option missingkey of a template: 0 invalid, 1 zero, 2 error.
func missingKeyOf(t *template.Template) int {
	common := reflect.ValueOf(t).Elem().FieldByName("common")
	if common.Kind() != reflect.Pointer || common.IsNil() {
		return 0
	}
	o := common.Elem().FieldByName("option")
	if o.Kind() != reflect.Struct || !o.FieldByName("missingKey").CanInt() {
		return 0
	}
	return int(o.FieldByName("missingKey").Int())
}

func hidden(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), v.Addr().UnsafePointer()).Elem()
}

// cellFunctions tells that a template may get values of cells' types from a function.
var cellFunctions atomic.Bool

// cellsIn tells whether a value holds one of a cell's type.
func cellsIn(v any) bool {
	return cellFunctions.Load() || v != nil && holdsCells(reflect.ValueOf(v), 0)
}

var boxedType = reflect.TypeFor[boxed]()
var wrappedType = reflect.TypeFor[wrapped]()

func holdsCells(v reflect.Value, depth int) bool {
	const deepest, longest = 8, 10_000
	if !v.IsValid() || depth > deepest {
		return false
	}
	if t := v.Type(); t.Implements(boxedType) || t.Implements(wrappedType) {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return !v.IsNil() && holdsCells(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			if holdsCells(v.Field(i), depth+1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		switch v.Type().Elem().Kind() {
		case reflect.Interface, reflect.Pointer, reflect.Struct, reflect.Slice, reflect.Map, reflect.Array:
		default:
			return false
		}
		for i := range min(v.Len(), longest) {
			if holdsCells(v.Index(i), depth+1) {
				return true
			}
		}
	case reflect.Map:
		for n, it := 0, v.MapRange(); n < longest && it.Next(); n++ {
			if holdsCells(it.Key(), depth+1) || holdsCells(it.Value(), depth+1) {
				return true
			}
		}
	}
	return false
}

// templateSite is a node that was replaced.
type templateSite struct {
	name string
	tree *parse.Tree
	node parse.Node
	args []parse.Node // of a command
}

// templateWalk is one execution.
type templateWalk struct {
	missingKey int
	sites      []templateSite
	commands   map[string]string // text of a command now, and before
	tree       *parse.Tree
	name       string
}

// rewrite is a copy of a tree in which cells' values can be walked.
func (r *templateWalk) rewrite(t *parse.Tree, name string) *parse.Tree {
	r.tree, r.name = t, name
	c := t.Copy()
	r.list(c.Root)
	return c
}

func (r *templateWalk) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			before := n.Copy()
			r.pipe(n.Pipe)
			if len(n.Pipe.Decl) == 0 && !r.isText(n.Pipe) {
				r.then(n.Pipe, before, "__show")
			}
		case *parse.IfNode:
			r.branch(&n.BranchNode, "__if")
		case *parse.WithNode:
			r.branch(&n.BranchNode, "__if")
		case *parse.RangeNode:
			r.branch(&n.BranchNode, "__range"+strconv.Itoa(len(n.Pipe.Decl)))
		case *parse.TemplateNode:
			r.pipe(n.Pipe)
		}
	}
}

func (r *templateWalk) branch(b *parse.BranchNode, condition string) {
	before := b.Pipe.Copy()
	r.pipe(b.Pipe)
	r.then(b.Pipe, before, condition)
	r.list(b.List)
	r.list(b.ElseList)
}

// then puts a command behind a pipeline.
func (r *templateWalk) then(p *parse.PipeNode, before parse.Node, f string) {
	p.Cmds = append(p.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: p.Pos, Args: []parse.Node{r.ident(f, p.Pos), r.site(before)}})
}

// isText tells whether a pipeline ends in a function that gives no value of a cell.
func (r *templateWalk) isText(p *parse.PipeNode) bool {
	f, ok := p.Cmds[len(p.Cmds)-1].Args[0].(*parse.IdentifierNode)
	if !ok {
		return false
	}
	switch f.Ident {
	case "html", "js", "urlquery", "__print", "__printf", "__println", "__len", "eq", "ne", "lt", "le", "gt", "ge", "not":
		return true
	}
	return strings.HasPrefix(f.Ident, "_html_template_")
}

func (r *templateWalk) ident(name string, pos parse.Pos) parse.Node {
	return parse.NewIdentifier(name).SetPos(pos).SetTree(r.tree)
}

func (r *templateWalk) site(before parse.Node) parse.Node {
	r.sites = append(r.sites, templateSite{r.name, r.tree, before, nil})
	n := len(r.sites) - 1
	return &parse.NumberNode{NodeType: parse.NodeNumber, Pos: before.Position(), IsInt: true, Int64: int64(n), Text: strconv.Itoa(n)}
}

func (r *templateWalk) pipe(p *parse.PipeNode) {
	if p == nil {
		return
	}
	var cmds []*parse.CommandNode
	for i, c := range p.Cmds {
		before := c.Copy().(*parse.CommandNode)
		filter := r.command(c)
		if filter != "" && filter != "__same" && i > 0 {
			cmds = append(cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: c.Pos, Args: []parse.Node{r.ident(filter, c.Pos)}})
		}
		cmds = append(cmds, c)
		if r.commands == nil {
			r.commands = map[string]string{}
		}
		r.commands[c.String()] = before.String()
	}
	p.Cmds = cmds
}

// filters are what the arguments of predeclared functions go through.
var filters = map[string]string{
	"and": "__true", "or": "__true", "not": "__true",
	"eq": "__bare", "ne": "__bare", "lt": "__bare", "le": "__bare", "gt": "__bare", "ge": "__bare",
	"html": "__shown", "js": "__shown", "urlquery": "__shown",
	"__len": "__same", "__index": "__same", "__slice": "__same", "__print": "__same", "__printf": "__same", "__println": "__same",
}

// command rewrites a command; filter is what the value that is piped into it is to go
// through before.
func (r *templateWalk) command(c *parse.CommandNode) (filter string) {
	before := c.Args[0]
	switch n := before.(type) {
	case *parse.FieldNode, *parse.ChainNode:
		return r.getCommand(c, n)
	case *parse.VariableNode:
		if len(n.Ident) > 1 {
			return r.getCommand(c, n)
		}
	case *parse.PipeNode:
		r.pipe(n)
	case *parse.IdentifierNode:
		name := n.Ident
		switch name {
		case "len", "index", "slice", "print", "printf", "println":
			name = "__" + name
			n = r.ident(name, n.Pos).(*parse.IdentifierNode)
		case "call":
			name = "__call"
			n = r.ident(name, n.Pos).(*parse.IdentifierNode)
		}
		filter, ok := filters[name]
		if !ok {
			filter = "__plain"
		}
		if strings.HasPrefix(name, "_html_template_") {
			filter = "__shown"
		}
		rest := r.args(c.Args[1:], filter)
		c.Args = append([]parse.Node{n}, rest...)
		return filter
	}
	return ""
}

// getCommand rewrites a command that begins with a field or method.
func (r *templateWalk) getCommand(c *parse.CommandNode, n parse.Node) (filter string) {
	args := c.Args[1:]
	get := r.get(n)
	r.sites[get[1].(*parse.NumberNode).Int64].args = args
	c.Args = append(get, r.args(args, "__same")...)
	return "__same"
}

// get is the beginning of the command that a field, or a method, becomes.
func (r *templateWalk) get(n parse.Node) []parse.Node {
	pos, before := n.Position(), n.Copy()
	var receiver parse.Node
	var path []string
	switch n := n.(type) {
	case *parse.FieldNode:
		receiver, path = &parse.DotNode{NodeType: parse.NodeDot, Pos: pos}, n.Ident
	case *parse.VariableNode:
		v := n.Copy().(*parse.VariableNode)
		receiver, path = v, n.Ident[1:]
		v.Ident = v.Ident[:1]
	case *parse.ChainNode:
		receiver, path = r.arg(n.Node.Copy(), "__same"), n.Field // Copy of a chain shares its operand
	}
	text := strings.Join(path, ".")
	return []parse.Node{r.ident("__get", pos), r.site(before), receiver,
		&parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: strconv.Quote(text), Text: text}}
}

func (r *templateWalk) args(list []parse.Node, filter string) []parse.Node {
	var out []parse.Node
	for _, n := range list {
		out = append(out, r.arg(n, filter))
	}
	return out
}

// arg is an operand of a command. Constants stay what they are.
func (r *templateWalk) arg(n parse.Node, filter string) parse.Node {
	pos := n.Position()
	wrap := func(args ...parse.Node) *parse.PipeNode {
		cmd := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: args}
		return &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{cmd}}
	}
	switch x := n.(type) {
	case *parse.FieldNode, *parse.ChainNode:
		n = wrap(r.get(x)...)
	case *parse.VariableNode:
		if len(x.Ident) > 1 {
			n = wrap(r.get(x)...)
		}
	case *parse.PipeNode:
		r.pipe(x)
	case *parse.DotNode:
	default:
		return n
	}
	if filter == "__same" {
		return n
	}
	return wrap(r.ident(filter, pos), n)
}

// templateFault is an error that the functions for cells' values raise.
type templateFault struct {
	site int
	node parse.Node // the operand that is wrong, if it is one
	err  error
}

func (f *templateFault) Error() string { return f.err.Error() }

// explain is the error that the template itself would have given.
func (r *templateWalk) explain(err error) error {
	if err == nil {
		return nil
	}
	var fault *templateFault
	if errors.As(err, &fault) {
		s := r.sites[fault.site]
		if fault.node != nil {
			s.node = fault.node
		}
		place, context := s.tree.ErrorContext(s.node)
		return template.ExecError{Name: s.name, Err: fmt.Errorf("template: %s: executing %q at <%s>: %w", place, s.name, context, fault.err)}
	}
	var exec template.ExecError
	if errors.As(err, &exec) {
		text := exec.Err.Error()
		for now, before := range r.commands {
			text = strings.Replace(text, "at <"+now+">", "at <"+before+">", 1)
		}
		for now, name := range map[string]string{"__len": "len", "__index": "index", "__slice": "slice", "__printf": "printf", "__call": "call"} {
			text = strings.ReplaceAll(text, now, name)
		}
		if text != exec.Err.Error() {
			return template.ExecError{Name: exec.Name, Err: rewordedError{text, exec.Err}}
		}
	}
	return err
}

// rewordedError is an error in other words.
type rewordedError struct {
	text string
	err  error
}

func (e rewordedError) Error() string { return e.text }
func (e rewordedError) Unwrap() error { return errors.Unwrap(e.err) }
