package rt

import (
	"fmt"
	"io"
	"strconv"
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

func appendBuiltin(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(b, v...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int8:
		return strconv.AppendInt(b, int64(v), 10)
	case int16:
		return strconv.AppendInt(b, int64(v), 10)
	case int32:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case uint:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint8:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint16:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint32:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case uintptr:
		return strconv.AppendUint(b, uint64(v), 10)
	case float32:
		return appendFloat(b, float64(v))
	case float64:
		return appendFloat(b, v)
	case complex64:
		return appendComplex(b, complex128(v))
	case complex128:
		return appendComplex(b, v)
	case nil:
		return append(b, "nil"...)
	}
	return fmt.Appendf(b, "%p", Unbox(v))
}

// appendFloat writes like the runtime's printfloat: +1.500000e+000.
func appendFloat(b []byte, f float64) []byte {
	switch {
	case f != f:
		return append(b, "NaN"...)
	case f > 1.7976931348623157e308:
		return append(b, "+Inf"...)
	case f < -1.7976931348623157e308:
		return append(b, "-Inf"...)
	}
	s := fmt.Sprintf("%+.6e", f)
	// The exponent has at least two digits; the runtime writes three.
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '+' || s[i] == '-' {
			if len(s)-i-1 == 2 {
				s = s[:i+1] + "0" + s[i+1:]
			}
			break
		}
	}
	return append(b, s...)
}

func appendComplex(b []byte, c complex128) []byte {
	b = append(b, '(')
	b = appendFloat(b, real(c))
	b = appendFloat(b, imag(c))
	return append(b, "i)"...)
}
