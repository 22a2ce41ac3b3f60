package rt

import (
	"fmt"
	"io"
	"os"
)

// The functions of package fmt, for cells: what prints, prints for the cell of
// the calling goroutine, and operands of cells' types are seen as such.

func Print(args ...any) (int, error)                 { return Fprint(Stdout, args...) }
func Println(args ...any) (int, error)               { return Fprintln(Stdout, args...) }
func Printf(format string, args ...any) (int, error) { return Fprintf(Stdout, format, args...) }

func Fprint(w io.Writer, args ...any) (int, error) {
	return fmt.Fprint(cellWriter(w), stringOperands(args)...)
}
func Fprintln(w io.Writer, args ...any) (int, error) { return fmt.Fprintln(cellWriter(w), args...) }
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	format, args = operands(format, args)
	return fmt.Fprintf(cellWriter(w), format, args...)
}

func Sprint(args ...any) string   { return fmt.Sprint(stringOperands(args)...) }
func Sprintln(args ...any) string { return fmt.Sprintln(args...) }
func Sprintf(format string, args ...any) string {
	format, args = operands(format, args)
	return fmt.Sprintf(format, args...)
}

func Append(b []byte, args ...any) []byte   { return fmt.Append(b, stringOperands(args)...) }
func Appendln(b []byte, args ...any) []byte { return fmt.Appendln(b, args...) }
func Appendf(b []byte, format string, args ...any) []byte {
	format, args = operands(format, args)
	return fmt.Appendf(b, format, args...)
}

func Errorf(format string, args ...any) error {
	format, args = operands(format, args)
	return fmt.Errorf(format, args...)
}

// cellWriter is the cell's own stream where a cell names the process's: those are
// pipes, and two pipes have no order between them.
func cellWriter(w io.Writer) io.Writer {
	switch w {
	case os.Stdout:
		return Stdout
	case os.Stderr:
		return Stderr
	}
	return w
}
