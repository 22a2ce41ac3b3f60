// Package reflect stands for the standard library's package reflect in lowered text.
// It has the same names with the same meaning, for values and types of cells as for
// those of compiled packages.
//
// # Why
//
// A value of a cell's type reaches an interface in a box (see package rt): what the
// standard package says of it would be about rt.Box and about erased fields. Here a
// Type is a pair of the erased Go type and the descriptor of what the learner wrote,
// and a Value carries its Type along. Types are unique: == works as in Go.
//
// Types made at run time (SliceOf, MapOf, PointerTo, methods' functions) get a
// descriptor of their own unless lowered text has one for the same type.
//
// # What it does not do
//
// StructOf is for native types only, NewAt and UnsafePointer are left
// out. A Type of this package is none of the standard package: the few compiled
// functions outside of reflect that take one do not accept it.
package reflect
