package rt

import (
	"runtime/debug"
	"testing"
)

// stackBelow is what stack tells n frames of 1 KiB below.
func stackBelow(n int) (used, size int64) {
	var frame [1 << 10]byte
	if n == 0 {
		return stack()
	}
	frame[n%len(frame)] = 1
	used, size = stackBelow(n - 1)
	return used, size + int64(frame[(n+1)%len(frame)])
}

func TestStackTellsWhatAGoroutineUses(t *testing.T) {
	done := make(chan bool)
	go func() {
		defer close(done)
		shallow, _ := stack()
		deep, size := stackBelow(1000)
		if deep < shallow+1000<<10 || deep > shallow+2000<<10 || size < deep {
			t.Errorf("1000 frames of 1 KiB: from %d to %d bytes of %d", shallow, deep, size)
		}
	}()
	<-done
}

func TestReserveStackMakesItLargeAtOnce(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(1 << 30))
	done := make(chan bool)
	go func() {
		defer close(done)
		for _, want := range []int64{128 << 20, 256 << 20, 512 << 20, 1 << 30} {
			if _, size := stack(); size >= want {
				t.Errorf("%d bytes before %d were reserved", size, want)
			}
			reserveStack(want)
			if _, size := stack(); size != want {
				t.Errorf("%d bytes after %d were reserved", size, want)
			}
		}
	}()
	<-done
}

func TestStackLimitsFitTheMemory(t *testing.T) {
	for memory := int64(64 << 20); memory <= 64<<30; memory *= 2 {
		l := stackLimitsFor(memory)
		if l.always > l.most/4*3 || l.first > l.most || l.most&(l.most-1) != 0 || l.first&(l.first-1) != 0 {
			t.Errorf("with %s: %+v", Bytes(memory), l)
		}
		if l.most > 128<<20 && l.most > memory/4 {
			t.Errorf("with %s a stack may have %s", Bytes(memory), Bytes(l.most))
		}
		// 100,000 calls of a small function in any case.
		if l.always < 100_000*800 {
			t.Errorf("with %s %d bytes are all that a goroutine may use", Bytes(memory), l.always)
		}
	}
}
