package rt

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"go/token"
	"io"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"unicode"
)

// Package encoding/json finds names, tags and embedding by reflection, which in
// erased structs it would find wrong. So a box writes itself (MarshalJSON), and
// what decodes into a cell's type comes here, with the rules of encoding/json
// walked over the type's descriptor; values of compiled types are left to it.

func (b Box) MarshalJSON() ([]byte, error)         { return marshal(b) }
func (b StringBox) MarshalJSON() ([]byte, error)   { return marshal(Box(b)) }
func (b ErrorBox) MarshalJSON() ([]byte, error)    { return marshal(Box(b)) }
func (b ErrorBoxI) MarshalJSON() ([]byte, error)   { return marshal(Box(b)) }
func (b ErrorBoxA) MarshalJSON() ([]byte, error)   { return marshal(Box(b)) }
func (b ErrorBoxIA) MarshalJSON() ([]byte, error)  { return marshal(Box(b)) }
func (b ErrorBoxU) MarshalJSON() ([]byte, error)   { return marshal(Box(b)) }
func (b ErrorBoxUI) MarshalJSON() ([]byte, error)  { return marshal(Box(b)) }
func (b ErrorBoxUA) MarshalJSON() ([]byte, error)  { return marshal(Box(b)) }
func (b ErrorBoxUIA) MarshalJSON() ([]byte, error) { return marshal(Box(b)) }
func (b ErrorBoxM) MarshalJSON() ([]byte, error)   { return marshal(Box(b)) }
func (b ErrorBoxMI) MarshalJSON() ([]byte, error)  { return marshal(Box(b)) }
func (b ErrorBoxMA) MarshalJSON() ([]byte, error)  { return marshal(Box(b)) }
func (b ErrorBoxMIA) MarshalJSON() ([]byte, error) { return marshal(Box(b)) }

func marshal(b Box) ([]byte, error) {
	var e jsonEncoder
	if err := e.value(b.ID, reflect.ValueOf(b.V)); err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}

// JSONMarshal is json.Marshal for a value that may be of a cell's type.
func JSONMarshal(v any) ([]byte, error) {
	out, err := json.Marshal(v)
	return out, unwrapMarshaler(err)
}

// JSONMarshalIndent is json.MarshalIndent.
func JSONMarshalIndent(v any, prefix, indent string) ([]byte, error) {
	out, err := json.MarshalIndent(v, prefix, indent)
	return out, unwrapMarshaler(err)
}

// JSONEncode is the method Encode of a json.Encoder.
func JSONEncode(e *json.Encoder, v any) error { return unwrapMarshaler(e.Encode(v)) }

// unwrapMarshaler takes off what encoding/json says about the method of the box,
// which the learner does not know.
func unwrapMarshaler(err error) error {
	var m *json.MarshalerError
	for errors.As(err, &m) && m.Type != nil && m.Type.Implements(reflect.TypeFor[boxed]()) {
		err = m.Err
	}
	return err
}

// JSONUnmarshal is json.Unmarshal.
func JSONUnmarshal(data []byte, v any) error {
	b, ok := decodeTarget(v)
	if !ok {
		return json.Unmarshal(data, v)
	}
	var raw json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	return decodeBox(raw, b, jsonDecoder{})
}

// JSONDecode is the method Decode of a json.Decoder.
func JSONDecode(d *json.Decoder, v any) error {
	b, ok := decodeTarget(v)
	if !ok {
		return d.Decode(v)
	}
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	// The settings of a decoder can be asked by reflection only.
	flag := func(name string) bool {
		inner := reflect.ValueOf(d).Elem().FieldByName("d")
		if inner.Kind() != reflect.Struct {
			return false
		}
		f := inner.FieldByName(name)
		return f.Kind() == reflect.Bool && f.Bool()
	}
	return decodeBox(raw, b, jsonDecoder{strict: flag("disallowUnknownFields"), numbers: flag("useNumber")})
}

