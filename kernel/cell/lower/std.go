package lower

import (
	"embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"sort"
	"strings"
	"sync"

	"netsplit/kernel/symbols"
)

// Generic functions and types of the standard library have no compiled form.
// Their instances are made from source like those of a cell. What in that source
// is beyond cells (unsafe, the runtime's coroutines) is replaced by the files in
// overlay: a file that begins with "// whole" stands for the package, another for
// the functions that it declares.

//go:embed overlay
var overlays embed.FS

// stdPackage is a package of the standard library, checked from source.
type stdPackage struct {
	pkg   *types.Package
	info  *types.Info
	fset  *token.FileSet
	decls map[string]*ast.FuncDecl // by name, methods as Type.Name
	objs  map[string]*types.Func
}

var stdPackages = struct {
	sync.Mutex
	m map[string]*stdPackage
}{m: map[string]*stdPackage{}}

// stdSource is a package checked from source, or nil when there is none.
func stdSource(path string) *stdPackage {
	stdPackages.Lock()
	defer stdPackages.Unlock()
	if p, ok := stdPackages.m[path]; ok {
		return p
	}
	p, err := checkStd(path)
	if err != nil {
		panic("lower: source of " + path + ": " + err.Error())
	}
	stdPackages.m[path] = p
	return p
}

func checkStd(path string) (*stdPackage, error) {
	overlay, _ := overlays.ReadFile("overlay/" + strings.ReplaceAll(path, "/", "_") + ".go.txt")
	texts := map[string][]byte{}
	if !strings.HasPrefix(string(overlay), "// whole") {
		texts = symbols.Source(path)
	}
	if len(texts) == 0 && overlay == nil {
		return nil, nil
	}
	p := &stdPackage{fset: token.NewFileSet(), decls: map[string]*ast.FuncDecl{}, objs: map[string]*types.Func{}}
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	sort.Strings(names)
	var files []*ast.File
	replaced := map[string]bool{}
	if overlay != nil {
		f, err := parser.ParseFile(p.fset, "overlay", overlay, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				replaced[declName(fd)] = true
			}
		}
	}
	for _, name := range names {
		f, err := parser.ParseFile(p.fset, name, texts[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		kept := f.Decls[:0]
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); !ok || !replaced[declName(fd)] {
				kept = append(kept, d)
			}
		}
		f.Decls = kept
		files = append(files, f)
	}
	p.info = &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{},
	}
	conf := types.Config{Importer: symbols.Importer(p.fset), Error: func(error) {}} // an overlay may leave imports unused
	p.pkg, _ = conf.Check(path, p.fset, files, p.info)
	for _, f := range files {
		for _, d := range f.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok && fd.Body != nil {
				if obj, ok := p.info.Defs[fd.Name].(*types.Func); ok {
					p.decls[declName(fd)] = fd
					p.objs[declName(fd)] = obj
				}
			}
		}
	}
	return p, nil
}

// declName is Name, or Type.Name of a method.
func declName(fd *ast.FuncDecl) string {
	if fd.Recv == nil || len(fd.Recv.List) == 0 {
		return fd.Name.Name
	}
	t := fd.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + fd.Name.Name
		default:
			return fmt.Sprintf("%T.%s", t, fd.Name.Name)
		}
	}
}

// funcName is the same for an object.
func funcName(obj *types.Func) string {
	recv := obj.Signature().Recv()
	if recv == nil {
		return obj.Name()
	}
	t := types.Unalias(recv.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name() + "." + obj.Name()
	}
	return obj.Name()
}

// stdFunc is a function of the standard library with its source, or nil.
func (p *pass) stdFunc(obj *types.Func) (*types.Func, *source) {
	if obj.Pkg() == nil || inCell(obj) {
		return obj, nil
	}
	std := stdSource(obj.Pkg().Path())
	if std == nil {
		return obj, nil
	}
	name := funcName(obj)
	fd := std.decls[name]
	if fd == nil {
		return obj, nil
	}
	return std.objs[name], &source{decl: fd, info: std.info, fset: std.fset, std: obj.Pkg().Path()}
}

// sourced tells whether an object was declared in source that is lowered.
func sourced(o types.Object) bool {
	if o.Pkg() == nil || inCell(o) {
		return false
	}
	stdPackages.Lock()
	defer stdPackages.Unlock()
	p := stdPackages.m[o.Pkg().Path()]
	return p != nil && p.pkg == o.Pkg()
}

// overlaid is the type that stands for an instance of a generic type of the
// standard library: its own, or that of an overlay.
func (p *pass) overlaid(n *types.Named) *types.Named {
	if n.TypeArgs().Len() == 0 || inCell(n.Obj()) || sourced(n.Obj()) {
		return n
	}
	std := stdSource(n.Obj().Pkg().Path())
	if std == nil {
		return n
	}
	tn, ok := std.pkg.Scope().Lookup(n.Obj().Name()).(*types.TypeName)
	if !ok {
		return n
	}
	args := make([]types.Type, n.TypeArgs().Len())
	for i := range args {
		args[i] = n.TypeArgs().At(i)
	}
	inst, err := types.Instantiate(nil, tn.Type(), args, false)
	if err != nil {
		return n
	}
	return inst.(*types.Named)
}
