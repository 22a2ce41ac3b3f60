package rt

import (
	"reflect"
	"runtime"
)

// wait marks the calling goroutine as waiting until the returned function is
// called. It ends the goroutine if its owner was stopped meanwhile.
func wait(state string, pos int) (g *G, stop <-chan struct{}) {
	g = Current()
	if g == nil {
		return nil, nil
	}
	g.mu.Lock()
	g.state, g.pos = state, pos
	g.mu.Unlock()
	blocked(1)
	return g, g.Owner.done
}

// resume is the end of wait. With stopped the goroutine ends.
func resume(g *G, stopped bool) {
	if g == nil {
		return
	}
	g.mu.Lock()
	g.state = "running"
	g.mu.Unlock()
	blocked(-1)
	if stopped {
		runtime.Goexit()
	}
}

// Send is c <- v.
func Send[T any](c chan<- T, v T, pos int) {
	select {
	case c <- v:
		return
	default:
	}
	if c == nil {
		forever("chan send (nil chan)", pos)
	}
	g, stop := wait("chan send", pos)
	select {
	case c <- v:
		resume(g, false)
	case <-stop:
		resume(g, true)
	}
}

// Recv is <-c, with whether the value was sent.
func Recv[T any](c <-chan T, pos int) (v T, ok bool) {
	select {
	case v, ok = <-c:
		return v, ok
	default:
	}
	if c == nil {
		forever("chan receive (nil chan)", pos)
	}
	g, stop := wait("chan receive", pos)
	select {
	case v, ok = <-c:
		resume(g, false)
	case <-stop:
		resume(g, true)
	}
	return v, ok
}

// The typed forms below are for the most common elements: a call by any costs
// twice as much. yaegi knows no generic functions of compiled packages.

func SendInt(c chan<- int, v int, pos int)              { Send(c, v, pos) }
func SendString(c chan<- string, v string, pos int)     { Send(c, v, pos) }
func SendBool(c chan<- bool, v bool, pos int)           { Send(c, v, pos) }
func SendError(c chan<- error, v error, pos int)        { Send(c, v, pos) }
func SendStruct(c chan<- struct{}, v struct{}, pos int) { Send(c, v, pos) }

func RecvInt(c <-chan int, pos int) int              { v, _ := Recv(c, pos); return v }
func RecvString(c <-chan string, pos int) string     { v, _ := Recv(c, pos); return v }
func RecvBool(c <-chan bool, pos int) bool           { v, _ := Recv(c, pos); return v }
func RecvError(c <-chan error, pos int) error        { v, _ := Recv(c, pos); return v }
func RecvStruct(c <-chan struct{}, pos int) struct{} { v, _ := Recv(c, pos); return v }

func RecvInt2(c <-chan int, pos int) (int, bool)              { return Recv(c, pos) }
func RecvString2(c <-chan string, pos int) (string, bool)     { return Recv(c, pos) }
func RecvBool2(c <-chan bool, pos int) (bool, bool)           { return Recv(c, pos) }
func RecvError2(c <-chan error, pos int) (error, bool)        { return Recv(c, pos) }
func RecvStruct2(c <-chan struct{}, pos int) (struct{}, bool) { return Recv(c, pos) }

// value is v as an element of c's type: an interface holding nil has no reflect.Value.
func element(c reflect.Value, v any) reflect.Value {
	if v == nil {
		return reflect.Zero(c.Type().Elem())
	}
	return reflect.ValueOf(v)
}

// SendAny is c <- v for a channel of any type.
func SendAny(c any, v any, pos int) {
	ch := reflect.ValueOf(c)
	x := element(ch, v)
	if ch.IsNil() {
		forever("chan send (nil chan)", pos)
	}
	if ch.TrySend(x) {
		return
	}
	g, stop := wait("chan send", pos)
	i, _, _ := reflect.Select([]reflect.SelectCase{
		{Dir: reflect.SelectSend, Chan: ch, Send: x},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(stop)},
	})
	resume(g, i == 1)
}

// RecvAny is <-c for a channel of any type.
func RecvAny(c any, pos int) any {
	v, _ := RecvAny2(c, pos)
	return v
}

// RecvAny2 is <-c with whether the value was sent.
func RecvAny2(c any, pos int) (any, bool) {
	ch := reflect.ValueOf(c)
	if ch.IsNil() {
		forever("chan receive (nil chan)", pos)
	}
	v, ok := ch.TryRecv()
	if v.IsValid() {
		return v.Interface(), ok
	}
	g, stop := wait("chan receive", pos)
	i, v, ok := reflect.Select([]reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: ch},
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(stop)},
	})
	resume(g, i == 1)
	return v.Interface(), ok
}

// forever waits for the owner's end: what a nil channel or an empty select does.
func forever(state string, pos int) {
	g, stop := wait(state, pos)
	<-stop
	resume(g, true)
	runtime.Goexit()
}

// Close is close(c).
func Close(c any) { reflect.ValueOf(c).Close() }

// Select is the select statement. dirs has a letter for each case: r for a
// receive, s for a send, d for default; args hold the channel of each case and,
// after it, the value of a send. It returns the index of the case chosen, and for
// a receive the value and whether it was sent.
func Select(pos int, dirs string, args ...any) (int, any, bool) {
	cases := make([]reflect.SelectCase, 0, len(dirs)+1)
	def := -1
	k := 0
	for i := range len(dirs) {
		switch dirs[i] {
		case 'r':
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(args[k])})
			k++
		case 's':
			c := reflect.ValueOf(args[k])
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectSend, Chan: c, Send: element(c, args[k+1])})
			k += 2
		default:
			def = i
			cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv}) // never ready
		}
	}
	try := append(cases, reflect.SelectCase{Dir: reflect.SelectDefault})
	i, v, ok := reflect.Select(try)
	if i == len(cases) {
		if def >= 0 {
			return def, nil, false
		}
		if len(cases) == 0 {
			forever("select (no cases)", pos)
		}
		g, stop := wait("select", pos)
		try[len(cases)] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(stop)}
		i, v, ok = reflect.Select(try)
		resume(g, i == len(cases))
	}
	if v.IsValid() {
		return i, v.Interface(), ok
	}
	return i, nil, ok
}

// SameChan compares channels of which one is directional.
func SameChan(a, b any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
