package session

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"unicode/utf8"

	"netsplit/kernel/wire"
)

// FuzzContent sends requests of every kind with content of any kind: each is busy and
// idle, the kernel goes on, and nothing it sends is out of order.
func FuzzContent(f *testing.F) {
	contents := []string{
		`{}`, `null`, `[1,2]`, `"x"`, `{`, ``, `{"code":7}`, `{"code":"print 1","silent":"yes","user_expressions":[1]}`,
		`{"code":"x","cursor_pos":-5}`, `{"code":"wor","cursor_pos":1e300}`, `{"comm_id":null,"data":[],"target_name":{}}`,
		`{"hist_access_type":"search","pattern":"[\\]","n":-1}`, `{"subshell_id":""}`, `{"command":3,"arguments":0}`,
		"{\"code\":\"\xff\\ud800\\u0000\\u2028\"}",
	}
	next := 0
	for kind := range kinds {
		for range 3 {
			f.Add(kind, contents[next%len(contents)])
			next++
		}
	}
	f.Fuzz(func(t *testing.T, kind, content string) {
		if kind == "" || kind == "shutdown_request" {
			return
		}
		c := connect(t, nil)
		id := c.sendWith("shell", kind, struct{}{}, func(m *wire.Message) { m.Content = json.RawMessage(content) })
		if utf8.ValidString(kind) { // or the header is none
			c.done(id)
		}
		c.done(c.send("control", "kernel_info_request", struct{}{}))
		checkOrder(t, c.traffic(), nil)
	})
}

// TestMutatedRequests changes bytes of real requests, under a good signature, and
// sends the result; a seed makes every run the same.
func TestMutatedRequests(t *testing.T) {
	c := connect(t, nil)
	random := rand.New(rand.NewPCG(5, 5))
	originals := []string{
		`{"code":"print 1","silent":false,"store_history":true,"user_expressions":{"a":"b"},"allow_stdin":false,"stop_on_error":false}`,
		`{"code":"wor","cursor_pos":3}`,
		`{"hist_access_type":"search","pattern":"*a[b-c]?","n":3,"unique":true,"output":true}`,
		`{"comm_id":"c1","target_name":"echo","data":{"a":[1,2,{"b":null}]}}`,
	}
	names := []string{
		"kernel_info_request", "execute_request", "complete_request", "inspect_request", "is_complete_request",
		"history_request", "comm_info_request", "comm_open", "comm_msg", "comm_close", "interrupt_request",
		"debug_request", "usage_request", "create_subshell_request", "delete_subshell_request", "list_subshell_request",
	}
	const alphabet = "{}[]\",:0123456789-eE.truefalsn \x00\xff\\u"
	var ids []string
	for range 1500 {
		text := []byte(originals[random.IntN(len(originals))])
		for range random.IntN(6) {
			at := random.IntN(len(text))
			switch random.IntN(3) {
			case 0:
				text[at] = alphabet[random.IntN(len(alphabet))]
			case 1:
				text = append(text[:at], text[min(len(text), at+1+random.IntN(8)):]...)
			case 2:
				text = append(text[:at], append([]byte{alphabet[random.IntN(len(alphabet))]}, text[at:]...)...)
			}
			if len(text) == 0 {
				text = []byte("x")
			}
		}
		channel := []string{"shell", "control"}[random.IntN(2)]
		ids = append(ids, c.sendWith(channel, names[random.IntN(len(names))], struct{}{}, func(m *wire.Message) { m.Content = text }))
	}
	c.done(ids...)
	checkOrder(t, c.traffic(), nil)
}