// decodeTarget is what is to be decoded into: v, or a pointer in the interface value
// that it points to, when it is of a cell's type.
func decodeTarget(v any) (Box, bool) {
	if p, ok := v.(*any); ok && p != nil {
		if b, ok := AsBox(*p); ok && TypeOf(b.ID).Kind == reflect.Pointer {
			return b, true
		}
	}
	return AsBox(v)
}

func decodeBox(raw []byte, b Box, d jsonDecoder) error {
	t, v := TypeOf(b.ID), reflect.ValueOf(b.V)
	if t.Kind != reflect.Pointer || v.Kind() != reflect.Pointer || v.IsNil() {
		if t.Kind == reflect.Pointer {
			return fmt.Errorf("json: Unmarshal(nil %s)", t.Name)
		}
		return fmt.Errorf("json: Unmarshal(non-pointer %s)", t.Name)
	}
	if err := d.value(t.Elem, raw, v.Elem()); err != nil {
		return err
	}
	return d.first
}

// jsonMethod is a method of the type or, where v has an address, of its pointer,
// and the receiver to call it with.
func jsonMethod(id int, v reflect.Value, name string) (body, receiver any) {
	if id == 0 {
		return nil, nil
	}
	if HasMethod(id, name) {
		return Method(id, name), v.Interface()
	}
	if v.CanAddr() {
		if p := TypeOf(id).Pointer; p != 0 && HasMethod(p, name) {
			return Method(p, name), v.Addr().Interface()
		}
	}
	return nil, nil
}

// jsonField is a field as JSON sees it.
type jsonField struct {
	name                        string
	path                        []int
	through                     []string // embedded structs that it is promoted through
	id                          int
	omitEmpty, omitZero, quoted bool
	tagged                      bool
}

// structType is a struct type of a cell (id) or a compiled one (native).
type structType struct {
	id     int
	native reflect.Type // the erased type where id is not 0
	path   []int
	names  []string // of the embedded fields that lead to it
}

type rawField struct {
	name     string
	tag      reflect.StructTag
	embedded bool
	id       int
	erased   reflect.Type
}

func (s structType) fields() []rawField {
	var out []rawField
	if s.id != 0 {
		for i, f := range TypeOf(s.id).Fields {
			out = append(out, rawField{f.Name, reflect.StructTag(f.Tag), f.Embedded, f.Type, s.native.Field(i).Type})
		}
		return out
	}
	for i := range s.native.NumField() {
		f := s.native.Field(i)
		out = append(out, rawField{f.Name, f.Tag, f.Anonymous, 0, f.Type})
	}
	return out
}

// key tells a struct type from all others.
func (s structType) key() any {
	if s.id != 0 {
		return s.id
	}
	return s.native
}

// jsonFields are the fields of a struct by encoding/json's rules: embedded structs
// are flattened, the shallowest and then the tagged field of a name wins, and
// where two tie none is there.
func jsonFields(id int, erased reflect.Type) []jsonField {
	next := []structType{{id: id, native: erased}}
	visited := map[any]bool{}
	found := map[string][]jsonField{}
	var order []jsonField
	for len(next) > 0 {
		current := next
		next = nil
		level := map[string][]jsonField{}
		for _, s := range current {
			if visited[s.key()] {
				continue
			}
			visited[s.key()] = true
			for i, f := range s.fields() {
				tag := f.tag.Get("json")
				elem, elemID := f.erased, f.id
				pointer := elem.Kind() == reflect.Pointer
				if pointer {
					elem = elem.Elem()
					if elemID != 0 {
						elemID = TypeOf(elemID).Elem
					}
				}
				isStruct := elem.Kind() == reflect.Struct && (elemID == 0 || TypeOf(elemID).Kind == reflect.Struct)
				if f.embedded && !token.IsExported(f.name) && !isStruct || !f.embedded && !token.IsExported(f.name) || tag == "-" {
					continue
				}
				name, options, _ := strings.Cut(tag, ",")
				if !validJSONName(name) {
					name = ""
				}
				path := append(append([]int(nil), s.path...), i)
				if name == "" && f.embedded && isStruct {
					next = append(next, structType{elemID, elem, path, append(append([]string(nil), s.names...), f.name)})
					continue
				}
				field := jsonField{name: name, path: path, through: s.names, id: f.id, tagged: name != ""}
				if name == "" {
					field.name = f.name
				}
				for _, o := range strings.Split(options, ",") {
					switch o {
					case "omitempty":
						field.omitEmpty = true
					case "omitzero":
						field.omitZero = true
					case "string":
						switch elem.Kind() {
						case reflect.Bool, reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
							reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64:
							field.quoted = true
						}
					}
				}
				level[field.name] = append(level[field.name], field)
			}
		}
		for name, fields := range level {
			if _, hidden := found[name]; !hidden {
				found[name] = fields
			}
		}
	}
	for _, fields := range found {
		var tagged []jsonField
		for _, f := range fields {
			if f.tagged {
				tagged = append(tagged, f)
			}
		}
		switch {
		case len(tagged) == 1:
			order = append(order, tagged[0])
		case len(tagged) == 0 && len(fields) == 1:
			order = append(order, fields[0])
		}
	}
	sort.Slice(order, func(i, j int) bool {
		a, b := order[i].path, order[j].path
		for k := range min(len(a), len(b)) {
			if a[k] != b[k] {
				return a[k] < b[k]
			}
		}
		return len(a) < len(b)
	})
	return order
}

