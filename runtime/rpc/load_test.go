package rpc_test

import (
	"testing"

	"netsplit/runtime/load"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// TestOpAndAnswerAreWhatCellsWrite compares the hash of a run with that of one whose
// operation and handler are written out.
func TestOpAndAnswerAreWhatCellsWrite(t *testing.T) {
	run := func(short bool) (*load.Result, string) {
		world := sim.New(sim.Seed(3))
		var seen *load.Result
		world.Node("shop", func(node *sim.Node) {
			server := rpc.NewServer(node, rpc.Work(sim.Constant(10*ms)))
			if short {
				server.Answer("order", "receipt", "items", 2)
			} else {
				server.Handle("order", func(r *rpc.Request) { r.Reply("receipt", "items", 2) })
			}
		})
		world.Node("customers", func(node *sim.Node) {
			client := rpc.NewClient(node, rpc.Retries(1))
			do := client.Op("shop", "order", "item", 7)
			if !short {
				do = func(op *load.Op) {
					if _, err := client.Call("shop", "order", "item", 7); err != nil {
						op.Fail()
					}
				}
			}
			seen = load.Open(node, load.Poisson(80), 10*sec, do)
		})
		world.Cut("customers", "shop").Between(2*sec, 3*sec)
		world.Run(12 * sec)
		return seen, world.Hash()
	}
	short, hash := run(true)
	long, other := run(false)
	if short.Failed == 0 || short.Succeeded == 0 || short.Failed != long.Failed || hash != other {
		t.Errorf("with Op and Answer: %v, hash %s; written out: %v, hash %s: they must be the same run", short, hash, long, other)
	}
}

// TestWaitingIsTheQueue fills the queue of a server that works on one request at a time.
func TestWaitingIsTheQueue(t *testing.T) {
	world := sim.New(sim.Latency(sim.Constant(0)))
	var server *rpc.Server
	world.Node("shop", func(node *sim.Node) {
		server = rpc.NewServer(node, rpc.Work(sim.Constant(10*ms)))
		server.Answer("order", "receipt")
	})
	for range 5 {
		world.Send("shop", "order")
	}
	world.Run(15 * ms)
	if n := server.Waiting(); n != 3 {
		t.Errorf("%d requests wait when of five one is done and one is worked on; it should be 3", n)
	}
}
