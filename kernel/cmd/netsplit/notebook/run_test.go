package notebook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"netsplit/kernel/supervisor"
)

// puppet runs cells whose lines are orders: print, warn, show ID, update ID, clear,
// clear-wait, result, fail, widget ID VALUE.
type puppet struct{}

func (puppet) Execute(_ context.Context, q supervisor.Request, sink supervisor.Sink) (out supervisor.Outcome) {
	for line := range strings.Lines(q.Code) {
		order, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, text, _ := strings.Cut(rest, " ")
		switch order {
		case "print":
			sink.Stream("stdout", rest+"\n")
		case "warn":
			sink.Stream("stderr", rest+"\n")
		case "show":
			sink.Display(map[string]any{"text/plain": text}, nil, id, false)
		case "update":
			sink.Display(map[string]any{"text/plain": text, "application/json": map[string]any{"n": 1.5}}, nil, id, true)
		case "clear", "clear-wait":
			sink.Clear(order == "clear-wait")
		case "result":
			sink.Result(map[string]any{"text/plain": rest}, nil)
		case "widget":
			sink.Comm(supervisor.Comm{Kind: "open", ID: id, Target: "jupyter.widget", Buffers: [][]byte{[]byte(text)}, Data: map[string]any{
				"state":        map[string]any{"_model_name": "IntSliderModel", "_model_module": "@jupyter-widgets/controls", "_model_module_version": "2.0.0", "value": text},
				"buffer_paths": []any{[]any{"raw"}},
			}})
		case "fail":
			return supervisor.Outcome{Error: &supervisor.Error{Name: "CompileError", Value: "2:5: " + rest, Traceback: []string{"\x1b[31m" + rest + "\x1b[0m"}}}
		}
	}
	return out
}

func (puppet) Interrupt() {}
func (puppet) Complete(context.Context, string, int) supervisor.Completion {
	return supervisor.Completion{}
}
func (puppet) Inspect(context.Context, string, int, int) supervisor.Inspection {
	return supervisor.Inspection{}
}
func (puppet) IsComplete(string) (string, string) { return "complete", "" }
func (puppet) Comm(context.Context, supervisor.Comm, supervisor.Sink) bool {
	return false
}
func (puppet) Processes() []int         { return nil }
func (puppet) Shutdown(context.Context) {}

// book makes a notebook of code cells. A source that begins with "#tag NAME" has that tag.
func book(t *testing.T, sources ...string) *Notebook {
	t.Helper()
	var cells []string
	for i, s := range sources {
		tags := ""
		if rest, ok := strings.CutPrefix(s, "#tag "); ok {
			tag, code, _ := strings.Cut(rest, "\n")
			tags, s = fmt.Sprintf("%q", tag), code
		}
		cells = append(cells, fmt.Sprintf(`{"cell_type":"code","id":"c%d","metadata":{"tags":[%s]},"source":%q,"outputs":[{"output_type":"stream","name":"stdout","text":"old"}],"execution_count":9}`, i+1, tags, s))
	}
	n, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[` + strings.Join(cells, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// outline writes the outputs of a notebook, a line for each cell.
func outline(n *Notebook) string {
	var b strings.Builder
	for _, c := range n.Cells() {
		fmt.Fprintf(&b, "%v:", c.fields["execution_count"])
		for _, o := range c.Outputs() {
			out := o.(object)
			switch out["output_type"] {
			case "stream":
				fmt.Fprintf(&b, " %v %q", out["name"], out["text"])
			case "error":
				fmt.Fprintf(&b, " error %v %q", out["ename"], out["evalue"])
			default:
				fmt.Fprintf(&b, " %v %q", out["output_type"], out["data"].(object)["text/plain"])
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func expect(t *testing.T, n *Notebook, want ...string) {
	t.Helper()
	if got := outline(n); got != strings.Join(want, "\n")+"\n" {
		t.Errorf("got\n%swant\n%s\n", got, strings.Join(want, "\n"))
	}
}

func TestOutputsAreRecordedAsNbclientDoes(t *testing.T) {
	n := book(t,
		"print a\nprint b\nwarn c\nprint d\nresult 7",
		"show bar 0\nprint x",
		"   \n",
		"update bar 100\nprint y\nclear-wait\nprint z",
		"print 1\nclear",
		"show bar again",
		"#tag skip-execution\nprint never",
		"clear-wait",
	)
	if err := n.Run(puppet{}, Options{}); err != nil {
		t.Fatal(err)
	}
	expect(t, n,
		`1: stdout "a\nb\n" stderr "c\n" stdout "d\n" execute_result "7"`,
		`2: display_data "again" stdout "x\n"`, // a display under the same id replaces the earlier ones
		`9: stdout "old"`,
		`3: stdout "z\n"`,
		`4:`,
		`5: display_data "again"`,
		`9: stdout "old"`,
		`6:`,
	)
	if info, _ := n.Metadata()["language_info"].(object); info["name"] != "go" {
		t.Errorf("language_info is %v", info)
	}
}

func TestTheFirstErrorEndsTheRun(t *testing.T) {
	n := book(t, "#tag raises-exception\nfail allowed", "print a\nfail no luck", "print never")
	err := n.Run(puppet{}, Options{})
	var failed *CellError
	if !errors.As(err, &failed) || failed.Error() != "cell 2 (In [2]), line 2: CompileError: 2:5: no luck" {
		t.Fatalf("got %v", err)
	}
	expect(t, n,
		`1: error CompileError "2:5: allowed"`,
		`2: stdout "a\n" error CompileError "2:5: no luck"`,
		`9: stdout "old"`,
	)
}

func TestErrorsCanBeAllowed(t *testing.T) {
	n := book(t, "fail no luck", "print on")
	if err := n.Run(puppet{}, Options{AllowErrors: true}); err != nil {
		t.Fatal(err)
	}
	expect(t, n, `1: error CompileError "2:5: no luck"`, `2: stdout "on\n"`)
}

func TestTextIsShownAsItComes(t *testing.T) {
	var b strings.Builder
	n := book(t, "print a\nwarn b\nresult 7")
	if err := n.Run(puppet{}, Options{Show: func(stream, text string) { fmt.Fprintf(&b, "%s %q\n", stream, text) }}); err != nil {
		t.Fatal(err)
	}
	if want := "stdout \"a\\n\"\nstderr \"b\\n\"\nstdout \"7\\n\"\n"; b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestWidgetsAreKeptInTheMetadata(t *testing.T) {
	n := book(t, "widget w1 3", "widget w1 4")
	if err := n.Run(puppet{}, Options{}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(string(marshal(n.Metadata()["widgets"]))), "")
	want := `{"application/vnd.jupyter.widget-state+json":{"state":{"w1":{"buffers":[{"data":"NA==","encoding":"base64","path":["raw"]}],` +
		`"model_module":"@jupyter-widgets/controls","model_module_version":"2.0.0","model_name":"IntSliderModel","state":{"_model_module":"@jupyter-widgets/controls",` +
		`"_model_module_version":"2.0.0","_model_name":"IntSliderModel","value":"4"}}},"version_major":2,"version_minor":0}}`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
