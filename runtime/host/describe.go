package host

import (
	"fmt"
	"reflect"
	"sort"
)

// Description is a value as the learner wrote it: in a cell, types are erased
// and boxed on their way through the kernel, and Describe undoes that.
type Description struct {
	Type   string       // "main.Point" is written "Point", as in the cell
	Kind   reflect.Kind // of the value's underlying type; Invalid for nil
	Text   string       // as fmt's %v shows it
	Fields []Field      // of a struct (or what a pointer to one points to)
	Items  []Item       // of a slice, array or map; maps in key order
	Value  any          // the bare value, where it is of a basic kind
}

// Field is a field of a struct. Value can be given to Describe again.
type Field struct {
	Name     string
	Type     string
	Tag      reflect.StructTag
	Exported bool
	Embedded bool
	Value    any
}

// Item is an element of a slice, array (Key is the int index) or map.
type Item struct{ Key, Value any }

// Describe tells what v is. It works inside and outside a kernel.
func Describe(v any) Description { return current().Describe(v) }

// Reflect is Describe for values of ordinary compiled types.
func Reflect(v any) Description {
	if v == nil {
		return Description{Type: "nil", Text: "<nil>"}
	}
	rv := reflect.ValueOf(v)
	d := Description{Type: rv.Type().String(), Kind: rv.Kind(), Text: fmt.Sprint(v)}
	s := rv
	if s.Kind() == reflect.Pointer && !s.IsNil() {
		s = s.Elem()
	}
	switch s.Kind() {
	case reflect.Struct:
		for i := range s.NumField() {
			f := s.Type().Field(i)
			field := Field{Name: f.Name, Type: f.Type.String(), Tag: f.Tag, Exported: f.IsExported(), Embedded: f.Anonymous}
			if f.IsExported() {
				field.Value = s.Field(i).Interface()
			} else {
				field.Value = readable(s.Field(i))
			}
			d.Fields = append(d.Fields, field)
		}
	case reflect.Slice, reflect.Array:
		for i := range s.Len() {
			if s.Index(i).CanInterface() {
				d.Items = append(d.Items, Item{i, s.Index(i).Interface()})
			}
		}
	case reflect.Map:
		keys := s.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return lessKey(keys[i], keys[j]) })
		for _, k := range keys {
			d.Items = append(d.Items, Item{k.Interface(), s.MapIndex(k).Interface()})
		}
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		d.Value = readable(s)
	}
	return d
}

// readable is the value of an unexported field, where it is of a basic kind, or its text.
func readable(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool()
	case reflect.String:
		return v.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return v.Uint()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return fmt.Sprint(v)
}

func lessKey(a, b reflect.Value) bool {
	switch {
	case a.CanInt() && b.CanInt():
		return a.Int() < b.Int()
	case a.CanUint() && b.CanUint():
		return a.Uint() < b.Uint()
	case a.CanFloat() && b.CanFloat():
		return a.Float() < b.Float()
	case a.Kind() == reflect.String && b.Kind() == reflect.String:
		return a.String() < b.String()
	}
	return fmt.Sprint(a) < fmt.Sprint(b)
}
