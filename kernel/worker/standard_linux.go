package worker

import "syscall"

// duplicate makes to another name for from. There is no dup2 on every Linux.
func duplicate(from, to int) error { return syscall.Dup3(from, to, 0) }
