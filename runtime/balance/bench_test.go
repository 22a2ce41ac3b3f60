package balance_test

import (
	"testing"
	"time"

	"netsplit/runtime/balance"
	"netsplit/runtime/load"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// BenchmarkRequest is the computing time of one request through a balancer of handlers:
// an arrival, the way to a server, its work, and the answer.
func BenchmarkRequest(b *testing.B) {
	for _, policy := range []balance.Policy{balance.Random(), balance.TwoChoices(), balance.LeastLoaded()} {
		b.Run(policy.String(), func(b *testing.B) {
			const perSecond = 90
			world := sim.New(sim.Untraced(), sim.Reuse(), sim.Latency(sim.Constant(0)), sim.MaxEvents(1<<40))
			world.Nodes(names(100), func(node *sim.Node) { node.Handle("get", rpc.Answer("page")) }, sim.Service(sim.Exponential(sec)))
			world.Node("front", func(node *sim.Node) {
				servers := balance.New(node, names(100), policy)
				node.Handle("page", servers.Returned)
				load.Each(node, load.Poisson(perSecond), 1<<60, servers.Sending("get"))
			})
			b.ResetTimer()
			b.ReportAllocs()
			world.Run(time.Duration(b.N) * sec / perSecond)
		})
	}
}
