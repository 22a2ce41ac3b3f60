package session

import (
	"unicode/utf8"

	"netsplit/kernel/wire"
)

// Welcome makes what greets a new subscriber of iopub (JEP 65): the frames of
// iopub_welcome for the topic that it subscribed to, or nil for a topic that JSON
// cannot hold. A client that waits for it knows that it will miss nothing from then on.
func Welcome(author *wire.Author, signer *wire.Signer) func(topic string) [][]byte {
	return func(topic string) [][]byte {
		if !utf8.ValidString(topic) {
			return nil
		}
		m, err := author.Publish("iopub_welcome", nil, wire.IOPubWelcome{Subscription: topic})
		if err != nil {
			return nil
		}
		m.Identities = [][]byte{[]byte(topic)} // or the subscriber would not get it
		return signer.Encode(m)
	}
}
