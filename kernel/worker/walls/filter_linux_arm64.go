package walls

import "golang.org/x/sys/unix"

const (
	arch         = uint32(unix.AUDIT_ARCH_AARCH64)
	otherNumbers = 1 << 31 // there are none
)

// deniedHere are calls that not every architecture has.
var deniedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD, unix.SYS_SETRLIMIT}
