// Package notebook executes notebooks without Jupyter: it reads a file of nbformat
// 4, has a session of package session run its code cells, and writes the file as
// nbformat writes it and with the outputs that nbclient would have recorded.
//
// # Outputs
//
// The recorder follows nbclient message by message: a display that is updated under
// its id changes wherever it stands, in earlier cells too; clear_output empties the
// cell, with wait when the next output comes; what a goroutine prints when its cell
// is over is left out. Two texts of the same stream that follow each other are one
// output, since where they were parted depends on the machine. There are no times in
// the metadata. So two runs of a notebook whose worlds have seeds are equal byte for byte.
//
// # The file
//
// Keys are sorted, the indentation is one space, text is split into lines, characters
// outside of ASCII stand as they are, the file ends with a newline. Everything that
// this package does not know is kept.
package notebook
