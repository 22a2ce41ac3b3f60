package wire

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
	"unicode"
)

// Signer turns frames into messages and messages into frames. It holds the key and
// the memory of what was received; a kernel has one. It may be used by many
// goroutines at once.
type Signer struct {
	hashes *sync.Pool // of hash.Hash with the key; nil without a key

	mu   sync.Mutex
	seen *replays
}

// NewSigner makes a signer for the key and signature scheme of a connection file.
// An empty key signs nothing and believes everything. The scheme is hmac- and the
// name of a SHA; empty means hmac-sha256.
func NewSigner(key, scheme string) (*Signer, error) {
	newHash, err := hashOf(scheme)
	if err != nil {
		return nil, err
	}
	s := &Signer{seen: newReplays()}
	if key != "" {
		s.hashes = &sync.Pool{New: func() any { return hmac.New(newHash, []byte(key)) }}
	}
	return s, nil
}

func hashOf(scheme string) (func() hash.Hash, error) {
	switch strings.ToLower(scheme) {
	case "", "hmac-sha256":
		return sha256.New, nil
	case "hmac-sha1":
		return sha1.New, nil
	case "hmac-sha224":
		return sha256.New224, nil
	case "hmac-sha384":
		return sha512.New384, nil
	case "hmac-sha512":
		return sha512.New, nil
	}
	return nil, fmt.Errorf("signature scheme %q is not known; want hmac-sha256", clip(scheme))
}

// Decode turns the frames that a ROUTER socket received into a message. Frame 0 is
// the identity whatever it holds, even the delimiter. The error is a *Fault; the
// message is then to be dropped.
func (s *Signer) Decode(frames [][]byte) (*Message, error) { return s.decode(frames, 1) }

// DecodeAnswer is Decode for the other side: what a DEALER or SUB socket received,
// without an identity or with the topic in front.
func (s *Signer) DecodeAnswer(frames [][]byte) (*Message, error) { return s.decode(frames, 0) }

func (s *Signer) decode(frames [][]byte, from int) (*Message, error) {
	at := -1
	for i := from; i < len(frames); i++ {
		if i > MaxIdentities {
			return nil, fault(TooManyIdentities, fmt.Sprintf("more than %d", MaxIdentities))
		}
		if string(frames[i]) == Delimiter {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fault(NoDelimiter, fmt.Sprintf("in %d frames", len(frames)))
	}
	rest := frames[at+1:]
	if len(rest) < 5 {
		return nil, fault(TooFewFrames, fmt.Sprintf("%d of 5 after the delimiter", len(rest)))
	}
	signature, parts, buffers := rest[0], rest[1:5], rest[5:]
	if len(parts[0]) > MaxHeader || len(parts[1]) > MaxHeader {
		return nil, fault(TooLarge, fmt.Sprintf("header of %d bytes, parent of %d", len(parts[0]), len(parts[1])))
	}
	if len(buffers) > MaxBuffers {
		return nil, fault(TooLarge, fmt.Sprintf("%d buffers", len(buffers)))
	}
	if s.hashes != nil {
		// The comparison is of the hexadecimal text: an upper-case signature is a
		// wrong one, as it is for every other kernel.
		want := s.sign(parts)
		if !hmac.Equal(signature, want) {
			return nil, fault(BadSignature, "")
		}
		s.mu.Lock()
		fresh := s.seen.add(want)
		s.mu.Unlock()
		if !fresh {
			return nil, fault(Replayed, "")
		}
	}
	header, err := parseHeader(parts[0])
	if err != nil {
		return nil, fault(BadHeader, err.Error())
	}
	return &Message{
		Identities: frames[:at:at],
		Header:     header,
		RawHeader:  parts[0],
		Parent:     parts[1],
		Metadata:   parts[2],
		Content:    parts[3],
		Buffers:    buffers,
	}, nil
}

// Encode signs a message and gives the frames to send, identities first.
func (s *Signer) Encode(m *Message) [][]byte {
	parts := [][]byte{orEmpty(m.RawHeader), orEmpty(m.Parent), orEmpty(m.Metadata), orEmpty(m.Content)}
	frames := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	frames = append(frames, m.Identities...)
	frames = append(frames, []byte(Delimiter), s.sign(parts))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...)
}

func orEmpty(raw []byte) []byte {
	if len(bytes.TrimSpace(raw)) == 0 {
		return []byte("{}")
	}
	return raw
}

// sign is the signature of the four JSON frames; empty without a key.
func (s *Signer) sign(parts [][]byte) []byte {
	if s.hashes == nil {
		return []byte{}
	}
	h := s.hashes.Get().(hash.Hash)
	defer s.hashes.Put(h)
	h.Reset()
	for _, p := range parts {
		h.Write(p)
	}
	var sum [sha512.Size]byte
	return hex.AppendEncode(nil, h.Sum(sum[:0]))
}

// clip makes foreign text fit for a line of the log.
func clip(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, s)
}
