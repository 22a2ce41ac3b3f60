//go:build !linux

package walls

import (
	"fmt"
	"runtime"
)

// Missing says why there are no walls here.
func Missing() error {
	return fmt.Errorf("walls: Landlock and seccomp are Linux's, and this is %s", runtime.GOOS)
}

// Raise fails where there are no walls.
func Raise(string) (string, error) { return "", Missing() }