func validJSONName(name string) bool {
	for _, c := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return name != ""
}

type jsonEncoder struct{ bytes.Buffer }

func (e *jsonEncoder) value(id int, v reflect.Value) error {
	if !v.IsValid() {
		e.WriteString("null")
		return nil
	}
	if id == 0 || TypeOf(id).Kind == reflect.Interface {
		return e.native(v)
	}
	t := TypeOf(id)
	if t.Kind == reflect.Pointer && v.IsNil() {
		e.WriteString("null")
		return nil
	}
	if body, receiver := jsonMethod(id, v, "MarshalJSON"); body != nil {
		if f, ok := body.(func(any) ([]byte, error)); ok {
			out, err := f(receiver)
			if err == nil {
				err = json.Compact(&e.Buffer, out)
			}
			if err != nil {
				return &json.MarshalerError{Type: nameType(id, v.Type()), Err: err}
			}
			return nil
		}
	}
	if body, receiver := jsonMethod(id, v, "MarshalText"); body != nil {
		if f, ok := body.(func(any) ([]byte, error)); ok {
			text, err := f(receiver)
			if err != nil {
				return fmt.Errorf("json: error calling MarshalText for type %s: %w", t.Name, err)
			}
			return e.leaf(string(text))
		}
	}
	v = bareValue(t, v)
	switch t.Kind {
	case reflect.Pointer:
		return e.value(t.Elem, v.Elem())
	case reflect.Struct:
		return e.structure(id, v)
	case reflect.Map:
		return e.mapping(t, v)
	case reflect.Slice, reflect.Array:
		if t.Kind == reflect.Slice && v.IsNil() {
			e.WriteString("null")
			return nil
		}
		if t.Kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return e.leaf(base64.StdEncoding.EncodeToString(bytesOf(v)))
		}
		e.WriteByte('[')
		for i := range v.Len() {
			if i > 0 {
				e.WriteByte(',')
			}
			if err := e.value(t.Elem, v.Index(i)); err != nil {
				return err
			}
		}
		e.WriteByte(']')
		return nil
	case reflect.Chan, reflect.Func, reflect.Complex64, reflect.Complex128:
		return &json.UnsupportedTypeError{Type: nameType(id, v.Type())}
	}
	return e.leaf(basic(v))
}

// native writes a value of a compiled type; boxes inside write themselves.
func (e *jsonEncoder) native(v reflect.Value) error {
	if v.CanAddr() && v.Kind() != reflect.Interface && v.Kind() != reflect.Pointer {
		if _, ok := v.Addr().Interface().(json.Marshaler); ok {
			v = v.Addr()
		} else if _, ok := v.Addr().Interface().(encoding.TextMarshaler); ok {
			v = v.Addr()
		}
	}
	return e.leaf(v.Interface())
}

