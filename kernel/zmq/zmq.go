// Package zmq is the five sockets of a kernel: shell, control and stdin (ROUTER),
// iopub (PUB) and the heartbeat (REP), over tcp or ipc. It carries frames and knows
// nothing of what they mean. It is the only importer of go-zeromq/zmq4.
//
//	sockets, err := zmq.Open(spec, zmq.Options{Log: log, Welcome: welcome})
//	for frames := range sockets.Shell() { … sockets.SendShell(reply) … }
//	sockets.Publish(status)
//	sockets.Close(ctx)
//
// # What callers may rely on
//
// No peer, however silent, slow, malformed or hostile, ends the process, delays
// another peer, or makes memory grow beyond the Limits. Heartbeats are answered here.
// Sending never waits for a peer. What was sent before Close arrives at every peer
// that reads.
//
// # The guard
//
// zmq4 shakes hands in its accept loop, believes lengths before it has bytes, and
// writes to all peers under one lock. All of it is kept away from peers by a guard,
// which is a transport of zmq4, registered as guard://:
//
//		peer ── TCP ── handshake ── Conn.Read  ── zmq4 ── receive ── inbox ── Shell()
//		                            Conn.Write ── zmq4 ── transmit ─ outbox ─ SendShell
//		                            queue of the peer ── goroutine ── TCP
//
//	  - Handshake (handshake.go). Each connection is greeted by the guard on its own
//	    goroutine, within Limits.Handshake. zmq4 sees only those that passed, and of
//	    them a greeting and READY that the guard has written anew.
//	  - Read (conn.go) gives zmq4 whole messages that keep to the limits. Memory follows
//	    the bytes that came, not the length that was announced. PING is answered, other
//	    commands are dropped. PUB takes subscriptions only, REP only what has an empty
//	    delimiter.
//	  - Write (write.go) never waits: it copies a message to the queue of the peer,
//	    which a goroutine of the peer sends. Whoever lets his queue grow to its bound is
//	    closed, with a line in the log.
//	  - On a ROUTER the newest connection of an identity replaces the older one.
//	  - A peer whose requests pile up, because nobody takes them from Shell, is not read
//	    any further until some are taken (inbox.go). This slows down that peer alone.
//	    Those that wait are taken in turns, one of each peer (turns.go).
//	  - A hidden subscriber (barrier.go) tells how far zmq4's own PUB queue has come.
//	    Pace and Close build on it.
//
// # Fault tests
//
// With raw sockets, under the race detector; a kernel's tests go on where these end.
//
//	1 wrong signatures             zmqtest: TestWrongSignatures; wire: TestWrongSignaturesAreDropped
//	2 replays                      zmqtest: TestReplays; wire: TestAReplayIsDroppedForALongTime
//	3 malformed messages           zmqtest: TestMalformedMessages; wire: TestMalformedFramesAreDropped
//	4 unreadable messages          zmqtest: TestUnreadableMessages; wire: TestUnreadableHeadersAreDropped
//	9 many clients                 TestTwoHundredClientsAtOnce, TestAThousandConnectionsComeAndGo
//	10 silent connections          TestSilentConnectionsHoldNobodyUp, TestACrowdOfHandshakesEndsTheOldest
//	11 malformed handshakes        TestMalformedHandshakesAreClosed
//	12 absurd frames               TestAbsurdFramesAreClosedBeforeTheyCostMemory, TestAllThatIsOnItsWayInIsBounded
//	13 disconnects                 TestDisconnectsLeaveNothingBehind
//	14 a deaf client               TestADeafClientIsClosedAtItsBoundAndHoldsNobodyUp, TestADeafPingerIsClosed
//	15 a deaf subscriber           TestASubscriberGetsAllBesideADeafOne, TestACrowdOfDeafSubscribersIsBounded
//	16 identities                  TestTheNewestConnectionOfAnIdentityWins
//	17 subscriptions               TestSubscriptions, TestABabblingSubscriberHearsOn
//	18 the last messages           TestEverythingSentBeforeCloseArrives, TestCloseDoesNotWaitForTheDeaf
//	fuzzing, the same in each run  TestMutatedHandshakes, TestMutatedMessages; wire: TestMutated…
//
// # Limits worth knowing
//
// 64 MiB per message that comes in; 16 MiB unread per client and 32 MiB per
// subscriber; 2 s for a handshake; 30 s without progress inside a message. A message
// larger than a queue's bound passes when nothing else waits in it.
//
// # What it does not do
//
// No CURVE and no PLAIN: a kernel must not declare supported_encryption. No dialing.
// zmq4 leaves one goroutine behind for every PUB socket that was closed.
package zmq
