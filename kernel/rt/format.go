package rt

import (
	"fmt"
	"go/token"
	"io"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
	"unsafe"

	"netsplit/runtime/host"
)

// Every kind of box is a fmt.Formatter, so that package fmt prints a value of a
// cell's type, however deep it lies in compiled values, as it prints a value of a
// compiled type. The rules are those of fmt's printArg and printValue, walked over
// the descriptor of the type and the erased value side by side; what has no cell
// type in it is left to fmt itself.

func (b Box) Format(f fmt.State, verb rune)         { format(f, verb, b) }
func (b StringBox) Format(f fmt.State, verb rune)   { format(f, verb, Box(b)) }
func (b ErrorBox) Format(f fmt.State, verb rune)    { format(f, verb, Box(b)) }
func (b ErrorBoxI) Format(f fmt.State, verb rune)   { format(f, verb, Box(b)) }
func (b ErrorBoxA) Format(f fmt.State, verb rune)   { format(f, verb, Box(b)) }
func (b ErrorBoxIA) Format(f fmt.State, verb rune)  { format(f, verb, Box(b)) }
func (b ErrorBoxU) Format(f fmt.State, verb rune)   { format(f, verb, Box(b)) }
func (b ErrorBoxUI) Format(f fmt.State, verb rune)  { format(f, verb, Box(b)) }
func (b ErrorBoxUA) Format(f fmt.State, verb rune)  { format(f, verb, Box(b)) }
func (b ErrorBoxUIA) Format(f fmt.State, verb rune) { format(f, verb, Box(b)) }
func (b ErrorBoxM) Format(f fmt.State, verb rune)   { format(f, verb, Box(b)) }
func (b ErrorBoxMI) Format(f fmt.State, verb rune)  { format(f, verb, Box(b)) }
func (b ErrorBoxMA) Format(f fmt.State, verb rune)  { format(f, verb, Box(b)) }
func (b ErrorBoxMIA) Format(f fmt.State, verb rune) { format(f, verb, Box(b)) }

func format(f fmt.State, verb rune, b Box) {
	p := printer{State: f, directive: fmt.FormatString(f, verb)}
	p.plusV = verb == 'v' && f.Flag('+')
	p.sharpV = verb == 'v' && f.Flag('#')
	p.value(b.ID, reflect.ValueOf(b.V), verb, 0, true)
}

// printer prints one operand. All parts of it are printed with the operand's
// directive, as fmt does.
type printer struct {
	fmt.State
	directive     string
	plusV, sharpV bool
	erroring      bool // printing a bad verb: no methods
}

// value prints v, whose type has this id (0: native). Methods are called where
// visible, which is false below an unexported field.
func (p *printer) value(id int, v reflect.Value, verb rune, depth int, visible bool) {
	if v.IsValid() && v.Kind() == reflect.Interface && (id == 0 || TypeOf(id).Kind == reflect.Interface) {
		p.dynamic(v, verb, depth, visible)
		return
	}
	if id == 0 {
		p.native(v, verb, depth, visible)
		return
	}
	t := TypeOf(id)
	if visible && p.methods(t, v, verb) {
		return
	}
	v = bareValue(t, v)
	switch t.Kind {
	case reflect.Struct:
		if p.sharpV {
			io.WriteString(p, t.Name)
		}
		io.WriteString(p, "{")
		for i, field := range t.Fields {
			p.separate(i)
			if p.plusV || p.sharpV {
				io.WriteString(p, field.Name+":")
			}
			p.value(field.Type, v.Field(i), verb, depth+1, visible && token.IsExported(field.Name))
		}
		io.WriteString(p, "}")
	case reflect.Map:
		p.mapping(t.Name, t.Key, t.Elem, v, verb, depth, visible)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X') {
			fmt.Fprintf(p, p.directive, bytesOf(v))
			return
		}
		p.sequence(t.Name, t.Elem, v, verb, depth, visible)
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			switch elem := v.Elem(); p.kindOf(t.Elem, elem) {
			case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
				io.WriteString(p, "&")
				p.value(t.Elem, elem, verb, depth+1, visible)
				return
			}
		}
		p.pointer(id, t.Name, v, verb)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.pointer(id, t.Name, v, verb)
	default:
		p.leaf(id, t.Name, v, verb)
	}
}

