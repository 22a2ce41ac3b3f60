package zmq

import (
	"syscall"
	"time"
)

// Limits bound what one peer can cost. Every field has a default; a zero field means
// the default.
type Limits struct {
	Handshake  time.Duration // for greeting and READY together (2 s)
	Handshakes int           // under way at once; one more ends the oldest (512, or what descriptors allow)
	Peers      int           // connections of one socket; one more takes the place of one that has sent nothing, or is refused (2000, or what descriptors allow)

	Message int           // bytes of a message that comes in, each frame counting 32 more (64 MiB)
	Frames  int           // frames of a message that comes in (16384)
	Staging int           // bytes of all messages of a socket that are on their way in (256 MiB)
	Stall   time.Duration // without progress inside a message, in either direction (30 s)

	Inbox      int // requests of one peer that nobody has taken yet; the peer then waits (1000)
	InboxBytes int // their bytes (16 MiB)
	Waiting    int // their bytes for all peers of a socket (256 MiB)

	Topics int // subscriptions of one peer (1000); twice as many for all, but a few for each in any case
	Topic  int // bytes of one (1 KiB)

	Queue int // bytes that wait for one peer to read them; beyond it the peer is closed (16 MiB, on iopub 32 MiB); four times as many for all
}

func (l Limits) withDefaults() Limits {
	set := func(field *int, value int) {
		if *field == 0 {
			*field = value
		}
	}
	if l.Handshake == 0 {
		l.Handshake = 2 * time.Second
	}
	if l.Stall == 0 {
		l.Stall = 30 * time.Second
	}
	share := descriptorShare()
	set(&l.Handshakes, min(512, share))
	set(&l.Peers, min(2000, share))
	set(&l.Message, 64<<20)
	set(&l.Frames, 16384)
	set(&l.Staging, 256<<20)
	set(&l.Inbox, 1000)
	set(&l.InboxBytes, 16<<20)
	set(&l.Waiting, 256<<20)
	set(&l.Topics, 1000)
	set(&l.Topic, 1<<10)
	set(&l.Queue, 16<<20)
	return l
}

// descriptorShare is how many descriptors one socket may hold in each of its two
// crowds, so that five sockets leave some for everything else.
func descriptorShare() int {
	const sockets, others = 5, 256
	var files syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) != nil {
		return 100
	}
	return max(20, (int(min(files.Cur, 1<<30))-others)/(2*sockets))
}

const (
	frameCost    = 32       // added to the size of each frame that comes in
	maxCommand   = 2 << 10  // bytes of a ZMTP command
	maxReady     = 1 << 10  // bytes of the READY command
	readStep     = 64 << 10 // a frame is read in steps of this size, so that memory follows the bytes
	batchCount   = 256      // messages written at once
	batchBytes   = 1 << 20  // their bytes, unless one alone is larger
	writeSlice   = 250 * time.Millisecond
	heartbeatMax = 1 << 20 // bytes of a heartbeat
)
