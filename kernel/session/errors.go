package session

import (
	"errors"
	"fmt"
	"strings"

	"netsplit/kernel/wire"
)

// errFull is the answer to requests beyond what a lane keeps (see maxWaiting).
var errFull = errors.New("too many requests are waiting")

// kernelError is a fault of the kernel's own.
type kernelError struct{ text string }

func (e *kernelError) Error() string { return "the kernel met an error of its own: " + e.text }

// errorReply is the reply to a request that failed outside of any cell.
func errorReply(err error) wire.ErrorReply {
	name := "BadRequest"
	var own *kernelError
	switch {
	case errors.As(err, &own):
		name = "KernelError"
	case errors.Is(err, errFull):
		name = "LimitExceeded"
	}
	text := err.Error()
	return wire.ErrorReply{Name: name, Value: text, Traceback: []string{name + ": " + text}}
}

// replyName is the kind of the reply to a kind of request.
func replyName(kind string) string { return strings.TrimSuffix(kind, "_request") + "_reply" }

// clip makes text from outside fit for a line of the log.
func clip(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return fmt.Sprintf("%q", s)
}

func sprint(v any) string { return fmt.Sprint(v) }