// kindOf is the kind of a value in the cell, where wrapping can hide it.
func (p *printer) kindOf(id int, v reflect.Value) reflect.Kind {
	if id != 0 {
		return TypeOf(id).Kind
	}
	return v.Kind()
}

func (p *printer) separate(i int) {
	switch {
	case i == 0:
	case p.sharpV:
		io.WriteString(p, ", ")
	default:
		io.WriteString(p, " ")
	}
}

// dynamic prints what lies in an interface.
func (p *printer) dynamic(v reflect.Value, verb rune, depth int, visible bool) {
	switch {
	case v.IsNil() && p.sharpV:
		name := v.Type().String()
		if v.Type() == reflect.TypeFor[any]() {
			name = "interface {}"
		}
		io.WriteString(p, name+"(nil)")
	case v.IsNil():
		io.WriteString(p, "<nil>")
	default:
		inner := v.Elem()
		if inner.CanInterface() {
			if b, ok := AsBox(inner.Interface()); ok {
				p.value(b.ID, reflect.ValueOf(b.V), verb, depth+1, visible)
				return
			}
		}
		p.native(inner, verb, depth+1, visible)
	}
}

// native prints a value whose type is compiled. With visible, and where depth
// makes no difference, that is fmt's own work.
func (p *printer) native(v reflect.Value, verb rune, depth int, visible bool) {
	if !v.IsValid() {
		io.WriteString(p, "<nil>")
		return
	}
	if visible && v.CanInterface() && !p.erroring {
		switch v.Interface().(type) {
		case fmt.Formatter, error, fmt.Stringer, fmt.GoStringer:
			fmt.Fprintf(p, p.directive, v.Interface())
			return
		}
	}
	name := v.Type().String()
	switch v.Kind() {
	case reflect.Struct:
		if p.sharpV {
			io.WriteString(p, name)
		}
		io.WriteString(p, "{")
		for i := range v.NumField() {
			p.separate(i)
			field := v.Type().Field(i)
			if p.plusV || p.sharpV {
				io.WriteString(p, field.Name+":")
			}
			part := v.Field(i)
			if part.Kind() == reflect.Interface && !part.IsNil() && !part.CanInterface() {
				part = part.Elem()
			}
			p.value(0, part, verb, depth+1, visible && field.IsExported())
		}
		io.WriteString(p, "}")
	case reflect.Map:
		p.mapping(name, 0, 0, v, verb, depth, visible)
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 && (verb == 's' || verb == 'q' || verb == 'x' || verb == 'X') {
			fmt.Fprintf(p, p.directive, bytesOf(v))
			return
		}
		p.sequence(name, 0, v, verb, depth, visible)
	case reflect.Pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Array, reflect.Slice, reflect.Struct, reflect.Map:
				io.WriteString(p, "&")
				p.value(0, v.Elem(), verb, depth+1, visible)
				return
			}
		}
		p.pointer(0, name, v, verb)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		p.pointer(0, name, v, verb)
	default:
		p.leaf(0, name, v, verb)
	}
}

func (p *printer) mapping(name string, key, elem int, v reflect.Value, verb rune, depth int, visible bool) {
	if p.sharpV {
		io.WriteString(p, name)
		if v.IsNil() {
			io.WriteString(p, "(nil)")
			return
		}
		io.WriteString(p, "{")
	} else {
		io.WriteString(p, "map[")
	}
	for i, k := range sortedKeys(v) {
		p.separate(i)
		p.value(key, k, verb, depth+1, visible)
		io.WriteString(p, ":")
		p.value(elem, v.MapIndex(k), verb, depth+1, visible)
	}
	if p.sharpV {
		io.WriteString(p, "}")
	} else {
		io.WriteString(p, "]")
	}
}

