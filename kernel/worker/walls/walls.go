// Package walls keeps a worker process from what is not its business: while a
// submission is graded, the worker runs code that nobody has read.
//
//	report, err := walls.Raise(dir) // from here on: dir, memory and time, and nothing else
//
// Raise is called once, by the worker, before the first line of a learner's code. What
// it does cannot be undone, neither by the process nor by what is in it:
//
//	Landlock     files can be opened, listed, made and removed in one directory only;
//	             no other path, /proc included. Descriptors that are open stay open.
//	seccomp      no sockets of any kind, no programs and no processes, no signals to
//	             others, no ptrace and memory of others, no mounts, namespaces,
//	             io_uring, BPF, keys, clocks, devices, and no change of the modes,
//	             owners and times of files by their names, which Landlock lets pass.
//	             Threads of Go's own stay possible.
//	rlimits      no core dumps, 256 open files, 64 MiB in one file. Memory is limited
//	             by the kernel process, from outside.
//	no_new_privs programs with the set-user-ID bit would be of no use, if one could run.
//
// Each wall must stand on every thread of the process, and Raise tries them: it opens
// a file outside and a socket, and both must fail. A wall that cannot be raised, or
// does not hold, is an error, and Missing tells in advance. Nothing is raised half: the
// caller must not run anything then.
//
// What stays visible: whether a path outside exists (stat is not held back), the time,
// the process's own number and its parent's.
//
// Landlock is there since Linux 5.13, where it is switched on; seccomp nearly
// everywhere. Both need no privileges. A container's own profile must let Landlock's
// calls pass: Docker's default one does since 23.0. Other systems have neither.
package walls

// Limits of a worker behind walls.
const (
	openFiles   = 256
	largestFile = 64 << 20
)
