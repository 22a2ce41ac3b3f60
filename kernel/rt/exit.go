package rt

import (
	"fmt"
	"log"
	"runtime"
	"sync/atomic"
)

// strictExit makes os.Exit(0) an error.
var strictExit atomic.Bool

// StrictExit decides whether os.Exit(0), by which a cell ends before its last line, is
// an error: where results count, it is.
func StrictExit(on bool) { strictExit.Store(on) }

// Exit is os.Exit in a cell: it ends the cell with all its goroutines, without
// running deferred functions.
func Exit(code int) { ExitAt(0, code) }

// ExitAt is Exit called at a position.
func ExitAt(pos, code int) { exit(pos, code, exitText(code)) }

func exit(pos, code int, text string) {
	o := CurrentOwner()
	if o == nil {
		runtime.Goexit()
	}
	why := &Failure{Name: "Exit", Text: text, Code: code}
	if pos != 0 {
		why.Frames = []Frame{{Pos: pos}}
	}
	o.exiting.Store(true)
	o.Stop(why)
	runtime.Goexit()
}

// The functions of package log that end the program.

func LogFatal(pos int, args ...any) { LoggerFatal(log.Default(), pos, args...) }
func LogFatalf(pos int, format string, args ...any) {
	LoggerFatalf(log.Default(), pos, format, args...)
}
func LogFatalln(pos int, args ...any) { LoggerFatalln(log.Default(), pos, args...) }

func LoggerFatal(l *log.Logger, pos int, args ...any) {
	endLog(l, pos, "log.Fatal", fmt.Sprint(args...))
}
func LoggerFatalf(l *log.Logger, pos int, format string, args ...any) {
	endLog(l, pos, "log.Fatalf", fmt.Sprintf(format, args...))
}
func LoggerFatalln(l *log.Logger, pos int, args ...any) {
	endLog(l, pos, "log.Fatalln", fmt.Sprintln(args...))
}

func endLog(l *log.Logger, pos int, name, text string) {
	l.Output(3, text)
	exit(pos, 1, "the cell called "+name)
}
