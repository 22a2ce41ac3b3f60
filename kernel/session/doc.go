// Package session is the Jupyter messaging protocol, version 5.5, between two
// interfaces: a Conn, which carries frames, and an Evaluator, which runs cells. It
// knows neither sockets nor Go code, so that every rule below is tested in memory.
//
// # Lanes
//
// A request is handled in one of four places. None of them waits for another, so
// that an interrupt, a completion or the kernel's own introduction is never late
// because a cell is running.
//
//	now       on the goroutine that receives: kernel_info, interrupt, shutdown,
//	          usage, debug, the three subshell requests, everything unknown
//	queries   one goroutine, in order: complete, inspect, is_complete, history,
//	          comm_info
//	comms     one goroutine for each shell, in order: comm_open, comm_msg, comm_close
//	cells     one goroutine for each shell, in order: execute
//
// A shell is the parent shell or a subshell (JEP 91). A cell waits for the comm
// messages that came before it in its shell; a comm message does not wait for cells,
// so that a slider moves while its cell runs. The same table serves the shell and
// the control channel: the reply leaves on the channel that the request came on.
//
// # Order
//
// For every request: status busy, (execute_input), outputs, the reply, status idle.
// Busy is published when a request is taken up, which for a cell that waits in the
// queue is not when it arrives. Idle is the last message with this parent, but for
// what goroutines of a cell print when the cell is over: that keeps its cell as
// parent for as long as the goroutine lives.
//
// When a cell fails and was sent with stop_on_error, the cells that wait behind it in
// the same shell are answered with status aborted. "Run all" sends cells without
// waiting, and a cell may fail before the next one is here; so the reply to a failed
// cell is held back until no cell has come for 50 ms (see gather). Cells that were
// sent in answer to that reply are never aborted by it. While submissions are graded
// (Config.Graded) no cell is aborted.
//
// # Output
//
// Text is joined for 20 ms (up to 100 ms while it does not end) or 64 KiB, so that
// 10,000 prints are a few messages and a progress bar drawn with \r stays under 50
// messages a second. Text and displays leave in the order in which the cell made
// them. Where stdout and stderr alternate faster than a reader could follow, the
// order is kept within each of them and they are joined across. Pieces end at the
// border of a rune and hold at most 256 KiB; bytes that are not UTF-8 become U+FFFD.
// Updates of one display that follow each other within the window are one update.
// Above Config.OutputLimit bytes a cell's output is cut, with one line that says so.
//
// # Counting and history
//
// execution_count is 1 for the first cell. It grows with every cell that is stored:
// not silent, store_history not false, not blank. A subshell counts for itself and
// writes no history. History lives in memory, as session 1 of itself: a kernel that
// starts has none, as it has no variables; tail, range and search are answered from
// it. The newest 10,000 inputs are kept.
//
// # What is answered, and how it can fail
//
// Content that cannot be read, and a request that panics in the kernel, get a reply
// with status error and ename BadRequest or KernelError. Unknown kinds (also
// connect_request, which is deprecated) get busy and idle and no reply. There is no
// debugger: debug_request is answered with success false, and kernel_info does not
// offer it. A message that cannot be believed is dropped and logged.
//
// # The end
//
// A shutdown request is answered at once. Then what runs may go on for a moment (150
// ms), is interrupted, and answered; the worker ends, and the sockets are drained. The
// whole takes less than a second. The end of the context that Serve was given does
// the same, without a reply.
package session
