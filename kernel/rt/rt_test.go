package rt

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestRunReturnsValuesAndFailures(t *testing.T) {
	v, f := Run(1, func() []any { return []any{3} })
	if f != nil || fmt.Sprint(v) != "[3]" {
		t.Errorf("Run = %v, %v; want [3] and no failure", v, f)
	}
	_, f = Run(1, func() []any { Panic(0, errors.New("boom")); return nil })
	if f == nil || f.Name != "Panic" || f.Text != "boom" {
		t.Errorf("failure of a panic = %+v", f)
	}
	_, f = Run(1, func() []any { Index(5, 3); return nil })
	if f == nil || f.Text != "runtime error: index out of range [5] with length 3" {
		t.Errorf("failure of an index = %+v", f)
	}
	_, f = Run(1, func() []any { Exit(3); return nil })
	if f == nil || f.Name != "Exit" || f.Code != 3 {
		t.Errorf("failure of an exit = %+v", f)
	}
	if _, f = Run(1, func() []any { Exit(0); return nil }); f != nil {
		t.Errorf("exit 0 = %+v", f)
	}
}

func TestInterruptEndsGuardedLoopsAndBlockedGoroutinesOfTheCellOnly(t *testing.T) {
	Forget()
	other := NewOwner(8)
	c := make(chan int)
	go other.Run(func() []any {
		for i := 0; ; i++ {
			SendInt(c, i, 0)
		}
	})
	if RecvInt(c, 0) != 0 {
		t.Fatal("the other cell does not send")
	}
	o := NewOwner(7)
	started := make(chan bool)
	ended := make(chan *Failure)
	deferred := false
	go func() {
		_, f := o.Run(func() []any {
			d := NewD()
			d.Do(func() {
				d.Push(0, func() { deferred = true })
				Go(0, func() { RecvAny(make(chan string), 0) })
				close(started)
				for {
					Check()
				}
			})
			return nil
		})
		ended <- f
	}()
	<-started
	Interrupt(7)
	if f := <-ended; f == nil || f.Name != "Interrupted" || !deferred {
		t.Errorf("failure = %+v, deferred = %v", f, deferred)
	}
	for o.Live() > 0 {
		time.Sleep(time.Millisecond)
	}
	if RecvInt(c, 0) != 1 {
		t.Error("the other cell's goroutine did not go on")
	}
	Interrupt(8)
}

func TestDeferredCallsRecover(t *testing.T) {
	var log []string
	f := func() (err error) {
		d := NewD()
		d.Do(func() {
			d.Push(0, func() { log = append(log, "last") })
			d.Push(0, func() {
				if r := d.Rec(); r != nil {
					err = fmt.Errorf("rec %v", r)
				}
			})
			d.Push(0, func() { panic("second") })
			panic("first")
		})
		return err
	}
	_, fail := Run(1, func() []any {
		if err := f(); err == nil || err.Error() != "rec second" {
			t.Errorf("err = %v", err)
		}
		return nil
	})
	if fail != nil || strings.Join(log, " ") != "last" {
		t.Errorf("failure %v, log %v", fail, log)
	}
}
