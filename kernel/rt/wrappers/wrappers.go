// Package wrappers gives values of cells' types the methods of compiled
// interfaces: a cell's type that has Read becomes an io.Reader by io_Reader, whose
// Read calls the method that package lower registered for the type.
//
// The package has no names for others. Who imports it has rt.Wrap know the
// interfaces of the standard library that others can implement, and some unions of
// them, because compiled code that was given one interface asks for another
// (io.Copy asks an io.Reader for WriteTo).
//
// All but this file is generated (see package symbols).
package wrappers
