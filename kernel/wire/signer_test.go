package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

const key = "a0436f6c-1916-498b-8eb9-e81ab9368e84"

func newSigner(t testing.TB, key string) *Signer {
	t.Helper()
	s, err := NewSigner(key, "hmac-sha256")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// request is a signed execute_request as a ROUTER socket gives it.
func request(t testing.TB, s *Signer, content any) [][]byte {
	t.Helper()
	m, err := NewAuthor("client").New("execute_request", nil, content)
	if err != nil {
		t.Fatal(err)
	}
	m.Identities = [][]byte{[]byte("identity")}
	return s.Encode(m)
}

// signed puts a signature on four JSON frames, whatever they hold.
func signed(s *Signer, parts ...string) [][]byte {
	raw := [][]byte{}
	for _, p := range parts {
		raw = append(raw, []byte(p))
	}
	return append([][]byte{[]byte("identity"), []byte(Delimiter), s.sign(raw)}, raw...)
}

const goodHeader = `{"msg_id":"%d","msg_type":"execute_request","session":"s","username":"u","version":"5.3","date":"2026-01-01T00:00:00Z","future":[1,2.50]}`

func header(id int) string { return fmt.Sprintf(goodHeader, id) }

// The example of the signature in the messaging specification's terms, computed with
// Python's hmac module.
func TestTheSignatureIsTheOneOtherImplementationsMake(t *testing.T) {
	s := newSigner(t, "key")
	got := s.sign([][]byte{[]byte(`{"a":1}`), []byte(`{}`), []byte(`{}`), []byte(`{"code":"é"}`)})
	const want = "f0b0ca76ebf8b0dea2a8e4821dc1e1a6a787cdeac306a01470932ab91b34668a"
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestAMessageComesBackAsItWent(t *testing.T) {
	for _, key := range []string{key, ""} {
		out, in := newSigner(t, key), newSigner(t, key)
		m, err := NewAuthor("me").New("stream", json.RawMessage(header(1)), Stream{"stdout", "<é & \u2028>"})
		if err != nil {
			t.Fatal(err)
		}
		m.Identities = [][]byte{[]byte("a"), nil, []byte("b")}
		m.Buffers = [][]byte{nil, []byte("raw")}
		m.SetMetadata(Dict{"k": nil})
		got, err := in.Decode(out.Encode(m))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", m) {
			t.Errorf("sent %+v\n got %+v", m, got)
		}
		if string(got.Parent) != header(1) {
			t.Errorf("the parent is %s, not as it came", got.Parent)
		}
	}
}

// Fault test 1.
func TestWrongSignaturesAreDropped(t *testing.T) {
	s := newSigner(t, key)
	good := request(t, s, Dict{"code": "1"})
	for name, signature := range map[string][]byte{
		"empty":        {},
		"two bytes":    []byte("ab"),
		"no hex":       bytes.Repeat([]byte("x"), 64),
		"upper case":   bytes.ToUpper(good[2]),
		"raw":          bytes.Repeat([]byte{7}, 32),
		"too long":     append(append([]byte(nil), good[2]...), '0'),
		"of other key": newSigner(t, "other").sign(good[3:7]),
	} {
		frames := append([][]byte(nil), good...)
		frames[2] = signature
		if _, err := s.Decode(frames); KindOf(err) != BadSignature {
			t.Errorf("%s: %v", name, err)
		}
	}
	for part := 3; part < 7; part++ {
		frames := append([][]byte(nil), good...)
		frames[part] = append(append([]byte(nil), good[part]...), ' ')
		if _, err := s.Decode(frames); KindOf(err) != BadSignature {
			t.Errorf("frame %d changed: %v", part, err)
		}
	}
	if _, err := s.Decode(good); err != nil {
		t.Errorf("the good one after all these: %v", err)
	}
}

// Fault test 2.
func TestAReplayIsDroppedForALongTime(t *testing.T) {
	s := newSigner(t, key)
	first := signed(s, header(-1), "{}", "{}", "{}")
	if _, err := s.Decode(first); err != nil {
		t.Fatal(err)
	}
	elsewhere := append([][]byte{[]byte("another identity")}, first[1:]...)
	for _, frames := range [][][]byte{first, elsewhere} {
		if _, err := s.Decode(frames); KindOf(err) != Replayed {
			t.Errorf("second time: %v", err)
		}
	}
	for i := range 70000 {
		if _, err := s.Decode(signed(s, header(i), "{}", "{}", "{}")); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	if _, err := s.Decode(first); KindOf(err) != Replayed {
		t.Errorf("after 70,000 others: %v", err)
	}
	if n := len(s.seen.set); n > maxDigests || len(s.seen.ring) > maxDigests {
		t.Errorf("%d digests remembered", n)
	}
}

func TestAForgedMessageIsNotRemembered(t *testing.T) {
	s := newSigner(t, key)
	frames := signed(s, header(1), "{}", "{}", "{}")
	forged := append([][]byte(nil), frames...)
	forged[6] = []byte(`{"code":"evil"}`)
	for range 10 {
		s.Decode(forged)
	}
	if len(s.seen.set) != 0 {
		t.Errorf("%d digests of messages without a valid signature", len(s.seen.set))
	}
	if _, err := s.Decode(frames); err != nil {
		t.Error(err)
	}
}

func TestTheMemoryOfReplaysIsBounded(t *testing.T) {
	r := newReplays()
	random := rand.New(rand.NewPCG(1, 2))
	var signature [8]byte
	next := func() []byte {
		for i := range signature {
			signature[i] = byte(random.Uint32())
		}
		return signature[:]
	}
	first := append([]byte(nil), next()...)
	r.add(first)
	const messages = maxDigests + filterTurn // as many as are never forgotten
	for i := range messages {
		if !r.add(next()) {
			t.Fatalf("message %d is taken for an old one", i)
		}
	}
	if r.add(first) {
		t.Errorf("forgotten after %d others", messages)
	}
	if len(r.set) != maxDigests || len(r.ring) != maxDigests {
		t.Errorf("%d digests kept", len(r.set))
	}
}

// Fault test 3.
func TestMalformedFramesAreDropped(t *testing.T) {
	s := newSigner(t, key)
	good := request(t, s, Dict{})
	many := append(make([][]byte, 10000), good[1:]...)
	delimiter := []byte(Delimiter)
	for name, c := range map[string]struct {
		frames [][]byte
		want   Kind
	}{
		"nothing":                {nil, NoDelimiter},
		"one empty frame":        {[][]byte{{}}, NoDelimiter},
		"identity only":          {[][]byte{[]byte("me")}, NoDelimiter},
		"no delimiter":           {append(good[:1:1], good[2:]...), NoDelimiter},
		"lone delimiter":         {[][]byte{[]byte("me"), delimiter}, TooFewFrames},
		"delimiter as identity":  {[][]byte{delimiter}, NoDelimiter},
		"two of four":            {good[:5], TooFewFrames},
		"three of four":          {good[:6], TooFewFrames},
		"no signature":           {append(good[:2:2], good[3:]...), TooFewFrames},
		"10,000 identity frames": {many, TooManyIdentities},
		"header of 1 MB":         {signed(s, `{"msg_id":"`+strings.Repeat("x", 1<<20)+`","msg_type":"a"}`, "{}", "{}", "{}"), TooLarge},
		"parent of 1 MB":         {signed(s, header(1), `{"a":"`+strings.Repeat("x", 1<<20)+`"}`, "{}", "{}"), TooLarge},
		"100,000 buffers":        {append(good[:7:7], make([][]byte, 100000)...), TooLarge},
	} {
		if _, err := s.Decode(c.frames); KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	m, err := s.Decode(append(good[:7:7], make([][]byte, 1000)...))
	if err != nil || len(m.Buffers) != 1000 {
		t.Errorf("1,000 buffers: %v", err)
	}
}

func TestTheIdentityMayBeAnything(t *testing.T) {
	s := newSigner(t, key)
	for i, identity := range []string{Delimiter, "", strings.Repeat("i", 255), "\xff\x00"} {
		frames := signed(s, header(i), "{}", "{}", "{}")
		frames[0] = []byte(identity)
		m, err := s.Decode(frames)
		if err != nil || len(m.Identities) != 1 || string(m.Identities[0]) != identity {
			t.Errorf("identity %q: %+v, %v", identity, m, err)
		}
	}
	frames := signed(s, header(99), "{}", "{}", "{}")
	frames = append([][]byte{[]byte("id"), nil}, frames[1:]...) // of a REQ client
	if m, err := s.Decode(frames); err != nil || len(m.Identities) != 2 {
		t.Errorf("REQ client: %+v, %v", m, err)
	}
}

// Fault test 4.
func TestUnreadableHeadersAreDropped(t *testing.T) {
	s := newSigner(t, key)
	for name, h := range map[string]string{
		"empty":         ``,
		"cut":           `{"msg_id":"1","msg_ty`,
		"an array":      `[1,2]`,
		"null":          `null`,
		"a string":      `"header"`,
		"a number":      `7`,
		"no msg_id":     `{"msg_type":"execute_request"}`,
		"no msg_type":   `{"msg_id":"1"}`,
		"msg_id null":   `{"msg_id":null,"msg_type":"a"}`,
		"msg_id number": `{"msg_id":1,"msg_type":"a"}`,
		"not UTF-8":     "{\"msg_id\":\"1\",\"msg_type\":\"a\",\"x\":\"\xff\"}",
		"deep":          `{"msg_id":"1","msg_type":"a","x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + `}`,
		"two values":    `{"msg_id":"1","msg_type":"a"} {}`,
	} {
		if _, err := s.Decode(signed(s, h, "{}", "{}", "{}")); KindOf(err) != BadHeader {
			t.Errorf("%s: %v", name, err)
		} else if strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%s: more than a line: %q", name, err)
		}
	}
	for name, h := range map[string]string{
		"fields of other types": `{"msg_id":"1","msg_type":"a","session":3,"username":{},"date":[],"version":9,"subshell_id":null}`,
		"version 9":             `{"msg_id":"2","msg_type":"a","version":"9.0"}`,
		"with spaces":           " {\"msg_id\":\"3\",\"msg_type\":\"a\"}\n",
	} {
		m, err := s.Decode(signed(s, h, "{}", "{}", "{}"))
		if err != nil || string(m.RawHeader) != h {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestWithoutAKeyNothingIsSignedAndEverythingBelieved(t *testing.T) {
	s := newSigner(t, "")
	frames := request(t, s, Dict{})
	if len(frames[2]) != 0 {
		t.Errorf("signature %q", frames[2])
	}
	frames[2] = []byte("whatever")
	for range 2 {
		if _, err := s.Decode(frames); err != nil {
			t.Error(err)
		}
	}
}

func TestSchemes(t *testing.T) {
	for scheme, size := range map[string]int{"": 64, "hmac-sha256": 64, "HMAC-SHA256": 64, "hmac-sha512": 128, "hmac-sha1": 40, "hmac-sha384": 96, "hmac-sha224": 56} {
		s, err := NewSigner(key, scheme)
		if err != nil {
			t.Errorf("%s: %v", scheme, err)
		} else if got := len(s.sign(nil)); got != size {
			t.Errorf("%s: signature of %d characters, want %d", scheme, got, size)
		}
	}
	if _, err := NewSigner(key, "rot13\n"); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("unknown scheme: %v", err)
	}
}

// Frames and JSON of recorded traffic, mutated; the same in every run. Nothing may
// panic, and what is accepted must be usable.
func TestMutatedFrames(t *testing.T) {
	open, closed := newSigner(t, ""), newSigner(t, key)
	random := rand.New(rand.NewPCG(1, 3))
	seeds := recorded(t)
	for range 20000 {
		frames := seeds[random.IntN(len(seeds))]
		frames = append([][]byte(nil), frames...)
		for range 1 + random.IntN(3) {
			switch at := random.IntN(len(frames)); random.IntN(5) {
			case 0:
				frames = append(frames[:at:at], frames[at+1:]...)
			case 1:
				frames = append(frames[:at:at], append([][]byte{frames[random.IntN(len(frames))]}, frames[at:]...)...)
			default:
				frames[at] = mutate(random, frames[at])
			}
			if len(frames) == 0 {
				frames = [][]byte{{}}
			}
		}
		examine(t, open, frames)
		if _, err := closed.Decode(frames); err == nil && !bytes.Equal(closed.sign(frames[len(frames)-4:]), frames[len(frames)-5]) {
			t.Fatalf("accepted without a signature: %q", frames)
		}
	}
}

func examine(t testing.TB, s *Signer, frames [][]byte) {
	m, err := s.Decode(frames)
	if err != nil {
		if KindOf(err) == "" || strings.ContainsAny(err.Error(), "\n\r") {
			t.Fatalf("error %q of %q", err, frames)
		}
		return
	}
	if m.Header.ID == "" || m.Header.Type == "" || !json.Valid(m.RawHeader) || !utf8.Valid(m.RawHeader) {
		t.Fatalf("accepted header %q", m.RawHeader)
	}
	for _, r := range everyRequest() {
		m.Decode(r)
	}
	m.MetadataMap()
	if _, err := s.Decode(s.Encode(mustReply(t, m))); err != nil {
		t.Fatalf("a reply to %q cannot be read: %v", frames, err)
	}
}

func mustReply(t testing.TB, m *Message) *Message {
	reply, err := NewAuthor("k").Reply(m, "execute_reply", ExecuteReply{})
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

func everyRequest() []Request {
	return []Request{&EmptyRequest{}, &ExecuteRequest{}, &CompleteRequest{}, &InspectRequest{}, &IsCompleteRequest{},
		&HistoryRequest{}, &CommInfoRequest{}, &CommOpen{}, &CommMsg{}, &CommClose{}, &ShutdownRequest{},
		&SubshellRequest{}, &DebugRequest{}, &InputReply{}}
}

// recorded are messages as jupyter_client sends them.
func recorded(t testing.TB) [][][]byte {
	s := newSigner(t, key)
	var all [][][]byte
	for i, c := range []string{
		`{"code": "fmt.Println(\"h\u00e9llo\")", "silent": false, "store_history": true, "user_expressions": {"x": "1+1"}, "allow_stdin": true, "stop_on_error": true}`,
		`{"code": "fmt.Pri", "cursor_pos": 7}`,
		`{"code": "fmt", "cursor_pos": 1, "detail_level": 1}`,
		`{"output": true, "raw": true, "hist_access_type": "range", "session": -1, "start": 0, "stop": 10, "n": 3, "pattern": "*", "unique": false}`,
		`{"comm_id": "abc", "target_name": "jupyter.widget", "data": {"state": {"value": [1, 2, {"a": null}]}}}`,
		`{"seq": 1, "type": "request", "command": "setBreakpoints", "arguments": {"breakpoints": [{"line": 2}]}}`,
		`{"restart": false}`,
		`{}`,
	} {
		all = append(all, signed(s, header(i), `{}`, `{"cellId": "x", "deletedCells": []}`, c))
	}
	return all
}

func mutate(random *rand.Rand, b []byte) []byte {
	b = append([]byte(nil), b...)
	if len(b) == 0 {
		return []byte{byte(random.Uint32())}
	}
	at := random.IntN(len(b))
	pieces := []string{"null", "[", "]", "{", "}", `"`, "-1", "1e999", "\\ud800", "\xff", "\x00", "true", Delimiter, ",", ":", "[[[[[[[["}
	switch random.IntN(4) {
	case 0:
		b[at] ^= 1 << random.IntN(8)
	case 1:
		b = append(b[:at], b[min(len(b), at+1+random.IntN(8)):]...)
	default:
		b = append(b[:at], append([]byte(pieces[random.IntN(len(pieces))]), b[at:]...)...)
	}
	return b
}

func FuzzFrames(f *testing.F) {
	s := newSigner(f, "")
	for _, frames := range recorded(f) {
		f.Add(bytes.Join(frames, []byte{0}))
	}
	f.Fuzz(func(t *testing.T, joined []byte) { examine(t, s, bytes.Split(joined, []byte{0})) })
}

func FuzzContent(f *testing.F) {
	for _, frames := range recorded(f) {
		f.Add(frames[6])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		m := &Message{Header: Header{Type: "any_request"}, Content: content}
		for _, r := range everyRequest() {
			m.Decode(r)
		}
	})
}

func TestKindOfOtherErrorsIsEmpty(t *testing.T) {
	if k := KindOf(errors.New("other")); k != "" {
		t.Error(k)
	}
}

func BenchmarkDecode(b *testing.B) {
	s := newSigner(b, key)
	out := newSigner(b, key)
	a := NewAuthor("b")
	for b.Loop() {
		m, _ := a.New("execute_request", nil, ExecuteInput{"1+1", 3})
		if _, err := s.DecodeAnswer(out.Encode(m)); err != nil {
			b.Fatal(err)
		}
	}
}
