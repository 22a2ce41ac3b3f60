package grade_test

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"testing"

	"netsplit/runtime/host"
)

// grader is a host that says whether a submission is being graded, and keeps what is
// written to standard error.
type grader struct {
	graded bool
	stderr bytes.Buffer
}

func (g *grader) Graded() bool                       { return g.graded }
func (g *grader) Owner() host.Owner                  { return host.Owner{} }
func (g *grader) Become(host.Owner)                  {}
func (g *grader) Cancelled() bool                    { return false }
func (g *grader) Stop()                              { runtime.Goexit() }
func (g *grader) Display(host.Shown)                 {}
func (g *grader) Clear(bool)                         {}
func (g *grader) Stdout() io.Writer                  { return os.Stdout }
func (g *grader) Stderr() io.Writer                  { return &g.stderr }
func (g *grader) Input(string, bool) (string, error) { return "", io.EOF }
func (g *grader) CommOpen(string, string, map[string]any, map[string]any, [][]byte, func(host.CommEvent)) error {
	return host.ErrNoFrontEnd
}
func (g *grader) CommSend(string, map[string]any, map[string]any, [][]byte) error {
	return host.ErrNoFrontEnd
}
func (g *grader) CommClose(string, map[string]any) error { return host.ErrNoFrontEnd }
func (g *grader) Limits() host.Limits                    { return host.Limits{} }
func (g *grader) Describe(v any) host.Description        { return host.Reflect(v) }

var theHost grader

func TestMain(m *testing.M) {
	host.Install(&theHost)
	os.Exit(m.Run())
}