func (p *printer) sequence(name string, elem int, v reflect.Value, verb rune, depth int, visible bool) {
	open, end := "[", "]"
	if p.sharpV {
		io.WriteString(p, name)
		if v.Kind() == reflect.Slice && v.IsNil() {
			io.WriteString(p, "(nil)")
			return
		}
		open, end = "{", "}"
	}
	io.WriteString(p, open)
	for i := range v.Len() {
		p.separate(i)
		p.value(elem, v.Index(i), verb, depth+1, visible)
	}
	io.WriteString(p, end)
}

func bytesOf(v reflect.Value) []byte {
	b := make([]byte, v.Len())
	for i := range b {
		b[i] = byte(v.Index(i).Uint())
	}
	return b
}

// pointer prints an address as fmt's fmtPointer does.
func (p *printer) pointer(id int, name string, v reflect.Value, verb rune) {
	switch {
	case p.erroring && v.Pointer() == 0:
		width, _, _ := strings.Cut(p.plain(reflect.String), ".")
		fmt.Fprintf(p, strings.TrimSuffix(width, "s")+"s", "<nil>")
	case p.erroring:
		fmt.Fprintf(p, "%v", unsafe.Pointer(v.Pointer()))
	case verb == 'v' && p.sharpV:
		address := "nil"
		if v.Pointer() != 0 {
			address = "0x" + strconv.FormatUint(uint64(v.Pointer()), 16)
		}
		io.WriteString(p, "("+name+")("+address+")")
	case verb == 'v' || verb == 'p':
		fmt.Fprintf(p, p.directive, unsafe.Pointer(v.Pointer()))
	case verb == 'b' || verb == 'o' || verb == 'd' || verb == 'x' || verb == 'X':
		fmt.Fprintf(p, p.directive, v.Pointer())
	default:
		p.badVerb(id, name, v, verb)
	}
}

// verbs tells which verbs print a kind without complaint; the first is what %v does.
func verbs(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "tv"
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return "gGvbxXfFeE"
	case reflect.String:
		return "svxXq"
	}
	return "dvboOxXcqU"
}

// leaf prints a value of a basic kind. Its type may have methods in the compiled
// world that it must not call, so it is printed as its basic type.
func (p *printer) leaf(id int, name string, v reflect.Value, verb rune) {
	if p.erroring {
		fmt.Fprintf(p, p.plain(v.Kind()), basic(v))
		return
	}
	if !strings.ContainsRune(verbs(v.Kind()), verb) {
		p.badVerb(id, name, v, verb)
		return
	}
	fmt.Fprintf(p, p.directive, basic(v))
}

// badVerb is fmt's complaint, %!d(main.T=value), which keeps width and precision.
func (p *printer) badVerb(id int, name string, v reflect.Value, verb rune) {
	io.WriteString(p, "%!"+string(verb)+"("+name+"=")
	was := *p
	p.erroring = true
	p.value(id, v, 'v', 0, true)
	*p = was
	io.WriteString(p, ")")
}

// plain is the directive with the verb that prints v as %v does, for the value in
// a complaint.
func (p *printer) plain(k reflect.Kind) string {
	_, size := utf8.DecodeLastRuneInString(p.directive)
	return p.directive[:len(p.directive)-size] + verbs(k)[:1]
}

// basic is a value of a basic kind as its predeclared type.
func basic(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		switch v.Kind() { // %x of a negative number does not depend on the size, %c and %U neither
		case reflect.Int8:
			return int8(v.Int())
		case reflect.Int16:
			return int16(v.Int())
		case reflect.Int32:
			return int32(v.Int())
		}
		return v.Int()
	case reflect.Uint8:
		return uint8(v.Uint())
	case reflect.Uint, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint()
	case reflect.Uintptr:
		return uintptr(v.Uint())
	case reflect.Float32:
		return float32(v.Float())
	case reflect.Float64:
		return v.Float()
	case reflect.Complex64:
		return complex64(v.Complex())
	case reflect.Complex128:
		return v.Complex()
	}
	return v.String()
}

