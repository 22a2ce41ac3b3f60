package wire_test

import (
	"fmt"

	"netsplit/kernel/wire"
)

func ExampleSigner_Decode() {
	client, _ := wire.NewSigner("secret", "hmac-sha256")
	kernel, _ := wire.NewSigner("secret", "hmac-sha256")

	request, _ := wire.NewAuthor("learner").New("execute_request", nil, wire.Dict{"code": "1 + 1"})
	request.Identities = [][]byte{[]byte("client-1")} // a ROUTER socket puts it there
	frames := client.Encode(request)

	m, err := kernel.Decode(frames)
	if err != nil {
		fmt.Println(err)
		return
	}
	var execute wire.ExecuteRequest
	m.Decode(&execute)
	fmt.Println(m.Header.Type, execute.Code, execute.StopOnError)

	_, err = kernel.Decode(frames)
	fmt.Println(err)
	_, err = kernel.Decode(frames[:4])
	fmt.Println(wire.KindOf(err))
	// Output:
	// execute_request 1 + 1 true
	// drop message: replayed
	// too few frames
}

func ExampleMessage_Decode() {
	m := &wire.Message{Header: wire.Header{Type: "execute_request"}}
	for _, content := range []string{`{"code":"x","silent":"yes"}`, `{"code":7}`, `[]`} {
		m.Content = []byte(content)
		var execute wire.ExecuteRequest
		err := m.Decode(&execute)
		fmt.Printf("%q silent=%v %v\n", execute.Code, execute.Silent, err)
	}
	// Output:
	// "x" silent=false <nil>
	// "" silent=false execute_request: code is a number, want a string
	// "" silent=false execute_request: unreadable content: array where an object belongs
}

func ExampleParseConnection() {
	_, err := wire.ParseConnection([]byte(`{"shell_port": 57503, "transport": "udp"}`))
	fmt.Println(err)
	_, err = wire.ParseConnection([]byte(`{"shell_port": 57503}`))
	fmt.Println(err)
	// Output:
	// transport "udp" is not known; want tcp or ipc
	// has no iopub_port
}

func ExampleByteOffset() {
	fmt.Println(wire.ByteOffset("é😀x", 2), wire.CodePoints("é😀x", 6))
	// Output: 6 2
}
