package rt

import (
	"math"
	"reflect"
	"runtime"
	"unicode/utf8"
)

// NegativeShift raises Go's error for a shift by a negative count.
func NegativeShift() {
	n := -1
	_ = 1 << n
}

// Min and Max are those of floating-point numbers, with Go's rules for NaN and
// zeros.
func Min(a, b float64) float64 { return min(a, b) }
func Max(a, b float64) float64 { return max(a, b) }

// Rune decodes the rune of s at i and tells how many bytes it takes.
func Rune(s string, i int) (rune, int) { return utf8.DecodeRuneInString(s[i:]) }

// Goexit is runtime.Goexit.
func Goexit() { runtime.Goexit() }

// MakeSlice checks a make before it is done: n elements of sample's type, room for
// c. What memory cannot hold is refused instead of ending the worker.
func MakeSlice(pos, n, c int, sample any) {
	elem := reflect.TypeOf(sample).Elem().Size()
	if n < 0 || uint64(n) > math.MaxInt64/uint64(max(elem, 1)) {
		panic(plainError("makeslice: len out of range"))
	}
	if c < n || uint64(c) > math.MaxInt64/uint64(max(elem, 1)) {
		panic(plainError("makeslice: cap out of range"))
	}
	if uint64(c)*uint64(elem) > 1<<47 {
		panic(plainError("makeslice: len out of range"))
	}
	reserve(pos, uint64(c)*uint64(elem))
}

// MakeChan checks the make of a channel.
func MakeChan(pos, n int) {
	if n < 0 || n > 1<<40 {
		panic(plainError("makechan: size out of range"))
	}
	reserve(pos, uint64(n)) // an element may be larger, but hardly smaller
}

// ArrayPointer converts a slice to a pointer to its array; sample is a nil pointer
// of the type wanted.
func ArrayPointer(slice, sample any) any {
	s, t := reflect.ValueOf(slice), reflect.TypeOf(sample)
	if n := t.Elem().Len(); s.Len() < n {
		ArrayLen(s.Len(), n)
	}
	return s.Convert(t).Interface()
}

// RangeAgain raises Go's error for a call of a loop body that has been left, by
// the state of the loop.
func RangeAgain(state int) {
	switch state {
	case -1:
		panic(plainError("range function continued iteration after loop body panic"))
	case -2:
		panic(plainError("range function continued iteration after whole loop exit"))
	}
	panic(plainError("range function continued iteration after function for loop body returned false"))
}

// RangeLost raises Go's error for a function ranged over that swallowed a panic of
// the loop's body.
func RangeLost() {
	panic(plainError("range function recovered a loop body panic and did not resume panicking"))
}

// Complex is a complex constant: yaegi loses one that is returned.
func Complex(re, im float64) complex128 { return complex(re, im) }
