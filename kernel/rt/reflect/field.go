package reflect

import (
	"go/token"
	"reflect"
)

// StructField describes a field.
type StructField struct {
	Name      string
	PkgPath   string // of an unexported field
	Type      Type
	Tag       StructTag
	Offset    uintptr
	Index     []int
	Anonymous bool
}

// IsExported tells whether the field is exported.
func (f StructField) IsExported() bool { return f.PkgPath == "" }

func (t *rtype) Field(i int) StructField {
	if t.Kind() != Struct {
		panic("reflect: Field of non-struct type " + t.String())
	}
	d := t.cell()
	if d == nil {
		f := t.real.Field(i)
		return StructField{f.Name, f.PkgPath, native(f.Type), f.Tag, f.Offset, f.Index, f.Anonymous}
	}
	if i < 0 || i >= len(d.Fields) {
		panic("reflect: Field index out of bounds")
	}
	fd := d.Fields[i]
	f := StructField{Name: fd.Name, Tag: StructTag(fd.Tag), Index: []int{i}, Anonymous: fd.Embedded}
	real := t.real.Field(i)
	f.Type, f.Offset = ofID(fd.Type, real.Type), real.Offset
	if !token.IsExported(fd.Name) {
		f.PkgPath = "main"
	}
	return f
}

func (t *rtype) FieldByIndex(index []int) StructField {
	var f StructField
	var at Type = t
	for i, x := range index {
		if i > 0 && at.Kind() == Pointer && at.Elem().Kind() == Struct {
			at = at.Elem()
		}
		f = at.Field(x)
		at = f.Type
	}
	return f
}

func (t *rtype) FieldByName(name string) (StructField, bool) {
	return t.FieldByNameFunc(func(s string) bool { return s == name })
}

// FieldByNameFunc looks level by level through embedded structs. Two fields on one
// level hide each other, and all below.
func (t *rtype) FieldByNameFunc(match func(string) bool) (found StructField, ok bool) {
	if t.Kind() != Struct {
		panic("reflect: FieldByNameFunc of non-struct type " + t.String())
	}
	type step struct {
		t     *rtype
		index []int
	}
	level := []step{{t, nil}}
	seen := map[*rtype]bool{}
	for len(level) > 0 {
		var next []step
		count := 0
		for _, s := range level {
			if seen[s.t] {
				continue
			}
			for i := range s.t.NumField() {
				f := s.t.Field(i)
				index := append(append([]int{}, s.index...), i)
				if match(f.Name) {
					count++
					found = f
					found.Index = index
					continue
				}
				if e := f.Type.common(); f.Anonymous {
					if e.Kind() == Pointer {
						e = e.elem()
					}
					if e.Kind() == Struct {
						next = append(next, step{e, index})
					}
				}
			}
		}
		for _, s := range level {
			seen[s.t] = true
		}
		if count > 0 {
			if count > 1 {
				return StructField{}, false
			}
			return found, true
		}
		level = next
	}
	return StructField{}, false
}

// VisibleFields are the fields of t, promoted ones included.
func VisibleFields(t Type) []StructField {
	if t == nil {
		panic("reflect: VisibleFields(nil)")
	}
	var all []StructField
	var walk func(at *rtype, index []int)
	walk = func(at *rtype, index []int) {
		for i := range at.NumField() {
			f := at.Field(i)
			f.Index = append(append([]int{}, index...), i)
			if first, ok := t.FieldByName(f.Name); ok && reflect.DeepEqual(first.Index, f.Index) {
				all = append(all, f)
			}
			if e := f.Type.common(); f.Anonymous {
				if e.Kind() == Pointer {
					e = e.elem()
				}
				if e.Kind() == Struct && len(f.Index) < 16 {
					walk(e, f.Index)
				}
			}
		}
	}
	walk(t.common(), nil)
	return all
}
