package rt

import (
	"bytes"
	"io"
)

// Trace takes what yaegi writes for each interpreted frame that a panic passes:
// lines like "5:2: panic: main.f7(...)". Other text goes to the cell's stderr. It
// is to be given to yaegi as Options.Stderr.
var Trace io.Writer = tracer{}

type tracer struct{}

var traceMark = []byte("panic: main.")

func (tracer) Write(p []byte) (int, error) {
	i := bytes.Index(p, traceMark)
	if i < 0 {
		return Stderr.Write(p)
	}
	name := p[i+len(traceMark):]
	if j := bytes.IndexByte(name, '('); j >= 0 {
		name = name[:j]
	}
	if j := bytes.IndexByte(name, '.'); j >= 0 { // a literal inside its maker
		name = name[:j]
	}
	g := Current()
	if g == nil {
		return len(p), nil
	}
	pos := 0
	fns.RLock()
	f := fns.byName[string(name)]
	if f != nil && f.pos != nil {
		pos = max(*f.pos, 0) // below 0 while it is found out who recurses
	}
	fns.RUnlock()
	if f != nil {
		g.mu.Lock()
		many := len(g.frames) >= maxFrames
		if !many {
			g.frames = append(g.frames, Frame{Func: string(name), Pos: pos})
		}
		g.mu.Unlock()
		if many {
			g.cutShort()
		}
	}
	return len(p), nil
}

// maxFrames bounds the stack of a failure.
const maxFrames = 200

// recovered forgets the frames of a panic that was recovered.
func (g *G) recovered() {
	g.mu.Lock()
	g.frames = nil
	g.mu.Unlock()
}
