package rpc_test

import (
	"testing"
	"time"

	"netsplit/runtime/measure"
	"netsplit/runtime/rpc"
	"netsplit/runtime/sim"
)

// TestJitterLowersTheCallsOfClientsThatContend is the simulation of Marc Brooker,
// "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): 100 clients add to
// one row by reading it and writing it with the version read. Delays are |N(10,2)| ms
// a hop, base 5 ms, cap 2000 ms. Expected: calls (writes) and time of the last
// success, means of 100 runs.
func TestJitterLowersTheCallsOfClientsThatContend(t *testing.T) {
	const base, limit = 5 * ms, 2 * sec
	for _, c := range []struct {
		name  string
		wait  rpc.Option
		calls float64
		time  float64 // ms
	}{
		{"none", rpc.Fixed(0), 2421, 2026},
		{"exponential", rpc.Exponential(base, limit), 1860, 63572},
		{"decorrelated", rpc.Decorrelated(base, limit), 1000, 4576},
		{"equal jitter", rpc.EqualJitter(base, limit), 812, 6619},
		{"full jitter", rpc.FullJitter(base, limit), 795, 4925},
	} {
		var calls, last []float64
		for seed := range uint64(25) {
			n, end := contend(seed+1, c.wait)
			calls = append(calls, float64(n))
			last = append(last, float64(end)/float64(ms))
		}
		// Bands of 5 % and 10 %, as the simulation's own mean varies between sets of 100 runs.
		for _, check := range []measure.Check{
			measure.Compare(c.name+", calls", measure.Estimate(calls...), c.calls, 0.05),
			measure.Compare(c.name+", ms", measure.Estimate(last...), c.time, 0.10),
		} {
			t.Log(check)
			if !check.Passed() {
				t.Errorf("%s: the backoff or the order of its draws is not that of the article", check)
			}
		}
	}
}

// contend runs 100 clients and gives the number of writes and the time of the last
// success.
func contend(seed uint64, wait rpc.Option) (writes int, last time.Duration) {
	world := sim.New(sim.Seed(seed), sim.Untraced(), sim.Latency(sim.Normal(10*ms, 2*ms)), sim.Timeout(0))
	world.Node("row", func(node *sim.Node) {
		version := 0
		server := rpc.NewServer(node)
		server.Handle("read", func(r *rpc.Request) { r.Reply("version", "is", version) })
		server.Handle("write", func(r *rpc.Request) {
			writes++
			if r.Int("version") != version {
				r.Fail(rpc.Aborted, "the row has changed")
				return
			}
			version++
			r.Reply("written")
		})
	})
	for _, name := range names(100) {
		world.Node(name, func(node *sim.Node) {
			client := rpc.NewClient(node, rpc.Retries(1_000_000), wait)
			client.Transact(func() error {
				reply, err := client.Call("row", "read")
				if err == nil {
					_, err = client.Call("row", "write", "version", reply.Int("is"))
				}
				return err
			})
			last = world.Now()
		})
	}
	world.Run(1000 * sec)
	return writes, last
}

func names(n int) (list []string) {
	for i := range n {
		list = append(list, "c"+string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10)))
	}
	return list
}
