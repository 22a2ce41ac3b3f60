package walls

import "golang.org/x/sys/unix"

const (
	arch         = uint32(unix.AUDIT_ARCH_X86_64)
	otherNumbers = 1 << 30 // of the x32 calls
)

// deniedHere are calls that only this architecture has.
var deniedHere = []uint32{
	unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_MKNOD, unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	unix.SYS_IOPERM, unix.SYS_IOPL, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_USELIB, unix.SYS_USTAT, unix.SYS_SYSFS, unix.SYS_SETRLIMIT,
}
