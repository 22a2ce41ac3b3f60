// Package battery runs cells through the whole kernel but for its sockets, and counts
// what comes out right: the cases of kernel/cell/testdata/cells, Go's own test
// programs, and generated programs. It has tests only.
//
//	go test ./kernel/battery                              all of it, but for long programs
//	go test ./kernel/battery -run Cells -only redef/      some cases, by a regular expression
//	go test ./kernel/battery -run Programs -all           all 814 programs
//	go test ./kernel/battery -run Programs -only range    some programs
//	go test ./kernel/battery -run Generated -seed 1000 -programs 500
//	go test ./kernel/battery -run Lowered                 what is emitted, without running it
//
// The same cases run through an installed kernel and a Jupyter client by
// install/test cells.
//
// # Cases
//
// A file holds cases. A line "@@ name | flags" begins one, "@--" the next cell; the flag
// settle waits 150 ms after each cell. A cell whose first line is //timeout=NNNms is
// interrupted after that time. "@want" begins the exact output of all cells together, of
// which none may fail; "@re" a regular expression that must be found in the output
// followed by the lines "RES" and the last cell's result as text, and "ERR cell N:
// ename: evalue" with the traceback of the last cell that failed. Each case has a kernel
// of its own.
//
// # Programs
//
// A program is pasted as one cell into a new kernel. It is right when no error is
// reported and its output, of both streams, is that of the .out file beside it, or
// nothing where there is none. The programs are those of the folder test below `go env
// GOROOT`; a toolchain that the go command fetched has none. The score is printed, and
// must not fall below what was reached.
//
// Those that are known to fail are listed with the reason in testdata/known-failures.txt.
// Any other failure fails the test, and so does a listed program that passes, unless its
// reason begins with "slow". These, and those of testdata/long-programs.txt, run with
// -all only.
//
// # Generated programs
//
// generate_test.go writes programs by a seed, over types, methods, generics, closures,
// panics, channels and what else a learner uses; they are compiled by the toolchain and
// run in a cell, and must print the same.
package battery
