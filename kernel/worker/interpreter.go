package worker

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"

	"netsplit/kernel/rt"
	"netsplit/kernel/symbols/tables"
)

// interpreter is the only place that knows yaegi. It takes definitions and gives
// functions back; everything else about a cell happens outside of it.
type interpreter struct {
	mu       sync.Mutex // yaegi compiles one text at a time; what runs meanwhile is not disturbed
	yaegi    *interp.Interpreter
	loaded   map[string]bool // packages whose symbol table yaegi has
	imported map[string]bool // import declarations that were evaluated, "alias path"
}

// newInterpreter makes an interpreter whose trace of panics goes to trace.
func newInterpreter(trace io.Writer) *interpreter {
	return &interpreter{
		yaegi: interp.New(interp.Options{
			Stderr:       trace, // not the learner's stderr: yaegi writes a line per frame of a panic there
			Unrestricted: true,
			Env:          []string{},
		}),
		loaded:   map[string]bool{},
		imported: map[string]bool{},
	}
}

// Define evaluates declarations: imports, types, variables and functions of the
// core subset. The imports of a text stand first in it; one that was seen before
// costs nothing.
func (in *interpreter) Define(text string) (err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	defer func() {
		// yaegi panics on some texts. None of them is legal core subset, so this is
		// a fault of the front end, but not one to die of.
		if v := recover(); v != nil {
			err = fmt.Errorf("define: interpreter panicked: %v", v)
		}
	}()
	text, err = in.takeImports(text)
	if err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if _, err := in.yaegi.Eval(text); err != nil {
		return fmt.Errorf("define: %w", plain(err))
	}
	return nil
}

// Call gives the function with this name, a func() []any without parameters: the
// entry of a cell.
func (in *interpreter) Call(name string) (f func() []any, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("call %s: interpreter panicked: %v", name, v)
		}
	}()
	v, err := in.yaegi.Eval(name)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", name, plain(err))
	}
	switch f := v.Interface().(type) {
	case func() []any:
		return f, nil
	case func():
		return func() []any { f(); return nil }, nil
	}
	return nil, fmt.Errorf("call %s: it is a %s, not a function of a cell", name, v.Type())
}

// plain drops what an interp.Panic carries beside its value.
func plain(err error) error {
	if p, ok := errors.AsType[interp.Panic](err); ok {
		return fmt.Errorf("panic: %v", p.Value)
	}
	return err
}

// takeImports evaluates the import declarations of a text that are new and blanks
// them out, so that lines stay where they are. yaegi gets each import once, with
// the table of its package, because a repeated one is an error to it.
func (in *interpreter) takeImports(text string) (string, error) {
	if !strings.Contains(text, "import") {
		return text, nil
	}
	const clause = "package main;"
	f, err := parser.ParseFile(token.NewFileSet(), "", clause+text, parser.ImportsOnly)
	if err != nil {
		return "", fmt.Errorf("define: imports: %w", err)
	}
	b := []byte(text)
	for _, decl := range f.Decls {
		for i := int(decl.Pos()) - 1 - len(clause); i < int(decl.End())-1-len(clause); i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
	}
	for _, spec := range f.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return "", fmt.Errorf("define: import %s: %w", spec.Path.Value, err)
		}
		alias := ""
		if spec.Name != nil {
			alias = spec.Name.Name
		}
		if err := in.importPackage(alias, path); err != nil {
			return "", err
		}
	}
	// What is left of "import a; import b" are its semicolons.
	return strings.TrimLeft(string(b), "; \t"), nil
}

func (in *interpreter) importPackage(alias, path string) error {
	key := alias + " " + path
	if in.imported[key] {
		return nil
	}
	if err := in.load(path); err != nil {
		return err
	}
	if alias != "_" {
		if _, err := in.yaegi.Eval("import " + alias + " " + strconv.Quote(path)); err != nil {
			return fmt.Errorf("define: import %s: %w", path, plain(err))
		}
	}
	in.imported[key] = true
	return nil
}

// load gives yaegi the symbol table of a package.
func (in *interpreter) load(path string) error {
	if in.loaded[path] {
		return nil
	}
	name, table, ok := tables.Lookup(path)
	if !ok {
		name, table = "types", rt.StructGroup(path)
		if table == nil {
			return fmt.Errorf("define: import %s: there is no such package for cells", path)
		}
	}
	override(path, table)
	addWrappers(table)
	addUnexported(path, table)
	// The detour in the key keeps yaegi from recognising fmt: it would replace its
	// functions, and those of packages loaded later, by its own.
	key := path + "/./" + name
	if err := in.yaegi.Use(interp.Exports{key: table}); err != nil {
		return fmt.Errorf("define: import %s: %w", path, err)
	}
	in.loaded[path] = true
	return nil
}

// addUnexported adds the types that a package does not export and yet gives away, as
// that of binary.LittleEndian: a variable of a cell can have such a type.
func addUnexported(path string, table map[string]reflect.Value) {
	add := func(t reflect.Type) {
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if name := t.Name(); t.PkgPath() == path && !token.IsExported(name) {
			table[name] = reflect.Zero(reflect.PointerTo(t))
		}
	}
	for _, v := range maps.Clone(table) {
		switch {
		case v.CanAddr():
			add(v.Type())
		case v.Kind() == reflect.Func:
			for i := range v.Type().NumOut() {
				add(v.Type().Out(i))
			}
		}
	}
}

// wrapper stands for the struct that yaegi asks for where a value becomes an
// interface with methods. Lowered text has no interpreted type with methods, so it
// is only asked for, by an untyped nil.
type wrapper struct{ IValue any }

func addWrappers(table map[string]reflect.Value) {
	var names []string
	for name, v := range table {
		if t := v.Type(); t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Interface && v.IsNil() {
			names = append(names, name)
		}
	}
	for _, name := range names {
		table["_"+name] = reflect.ValueOf((*wrapper)(nil))
	}
}

// override replaces symbols whose compiled form knows nothing of cells.
func override(path string, table map[string]reflect.Value) {
	for name, f := range overrides[path] {
		table[name] = reflect.ValueOf(f)
	}
}
