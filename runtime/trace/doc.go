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
// Causality is in the log: program order within a node, and from the sending of a
// message to its end by Cause.
package trace
