package zmq_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"netsplit/kernel/zmq"
	"netsplit/kernel/zmq/zmqtest"
)

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func long(flags byte, size uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{flags | 2}, size)
}

// Fault test 12: frames that announce more than comes, and messages without end.
func TestAbsurdFramesAreClosedBeforeTheyCostMemory(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	before := heap()
	for name, b := range map[string][]byte{
		"2⁶²":           long(0, 1<<62),
		"2⁶⁴-1":         long(0, 1<<64-1),
		"4 GiB":         long(1, 4<<30),
		"just over":     long(0, 64<<20),
		"10⁶ frames":    bytes.Repeat([]byte{1, 0}, 1000000),
		"reserved bits": {0x80, 0},
		"long command":  long(4, 1<<20),
		"no command":    {4, 0},
		"command more":  {5, 0},
		"short PING":    zmqtest.Frame(4, []byte("\x04PING\x00")),
	} {
		p := k.dealer("")
		p.SendRaw(b)
		if err := p.Closed(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Announced and not sent: the bytes that came are kept, the others not.
	for range 50 {
		k.dealer("").SendRaw(append(long(0, 60<<20), "begun"...))
	}
	k.alive()
	if after := heap(); after > before+16<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, after>>20)
	}
}

func TestAPeerMayBeSilentBetweenMessagesOnly(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Stall: 100 * time.Millisecond}})
	silent := k.dealer("")
	cut := k.dealer("")
	cut.SendRaw([]byte{0, 10, 'h', 'a'})
	if err := cut.Closed(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	answered(t, silent, "still here")
	slow := k.dealer("")
	for _, b := range zmqtest.Message([]byte("drop by drop")) {
		slow.SendRaw([]byte{b})
		time.Sleep(20 * time.Millisecond)
	}
	if frames, err := slow.Recv(); err != nil || string(frames[0]) != "drop by drop" {
		t.Fatalf("slow but steady: %q, %v", frames, err)
	}
}

func TestAllThatIsOnItsWayInIsBounded(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Staging: 8 << 20}})
	part := append(long(0, 6<<20), make([]byte, 5<<20)...)
	a, b := k.dealer(""), k.dealer("")
	a.SendRaw(part)
	await(t, "one of two large messages to be refused", func() bool {
		b.SendRaw(part) // fails once it is closed
		return k.logged("too many bytes on their way in")
	})
	k.alive()
}

// Fault test 13: ends in the middle, resets, replies to nobody.
func TestDisconnectsLeaveNothingBehind(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	for i := range 50 {
		p := k.dealer("")
		p.SendRaw([]byte{1, 200, 'c', 'u', 't'})
		if i%2 == 0 {
			p.Reset()
		} else {
			p.Close()
		}
		gone := k.dealer(fmt.Sprint("gone", i))
		gone.Send([]byte("answer me"), make([]byte, 100000))
		gone.Reset()
		s := k.subscriber("")
		s.Reset()
		k.Publish([][]byte{[]byte("status"), make([]byte, 1000)})
	}
	if err := k.SendShell([][]byte{[]byte("nobody"), []byte("reply")}); err != nil {
		t.Errorf("reply to a client that never was: %v", err)
	}
	if err := k.SendStdin([][]byte{[]byte("nobody"), []byte("question")}); err != nil {
		t.Errorf("question to a client that never was: %v", err)
	}
	k.alive()
}

// Fault test 14: a client that asks and never reads.
func TestADeafClientIsClosedAtItsBoundAndHoldsNobodyUp(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Queue: 2 << 20, Inbox: 100}})
	deaf := k.dealer("deaf")
	other := k.dealer("other")
	go func() {
		large := make([]byte, 20<<10)
		for range 3000 {
			if deaf.Send([]byte("request"), large) != nil {
				return
			}
		}
	}()
	for i := 0; !k.logged("does not read"); i++ {
		answered(t, other, fmt.Sprint("while a deaf one asks ", i))
	}
	if err := deaf.Closed(); err != nil {
		t.Fatal(err)
	}
	answered(t, other, "after it")
}

