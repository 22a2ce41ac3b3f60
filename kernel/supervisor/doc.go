// Package supervisor evaluates cells: it prepares them with package cell, has the
// worker process run them, and replaces the worker when it dies. It runs in the
// kernel process and never runs the learner's code itself.
//
// # A cell's way
//
// Kernel.Execute takes magics out of the text (see below), has the front end check
// and lower the rest, gives the lowered text to the worker (Define), makes the
// declarations live (Commit), has the worker run the cell (Call), and passes what it
// gives to the cell's Sink until it is over. Nothing is live before the worker has
// taken all of it: a cell that is wrong changes nothing.
//
// Several cells may run at once (subshells). Only from Prepare to Commit do they
// wait for each other. Every output carries the number of its cell, so it reaches
// the right sink also when it comes from a goroutine that has outlived its cell; the
// sink is kept until the last goroutine of the cell is over. Text that compiled code
// writes to the process's own descriptors 1 and 2 has no number: it belongs to the
// newest cell that runs, or the newest at all, and is read to the end before a cell
// is reported as over.
//
// # The worker
//
// One process, started as "<this executable> worker" in a process group of its own,
// so that it dies together with what cells started. Frames (package pipe) go by
// descriptors 3 and 4; descriptor 5 takes what Go's runtime writes when it dies, and
// what it had collected to print then is read from descriptor 6. The next worker is started as soon as one has died, and given all live declarations;
// variables have gone with the old one. Starting takes some milliseconds, so no
// spare is kept. A worker that a cell has stopped (SIGSTOP) is continued.
//
// # When a cell does not end well
//
// Every error has one of these names, which clients compare (nbclient's
// allow_error_names):
//
//	CompileError   the cell is not correct Go (or the interpreter cannot run it); nothing of it was taken
//	Panic          a panic, of the cell or of one of its goroutines
//	Interrupted    stopped by the learner
//	Timeout        ran longer than NETSPLIT_CELL_TIME
//	Deadlock       every goroutine of the cell waits, and nothing can wake one
//	StackOverflow  a function calls itself too deeply
//	OutOfMemory    more than NETSPLIT_MEMORY, or than the machine has
//	LimitExceeded  too much output or too many goroutines
//	Exit           os.Exit or log.Fatal with a code other than 0; runtime.Goexit of the cell itself
//	Unfinished     a score that the cell opened did not come to its Points (grading runs only)
//	TestFailure    a test or check in the cell failed
//	WorkerDied     the worker process died of something else, which the text names
//
// A panic in a goroutine is an error of the cell that started it: of its reply while
// it runs (and for 20 ms after its function is over, for goroutines it has just
// started), of its Sink afterwards. A cell that runs on is stopped after a second.
//
// When the worker died, the error also says which variables are gone and which cells
// give them back. Of several cells that run at that moment, all end so. A cell whose
// own text needs the value of a variable that is gone is refused until some cell has
// given it a value; a function that uses one sees the zero value.
//
// # Stopping
//
// Interrupt, the end of Execute's context and the limit of time ask the worker to
// stop the goroutines of the cell; values, and the worker, are kept. A cell that has
// not ended after a third of Options.Grace may wait for a process that it started, so
// these are ended then. One that has not ended after all of it (a single call of
// compiled code that never returns) costs the worker, and the error says so. An
// interrupt names its cell, so it never meets the next one.
//
// # Limits
//
// See Limits for what they are and Settings for how they are set. Time and output
// are watched here; memory and goroutines in the worker, which ends the cell in time.
// Behind that stands, on Linux, a limit of the operating system for the worker's
// memory, set from here, where cells cannot lift it.
//
// # Grading runs
//
// Options.Grading, from NBGRADER_EXECUTION: nbgrader sets it to autograde or validate in
// the environment of a kernel that it starts. nbgrader believes outputs: the first
// result of a test cell is its score, an error or any text on stderr is nothing, and a
// cell that shows neither has all its points. So cells are run as ever, but:
//
//   - Nothing goes to stderr; what would stands on stdout. Outputs cannot be cleared, and
//     comms go nowhere.
//   - Only one value is a result. The values of a call that gives several are text.
//   - os.Exit(0) is an error, as other codes are. A cell that opens a score (grade.Open)
//     must end with what its Points gives as the result, or it is Unfinished.
//   - When the worker dies the cell has its error, as ever; the next worker then runs all
//     cells again that had ended well, in their order, what they print dropped. So one
//     bad cell costs one cell. A cell whose goroutine ended the worker did not end
//     well; the one that ran meanwhile is run again. Variables of cells that failed are
//     gone, and what such a cell did before it failed is not done again. A cell may wait
//     for all this; it can be interrupted meanwhile.
//   - A first line that begins with "# " is a comment.
//   - Questions (stdin) fail at once.
//   - Cells are behind the firewall of package cell: names that tests rely on keep their
//     meaning, and no cell can use another one's score. A function of the lesson that a
//     student declares anew is not protected: nobody tells the kernel whose cell is whose.
//   - The session aborts no cell (session.Config.Graded).
//
// The worker has no environment but GODEBUG and TMPDIR. With autograde it has a folder of its own: a
// new one, with copies of the files beside the notebook, without notebooks, hidden files
// and what is nbgrader's (folder.go has the limits), removed when the worker ends. With
// validate it is in the notebook's folder. Frames go by sockets, which cannot be opened a
// second time by a name below /proc.
//
// Around the worker stand the walls of package worker/walls: no file outside of that
// folder, no network, no programs and other processes. With autograde they must stand:
// a kernel that cannot raise them does not start, and says why, so that nbgrader
// reports the submission as not graded instead of giving points. NETSPLIT_WALLS=off in
// the kernel's environment does without (macOS, Linux before 5.13; also the default
// profiles of some container engines). That is for instructors who trust the submissions,
// or grade them on a machine made for it: the code of a submission then has all rights
// of the account. With validate, which runs a student's own notebook on the student's
// own machine, walls are raised where they can be.
//
// What stays open: tests and answers share the memory of one process, and a data race
// can break Go's memory safety. A test is judged by what it asks; what it calls beside
// the answer should stand in its own cell or in a locked one right before it.
//
// # The text of errors
//
// An error's Value is LINE:COL: message, where that place is the innermost one in
// the cell itself; an innermost place in another cell follows in brackets. A
// CompileError has one such line for each error. The Traceback (with ANSI colours)
// is
//
//	Panic: index out of range [5] with length 3        name: message
//	in a goroutine of cell [4]                         only when it was one
//
//	cell [2], line 3, column 9, in f:                  where: the innermost function
//	   3 | 	return a[i]                               that a cell declares
//	     | 	        ^
//	called from                                        its callers, cells' functions
//	  cell [4], line 1, column 1:  f(5)                only; 12 at each end
//
//	The variables x and y of cell [1] are gone: …      notes
//
// and for a CompileError, for each error,
//
//	cell [4], 1:13: cannot use "a" (untyped string constant) as int value in variable declaration
//	   1 | var x int = "a"
//	     |             ^
//
// A stack dump of Go's runtime is never shown: it is read (describeDeath) and told.
//
// # Magics
//
// A line that begins with % outside strings and comments speaks to the kernel; %help
// lists what there is (magic.go). Magics act first, in their order; the Go around
// them then runs as if their lines were empty.
package supervisor
