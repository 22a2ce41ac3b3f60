package supervisor

import (
	"fmt"
	"unicode/utf8"

	"netsplit/kernel/pipe"
)

// put passes something on to the sink, in order.
func (r *run) put(bytes int, do func()) { r.out.put(bytes, do) }

// stream passes text on, up to the limit of output.
func (r *run) stream(name, text string) {
	if r.request.Silent || text == "" {
		return
	}
	fits, cutNow := r.account(len(text))
	if fits < len(text) {
		text = text[:fits]
		for i := 0; i < utf8.UTFMax && text != "" && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]); i++ {
			text = text[:len(text)-1]
		}
	}
	if text != "" {
		r.put(len(text), func() { r.sink.Stream(name, text) })
	}
	if cutNow {
		r.cutOutput()
	}
}

func (r *run) display(m *pipe.Message) {
	if r.request.Silent {
		return
	}
	fits, cutNow := r.account(m.Size)
	if fits >= m.Size {
		if m.Data == nil {
			m.Data = map[string]any{}
		}
		if m.Metadata == nil {
			m.Metadata = map[string]any{}
		}
		r.put(max(m.Size, 1), func() { r.sink.Display(m.Data, m.Metadata, m.ID, m.Update) })
	}
	if cutNow {
		r.cutOutput()
	}
}

// account counts output and tells how much of it still fits; cutNow is true once.
func (r *run) account(bytes int) (fits int, cutNow bool) {
	limit := r.k.options.Limits.Output
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.cut:
		return 0, false
	case limit > 0 && r.output+int64(bytes) > limit:
		r.cut = true
		return int(limit - r.output), true
	}
	r.output += int64(bytes)
	return bytes, false
}

// cutOutput says that there is no more output, and ends what makes it.
func (r *run) cutOutput() {
	line := fmt.Sprintf("\n[output cut: more than %s (NETSPLIT_OUTPUT)]\n", sizeText(r.k.options.Limits.Output))
	r.put(0, func() { r.sink.Stream("stderr", line) })
	r.mu.Lock()
	over, w := r.over, r.worker
	r.mu.Unlock()
	if !over {
		r.stop("LimitExceeded")
		return
	}
	if w != nil {
		go w.tell(&pipe.Message{Kind: pipe.Interrupt, Cell: r.number, Name: "LimitExceeded"})
	}
	e := failure{name: "LimitExceeded", text: r.reasonText("LimitExceeded"), cell: r.number, goroutine: true}.report()
	r.put(0, func() { r.sink.Error(e) })
}