// A deaf client must not keep others of its socket out either.
func TestADeafPingerIsClosed(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Queue: 1 << 20}})
	p := zmqtest.Dial(t, k.Spec(), k.Spec().Heartbeat, "DEALER", "")
	go func() {
		ping := bytes.Repeat(zmqtest.Message(nil, make([]byte, 10000)), 100)
		for p.SendRaw(ping) == nil {
		}
	}()
	good := zmqtest.Dial(t, k.Spec(), k.Spec().Heartbeat, "REQ", "")
	for i := 0; !k.logged("heartbeat: connection from"); i++ {
		beat(t, good, fmt.Sprint("ping", i))
	}
}

// Fault test 15: 200 MB for a subscriber that reads, beside one that does not.
func TestASubscriberGetsAllBesideADeafOne(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	const messages, each = 2000, 100000
	deaf := k.subscriber("")
	k.heard(deaf, "stream")
	reader := k.subscriber("stream", "status")
	k.heard(reader, "stream")
	before := heap()

	result := make(chan error, 1)
	go func() {
		next := 0
		for {
			frames, err := reader.Recv()
			switch {
			case err != nil:
				result <- err
				return
			case string(frames[0]) == "status":
				if next != messages {
					err = fmt.Errorf("idle after %d of %d messages", next, messages)
				}
				result <- err
				return
			case len(frames) != 3: // of heard
			case string(frames[1]) != fmt.Sprint(next):
				result <- fmt.Errorf("message %s where %d belongs", frames[1], next)
				return
			default:
				next++
			}
		}
	}()
	body := bytes.Repeat([]byte("x"), each)
	most := uint64(0)
	for i := range messages {
		if err := k.Publish([][]byte{[]byte("stream"), fmt.Append(nil, i), body}); err != nil {
			t.Fatalf("publish %d: %v", i, err)
		}
		if err := k.Pace(t.Context()); err != nil {
			t.Fatalf("pace: %v", err)
		}
		if i%100 == 0 {
			most = max(most, heap())
		}
	}
	k.Publish([][]byte{[]byte("status"), []byte("idle")})
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	if most > before+64<<20 {
		t.Errorf("heap grew from %d to %d MiB", before>>20, most>>20)
	}
	if !k.logged("does not read") {
		t.Errorf("the deaf subscriber was not closed; log: %q", k.lines())
	}
}

// Without Pace a deaf subscriber costs the others nothing but time.
func TestPublishWithoutPaceReachesReaders(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	deaf := k.subscriber("")
	k.heard(deaf, "stream")
	reader := k.subscriber("stream")
	k.heard(reader, "stream")
	const messages = 800
	go func() {
		for i := range messages {
			k.Publish([][]byte{[]byte("stream"), fmt.Append(nil, i), make([]byte, 100000)})
		}
	}()
	for next := 0; next < messages; {
		frames, err := reader.Recv()
		if err != nil {
			t.Fatalf("after %d of %d: %v", next, messages, err)
		}
		if len(frames) == 3 {
			next++
		}
	}
}

// Fault test 16: identities.
func TestTheNewestConnectionOfAnIdentityWins(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	for _, identity := range []string{"me", strings.Repeat("i", 255), "<IDS|MSG>", "\x00zero", "\xff\xfe"} {
		old := k.dealer(identity)
		answered(t, old, "old")
		fresh := k.dealer(identity)
		answered(t, fresh, "new")
		if err := old.Closed(); err != nil {
			t.Fatalf("identity %q: the old connection: %v", identity, err)
		}
		fresh.Send([]byte("once"))
		fresh.Send([]byte("only"))
		for _, want := range []string{"once", "only"} {
			if frames, err := fresh.Recv(); err != nil || string(frames[0]) != want {
				t.Fatalf("identity %q: got %q, %v; want %q", identity, frames, err, want)
			}
		}
		fresh.Close()
	}
	a, b := k.dealer(""), k.dealer("")
	answered(t, a, "a")
	answered(t, b, "b")
	answered(t, a, "a again")
}

