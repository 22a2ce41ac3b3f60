// Package faults holds the tests of a whole kernel under hostile cells, clients,
// signals and surroundings: the netsplit binary in a process of its own, spoken to
// over raw sockets (package zmqtest). It has no other code.
//
//	go test ./kernel/faults                     everything, builds netsplit twice
//	go test ./kernel/faults -norace             builds it once
//	go test ./kernel/faults -binary FILE        builds nothing
//	NETSPLIT_SOAK=5m NETSPLIT_SOAK_CELLS=10000 go test ./kernel/faults -run Soak -timeout 1h
//
// The kernel process is built with the race detector, its workers (NETSPLIT_WORKER)
// are not, because the interpreter does not run under it. After every test the
// kernel's log is searched for data races and panics, and what all of its iopub
// traffic was is looked through: busy first, idle last, each once.
//
// # Fault tests
//
// The thirty faults, what comes of each, and the tests that show it: of this package
// or, with its name before them, of another one. All of them pass; a test sees to it
// that they exist. Figures were taken on a busy machine with two cores.
//
//	 1 wrong signatures       dropped; a log line a second
//	                          zmqtest.TestWrongSignatures, wire.TestWrongSignaturesAreDropped
//	 2 replays                executed once, also after 70,000 other messages
//	                          zmqtest.TestReplays, wire.TestAReplayIsDroppedForALongTime, wire.TestTheMemoryOfReplaysIsBounded
//	 3 malformed messages     dropped; buffers are ignored
//	                          zmqtest.TestMalformedMessages, wire.TestMalformedFramesAreDropped
//	 4 unreadable messages    a bad header: dropped; bad content: busy, error reply, idle
//	                          zmqtest.TestUnreadableMessages, wire.TestUnreadableHeadersAreDropped, TestUnreadableContents
//	 5 absurd contents        error reply or the default; 16 MB of comment is a cell
//	                          TestUnreadableContents, wire.TestDeepAndLargeContent, session.TestMutatedRequests
//	 6 unknown requests       busy and idle, no reply
//	                          TestUnknownRequests, session.TestTranscripts
//	 7 absurd cursors         clamped
//	                          TestCursors, wire.TestCursors
//	 8 many requests          5,000 answered in order; cells behind a failed one aborted
//	                          TestManyRequests, zmq.TestFiveThousandRequestsAtOnceAreAnsweredInOrder, session.TestCountsGrowByOne,
//	                          session.TestCellsSentWithAFailingCellAreAborted
//	 9 many clients           each gets its own replies, all hear of all cells; nothing stays behind
//	                          TestManyClients, zmqtest.TestTwentyClientsGetTheirOwnReplies, zmq.TestTwoHundredClientsAtOnce,
//	                          zmq.TestAThousandConnectionsComeAndGo
//	10 silent connections     closed after 2 s; others are served meanwhile
//	                          zmq.TestSilentConnectionsHoldNobodyUp, zmq.TestACrowdOfHandshakesEndsTheOldest, TestHostilePeers
//	11 malformed handshakes   closed with one log line
//	                          zmq.TestMalformedHandshakesAreClosed, zmq.TestMutatedHandshakes, TestHostilePeers
//	12 absurd frames          closed before they cost memory
//	                          zmq.TestAbsurdFramesAreClosedBeforeTheyCostMemory, TestHostilePeers
//	13 disconnects            nothing waits, nothing stays behind
//	                          zmq.TestDisconnectsLeaveNothingBehind, TestHostilePeers
//	14 a deaf client          closed at 16 MiB; peers take turns, so others do not wait
//	                          zmq.TestADeafClientIsClosedAtItsBoundAndHoldsNobodyUp, zmq.TestPeersTakeTurns, TestHostilePeers
//	15 a deaf subscriber      the other one gets all 200 MB, and idle
//	                          zmq.TestASubscriberGetsAllBesideADeafOne, zmq.TestACrowdOfDeafSubscribersIsBounded
//	16 identities             the newest connection wins, no doubled replies
//	                          zmq.TestTheNewestConnectionOfAnIdentityWins, wire.TestTheIdentityMayBeAnything
//	17 subscriptions          welcome, then everything; nothing to who has unsubscribed
//	                          zmq.TestSubscriptions
//	18 the last messages      all arrive
//	                          zmq.TestEverythingSentBeforeCloseArrives, session.TestShutdownLetsOutputOut, netsplit.TestOutputComesOutBeforeTheEnd
//	19 many prints            each line once and in order; 10,000 in 4 messages, 1,000,000 in 60
//	                          TestManyPrints, session.TestTenThousandPrintsAreAFewMessages, session.TestAlternatingStreamsAreAFewMessages
//	20 shapes of output       pieces of at most 256 KiB, no rune split; a bar of 1,000 steps a second in 40 messages; idle after 100 MB
//	                          TestShapesOfOutput, TestOutputIsCut, session.TestLongTextIsCutAtRunes, session.TestRunesSurviveAnySplit,
//	                          session.TestProgressBarsAreSlowedDown
//	21 late output            has its own cell as parent
//	                          TestGoroutinesAreAccountedFor, supervisor.TestRealGoroutines
//	22 order                  looked through after every test of this package
//	                          session.TestOrderHoldsUnderLoad
//	23 interrupts             47 shapes: 45 within 200 ms (mostly 3 to 20), one waits for its process (0.4 s); worker and values kept; one costs the worker
//	                          TestInterrupts, TestInterruptInheritedAsIgnored
//	24 idle interrupts        meet nothing, also in the millisecond a cell ends; a hundred cells in a row are stopped
//	                          TestInterruptsThatMeetNothing, TestAHundredInterrupts, session.TestInterruptsMeetTheCellThatIsBusy
//	25 control while busy     answered within 4 ms; gone 0.3 s after shutdown in an endless loop
//	                          TestControlWhileBusy, session.TestShutdownEndsWhatRuns
//	26 heartbeat              comes back beside four spinning goroutines and a collecting heap
//	                          TestHeartbeat
//	27 deaths                 one error that names it, and which variables are gone; what was printed before is shown
//	                          TestDeaths, TestClosedStreams, TestLimits, TestTheLimitOfTime, TestLimitsAsFlags, TestHostileCells,
//	                          supervisor.TestRealDeaths, supervisor.TestRealClosedStreams, supervisor.TestRealLimits, worker.TestDeath
//	28 kills                  of the worker: as deaths; of the kernel: another one takes its ports at once
//	                          TestKills
//	29 signals                TERM and HUP end it within 0.3 s, INT and PIPE do not, STOP and CONT change nothing
//	                          TestSignals, TestEarlyInterrupt, netsplit.TestTheKernelEndsWithItsParent
//	30 surroundings           one line and an exit code, or a kernel that works
//	                          TestEnvironment, TestMutatedConnectionFiles, wire.TestConnectionErrorsAreOneClearLine,
//	                          netsplit.TestBadConnectionFilesAreOneLine, netsplit.TestATakenPortIsOneLine
//
// Beside them: TestDeadlocks and TestNoFalseDeadlocks, TestAHintForWhatNobodyKnows, TestLoggingHoldsUpNobody,
// and TestSoak, which runs cells of mixed kinds and interrupts or kills some: in a run
// of 10,000 cells in 5 min 39 s, 403 of them interrupted and 206 workers killed under
// them, all had their reply and their idle; the kernel process had 27 descriptors at
// the beginning and at the end, and 40 and 50 MiB (it keeps the history).
//
// Fuzzing with a fixed seed runs with the tests: TestMutatedMessages and
// TestMutatedConnectionFiles here, zmq.TestMutatedHandshakes, zmq.TestMutatedMessages,
// wire.TestMutatedFrames, wire.TestMutatedConnectionFiles and
// session.TestMutatedRequests. Without end, with go test -fuzz: FuzzFrames,
// FuzzContent and FuzzConnection of wire, FuzzContent of session, FuzzReader of pipe.
//
// # Grading runs
//
// What a submission may try, and what comes of it where NBGRADER_EXECUTION is set. The
// outputs are read as nbgrader reads them; no attack gains a point, and the right
// answer has all of them in the next cell.
//
//	redeclare panic, len, true, grade, fmt  refused when the cell is checked
//	the score of another cell               refused in functions; out of reach of closures, pointers, goroutines
//	print, show or clear scores             text is no evidence; outputs cannot be cleared
//	Goexit, os.Exit(0), return, panics      an error, or the check has no points
//	assign to packages, reflect, unsafe     refused when the cell is checked
//	descriptors of the worker               by number refused, by name not to be opened
//	die, wait, loop, recurse, fill memory   an error of that cell; the others run again
//	files, /proc, environment, arguments    refused, empty; what is written has an end
//	sockets, programs, signals, mounts      refused by the system
//	noise on stderr, late goroutines        cost nothing
//
// The tests: TestGradingTampering, TestGradingFailuresAreErrors, TestGradingReplays,
// TestGradingSecrets, TestGradingKeepsStderrEmpty, TestGradingAbortsNothing,
// TestGradingLeavesNothing, TestGradingNeedsWalls; cell.TestTheFirewallRefuses,
// walls.TestNothingOutsideIsInReach, session.TestNoCellIsAbortedWhileGraded.
//
// # Interrupts
//
// Shapes of a cell that are interrupted: loops, recursion, sleeps, channels, locks,
// input, compiled calls with callbacks, simulations, processes that it started. The
// worker and its values are kept. The one that costs the worker is a single compiled
// call that never returns; the learner is told so after a second.
package faults
