package consensus_test

import (
	"testing"

	"netsplit/runtime/consensus"
	"netsplit/runtime/sim"
)

// BenchmarkElection is what one election of five servers costs, one of them down.
func BenchmarkElection(b *testing.B) {
	b.ReportAllocs()
	for i := 0; i < b.N; i += 1000 {
		cluster := consensus.Raft("a b c d e")
		world := sim.New(sim.Seed(uint64(i+1)), sim.Untraced(), sim.Reuse(), sim.Latency(sim.Constant(15*ms)))
		world.Nodes("a b c d e", cluster.Server)
		world.Crash("e")
		cluster.Elect(world, 1000)
		world.Stop()
	}
}
