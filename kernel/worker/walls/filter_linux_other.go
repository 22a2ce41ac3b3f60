//go:build linux && !amd64 && !arm64

package walls

const (
	arch         = uint32(0) // not known
	otherNumbers = 1 << 31
)

var deniedHere []uint32
