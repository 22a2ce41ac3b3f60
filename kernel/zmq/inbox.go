package zmq

import "sync"

// inbox counts, for every identity, the requests that nobody has taken yet. zmq4's
// channel holds ten messages for all peers together, so messages are taken from it
// without pause, and what grows is bounded here: a peer with too much waiting is not
// read any further, and TCP makes it wait. Nobody else notices.
type inbox struct {
	lim Limits

	mu       sync.Mutex
	accounts map[string]*account
	bytes    int
	room     chan struct{} // closed when something was taken; nil while nobody waits
}

type account struct{ messages, bytes int }

func (b *inbox) init(lim Limits) {
	b.lim = lim
	b.accounts = map[string]*account{}
}

// wait returns when another message of the connection's identity may come, or when
// the connection ends or drains.
func (b *inbox) wait(c *Conn) {
	for {
		b.mu.Lock()
		a := b.accounts[c.identity]
		if a == nil || a.messages < b.lim.Inbox && a.bytes < b.lim.InboxBytes && b.bytes < b.lim.Waiting {
			b.mu.Unlock()
			return
		}
		if b.room == nil {
			b.room = make(chan struct{})
		}
		room := b.room
		b.mu.Unlock()
		select {
		case <-room:
		case <-c.ended:
			return
		case <-c.draining:
			return
		}
	}
}

func (b *inbox) came(identity string, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[identity]
	if a == nil {
		a = &account{}
		b.accounts[identity] = a
	}
	a.messages++
	a.bytes += bytes
	b.bytes += bytes
}

func (b *inbox) taken(identity string, bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[identity]
	if a == nil {
		return
	}
	a.messages--
	a.bytes -= bytes
	b.bytes -= bytes
	if a.messages == 0 {
		delete(b.accounts, identity)
	}
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
}
