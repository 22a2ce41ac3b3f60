package wrappers

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"

	"netsplit/kernel/rt"
)

// define registers a type as lowered text does.
func define(id int, name string, methods map[string]any) {
	rt.Define(id, fmt.Sprintf(`{"name":%q,"kind":23,"named":true}`, name))
	for method, body := range methods {
		rt.SetMethod(id, method, body)
	}
}

func TestACellsTypeIsACompiledInterface(t *testing.T) {
	define(901, "main.words", map[string]any{
		"Len":  func(v any) int { return len(v.([]string)) },
		"Less": func(v any, i, j int) bool { return v.([]string)[i] < v.([]string)[j] },
		"Swap": func(v any, i, j int) { w := v.([]string); w[i], w[j] = w[j], w[i] },
	})
	list := []string{"c", "a", "b"}
	sort.Sort(rt.Wrap((*sort.Interface)(nil), rt.Box{ID: 901, V: list}).(sort.Interface))
	if got := strings.Join(list, ""); got != "abc" {
		t.Errorf("sorted: %s", got)
	}
}

func TestCompiledCodeFindsOtherInterfaces(t *testing.T) {
	closed := false
	define(902, "main.source", map[string]any{
		"Read":  func(v any, p []byte) (int, error) { return 0, io.EOF },
		"Close": func(v any) error { closed = true; return nil },
		"WriteTo": func(v any, w io.Writer) (int64, error) {
			n, err := io.WriteString(w, "by WriteTo")
			return int64(n), err
		},
		"Seek": func(v any, offset int) int { return 0 }, // not io.Seeker's
	})
	r := rt.Wrap((*io.Reader)(nil), rt.Box{ID: 902, V: 1}).(io.Reader)
	var b strings.Builder
	io.Copy(&b, r)
	if b.String() != "by WriteTo" {
		t.Errorf("io.Copy did not find WriteTo: %q", b.String())
	}
	if c, ok := r.(io.Closer); !ok || c.Close() != nil || !closed {
		t.Error("io.Closer was not found")
	}
	if _, ok := r.(io.Seeker); ok {
		t.Error("a method with another signature was taken for io.Seeker's")
	}
}

func TestAWrapperIsStillTheValue(t *testing.T) {
	define(903, "main.handler", map[string]any{
		"ServeHTTP": func(v any, w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, v, r.URL.Path) },
	})
	box := rt.Box{ID: 903, V: 7}
	h := rt.Wrap((*http.Handler)(nil), box).(http.Handler)
	if got, ok := rt.AsBox(h); !ok || got != box {
		t.Errorf("AsBox: %v %v", got, ok)
	}
	if rt.Bare(h) != any(box) {
		t.Errorf("Bare: %v", rt.Bare(h))
	}
	if h != rt.Wrap((*http.Handler)(nil), box).(http.Handler) || !rt.Eq(h, box) {
		t.Error("two wrappers of one value differ")
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/x", nil))
	if w.Body.String() != "7/x" {
		t.Errorf("served %q", w.Body.String())
	}
}

func TestWhatNeedsNoWrapperStaysAsItIs(t *testing.T) {
	r := strings.NewReader("")
	if rt.Wrap((*io.Reader)(nil), r) != any(r) {
		t.Error("a native value was wrapped")
	}
	if rt.Wrap((*io.Reader)(nil), nil) != nil {
		t.Error("nil was wrapped")
	}
}
