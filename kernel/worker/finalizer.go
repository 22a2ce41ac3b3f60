package worker

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"

	"netsplit/kernel/rt"
)

// setFinalizer is runtime.SetFinalizer. The finalizer runs as a goroutine of the cell
// that set it: on the runtime's own, its panic would end the worker, and a stop would
// end all finalizers. What the runtime dies of is a panic of the cell.
func setFinalizer(object, f any) {
	rt.WakerForever()
	object, f = rt.Unbox(object), rt.Unbox(f)
	p := reflect.ValueOf(object)
	switch {
	case object == nil:
		refuseFinalizer("first argument is nil")
	case p.Kind() != reflect.Pointer:
		refuseFinalizer("first argument is %T, not pointer", object)
	case p.IsNil():
		refuseFinalizer("pointer is nil")
	case f == nil:
		runtime.SetFinalizer(object, nil)
		return
	}
	v := reflect.ValueOf(f)
	if t := v.Type(); t.Kind() != reflect.Func {
		refuseFinalizer("second argument is %v, not a function", t)
	} else if t.NumIn() != 1 || t.IsVariadic() || !p.Type().AssignableTo(t.In(0)) {
		refuseFinalizer("cannot pass %v to finalizer %v", p.Type(), t)
	}
	owner := rt.CurrentOwner()
	one := reflect.FuncOf([]reflect.Type{p.Type()}, nil, false)
	runtime.SetFinalizer(object, reflect.MakeFunc(one, func(args []reflect.Value) []reflect.Value {
		rt.Become(owner)
		defer rt.Become(nil)
		rt.AfterFunc(0, func() { v.Call(args) })
		return nil
	}).Interface())
}

func refuseFinalizer(format string, args ...any) {
	panic(errors.New("runtime.SetFinalizer: " + fmt.Sprintf(format, args...)))
}