// Fault test 17: subscriptions, and the welcome that each gets first.
func TestSubscriptions(t *testing.T) {
	k := open(t, local(), zmq.Options{Welcome: func(topic string) [][]byte {
		return [][]byte{[]byte(topic), []byte("welcome to " + topic)}
	}})
	get := func(p *zmqtest.Peer, want string) {
		t.Helper()
		frames, err := p.Recv()
		if got := string(bytes.Join(frames, []byte(":"))); err != nil || got != want {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
	publish := func(topic string) { k.Publish([][]byte{[]byte(topic), []byte("x")}) }

	all, some := k.subscriber(), k.subscriber()
	publish("status") // nobody yet
	all.Subscribe("")
	get(all, ":welcome to ")
	some.Subscribe("str")
	get(some, "str:welcome to str")
	k.heardBoth(all, some)

	// What was published before may still come; the welcome shows that all sent
	// before it was taken.
	await := func(p *zmqtest.Peer, want string) {
		t.Helper()
		for {
			frames, err := p.Recv()
			if got := string(bytes.Join(frames, []byte(":"))); err != nil || got == want {
				if err != nil {
					t.Fatalf("wait for %q: %v", want, err)
				}
				return
			}
		}
	}
	some.Unsubscribe("str")
	some.Subscribe("other")
	await(some, "other:welcome to other")
	some.Subscribe("other") // not new
	some.Subscribe("\xff")  // not UTF-8: no welcome
	some.Unsubscribe("nothing")
	some.Subscribe("third")
	get(some, "third:welcome to third")
	k.heard(some, "third")
	publish("stream")
	publish("end")
	await(all, "end:x")
	publish("third, the last")
	for topic := ""; topic != "third, the last"; {
		frames, err := some.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if topic = string(frames[0]); !strings.HasPrefix(topic, "third") {
			t.Fatalf("got topic %q after unsubscribing it", topic)
		}
	}
	late := k.subscriber("status")
	get(late, "status:welcome to status")
	k.heard(late, "status")
}

// A peer that was welcomed misses nothing that is published from then on.
func TestWelcomeIsAPromise(t *testing.T) {
	k := open(t, local(), zmq.Options{Welcome: func(topic string) [][]byte {
		return [][]byte{[]byte(topic), []byte("welcome")}
	}})
	for range 300 {
		p := k.subscriber("a")
		for _, want := range []string{"welcome", "x"} {
			frames, err := p.Recv()
			if err != nil || string(frames[len(frames)-1]) != want {
				t.Fatalf("got %q, %v; want %s", frames, err, want)
			}
			k.Publish([][]byte{[]byte("a"), []byte("x")}) // after the welcome: has to come
		}
		p.Close()
	}
}

// heardBoth waits until both peers get what is published on stream.
func (k *kernel) heardBoth(a, b *zmqtest.Peer) {
	k.heard(a, "stream")
	k.heard(b, "stream")
}

func TestABabblingSubscriberHearsOn(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	p := k.subscriber()
	for i := range 100 {
		p.Send([]byte("no subscription"))
		p.Send([]byte{1}, []byte("two frames"))
		p.Send(nil)
		p.Subscribe(fmt.Sprint("topic", i))
	}
	p.Subscribe(strings.Repeat("long", 1000)) // over the limit of a topic
	p.Subscribe("stream")
	k.heard(p, "stream")
	for i := range 2000 { // over the limit of subscriptions
		p.Subscribe(fmt.Sprint("more", i))
	}
	k.heard(p, "stream")
}

func TestTheHiddenTopicStaysHidden(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	p := k.subscriber("", "\x00barrier")
	k.heard(p, "stream")
	for range 30 {
		k.Publish([][]byte{[]byte("stream"), make([]byte, 100<<10)}) // barriers go by
	}
	k.Publish([][]byte{[]byte("last"), nil})
	for {
		frames, err := p.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if topic := string(frames[0]); topic == "last" {
			return
		} else if topic != "stream" {
			t.Fatalf("topic %q", topic)
		}
	}
}

// Fault test 18, as far as sockets go: what was sent before Close arrives.
func TestEverythingSentBeforeCloseArrives(t *testing.T) {
	for range 20 {
		k := open(t, local(), zmq.Options{})
		s, d := k.subscriber("stream"), k.dealer("d")
		deaf := k.subscriber("")
		k.heard(s, "stream")
		answered(t, d, "hello")
		_ = deaf
		var all sync.WaitGroup
		all.Go(func() {
			for i := range 1000 {
				k.Publish([][]byte{[]byte("stream"), fmt.Append(nil, i), []byte("line")})
			}
			k.SendShell([][]byte{[]byte("d"), []byte("reply")})
			k.Publish([][]byte{[]byte("stream"), []byte("idle"), nil})
			k.Close(t.Context())
		})
		next := 0
		for {
			frames, err := s.Recv()
			if err != nil {
				t.Fatalf("after %d of 1000 messages: %v", next, err)
			}
			if len(frames) == 3 {
				if string(frames[1]) == "idle" {
					break
				}
				if string(frames[1]) != fmt.Sprint(next) {
					t.Fatalf("message %s where %d belongs", frames[1], next)
				}
				next++
			}
		}
		if next != 1000 {
			t.Fatalf("%d of 1000 messages, then idle", next)
		}
		if frames, err := d.Recv(); err != nil || string(frames[0]) != "reply" {
			t.Fatalf("reply: %q, %v", frames, err)
		}
		if err := s.Closed(); err != nil {
			t.Fatal(err)
		}
		s.Close()
		d.Close()
		deaf.Close()
		all.Wait()
	}
}

// Messages under mutated bytes, on all ports, seeded.
func TestMutatedMessages(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Stall: 200 * time.Millisecond}})
	random := rand.New(rand.NewPCG(1, 12))
	seed := bytes.Join([][]byte{
		zmqtest.Message([]byte("<IDS|MSG>"), []byte("sig"), []byte("{}"), nil, []byte("{}"), []byte("{}")),
		zmqtest.Message([]byte("\x01topic")),
		zmqtest.Frame(4, []byte("\x04PING\x00\x00x")),
		zmqtest.Message(nil, bytes.Repeat([]byte("b"), 300)),
	}, nil)
	ports := []struct {
		kind string
		port int
	}{
		{"DEALER", k.Spec().Shell}, {"REQ", k.Spec().Control}, {"ROUTER", k.Spec().Stdin},
		{"XSUB", k.Spec().IOPub}, {"DEALER", k.Spec().Heartbeat},
	}
	for range 300 {
		to := ports[random.IntN(len(ports))]
		p := zmqtest.Dial(t, k.Spec(), to.port, to.kind, fmt.Sprint(random.IntN(5)))
		p.SendRaw(mutate(random, seed))
		p.Close()
	}
	k.alive()
}

