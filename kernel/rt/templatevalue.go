package rt

import (
	"errors"
	"fmt"
	"go/token"
	"math"
	"reflect"
	"text/template"
	"text/template/parse"
)

// walked is a value that a template meets: of the cell's type id if that is not 0.
// The erased value stays where it is, so that methods of its pointer can be called.
type walked struct {
	id     int
	v      reflect.Value
	static string // the interface type that it was found in, on the way along a path
}

// cellValue is a walked value of a cell's type as package template carries it.
type cellValue struct{ walked walked }

func (c cellValue) Format(f fmt.State, verb rune) {
	fmt.Fprintf(f, fmt.FormatString(f, verb), c.walked.plain())
}

func (c cellValue) MarshalJSON() ([]byte, error) { return JSONMarshal(c.walked.plain()) }

// cellText is one that has a text of its own, and is that in a script, too.
type cellText struct{ walked walked }

func (c cellText) Format(f fmt.State, verb rune) { cellValue(c).Format(f, verb) }
func (c cellText) String() string                { return Sprint(c.walked.plain()) }

// walk looks into what lies in an interface.
func walk(v reflect.Value) walked {
	for v.Kind() == reflect.Interface && !v.IsNil() {
		v = v.Elem()
	}
	if !v.IsValid() || !v.CanInterface() {
		return walked{v: v}
	}
	x := v.Interface()
	switch c := x.(type) {
	case cellValue:
		return walked{id: c.walked.id, v: c.walked.v}
	case cellText:
		return walked{id: c.walked.id, v: c.walked.v}
	}
	if b, ok := AsBox(x); ok {
		return walked{id: b.ID, v: reflect.ValueOf(b.V)}
	}
	return walked{v: v}
}

// component is a part of a value: id is the type that the descriptor names.
func (w walked) component(id int, v reflect.Value) walked {
	if v.Kind() == reflect.Interface {
		part := walk(v)
		part.static = nameOf(id, v.Type())
		return part
	}
	if id == 0 || TypeOf(id).Kind == reflect.Interface {
		return walk(v)
	}
	return walked{id: id, v: v}
}

// value is w as package template carries it.
func (w walked) value() reflect.Value {
	if w.id == 0 {
		return w.v
	}
	return reflect.ValueOf(cellValue{w})
}

// plain is w as it lies in an interface of the cell.
func (w walked) plain() any {
	switch {
	case w.id != 0:
		return Rebox(Box{w.id, w.v.Interface()})
	case !w.v.IsValid():
		return nil
	}
	return w.v.Interface()
}

func (w walked) typ() *Type { return TypeOf(w.id) }

func (w walked) name() string {
	if w.id != 0 {
		return w.typ().Name
	}
	return w.v.Type().String()
}

func (w walked) kind() reflect.Kind {
	if w.id != 0 {
		return w.typ().Kind
	}
	return w.v.Kind()
}

// bare is the erased value.
func (w walked) bare() reflect.Value {
	if w.id != 0 {
		return bareValue(w.typ(), w.v)
	}
	return w.v
}

// indirect follows pointers to their end, or to a nil.
func (w walked) indirect() (end walked, isNil bool) {
	for w.kind() == reflect.Pointer || w.kind() == reflect.Interface {
		if w.v.IsNil() {
			return w, true
		}
		id := 0
		if w.id != 0 {
			id = w.typ().Elem
		}
		w = w.component(id, w.v.Elem())
	}
	return w, false
}

func (w walked) true() bool {
	v := w.bare()
	if v.Kind() == reflect.Invalid {
		return false
	}
	truth, _ := template.IsTrue(v.Interface())
	return truth || w.kind() == reflect.Struct
}

// method is a method of the value, or of its pointer where it has an address.
func (w walked) method(name string) (body reflect.Value, receiver []reflect.Value, sig Sig, ok bool) {
	if !token.IsExported(name) {
		return
	}
	try := func(id int, v reflect.Value) bool {
		if id == 0 || !HasMethod(id, name) {
			return false
		}
		sig, _ = TypeOf(id).Method(name)
		body, receiver, ok = reflect.ValueOf(Method(id, name)), []reflect.Value{v}, true
		return true
	}
	if w.id == 0 {
		v := w.v
		if v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer && v.CanAddr() {
			v = v.Addr()
		}
		body = v.MethodByName(name)
		return body, nil, Sig{}, body.IsValid()
	}
	if w.kind() != reflect.Pointer && w.v.CanAddr() && try(w.typ().Pointer, w.v.Addr()) {
		return
	}
	try(w.id, w.v)
	return
}

