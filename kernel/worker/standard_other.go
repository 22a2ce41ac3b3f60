//go:build !linux

package worker

import "syscall"

// duplicate makes to another name for from.
func duplicate(from, to int) error { return syscall.Dup2(from, to) }