// Many deaf subscribers cost no more than a few: beyond a bound for all of them the
// one with the longest queue goes.
func TestACrowdOfDeafSubscribersIsBounded(t *testing.T) {
	k := open(t, local(), zmq.Options{Limits: zmq.Limits{Queue: 8 << 20}})
	reader := k.subscriber("stream")
	k.heard(reader, "stream")
	before := heap()
	for range 30 {
		k.heard(k.subscriber("stream"), "stream")
	}
	got := make(chan error, 1)
	go func() {
		for {
			frames, err := reader.Recv()
			if err != nil || string(frames[1]) == "last" {
				got <- err
				return
			}
		}
	}()
	most := uint64(0)
	for i := range 400 {
		k.Publish([][]byte{[]byte("stream"), make([]byte, 100000)})
		k.Pace(t.Context())
		if i%50 == 0 {
			most = max(most, heap())
		}
	}
	k.Publish([][]byte{[]byte("stream"), []byte("last")})
	if err := <-got; err != nil {
		t.Fatalf("the one that reads: %v", err)
	}
	if most > before+100<<20 { // 31 peers at 2 MiB, or 4 × 8 MiB
		t.Errorf("heap grew from %d to %d MiB", before>>20, most>>20)
	}
}

// A peer that takes nothing does not hold the end up for the second that is allowed,
// and the others get all.
func TestCloseDoesNotWaitForTheDeaf(t *testing.T) {
	k := open(t, local(), zmq.Options{})
	deaf, reader := k.subscriber("stream"), k.subscriber("stream")
	k.heard(deaf, "stream")
	k.heard(reader, "stream")
	const messages = 250
	for i := range messages {
		k.Publish([][]byte{[]byte("stream"), fmt.Append(nil, i), make([]byte, 100000)})
		k.Pace(t.Context())
	}
	go k.Close(t.Context())
	for next := 0; next < messages; {
		frames, err := reader.Recv()
		if err != nil {
			t.Fatalf("after %d of %d: %v", next, messages, err)
		}
		if len(frames) == 3 {
			next++
		}
	}
	if err := reader.Closed(); err != nil {
		t.Fatal(err)
	}
}