// leaf leaves the value to encoding/json. HTML is escaped by whoever asked for the
// whole, if at all.
func (e *jsonEncoder) leaf(v any) error {
	inner := json.NewEncoder(&e.Buffer)
	inner.SetEscapeHTML(false)
	if err := inner.Encode(v); err != nil {
		return err
	}
	e.Truncate(e.Len() - 1) // the newline
	return nil
}

func (e *jsonEncoder) structure(id int, v reflect.Value) error {
	e.WriteByte('{')
	first := true
	for _, f := range jsonFields(id, v.Type()) {
		part, ok := follow(v, f.path, false)
		if !ok || f.omitEmpty && isEmpty(part) || f.omitZero && isZero(f.id, part) {
			continue
		}
		if !first {
			e.WriteByte(',')
		}
		first = false
		if err := e.leaf(f.name); err != nil {
			return err
		}
		e.WriteByte(':')
		if !f.quoted {
			if err := e.value(f.id, part); err != nil {
				return err
			}
			continue
		}
		var inner jsonEncoder
		if err := inner.value(f.id, part); err != nil {
			return err
		}
		if inner.String() == "null" {
			e.WriteString("null")
		} else if err := e.leaf(inner.String()); err != nil {
			return err
		}
	}
	e.WriteByte('}')
	return nil
}

func (e *jsonEncoder) mapping(t *Type, v reflect.Value) error {
	if v.IsNil() {
		e.WriteString("null")
		return nil
	}
	type entry struct {
		key   string
		value reflect.Value
	}
	var entries []entry
	for _, k := range v.MapKeys() {
		key, err := jsonKey(t.Key, k)
		if err != nil {
			return err
		}
		entries = append(entries, entry{key, v.MapIndex(k)})
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].key < entries[j].key })
	e.WriteByte('{')
	for i, en := range entries {
		if i > 0 {
			e.WriteByte(',')
		}
		if err := e.leaf(en.key); err != nil {
			return err
		}
		e.WriteByte(':')
		if err := e.value(t.Elem, en.value); err != nil {
			return err
		}
	}
	e.WriteByte('}')
	return nil
}

func jsonKey(id int, k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if body, receiver := jsonMethod(id, k, "MarshalText"); body != nil {
		if f, ok := body.(func(any) ([]byte, error)); ok {
			text, err := f(receiver)
			return string(text), err
		}
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), nil
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", fmt.Errorf("json: unsupported type: map with keys of type %s", nameOf(id, k.Type()))
}

func nameOf(id int, t reflect.Type) string {
	if id != 0 {
		return TypeOf(id).Name
	}
	return t.String()
}

func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(id int, v reflect.Value) bool {
	if body, receiver := jsonMethod(id, v, "IsZero"); body != nil {
		if f, ok := body.(func(any) bool); ok {
			return f(receiver)
		}
	}
	if id == 0 && v.CanInterface() {
		if z, ok := v.Interface().(interface{ IsZero() bool }); ok && !(v.Kind() == reflect.Pointer && v.IsNil()) {
			return z.IsZero()
		}
	}
	return v.IsZero()
}

// follow walks from a struct to a field, through embedded pointers: a nil one ends
// the walk, or is filled.
func follow(v reflect.Value, path []int, fill bool) (reflect.Value, bool) {
	for i, step := range path {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				if !fill || !v.CanSet() {
					return v, false
				}
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(step)
	}
	return v, true
}

// jsonDecoder decodes into erased values. Like encoding/json it goes on after a
// value of a wrong type and reports the first.
type jsonDecoder struct {
	strict, numbers bool
	first           error
	where           []string // struct type and field names on the way
	at              int      // where the value begins in the whole
}

// namedType is the erased type of values of a cell's type, with the cell's name.
type namedType struct {
	reflect.Type
	name string
}

func (t namedType) String() string { return t.name }
func (t namedType) Name() string   { return t.name[strings.LastIndexByte(t.name, '.')+1:] }

func nameType(id int, t reflect.Type) reflect.Type {
	if id == 0 {
		return t
	}
	return namedType{t, TypeOf(id).Name}
}

