package rt

import (
	"fmt"
	"io"
)

// The functions of package fmt, for cells: what prints, prints for the cell of
// the calling goroutine.

func Print(args ...any) (int, error)                 { return Fprint(Stdout, args...) }
func Println(args ...any) (int, error)               { return Fprintln(Stdout, args...) }
func Printf(format string, args ...any) (int, error) { return Fprintf(Stdout, format, args...) }

func Fprint(w io.Writer, args ...any) (int, error)   { return fmt.Fprint(w, args...) }
func Fprintln(w io.Writer, args ...any) (int, error) { return fmt.Fprintln(w, args...) }
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	return fmt.Fprintf(w, format, args...)
}

func Sprint(args ...any) string                 { return fmt.Sprint(args...) }
func Sprintln(args ...any) string               { return fmt.Sprintln(args...) }
func Sprintf(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func Append(b []byte, args ...any) []byte                 { return fmt.Append(b, args...) }
func Appendln(b []byte, args ...any) []byte               { return fmt.Appendln(b, args...) }
func Appendf(b []byte, format string, args ...any) []byte { return fmt.Appendf(b, format, args...) }

func Errorf(format string, args ...any) error { return fmt.Errorf(format, args...) }
