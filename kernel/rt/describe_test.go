package rt

import (
	"reflect"
	"testing"

	"netsplit/runtime/display"
	"netsplit/runtime/host"
)

// What a cell wrote as
//
//	type Celsius float64
//	type Day struct {
//		Name string `json:"name"`
//		Celsius
//		next *Day
//	}
//
// and values of it, as lowered text makes them.
type t91 struct {
	F0_Name    string
	F1_Celsius float64
	F2_next    *t91
}

func describeTypes() {
	Define(910, `{"name":"main.Celsius","kind":14,"named":true}`)
	Define(911, `{"name":"main.Day","kind":25,"named":true,"fields":[{"n":"Name","tag":"json:\"name\"","tn":"string"},{"n":"Celsius","t":910,"e":true,"tn":"main.Celsius"},{"n":"next","t":912,"tn":"*main.Day"}]}`)
	Define(912, `{"name":"*main.Day","kind":22,"elem":911}`)
	Define(913, `{"name":"[]main.Day","kind":23,"elem":911}`)
	Define(914, `{"name":"map[main.Celsius]string","kind":21,"key":910}`)
}

func TestDescribeShowsWhatTheLearnerWrote(t *testing.T) {
	describeTypes()
	day := t91{"Monday", 21.5, nil}
	d := Describe(Box{ID: 911, V: day})
	if d.Type != "Day" || d.Kind != reflect.Struct || len(d.Fields) != 3 {
		t.Fatalf("%+v", d)
	}
	name, celsius, next := d.Fields[0], d.Fields[1], d.Fields[2]
	if name.Name != "Name" || name.Type != "string" || name.Tag.Get("json") != "name" || name.Value != "Monday" || !name.Exported {
		t.Errorf("Name: %+v", name)
	}
	if celsius.Type != "Celsius" || !celsius.Embedded || Describe(celsius.Value).Value != 21.5 || Describe(celsius.Value).Type != "Celsius" {
		t.Errorf("Celsius: %+v", celsius)
	}
	if next.Exported || next.Type != "*Day" {
		t.Errorf("next: %+v", next)
	}

	if d := Describe(Box{ID: 912, V: &day}); d.Type != "*Day" || d.Kind != reflect.Pointer || len(d.Fields) != 3 || d.Fields[0].Value != "Monday" {
		t.Errorf("a pointer: %+v", d)
	}
	if d := Describe(Box{ID: 912, V: (*t91)(nil)}); d.Type != "*Day" || len(d.Fields) != 0 {
		t.Errorf("a nil pointer: %+v", d)
	}
	d = Describe(Box{ID: 913, V: []t91{day, {"Tuesday", 3, &day}}})
	if d.Type != "[]Day" || len(d.Items) != 2 || Describe(d.Items[1].Value).Fields[0].Value != "Tuesday" {
		t.Errorf("a slice: %+v", d)
	}
	d = Describe(Box{ID: 914, V: map[float64]string{30: "hot", -5: "cold"}})
	if d.Type != "map[Celsius]string" || len(d.Items) != 2 || d.Items[0].Value != "cold" || Describe(d.Items[0].Key).Type != "Celsius" {
		t.Errorf("a map: %+v", d)
	}
}

func TestDescribeOfCompiledTypes(t *testing.T) {
	if d := Describe(host.Item{Key: 1, Value: "x"}); d.Type != "host.Item" || len(d.Fields) != 2 || d.Fields[1].Value != "x" {
		t.Errorf("%+v", d)
	}
	if d := Describe(nil); d.Type != "nil" {
		t.Errorf("%+v", d)
	}
}

func TestBundleOfACellsType(t *testing.T) {
	describeTypes()
	if _, ok := MimeBundle(Box{ID: 911, V: t91{}}); ok {
		t.Error("a bundle without a method")
	}
	SetMethod(910, "MimeBundle", func(v any) display.Bundle { return display.Bundle{"text/plain": "warm"} })
	if b, ok := MimeBundle(Box{ID: 910, V: 20.0}); !ok || b["text/plain"] != "warm" {
		t.Errorf("%v %v", b, ok)
	}
}
