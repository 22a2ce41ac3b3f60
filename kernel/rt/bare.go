package rt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// bare is the backend of a lowered program that was compiled and runs by itself:
// text goes to the process's own streams.
type bare struct{}

func (bare) Stream(cell int, name string, text []byte) {
	if name == "stderr" {
		os.Stderr.Write(text)
		return
	}
	os.Stdout.Write(text)
}

func (bare) Failed(cell int, f *Failure) { fmt.Fprintln(os.Stderr, f.Name+": "+f.Text) }

func (bare) Ended(cell int) {}

func (bare) Ask(cell int, prompt string, password bool, done <-chan struct{}) (string, error) {
	line, err := bareInput.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	return strings.TrimRight(line, "\n"), nil
}

func (bare) Hint(cell int, text string) { fmt.Fprintln(os.Stderr, text) }

var bareInput = bufio.NewReader(os.Stdin)
