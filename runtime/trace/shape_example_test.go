package trace_test

import (
	"fmt"

	"netsplit/runtime/trace"
)

// Messages of one sort share the names of their fields.
func ExampleShape() {
	add := &trace.Shape{Names: []string{"by", "to"}}
	m := trace.Message{Kind: "add"}
	m.Form(add, nil)
	m.SetNumber(0, trace.Int, 3)
	m.Set(1, trace.TextValue("total"))
	fmt.Println(&m, m.Shape() == add)
	// Output: add by=3 to=total true
}