// mismatch notes that the value before an offset cannot be stored.
func (d *jsonDecoder) mismatch(what string, raw []byte, t reflect.Type) {
	if d.first != nil {
		return
	}
	err := &json.UnmarshalTypeError{Value: what, Type: t, Offset: int64(d.at + len(raw))}
	if raw[0] == '{' || raw[0] == '[' {
		err.Offset = int64(d.at + 1)
	}
	if len(d.where) > 0 {
		err.Struct, err.Field = d.where[0], strings.Join(d.where[1:], ".")
	}
	d.first = err
}

func jsonKind(raw []byte) string {
	switch raw[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "bool"
	}
	return "number"
}

func (d *jsonDecoder) value(id int, raw []byte, v reflect.Value) error {
	d.at += len(raw) - len(bytes.TrimLeft(raw, " \t\r\n"))
	raw = bytes.TrimSpace(raw)
	null := string(raw) == "null"
	if v.Kind() == reflect.Interface {
		return d.iface(id, raw, v)
	}
	if id == 0 {
		return d.native(id, raw, v)
	}
	t := TypeOf(id)
	if t.Kind == reflect.Pointer {
		if null {
			v.SetZero()
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return d.value(t.Elem, raw, v.Elem())
	}
	if body, receiver := jsonMethod(id, v, "UnmarshalJSON"); body != nil {
		if f, ok := body.(func(any, []byte) error); ok {
			return f(receiver, raw)
		}
	}
	if raw[0] == '"' {
		if body, receiver := jsonMethod(id, v, "UnmarshalText"); body != nil {
			if f, ok := body.(func(any, []byte) error); ok {
				var text string
				if err := json.Unmarshal(raw, &text); err != nil {
					return err
				}
				return f(receiver, []byte(text))
			}
		}
	}
	v = bareValue(t, v)
	if null {
		switch t.Kind {
		case reflect.Map, reflect.Slice:
			v.SetZero()
		}
		return nil
	}
	switch t.Kind {
	case reflect.Struct:
		return d.structure(id, raw, v)
	case reflect.Map:
		return d.mapping(t, raw, v)
	case reflect.Slice, reflect.Array:
		if t.Kind == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 && raw[0] == '"' {
			var b []byte
			err := json.Unmarshal(raw, &b)
			v.Set(reflect.ValueOf(b).Convert(v.Type()))
			return err
		}
		return d.sequence(t, raw, v)
	}
	return d.native(id, raw, v)
}

// iface decodes into an interface value: into what a pointer in it points to, or a
// fresh value where the interface has no methods.
func (d *jsonDecoder) iface(id int, raw []byte, v reflect.Value) error {
	null := string(raw) == "null"
	if b, ok := AsBox(v.Interface()); ok && !null && TypeOf(b.ID).Kind == reflect.Pointer {
		if p := reflect.ValueOf(b.V); !p.IsNil() {
			return d.value(TypeOf(b.ID).Elem, raw, p.Elem())
		}
	}
	if id != 0 && len(TypeOf(id).Methods) > 0 {
		if null {
			v.SetZero()
		} else {
			d.mismatch(jsonKind(raw), raw, nameType(id, v.Type()))
		}
		return nil
	}
	if null || v.Type().NumMethod() > 0 || v.IsNil() || v.Elem().Kind() != reflect.Pointer {
		return d.native(0, raw, v)
	}
	return d.native(0, raw, v.Elem().Elem())
}

func (d *jsonDecoder) native(id int, raw []byte, v reflect.Value) error {
	inner := json.NewDecoder(bytes.NewReader(raw))
	if d.strict {
		inner.DisallowUnknownFields()
	}
	if d.numbers {
		inner.UseNumber()
	}
	err := inner.Decode(v.Addr().Interface())
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		wrong.Offset += int64(d.at)
		if wrong.Type == v.Type() {
			wrong.Type = nameType(id, wrong.Type)
		}
		if len(d.where) > 0 {
			fields := d.where[1:]
			if wrong.Field != "" {
				fields = append(append([]string(nil), fields...), wrong.Field)
			}
			wrong.Struct, wrong.Field = d.where[0], strings.Join(fields, ".")
		}
		if d.first == nil {
			d.first = wrong
		}
		return nil
	}
	return err
}

