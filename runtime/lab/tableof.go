package lab

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"netsplit/runtime/host"
	"netsplit/runtime/load"
	"netsplit/runtime/measure"
)

// TableOf makes a table of what a learner has: a slice of structs (fields are
// columns, those of embedded structs too), of maps or of slices; a map (keys and
// values); one struct (a row for each field); latencies (their percentiles), a rate
// (its windows) or the result of a load. A field's tag lab:"latency ms" gives it
// another header.
func TableOf(what any) *Table {
	switch x := what.(type) {
	case *Table:
		return x
	case *Results:
		return x.Table()
	case *measure.Samples:
		return tableOfSamples(x)
	case measure.Samples:
		return tableOfSamples(&x)
	case *measure.Histogram:
		return tableOfSamples(x)
	case *measure.Series:
		t := NewTable("time", strings.TrimSpace(x.Name+" "+x.Unit))
		for _, p := range x.Points {
			t.Row(p.At, p.Value)
		}
		return t
	case *measure.Rate:
		t := NewTable("window", "events/s /s")
		for i, n := range x.PerSecond() {
			t.Row(i, n)
		}
		return t
	case *load.Result:
		t := NewTable("", "operations")
		t.Row("started", x.Started).Row("succeeded", x.Succeeded).Row("failed", x.Failed).Row("unfinished", x.Unfinished())
		return t
	}
	d := host.Describe(what)
	switch {
	case d.Kind == reflect.Map:
		t := NewTable("key", "value")
		for _, item := range d.Items {
			t.Row(item.Key, item.Value)
		}
		return t
	case len(d.Fields) > 0:
		t := NewTable("field", "value")
		for _, f := range fieldsOf(d) {
			t.Row(headerOf(f), f.Value)
		}
		return t
	case d.Kind == reflect.Slice || d.Kind == reflect.Array:
		return tableOfItems(d)
	}
	host.Mistakef("lab.TableOf: a table is made of a slice of structs, maps or slices, of a map, a struct or latencies, not of %s", d.Type)
	return nil
}

// latencies are durations that were observed, in whichever form.
type latencies interface {
	Len() int
	Percentile(p float64) time.Duration
	Mean() time.Duration
	Max() time.Duration
}

func tableOfSamples(s latencies) *Table {
	t := NewTable("share of observations", "at most")
	for _, p := range []float64{50, 75, 90, 95, 99, 99.9} {
		t.Row(fmt.Sprintf("%g %%", p), s.Percentile(p))
	}
	return t.Row("all", s.Max()).Note(fmt.Sprintf("%d observations, mean %v", s.Len(), s.Mean().Round(time.Microsecond)))
}

func tableOfItems(d host.Description) *Table {
	t := &Table{}
	var keys []string // of maps: the columns, in the order in which they are met
	rows := make([]host.Description, len(d.Items))
	for i, item := range d.Items {
		rows[i] = host.Describe(item.Value)
		if rows[i].Kind == reflect.Map {
			for _, x := range rows[i].Items {
				if key := fmt.Sprint(x.Key); !slices.Contains(keys, key) {
					keys = append(keys, key)
				}
			}
		}
	}
	for i, row := range rows {
		var values []any
		var headers []string
		switch {
		case keys != nil:
			headers, values = keys, make([]any, len(keys))
			for _, x := range row.Items {
				if j := slices.Index(keys, fmt.Sprint(x.Key)); j >= 0 {
					values[j] = x.Value
				}
			}
		case len(row.Fields) > 0 && !isCell(d.Items[i].Value):
			for _, f := range fieldsOf(row) {
				headers, values = append(headers, headerOf(f)), append(values, f.Value)
			}
		case row.Kind == reflect.Slice || row.Kind == reflect.Array:
			for j, x := range row.Items {
				headers, values = append(headers, fmt.Sprint(j)), append(values, x.Value)
			}
		default:
			headers, values = []string{"#", "value"}, []any{i, d.Items[i].Value}
		}
		for len(t.columns) < len(headers) && (i == 0 || row.Kind == reflect.Slice) { // a longer slice makes a column more
			t.columns = append(t.columns, splitHeader(headers[len(t.columns)]))
			for j := range t.rows {
				t.rows[j] = append(t.rows[j], cell{form: blank})
			}
		}
		for row.Kind == reflect.Slice && len(values) < len(t.columns) {
			values = append(values, nil)
		}
		t.Row(values...)
	}
	if len(t.columns) == 0 {
		t.columns = []column{{name: d.Type}}
	}
	return t
}

// isCell tells whether a struct is one value of a table, not a row.
func isCell(v any) bool {
	switch v.(type) {
	case measure.Interval, time.Time:
		return true
	}
	return false
}

// fieldsOf are the fields of a struct, with those of embedded structs in their place.
func fieldsOf(d host.Description) []host.Field {
	var fields []host.Field
	for _, f := range d.Fields {
		if inner := host.Describe(f.Value); f.Embedded && inner.Kind == reflect.Struct && len(inner.Fields) > 0 {
			fields = append(fields, fieldsOf(inner)...)
			continue
		}
		fields = append(fields, f)
	}
	return fields
}

func headerOf(f host.Field) string {
	if tag := f.Tag.Get("lab"); tag != "" {
		return tag
	}
	return f.Name
}
