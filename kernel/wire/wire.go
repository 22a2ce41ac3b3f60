// Package wire is the Jupyter messaging protocol, version 5.5, between bytes and
// meaning: frames, signatures, headers, and the content of every message as plain
// Go types. It opens no socket and reads no clock but for the date of a header.
//
// # From frames to a message
//
// A message travels as identities, the delimiter <IDS|MSG>, a signature, four JSON
// frames (header, parent header, metadata, content), and raw buffers. The signature
// is a keyed hash over the four JSON frames exactly as they were received or are
// sent, in lowercase hexadecimal; it is empty when the key is empty.
//
// Signer.Decode takes what a ROUTER socket received. Whatever it refuses is dropped
// by the caller: an answer would go to somebody who could not prove that he may ask.
// Its error is a *Fault whose Kind a caller can count:
//
//	NoDelimiter        no <IDS|MSG> behind the identity
//	TooManyIdentities  more than MaxIdentities frames before the delimiter
//	TooFewFrames       the signature or one of the four JSON frames is missing
//	TooLarge           a header or parent header over MaxHeader bytes, or too many frames
//	BadSignature       the hash over the received bytes is another one
//	Replayed           this very message was here before
//	BadHeader          signed, but the header is no object with msg_id and msg_type
//
// Content is not looked at there: a message with a good header and unreadable
// content has an owner who waits for an answer. Message.Decode reads it later, into
// one of the request types, and is tolerant: a field that is absent, null or of the
// wrong type has its documented default, unknown fields are ignored. Only what would
// change the meaning (code that is not a string) is an error, and the caller replies
// with it.
//
// # Parents
//
// The header of a request is kept as the JSON that came (Message.RawHeader) and is
// repeated as it came in everything that answers it: a client may have put keys
// there that this package does not know. No parent is {}.
//
// # Nothing is null
//
// Clients index arrays and objects without asking. Dict and List marshal as {} and
// [] when they are nil, and all content types are made of them.
//
// # Limits
//
// Sizes of frames and messages are the transport's to bound. This package bounds
// what it looks into: MaxIdentities, MaxHeader, MaxDepth (nesting of JSON), and the
// memory of replays: the digests of the last 65,536 messages, older ones in a filter
// of fixed size.
package wire

import "encoding/json"

// Version is the protocol version in every header and in kernel_info_reply.
const Version = "5.5"

// Delimiter stands between the identities and the signature.
const Delimiter = "<IDS|MSG>"

const (
	// MaxIdentities bounds the frames before the delimiter. One comes from the
	// socket, a REQ client adds an empty one, each proxy on the way adds one.
	MaxIdentities = 32
	// MaxHeader bounds header and parent header, in bytes. A header is repeated in
	// every message that answers it.
	MaxHeader = 16 << 10
	// MaxBuffers bounds the frames behind the content.
	MaxBuffers = 16384
	// MaxDepth bounds how deep JSON may nest.
	MaxDepth = 1000
)

// Message is one message in either direction.
type Message struct {
	// Identities are the routing frames of a request and its reply, or the topic,
	// one frame, of a message on iopub.
	Identities [][]byte

	Header    Header          // RawHeader, decoded
	RawHeader json.RawMessage // as received or as it will be sent; the parent of every answer

	Parent   json.RawMessage // header of the request that this message answers, or {}
	Metadata json.RawMessage
	Content  json.RawMessage
	Buffers  [][]byte
}

// Header says what a message is and who sent it.
type Header struct {
	ID       string // unique for every message
	Session  string // one value per process
	Username string
	Date     string // ISO 8601
	Type     string // execute_request, status, …
	Version  string
	Subshell string // subshell_id, empty for the parent shell
}

// MetadataMap is the metadata of a message, {} when there is none that can be read.
func (m *Message) MetadataMap() Dict {
	d := Dict{}
	if checkDepth(m.Metadata, MaxDepth) != nil || json.Unmarshal(m.Metadata, &d) != nil || d == nil {
		return Dict{}
	}
	return d
}

// SetMetadata gives a message that will be sent its metadata.
func (m *Message) SetMetadata(d Dict) error {
	raw, err := marshal(d)
	if err == nil {
		m.Metadata = raw
	}
	return err
}
