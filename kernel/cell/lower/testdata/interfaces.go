package main

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

type shape interface{ Area() float64 }

type square struct{ s float64 }

func (q square) Area() float64 { return q.s * q.s }

type circle struct{ r float64 }

func (c *circle) Area() float64  { return 3 * c.r * c.r }
func (c *circle) String() string { return "circle" }

type notFound struct{ key string }

func (e *notFound) Error() string { return "no " + e.key }

func find(k string) error {
	var e *notFound
	if k == "nil" {
		return e
	}
	if k == "" {
		return nil
	}
	return fmt.Errorf("find: %w", &notFound{k})
}

type byLen []string

func (b byLen) Len() int           { return len(b) }
func (b byLen) Less(i, j int) bool { return len(b[i]) < len(b[j]) }
func (b byLen) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func kind(v any) string {
	switch x := v.(type) {
	case nil:
		return "nil"
	case int, int64:
		return fmt.Sprint("int ", x)
	case square:
		return fmt.Sprint("square ", x.s)
	case fmt.Stringer:
		return "stringer " + x.String()
	case shape:
		return "shape"
	case error:
		return "error " + x.Error()
	case func() int:
		return fmt.Sprint("func ", x())
	}
	return "other"
}

func main() {
	shapes := []shape{square{2}, &circle{1}}
	sum := 0.0
	for _, s := range shapes {
		sum += s.Area()
	}
	fmt.Println(sum, shapes[0] == shape(square{2}), shapes[0] == shapes[1])
	for _, v := range []any{nil, 1, int64(2), square{3}, &circle{}, errors.New("e"), func() int { return 4 }, 2.5} {
		fmt.Print(kind(v), "; ")
	}
	fmt.Println()
	err := find("x")
	var nf *notFound
	fmt.Println(errors.As(err, &nf), nf.key, err, find("") == nil, find("nil") == nil)
	if s, ok := shapes[1].(fmt.Stringer); ok {
		fmt.Println(s)
	}
	_, ok := shapes[0].(fmt.Stringer)
	fmt.Println(ok)
	words := byLen{"ccc", "a", "bb"}
	sort.Sort(words)
	sort.Slice(shapes, func(i, j int) bool { return shapes[i].Area() > shapes[j].Area() })
	fmt.Println(words, shapes[0].Area(), strings.Join(words, "-"))
	m := map[any]int{square{1}: 1, "k": 2}
	m[square{1}]++
	fmt.Println(m[square{1}], m["k"], len(m))
	f := shapes[0].Area
	fmt.Println(f())
	fmt.Printf("%T %v %+v %T\n", square{2}, square{2}, square{2}, shapes)
}
