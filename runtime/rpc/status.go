package rpc

import (
	"errors"
	"fmt"
	"time"

	"netsplit/runtime/trace"
)

// Code says what became of a call, in the words of gRPC (google.rpc.Code).
type Code string

// The codes.
const (
	OK                 Code = "OK"
	Cancelled          Code = "Cancelled"          // the caller lost interest
	InvalidArgument    Code = "InvalidArgument"    // the request makes no sense, now or later
	DeadlineExceeded   Code = "DeadlineExceeded"   // no reply in time; the work may have been done
	NotFound           Code = "NotFound"           // what the request is about is not there
	AlreadyExists      Code = "AlreadyExists"      // what the request would make is there
	PermissionDenied   Code = "PermissionDenied"   // not for this caller
	ResourceExhausted  Code = "ResourceExhausted"  // a quota of the caller is used up
	FailedPrecondition Code = "FailedPrecondition" // not in this state; a retry alone changes nothing
	Aborted            Code = "Aborted"            // lost against another; begin again from the read
	Unimplemented      Code = "Unimplemented"      // the server has no such operation
	Internal           Code = "Internal"           // a bug
	Unavailable        Code = "Unavailable"        // not now; nothing was done
)

// RetryHelps tells whether the same request may succeed when it is sent again:
// after Unavailable, where nothing was done, and after DeadlineExceeded, where it may
// have been done (the operation must be idempotent, or carry an id). Aborted is
// retried from the beginning of the transaction, which is not the call's business.
func (c Code) RetryHelps() bool { return c == Unavailable || c == DeadlineExceeded }

// Error is the error of a Call.
type Error struct {
	Code     Code
	Text     string // in the words of who failed
	To, Kind string
	Attempts int // that were sent; 0 when the client refused
	At       time.Duration
	Seed     uint64
}

// Error is a sentence with code, who was asked for what, how often, and when.
func (e *Error) Error() string {
	attempts := fmt.Sprintf("%d attempts", e.Attempts)
	if e.Attempts == 1 {
		attempts = "1 attempt"
	}
	return fmt.Sprintf("%s: %s (%s to %s, %s, at %s, seed %d)", e.Code, e.Text, e.Kind, e.To, attempts, trace.Clock(e.At), e.Seed)
}

// CodeOf is the code of an error: OK for nil, Internal for one that is not of this
// package.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