// functions are what the rewritten trees call.
func (r *templateWalk) functions() template.FuncMap {
	value := func(f func(w walked) reflect.Value) func(reflect.Value) reflect.Value {
		return func(v reflect.Value) reflect.Value { return f(walk(v)) }
	}
	condition := func(w walked) reflect.Value {
		if w.id != 0 && !w.true() {
			return w.bare()
		}
		return w.value()
	}
	return template.FuncMap{
		"__get":    r.walkPath,
		"__show":   func(site int, v reflect.Value) (reflect.Value, error) { return r.show(site, walk(v)) },
		"__shown":  value(func(w walked) reflect.Value { v, _ := r.show(0, w); return v }),
		"__if":     func(site int, v reflect.Value) reflect.Value { return condition(walk(v)) },
		"__true":   value(condition),
		"__plain":  value(func(w walked) reflect.Value { return plainValue(w) }),
		"__bare":   value(compared),
		"__range0": func(site int, v reflect.Value) (reflect.Value, error) { return r.ranged(site, walk(v), 1) },
		"__range1": func(site int, v reflect.Value) (reflect.Value, error) { return r.ranged(site, walk(v), 1) },
		"__range2": func(site int, v reflect.Value) (reflect.Value, error) { return r.ranged(site, walk(v), 2) },
		"__len":    templateLen,
		"__index":  templateIndex,
		"__slice":  templateSlice,
		"__call": func(f reflect.Value, args ...reflect.Value) (reflect.Value, error) {
			return r.callFunc(walk(f), args)
		},
		"__print":   func(args ...reflect.Value) string { return Sprint(plainValues(args)...) },
		"__println": func(args ...reflect.Value) string { return Sprintln(plainValues(args)...) },
		"__printf":  func(format string, args ...reflect.Value) string { return Sprintf(format, plainValues(args)...) },
	}
}

func plainValue(w walked) reflect.Value {
	if w.id == 0 {
		return w.v
	}
	return reflect.ValueOf(w.plain())
}

func plainValues(list []reflect.Value) []any {
	out := make([]any, len(list))
	for i, v := range list {
		if w := walk(v); w.v.IsValid() && !(w.v.Kind() == reflect.Interface && w.v.IsNil()) {
			out[i] = w.plain()
		}
	}
	return out
}

// compared is a value that package template can compare as it would the cell's.
func compared(w walked) reflect.Value {
	if w.id == 0 {
		return w.v
	}
	switch v := w.bare(); w.kind() {
	case reflect.Struct, reflect.Array:
		return plainValue(w)
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		if v.IsNil() {
			return v
		}
		if w.kind() == reflect.Pointer {
			return plainValue(w)
		}
		return v
	default:
		return v
	}
}

// fault is an error at a node of the template.
func (r *templateWalk) fault(site int, format string, args ...any) error {
	return &templateFault{site: site, err: fmt.Errorf(format, args...)}
}

// walkPath walks along path; the last part may be a method or function with arguments.
func (r *templateWalk) walkPath(site int, receiver reflect.Value, path string, args ...reflect.Value) (reflect.Value, error) {
	w := walk(receiver)
	for path != "" {
		name, rest, more := cutPath(path)
		path = rest
		var these []reflect.Value
		if !more {
			these = args
		}
		next, err := r.field(site, w, name, these)
		if err != nil {
			return reflect.Value{}, err
		}
		w = next
	}
	return w.value(), nil
}

