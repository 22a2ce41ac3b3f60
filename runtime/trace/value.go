package trace

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"netsplit/runtime/host"
)

// Type is the kind of a Value.
type Type uint8

// The basic kinds that a message can carry.
const (
	None Type = iota
	Bool
	Int
	Uint
	Float
	Text
	Duration
	List // a list or map of basic kinds, copied
)

func (t Type) String() string {
	return [...]string{"nothing", "a bool", "an int", "an unsigned int", "a float", "text", "a duration", "a list"}[t]
}

// Value is a value of a basic kind in three words, so that a message can hold its
// fields in place and sending one allocates nothing.
type Value struct {
	p unsafe.Pointer // bytes of a text, *any of a list
	n uint64
	t Type
}

// Type is the kind of v.
func (v Value) Type() Type { return v.t }

// Bits is the number behind a bool, an int, an unsigned int, a float or a duration.
func (v Value) Bits() uint64 { return v.n }

// Text is the text of a value of type Text.
func (v Value) Text() string {
	if v.t != Text {
		return ""
	}
	return unsafe.String((*byte)(v.p), int(v.n))
}

// Any is v as an ordinary Go value: bool, int, uint64, float64, string,
// time.Duration, or the copied list or map.
func (v Value) Any() any {
	switch v.t {
	case Bool:
		return v.n != 0
	case Int:
		return int(v.n)
	case Uint:
		return v.n
	case Float:
		return v.Float()
	case Text:
		return v.Text()
	case Duration:
		return time.Duration(v.n)
	case List:
		return *(*any)(v.p)
	}
	return nil
}

// Float is the number behind a float.
func (v Value) Float() float64 { return *(*float64)(unsafe.Pointer(&v.n)) }

// TextValue is a value of type Text.
func TextValue(s string) Value {
	return Value{p: unsafe.Pointer(unsafe.StringData(s)), n: uint64(len(s)), t: Text}
}

// IntValue is a value of type Int.
func IntValue(n int64) Value { return Value{n: uint64(n), t: Int} }

// FloatValue is a value of type Float.
func FloatValue(f float64) Value {
	return Value{n: *(*uint64)(unsafe.Pointer(&f)), t: Float}
}

// String writes v as transcripts show it: text bare where it has no blanks,
// lists in brackets with the same rule for their elements.
func (v Value) String() string {
	switch v.t {
	case None:
		return "nil"
	case Text:
		return word(v.Text())
	case Float:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	case Uint:
		return strconv.FormatUint(v.n, 10)
	case Int:
		return strconv.FormatInt(int64(v.n), 10)
	case List:
		return listText(*(*any)(v.p))
	}
	return fmt.Sprint(v.Any())
}

func word(s string) string {
	if s == "" || strings.ContainsAny(s, " \t\n\"=") {
		return strconv.Quote(s)
	}
	return s
}

func listText(v any) string {
	if w, ok := v.(written); ok {
		return string(w)
	}
	var b strings.Builder
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Slice:
		b.WriteByte('[')
		for i := range rv.Len() {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(elementText(rv.Index(i).Interface()))
		}
		b.WriteByte(']')
	case reflect.Map:
		keys := rv.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return fmt.Sprint(keys[i]) < fmt.Sprint(keys[j]) })
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(elementText(k.Interface()) + ":" + elementText(rv.MapIndex(k).Interface()))
		}
		b.WriteByte('}')
	}
	return b.String()
}

func elementText(v any) string {
	if x, ok := Basic(v); ok {
		return x.String()
	}
	return listText(v)
}

// Basic is v as a Value, where v is of a basic kind. It keeps nothing of v but
// the bytes of a text, so that a call with numbers allocates nothing.
func Basic(v any) (Value, bool) {
	switch x := v.(type) {
	case int:
		return Value{n: uint64(x), t: Int}, true
	case string:
		return TextValue(x), true
	case bool:
		if x {
			return Value{n: 1, t: Bool}, true
		}
		return Value{t: Bool}, true
	case time.Duration:
		return Value{n: uint64(x), t: Duration}, true
	case float64:
		return FloatValue(x), true
	case int64:
		return IntValue(x), true
	case uint64:
		return Value{n: x, t: Uint}, true
	case int8:
		return IntValue(int64(x)), true
	case int16:
		return IntValue(int64(x)), true
	case int32:
		return IntValue(int64(x)), true
	case uint:
		return Value{n: uint64(x), t: Uint}, true
	case uint8:
		return Value{n: uint64(x), t: Uint}, true
	case uint16:
		return Value{n: uint64(x), t: Uint}, true
	case uint32:
		return Value{n: uint64(x), t: Uint}, true
	case uintptr:
		return Value{n: uint64(x), t: Uint}, true
	case float32:
		return FloatValue(float64(x)), true
	}
	return Value{}, false
}

// Copy is v as a Value that shares nothing with it: basic kinds as they are,
// named types of the learner's by what they are made of, slices, arrays and maps
// of those element by element. The sentence says why anything else is refused.
func Copy(v any) (Value, string) {
	if x, ok := Basic(v); ok {
		return x, ""
	}
	if v == nil {
		return Value{}, ""
	}
	list, why := copyList(v)
	if why != "" {
		return Value{}, why
	}
	if x, ok := Basic(list); ok {
		return x, ""
	}
	return Value{p: unsafe.Pointer(&list), t: List}, ""
}

func copyList(v any) (any, string) {
	if x, ok := Basic(v); ok {
		return x.Any(), ""
	}
	d := host.Describe(v)
	if d.Value != nil && d.Kind != reflect.Struct && d.Kind != reflect.Pointer {
		if x, ok := Basic(d.Value); ok {
			return x.Any(), ""
		}
	}
	switch d.Kind {
	case reflect.Slice, reflect.Array:
		return copyItems(d)
	case reflect.Map:
		out := make(map[string]any, len(d.Items))
		for _, item := range d.Items {
			key, ok := Basic(host.Describe(item.Key).Value)
			if !ok {
				return nil, "is a map whose keys are not of a basic kind"
			}
			x, why := copyList(item.Value)
			if why != "" {
				return nil, "is a map of which an element " + why
			}
			out[fmt.Sprint(key.Any())] = x
		}
		return out, ""
	}
	return nil, "is of type " + d.Type
}

// copyItems copies a list; lists of one kind become []int, []string, …, others []any.
func copyItems(d host.Description) (any, string) {
	out := make([]any, len(d.Items))
	kinds := map[reflect.Type]bool{}
	for i, item := range d.Items {
		x, why := copyList(item.Value)
		if why != "" {
			return nil, "is a list of which an element " + why
		}
		out[i] = x
		kinds[reflect.TypeOf(x)] = true
	}
	if len(kinds) != 1 || out[0] == nil {
		return out, ""
	}
	t := reflect.TypeOf(out[0])
	typed := reflect.MakeSlice(reflect.SliceOf(t), len(out), len(out))
	for i, x := range out {
		typed.Index(i).Set(reflect.ValueOf(x))
	}
	return typed.Interface(), ""
}
