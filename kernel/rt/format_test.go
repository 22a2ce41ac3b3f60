package rt

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"
)

// The compiled types that the descriptors below describe: what fmt prints for
// them is what the boxes must print.
type (
	celsius float64
	word    string
	loud    string
	point   struct{ X, Y int }
	inner   struct {
		T celsius
		d time.Duration
	}
	outer struct {
		point
		Name  word
		In    inner
		P     *point
		Any   any
		M     map[loud]point
		L     []loud
		Bytes []byte
		err   error
	}
)

func (c celsius) String() string { return fmt.Sprintf("%.1f°C", float64(c)) }
func (l loud) String() string    { return string(l) + "!" }

// Their erased forms, as package lower writes them.
type (
	erasedPoint struct{ F0_X, F1_Y int }
	erasedInner struct {
		F0_T float64
		F1_d time.Duration
	}
	erasedOuter struct {
		F0_point erasedPoint
		F1_Name  string
		F2_In    erasedInner
		F3_P     *erasedPoint
		F4_Any   any
		F5_M     map[string]erasedPoint
		F6_L     []string
		F7_Bytes []byte
		F8_err   error
	}
)

const (
	idCelsius = 1000001 + iota
	idWord
	idLoud
	idPoint
	idInner
	idOuter
	idPtrPoint
	idMap
	idLouds
	idPoints
	idPtrOuter
	idTemps
)

func init() {
	text := []Sig{{Name: "String", Sig: "func() string"}}
	for id, t := range map[int]*Type{
		idCelsius:  {Name: "rt.celsius", Kind: reflect.Float64, Named: true, Methods: text, BoxKind: "StringBox"},
		idWord:     {Name: "rt.word", Kind: reflect.String, Named: true, BoxKind: "Box"},
		idLoud:     {Name: "rt.loud", Kind: reflect.String, Named: true, Methods: text, BoxKind: "StringBox"},
		idPoint:    {Name: "rt.point", Kind: reflect.Struct, Named: true, Fields: []Field{{Name: "X", TypeName: "int"}, {Name: "Y", TypeName: "int"}}},
		idInner:    {Name: "rt.inner", Kind: reflect.Struct, Named: true, Fields: []Field{{Name: "T", Type: idCelsius}, {Name: "d"}}},
		idPtrPoint: {Name: "*rt.point", Kind: reflect.Pointer, Elem: idPoint},
		idMap:      {Name: "map[rt.loud]rt.point", Kind: reflect.Map, Key: idLoud, Elem: idPoint},
		idLouds:    {Name: "[]rt.loud", Kind: reflect.Slice, Elem: idLoud},
		idPoints:   {Name: "[]rt.point", Kind: reflect.Slice, Elem: idPoint},
		idTemps:    {Name: "map[rt.celsius]int", Kind: reflect.Map, Key: idCelsius},
		idPtrOuter: {Name: "*rt.outer", Kind: reflect.Pointer, Elem: idOuter},
		idOuter: {Name: "rt.outer", Kind: reflect.Struct, Named: true, Fields: []Field{
			{Name: "point", Type: idPoint, Embedded: true}, {Name: "Name", Type: idWord}, {Name: "In", Type: idInner},
			{Name: "P", Type: idPtrPoint}, {Name: "Any"}, {Name: "M", Type: idMap}, {Name: "L", Type: idLouds}, {Name: "Bytes"}, {Name: "err"}}},
	} {
		t.ID = id
		registry.types[id] = t
	}
	SetMethod(idCelsius, "String", func(v any) string { return celsius(v.(float64)).String() })
	SetMethod(idLoud, "String", func(v any) string { return loud(v.(string)).String() })
}

