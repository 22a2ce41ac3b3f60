package rt

import (
	"fmt"
	"go/token"
	"reflect"
	"sort"
	"strings"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// MimeBundle is the bundle by which a value of a cell's type shows itself, if it
// has the method.
func MimeBundle(v any) (display.Bundle, bool) {
	b, ok := AsBox(v)
	if !ok || !HasMethod(b.ID, "MimeBundle") {
		return nil, false
	}
	f, ok := Method(b.ID, "MimeBundle").(func(any) display.Bundle)
	if !ok {
		return nil, false
	}
	return f(b.V), true
}

// Describe tells of a value what the learner wrote: names of types and fields as
// in the cell, though boxes and erased structs know neither.
func Describe(v any) host.Description {
	b, ok := AsBox(v)
	if !ok {
		d := host.Reflect(v)
		d.Type = learners(d.Type)
		return d
	}
	t := TypeOf(b.ID)
	d := host.Description{Type: learners(t.Name), Kind: t.Kind, Text: fmt.Sprint(v)}
	rv := bareValue(t, reflect.ValueOf(b.V))
	if t.Kind == reflect.Pointer && !rv.IsNil() {
		if elem := t.ElemType(); elem != nil && elem.Kind == reflect.Struct {
			t, rv = elem, rv.Elem()
		}
	}
	switch t.Kind {
	case reflect.Struct:
		for i, f := range t.Fields {
			typeName := f.TypeName
			if f.Type != 0 {
				typeName = TypeOf(f.Type).Name
			}
			d.Fields = append(d.Fields, host.Field{
				Name: f.Name, Type: learners(typeName), Tag: reflect.StructTag(f.Tag),
				Exported: token.IsExported(f.Name), Embedded: f.Embedded, Value: part(f.Type, rv.Field(i)),
			})
		}
	case reflect.Slice, reflect.Array:
		for i := range rv.Len() {
			d.Items = append(d.Items, host.Item{Key: i, Value: part(t.Elem, rv.Index(i))})
		}
	case reflect.Map:
		for _, k := range rv.MapKeys() {
			d.Items = append(d.Items, host.Item{Key: part(t.Key, k), Value: part(t.Elem, rv.MapIndex(k))})
		}
		sort.SliceStable(d.Items, func(i, j int) bool { return before(d.Items[i].Key, d.Items[j].Key) })
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		d.Value = host.Reflect(rv.Interface()).Value
	}
	return d
}

// bareValue takes the value out of the struct that a recursive type is wrapped in.
func bareValue(t *Type, v reflect.Value) reflect.Value {
	if t.Wrapped && v.Kind() == reflect.Struct && v.NumField() == 1 {
		return v.Field(0)
	}
	return v
}

// part is a component of a value: in a box if its type is a cell's.
func part(id int, v reflect.Value) any {
	if v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		return v.Interface()
	}
	if id == 0 || TypeOf(id).Kind == reflect.Interface {
		return v.Interface()
	}
	return Rebox(Box{id, v.Interface()})
}

// learners strips the package that learners never wrote.
func learners(typeName string) string { return strings.ReplaceAll(typeName, "main.", "") }

// before orders map keys as fmt does, as far as they are of basic kinds.
func before(a, b any) bool {
	x, y := reflect.ValueOf(Unbox(a)), reflect.ValueOf(Unbox(b))
	if x.IsValid() && y.IsValid() && x.Kind() == y.Kind() {
		switch {
		case x.CanInt():
			return x.Int() < y.Int()
		case x.CanUint():
			return x.Uint() < y.Uint()
		case x.CanFloat():
			return x.Float() < y.Float()
		case x.Kind() == reflect.String:
			return x.String() < y.String()
		}
	}
	return fmt.Sprint(a) < fmt.Sprint(b)
}