// methods prints v by a method that its cell type has, and tells whether there was one.
func (p *printer) methods(t *Type, v reflect.Value, verb rune) (printed bool) {
	if p.erroring || len(t.Methods) == 0 || !v.CanInterface() {
		return false
	}
	printed = true // also when the method panics
	if body, ok := methodOf(t, "Format", "func(fmt.State, int32)"); ok {
		defer p.caught("Format", t, v, verb)
		if f, ok := body.(func(any, fmt.State, rune)); ok {
			f(v.Interface(), p.State, verb)
			return true
		}
	}
	if p.sharpV {
		if body, ok := methodOf(t, "GoString", "func() string"); ok {
			defer p.caught("GoString", t, v, verb)
			io.WriteString(p, body.(func(any) string)(v.Interface()))
			return true
		}
		return false
	}
	switch verb {
	case 'v', 's', 'x', 'X', 'q':
		for _, name := range [...]string{"Error", "String"} {
			if body, ok := methodOf(t, name, "func() string"); ok {
				defer p.caught(name, t, v, verb)
				fmt.Fprintf(p, p.directive, body.(func(any) string)(v.Interface()))
				return true
			}
		}
	}
	return false
}

// methodOf is the body of a method of t with this signature.
func methodOf(t *Type, name, sig string) (any, bool) {
	if s, ok := t.Method(name); !ok || s.Sig != sig || !HasMethod(t.ID, name) {
		return nil, false
	}
	return Method(t.ID, name), true
}

// caught prints the panic of a method as fmt does: <nil> for a nil receiver, else
// %!v(PANIC=String method: text).
func (p *printer) caught(name string, t *Type, v reflect.Value, verb rune) {
	r := recover()
	if r == nil {
		return
	}
	if u, ok := r.(*host.Unwind); ok {
		panic(u)
	}
	if t.Kind == reflect.Pointer && v.IsNil() {
		io.WriteString(p, "<nil>")
		return
	}
	fmt.Fprintf(p, "%%!%c(PANIC=%s method: %v)", verb, name, Translate(r))
}

// sortedKeys are the keys of a map in fmt's order: by value within a kind, nil
// before all else, structs and arrays part by part.
func sortedKeys(m reflect.Value) []reflect.Value {
	keys := m.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool { return compareKeys(keys[i], keys[j]) < 0 })
	return keys
}

