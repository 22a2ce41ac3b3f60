// Package rt is the compiled support of lowered cells: what the core subset of Go
// that yaegi executes exactly leaves out is done here, by real Go.
//
// # Who calls whom
//
// Text made by package lower calls rt under this import path. Package worker
// installs a Backend, through which rt gives text, failures and questions to the
// kernel, and runs each cell with Run. rt knows neither yaegi nor the pipe.
//
// # Goroutines and owners
//
// An Owner is a cell while anything of it runs. Each goroutine that Run or Go
// starts carries a record G as its pprof label; goroutines that compiled code
// starts with a plain go inherit the label and with it the owner. So every print,
// display and stop finds its cell without being told. A goroutine without the
// label belongs to no cell.
//
// # Stopping
//
// Every lowered function that can run long tests a guard word and calls Hit when
// it is not zero. Stop sets all words and closes the owner's Done channel, on
// which every blocking call of rt waits too. Hit ends the goroutine with
// runtime.Goexit, which recover cannot swallow: deferred functions run, compiled
// loops in between are left at once, goroutines of other cells go on.
//
// # Positions
//
// A lowered function stores a position number before what can panic. Fn registers
// where. When a panic passes through interpreted frames, yaegi writes a line for
// each to the writer it was given as standard error, on the panicking goroutine:
// that writer is Trace, and it turns those lines into the Frames of a Failure.
//
// # Boxes
//
// A value whose Go type does not exist at run time (a type declared in a cell, or
// composed of such types) is a Box once it lies in an interface: a comparable
// struct of a type id and the value. Box.ID names a Type, registered with Define
// by the text that first needs it. Native values lie in interfaces as they are.
// Which Go type a box has (Box, StringBox, ErrorBox…) follows from the methods of
// the cell's type, so that compiled code that asks for String or Error finds them.
//
// # Recursion
//
// WatchStack looks how much all stacks hold and, above a threshold, lets the guards
// measure the stack of their goroutine (stack.go). A small function can call itself
// 100,000 times in any case, a million times where memory allows it and it gets there
// in a second; what only grows beyond that ends as StackOverflow. A panic from far
// down passes the frames of yaegi in linear time (unwind.go).
//
// # Packages that look into values
//
// Boxes print (format.go) and encode (json.go) themselves as the learner's value
// would. Templates run as copies whose fields and methods are calls of functions that
// know boxes (template.go). Package rt/reflect stands for package reflect.
package rt
