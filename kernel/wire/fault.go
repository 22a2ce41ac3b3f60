package wire

import "errors"

// Kind says why a message was dropped. A kind is one word, good for a counter.
type Kind string

const (
	NoDelimiter       Kind = "no delimiter"
	TooManyIdentities Kind = "too many identities"
	TooFewFrames      Kind = "too few frames"
	TooLarge          Kind = "too large"
	BadSignature      Kind = "bad signature"
	Replayed          Kind = "replayed"
	BadHeader         Kind = "bad header"
)

// Fault is the error of Signer.Decode.
type Fault struct {
	Kind   Kind
	Detail string // for the log; may be empty, never longer than a line
}

func (f *Fault) Error() string {
	if f.Detail == "" {
		return "drop message: " + string(f.Kind)
	}
	return "drop message: " + string(f.Kind) + ": " + f.Detail
}

// KindOf is the kind of a Fault, and empty for every other error.
func KindOf(err error) Kind {
	if f := (*Fault)(nil); errors.As(err, &f) {
		return f.Kind
	}
	return ""
}

func fault(k Kind, detail string) error { return &Fault{Kind: k, Detail: detail} }
