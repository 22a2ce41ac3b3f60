package reflect

import "reflect"

// Names that mean the same in the standard package.
type (
	Kind         = reflect.Kind
	ChanDir      = reflect.ChanDir
	StructTag    = reflect.StructTag
	SelectDir    = reflect.SelectDir
	SliceHeader  = reflect.SliceHeader
	StringHeader = reflect.StringHeader
)

// Kinds.
const (
	Invalid       = reflect.Invalid
	Bool          = reflect.Bool
	Int           = reflect.Int
	Int8          = reflect.Int8
	Int16         = reflect.Int16
	Int32         = reflect.Int32
	Int64         = reflect.Int64
	Uint          = reflect.Uint
	Uint8         = reflect.Uint8
	Uint16        = reflect.Uint16
	Uint32        = reflect.Uint32
	Uint64        = reflect.Uint64
	Uintptr       = reflect.Uintptr
	Float32       = reflect.Float32
	Float64       = reflect.Float64
	Complex64     = reflect.Complex64
	Complex128    = reflect.Complex128
	Array         = reflect.Array
	Chan          = reflect.Chan
	Func          = reflect.Func
	Interface     = reflect.Interface
	Map           = reflect.Map
	Pointer       = reflect.Pointer
	Ptr           = reflect.Pointer
	Slice         = reflect.Slice
	String        = reflect.String
	Struct        = reflect.Struct
	UnsafePointer = reflect.UnsafePointer
)

// Directions.
const (
	RecvDir       = reflect.RecvDir
	SendDir       = reflect.SendDir
	BothDir       = reflect.BothDir
	SelectSend    = reflect.SelectSend
	SelectRecv    = reflect.SelectRecv
	SelectDefault = reflect.SelectDefault
)

// ValueError is the panic value of a method that a Value's kind does not have.
type ValueError struct {
	Method string
	Kind   Kind
}

func (e *ValueError) Error() string {
	if e.Kind == Invalid {
		return "reflect: call of " + e.Method + " on zero Value"
	}
	return "reflect: call of " + e.Method + " on " + e.Kind.String() + " Value"
}
