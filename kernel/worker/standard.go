package worker

import "syscall"

// standard are descriptors 0, 1 and 2 as they were when the worker began, kept under
// other numbers: a cell may close them or put other files there, and a later cell
// must not be silent for it.
type standard [3]struct {
	copy     int
	dev, ino uint64
	known    bool
}

// keepStandard is called before any cell runs.
func keepStandard() (s standard) {
	for fd := range s {
		copy, err := syscall.Dup(fd)
		if err != nil {
			continue
		}
		syscall.CloseOnExec(copy)
		var at syscall.Stat_t
		if syscall.Fstat(copy, &at) == nil {
			s[fd].copy, s[fd].dev, s[fd].ino, s[fd].known = copy, uint64(at.Dev), uint64(at.Ino), true
		}
	}
	return s
}

// restore puts back what is not there any more.
func (s *standard) restore() {
	for fd, was := range s {
		var at syscall.Stat_t
		if !was.known || syscall.Fstat(fd, &at) == nil && uint64(at.Dev) == was.dev && uint64(at.Ino) == was.ino {
			continue
		}
		if syscall.Fstat(was.copy, &at) == nil && uint64(at.Dev) == was.dev && uint64(at.Ino) == was.ino {
			duplicate(was.copy, fd)
		}
	}
}