// Each pair is a compiled value and the box that a cell would make of it.
func formatPairs() [][2]any {
	box := func(id int, v any) any { return Rebox(Box{id, v}) }
	bad := errors.New("bad")
	o := outer{point{1, 2}, "w", inner{36.6, time.Second}, nil, celsius(1), map[loud]point{"b": {1, 2}, "a": {}}, []loud{"x", "y"}, []byte("hi"), bad}
	e := erasedOuter{erasedPoint{1, 2}, "w", erasedInner{36.6, time.Second}, nil, box(idCelsius, 1.0), map[string]erasedPoint{"b": {1, 2}, "a": {}}, []string{"x", "y"}, []byte("hi"), bad}
	return [][2]any{
		{celsius(36.6), box(idCelsius, 36.6)},
		{celsius(math.NaN()), box(idCelsius, math.NaN())},
		{word("héllo"), box(idWord, "héllo")},
		{loud("hey"), box(idLoud, "hey")},
		{point{1, -2}, box(idPoint, erasedPoint{1, -2})},
		{&point{1, -2}, box(idPtrPoint, &erasedPoint{1, -2})},
		{(*point)(nil), box(idPtrPoint, (*erasedPoint)(nil))},
		{inner{36.6, time.Second}, box(idInner, erasedInner{36.6, time.Second})},
		{o, box(idOuter, e)},
		{&o, box(idPtrOuter, &e)},
		{outer{}, box(idOuter, erasedOuter{})},
		{[]loud{"a", "b"}, box(idLouds, []string{"a", "b"})},
		{[]loud(nil), box(idLouds, []string(nil))},
		{map[loud]point{"z": {3, 4}, "a": {1, 2}}, box(idMap, map[string]erasedPoint{"z": {3, 4}, "a": {1, 2}})},
		{map[celsius]int{2: 1, -1: 5}, box(idTemps, map[float64]int{2: 1, -1: 5})},
		{[]any{celsius(1), 2, nil, point{}}, []any{box(idCelsius, 1.0), 2, nil, box(idPoint, erasedPoint{})}},
		{[]point{{1, 2}}, box(idPoints, []erasedPoint{{1, 2}})},
	}
}

func TestBoxesPrintAsTheirTypesDo(t *testing.T) {
	verbs := []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%8v", "%-8v|", "%08.3f", "%t", "%6.2f", "%U", "%T", "%[1]T %[1]v", "%5T|"}
	for _, pair := range formatPairs() {
		for _, verb := range verbs {
			want, got := fmt.Sprintf(verb, pair[0]), Sprintf(verb, pair[1])
			if got != want {
				t.Errorf("%s of %T prints\n got %s\nwant %s\nsee format.go", verb, pair[0], got, want)
			}
		}
		if want, got := fmt.Sprint(pair[0], 1, pair[0], "s", pair[0]), Sprint(pair[1], 1, pair[1], "s", pair[1]); got != want {
			t.Errorf("Sprint of %T: got %q, want %q", pair[0], got, want)
		}
		short := "%T %v %d" // one operand too few
		if want, got := fmt.Sprintf(short, pair[0], pair[0]), Sprintf(short, pair[1], pair[1]); got != want {
			t.Errorf("missing operand of %T: got %q, want %q", pair[0], got, want)
		}
	}
}

type shy struct{}

func (*shy) String() string { panic("shy") }

func TestPanicsOfMethodsArePrinted(t *testing.T) {
	const id, pointer = 1000101, 1000102
	registry.types[pointer] = &Type{ID: pointer, Name: "*rt.shy", Kind: reflect.Pointer, Elem: id, Methods: []Sig{{Name: "String", Sig: "func() string"}}, BoxKind: "StringBox"}
	registry.types[id] = &Type{ID: id, Name: "rt.shy", Kind: reflect.Struct, Named: true}
	SetMethod(pointer, "String", func(any) string { panic("shy") })
	for _, verb := range []string{"%v", "%s", "%+v"} {
		for _, p := range []*shy{{}, nil} {
			var erased *struct{}
			if p != nil {
				erased = &struct{}{}
			}
			if want, got := fmt.Sprintf(verb, p), Sprintf(verb, Rebox(Box{pointer, erased})); got != want {
				t.Errorf("%s: got %q, want %q", verb, got, want)
			}
		}
	}
}
