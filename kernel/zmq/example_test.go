package zmq_test

import (
	"context"
	"fmt"
	"log"

	"netsplit/kernel/zmq"
)

func ExampleOpen() {
	sockets, err := zmq.Open(zmq.Spec{Transport: "tcp", IP: "127.0.0.1"}, zmq.Options{
		Log:     func(line string) { log.Print(line) },
		Welcome: func(topic string) [][]byte { return [][]byte{[]byte(topic), []byte("welcome")} },
	})
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		for frames := range sockets.Shell() {
			sockets.SendShell(frames) // the first frame is the client
		}
	}()
	sockets.Publish([][]byte{[]byte("status"), []byte("starting")})
	fmt.Println("ports chosen:", sockets.Spec().Shell > 0 && sockets.Spec().Heartbeat > 0)
	fmt.Println("close:", sockets.Close(context.Background()))
	// Output:
	// ports chosen: true
	// close: <nil>
}