func compareKeys(a, b reflect.Value) int {
	if a.IsValid() != b.IsValid() {
		if a.IsValid() {
			return 1
		}
		return -1
	}
	if !a.IsValid() {
		return 0
	}
	if a.Kind() != b.Kind() {
		return compareOrdered(int(a.Kind()), int(b.Kind()))
	}
	switch a.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return compareOrdered(a.Int(), b.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return compareOrdered(a.Uint(), b.Uint())
	case reflect.Float32, reflect.Float64:
		return compareOrdered(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		if c := compareOrdered(real(a.Complex()), real(b.Complex())); c != 0 {
			return c
		}
		return compareOrdered(imag(a.Complex()), imag(b.Complex()))
	case reflect.String:
		return compareOrdered(a.String(), b.String())
	case reflect.Bool:
		switch {
		case a.Bool() == b.Bool():
			return 0
		case b.Bool():
			return -1
		}
		return 1
	case reflect.Pointer, reflect.UnsafePointer, reflect.Chan:
		return compareOrdered(a.Pointer(), b.Pointer())
	case reflect.Struct:
		for i := range a.NumField() {
			if c := compareKeys(a.Field(i), b.Field(i)); c != 0 {
				return c
			}
		}
	case reflect.Array:
		for i := range a.Len() {
			if c := compareKeys(a.Index(i), b.Index(i)); c != 0 {
				return c
			}
		}
	case reflect.Interface:
		return compareKeys(a.Elem(), b.Elem())
	}
	return 0
}

// compareOrdered puts NaN before all numbers, as fmt does.
func compareOrdered[T int | int64 | uint64 | float64 | string | uintptr](a, b T) int {
	switch {
	case a < b || a != a && b == b:
		return -1
	case a > b || b != b && a == a:
		return 1
	}
	return 0
}

// operands makes operands ready for fmt's formatted printing: what fmt decides by
// the operand's own type, before it asks any method, is decided here. %T of a box
// prints the name of the cell's type, %p the address that the box holds.
func operands(format string, args []any) (string, []any) {
	if !hasBox(args) {
		return format, args
	}
	var directives []directive
	special := false
	for at, argument := 0, 0; at < len(format); {
		d, ok := nextDirective(format, at, &argument, args)
		if !ok {
			break
		}
		at = d.end
		directives = append(directives, d)
		special = special || d.verb == 'T' || d.verb == 'p'
	}
	if !special {
		return format, args
	}
	// Each such operand may be printed by other verbs too, so its stand-in is an
	// operand of its own at the end, and every directive names its operand. Where
	// nothing was indexed and each operand is used once, places do not change, so
	// that fmt still counts operands too many and too few.
	out := append([]any(nil), args...)
	indexed, stars := false, false
	for _, d := range directives {
		indexed, stars = indexed || d.indexed, stars || d.stars
	}
	if indexed && stars {
		return format, args
	}
	var text []byte
	last := 0
	for _, d := range directives {
		verb, operand := string(d.verb), d.operand
		if operand >= 0 && operand < len(args) && (d.verb == 'T' || d.verb == 'p') {
			if b, ok := AsBox(args[operand]); ok {
				stand := b.V
				if d.verb == 'T' {
					stand, verb = TypeOf(b.ID).Name, "s"
				}
				if indexed {
					out = append(out, stand)
					operand = len(out) - 1
				} else {
					out[operand] = stand
				}
			}
		}
		text = append(text, format[last:d.verbAt-d.indexLen]...)
		if indexed && operand >= 0 {
			text = append(text, "["+strconv.Itoa(operand+1)+"]"...)
		}
		text = append(text, verb...)
		last = d.end
	}
	return string(append(text, format[last:]...)), out
}

// directive is one %… of a format. Offsets are of bytes.
type directive struct {
	start, verbAt, end int
	verb               rune
	operand            int  // index of its operand; -1 none
	indexed            bool // has an explicit index before its verb
	indexLen           int  // length of that index text
	stars              bool // takes width or precision from operands
}

func nextDirective(format string, at int, argument *int, args []any) (directive, bool) {
	for at < len(format) && format[at] != '%' {
		at++
	}
	if at >= len(format) {
		return directive{}, false
	}
	d := directive{start: at, operand: -1}
	at++
	for at < len(format) && (format[at] == '+' || format[at] == '-' || format[at] == '#' || format[at] == ' ' || format[at] == '0') {
		at++
	}
	index := func() {
		if at < len(format) && format[at] == '[' {
			end := at
			for end < len(format) && format[end] != ']' {
				end++
			}
			if end < len(format) {
				if n, err := strconv.Atoi(format[at+1 : end]); err == nil {
					*argument = n - 1
					d.indexed, d.indexLen = true, end+1-at
				}
				at = end + 1
			}
		}
	}
	number := func() {
		index()
		if at < len(format) && format[at] == '*' {
			*argument++
			at++
			d.indexed, d.indexLen, d.stars = false, 0, true
			return
		}
		for at < len(format) && format[at] >= '0' && format[at] <= '9' {
			at++
		}
	}
	number()
	if at < len(format) && format[at] == '.' {
		at++
		number()
	}
	if !d.indexed {
		index()
	}
	if at >= len(format) {
		return directive{}, false
	}
	verb, size := utf8.DecodeRuneInString(format[at:])
	d.verb, d.verbAt, d.end = verb, at, at+size
	if verb != '%' {
		d.operand = *argument
		*argument++
	}
	return d, true
}

func hasBox(args []any) bool {
	for _, a := range args {
		if _, ok := a.(boxed); ok {
			return true
		}
	}
	return false
}

// stringOperands makes operands ready for Print, which puts no space beside a string,
// also if the string is of a cell's type.
func stringOperands(args []any) []any {
	var out []any
	for i, a := range args {
		if b, ok := a.(boxed); ok && TypeOf(b.box().ID).Kind == reflect.String {
			if out == nil {
				out = append(out, args...)
			}
			out[i] = fmt.Sprint(a)
		}
	}
	if out == nil {
		return args
	}
	return out
}
