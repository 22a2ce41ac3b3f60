package walls

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Missing says which wall this machine lacks, nil when all can be raised.
func Missing() error {
	if err := filterKnown(); err != nil {
		return fmt.Errorf("walls: seccomp: %w", err)
	}
	if abi, err := landlocksys.LandlockGetABIVersion(); err != nil || abi < 1 {
		if err == nil {
			err = errors.New("switched off")
		}
		return fmt.Errorf("walls: Landlock (Linux 5.13 or later, switched on): %w", err)
	}
	return nil
}

// Raise raises all walls around the process, with dir inside, and says what stands.
func Raise(dir string) (string, error) {
	if err := Missing(); err != nil {
		return "", err
	}
	// A file that grows too large is an error of the write and not the end of the process.
	signal.Ignore(syscall.SIGXFSZ)
	for _, limit := range []struct {
		resource int
		most     uint64
	}{{unix.RLIMIT_CORE, 0}, {unix.RLIMIT_NOFILE, openFiles}, {unix.RLIMIT_FSIZE, largestFile}} {
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: limit.most, Max: limit.most}); err != nil {
			return "", fmt.Errorf("walls: rlimits: %w", err)
		}
	}
	abi, _ := landlocksys.LandlockGetABIVersion()
	// The newest that there is: of an older one the filter makes up for what counts.
	if err := landlock.V11.BestEffort().Restrict(landlock.RWDirs(dir)); err != nil {
		return "", fmt.Errorf("walls: Landlock: %w", err)
	}
	if err := installFilter(); err != nil {
		return "", fmt.Errorf("walls: seccomp: %w", err)
	}
	if err := try(); err != nil {
		return "", fmt.Errorf("walls: %w", err)
	}
	return fmt.Sprintf("Landlock (ABI %d), seccomp, rlimits, no_new_privs", abi), nil
}

// try does what must fail.
func try() error {
	if f, err := os.Open("/"); err == nil {
		f.Close()
		return errors.New("Landlock does not hold: / can be opened")
	}
	if fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0); err == nil {
		unix.Close(fd)
		return errors.New("seccomp does not hold: a socket can be opened")
	}
	return nil
}
