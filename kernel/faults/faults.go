// Package faults holds the tests of a whole kernel under hostile cells, clients,
// signals and surroundings: the netsplit binary in a process of its own, spoken to
// over raw sockets (package zmqtest). It has no other code.
//
//	go test ./kernel/faults                     everything, builds netsplit twice
//	go test ./kernel/faults -norace             builds it once
//	go test ./kernel/faults -binary FILE        builds nothing
//
// The kernel process is built with the race detector, its workers (NETSPLIT_WORKER)
// are not, because the interpreter does not run under it. After every test the
// kernel's log is searched for data races and panics, and what all of its iopub
// traffic was is looked through: busy first, idle last, each once.
//
// # Fault tests
//
// Where a test has no package, it is of this one.
//
//	 1 wrong signatures      zmqtest: TestWrongSignatures; wire: TestWrongSignaturesAreDropped
//	 2 replays               zmqtest: TestReplays; wire: TestAReplayIsDroppedForALongTime
//	 3 malformed messages    zmqtest: TestMalformedMessages; wire: TestMalformedFramesAreDropped
//	 4 unreadable headers    zmqtest: TestUnreadableMessages; wire: TestUnreadableHeadersAreDropped
//	 5 unreadable contents   wire: TestDeepAndLargeContent; session: TestMutatedRequests
//	 6 unknown requests      session: TestTranscripts
//	 7 cursors               wire: TestCursors
//	 8 many requests         zmq: TestFiveThousandRequestsAtOnceAreAnsweredInOrder; session: TestCountsGrowByOne, TestCellsSentWithAFailingCellAreAborted
//	 9 many clients          zmqtest: TestTwentyClientsGetTheirOwnReplies; zmq: TestTwoHundredClientsAtOnce, TestAThousandConnectionsComeAndGo
//	10 silent connections    zmq: TestSilentConnectionsHoldNobodyUp
//	11 malformed handshakes  zmq: TestMalformedHandshakesAreClosed
//	12 absurd frames         zmq: TestAbsurdFramesAreClosedBeforeTheyCostMemory
//	13 disconnects           zmq: TestDisconnectsLeaveNothingBehind
//	14 a deaf client         zmq: TestADeafClientIsClosedAtItsBoundAndHoldsNobodyUp
//	15 a deaf subscriber     zmq: TestASubscriberGetsAllBesideADeafOne
//	16 identities            zmq: TestTheNewestConnectionOfAnIdentityWins
//	17 subscriptions         zmq: TestSubscriptions
//	18 the last messages     zmq: TestEverythingSentBeforeCloseArrives; netsplit: TestOutputComesOutBeforeTheEnd
//	19 many prints           session: TestTenThousandPrintsAreAFewMessages, TestAlternatingStreamsAreAFewMessages; supervisor: TestRealManyPrints
//	20 shapes of output      session: TestLongTextIsCutAtRunes, TestRunesSurviveAnySplit, TestProgressBarsAreSlowedDown
//	21 late output           supervisor: TestRealGoroutines
//	22 order                 looked through after every test of this package; session: TestOrderHoldsUnderLoad
//	23 interrupts            TestInterrupts, TestInterruptInheritedAsIgnored
//	24 idle interrupts       TestInterruptsThatMeetNothing
//	25 control while busy    TestControlWhileBusy
//	26 heartbeat             TestHeartbeat
//	27 deaths                supervisor: TestRealDeaths, TestRealClosedStreams, TestRealLimits; worker: TestDeath
//	28 kills                 TestKills
//	29 signals               netsplit: TestOutputComesOutBeforeTheEnd, TestTheKernelEndsWithItsParent
//	30 surroundings          wire: TestConnectionErrorsAreOneClearLine; netsplit: TestBadConnectionFilesAreOneLine, TestATakenPortIsOneLine
//
// Beside them: TestDeadlocks, TestNoFalseDeadlocks and what a cell is told that waits
// for something nobody knows of.
//
// # Interrupts
//
// 46 shapes of a cell, among them loops, recursion, sleeps, channels, locks, input,
// compiled calls with callbacks, simulations: all are answered within 20 ms on a busy
// machine with two cores, with the worker and its values kept. The one that costs the
// worker is a single compiled call that never returns; it is told so after a second.
package faults
