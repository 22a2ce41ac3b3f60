package rt

import "testing"

// pass is what a panic meets in an interpreted function.
func pass(n int) {
	defer func() {
		if v := recover(); v != nil {
			Trace.Write([]byte("1:1: panic: main.pass(...)\n"))
			panic(v)
		}
	}()
	if n == 0 {
		panic("at the bottom")
	}
	pass(n - 1)
}

// With the square of the depth this would take minutes.
func TestAPanicFromFarDownEndsTheCell(t *testing.T) {
	if !knownPanic {
		t.Error("the runtime's record of a panic is not what unwind.go reads")
	}
	Forget()
	defer Forget()
	word, pos := false, 7
	Fn("pass", &word, &pos)
	_, fail := Run(1, func() []any { pass(20_000); return nil })
	if fail == nil || fail.Name != "Panic" || fail.Value != "at the bottom" || len(fail.Frames) != maxFrames || fail.Frames[0].Pos != 7 {
		t.Errorf("%+v", fail)
	}
}

func TestWhatCompiledCodeRecoversIsNotCutShort(t *testing.T) {
	got := any(nil)
	Run(1, func() []any {
		done := make(chan bool)
		go func() {
			defer close(done)
			defer func() { got = recover() }()
			pass(1000)
		}()
		<-done
		return nil
	})
	if got != "at the bottom" {
		t.Errorf("recovered %v", got)
	}
}
