package rt

import (
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"unsafe"
)

// Stdout and Stderr write for the cell of the calling goroutine.
var (
	Stdout io.Writer = stream("stdout")
	Stderr io.Writer = stream("stderr")
)

type stream string

func (s stream) Write(p []byte) (int, error) {
	if len(p) > 0 {
		installed().Stream(CurrentCell(), string(s), p)
	}
	return len(p), nil
}

func (s stream) WriteString(text string) (int, error) { return s.Write([]byte(text)) }

// BuiltinPrint is print: args as the compiler's runtime writes them.
func BuiltinPrint(args ...any) {
	var b []byte
	for _, a := range args {
		b = appendBuiltin(b, a)
	}
	Stderr.Write(b)
}

// BuiltinPrintln is println.
func BuiltinPrintln(args ...any) {
	var b []byte
	for i, a := range args {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendBuiltin(b, a)
	}
	Stderr.Write(append(b, '\n'))
}

// appendBuiltin writes v as print does: by the kind of its type.
func appendBuiltin(b []byte, v any) []byte {
	if x, ok := v.(Printed); ok {
		return appendPrinted(b, x)
	}
	r := reflect.ValueOf(Unbox(v))
	switch r.Kind() {
	case reflect.Invalid:
		return append(b, "(0x0,0x0)"...)
	case reflect.String:
		return append(b, r.String()...)
	case reflect.Bool:
		return strconv.AppendBool(b, r.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, r.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(b, r.Uint(), 10)
	case reflect.Float32:
		return appendFloat(b, r.Float(), 32)
	case reflect.Float64:
		return appendFloat(b, r.Float(), 64)
	case reflect.Complex64:
		return appendComplex(b, r.Complex(), 32)
	case reflect.Complex128:
		return appendComplex(b, r.Complex(), 64)
	case reflect.Slice:
		return fmt.Appendf(b, "[%d/%d]%#x", r.Len(), r.Cap(), r.Pointer())
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Appendf(b, "%#x", r.Pointer())
	}
	return fmt.Appendf(b, "%v", v)
}

// Printed is an interface value given to print, which shows its two words.
type Printed struct{ V any }

func appendPrinted(b []byte, p Printed) []byte {
	if p.V == nil {
		return append(b, "(0x0,0x0)"...)
	}
	words := *(*[2]uintptr)(unsafe.Pointer(&p.V))
	return fmt.Appendf(b, "(%#x,%#x)", words[0], words[1])
}

// appendFloat writes as the runtime does since Go 1.26: the shortest decimal.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case f != f:
		return append(b, "NaN"...)
	case math.IsInf(f, 1):
		return append(b, "+Inf"...)
	case math.IsInf(f, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, f, 'g', -1, bits)
}

func appendComplex(b []byte, c complex128, bits int) []byte {
	b = append(b, '(')
	b = appendFloat(b, real(c), bits)
	if im := imag(c); im >= 0 && !math.IsInf(im, 1) && !math.Signbit(im) {
		b = append(b, '+')
	}
	b = appendFloat(b, imag(c), bits)
	return append(b, "i)"...)
}
