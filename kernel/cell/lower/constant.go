package lower

import (
	"fmt"
	"go/constant"
	"go/types"
	"math"
	"strconv"
)

// constantText is a folded constant as a literal of the emitted type of t.
func (p *pass) constantText(v constant.Value, t types.Type) string {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		panic(fmt.Sprintf("lower: constant of type %s", t))
	}
	name := p.typ(t)
	if b.Info()&types.IsUntyped != 0 {
		b = types.Default(b).(*types.Basic)
	}
	switch info := b.Info(); {
	case info&types.IsBoolean != 0:
		s := strconv.FormatBool(constant.BoolVal(v))
		if name == "bool" {
			return s
		}
		return name + "(" + s + ")"
	case info&types.IsString != 0:
		s := strconv.Quote(constant.StringVal(v))
		if name == "string" {
			return s
		}
		return name + "(" + s + ")"
	case info&types.IsInteger != 0:
		s := constant.ToInt(v).ExactString()
		if name == "int" {
			if s == "-9223372036854775808" {
				return "(-9223372036854775807 - 1)"
			}
			if s[0] == '-' {
				return "(" + s + ")"
			}
			return s
		}
		return name + "(" + s + ")"
	case info&types.IsFloat != 0:
		f, _ := constant.Float64Val(constant.ToFloat(v))
		if b.Kind() == types.Float32 {
			f32, _ := constant.Float32Val(constant.ToFloat(v))
			f = float64(f32)
		}
		return name + "(" + floatText(f) + ")"
	case info&types.IsComplex != 0:
		re, _ := constant.Float64Val(constant.Real(v))
		im, _ := constant.Float64Val(constant.Imag(v))
		if b.Kind() == types.Complex64 {
			r32, _ := constant.Float32Val(constant.Real(v))
			i32, _ := constant.Float32Val(constant.Imag(v))
			re, im = float64(r32), float64(i32)
		}
		s := fmt.Sprintf("%s(%s, %s)", p.rt("Complex"), floatText(re), floatText(im))
		if name == "complex128" {
			return s
		}
		return name + "(" + s + ")"
	}
	panic(fmt.Sprintf("lower: constant of type %s", t))
}

// floatText is f as a decimal literal that reads back exactly.
func floatText(f float64) string {
	if f == 0 && math.Signbit(f) {
		f = 0 // Go has no negative zero constant
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	for _, c := range s {
		if c == '.' || c == 'e' {
			return s
		}
	}
	return s + ".0"
}