func (d *jsonDecoder) structure(id int, raw []byte, v reflect.Value) error {
	if raw[0] != '{' {
		d.mismatch(jsonKind(raw), raw, nameType(id, v.Type()))
		return nil
	}
	fields := jsonFields(id, v.Type())
	base := d.at
	return eachMember(raw, func(key string, member []byte, at int) error {
		d.at = base + at
		f := matchField(fields, key)
		if f == nil {
			if d.strict {
				return fmt.Errorf("json: unknown field %q", key)
			}
			return nil
		}
		part, ok := follow(v, f.path, true)
		if !ok {
			return nil
		}
		if f.quoted {
			var text string
			if json.Unmarshal(member, &text) == nil {
				member = []byte(text)
			}
		}
		was := d.where
		if len(was) == 0 {
			d.where = []string{strings.TrimPrefix(TypeOf(id).Name, "main.")}
		}
		d.where = append(append(append([]string(nil), d.where...), f.through...), f.name)
		err := d.value(f.id, member, part)
		d.where = was
		return err
	})
}

func matchField(fields []jsonField, key string) *jsonField {
	for i := range fields {
		if fields[i].name == key {
			return &fields[i]
		}
	}
	for i := range fields {
		if strings.EqualFold(fields[i].name, key) {
			return &fields[i]
		}
	}
	return nil
}

// eachMember calls f for the members of an object, in order.
// f is told where the value begins.
func eachMember(raw []byte, f func(key string, value []byte, at int) error) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := f(key.(string), value, int(d.InputOffset())-len(value)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	if err == io.EOF {
		err = nil
	}
	return err
}

func (d *jsonDecoder) mapping(t *Type, raw []byte, v reflect.Value) error {
	if raw[0] != '{' {
		d.mismatch(jsonKind(raw), raw, nameType(t.ID, v.Type()))
		return nil
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	base := d.at
	return eachMember(raw, func(key string, member []byte, at int) error {
		d.at = base + at
		k := reflect.New(v.Type().Key()).Elem()
		body, receiver := jsonMethod(t.Key, k, "UnmarshalText")
		f, text := body.(func(any, []byte) error)
		switch {
		case text:
			if err := f(receiver, []byte(key)); err != nil {
				return err
			}
		case k.Kind() == reflect.String:
			k.SetString(key)
		case k.CanInt():
			n, err := strconv.ParseInt(key, 10, k.Type().Bits())
			if err != nil {
				d.mismatch("number "+key, raw[:1], nameType(t.Key, k.Type()))
				return nil
			}
			k.SetInt(n)
		case k.CanUint():
			n, err := strconv.ParseUint(key, 10, k.Type().Bits())
			if err != nil {
				d.mismatch("number "+key, raw[:1], nameType(t.Key, k.Type()))
				return nil
			}
			k.SetUint(n)
		default:
			if u, ok := k.Addr().Interface().(encoding.TextUnmarshaler); ok {
				if err := u.UnmarshalText([]byte(key)); err != nil {
					return err
				}
				break
			}
			d.mismatch("object", raw, nameType(t.ID, v.Type()))
			return nil
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(t.Elem, member, elem); err != nil {
			return err
		}
		v.SetMapIndex(k, elem)
		return nil
	})
}

func (d *jsonDecoder) sequence(t *Type, raw []byte, v reflect.Value) error {
	if raw[0] != '[' {
		d.mismatch(jsonKind(raw), raw, nameType(t.ID, v.Type()))
		return nil
	}
	var parts []json.RawMessage
	var places []int
	in := json.NewDecoder(bytes.NewReader(raw))
	if _, err := in.Token(); err != nil {
		return err
	}
	for in.More() {
		var part json.RawMessage
		if err := in.Decode(&part); err != nil {
			return err
		}
		parts, places = append(parts, part), append(places, int(in.InputOffset())-len(part))
	}
	if t.Kind == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(parts), len(parts)))
	}
	base := d.at
	for i := range v.Len() {
		if i >= len(parts) {
			v.Index(i).SetZero()
			continue
		}
		d.at = base + places[i]
		if err := d.value(t.Elem, parts[i], v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}
