package rt

import "reflect"

// ErrorsAs is errors.As for a target of a cell's type: id is the type that target
// points to, or 0 when that is an interface of a cell with the methods of set; pointer
// is the id of the type that target itself has, for methods As.
func ErrorsAs(err error, target any, id int, set string, pointer int) bool {
	p := reflect.ValueOf(target)
	if p.IsNil() {
		panic("errors: target cannot be nil")
	}
	return asTree(err, func(err error) bool {
		b, ok := AsBox(err)
		switch {
		case id != 0:
			if !ok || b.ID != id {
				break
			}
			p.Elem().Set(reflect.ValueOf(b.V))
			return true
		case Implements(err, set):
			p.Elem().Set(reflect.ValueOf(Bare(err)))
			return true
		}
		if x, ok := err.(interface{ As(any) bool }); ok && x.As(Rebox(Box{pointer, target})) {
			return true
		}
		return false
	})
}

// asTree walks an error's tree as package errors does.
func asTree(err error, found func(error) bool) bool {
	for err != nil {
		if found(err) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			err = x.Unwrap()
		case interface{ Unwrap() []error }:
			for _, e := range x.Unwrap() {
				if asTree(e, found) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