func cutPath(path string) (name, rest string, more bool) {
	for i := range path {
		if path[i] == '.' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

// field is package template's evalField.
func (r *templateWalk) field(site int, w walked, name string, args []reflect.Value) (walked, error) {
	const zeroValue, isError = 1, 2 // of the option missingkey
	if !w.v.IsValid() {
		if r.missingKey == isError {
			return w, r.fault(site, "nil data; no entry for key %q", name)
		}
		return w, nil
	}
	typ := w.static
	if typ == "" {
		typ = w.name()
	}
	w, isNil := w.indirect()
	if w.kind() == reflect.Interface && isNil {
		return w, r.fault(site, "nil pointer evaluating %s.%s", typ, name)
	}
	if body, receiver, sig, ok := w.method(name); ok {
		return r.invoke(site, name, body, receiver, sig.In, sig.Out, args)
	}
	switch w.kind() {
	case reflect.Struct:
		path, end, ok := fieldPath(w.id, w.v.Type(), name)
		if !ok {
			break
		}
		if !token.IsExported(name) {
			return w, r.fault(site, "%s is an unexported field of struct type %s", name, typ)
		}
		if len(args) > 0 {
			return w, r.fault(site, "%s has arguments but cannot be invoked as function", name)
		}
		v := w.v
		for i, step := range path {
			if i > 0 && v.Kind() == reflect.Pointer {
				if v.IsNil() {
					return w, r.fault(site, "reflect: indirection through nil pointer to embedded struct field %s", embeddedName(w.id, w.v.Type(), path[:i]))
				}
				v = v.Elem()
			}
			v = v.Field(step)
		}
		return w.component(end, v), nil
	case reflect.Map:
		m := w.bare()
		key, elem := 0, 0
		if w.id != 0 {
			key, elem = w.typ().Key, w.typ().Elem
		}
		if kt := m.Type().Key(); key != 0 && TypeOf(key).Kind != reflect.Interface || !reflect.TypeOf(name).AssignableTo(kt) {
			break
		}
		if len(args) > 0 {
			return w, r.fault(site, "%s is not a method but has arguments", name)
		}
		result := m.MapIndex(reflect.ValueOf(name))
		if !result.IsValid() {
			switch r.missingKey {
			case zeroValue:
				result = reflect.Zero(m.Type().Elem())
			case isError:
				return w, r.fault(site, "map has no entry for key %q", name)
			default:
				return walked{}, nil
			}
		}
		return w.component(elem, result), nil
	case reflect.Pointer: // it is nil
		if t := w.v.Type().Elem(); t.Kind() == reflect.Struct {
			id := 0
			if w.id != 0 {
				id = w.typ().Elem
			}
			if _, _, ok := fieldPath(id, t, name); !ok {
				break
			}
		}
		return w, r.fault(site, "nil pointer evaluating %s.%s", typ, name)
	}
	return w, r.fault(site, "can't evaluate field %s in type %s", name, typ)
}

// fieldPath finds a field of a struct, through embedded ones, as Go does: the least
// deep, if there is one. id is the type of the field.
func fieldPath(id int, erased reflect.Type, name string) (path []int, typ int, ok bool) {
	level := []structType{{id: id, native: erased}}
	visited := map[any]bool{}
	for len(level) > 0 {
		var next []structType
		found := 0
		for _, s := range level {
			if visited[s.key()] {
				continue
			}
			visited[s.key()] = true
			for i, f := range s.fields() {
				here := append(append([]int(nil), s.path...), i)
				if f.name == name {
					path, typ = here, f.id
					found++
					continue
				}
				elem, elemID := f.erased, f.id
				if elem.Kind() == reflect.Pointer {
					elem = elem.Elem()
					if elemID != 0 {
						elemID = TypeOf(elemID).Elem
					}
				}
				if f.embedded && elem.Kind() == reflect.Struct && (elemID == 0 || TypeOf(elemID).Kind == reflect.Struct) {
					next = append(next, structType{id: elemID, native: elem, path: here})
				}
			}
		}
		if found > 0 {
			return path, typ, found == 1
		}
		level = next
	}
	return nil, 0, false
}

// embeddedName is the name of the field at the end of a path.
func embeddedName(id int, erased reflect.Type, path []int) string {
	s, name := structType{id: id, native: erased}, ""
	for _, step := range path {
		f := s.fields()[step]
		elem, elemID := f.erased, f.id
		if elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
			if elemID != 0 {
				elemID = TypeOf(elemID).Elem
			}
		}
		s, name = structType{id: elemID, native: elem}, f.name
	}
	return name
}

// invoke calls a function; in and out are the ids of its parameters, behind the
// receiver, and results.
func (r *templateWalk) invoke(site int, name string, f reflect.Value, receiver []reflect.Value, in, out []int, args []reflect.Value) (walked, error) {
	t := f.Type()
	fixed := t.NumIn() - len(receiver)
	if t.IsVariadic() {
		fixed--
		if len(args) < fixed {
			return walked{}, r.fault(site, "wrong number of args for %s: want at least %d got %d", name, fixed, len(args))
		}
	} else if len(args) != fixed {
		return walked{}, r.fault(site, "wrong number of args for %s: want %d got %d", name, fixed, len(args))
	}
	errorType := reflect.TypeFor[error]()
	switch n := t.NumOut(); {
	case n == 1, n == 2 && t.Out(1) == errorType:
	case n == 2:
		return walked{}, r.fault(site, "invalid function signature for %s: second return value should be error; is %s", name, t.Out(1))
	default:
		return walked{}, r.fault(site, "function %s has %d return values; should be 1 or 2", name, n)
	}
	argv := append([]reflect.Value(nil), receiver...)
	for i, a := range args {
		at := min(i, fixed)
		pt, id := t.In(len(receiver)+at), idAt(in, at)
		if t.IsVariadic() && at == fixed {
			pt = pt.Elem()
			if id != 0 {
				id = TypeOf(id).Elem
			}
		}
		v, err := assigned(walk(a), id, pt)
		if err != nil {
			return walked{}, r.badArgument(site, i, id, pt, err)
		}
		argv = append(argv, v)
	}
	result, err := safeCall(f, argv)
	if err != nil {
		return walked{}, r.fault(site, "error calling %s: %w", name, err)
	}
	return walked{}.component(idAt(out, 0), result), nil
}

// badArgument is the error of an argument that does not fit: of a constant it is said
// what would.
func (r *templateWalk) badArgument(site, i, id int, t reflect.Type, err error) error {
	fault := &templateFault{site: site, err: err}
	if args := r.sites[site].args; i < len(args) {
		want := ""
		switch v := reflect.Zero(t); {
		case v.CanInt():
			want = "integer"
		case v.CanUint():
			want = "unsigned integer"
		case v.CanFloat():
			want = "float"
		case v.Kind() == reflect.String, v.Kind() == reflect.Bool, v.CanComplex():
			want = v.Kind().String()
		}
		switch args[i].(type) {
		case *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
			fault.node = args[i]
			if fault.err = fmt.Errorf("expected %s; found %s", want, args[i]); want == "" {
				fault.err = fmt.Errorf("can't handle %s for arg of type %s", args[i], nameOf(id, t))
			}
		}
	}
	return fault
}

func idAt(ids []int, i int) int {
	if i < len(ids) {
		return ids[i]
	}
	return 0
}

func safeCall(f reflect.Value, args []reflect.Value) (result reflect.Value, err error) {
	defer func() {
		if v := recover(); v != nil {
			if g := Current(); g != nil {
				g.recovered()
			}
			switch v := Translate(v).(type) {
			case error:
				err = v
			default:
				err = fmt.Errorf("%v", v)
			}
		}
	}()
	out := f.Call(args)
	if len(out) == 2 && !out[1].IsNil() {
		return out[0], out[1].Interface().(error)
	}
	return out[0], nil
}

// assigned is an argument as a parameter of a type takes it.
func assigned(w walked, id int, t reflect.Type) (reflect.Value, error) {
	if !w.v.IsValid() || w.v.Kind() == reflect.Interface && w.v.IsNil() {
		switch t.Kind() {
		case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice:
			return reflect.Zero(t), nil
		}
		return w.v, fmt.Errorf("invalid value; expected %s", nameOf(id, t))
	}
	if t.Kind() == reflect.Interface {
		v := w.plain()
		if w.id != 0 && t.NumMethod() > 0 && !reflect.TypeOf(v).Implements(t) {
			v = Wrap(reflect.Zero(reflect.PointerTo(t)).Interface(), v)
		}
		if reflect.TypeOf(v).Implements(t) {
			return reflect.ValueOf(v), nil
		}
	}
	if id == w.id && w.v.Type().AssignableTo(t) {
		return w.v, nil
	}
	if id == 0 && w.id == 0 && w.v.Type().PkgPath() == "" {
		// A constant of the template has the type that is wanted, if it fits.
		switch c := reflect.New(t).Elem(); {
		case w.v.CanInt() && c.CanInt() && !c.OverflowInt(w.v.Int()),
			w.v.CanInt() && c.CanUint() && w.v.Int() >= 0 && !c.OverflowUint(uint64(w.v.Int())),
			w.v.CanInt() && c.CanFloat(), w.v.CanFloat() && c.CanFloat(),
			w.v.CanFloat() && (c.CanInt() || c.CanUint()) && w.v.Float() == math.Trunc(w.v.Float()):
			return w.v.Convert(t), nil
		}
	}
	if id != 0 && w.id == 0 && w.v.Kind() == t.Kind() && w.v.Type().PkgPath() == "" && w.v.Type().ConvertibleTo(t) && w.v.Kind() < reflect.Array {
		return w.v.Convert(t), nil // a constant of a cell's type
	}
	if w.kind() == reflect.Pointer {
		if e, isNil := w.indirect(); !isNil && e.id == id && e.v.Type().AssignableTo(t) {
			return e.v, nil
		}
	}
	if w.v.CanAddr() && id == w.typ().Pointer && reflect.PointerTo(w.v.Type()).AssignableTo(t) {
		return w.v.Addr(), nil
	}
	return w.v, fmt.Errorf("wrong type for value; expected %s; got %s", nameOf(id, t), w.name())
}

// show is what a pipeline prints: a pointer as what it points to, unless it has a text.
func (r *templateWalk) show(site int, w walked) (reflect.Value, error) {
	if w.id == 0 {
		if k := w.kind(); k == reflect.Chan || k == reflect.Func {
			return w.v, r.fault(site, "can't print %s of type %s", r.sites[site].node, w.name())
		}
		return w.v, nil
	}
	has := func(id int) bool { return id != 0 && (HasMethod(id, "Error") || HasMethod(id, "String")) }
	if w.kind() == reflect.Pointer {
		w, _ = w.indirect()
	}
	if w.id != 0 && !has(w.id) {
		if w.v.CanAddr() && has(w.typ().Pointer) {
			w = walked{id: w.typ().Pointer, v: w.v.Addr()}
		} else if k := w.kind(); k == reflect.Chan || k == reflect.Func {
			return w.v, r.fault(site, "can't print %s of type %s", r.sites[site].node, w.name())
		}
	}
	if w.id != 0 && has(w.id) && !HasMethod(w.id, "MarshalJSON") && !(w.kind() == reflect.Pointer && w.v.IsNil()) {
		return reflect.ValueOf(cellText{w}), nil
	}
	return w.value(), nil
}

// ranged is a value that package template ranges over as it would over w.
func (r *templateWalk) ranged(site int, w walked, variables int) (reflect.Value, error) {
	w, _ = w.indirect()
	if w.id == 0 {
		switch k := w.kind(); {
		case k == reflect.Bool, k >= reflect.Float32 && k <= reflect.Complex128, k == reflect.String, k == reflect.Struct, k == reflect.UnsafePointer:
			return w.v, r.fault(site, "range can't iterate over %v", w.v)
		}
		return w.v, nil
	}
	v, t := w.bare(), w.typ()
	switch t.Kind {
	case reflect.Slice, reflect.Array:
		items := make([]any, v.Len())
		for i := range items {
			items[i] = carried(w.component(t.Elem, v.Index(i)))
		}
		return reflect.ValueOf(items), nil
	case reflect.Map:
		keys := sortedKeys(v)
		item := func(k reflect.Value) (any, any) {
			return carried(w.component(t.Key, k)), carried(w.component(t.Elem, v.MapIndex(k)))
		}
		if variables > 1 {
			return reflect.ValueOf(func(yield func(any, any) bool) {
				for _, k := range keys {
					if !yield(item(k)) {
						return
					}
				}
			}), nil
		}
		items := make([]any, len(keys))
		for i, k := range keys {
			_, items[i] = item(k)
		}
		return reflect.ValueOf(items), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if variables > 1 {
			return v, r.fault(site, "can't use %v to iterate over more than one variable", v)
		}
		var items []any
		for n := range v.Seq() {
			items = append(items, carried(walked{id: w.id, v: n}))
		}
		return reflect.ValueOf(items), nil
	case reflect.Chan:
		if variables > 1 {
			break
		}
		return reflect.ValueOf(func(yield func(any) bool) {
			for {
				x, ok := v.Recv()
				if !ok || !yield(carried(w.component(t.Elem, x))) {
					return
				}
			}
		}), nil
	case reflect.Func:
		return r.rangedFunc(w, v, t)
	}
	return v, r.fault(site, "range can't iterate over %v", w.plain())
}

// rangedFunc makes an iterator of a cell's values one that package template knows.
func (r *templateWalk) rangedFunc(w walked, v reflect.Value, t *Type) (reflect.Value, error) {
	if len(t.In) != 1 || !(v.Type().CanSeq() || v.Type().CanSeq2()) {
		return v, fmt.Errorf("range can't iterate over %s", t.Name)
	}
	ids := TypeOf(t.In[0]).In
	if v.Type().CanSeq2() {
		return reflect.ValueOf(func(yield func(any, any) bool) {
			for a, b := range v.Seq2() {
				if !yield(carried(w.component(idAt(ids, 0), a)), carried(w.component(idAt(ids, 1), b))) {
					return
				}
			}
		}), nil
	}
	return reflect.ValueOf(func(yield func(any) bool) {
		for a := range v.Seq() {
			if !yield(carried(w.component(idAt(ids, 0), a))) {
				return
			}
		}
	}), nil
}

// carried is a value as an element of a list of any.
func carried(w walked) any {
	if v := w.value(); v.IsValid() && !(v.Kind() == reflect.Interface && v.IsNil()) {
		return v.Interface()
	}
	return nil
}

func templateLen(item reflect.Value) (int, error) {
	w, isNil := walk(item).indirect()
	if isNil {
		return 0, errors.New("len of nil pointer")
	}
	switch v := w.bare(); w.kind() {
	case reflect.Array, reflect.Chan, reflect.Map, reflect.Slice, reflect.String:
		return v.Len(), nil
	case reflect.Invalid:
		return 0, errors.New("len of nil pointer")
	}
	return 0, fmt.Errorf("len of type %s", w.name())
}

func templateSlice(item reflect.Value, indexes ...reflect.Value) (reflect.Value, error) {
	w := walk(item)
	if !w.v.IsValid() {
		return w.v, errors.New("slice of untyped nil")
	}
	w, isNil := w.indirect()
	if isNil {
		return w.v, errors.New("slice of nil pointer")
	}
	if len(indexes) > 3 {
		return w.v, fmt.Errorf("too many slice indexes: %d", len(indexes))
	}
	v, most := w.bare(), 0
	switch v.Kind() {
	case reflect.String:
		if len(indexes) == 3 {
			return v, errors.New("cannot 3-index slice a string")
		}
		most = v.Len()
	case reflect.Array, reflect.Slice:
		most = v.Cap()
	default:
		return v, fmt.Errorf("can't slice item of type %s", w.name())
	}
	at := [3]int{0, v.Len()}
	for i, one := range indexes {
		n, err := indexOf(walk(one), most)
		if err != nil {
			return v, err
		}
		at[i] = n
	}
	if at[0] > at[1] {
		return v, fmt.Errorf("invalid slice index: %d > %d", at[0], at[1])
	}
	if len(indexes) == 3 && at[1] > at[2] {
		return v, fmt.Errorf("invalid slice index: %d > %d", at[1], at[2])
	}
	if v.Kind() == reflect.Array && w.id != 0 { // a slice type that nobody may have described
		items := []any{}
		for i := at[0]; i < at[1]; i++ {
			items = append(items, carried(w.component(w.typ().Elem, v.Index(i))))
		}
		return reflect.ValueOf(items), nil
	}
	if len(indexes) == 3 {
		v = v.Slice3(at[0], at[1], at[2])
	} else {
		v = v.Slice(at[0], at[1])
	}
	return walked{id: w.id, v: v}.value(), nil
}

// indexOf is an index of a list, at most limit.
func indexOf(index walked, limit int) (int, error) {
	var n int64
	switch i := index.bare(); {
	case i.CanInt():
		n = i.Int()
	case i.CanUint():
		n = int64(i.Uint())
	case !i.IsValid():
		return 0, errors.New("cannot index slice/array with nil")
	default:
		return 0, fmt.Errorf("cannot index slice/array with type %s", index.name())
	}
	if n < 0 || n > int64(limit) {
		return 0, fmt.Errorf("index out of range: %d", n)
	}
	return int(n), nil
}

func templateIndex(item reflect.Value, indexes ...reflect.Value) (reflect.Value, error) {
	w := walk(item)
	if !w.v.IsValid() {
		return w.v, errors.New("index of untyped nil")
	}
	for _, one := range indexes {
		index := walk(one)
		var isNil bool
		if w, isNil = w.indirect(); isNil {
			return w.v, errors.New("index of nil pointer")
		}
		v := w.bare()
		key, elem := 0, 0
		if w.id != 0 {
			key, elem = w.typ().Key, w.typ().Elem
		}
		switch v.Kind() {
		case reflect.Array, reflect.Slice, reflect.String:
			n, err := indexOf(index, v.Len())
			if err != nil {
				return v, err
			}
			w = w.component(elem, v.Index(n))
		case reflect.Map:
			k, err := assigned(index, key, v.Type().Key())
			if err != nil || key != index.id && key != 0 && TypeOf(key).Kind != reflect.Interface {
				return v, fmt.Errorf("value has type %s; should be %s", index.name(), nameOf(key, v.Type().Key()))
			}
			x := v.MapIndex(k)
			if !x.IsValid() {
				x = reflect.Zero(v.Type().Elem())
			}
			w = w.component(elem, x)
		default:
			return v, fmt.Errorf("can't index item of type %s", w.name())
		}
	}
	return w.value(), nil
}

// callFunc is the predeclared function call.
func (r *templateWalk) callFunc(f walked, args []reflect.Value) (reflect.Value, error) {
	if !f.v.IsValid() {
		return f.v, errors.New("call of nil")
	}
	v := f.bare()
	if v.Kind() != reflect.Func {
		return v, fmt.Errorf("non-function of type %s", f.name())
	}
	if v.IsNil() {
		return v, errors.New("call of nil")
	}
	var in, out []int
	if f.id != 0 {
		in, out = f.typ().In, f.typ().Out
	}
	w, err := r.invoke(0, "function", v, nil, in, out, args)
	var fault *templateFault
	if errors.As(err, &fault) {
		err = fault.err
	}
	return w.value(), err
}

// templateFunctions are functions as package template can call them.
func templateFunctions(m template.FuncMap) template.FuncMap {
	out := template.FuncMap{}
	for name, f := range m {
		b, ok := AsBox(f)
		if !ok {
			if t := reflect.TypeOf(f); t != nil && t.Kind() == reflect.Func && t.NumOut() > 0 && t.Out(0).Kind() == reflect.Interface {
				cellFunctions.Store(true) // it may give anything
			}
			out[name] = f
			continue
		}
		cellFunctions.Store(true)
		out[name] = templateFunction(b)
	}
	return out
}

// templateFunction is a function of cells' types with parameters and results of type
// any in their places.
func templateFunction(b Box) any {
	t, f := TypeOf(b.ID), bareValue(TypeOf(b.ID), reflect.ValueOf(b.V))
	if f.Kind() != reflect.Func || f.IsNil() {
		return b.V
	}
	ft := f.Type()
	anyType := reflect.TypeFor[any]()
	var in, out []reflect.Type
	for i := range ft.NumIn() {
		p := ft.In(i)
		if idAt(t.In, i) != 0 {
			if p = anyType; ft.IsVariadic() && i == ft.NumIn()-1 {
				p = reflect.TypeFor[[]any]()
			}
		}
		in = append(in, p)
	}
	for i := range ft.NumOut() {
		p := ft.Out(i)
		if idAt(t.Out, i) != 0 {
			p = anyType
		}
		out = append(out, p)
	}
	return reflect.MakeFunc(reflect.FuncOf(in, out, ft.IsVariadic()), func(args []reflect.Value) []reflect.Value {
		if ft.IsVariadic() {
			last := args[len(args)-1]
			args = args[:len(args)-1]
			for i := range last.Len() {
				args = append(args, last.Index(i))
			}
		}
		argv := make([]reflect.Value, len(args))
		for i, a := range args {
			at := min(i, ft.NumIn()-1)
			p, id := ft.In(at), idAt(t.In, at)
			if ft.IsVariadic() && at == ft.NumIn()-1 {
				if p = p.Elem(); id != 0 {
					id = TypeOf(id).Elem
				}
			}
			v, err := assigned(walk(a), id, p)
			if err != nil {
				panic(err)
			}
			argv[i] = v
		}
		results := f.Call(argv)
		for i, v := range results {
			if idAt(t.Out, i) != 0 {
				x := reflect.New(anyType).Elem()
				if p := carriedPlain(walked{}.component(t.Out[i], v)); p != nil {
					x.Set(reflect.ValueOf(p))
				}
				results[i] = x
			}
		}
		return results
	}).Interface()
}

func carriedPlain(w walked) any {
	if !w.v.IsValid() || w.v.Kind() == reflect.Interface && w.v.IsNil() {
		return nil
	}
	return w.plain()
}
