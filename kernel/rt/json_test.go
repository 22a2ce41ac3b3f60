package rt

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

type (
	level  int
	base   struct{ ID, Hidden int }
	person struct {
		base
		Name    string `json:"name"`
		Age     int    `json:"age,omitempty"`
		secret  string
		Skip    string            `json:"-"`
		Hidden  string            `json:"Hidden"`
		Level   level             `json:"level"`
		Boss    *person           `json:"boss,omitempty"`
		Tags    []level           `json:"tags"`
		ByLevel map[level]*person `json:"by_level,omitempty"`
		Since   time.Time         `json:"since,omitzero"`
		Any     any
		N       int64 `json:",string"`
		Raw     []byte
	}
)

func (l level) MarshalJSON() ([]byte, error) { return json.Marshal("level " + string('0'+rune(l))) }
func (l *level) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	*l = level(s[len(s)-1] - '0')
	return nil
}

type (
	erasedBase   struct{ F0_ID, F1_Hidden int }
	erasedPerson struct {
		F0_base    erasedBase
		F1_Name    string
		F2_Age     int
		F3_secret  string
		F4_Skip    string
		F5_Hidden  string
		F6_Level   int
		F7_Boss    *erasedPerson
		F8_Tags    []int
		F9_ByLevel map[int]*erasedPerson
		F10_Since  time.Time
		F11_Any    any
		F12_N      int64
		F13_Raw    []byte
	}
)

const (
	idLevel = 2000001 + iota
	idPtrLevel
	idBase
	idPerson
	idPtrPerson
	idLevels
	idByLevel
)

func init() {
	for id, t := range map[int]*Type{
		idLevel: {Name: "main.level", Kind: reflect.Int, Named: true, Pointer: idPtrLevel, BoxKind: "Box"},
		// The method set of a pointer holds the methods of both receivers.
		idPtrLevel:  {Name: "*main.level", Kind: reflect.Pointer, Elem: idLevel},
		idBase:      {Name: "main.base", Kind: reflect.Struct, Named: true, Fields: []Field{{Name: "ID"}, {Name: "Hidden"}}},
		idPtrPerson: {Name: "*main.person", Kind: reflect.Pointer, Elem: idPerson},
		idLevels:    {Name: "[]main.level", Kind: reflect.Slice, Elem: idLevel},
		idByLevel:   {Name: "map[main.level]*main.person", Kind: reflect.Map, Key: idLevel, Elem: idPtrPerson},
		idPerson: {Name: "main.person", Kind: reflect.Struct, Named: true, Fields: []Field{
			{Name: "base", Type: idBase, Embedded: true}, {Name: "Name", Tag: `json:"name"`}, {Name: "Age", Tag: `json:"age,omitempty"`},
			{Name: "secret"}, {Name: "Skip", Tag: `json:"-"`}, {Name: "Hidden", Tag: `json:"Hidden"`}, {Name: "Level", Type: idLevel, Tag: `json:"level"`},
			{Name: "Boss", Type: idPtrPerson, Tag: `json:"boss,omitempty"`}, {Name: "Tags", Type: idLevels, Tag: `json:"tags"`},
			{Name: "ByLevel", Type: idByLevel, Tag: `json:"by_level,omitempty"`}, {Name: "Since", Tag: `json:"since,omitzero"`},
			{Name: "Any"}, {Name: "N", Tag: `json:",string"`}, {Name: "Raw"}}},
	} {
		t.ID = id
		registry.types[id] = t
	}
	SetMethod(idLevel, "MarshalJSON", func(v any) ([]byte, error) { return level(v.(int)).MarshalJSON() })
	SetMethod(idPtrLevel, "UnmarshalJSON", func(v any, b []byte) error { return (*level)(v.(*int)).UnmarshalJSON(b) })
}

func TestBoxesBecomeTheJSONOfTheirTypes(t *testing.T) {
	when := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	boss, erasedBoss := &person{Name: "<Bo>"}, &erasedPerson{F1_Name: "<Bo>"}
	for _, pair := range [][2]any{
		{person{}, Rebox(Box{idPerson, erasedPerson{}})},
		{&person{base{1, 2}, "Al", 3, "s", "k", "h", 4, boss, []level{1, 2}, map[level]*person{7: boss, 2: nil}, when, level(9), 5, []byte{1}},
			Rebox(Box{idPtrPerson, &erasedPerson{erasedBase{1, 2}, "Al", 3, "s", "k", "h", 4, erasedBoss, []int{1, 2},
				map[int]*erasedPerson{7: erasedBoss, 2: nil}, when, Rebox(Box{idLevel, 9}), 5, []byte{1}}})},
		{(*person)(nil), Rebox(Box{idPtrPerson, (*erasedPerson)(nil)})},
		{[]any{level(3), 1.5}, []any{Rebox(Box{idLevel, 3}), 1.5}},
	} {
		want, _ := json.MarshalIndent(pair[0], "", " ")
		got, err := JSONMarshalIndent(pair[1], "", " ")
		if err != nil || string(got) != string(want) {
			t.Errorf("%T: %v\n got %s\nwant %s\nsee json.go", pair[0], err, got, want)
		}
	}
}

func TestJSONFillsErasedValues(t *testing.T) {
	for _, text := range []string{
		`{"ID":7,"name":"Al","AGE":3,"Skip":"x","Hidden":"h","level":"level 4","boss":{"name":"Bo"},"tags":["level 1","level 2"],"by_level":{"3":{"name":"x"}},"since":"2024-05-06T07:08:09Z","Any":{"a":[1]},"N":"12","Raw":"AQI="}`,
		`{"boss":null,"tags":null,"age":null}`,
		`{"age":"three","name":"later fields are still read"}`,
		`{"boss":{"age":"three"}}`,
		`{"tags":{"a":1}}`,
		`{"unknown":1}`,
		`[1]`,
		`{"name":`,
	} {
		for _, strict := range []bool{false, true} {
			var want person
			var got erasedPerson
			dw, dg := json.NewDecoder(bytes.NewBufferString(text)), json.NewDecoder(bytes.NewBufferString(text))
			if strict {
				dw.DisallowUnknownFields()
				dg.DisallowUnknownFields()
			}
			errWant, errGot := dw.Decode(&want), JSONDecode(dg, Rebox(Box{idPtrPerson, &got}))
			if (errWant == nil) != (errGot == nil) {
				t.Errorf("%s: got error %v, want %v", text, errGot, errWant)
			} else if errWant != nil && got.F1_Name != want.Name {
				t.Errorf("%s: name %q, want %q", text, got.F1_Name, want.Name)
			}
			if errWant != nil {
				if _, composed := errWant.(*json.UnmarshalTypeError); !composed && errWant.Error() != errGot.Error() {
					t.Errorf("%s: got error %q, want %q", text, errGot, errWant)
				}
				continue
			}
			a, _ := json.Marshal(want)
			b, err := JSONMarshal(Rebox(Box{idPerson, got}))
			if err != nil || string(a) != string(b) {
				t.Errorf("%s: %v\n got %s\nwant %s", text, err, b, a)
			}
		}
	}
}
