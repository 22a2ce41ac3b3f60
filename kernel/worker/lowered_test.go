package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netsplit/kernel/cell"
	"netsplit/kernel/rt"
)

// loweredOutput is a backend that keeps what cells print.
type loweredOutput struct{ text strings.Builder }

func (o *loweredOutput) Stream(cell int, name string, text []byte) { o.text.Write(text) }
func (o *loweredOutput) Failed(cell int, f *rt.Failure)            { o.text.WriteString(f.Name + ": " + f.Text) }
func (o *loweredOutput) Hint(cell int, text string)                {}
func (o *loweredOutput) Ended(cell int)                            {}

func (o *loweredOutput) Ask(cell int, prompt string, password bool, done <-chan struct{}) (string, error) {
	return "", os.ErrClosed
}

// The programs of package lower, as cells in the interpreter, print what they
// print when they are compiled: the third way of the three-way test, whose other
// two are in kernel/cell/lower.
func TestLoweredProgramsPrintTheSameWhenInterpreted(t *testing.T) {
	files, err := filepath.Glob("../cell/lower/testdata/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("../cell/lower/testdata: no programs (%v)", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".go"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".go") + ".out")
			if err != nil {
				t.Fatal(err)
			}
			out := &loweredOutput{}
			rt.Install(out)
			in := newInterpreter(rt.Trace)
			p, err := cell.New().Prepare(1, "", string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range p.Define {
				if err := in.Define(d); err != nil {
					t.Fatalf("%v\n%s", err, d)
				}
			}
			for _, entry := range p.Entry {
				f, err := in.Call(entry)
				if err != nil {
					t.Fatal(err)
				}
				if _, fail := rt.Run(1, f); fail != nil {
					t.Errorf("%s: %s %v", fail.Name, fail.Text, fail.Frames)
				}
			}
			if got := out.text.String(); got != string(want) {
				t.Errorf("interpreted it prints\n%s\nwant\n%s", got, want)
			}
		})
	}
}
