// Package trace keeps what happened in a world and shows it.
//
// A Log holds events in the order in which they happened and spans for what lasts:
// a crash, a partition. Two views read it. A Transcript is text of a fixed grammar,
// one event a line; it is what runs print, what golden files hold and what a
// screen reader reads:
//
//	time  a -> b: kind name=value            sent
//	time  b <- a: kind name=value            arrived
//	time  b <- a: kind name=value (late)     arrived after its caller stopped waiting
//	time  a -x b: kind name=value (why)      lost: down, partition, dropped, lost, queue full
//	time  a: name=value                      the node's own note
//	time  a: no reply from b to kind after 50ms
//	time  a crashes | restarts | pauses | resumes
//	time  partition a | b c                  any other fault, when it begins and when it ends
//	time  note: text                         said by the world
//	time  broken at time: sentence (seed n)  a promise
//	time  deadlock: who waits for what
//
// Times are whole milliseconds from ten milliseconds on, and exact enough for
// three digits below. A Timeline is the same as a picture.
//
// # Causality
//
// Causality is in the log: program order within a node, from the sending of a message
// to its end by Cause, and from a message to those that its receiver sent because of
// it. Stamps gives every event its Lamport and vector clock; Calls are the requests
// for which somebody waited, each with the call because of which it was made;
// Operations are what one first message led to, with the number of messages and bytes
// that it cost.
//
// # Numbers
//
// Traffic and Links count messages and bytes by kind and by link, Throughput over time;
// Latencies are the times of calls; Uptime is how long at least k of some nodes were
// up. All of them are computed when asked for, from what is recorded.
//
// # Comparing and exporting
//
// Parse reads a transcript, so that a run that stands in a text can be drawn. Diff names
// the first event in which two runs differ. ShiViz and OpenTelemetry write a
// run for tools that draw traces; Timeline.SVG is the diagram as a file.
//
// # What it does not do
//
// It records nothing by itself (a world does), keeps no more events than its limit, and
// knows nothing of what a message means.
package trace
