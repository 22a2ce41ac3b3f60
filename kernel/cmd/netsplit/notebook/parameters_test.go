package notebook

import (
	"encoding/json"
	"strings"
	"testing"
)

// tagged is a notebook with one cell for each source; those tagged parameters begin
// with "#".
func tagged(t *testing.T, sources ...string) *Notebook {
	t.Helper()
	var cells []any
	for _, s := range sources {
		metadata := map[string]any{}
		if rest, ok := strings.CutPrefix(s, "#"); ok {
			s, metadata["tags"] = rest, []string{"parameters"}
		}
		cells = append(cells, map[string]any{"cell_type": "code", "metadata": metadata, "source": s, "outputs": []any{}})
	}
	raw, _ := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "cells": cells})
	n, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const assignments = `import "time"

// what the world is given
rate := 140 // requests per second
load, mode := 0.5, "sync"
outage := 10 * time.Second; retries := 1
var (
	seeds   []int = []int{1, 2, 3}
	verbose       = false
)
const limit = 1 << 10
var late time.Duration = -time.Second
text := ` + "`a\nb`" + ` + "x" // "y"
f := func(x int) int {
	rate = x
	return rate
}
a, b := pair(1, 2)
if rate > 3 {
	rate = 3
}`

func TestParametersReplaceAssignments(t *testing.T) {
	for _, test := range []struct{ name, value, old, new string }{
		{"rate", "160", "rate := 140 //", "rate := 160 //"},
		{"rate", "2 * 80", "rate := 140 //", "rate := 2 * 80 //"},
		{"rate", "-1", "rate := 140 //", "rate := -1 //"},
		{"load", "1", "load, mode := 0.5,", "load, mode := 1.0,"},
		{"load", "0.9", "load, mode := 0.5,", "load, mode := 0.9,"},
		{"mode", "async", `"sync"`, `"async"`},
		{"mode", `"a b"`, `"sync"`, `"a b"`},
		{"mode", "1", `"sync"`, `"1"`},
		{"mode", `say "so"`, `"sync"`, `"say \"so\""`},
		{"outage", "20s", "10 * time.Second;", "20 * time.Second;"},
		{"outage", "1m30s", "10 * time.Second;", "90 * time.Second;"},
		{"outage", "1.5ms", "10 * time.Second;", "1500 * time.Microsecond;"},
		{"outage", "3 * time.Minute", "10 * time.Second;", "3 * time.Minute;"},
		{"outage", "0", "10 * time.Second;", "0;"},
		{"retries", "0", "retries := 1\n", "retries := 0\n"},
		{"seeds", "[]int{7}", "= []int{1, 2, 3}", "= []int{7}"},
		{"verbose", "true", "= false", "= true"},
		{"limit", "5", "1 << 10", "5"},
		{"late", "2s", "= -time.Second", "= 2 * time.Second"},
		{"text", "z", "`a\nb` + \"x\"", `"z"`},
		{"f", "nil", "func(x int) int {\n\trate = x\n\treturn rate\n}", "nil"},
	} {
		n := tagged(t, "1", "#"+assignments, "rate := 1")
		if err := n.SetParameters([]Parameter{{test.name, test.value}}); err != nil {
			t.Errorf("%s=%s: %v", test.name, test.value, err)
			continue
		}
		if want := strings.Replace(assignments, test.old, test.new, 1); n.cells[1].Source() != want {
			t.Errorf("%s=%s gives\n%s\nwant\n%s", test.name, test.value, n.cells[1].Source(), want)
		}
		if n.cells[2].Source() != "rate := 1" {
			t.Errorf("%s=%s changed another cell", test.name, test.value)
		}
	}
}

func TestParametersThatCannotBeSet(t *testing.T) {
	for _, test := range []struct {
		cells             []string
		name, value, says string
	}{
		{[]string{"x := 1"}, "x", "2", "no code cell is tagged parameters"},
		{[]string{"#x := 1", "#y := 1"}, "x", "2", "cells 1 and 2 are both tagged parameters"},
		{[]string{"1", "#x := 1\ny := 2"}, "z", "2", "cell 2, tagged parameters, assigns no z (it assigns x, y)"},
		{[]string{"#fmt.Println()"}, "z", "2", "it assigns nothing"},
		{[]string{"#a, b := pair()"}, "a", "2", "it assigns nothing"},
		{[]string{"#x := 1"}, "x", "2 +", "x: 2 + is no Go expression"},
		{[]string{"#x := time.Second"}, "x", "20", "x: 20 has no unit: say 20s or 20ms"},
	} {
		n := tagged(t, test.cells...)
		before := string(n.Bytes())
		err := n.SetParameters([]Parameter{{test.name, test.value}})
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q, %s=%s: %v; want %q in it", test.cells, test.name, test.value, err, test.says)
		}
		if string(n.Bytes()) != before {
			t.Errorf("%q, %s=%s: the notebook was changed", test.cells, test.name, test.value)
		}
	}
}
