package wire

import (
	"encoding/json"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// Author writes messages: it gives each a header of its own. The session id is the
// process's own, never a client's: JupyterLab takes it for the kernel's and believes
// in a restart when it changes. An author may be used by many goroutines.
type Author struct {
	session, username string
	count             atomic.Int64
}

// NewAuthor makes an author with a new session id.
func NewAuthor(username string) *Author {
	return &Author{session: uuid.NewString(), username: username}
}

// Session is the session id in every header of this author.
func (a *Author) Session() string { return a.session }

// Reply answers a request on the channel it came on: same identities, its header as
// parent. The error says that content cannot be written as JSON.
func (a *Author) Reply(to *Message, kind string, content any) (*Message, error) {
	m, err := a.New(kind, to.RawHeader, content)
	if err == nil {
		m.Identities = to.Identities
	}
	return m, err
}

// Publish makes a message for iopub. Its topic is its kind. parent is the RawHeader
// of the request it belongs to, nil when there is none.
func (a *Author) Publish(kind string, parent json.RawMessage, content any) (*Message, error) {
	m, err := a.New(kind, parent, content)
	if err == nil {
		m.Identities = [][]byte{[]byte(kind)}
	}
	return m, err
}

// New makes a message without identities.
func (a *Author) New(kind string, parent json.RawMessage, content any) (*Message, error) {
	raw, err := marshal(content)
	if err != nil {
		return nil, err
	}
	h := Header{
		ID:       a.session + "_" + strconv.FormatInt(a.count.Add(1), 10),
		Session:  a.session,
		Username: a.username,
		Date:     time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		Type:     kind,
		Version:  Version,
	}
	rawHeader, err := marshal(h)
	if err != nil {
		return nil, err
	}
	return &Message{
		Header:    h,
		RawHeader: rawHeader,
		Parent:    orEmpty(parent),
		Metadata:  json.RawMessage("{}"),
		Content:   raw,
	}, nil
}
