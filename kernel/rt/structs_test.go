package rt

import (
	"reflect"
	"runtime"
	"testing"
)

func TestStructsThatReferToEachOther(t *testing.T) {
	// type node struct { next *node; of *list }; type list struct { root node; all []*node; by map[string]*list; n int }
	Structs("netsplit/types/test", `[
		{"name":"T1","fields":["Next","Of"],"types":[{"k":"p","e":{"k":"s"}},{"k":"p","e":{"k":"s","n":1}}]},
		{"name":"T2","fields":["Root","All","By","N"],"types":[{"k":"s"},{"k":"S","e":{"k":"p","e":{"k":"s"}}},{"k":"m","key":{"k":"l"},"e":{"k":"p","e":{"k":"s","n":1}}},{"k":"l","n":1}]}
	]`, (*string)(nil), (*int)(nil))
	table := StructGroup("netsplit/types/test")
	node, list := table["T1"].Type().Elem(), table["T2"].Type().Elem()
	if node.Field(0).Type != reflect.PointerTo(node) || node.Field(1).Type != reflect.PointerTo(list) {
		t.Errorf("node is %v", node)
	}
	if list.Field(0).Type != node || list.Field(1).Type != reflect.SliceOf(reflect.PointerTo(node)) || list.Field(2).Type.Elem() != reflect.PointerTo(list) {
		t.Errorf("list is %v", list)
	}
	l := reflect.New(list)
	at := l
	for range 1000 { // a chain that only these types hold
		n := reflect.New(node)
		n.Elem().Field(1).Set(l)
		n.Elem().Field(0).Set(at.Elem().Field(0).Field(0))
		at.Elem().Field(0).Field(0).Set(n)
	}
	l.Elem().Field(2).Set(reflect.MakeMap(list.Field(2).Type))
	l.Elem().Field(2).SetMapIndex(reflect.ValueOf("self"), l)
	runtime.GC()
	n := 0
	for p := l.Elem().Field(0).Field(0); !p.IsNil(); p = p.Elem().Field(0) {
		n++
	}
	if n != 1000 || l.Elem().Field(2).MapIndex(reflect.ValueOf("self")).Pointer() != l.Pointer() {
		t.Errorf("%d nodes are left of 1000", n)
	}
}
