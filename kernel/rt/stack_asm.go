//go:build amd64 || arm64

package rt

import "unsafe"

// stack is how many bytes of its stack the calling goroutine uses, and how many it has.
func stack() (used, size int64)

// Functions with nothing but a large frame.
func stack128()
func stack256()
func stack512()
func stack1024()

// innermostPanic is the panic that a deferred function of the calling goroutine runs in.
func innermostPanic() *runtimePanic

// goroutine is the runtime's record of the calling goroutine.
func goroutine() unsafe.Pointer
